// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { RADIUS, distanceTo } from '../../graph/curve';
import { walk } from '../../graph/walk';
import type { Direction } from '../../graph/walk';
import { Painter } from './draw';
import type { View } from './draw';
import { readPalette } from './palette';
import type { Scene, SceneEdge, SceneNode } from './scene';

/* The canvas with what moves on it: view, pointer, cursor, traffic. React only tells it what to show. */

export type Target = { readonly node: SceneNode } | { readonly edge: SceneEdge };

export type StageEvents = {
  /** A node, an edge, or nothing was chosen. */
  readonly onSelect: (key: string | undefined) => void;
  /** The pointer rests on something; x and y are on the canvas. */
  readonly onHover: (target: Target | undefined, x: number, y: number) => void;
  /** The keyboard's cursor has moved. */
  readonly onCursor: (node: SceneNode) => void;
  readonly onDrawn: (millis: number) => void;
  /** What can be done with a node is asked for; x and y are on the canvas. */
  readonly onMenu: (node: SceneNode, x: number, y: number) => void;
};

const MIN_SCALE = 0.03;
const MAX_SCALE = 3;
const MAX_FIT = 1.15;
/** Left for what lies over the canvas: the legend below, the buttons at the right. */
const MARGIN = { left: 24, top: 24, right: 60, bottom: 56 };
const STEP = 1.25;
/** How far from an edge, in pixels of the screen, still hits it. */
const EDGE_REACH = 7;
/** A press that moves less is a click. */
const CLICK_REACH = 4;
/** Of fewer nodes and edges each frame is drawn anew, as that takes no time. */
const LARGE = 250;
/** After the last move of a gesture, until all is drawn again. */
const SETTLE_MILLIS = 140;
/** A picture that is enlarged more than this is drawn anew in mid-gesture. */
const MAX_BLUR = 3;
/** The longer side of the picture of the whole map, in pixels. */
const BACKDROP_SIDE = 1_800;

/** The map as it was drawn last, in its view: moving it costs the same however much is on it. */
type Still = {
  readonly canvas: HTMLCanvasElement;
  scene: Scene | undefined;
  view: View;
  marks: string;
};

export class Stage {
  readonly #canvas: HTMLCanvasElement;
  readonly #events: StageEvents;
  readonly #observer: ResizeObserver;
  readonly #stillMotion = window.matchMedia('(prefers-reduced-motion: reduce)');
  readonly #abort = new AbortController();
  readonly #context: CanvasRenderingContext2D;
  readonly #still: Still;
  #painter: Painter | undefined;
  /** The whole map without names, for what comes into sight in mid-gesture. */
  #backdrop: { readonly canvas: HTMLCanvasElement; readonly scene: Scene } | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #scene: Scene | undefined;
  #view: View = { x: 0, y: 0, scale: 1 };
  /** Whether the view is still as it was fitted. */
  #fitted = true;
  #width = 0;
  #height = 0;
  #selected: string | undefined;
  #hovered: string | undefined;
  #cursor: string | undefined;
  #focused = false;
  #frame: number | undefined;
  #press: { readonly x: number; readonly y: number; readonly view: View; moved: boolean } | undefined;

  constructor(canvas: HTMLCanvasElement, events: StageEvents) {
    this.#canvas = canvas;
    this.#events = events;
    this.#context = contextOf(canvas);
    this.#still = { canvas: document.createElement('canvas'), scene: undefined, view: this.#view, marks: '' };
    this.recolor();
    const { signal } = this.#abort;
    canvas.addEventListener('pointerdown', this.#onDown, { signal });
    canvas.addEventListener('pointermove', this.#onMove, { signal });
    canvas.addEventListener('pointerup', this.#onUp, { signal });
    canvas.addEventListener('pointercancel', () => (this.#press = undefined), { signal });
    canvas.addEventListener('pointerleave', () => this.#hover(undefined, 0, 0), { signal });
    canvas.addEventListener('wheel', this.#onWheel, { signal, passive: false });
    canvas.addEventListener('contextmenu', this.#onContextMenu, { signal });
    this.#stillMotion.addEventListener('change', () => this.#redraw(), { signal });
    document.addEventListener('visibilitychange', () => this.#redraw(), { signal });
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(canvas);
    this.#measure();
  }

  close(): void {
    this.#abort.abort();
    this.#observer.disconnect();
    clearTimeout(this.#settling);
    if (this.#frame !== undefined) {
      cancelAnimationFrame(this.#frame);
    }
  }

  /** Takes the colours that hold now. */
  recolor(): void {
    this.#painter = new Painter(contextOf(this.#still.canvas), readPalette());
    this.#still.scene = undefined;
    this.#backdrop = undefined;
    this.#redraw();
  }

  /** Shows a scene; the view stays unless it is to be fitted anew. */
  show(scene: Scene, fit: boolean): void {
    this.#scene = scene;
    if (this.#cursor !== undefined && !scene.nodes.has(this.#cursor)) {
      this.#cursor = undefined;
    }
    if (fit || this.#fitted) {
      this.fit();
    }
    this.#redraw();
  }

  select(key: string | undefined): void {
    if (this.#selected !== key) {
      this.#selected = key;
      if (key !== undefined && this.#scene?.nodes.has(key) === true) {
        this.#cursor = key;
        this.#reveal(key);
      }
      this.#redraw();
    }
  }

  /** Whether the keyboard is on the map, so that its cursor shows. */
  focus(focused: boolean): void {
    this.#focused = focused;
    this.#redraw();
  }

  fit(): void {
    const scene = this.#scene;
    if (scene === undefined || this.#width === 0 || scene.width === 0) {
      return;
    }
    const scale = Math.max(
      MIN_SCALE,
      Math.min(
        MAX_FIT,
        (this.#width - MARGIN.left - MARGIN.right) / scene.width,
        (this.#height - MARGIN.top - MARGIN.bottom) / scene.height,
      ),
    );
    this.#view = {
      scale,
      x: (this.#width + MARGIN.left - MARGIN.right - scene.width * scale) / 2,
      y: (this.#height + MARGIN.top - MARGIN.bottom - scene.height * scale) / 2,
    };
    this.#fitted = true;
    this.#redraw();
  }

  zoom(inwards: boolean): void {
    this.#zoomAt(this.#width / 2, this.#height / 2, inwards ? STEP : 1 / STEP);
  }

  /** Moves the cursor; the first step is onto the busiest node. */
  walk(direction: Direction): void {
    const scene = this.#scene;
    const from = scene?.nodes.get(this.#cursor ?? '');
    const [busiest] = scene?.byTraffic ?? [];
    const to = scene === undefined || from === undefined ? busiest : walk(scene.nodes, from, direction);
    const next = to && scene?.nodes.get(to.node.key);
    if (next !== undefined) {
      this.#cursor = next.node.key;
      this.#reveal(next.node.key);
      this.#redraw();
      this.#events.onCursor(next);
    }
  }

  /** Opens the menu of the node that the keyboard is on, or else of the one that is chosen. */
  menu(): void {
    const node = this.#scene?.nodes.get((this.#focused ? this.#cursor : undefined) ?? this.#selected ?? '');
    const at = node && this.positionOf(node.node.key);
    if (node !== undefined && at !== undefined) {
      this.#events.onMenu(node, at.x, at.y);
    }
  }

  /** The node that the keyboard is on. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /** Where a node is on the canvas, for tests and for what stands beside it. */
  positionOf(key: string): { readonly x: number; readonly y: number } | undefined {
    const node = this.#scene?.nodes.get(key);
    return node && { x: node.x * this.#view.scale + this.#view.x, y: node.y * this.#view.scale + this.#view.y };
  }

  /** Moves the view if the node is out of sight. */
  #reveal(key: string): void {
    const at = this.positionOf(key);
    if (at === undefined || this.#width === 0) {
      return;
    }
    const margin = Math.min(80, this.#width / 4, this.#height / 4);
    const x = Math.min(Math.max(at.x, margin), this.#width - margin);
    const y = Math.min(Math.max(at.y, margin), this.#height - margin);
    if (x !== at.x || y !== at.y) {
      this.#fitted = false;
      this.#view = { ...this.#view, x: this.#view.x + x - at.x, y: this.#view.y + y - at.y };
    }
  }

  #measure(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = window.devicePixelRatio;
    for (const canvas of [this.#canvas, this.#still.canvas]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.#still.scene = undefined;
    this.#width = width;
    this.#height = height;
    if (this.#fitted) {
      this.fit();
    } else if (this.#selected !== undefined) {
      this.#reveal(this.#selected);
    }
    // At once: a canvas that has changed its size is empty.
    this.#paint();
  }

  #redraw(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#paint();
    });
  }

  #paint(): void {
    const scene = this.#scene;
    if (scene === undefined || this.#painter === undefined || this.#width === 0) {
      return;
    }
    const moving =
      this.#selected !== undefined && !this.#stillMotion.matches && document.visibilityState === 'visible';
    const start = performance.now();
    const still = this.#still;
    const blur = this.#view.scale / still.view.scale;
    const large = scene.nodes.size + scene.edges.length > LARGE;
    if (!(this.#settling !== undefined && large && still.scene === scene && blur <= MAX_BLUR)) {
      this.#drawStill(scene, this.#painter);
    }
    this.#blit(scene);
    if (moving) {
      this.#painter.drawTraffic(this.#context, scene, this.#view, this.#selected, start / 1_000, window.devicePixelRatio);
    }
    this.#events.onDrawn(performance.now() - start);
    if (moving) {
      this.#redraw();
    }
  }

  /** Draws all that does not move by itself, if that is not what was drawn last. */
  #drawStill(scene: Scene, painter: Painter): void {
    const still = this.#still;
    const cursor = this.#focused ? this.#cursor : undefined;
    const marks = JSON.stringify([this.#selected, this.#hovered, cursor]);
    if (still.scene === scene && still.view === this.#view && still.marks === marks) {
      return;
    }
    painter.draw(
      scene,
      this.#view,
      { selected: this.#selected, hovered: this.#hovered, cursor },
      this.#width,
      this.#height,
      window.devicePixelRatio,
    );
    still.scene = scene;
    still.view = this.#view;
    still.marks = marks;
  }

  /** Shows what was drawn last where it is now, and beside it what the picture of the whole has. */
  #blit(scene: Scene): void {
    const context = this.#context;
    const { canvas, view } = this.#still;
    const ratio = window.devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (view === this.#view) {
      context.drawImage(canvas, 0, 0);
      return;
    }
    const { x, y, scale } = this.#view;
    const grown = scale / view.scale;
    const left = (x - view.x * grown) * ratio;
    const top = (y - view.y * grown) * ratio;
    const width = canvas.width * grown;
    const height = canvas.height * grown;
    if (left > 0 || top > 0 || left + width < this.#canvas.width || top + height < this.#canvas.height) {
      const backdrop = this.#backdropOf(scene);
      // As dim as what is not near the selection.
      context.globalAlpha = this.#selected === undefined ? 1 : 0.3;
      context.drawImage(backdrop, x * ratio, y * ratio, scene.width * scale * ratio, scene.height * scale * ratio);
      context.globalAlpha = 1;
      context.clearRect(left, top, width, height);
    }
    context.drawImage(canvas, left, top, width, height);
  }

  #backdropOf(scene: Scene): HTMLCanvasElement {
    if (this.#backdrop?.scene !== scene) {
      const canvas = document.createElement('canvas');
      const scale = Math.min(1, BACKDROP_SIDE / Math.max(1, scene.width, scene.height));
      canvas.width = Math.max(1, Math.round(scene.width * scale));
      canvas.height = Math.max(1, Math.round(scene.height * scale));
      new Painter(contextOf(canvas), readPalette()).draw(
        scene,
        { x: 0, y: 0, scale },
        { selected: undefined, hovered: undefined, cursor: undefined },
        canvas.width,
        canvas.height,
        1,
        false,
      );
      this.#backdrop = { canvas, scene };
    }
    return this.#backdrop.canvas;
  }

  /** Notes that the view moves, and draws all in full once it no longer does. */
  #moved(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#redraw();
    }, SETTLE_MILLIS);
    this.#redraw();
  }

  #zoomAt(x: number, y: number, factor: number): void {
    const { scale } = this.#view;
    const next = Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale * factor));
    this.#view = {
      scale: next,
      x: x - ((x - this.#view.x) * next) / scale,
      y: y - ((y - this.#view.y) * next) / scale,
    };
    this.#fitted = false;
    this.#moved();
  }

  #at(x: number, y: number): Target | undefined {
    const scene = this.#scene;
    if (scene === undefined) {
      return undefined;
    }
    const { scale } = this.#view;
    const point = { x: (x - this.#view.x) / scale, y: (y - this.#view.y) / scale };
    const node = scene.grid.nearest(point.x, point.y, Math.max(RADIUS + 7, Math.min(RADIUS * 4, 10 / scale)));
    if (node !== undefined) {
      return { node };
    }
    const near = EDGE_REACH / scale;
    let best = near;
    let edge: SceneEdge | undefined;
    for (const each of scene.edges) {
      const distance = distanceTo(each.curve, point, near);
      if (distance < best) {
        best = distance;
        edge = each;
      }
    }
    return edge && { edge };
  }

  #hover(target: Target | undefined, x: number, y: number): void {
    const key = target && ('node' in target ? target.node.node.key : target.edge.edge.key);
    if (key !== undefined || this.#hovered !== undefined) {
      this.#events.onHover(target, x, y);
    }
    if (key !== this.#hovered) {
      this.#hovered = key;
      this.#canvas.style.cursor = key === undefined ? '' : 'pointer';
      this.#redraw();
    }
  }

  readonly #onDown = (event: PointerEvent): void => {
    if (event.button === 0) {
      this.#canvas.setPointerCapture(event.pointerId);
      this.#press = { x: event.offsetX, y: event.offsetY, view: this.#view, moved: false };
    }
  };

  readonly #onMove = (event: PointerEvent): void => {
    const press = this.#press;
    if (press === undefined) {
      this.#hover(this.#at(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
      return;
    }
    const dx = event.offsetX - press.x;
    const dy = event.offsetY - press.y;
    if (press.moved || Math.hypot(dx, dy) >= CLICK_REACH) {
      press.moved = true;
      this.#fitted = false;
      this.#canvas.style.cursor = 'grabbing';
      this.#view = { ...press.view, x: press.view.x + dx, y: press.view.y + dy };
      this.#hover(undefined, 0, 0);
      this.#moved();
    }
  };

  readonly #onUp = (event: PointerEvent): void => {
    const press = this.#press;
    this.#press = undefined;
    this.#canvas.style.cursor = '';
    if (press !== undefined && !press.moved) {
      const target = this.#at(event.offsetX, event.offsetY);
      this.#hover(undefined, 0, 0);
      this.#events.onSelect(target && ('node' in target ? target.node.node.key : target.edge.edge.key));
    }
  };

  readonly #onContextMenu = (event: MouseEvent): void => {
    const target = this.#at(event.offsetX, event.offsetY);
    if (target !== undefined && 'node' in target) {
      event.preventDefault();
      this.#hover(undefined, 0, 0);
      this.#events.onMenu(target.node, event.offsetX, event.offsetY);
    }
  };

  readonly #onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.#zoomAt(event.offsetX, event.offsetY, Math.exp(-event.deltaY * lines * 0.0015));
  };
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) {
    throw new Error('canvas: no drawing context (expected: a browser with canvas)');
  }
  return context;
}
