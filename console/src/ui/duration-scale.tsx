// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useState } from 'react';
import type { PointerEvent, PointerEventHandler, ReactNode } from 'react';
import { formatDuration } from './format';
import { micros } from './units';
import type { Micros } from './units';

const MIN_DECADES = 2;
const LEAST_BRUSH = 4;

/** A logarithmic scale of durations from left to right, in pixels. */
export type DurationScale = {
  readonly start: number;
  readonly end: number;
  readonly decades: readonly number[];
  readonly x: (value: number) => number;
  readonly valueAt: (x: number) => Micros;
};

/** From one duration to another, widened to whole powers of ten, at least two of them apart. */
export function durationScale(from: number, to: number, start: number, end: number): DurationScale {
  let low = Math.floor(Math.log10(from) + 1e-9);
  let high = Math.ceil(Math.log10(to) - 1e-9);
  if (high - low < MIN_DECADES) {
    low = Math.max(0, high - MIN_DECADES);
    high = Math.max(high, low + MIN_DECADES);
  }
  const wide = Math.max(1, end - start);
  return {
    start,
    end: start + wide,
    decades: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    x: (value) => start + ((Math.log10(value) - low) / (high - low)) * wide,
    valueAt: (x) => micros(10 ** (low + ((x - start) / wide) * (high - low))),
  };
}

/** Lines and labels at the powers of ten. */
export function DurationTicks({
  scale,
  top,
  base,
  lineClass,
  labelClass,
}: {
  readonly scale: DurationScale;
  readonly top: number;
  readonly base: number;
  readonly lineClass: string;
  readonly labelClass: string;
}): ReactNode {
  return scale.decades.map((tick) => (
    <g key={tick}>
      <line className={lineClass} x1={scale.x(tick)} x2={scale.x(tick)} y1={top} y2={base} />
      <text className={labelClass} x={scale.x(tick)} y={base + 16} textAnchor="middle">
        {formatDuration(micros(tick))}
      </text>
    </g>
  ));
}

type Handler = PointerEventHandler<SVGSVGElement>;

/** What is being dragged over, in pixels, and what an SVG needs for it. */
export function useBrush(
  onRange: (from: Micros, to: Micros) => void,
  onPress?: (at: Micros) => void,
): {
  readonly brush: { readonly x: number; readonly width: number } | undefined;
  readonly handlers: (scale: DurationScale) => Readonly<
    Record<'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel', Handler>
  >;
} {
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const x = drag === undefined ? 0 : Math.min(drag.from, drag.to);
  const width = drag === undefined ? 0 : Math.abs(drag.to - drag.from);
  return {
    brush: drag === undefined ? undefined : { x, width },
    handlers: (scale) => {
      const at = (event: PointerEvent<SVGSVGElement>): number =>
        Math.min(
          scale.end,
          Math.max(scale.start, event.clientX - event.currentTarget.getBoundingClientRect().left),
        );
      return {
        onPointerDown: (event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: at(event), to: at(event) });
        },
        onPointerMove: (event) => drag && setDrag({ ...drag, to: at(event) }),
        onPointerUp: () => {
          setDrag(undefined);
          if (width > LEAST_BRUSH) {
            onRange(scale.valueAt(x), scale.valueAt(x + width));
          } else if (drag !== undefined) {
            onPress?.(scale.valueAt(drag.from));
          }
        },
        onPointerCancel: () => setDrag(undefined),
      };
    },
  };
}
