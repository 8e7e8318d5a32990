// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { LayoutEdge, LayoutNode } from './layout';

/** A graph as systems of services look, for tests: the same for the same seed. */
export function randomGraph(count: number, seed: number): { readonly nodes: LayoutNode[]; readonly edges: LayoutEdge[] } {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const nodes = Array.from({ length: count }, (_, i) => ({ key: `service-${i}`, width: 60 + Math.floor(random() * 100) }));
  const edges: LayoutEdge[] = [];
  for (let to = 1; to < count; to++) {
    for (let k = random() < 0.5 ? 1 : 2; k > 0; k--) {
      edges.push([Math.floor(to * random() * random()), to]);
    }
  }
  return { nodes, edges };
}
