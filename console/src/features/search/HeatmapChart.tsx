// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './heatmap-chart.css';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import type { Heatmap, TraceStatistics } from '../../api/schemas';
import { useColorScheme } from '../../app/color-scheme';
import { formatClock, formatCount, formatDay, formatDuration, plural } from '../../ui/format';
import { epochMillis, micros, nanosToMicros } from '../../ui/units';
import { useSize } from '../../ui/use-size';
import { MarkLane } from '../marks/MarkLane';
import { useMarks } from '../marks/marks';
import type { Box, Cell, Cells, Covered, HeatmapPlace } from './heatmap-model';
import {
  boxOf,
  countedIn,
  covered,
  coveredBy,
  heatmapPlace,
  rangeOf,
  slowestOf,
  walked,
  yOf,
} from './heatmap-model';

const HEIGHT = 168;
const LEAST_BRUSH = 4;
const TIME_TICKS = 6;

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  place: HeatmapPlace,
  statistics: TraceStatistics,
  heatmap: Heatmap,
): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(HEIGHT * ratio);
  const context = canvas.getContext('2d');
  if (context === null) {
    return;
  }
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(name);
  context.scale(ratio, ratio);
  context.font = `11px ${color('--font')}`;
  context.strokeStyle = color('--border');
  context.fillStyle = color('--text-dim');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const tick of place.durations.decades) {
    const y = Math.round(yOf(place, tick)) + 0.5;
    context.beginPath();
    context.moveTo(place.left, y);
    context.lineTo(place.left + place.width, y);
    context.stroke();
    context.fillText(formatDuration(micros(tick)), place.left - 6, Math.min(y, place.top + place.height - 4));
  }
  context.textBaseline = 'top';
  for (let i = 0; i <= TIME_TICKS; i++) {
    const time = epochMillis(place.start + (place.millis * i) / TIME_TICKS);
    context.textAlign = i === 0 ? 'left' : i === TIME_TICKS ? 'right' : 'center';
    const label = place.millis > 86_400_000 ? formatDay(time).slice(5) : formatClock(time);
    context.fillText(label, place.left + (place.width * i) / TIME_TICKS, place.top + place.height + 6);
  }
  const wide = place.width / heatmap.columnCount;
  const most = heatmap.counts.reduce((a, b) => Math.max(a, b), 1);
  const accent = color('--accent');
  const fault = color('--fault');
  heatmap.counts.forEach((count, i) => {
    const bucket = statistics.buckets[heatmap.buckets[i] ?? 0];
    if (bucket === undefined) {
      return;
    }
    const bottom = yOf(place, nanosToMicros(bucket.fromNanos));
    const top = yOf(place, nanosToMicros(bucket.toNanos));
    const left = place.left + (heatmap.columns[i] ?? 0) * wide;
    // By the logarithm, so that single traces are seen beside thousands.
    context.globalAlpha = 0.3 + 0.7 * (Math.log1p(count) / Math.log1p(most));
    context.fillStyle = accent;
    context.fillRect(left, top, Math.max(1.5, wide - 0.5), Math.max(2, bottom - top - 0.5));
    const bad = (heatmap.badCounts[i] ?? 0) / count;
    if (bad > 0) {
      // What went badly fills the cell from below.
      const high = Math.max(2, (bottom - top - 0.5) * bad);
      context.globalAlpha = 1;
      context.fillStyle = fault;
      context.fillRect(left, bottom - 0.5 - high, Math.max(1.5, wide - 0.5), high);
    }
  });
  context.globalAlpha = 1;
}

/**
 * Traces by time and duration. A box dragged over it chooses both, pressing a cell that cell's. By keys: the arrows walk
 * over the cells, Home, End, Page Up and Page Down to the edges, with Shift they take more, Enter chooses.
 */
export function HeatmapChart({
  statistics,
  onBox,
}: {
  readonly statistics: TraceStatistics;
  readonly onBox: (box: Covered) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColorScheme();
  const [drag, setDrag] = useState<{ readonly x: number; readonly y: number; readonly box: Box }>();
  const [pointed, setPointed] = useState<Cell>();
  const [cursor, setCursor] = useState<Cells>();
  const { heatmap } = statistics;
  const place = heatmap === undefined ? undefined : heatmapPlace(statistics, heatmap, width, HEIGHT);
  const range = place === undefined ? undefined : rangeOf(place);
  const marks = useMarks(range);
  useEffect(() => {
    if (canvas.current !== null && heatmap !== undefined && place !== undefined) {
      draw(canvas.current, width, place, statistics, heatmap);
    }
    // The place follows from the others.
  }, [statistics, heatmap, width, scheme.shown]);
  if (heatmap === undefined) {
    return null;
  }

  const at = (event: PointerEvent): { readonly x: number; readonly y: number } => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const clamp = (value: number, low: number, size: number): number => Math.min(low + size, Math.max(low, value));
    return place === undefined
      ? { x: 0, y: 0 }
      : {
          x: clamp(event.clientX - left, place.left, place.width),
          y: clamp(event.clientY - top, place.top, place.height),
        };
  };
  const cellAt = ({ x, y }: { readonly x: number; readonly y: number }): Cell | undefined => {
    if (place === undefined) {
      return undefined;
    }
    const column = Math.floor(((x - place.left) / place.width) * heatmap.columnCount);
    const bucket = statistics.buckets.findIndex(
      ({ fromNanos, toNanos }) => y <= yOf(place, nanosToMicros(fromNanos)) && y >= yOf(place, nanosToMicros(toNanos)),
    );
    return heatmap.columns.some((each, i) => each === column && heatmap.buckets[i] === bucket)
      ? { column, bucket }
      : undefined;
  };
  const chosen = cursor && place && coveredBy(place, statistics, heatmap, cursor);
  const chosenBox = cursor && place && chosen && boxOf(place, heatmap, cursor, chosen);
  const text = (cells: Cells): string => {
    if (place === undefined) {
      return '';
    }
    const { start, end, from, to } = coveredBy(place, statistics, heatmap, cells);
    const { all, bad } = countedIn(heatmap, cells);
    const several = cells.at.column !== cells.from.column;
    const time = several ? `${formatClock(start)} to ${formatClock(end)}` : formatClock(start);
    return `${time} · ${formatDuration(from)} to ${formatDuration(to)} · ${plural(all, 'trace')}, ${formatCount(bad)} bad`;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (cursor === undefined) {
      return;
    }
    const next = walked(cursor, event, heatmap.columnCount, statistics.buckets.length);
    if (next !== undefined) {
      setCursor(next);
    } else if (event.key === 'Enter' && chosen !== undefined) {
      onBox(chosen);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const told = pointed === undefined ? cursor : { at: pointed, from: pointed };
  const brush = drag?.box ?? chosenBox;
  return (
    <div className="heatmap" ref={frame}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${plural(statistics.traceCount, 'trace')} by time and duration; the histogram has the same as a table`}
        style={{ width, height: HEIGHT }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const from = at(event);
          setDrag({ ...from, box: { ...from, width: 0, height: 0 } });
        }}
        onPointerMove={(event) => {
          const to = at(event);
          setPointed(cellAt(to));
          if (drag !== undefined) {
            const box = {
              x: Math.min(drag.x, to.x),
              y: Math.min(drag.y, to.y),
              width: Math.abs(to.x - drag.x),
              height: Math.abs(to.y - drag.y),
            };
            setDrag({ ...drag, box });
          }
        }}
        onPointerLeave={() => setPointed(undefined)}
        onPointerCancel={() => setDrag(undefined)}
        onPointerUp={() => {
          setDrag(undefined);
          if (drag === undefined || place === undefined) {
            return;
          }
          const pressed = cellAt(drag);
          if (drag.box.width > LEAST_BRUSH && drag.box.height > LEAST_BRUSH) {
            onBox(covered(place, drag.box));
          } else if (drag.box.width <= LEAST_BRUSH && drag.box.height <= LEAST_BRUSH && pressed !== undefined) {
            onBox(coveredBy(place, statistics, heatmap, { at: pressed, from: pressed }));
          }
        }}
      />
      <div
        className="heatmap-keys"
        role="slider"
        tabIndex={0}
        aria-label="Cells of time and duration"
        aria-valuemin={1}
        aria-valuemax={heatmap.columnCount}
        aria-valuenow={(cursor?.at ?? slowestOf(heatmap)).column + 1}
        aria-valuetext={cursor === undefined ? undefined : `${text(cursor)}; Enter looks into it`}
        style={{ height: HEIGHT }}
        onFocus={() => {
          const slowest = slowestOf(heatmap);
          setCursor({ at: slowest, from: slowest });
        }}
        onBlur={() => setCursor(undefined)}
        onKeyDown={onKeyDown}
      />
      {brush !== undefined && (
        <div
          className="heatmap-brush"
          style={{ left: brush.x, top: brush.y, width: brush.width, height: brush.height }}
        />
      )}
      {range !== undefined && place !== undefined && (
        <MarkLane marks={marks} range={range} left={place.left} right={width - place.left - place.width} />
      )}
      <p className="heatmap-note" aria-hidden>
        {told === undefined ? 'Drag a box, or press a cell, to look into it' : text(told)}
      </p>
    </div>
  );
}
