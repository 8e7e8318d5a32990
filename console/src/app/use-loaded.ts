// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useEffect, useState } from 'react';
import type { ComponentType } from 'react';

/**
 * A component that is fetched when it is first wanted, and undefined until then. If the server does not answer, which the
 * status line says, `giveUp` is called; the next time it is wanted it is fetched again.
 */
export function useLoaded<P>(
  wanted: boolean,
  load: () => Promise<ComponentType<P>>,
  giveUp: () => void,
): ComponentType<P> | undefined {
  const [loaded, setLoaded] = useState<ComponentType<P>>();
  useEffect(() => {
    if (!wanted || loaded !== undefined) {
      return undefined;
    }
    let current = true;
    load().then(
      (component) => {
        if (current) {
          setLoaded(() => component);
        }
      },
      () => {
        if (current) {
          giveUp();
        }
      },
    );
    return () => {
      current = false;
    };
  }, [wanted, loaded, load, giveUp]);
  return loaded;
}
