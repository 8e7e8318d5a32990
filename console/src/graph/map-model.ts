// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { CallStatistics, Graph, NodeId } from '../api/schemas';
import { micros, nanosToMicros } from '../ui/units';
import type { Micros } from '../ui/units';
import type { Kind } from './kind';
import { kindOf } from './kind';

/* The service graph as the map shows it: narrowed to what was asked for, with callers and callees at hand. */

/** Counts and times of calls; percentiles are not there for several nodes together. */
export type Calls = {
  readonly total: number;
  readonly ok: number;
  readonly error: number;
  readonly throttle: number;
  readonly fault: number;
  readonly durationMicros: number;
  readonly p50?: Micros;
  readonly p95?: Micros;
  readonly p99?: Micros;
};

/** How it was in an earlier range that is compared with. */
export type Then = { readonly state: 'both' | 'new' | 'gone'; readonly calls: Calls };

export type MapNode = {
  /** Name and type in one text, as it stands in the URL. */
  readonly key: string;
  readonly id: NodeId;
  readonly kind: Kind;
  /** Requests that it answered; those that it made if it is a client. */
  readonly calls: Calls;
  /** Whether another node has the same name. */
  readonly ambiguous: boolean;
  /** How many nodes it stands for. */
  readonly count: number;
  /** Keys of the nodes that it stands for, if it is a group. */
  readonly members?: readonly string[];
  /** The name of the group, for the address, if people can open it. */
  readonly group?: string;
  readonly then?: Then;
  readonly incoming: readonly MapEdge[];
  readonly outgoing: readonly MapEdge[];
};

export type MapEdge = {
  readonly key: string;
  readonly from: MapNode;
  readonly to: MapNode;
  readonly calls: Calls;
  /** Whether messages from a queue go along it. */
  readonly link: boolean;
  readonly ages: { readonly p50: Micros; readonly p95: Micros; readonly p99: Micros } | undefined;
  readonly aliases: readonly NodeId[];
  /** Keys of the edges that it stands for, if it leads from or to a group. */
  readonly parts?: readonly string[];
  readonly then?: Then;
};

export type MapModel = {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
  readonly nodeByKey: ReadonlyMap<string, MapNode>;
  readonly edgeByKey: ReadonlyMap<string, MapEdge>;
  /** How long the range is. */
  readonly seconds: number;
  /** How long the earlier range is, if there is one. */
  readonly thenSeconds?: number;
  /** How many nodes there are in the range, shown or not. */
  readonly totalCount: number;
  /** How many of them are shown each for itself. */
  readonly shownCount: number;
  /** How many are shown only as part of a group. */
  readonly groupedCount: number;
};

/** What is bad of some calls, from 0 to 1. */
export function badShare(calls: Calls): number {
  return calls.total === 0 ? 0 : (calls.total - calls.ok) / calls.total;
}

export function meanOf(calls: Calls): Micros | undefined {
  return calls.total === 0 ? undefined : micros(calls.durationMicros / calls.total);
}

const NONE: Calls = { total: 0, ok: 0, error: 0, throttle: 0, fault: 0, durationMicros: 0 };

export function callsOf(statistics: CallStatistics): Calls {
  const { latency } = statistics;
  return {
    total: statistics.totalCount,
    ok: statistics.okCount,
    error: statistics.errorCount,
    throttle: statistics.throttleCount,
    fault: statistics.faultCount,
    durationMicros: nanosToMicros(statistics.totalDurationNanos),
    ...(latency && {
      p50: nanosToMicros(latency.p50Nanos),
      p95: nanosToMicros(latency.p95Nanos),
      p99: nanosToMicros(latency.p99Nanos),
    }),
  };
}

/** Adds up calls; their percentiles are lost where there is more than one. */
export function sumOf(all: readonly Calls[]): Calls {
  const [only] = all;
  if (only !== undefined && all.length === 1) {
    return only;
  }
  return all.reduce(
    (sum, each) => ({
      total: sum.total + each.total,
      ok: sum.ok + each.ok,
      error: sum.error + each.error,
      throttle: sum.throttle + each.throttle,
      fault: sum.fault + each.fault,
      durationMicros: sum.durationMicros + each.durationMicros,
    }),
    NONE,
  );
}

export function keyOf({ name, type }: NodeId): string {
  return type === '' ? name : `${name} (${type})`;
}

export function edgeKeyOf(from: string, to: string): string {
  return `${from} -> ${to}`;
}

type OpenNode = { -readonly [K in keyof MapNode]: MapNode[K] } & { incoming: MapEdge[]; outgoing: MapEdge[] };

/** Everything that the server told. */
export function modelOf(graph: Graph): MapModel {
  const names = new Map<string, number>();
  for (const { name } of graph.nodes) {
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  const nodeByKey = new Map<string, OpenNode>();
  for (const { name, type, statistics } of graph.nodes) {
    const key = keyOf({ name, type });
    nodeByKey.set(key, {
      key,
      id: { name, type },
      kind: kindOf(type),
      calls: callsOf(statistics),
      ambiguous: (names.get(name) ?? 0) > 1,
      count: 1,
      incoming: [],
      outgoing: [],
    });
  }
  const edgeByKey = new Map<string, MapEdge>();
  for (const { caller, callee, statistics, link, ages, aliases } of graph.edges) {
    const from = nodeByKey.get(keyOf(caller));
    const to = nodeByKey.get(keyOf(callee));
    if (from === undefined || to === undefined) {
      continue;
    }
    const edge: MapEdge = {
      key: edgeKeyOf(from.key, to.key),
      from,
      to,
      calls: callsOf(statistics),
      link: link ?? false,
      ages: ages && {
        p50: nanosToMicros(ages.p50Nanos),
        p95: nanosToMicros(ages.p95Nanos),
        p99: nanosToMicros(ages.p99Nanos),
      },
      aliases: aliases ?? [],
    };
    edgeByKey.set(edge.key, edge);
    from.outgoing.push(edge);
    to.incoming.push(edge);
  }
  for (const node of nodeByKey.values()) {
    if (node.kind === 'client' && node.calls.total === 0) {
      node.calls = sumOf(node.outgoing.map((each) => each.calls));
    }
  }
  const nanos = BigInt(graph.endEpochNanos) - BigInt(graph.startEpochNanos);
  return {
    nodes: [...nodeByKey.values()],
    edges: [...edgeByKey.values()],
    nodeByKey,
    edgeByKey,
    seconds: Math.max(1, Number(nanos / 1_000_000n) / 1_000),
    totalCount: nodeByKey.size,
    shownCount: nodeByKey.size,
    groupedCount: 0,
  };
}

/** Only some of the nodes and edges; an edge goes with either of its ends. */
function narrowed(model: MapModel, nodes: ReadonlySet<MapNode>, keepsEdge: (edge: MapEdge) => boolean): MapModel {
  const nodeByKey = new Map<string, OpenNode>();
  for (const node of model.nodes) {
    if (nodes.has(node)) {
      nodeByKey.set(node.key, { ...node, incoming: [], outgoing: [] });
    }
  }
  const edgeByKey = new Map<string, MapEdge>();
  for (const edge of model.edges) {
    const from = nodeByKey.get(edge.from.key);
    const to = nodeByKey.get(edge.to.key);
    if (from !== undefined && to !== undefined && keepsEdge(edge)) {
      const kept = { ...edge, from, to };
      edgeByKey.set(edge.key, kept);
      from.outgoing.push(kept);
      to.incoming.push(kept);
    }
  }
  return {
    ...model,
    nodes: [...nodeByKey.values()],
    edges: [...edgeByKey.values()],
    nodeByKey,
    edgeByKey,
    shownCount: [...nodeByKey.values()].filter((each) => each.count === 1).length,
  };
}

/** What is at most some calls away from a node, in either direction. */
export function focused(model: MapModel, key: string, hops: number): MapModel {
  const centre = model.nodeByKey.get(key);
  if (centre === undefined) {
    return model;
  }
  const found = new Set([centre]);
  let border = [centre];
  for (let hop = 0; hop < hops; hop++) {
    const next = new Set<MapNode>();
    for (const node of border) {
      for (const near of [...node.outgoing.map((each) => each.to), ...node.incoming.map((each) => each.from)]) {
        if (!found.has(near)) {
          found.add(near);
          next.add(near);
        }
      }
    }
    border = [...next];
  }
  return narrowed(model, found, () => true);
}

/** Without edges of less than a rate, and without the nodes that only hung on such edges. */
export function busier(model: MapModel, perSecond: number, always: string | undefined): MapModel {
  if (perSecond <= 0) {
    return model;
  }
  // What was busy in the earlier range is not small, even if it is gone.
  const busy = ({ calls, then }: MapNode | MapEdge): boolean =>
    calls.total / model.seconds >= perSecond ||
    (then !== undefined && then.calls.total / (model.thenSeconds ?? model.seconds) >= perSecond);
  const kept = new Set(
    model.nodes.filter(
      (node) => busy(node) || node.key === always || node.incoming.some(busy) || node.outgoing.some(busy),
    ),
  );
  return narrowed(model, kept, busy);
}

/** Without some of the nodes. */
export function without(model: MapModel, keys: readonly string[]): MapModel {
  if (!keys.some((key) => model.nodeByKey.has(key))) {
    return model;
  }
  return narrowed(model, new Set(model.nodes.filter((node) => !keys.includes(node.key))), () => true);
}

type GroupName = { readonly key: string; readonly name: string; readonly type: string; readonly group?: string };

/** At most so many nodes: beyond that, those with the least requests stand together by type. */
export function grouped(model: MapModel, most: number, always: readonly (string | undefined)[]): MapModel {
  if (model.nodes.length <= most) {
    return model;
  }
  const byTraffic = [...model.nodes].sort(
    (a, b) =>
      Number(always.includes(b.key)) - Number(always.includes(a.key)) ||
      b.calls.total - a.calls.total ||
      (a.key < b.key ? -1 : 1),
  );
  const types = new Set(model.nodes.map((node) => node.id.type)).size;
  const own = new Set(byTraffic.slice(0, Math.max(0, most - types)));
  return together(model, (node) => {
    const { type } = node.id;
    const name = type === '' ? 'no type' : type;
    return own.has(node) ? undefined : { key: `* (${name})`, name, type };
  });
}

/** What nodes stand together by, if that is asked for. */
export type GroupBy = 'none' | 'type' | 'prefix';

const PREFIX = /^[^\s]+?(?=[-._:/@])/;

function groupNameOf({ id, kind }: MapNode, by: GroupBy): string | undefined {
  if (kind === 'group') {
    return undefined;
  }
  return by === 'type' ? (id.type === '' ? 'service' : id.type) : PREFIX.exec(id.name)?.[0];
}

/** The group that a node is in, whether open or not; undefined if it is alone. */
export function groupOf(model: MapModel, node: MapNode, by: GroupBy): string | undefined {
  const name = by === 'none' ? undefined : groupNameOf(node, by);
  return name !== undefined && model.nodes.filter((each) => groupNameOf(each, by) === name).length > 1 ? name : undefined;
}

/** Two nodes and more of one type, or with the same beginning of their names, stand together, but for open groups. */
export function groupedBy(model: MapModel, by: GroupBy, open: readonly string[]): MapModel {
  if (by === 'none') {
    return model;
  }
  const counts = new Map<string, number>();
  for (const node of model.nodes) {
    const name = groupNameOf(node, by);
    if (name !== undefined) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return together(model, (node) => {
    const name = groupNameOf(node, by);
    return name === undefined || (counts.get(name) ?? 0) < 2 || open.includes(name)
      ? undefined
      : { key: `* (${name})`, name, type: by === 'type' ? node.id.type : '', group: name };
  });
}

function thenOf(all: readonly (MapNode | MapEdge)[]): { readonly then?: Then } {
  const states = new Set(all.map((each) => each.then?.state));
  const [state] = states;
  if (state === undefined) {
    return {};
  }
  return {
    then: {
      state: states.size === 1 ? state : 'both',
      calls: sumOf(all.flatMap((each) => each.then?.calls ?? [])),
    },
  };
}

/** Puts nodes together for which a group is named; undefined is for those that stay by themselves. */
function together(model: MapModel, groupFor: (node: MapNode) => GroupName | undefined): MapModel {
  const members = new Map<string, { readonly name: GroupName; readonly nodes: MapNode[] }>();
  const nodeByKey = new Map<string, OpenNode>();
  const standsFor = new Map<MapNode, OpenNode>();
  let shownCount = 0;
  for (const node of model.nodes) {
    const name = groupFor(node);
    if (name === undefined) {
      const kept = { ...node, incoming: [], outgoing: [] };
      nodeByKey.set(node.key, kept);
      standsFor.set(node, kept);
      shownCount += node.kind === 'group' ? 0 : 1;
    } else {
      const all = members.get(name.key);
      if (all === undefined) {
        members.set(name.key, { name, nodes: [node] });
      } else {
        all.nodes.push(node);
      }
    }
  }
  if (members.size === 0) {
    return model;
  }
  for (const [key, { name, nodes }] of members) {
    const count = nodes.reduce((sum, each) => sum + each.count, 0);
    const group: OpenNode = {
      key,
      id: { name: `${count} × ${name.name}`, type: name.type },
      kind: 'group',
      calls: sumOf(nodes.map((each) => each.calls)),
      ambiguous: false,
      count,
      members: nodes.flatMap((each) => each.members ?? [each.key]),
      ...(name.group === undefined ? {} : { group: name.group }),
      ...thenOf(nodes),
      incoming: [],
      outgoing: [],
    };
    nodeByKey.set(key, group);
    nodes.forEach((each) => standsFor.set(each, group));
  }
  const between = new Map<string, { readonly from: OpenNode; readonly to: OpenNode; readonly edges: MapEdge[] }>();
  for (const edge of model.edges) {
    const from = standsFor.get(edge.from);
    const to = standsFor.get(edge.to);
    if (from !== undefined && to !== undefined) {
      const key = edgeKeyOf(from.key, to.key);
      const all = between.get(key);
      if (all === undefined) {
        between.set(key, { from, to, edges: [edge] });
      } else {
        all.edges.push(edge);
      }
    }
  }
  const edgeByKey = new Map<string, MapEdge>();
  for (const [key, { from, to, edges }] of between) {
    const [first] = edges;
    const edge: MapEdge = {
      key,
      from,
      to,
      calls: sumOf(edges.map((each) => each.calls)),
      link: edges.every((each) => each.link),
      ages: edges.length === 1 ? first?.ages : undefined,
      aliases: edges.length === 1 ? (first?.aliases ?? []) : [],
      parts: edges.flatMap((each) => each.parts ?? [each.key]),
      ...thenOf(edges),
    };
    edgeByKey.set(key, edge);
    from.outgoing.push(edge);
    to.incoming.push(edge);
  }
  return {
    ...model,
    nodes: [...nodeByKey.values()],
    edges: [...edgeByKey.values()],
    nodeByKey,
    edgeByKey,
    shownCount,
    groupedCount: [...nodeByKey.values()].reduce((sum, each) => sum + (each.kind === 'group' ? each.count : 0), 0),
  };
}

/** All that is in either range, each part with how it was in the earlier one. */
export function compared(now: MapModel, then: MapModel): MapModel {
  const nodeByKey = new Map<string, OpenNode>();
  for (const node of [...now.nodes, ...then.nodes]) {
    if (nodeByKey.has(node.key)) {
      continue;
    }
    const here = now.nodeByKey.get(node.key);
    const before = then.nodeByKey.get(node.key);
    nodeByKey.set(node.key, {
      ...node,
      calls: here?.calls ?? NONE,
      then: {
        state: before === undefined ? 'new' : here === undefined ? 'gone' : 'both',
        calls: before?.calls ?? NONE,
      },
      incoming: [],
      outgoing: [],
    });
  }
  const edgeByKey = joined(nodeByKey, [...now.edges, ...then.edges], (edge) => {
    const here = now.edgeByKey.get(edge.key);
    const before = then.edgeByKey.get(edge.key);
    return {
      ...edge,
      calls: here?.calls ?? NONE,
      then: {
        state: before === undefined ? 'new' : here === undefined ? 'gone' : 'both',
        calls: before?.calls ?? NONE,
      },
    };
  });
  return {
    ...now,
    nodes: [...nodeByKey.values()],
    edges: [...edgeByKey.values()],
    nodeByKey,
    edgeByKey,
    thenSeconds: then.seconds,
    totalCount: nodeByKey.size,
    shownCount: nodeByKey.size,
  };
}

/** Edges as they are to be, each once, between those of the nodes that are there; the nodes are told of them. */
function joined(
  nodeByKey: ReadonlyMap<string, OpenNode>,
  edges: readonly MapEdge[],
  changed: (edge: MapEdge) => MapEdge,
): Map<string, MapEdge> {
  const edgeByKey = new Map<string, MapEdge>();
  for (const edge of edges) {
    const from = nodeByKey.get(edge.from.key);
    const to = nodeByKey.get(edge.to.key);
    if (from !== undefined && to !== undefined && !edgeByKey.has(edge.key)) {
      const joint = { ...changed(edge), from, to };
      edgeByKey.set(edge.key, joint);
      from.outgoing.push(joint);
      to.incoming.push(joint);
    }
  }
  return edgeByKey;
}

/** The same nodes and edges with the calls of one moment; what had none then has none. */
export function replayed(model: MapModel, moment: MapModel): MapModel {
  const callsAt = (found: ReadonlyMap<string, MapNode | MapEdge>, keys: readonly string[]): Calls =>
    sumOf(keys.flatMap((key) => found.get(key)?.calls ?? []));
  const nodeByKey = new Map<string, OpenNode>();
  for (const node of model.nodes) {
    const calls = callsAt(moment.nodeByKey, node.members ?? [node.key]);
    nodeByKey.set(node.key, { ...node, calls, incoming: [], outgoing: [] });
  }
  const edgeByKey = joined(nodeByKey, model.edges, (edge) => ({
    ...edge,
    calls: callsAt(moment.edgeByKey, edge.parts ?? [edge.key]),
    ages: undefined,
  }));
  return {
    ...model,
    nodes: [...nodeByKey.values()],
    edges: [...edgeByKey.values()],
    nodeByKey,
    edgeByKey,
    seconds: moment.seconds,
  };
}
