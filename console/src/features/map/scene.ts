// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Curve } from '../../graph/curve';
import { RADIUS, curveBetween } from '../../graph/curve';
import { CHANGES, changeOf, meanChange } from '../../graph/change';
import type { Change } from '../../graph/change';
import { Grid } from '../../graph/grid';
import type { Layout } from '../../graph/layout';
import type { MapEdge, MapModel } from '../../graph/map-model';
import type { PlacedNode } from '../../graph/walk';
import { badShare, meanOf } from '../../graph/map-model';
import type { Calls } from '../../graph/map-model';
import { formatChange, formatMeasure, measureValue } from './map-format';
import type { Measure, Sizing } from './map-search';
import type { TextMeasure } from './text';

/* What the canvas draws: the model in its places. */

export type SceneNode = PlacedNode & {
  readonly title: string;
  /** In the size of a name at scale 1. */
  readonly titleWidth: number;
  /** The line below the name. */
  readonly value: string;
  readonly radius: number;
  readonly change: Change | undefined;
};

export type SceneEdge = {
  readonly edge: MapEdge;
  readonly from: SceneNode;
  readonly to: SceneNode;
  readonly curve: Curve;
  readonly width: number;
  readonly bad: number;
  readonly change: Change | undefined;
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
  /** Whether it is compared with an earlier range. */
  readonly compared: boolean;
};

/** Edges with the highest values of the measure have labels. */
const TOP_EDGES = 16;

const MIN_RADIUS = 15;
const MAX_RADIUS = 30;

/** What makes a node large: it ranges over orders of magnitude. */
function weightOf(calls: Calls, sizing: Sizing, seconds: number): number {
  return Math.log10(1 + (sizing === 'requests' ? (calls.total / seconds) * 3_600 : (meanOf(calls) ?? 0)));
}

/** Sizes against the least and the most of a whole, so that they mean the same while it is replayed. */
function radii(whole: MapModel, sizing: Sizing): (calls: Calls, seconds: number) => number {
  if (sizing === 'same') {
    return () => RADIUS;
  }
  const weights = whole.nodes.filter((each) => each.calls.total > 0).map((each) => weightOf(each.calls, sizing, whole.seconds));
  const least = weights.reduce((a, b) => Math.min(a, b), Infinity);
  const most = weights.reduce((a, b) => Math.max(a, b), 0);
  return (calls, seconds) => {
    const part = calls.total === 0 || most <= least ? 0 : (weightOf(calls, sizing, seconds) - least) / (most - least);
    return MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * Math.min(1, Math.max(0, part));
  };
}

/** How much a change asks to be told: its kind, then how much it is. */
function urgency(edge: MapEdge, change: Change): number {
  const size = edge.then === undefined ? 0 : Math.abs(meanChange(edge.calls, edge.then.calls));
  return (CHANGES.length - CHANGES.indexOf(change)) * 1e12 + size;
}

/** What is drawn of a model; `whole` is what sizes are relative to. */
export function sceneOf(
  model: MapModel,
  layout: Layout,
  measure: Measure,
  text: TextMeasure,
  sizing: Sizing = 'same',
  whole: MapModel = model,
): Scene {
  const radiusOf = radii(whole, sizing);
  const nodes = new Map<string, SceneNode>();
  model.nodes.forEach((node, i) => {
    const place = layout.places[i];
    if (place !== undefined) {
      const change = changeOf(node);
      const shown = measure === 'none' || node.kind === 'client' ? 'rate' : measure;
      nodes.set(node.key, {
        node,
        x: place.x,
        y: place.y,
        title: text.fitted(node.id.name),
        titleWidth: text.widthOf(node.id.name),
        value: change === undefined || change === 'same' ? formatMeasure(node.calls, shown, model.seconds) : formatChange(node),
        radius: radiusOf(node.calls, model.seconds),
        change,
      });
    }
  });
  const changes = new Map(model.edges.map((edge) => [edge, changeOf(edge)]));
  const rankOf = (edge: MapEdge): number => {
    const change = changes.get(edge);
    return change === undefined ? measureValue(edge.calls, measure) : change === 'same' ? 0 : urgency(edge, change);
  };
  const top = new Set(
    [...model.edges]
      .filter((edge) => measure !== 'none' && rankOf(edge) > 0)
      .sort((a, b) => rankOf(b) - rankOf(a))
      .slice(0, TOP_EDGES),
  );
  const edges: SceneEdge[] = [];
  for (const edge of model.edges) {
    const from = nodes.get(edge.from.key);
    const to = nodes.get(edge.to.key);
    if (from !== undefined && to !== undefined) {
      const change = changes.get(edge);
      const gone = change === 'gone';
      const perMinute = gone
        ? ((edge.then?.calls.total ?? 0) / (model.thenSeconds ?? model.seconds)) * 60
        : (edge.calls.total / model.seconds) * 60;
      edges.push({
        edge,
        from,
        to,
        curve: curveBetween(from, to, from.radius, to.radius),
        width: Math.min(5.5, 1.2 + Math.log10(1 + perMinute) * 0.9),
        bad: badShare(edge.calls),
        change,
        label:
          change === undefined || change === 'same'
            ? formatMeasure(edge.calls, measure === 'none' ? 'rate' : measure, model.seconds)
            : formatChange(edge),
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
    compared: model.thenSeconds !== undefined,
  };
}
