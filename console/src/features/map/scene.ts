// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Curve } from '../../graph/curve';
import { RADIUS, curveBetween } from '../../graph/curve';
import { Grid } from '../../graph/grid';
import type { Layout } from '../../graph/layout';
import type { MapEdge, MapModel } from '../../graph/map-model';
import type { PlacedNode } from '../../graph/walk';
import { badShare } from '../../graph/map-model';
import { formatMeasure, measureValue } from './map-format';
import type { Measure } from './map-search';
import type { TextMeasure } from './text';

/* What the canvas draws: the model in its places. */

export type SceneNode = PlacedNode & {
  readonly title: string;
  /** In the size of a name at scale 1. */
  readonly titleWidth: number;
  /** The line below the name. */
  readonly value: string;
};

export type SceneEdge = {
  readonly edge: MapEdge;
  readonly from: SceneNode;
  readonly to: SceneNode;
  readonly curve: Curve;
  readonly width: number;
  readonly bad: number;
  readonly label: string;
  /** Whether its label is shown when nothing points at it. */
  readonly top: boolean;
};

export type Scene = {
  readonly nodes: ReadonlyMap<string, SceneNode>;
  /** Busiest first, so that the labels of these are placed first. */
  readonly byTraffic: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly edgeByKey: ReadonlyMap<string, SceneEdge>;
  readonly grid: Grid<SceneNode>;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
};

/** Edges with the highest values of the measure have labels. */
const TOP_EDGES = 16;

export function sceneOf(model: MapModel, layout: Layout, measure: Measure, text: TextMeasure): Scene {
  const nodes = new Map<string, SceneNode>();
  model.nodes.forEach((node, i) => {
    const place = layout.places[i];
    if (place !== undefined) {
      const shown = measure === 'none' || node.kind === 'client' ? 'rate' : measure;
      nodes.set(node.key, {
        node,
        x: place.x,
        y: place.y,
        title: text.fitted(node.id.name),
        titleWidth: text.widthOf(node.id.name),
        value: formatMeasure(node.calls, shown, model.seconds),
      });
    }
  });
  const top = new Set(
    [...model.edges]
      .filter((edge) => measure !== 'none' && measureValue(edge.calls, measure) > 0)
      .sort((a, b) => measureValue(b.calls, measure) - measureValue(a.calls, measure))
      .slice(0, TOP_EDGES),
  );
  const edges: SceneEdge[] = [];
  for (const edge of model.edges) {
    const from = nodes.get(edge.from.key);
    const to = nodes.get(edge.to.key);
    if (from !== undefined && to !== undefined) {
      const perMinute = (edge.calls.total / model.seconds) * 60;
      edges.push({
        edge,
        from,
        to,
        curve: curveBetween(from, to),
        width: Math.min(5.5, 1.2 + Math.log10(1 + perMinute) * 0.9),
        bad: badShare(edge.calls),
        label: formatMeasure(edge.calls, measure === 'none' ? 'rate' : measure, model.seconds),
        top: top.has(edge),
      });
    }
  }
  const placed = [...nodes.values()];
  return {
    nodes,
    byTraffic: [...placed].sort((a, b) => b.node.calls.total - a.node.calls.total),
    edges,
    edgeByKey: new Map(edges.map((each) => [each.edge.key, each])),
    grid: new Grid(placed, RADIUS * 4),
    width: layout.width,
    height: layout.height,
    seconds: model.seconds,
  };
}
