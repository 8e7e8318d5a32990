// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useEffect, useRef, useState } from 'react';
import type { Earlier, Layout, Place } from '../../graph/layout';
import { LayoutClient } from '../../graph/layout-client';
import type { MapModel } from '../../graph/map-model';
import type { TextMeasure } from './text';

export type LaidOut = {
  readonly model: MapModel;
  readonly layout: Layout;
  /** Whether it is another part of the map than before, so that the view is to be fitted. */
  readonly fresh: boolean;
};

type State = { readonly laidOut: LaidOut | undefined; readonly failure: Error | undefined };

/**
 * The model in its places, worked out by the worker. As long as the same nodes and edges are there the places stay;
 * where some come or go, the others keep their order. What belongs to another `part` begins anew.
 */
export function useLayout(model: MapModel | undefined, part: string, text: TextMeasure): State {
  const client = useRef<LayoutClient>(undefined);
  const last = useRef<{ readonly shape: string; readonly part: string; readonly layout: Layout; readonly earlier: Earlier }>(
    undefined,
  );
  const [state, setState] = useState<State>({ laidOut: undefined, failure: undefined });

  useEffect(
    () => () => {
      client.current?.close();
      client.current = undefined;
    },
    [],
  );
  useEffect(() => {
    if (model === undefined) {
      return undefined;
    }
    const before = last.current;
    const shape = JSON.stringify([model.nodes.map(({ key }) => key), model.edges.map(({ key }) => key)]);
    if (before !== undefined && before.shape === shape && before.part === part) {
      setState({ laidOut: { model, layout: before.layout, fresh: false }, failure: undefined });
      return undefined;
    }
    const positions = new Map(model.nodes.map(({ key }, i) => [key, i]));
    const at = (key: string): number => positions.get(key) ?? -1;
    let wanted = true;
    client.current ??= new LayoutClient();
    client.current.run(
      {
        nodes: model.nodes.map(({ key, id, kind }) => ({ key, width: text.room(id.name), first: kind === 'client' })),
        edges: model.edges.map(({ from, to }) => [at(from.key), at(to.key)] as const),
        earlier: before?.part === part ? before.earlier : new Map<string, Place>(),
      },
      ({ layout, millis }) => {
        if (wanted) {
          performance.measure('map layout', { start: performance.now() - millis, duration: millis });
          const earlier = new Map(
            model.nodes.flatMap(({ key }, i) => {
              const place = layout.places[i];
              return place === undefined ? [] : [[key, place] as const];
            }),
          );
          last.current = { shape, part, layout, earlier };
          setState({ laidOut: { model, layout, fresh: before?.part !== part }, failure: undefined });
        }
      },
      (failure) => {
        if (wanted) {
          setState({ laidOut: undefined, failure });
        }
      },
    );
    return () => {
      wanted = false;
    };
  }, [model, part, text]);
  return state;
}
