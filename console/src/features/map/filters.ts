// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { MapEdge, MapNode } from '../../graph/map-model';
import type { Micros } from '../../ui/units';

/* Filter expressions for the traces behind a part of the map. */

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function selector({ id, ambiguous }: MapNode): string {
  return ambiguous && id.type !== '' ? `id(name: ${quoted(id.name)}, type: ${quoted(id.type)})` : quoted(id.name);
}

/** Both must hold; what was there is put in parentheses where it has an OR. */
export function both(filter: string, clause: string): string {
  const rest = filter.trim();
  if (rest === '' || rest === clause) {
    return clause;
  }
  return `${/\bor\b/i.test(rest) ? `(${rest})` : rest} AND ${clause}`;
}

export function nodeClause(node: MapNode, condition = ''): string {
  return `service(${selector(node)})${condition === '' ? '' : ` { ${condition} }`}`;
}

export function edgeClause({ from, to }: MapEdge, condition = ''): string {
  return `edge(${selector(from)}, ${selector(to)})${condition === '' ? '' : ` { ${condition} }`}`;
}

/** Durations as the filter has them, in seconds. */
export function durationCondition(from: Micros, to: Micros): string {
  const seconds = (value: Micros): string => String(Number((value / 1_000_000).toPrecision(6)));
  return `responsetime >= ${seconds(from)} AND responsetime <= ${seconds(to)}`;
}
