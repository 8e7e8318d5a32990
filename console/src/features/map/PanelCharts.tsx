// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useId } from 'react';
import type { ReactNode } from 'react';
import type { GraphDetails } from '../../api/schemas';
import { callsOf } from '../../graph/map-model';
import type { Calls } from '../../graph/map-model';
import { DurationTicks, durationScale, useBrush } from '../../ui/duration-scale';
import { formatClock, formatCount, formatDay, formatDuration } from '../../ui/format';
import { micros, nanosToMicros, toEpochMillis } from '../../ui/units';
import type { EpochMillis, Micros } from '../../ui/units';
import { epochMillis } from '../../ui/units';
import { useSize } from '../../ui/use-size';
import { MarkLane } from '../marks/MarkLane';
import { useMarks } from '../marks/marks';
import { formatRate } from './map-format';

const SIDE = 4;
const OUTCOMES = ['ok', 'error', 'throttle', 'fault'] as const;

type Period = { readonly start: EpochMillis; readonly calls: Calls | undefined };

/** All periods of the range, those without calls too. */
function periodsOf(details: GraphDetails): { readonly periods: readonly Period[]; readonly millis: number } {
  const millis = Number(BigInt(details.periodNanos) / 1_000_000n);
  const found = new Map(
    details.periods.map((each) => [toEpochMillis(each.startEpochNanos), callsOf(each.statistics)] as const),
  );
  const first = Math.floor(toEpochMillis(details.startEpochNanos) / millis) * millis;
  const end = toEpochMillis(details.endEpochNanos);
  const periods: Period[] = [];
  for (let start = first; start < end; start += millis) {
    periods.push({ start: epochMillis(start), calls: found.get(epochMillis(start)) });
  }
  return { periods, millis };
}

function clockOf(time: EpochMillis, millis: number): string {
  const clock = formatClock(time).slice(0, 5);
  return millis >= 3_600_000 ? `${formatDay(time).slice(5)} ${clock}` : clock;
}

function Frame({
  title,
  height,
  note,
  label,
  first,
  last,
  children,
}: {
  readonly title: string;
  readonly height: number;
  readonly note: string;
  readonly label: string;
  readonly first: string;
  readonly last: string;
  readonly children: (width: number) => ReactNode;
}): ReactNode {
  const [frame, { width }] = useSize();
  return (
    <figure className="map-chart">
      <figcaption>
        <span>{title}</span>
        <span className="dim">{note}</span>
      </figcaption>
      <div ref={frame} style={{ height }}>
        {width > 0 && (
          <svg width={width} height={height} role="img" aria-label={label}>
            <line className="map-chart-base" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
            {children(width)}
          </svg>
        )}
      </div>
      <div className="map-chart-ends dim">
        <span>{first}</span>
        <span>{last}</span>
      </div>
    </figure>
  );
}

/** Requests over time by how they went, and percentiles of their latency. */
export function TimeCharts({ details }: { readonly details: GraphDetails }): ReactNode {
  const hatch = useId();
  const { periods, millis } = periodsOf(details);
  const seconds = millis / 1_000;
  const most = Math.max(1, ...periods.map(({ calls }) => calls?.total ?? 0));
  const slowest = Math.max(1, ...periods.map(({ calls }) => calls?.p99 ?? 0));
  const [firstPeriod] = periods;
  const first = firstPeriod === undefined ? '' : clockOf(firstPeriod.start, millis);
  const last = clockOf(toEpochMillis(details.endEpochNanos), millis);
  const range = {
    start: firstPeriod?.start ?? toEpochMillis(details.startEpochNanos),
    end: firstPeriod === undefined ? toEpochMillis(details.endEpochNanos) : epochMillis(firstPeriod.start + periods.length * millis),
  };
  const marks = useMarks(range);
  const bad = periods.reduce((sum, { calls }) => sum + (calls ? calls.total - calls.ok : 0), 0);
  return (
    <>
      <Frame
        title="Requests"
        height={64}
        note={`up to ${formatRate(most, seconds)}`}
        label={`Requests over time, up to ${formatRate(most, seconds)}, ${formatCount(bad)} of them bad`}
        first={first}
        last={last}
      >
        {(width) => {
          const step = width / periods.length;
          return (
            <>
              <defs>
                <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                  <rect width="4" height="4" className="map-bar-fault" />
                  <rect width="1.4" height="4" fill="var(--surface)" />
                </pattern>
              </defs>
              {periods.map(({ start, calls }, i) => {
                let top = 64;
                return (
                  calls && (
                    <g key={start}>
                      <title>
                        {`${clockOf(start, millis)}: ${formatCount(calls.total)} requests, ${formatCount(calls.total - calls.ok)} bad`}
                      </title>
                      {OUTCOMES.map((name) => {
                        if (calls[name] === 0) {
                          return null;
                        }
                        const high = Math.max(1.5, (calls[name] / most) * 60);
                        top -= high;
                        return (
                          <rect
                            key={name}
                            className={`map-bar-${name}`}
                            fill={name === 'fault' ? `url(#${hatch})` : undefined}
                            x={i * step}
                            y={top}
                            width={Math.max(1, step - 1)}
                            height={high}
                          />
                        );
                      })}
                    </g>
                  )
                );
              })}
            </>
          );
        }}
      </Frame>
      <Frame
        title="Latency"
        height={64}
        note={`p50 ―, p95 - -, p99 ···, up to ${formatDuration(micros(slowest))}`}
        label={`Latency over time, p99 up to ${formatDuration(micros(slowest))}`}
        first={first}
        last={last}
      >
        {(width) => {
          const step = width / periods.length;
          const line = (of: 'p50' | 'p95' | 'p99'): string => {
            let path = '';
            let pen = 'M';
            periods.forEach(({ calls }, i) => {
              const value = calls?.[of];
              if (value === undefined) {
                pen = 'M';
                return;
              }
              const x = (i + 0.5) * step;
              const y = 62 - (value / slowest) * 56;
              path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
              // A point with nothing beside it would not be seen.
              path += pen === 'M' ? `h${Math.min(2, step / 2).toFixed(1)}` : '';
              pen = 'L';
            });
            return path;
          };
          return (
            <>
              <path className="map-line map-line-p99" d={line('p99')} />
              <path className="map-line map-line-p95" d={line('p95')} />
              <path className="map-line map-line-p50" d={line('p50')} />
            </>
          );
        }}
      </Frame>
      <MarkLane marks={marks} range={range} />
    </>
  );
}

const HISTOGRAM_HEIGHT = 96;
const HISTOGRAM_SIDE = SIDE + 18;
const BASE = 74;

/** Requests by response time, on a logarithmic scale; dragging over it, or its buckets' buttons, choose a range. */
export function Histogram({
  details,
  onRange,
}: {
  readonly details: GraphDetails;
  readonly onRange: (from: Micros, to: Micros) => void;
}): ReactNode {
  const [frame, { width }] = useSize();
  const { brush, handlers } = useBrush(onRange);
  const buckets = details.buckets.map(({ fromNanos, toNanos, count }) => ({
    from: Math.max(1, nanosToMicros(fromNanos)),
    to: Math.max(1, nanosToMicros(toNanos)),
    count,
  }));
  const first = buckets[0];
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) {
    return null;
  }
  const scale = durationScale(first.from, last.to, HISTOGRAM_SIDE, width - HISTOGRAM_SIDE);
  const most = Math.max(...buckets.map((each) => each.count));
  return (
    <figure className="map-chart">
      <figcaption>
        <span>Response time</span>
        <span className="dim">drag for the traces</span>
      </figcaption>
      <div ref={frame} style={{ height: HISTOGRAM_HEIGHT }}>
        <svg
          className="map-histogram"
          width={width}
          height={HISTOGRAM_HEIGHT}
          role="img"
          aria-label="Requests by response time; a table follows"
          {...handlers(scale)}
        >
          <DurationTicks
            scale={scale}
            top={4}
            base={BASE}
            lineClass="map-chart-grid"
            labelClass="map-chart-tick"
          />
          {buckets.map(({ from, to, count }) => {
            const tall = Math.max(1.5, (count / most) * (BASE - 8));
            return (
              <rect
                key={from}
                className="map-bar-all"
                x={scale.x(from)}
                y={BASE - tall}
                width={Math.max(2, scale.x(to) - scale.x(from) - 1)}
                height={tall}
              >
                <title>{`${formatDuration(micros(from))} to ${formatDuration(micros(to))}: ${formatCount(count)}`}</title>
              </rect>
            );
          })}
          <line className="map-chart-base" x1={scale.start} x2={scale.end} y1={BASE} y2={BASE} />
          {brush !== undefined && <rect className="map-brush" {...brush} y={2} height={BASE - 2} />}
        </svg>
      </div>
      <details className="map-buckets">
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Response time</th>
              <th scope="col" className="number">
                Requests
              </th>
            </tr>
          </thead>
          <tbody>
            {buckets.map(({ from, to, count }) => (
              <tr key={from}>
                <th scope="row">
                  <button type="button" onClick={() => onRange(micros(from), micros(to))}>
                    {formatDuration(micros(from))} to {formatDuration(micros(to))}
                  </button>
                </th>
                <td className="number">{formatCount(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
