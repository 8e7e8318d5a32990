// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Curve } from '../../graph/curve';
import { RADIUS, pointOn } from '../../graph/curve';
import type { Change } from '../../graph/change';
import { meanOf } from '../../graph/map-model';
import type { Calls } from '../../graph/map-model';
import { formatDuration } from '../../ui/format';
import { CHANGE_OUTLINES, KIND_OUTLINES } from './glyphs';
import type { Palette } from './palette';
import type { Scene, SceneEdge, SceneNode } from './scene';
import { NAME_SIZE } from './text';

export type View = { readonly x: number; readonly y: number; readonly scale: number };

/** What stands out; all that is not near it is dimmed. */
export type Marks = {
  readonly selected: string | undefined;
  readonly hovered: string | undefined;
  readonly cursor: string | undefined;
};

const TEXT_SCALE = 0.6;
const DETAIL_SCALE = 0.28;
const DIMMED = 0.16;
const HOVER_DIMMED = 0.45;
/** Of names that keep their size however small the map is. */
const SMALL_NAME = 11;
const RING = RADIUS - 3;
const FULL = Math.PI * 2;
const MIN_ARC = 0.07;

type BadName = 'fault' | 'throttle' | 'error';
const BAD: readonly BadName[] = ['fault', 'throttle', 'error'];

/* The shapes of ui/Outcome.tsx, in a box of 14 by 14. */
const OUTCOME_OUTLINES: Readonly<Record<BadName, string>> = {
  error: 'M7 1.6L13 12.2H1zM7 5.4v3.2M7 10.3v.3',
  fault: 'M4.4 1.4h5.2l3 3v5.2l-3 3H4.4l-3-3V4.4zM4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2',
  throttle: 'M3 1.8h8M3 12.2h8M4 2c0 4 6 6 6 10M10 2c0 4-6 6-6 10',
};

const paths = new Map<string, Path2D>();

function pathOf(outline: string): Path2D {
  let path = paths.get(outline);
  if (path === undefined) {
    path = new Path2D(outline);
    paths.set(outline, path);
  }
  return path;
}

/** The worst of what there is a part worth speaking of. */
function worstOf(calls: Calls): BadName | undefined {
  return BAD.find((name) => calls[name] > 0);
}

export class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #palette: Palette;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
  }

  /** Draws all; without names if `named` is false. */
  draw(
    scene: Scene,
    view: View,
    marks: Marks,
    width: number,
    height: number,
    ratio: number,
    named = true,
  ): void {
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    const near = nearOf(scene, [marks.selected, marks.hovered]);
    const dimmed = marks.selected === undefined ? HOVER_DIMMED : DIMMED;
    const left = -view.x / view.scale - 120;
    const top = -view.y / view.scale - 120;
    const right = left + width / view.scale + 240;
    const bottom = top + height / view.scale + 240;
    const inSight = (x: number, y: number): boolean => x >= left && x <= right && y >= top && y <= bottom;

    context.lineCap = 'butt';
    const lit: SceneEdge[] = [];
    const bundles = new Map<string, SceneEdge[]>();
    for (const each of scene.edges) {
      if (near !== undefined && near.edges.has(each)) {
        lit.push(each);
      } else if (!crosses(each.curve, left, top, right, bottom)) {
        continue;
      } else if (view.scale < DETAIL_SCALE) {
        const style = `${this.#edgeColor(each)} ${dashOf(each).join()} ${each.edge.calls.total === 0}`;
        const bundle = bundles.get(style);
        if (bundle === undefined) {
          bundles.set(style, [each]);
        } else {
          bundle.push(each);
        }
      } else {
        this.#edge(each, near === undefined ? 0.8 : dimmed, view.scale, false);
      }
    }
    for (const bundle of bundles.values()) {
      this.#bundle(bundle, near === undefined ? 0.5 : dimmed, view.scale);
    }
    for (const each of lit) {
      this.#edge(each, 1, view.scale, each.edge.key === marks.selected || each.edge.key === marks.hovered);
    }
    for (const each of scene.nodes.values()) {
      if (inSight(each.x, each.y)) {
        context.globalAlpha = near === undefined || near.nodes.has(each) ? 1 : Math.min(1, dimmed * 2);
        this.#node(each, view.scale, marks);
      }
    }
    context.globalAlpha = 1;
    if (named) {
      this.#labels(scene, view, marks, near, dimmed, ratio, inSight);
    }
  }

  /** Draws the traffic of the selection alone, on top of what is there. */
  drawTraffic(
    context: CanvasRenderingContext2D,
    scene: Scene,
    view: View,
    selected: string | undefined,
    clock: number,
    ratio: number,
  ): void {
    context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    context.fillStyle = this.#palette.accent;
    for (const each of scene.edges) {
      if (isOf(each, selected)) {
        traffic(context, each, clock, scene.seconds);
      }
    }
  }

  #changeColor(change: Change): string {
    const palette = this.#palette;
    switch (change) {
      case 'new':
        return palette.accent;
      case 'faults':
        return palette.fault;
      case 'slower':
        return palette.error;
      case 'faster':
      case 'fewer':
        return palette.ok;
      case 'gone':
      case 'same':
        return palette.line;
    }
  }

  #edgeColor({ edge, bad, change }: SceneEdge): string {
    const { calls } = edge;
    if (change !== undefined) {
      return this.#changeColor(change);
    }
    if (bad === 0) {
      return this.#palette.line;
    }
    const worst = BAD.reduce((a, b) => (calls[b] > calls[a] ? b : a));
    return bad < 0.01 ? this.#palette.line : this.#palette[worst];
  }

  /** Draws edges of one look as one path, thin and without arrows. */
  #bundle(all: readonly SceneEdge[], alpha: number, scale: number): void {
    const context = this.#context;
    const [first] = all;
    if (first === undefined) {
      return;
    }
    context.globalAlpha = isQuiet(first) ? alpha / 3 : alpha;
    context.strokeStyle = this.#edgeColor(first);
    context.lineWidth = Math.max(1.6, 0.8 / scale);
    context.setLineDash([...dashOf(first)]);
    context.beginPath();
    for (const { curve } of all) {
      context.moveTo(curve.x0, curve.y0);
      context.bezierCurveTo(curve.x1, curve.y1, curve.x2, curve.y2, curve.x3, curve.y3);
    }
    context.stroke();
    context.setLineDash([]);
  }

  #edge(each: SceneEdge, alpha: number, scale: number, strong: boolean): void {
    const context = this.#context;
    const { curve } = each;
    const color = strong && each.bad < 0.01 && each.change === undefined ? this.#palette.accent : this.#edgeColor(each);
    const width = Math.max(each.width, 0.8 / scale) + (strong ? 1.5 : 0);
    context.globalAlpha = isQuiet(each) && !strong ? alpha / 3 : alpha;
    context.strokeStyle = color;
    context.fillStyle = color;
    context.lineWidth = width;
    context.setLineDash([...dashOf(each)]);
    context.beginPath();
    context.moveTo(curve.x0, curve.y0);
    context.bezierCurveTo(curve.x1, curve.y1, curve.x2, curve.y2, curve.x3, curve.y3);
    context.stroke();
    context.setLineDash([]);
    if (scale < DETAIL_SCALE) {
      return;
    }
    const before = pointOn(curve, 0.94);
    const angle = Math.atan2(curve.y3 - before.y, curve.x3 - before.x);
    const size = 6 + width * 1.1;
    context.beginPath();
    context.moveTo(curve.x3 + Math.cos(angle) * 4, curve.y3 + Math.sin(angle) * 4);
    context.lineTo(curve.x3 - Math.cos(angle - 0.5) * size, curve.y3 - Math.sin(angle - 0.5) * size);
    context.lineTo(curve.x3 - Math.cos(angle + 0.5) * size, curve.y3 - Math.sin(angle + 0.5) * size);
    context.fill();
  }

  #node(each: SceneNode, scale: number, marks: Marks): void {
    const context = this.#context;
    const { node, radius } = each;
    const factor = radius / RADIUS;
    context.save();
    // Drawn around the origin in the usual size.
    context.translate(each.x, each.y);
    context.scale(factor, factor);
    this.#disc(each, scale, scale * factor, node.key === marks.selected, node.key === marks.hovered, node.key === marks.cursor);
    context.restore();
  }

  #disc(
    { node, change }: SceneNode,
    scale: number,
    own: number,
    selected: boolean,
    hovered: boolean,
    cursor: boolean,
  ): void {
    const context = this.#context;
    const palette = this.#palette;
    const { calls } = node;
    if (selected || hovered || cursor) {
      context.beginPath();
      context.arc(0, 0, RADIUS + 5, 0, FULL);
      context.fillStyle = palette.selected;
      context.fill();
      context.lineWidth = Math.max(2, 2 / own);
      context.strokeStyle = palette.accent;
      context.setLineDash(cursor && !selected ? [5, 4] : []);
      context.stroke();
      context.setLineDash([]);
    }
    context.beginPath();
    context.arc(0, 0, RADIUS, 0, FULL);
    context.fillStyle = palette.surface;
    context.fill();
    if (change === 'gone') {
      context.beginPath();
      context.arc(0, 0, RING, 0, FULL);
      context.lineWidth = 2;
      context.setLineDash([4, 5]);
      context.strokeStyle = palette.line;
      context.stroke();
      context.setLineDash([]);
    } else {
      this.#ring(calls, 0, 0, scale);
    }
    if (scale < DETAIL_SCALE) {
      return;
    }
    if (node.kind === 'client' || node.kind === 'group' || change === 'gone' || own < TEXT_SCALE) {
      this.#outline(KIND_OUTLINES[node.kind], 0, 0, 20 / 16, palette.dim);
    } else {
      this.#latency(calls, 0, 0);
      this.#badge(KIND_OUTLINES[node.kind], 16, -RADIUS * 0.75, RADIUS * 0.75, palette.dim);
    }
    const worst = worstOf(calls);
    if (worst !== undefined && node.kind !== 'client') {
      // The arcs of what is bad start at the top and go to the right.
      this.#badge(OUTCOME_OUTLINES[worst], 14, -RADIUS * 0.75, -RADIUS * 0.75, palette[worst]);
    }
    if (change !== undefined && change !== 'same') {
      this.#badge(CHANGE_OUTLINES[change], 14, RADIUS * 0.75, RADIUS * 0.75, change === 'gone' ? palette.dim : this.#changeColor(change));
    }
  }

  /** Arcs by outcome, clockwise from the top; each differs in its stroke, not only in its colour. */
  #ring(calls: Calls, x: number, y: number, scale: number): void {
    const context = this.#context;
    if (calls.total === 0) {
      context.beginPath();
      context.arc(x, y, RING, 0, FULL);
      context.lineWidth = 1.5;
      context.strokeStyle = this.#palette.line;
      context.stroke();
      return;
    }
    const parts = (['fault', 'throttle', 'error'] as const).map((name) => ({
      name,
      arc: calls[name] === 0 ? 0 : Math.max(MIN_ARC, calls[name] / calls.total),
    }));
    const bad = parts.reduce((sum, part) => sum + part.arc, 0);
    const shrink = bad > 1 ? 1 / bad : calls.ok > 0 && bad > 1 - MIN_ARC ? (1 - MIN_ARC) / bad : 1;
    let at = -Math.PI / 2;
    const plain = scale < DETAIL_SCALE;
    for (const { name, arc } of parts) {
      if (arc > 0) {
        const to = at + arc * shrink * FULL;
        context.beginPath();
        context.arc(x, y, RING - (name === 'fault' ? 1 : 0), at, to);
        context.lineWidth = plain ? 10 : name === 'fault' ? 8 : 5;
        context.setLineDash(plain || name === 'fault' ? [] : name === 'error' ? [6, 2] : [2, 2]);
        context.strokeStyle = this.#palette[name];
        context.stroke();
        at = to;
      }
    }
    context.setLineDash([]);
    if (calls.ok > 0) {
      context.beginPath();
      context.arc(x, y, RING, at, FULL * 0.75);
      context.lineWidth = plain ? 8 : 4;
      context.strokeStyle = this.#palette.ok;
      context.stroke();
    }
  }

  #latency(calls: Calls, x: number, y: number): void {
    const context = this.#context;
    const mean = meanOf(calls);
    context.fillStyle = this.#palette.text;
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    if (mean === undefined) {
      context.font = `600 12px ${this.#palette.font}`;
      context.fillText('–', x, y + 4);
      return;
    }
    const [number = '', ...unit] = formatDuration(mean).split(' ');
    const long = unit.length > 1;
    context.font = `650 ${long ? 10 : 12.5}px ${this.#palette.font}`;
    context.fillText(long ? `${number} ${unit[0] ?? ''}` : number, x, y + 2);
    context.fillStyle = this.#palette.dim;
    context.font = `9.5px ${this.#palette.font}`;
    context.fillText(long ? unit.slice(1).join(' ') : unit.join(' '), x, y + 12);
  }

  #badge(outline: string, box: number, x: number, y: number, color: string): void {
    const context = this.#context;
    context.beginPath();
    context.arc(x, y, 9, 0, FULL);
    context.fillStyle = this.#palette.surface;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = this.#palette.faint;
    context.stroke();
    this.#outline(outline, x, y, 11 / box, color, box);
  }

  #outline(outline: string, x: number, y: number, scale: number, color: string, box = 16): void {
    const context = this.#context;
    context.save();
    context.translate(x - (box * scale) / 2, y - (box * scale) / 2);
    context.scale(scale, scale);
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.lineCap = 'round';
    context.strokeStyle = color;
    context.stroke(pathOf(outline));
    context.restore();
  }

  /** Names and labels: with the drawing where there is room for them, else in their own size as far as they fit. */
  #labels(
    scene: Scene,
    view: View,
    marks: Marks,
    near: Near | undefined,
    dimmed: number,
    ratio: number,
    inSight: (x: number, y: number) => boolean,
  ): void {
    const context = this.#context;
    const palette = this.#palette;
    const size = view.scale >= TEXT_SCALE ? view.scale : 1;
    const taken = new Boxes();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.textAlign = 'center';
    context.lineJoin = 'round';
    for (const each of scene.nodes.values()) {
      // Names of what stands out may lie over what is dimmed.
      const below = near !== undefined && marks.selected !== undefined && !near.nodes.has(each);
      if (below || !inSight(each.x, each.y)) {
        continue;
      }
      const x = each.x * view.scale + view.x;
      const y = each.y * view.scale + view.y;
      const reach = each.radius * view.scale;
      taken.take(x - reach, y - reach, x + reach, y + reach);
    }
    const pointed = [marks.selected, marks.hovered, marks.cursor];
    // What is pointed at, then what is near it, then the rest.
    const rank = (each: SceneNode): number =>
      pointed.includes(each.node.key) ? 0 : near === undefined || near.nodes.has(each) ? 1 : 2;
    const ordered =
      near === undefined && marks.cursor === undefined
        ? scene.byTraffic
        : [...scene.byTraffic].sort((a, b) => rank(a) - rank(b));
    context.textBaseline = 'alphabetic';
    const named: SceneNode[] = [];
    for (const each of ordered) {
      if (!inSight(each.x, each.y)) {
        continue;
      }
      const x = each.x * view.scale + view.x;
      const y = (each.y + each.radius) * view.scale + view.y;
      const strong = near === undefined || near.nodes.has(each);
      if (view.scale < TEXT_SCALE) {
        const half = (each.titleWidth * SMALL_NAME) / NAME_SIZE / 2 + 3;
        const always = pointed.includes(each.node.key) || near?.edges.size === 1;
        // The first cell below the disc may still be the disc's.
        if (!(always && strong) && (!strong || !taken.free(x - half, y + 8, x + half, y + 15))) {
          continue;
        }
        taken.take(x - half, y + 8, x + half, y + 15);
        named.push(each);
      }
      context.font = `600 ${view.scale < TEXT_SCALE ? SMALL_NAME : NAME_SIZE * size}px ${palette.font}`;
      context.globalAlpha = strong ? 1 : Math.min(1, dimmed * 2);
      context.lineWidth = 4 * size;
      context.strokeStyle = palette.page;
      const baseline = y + (view.scale < TEXT_SCALE ? 14 : 17 * size);
      context.strokeText(each.title, x, baseline);
      context.fillStyle = palette.text;
      context.fillText(each.title, x, baseline);
      if (view.scale >= TEXT_SCALE) {
        context.font = `${11.5 * size}px ${palette.font}`;
        context.strokeText(each.value, x, y + 32 * size);
        context.fillStyle = palette.dim;
        context.fillText(each.value, x, y + 32 * size);
        const half = Math.max(40, each.titleWidth / 2 + 3) * size;
        taken.take(x - half, y, x + half, y + 36 * size);
      }
    }
    context.globalAlpha = 1;
    const labelled = scene.edges.filter(
      (each) => (near === undefined ? each.top : near.edges.has(each)) && each.label !== '' && !isQuiet(each),
    );
    for (const each of labelled) {
      const always = each.edge.key === marks.selected || each.edge.key === marks.hovered;
      this.#edgeLabel(each, view, always, Math.max(0.85, Math.min(1, size)), taken);
    }
    // Values below small names, where names and labels have left room.
    context.font = `${SMALL_NAME - 1}px ${palette.font}`;
    context.lineWidth = 3;
    context.strokeStyle = palette.page;
    context.fillStyle = palette.dim;
    for (const each of named) {
      const x = each.x * view.scale + view.x;
      const y = (each.y + each.radius) * view.scale + view.y;
      const half = context.measureText(each.value).width / 2 + 3;
      if (near !== undefined && !near.nodes.has(each)) {
        continue;
      }
      if (taken.free(x - half, y + 23, x + half, y + 27)) {
        taken.take(x - half, y + 23, x + half, y + 27);
        context.strokeText(each.value, x, y + 26);
        context.fillText(each.value, x, y + 26);
      }
    }
  }

  #edgeLabel(each: SceneEdge, view: View, always: boolean, size: number, taken: Boxes): void {
    const context = this.#context;
    context.font = `500 ${11 * size}px ${this.#palette.font}`;
    const half = context.measureText(each.label).width / 2 + 6 * size;
    const high = 9 * size;
    const length = Math.hypot(each.to.x - each.from.x, each.to.y - each.from.y) * view.scale;
    // A label that hides its line says nothing of where the line goes.
    if (!always && length < half * 2 + 3 * RADIUS * view.scale) {
      return;
    }
    // Where there is room, from the middle outwards.
    for (const t of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const point = pointOn(each.curve, t);
      const x = point.x * view.scale + view.x;
      const y = point.y * view.scale + view.y;
      const last = always && t === 0.7;
      if (!last && !taken.free(x - half, y - high, x + half, y + high)) {
        continue;
      }
      const at = last ? pointOn(each.curve, 0.5) : point;
      const atX = at.x * view.scale + view.x;
      const atY = at.y * view.scale + view.y;
      taken.take(atX - half, atY - high, atX + half, atY + high);
      context.beginPath();
      context.roundRect(atX - half, atY - high, half * 2, high * 2, 4 * size);
      context.fillStyle = this.#palette.surface;
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle =
        each.bad >= 0.01 || (each.change !== undefined && each.change !== 'same') ? this.#edgeColor(each) : this.#palette.faint;
      context.stroke();
      context.fillStyle = this.#palette.text;
      context.textBaseline = 'middle';
      context.fillText(each.label, atX, atY + 0.5);
      context.textBaseline = 'alphabetic';
      return;
    }
  }
}

function traffic(context: CanvasRenderingContext2D, { edge, curve, width }: SceneEdge, clock: number, seconds: number): void {
  const dots = edge.calls.total === 0 ? 0 : Math.min(6, 1 + Math.round(Math.log10(1 + (edge.calls.total / seconds) * 60)));
  for (let i = 0; i < dots; i++) {
    const { x, y } = pointOn(curve, (clock * 0.45 + i / dots) % 1);
    context.beginPath();
    context.arc(x, y, width / 2 + 2, 0, FULL);
    context.fill();
  }
}

type Near = { readonly nodes: ReadonlySet<SceneNode>; readonly edges: ReadonlySet<SceneEdge> };

/** Nodes with their edges and their other ends, edges with their ends; undefined if none is there. */
function nearOf(scene: Scene, keys: readonly (string | undefined)[]): Near | undefined {
  const nodes = new Set<SceneNode>();
  const edges = new Set<SceneEdge>();
  for (const key of keys) {
    const node = key === undefined ? undefined : scene.nodes.get(key);
    const edge = key === undefined ? undefined : scene.edgeByKey.get(key);
    if (node !== undefined) {
      nodes.add(node);
      scene.edges.filter((each) => each.from === node || each.to === node).forEach((each) => edges.add(each));
    } else if (edge !== undefined) {
      edges.add(edge);
    }
  }
  for (const { from, to } of edges) {
    nodes.add(from).add(to);
  }
  return nodes.size === 0 ? undefined : { nodes, edges };
}

/** No calls went along it, in the moment that is replayed. */
function isQuiet({ edge, change }: SceneEdge): boolean {
  return edge.calls.total === 0 && change !== 'gone';
}

const SOLID: readonly number[] = [];
const MESSAGES = [7, 5];
const GONE = [2, 5];

function dashOf({ edge, change }: SceneEdge): readonly number[] {
  return change === 'gone' ? GONE : edge.link ? MESSAGES : SOLID;
}

function isOf({ edge }: SceneEdge, key: string | undefined): boolean {
  return edge.key === key || edge.from.key === key || edge.to.key === key;
}

function crosses(curve: Curve, left: number, top: number, right: number, bottom: number): boolean {
  return (
    Math.max(curve.x0, curve.x1, curve.x2, curve.x3) >= left &&
    Math.min(curve.x0, curve.x1, curve.x2, curve.x3) <= right &&
    Math.max(curve.y0, curve.y1, curve.y2, curve.y3) >= top &&
    Math.min(curve.y0, curve.y1, curve.y2, curve.y3) <= bottom
  );
}

/** Where something stands already, in coarse cells of the screen. */
class Boxes {
  readonly #cells = new Set<number>();

  #each(left: number, top: number, right: number, bottom: number, act: (cell: number) => boolean): boolean {
    for (let row = Math.floor(top / 8); row <= Math.floor(bottom / 8); row++) {
      for (let column = Math.floor(left / 8); column <= Math.floor(right / 8); column++) {
        if (!act(row * 4_096 + column)) {
          return false;
        }
      }
    }
    return true;
  }

  free(left: number, top: number, right: number, bottom: number): boolean {
    return this.#each(left, top, right, bottom, (cell) => !this.#cells.has(cell));
  }

  take(left: number, top: number, right: number, bottom: number): void {
    this.#each(left, top, right, bottom, (cell) => {
      this.#cells.add(cell);
      return true;
    });
  }
}

