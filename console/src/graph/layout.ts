// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/*
 * A layered layout from left to right: callers stand left of whom they call. Edges that close a cycle are found
 * depth-first and left aside, layers are longest paths, the order within a layer comes of barycentre sweeps. There are
 * no dummy nodes on long edges, which is what makes it fast; edges are drawn below the nodes instead. High layers are
 * staggered over several columns, so that a graph of any size keeps the proportions of a screen.
 *
 * The same input gives the same output. A layout that was there before is where the next one starts from: nodes that
 * stay in their layer keep their order, new ones go between them.
 */

export type LayoutNode = {
  readonly key: string;
  /** The room that the node with its label takes. */
  readonly width: number;
  /** Drawn left of whatever it calls, though others may call it back: a client. */
  readonly first?: boolean;
};

/** From and to, as positions in the list of nodes. */
export type LayoutEdge = readonly [number, number];

export type Place = {
  readonly x: number;
  readonly y: number;
  readonly layer: number;
};

export type Layout = {
  /** In the order of the nodes; x and y are the middle of a node's disc. */
  readonly places: readonly Place[];
  readonly width: number;
  readonly height: number;
};

/** Places of an earlier layout by key. */
export type Earlier = ReadonlyMap<string, Place>;

/** The height that a node takes with the two lines below it. */
export const ROW = 104;
const COLUMN_GAP = 84;
const STAGGER_GAP = 22;
const COMPONENT_GAP = 56;
const SWEEPS = 8;
const PLACING_PASSES = 6;
/** Width by height of the screen that is aimed at. */
const PROPORTION = 1.7;
/** A layer of fewer nodes is not staggered. */
const MIN_STAGGERED = 9;

type Vertex = {
  readonly key: string;
  readonly width: number;
  readonly first: boolean;
  readonly before: Place | undefined;
  readonly outgoing: Vertex[];
  readonly incoming: Vertex[];
  /** Without edges that close a cycle. */
  callees: Vertex[];
  callers: Vertex[];
  state: 'new' | 'open' | 'done';
  layer: number;
  rank: number;
  waiting: number;
  x: number;
  y: number;
};

export function layout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], earlier: Earlier = new Map()): Layout {
  const vertices = nodes.map((node): Vertex => {
    return {
      key: node.key,
      width: node.width,
      first: node.first ?? false,
      before: earlier.get(node.key),
      outgoing: [],
      incoming: [],
      callees: [],
      callers: [],
      state: 'new',
      layer: 0,
      rank: 0,
      waiting: 0,
      x: 0,
      y: 0,
    };
  });
  connect(vertices, edges);
  const components = componentsOf(vertices);
  const blocks = components.filter((each) => each.length > 1).map((each) => block(each));
  const alone = components.filter((each) => each.length === 1).flat();
  if (alone.length > 0) {
    blocks.push(grid(alone));
  }
  const { width, height } = pack(blocks);
  return { places: vertices.map(({ x, y, layer }) => ({ x, y, layer })), width, height };
}

function byKey(a: Vertex, b: Vertex): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function connect(vertices: readonly Vertex[], edges: readonly LayoutEdge[]): void {
  const seen = new Map<Vertex, Set<Vertex>>();
  for (const [from, to] of edges) {
    const caller = vertices[from];
    const callee = vertices[to];
    if (caller === undefined || callee === undefined) {
      throw new RangeError(`edge: ${from} to ${to} (expected: below ${vertices.length})`);
    }
    let callees = seen.get(caller);
    if (callees === undefined) {
      callees = new Set();
      seen.set(caller, callees);
    }
    if (caller !== callee && !callees.has(callee)) {
      callees.add(callee);
      caller.outgoing.push(callee);
      callee.incoming.push(caller);
    }
  }
  for (const vertex of vertices) {
    vertex.outgoing.sort(byKey);
    vertex.incoming.sort(byKey);
  }
}

/** Biggest first, so that what is added to a small one moves no big one. */
function componentsOf(vertices: readonly Vertex[]): Vertex[][] {
  const seen = new Set<Vertex>();
  const components: Vertex[][] = [];
  for (const start of [...vertices].sort(byKey)) {
    if (seen.has(start)) {
      continue;
    }
    const component = [start];
    seen.add(start);
    for (const vertex of component) {
      for (const next of [...vertex.outgoing, ...vertex.incoming]) {
        if (!seen.has(next)) {
          seen.add(next);
          component.push(next);
        }
      }
    }
    components.push(component.sort(byKey));
  }
  return components.sort((a, b) => b.length - a.length);
}

type Block = { readonly vertices: readonly Vertex[]; readonly width: number; readonly height: number };

/** Lays out a component; its places start at 0, 0. */
function block(vertices: readonly Vertex[]): Block {
  breakCycles(vertices);
  const layers = layersOf(vertices);
  order(layers);
  const columns = place(layers);
  return shifted(vertices, columns);
}

/** Leaves aside the edges that lead back to where a walk in depth came from. */
function breakCycles(vertices: readonly Vertex[]): void {
  // Callers from outside first, then whom nobody calls, then as it was before, then who calls more than is called.
  const roots = [...vertices].sort(
    (a, b) =>
      Number(b.first) - Number(a.first) ||
      Number(a.incoming.length > 0) - Number(b.incoming.length > 0) ||
      (a.before?.layer ?? 0) - (b.before?.layer ?? 0) ||
      b.outgoing.length - b.incoming.length - (a.outgoing.length - a.incoming.length) ||
      byKey(a, b),
  );
  const path: { readonly vertex: Vertex; next: number }[] = [];
  for (const root of roots) {
    if (root.state !== 'new') {
      continue;
    }
    root.state = 'open';
    path.push({ vertex: root, next: 0 });
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { vertex } = top;
      const callee = vertex.outgoing[top.next++];
      if (callee === undefined) {
        vertex.state = 'done';
        path.pop();
      } else if (callee.state !== 'open') {
        vertex.callees.push(callee);
        callee.callers.push(vertex);
        if (callee.state === 'new') {
          callee.state = 'open';
          path.push({ vertex: callee, next: 0 });
        }
      }
    }
  }
}

function layersOf(vertices: readonly Vertex[]): Vertex[][] {
  const ready: Vertex[] = [];
  for (const vertex of vertices) {
    vertex.waiting = vertex.callers.length;
    if (vertex.waiting === 0) {
      ready.push(vertex);
    }
  }
  for (const vertex of ready) {
    for (const callee of vertex.callees) {
      callee.layer = Math.max(callee.layer, vertex.layer + 1);
      if (--callee.waiting === 0) {
        ready.push(callee);
      }
    }
  }
  // Whom nobody calls stands next to whom it calls, not at the far left.
  for (const vertex of vertices) {
    if (vertex.callers.length === 0 && vertex.callees.length > 0) {
      vertex.layer = Math.min(...vertex.callees.map((each) => each.layer)) - 1;
    }
  }
  const layers: Vertex[][] = [];
  for (const vertex of vertices) {
    (layers[vertex.layer] ??= []).push(vertex);
  }
  // A component has no layer without a vertex: each but the first has a caller in the one before.
  return layers;
}

function order(layers: readonly Vertex[][]): void {
  const count = layers.reduce((sum, layer) => sum + layer.length, 0);
  let kept = 0;
  for (const [number, layer] of layers.entries()) {
    kept += layer.filter((vertex) => vertex.before?.layer === number).length;
  }
  if (kept * 2 >= count) {
    layers.forEach(orderAsBefore);
    return;
  }
  // Callees of one caller stand together to begin with.
  for (const layer of layers) {
    const mean = new Map(
      layer.map((vertex) => [vertex, average(vertex.callers.map((each) => each.rank)) ?? vertex.rank]),
    );
    rank(layer.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || byKey(a, b)));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0;
    for (const layer of forward ? layers : [...layers].reverse()) {
      const mean = new Map(
        layer.map((vertex) => {
          const near = forward ? vertex.callers : vertex.callees;
          return [vertex, average(near.map((each) => each.rank)) ?? vertex.rank];
        }),
      );
      rank(layer.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || a.rank - b.rank));
    }
  }
}

/** Those that were in the layer keep their order; the others go where their neighbours are. */
function orderAsBefore(layer: Vertex[], number: number): void {
  const known = layer.filter((vertex) => vertex.before?.layer === number);
  const top = (vertex: Vertex): number => vertex.before?.y ?? 0;
  known.sort((a, b) => top(a) - top(b) || byKey(a, b));
  const wanted = new Map(known.map((vertex) => [vertex, top(vertex)]));
  for (const vertex of layer) {
    if (!wanted.has(vertex)) {
      const near = [...vertex.callers, ...vertex.callees].flatMap((each) => each.before?.y ?? []);
      wanted.set(vertex, average(near) ?? Infinity);
    }
  }
  layer.sort((a, b) => compare(wanted.get(a), wanted.get(b)) || byKey(a, b));
  rank(layer);
}

function compare(a = 0, b = 0): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function average(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Numbers a layer around its middle, so that layers of different heights compare. */
function rank(layer: readonly Vertex[]): void {
  layer.forEach((vertex, i) => {
    vertex.rank = i - (layer.length - 1) / 2;
  });
}

type Column = { readonly vertices: readonly Vertex[]; readonly width: number; readonly gap: number };

function place(layers: readonly Vertex[][]): Column[] {
  const folds = foldsOf(layers);
  const steps = folds.map((fold) => ROW / fold);
  layers.forEach((layer, number) => {
    for (const vertex of layer) {
      vertex.y = vertex.rank * (steps[number] ?? ROW);
    }
  });
  for (let pass = 0; pass < PLACING_PASSES; pass++) {
    const forward = pass % 2 === 0;
    const last = pass === PLACING_PASSES - 1;
    for (let i = 0; i < layers.length; i++) {
      const number = forward ? i : layers.length - 1 - i;
      spread(layers[number] ?? [], steps[number] ?? ROW, (vertex) =>
        last ? [...vertex.callers, ...vertex.callees] : forward ? vertex.callers : vertex.callees,
      );
    }
  }
  return layers.flatMap((layer, number) => {
    const fold = folds[number] ?? 1;
    return Array.from({ length: fold }, (_, at): Column => {
      const vertices = layer.filter((_each, i) => i % fold === at);
      return {
        vertices,
        width: Math.max(...vertices.map((each) => each.width)),
        gap: at === fold - 1 ? COLUMN_GAP : STAGGER_GAP,
      };
    });
  });
}

/** Over how many columns each layer is staggered. */
function foldsOf(layers: readonly Vertex[][]): number[] {
  let area = 0;
  for (const layer of layers) {
    area += layer.length * ROW * (average(layer.map((each) => each.width)) ?? 0) * 1.4;
  }
  const rows = Math.max(MIN_STAGGERED, Math.sqrt(area / PROPORTION) / ROW);
  return layers.map((layer) => Math.ceil(layer.length / rows));
}

/*
 * Moves each vertex towards the mean of its neighbours as near as order and distance let it: least squares under
 * "at least a step apart", by pooling neighbours that would come too close.
 */
function spread(layer: readonly Vertex[], step: number, near: (vertex: Vertex) => readonly Vertex[]): void {
  const pools: { sum: number; count: number }[] = [];
  layer.forEach((vertex, i) => {
    const wanted = average(near(vertex).map((each) => each.y)) ?? vertex.y;
    let pool = { sum: wanted - i * step, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  });
  let i = 0;
  for (const { sum, count } of pools) {
    for (let end = i + count; i < end; i++) {
      const vertex = layer[i];
      if (vertex !== undefined) {
        vertex.y = sum / count + i * step;
      }
    }
  }
}

/** Sets x column by column, and moves all so that the top left corner is at 0, 0. */
function shifted(vertices: readonly Vertex[], columns: readonly Column[]): Block {
  const top = Math.min(...vertices.map((each) => each.y));
  const bottom = Math.max(...vertices.map((each) => each.y));
  let x = 0;
  for (const column of columns) {
    for (const vertex of column.vertices) {
      vertex.x = x + column.width / 2;
      vertex.y += ROW / 2 - top;
    }
    x += column.width + column.gap;
  }
  return { vertices, width: x - (columns.at(-1)?.gap ?? 0), height: bottom - top + ROW };
}

/** Those that nobody calls and that call nobody, in rows. */
function grid(vertices: readonly Vertex[]): Block {
  const width = Math.max(...vertices.map((each) => each.width)) + STAGGER_GAP;
  const columns = Math.max(1, Math.ceil(Math.sqrt((vertices.length * ROW * PROPORTION * 2) / width)));
  vertices.forEach((vertex, i) => {
    vertex.x = ((i % columns) + 0.5) * width;
    vertex.y = (Math.floor(i / columns) + 0.5) * ROW;
  });
  return {
    vertices,
    width: Math.min(columns, vertices.length) * width,
    height: Math.ceil(vertices.length / columns) * ROW,
  };
}

/** Puts blocks side by side on shelves, from the top. */
function pack(blocks: readonly Block[]): { readonly width: number; readonly height: number } {
  const area = blocks.reduce((sum, each) => sum + (each.width + COMPONENT_GAP) * (each.height + COMPONENT_GAP), 0);
  const limit = Math.max(...blocks.map((each) => each.width), Math.sqrt(area * PROPORTION));
  let x = 0;
  let y = 0;
  let shelf = 0;
  let width = 0;
  for (const each of blocks) {
    if (x > 0 && x + each.width > limit) {
      x = 0;
      y += shelf + COMPONENT_GAP;
      shelf = 0;
    }
    for (const vertex of each.vertices) {
      vertex.x += x;
      vertex.y += y;
    }
    width = Math.max(width, x + each.width);
    shelf = Math.max(shelf, each.height);
    x += each.width + COMPONENT_GAP;
  }
  return { width, height: y + shelf };
}
