// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** A cubic Bezier curve: start, two controls, end. */
export type Curve = {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly x3: number;
  readonly y3: number;
};

type Point = { readonly x: number; readonly y: number };

export const RADIUS = 25;
/** Between the disc and the tip of an arrow. */
const GAP = 5;

/** The way of an edge from disc to disc: to the right straight on, back or within a column in a bow. */
export function curveBetween(from: Point, to: Point, fromRadius = RADIUS, toRadius = RADIUS): Curve {
  const reach = toRadius + GAP;
  if (from === to || (from.x === to.x && from.y === to.y)) {
    return {
      x0: from.x - 12,
      y0: from.y - fromRadius + 3,
      x1: from.x - 34,
      y1: from.y - fromRadius - 34,
      x2: from.x + 34,
      y2: from.y - fromRadius - 34,
      x3: from.x + 14,
      y3: from.y - reach + 4,
    };
  }
  const dx = to.x - from.x;
  if (dx > fromRadius + RADIUS + 2 * GAP) {
    const bend = Math.max(30, Math.min(dx * 0.5, 160));
    return {
      x0: from.x + fromRadius,
      y0: from.y,
      x1: from.x + fromRadius + bend,
      y1: from.y,
      x2: to.x - reach - bend,
      y2: to.y,
      x3: to.x - reach,
      y3: to.y,
    };
  }
  const lift = 50 + Math.min(160, Math.abs(dx) * 0.22);
  return {
    x0: from.x,
    y0: from.y - fromRadius,
    x1: from.x,
    y1: from.y - fromRadius - lift,
    x2: to.x + 16,
    y2: to.y - reach - lift,
    x3: to.x + 6,
    y3: to.y - reach,
  };
}

export function pointOn(curve: Curve, t: number): Point {
  const s = 1 - t;
  const a = s * s * s;
  const b = 3 * s * s * t;
  const c = 3 * s * t * t;
  const d = t * t * t;
  return {
    x: a * curve.x0 + b * curve.x1 + c * curve.x2 + d * curve.x3,
    y: a * curve.y0 + b * curve.y1 + c * curve.y2 + d * curve.y3,
  };
}

const STEPS = 24;

/** How far a point is from the curve; more than `near` may come as Infinity. */
export function distanceTo(curve: Curve, { x, y }: Point, near: number): number {
  const left = Math.min(curve.x0, curve.x1, curve.x2, curve.x3) - near;
  const right = Math.max(curve.x0, curve.x1, curve.x2, curve.x3) + near;
  const top = Math.min(curve.y0, curve.y1, curve.y2, curve.y3) - near;
  const bottom = Math.max(curve.y0, curve.y1, curve.y2, curve.y3) + near;
  if (x < left || x > right || y < top || y > bottom) {
    return Infinity;
  }
  let best = Infinity;
  let before = pointOn(curve, 0);
  for (let i = 1; i <= STEPS; i++) {
    const next = pointOn(curve, i / STEPS);
    best = Math.min(best, toSegment(before, next, x, y));
    before = next;
  }
  return best;
}

function toSegment(a: Point, b: Point, x: number, y: number): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
}
