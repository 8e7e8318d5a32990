// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { RADIUS, curveBetween } from '../../graph/curve';
import { layout } from '../../graph/layout';
import { OutcomeGlyph } from '../../ui/Outcome';
import type { OutcomeName } from '../../ui/Outcome';
import { formatCount, formatDuration, plural } from '../../ui/format';
import { micros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import { serviceColor } from './service-color';
import { selfMicros } from './statistics';
import type { TraceModel } from './trace-model';
import { outcomeOfFlags } from './trace-model';

export type ServiceNode = {
  readonly service: string;
  readonly spans: number;
  readonly self: Micros;
  readonly worst: OutcomeName;
};
export type ServiceCall = { readonly from: number; readonly to: number; readonly count: number };

/** More would not be told apart. */
const MAX_NODES = 150;
const MARGIN = 30;
const LETTER = 7.2;

/** Services of a trace, and how often each calls another. */
export function servicesOf(model: TraceModel): {
  readonly nodes: readonly ServiceNode[];
  readonly calls: readonly ServiceCall[];
} {
  const { services, parents, flags, serviceTexts } = model.skeleton;
  const self = selfMicros(model);
  const spans = serviceTexts.map(() => 0);
  const own = serviceTexts.map(() => 0);
  const bits = serviceTexts.map(() => 0);
  const counts = new Map<number, number>();
  for (let i = 0; i < model.count; i++) {
    const service = services[i] ?? 0;
    spans[service] = (spans[service] ?? 0) + 1;
    own[service] = (own[service] ?? 0) + (self[i] ?? 0);
    bits[service] = (bits[service] ?? 0) | (flags[i] ?? 0);
    const caller = services[parents[i] ?? -1];
    if (caller !== undefined && caller !== service) {
      const key = caller * serviceTexts.length + service;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return {
    nodes: serviceTexts.map((service, i) => ({
      service: service === '' ? 'no service named' : service,
      spans: spans[i] ?? 0,
      self: micros(own[i] ?? 0),
      worst: outcomeOfFlags(bits[i] ?? 0),
    })),
    calls: [...counts].map(([key, count]) => ({
      from: Math.floor(key / serviceTexts.length),
      to: key % serviceTexts.length,
      count,
    })),
  };
}

/** The services of this trace, each left of what it calls. */
export function TraceMap({
  model,
  onFind,
}: {
  readonly model: TraceModel;
  readonly onFind: (service: string) => void;
}): ReactNode {
  const { nodes, calls } = useMemo(() => servicesOf(model), [model]);
  const placed = useMemo(
    () =>
      layout(
        nodes.map(({ service }) => ({ key: service, width: Math.max(90, service.length * LETTER) })),
        calls.map(({ from, to }) => [from, to] as const),
      ),
    [nodes, calls],
  );
  if (nodes.length > MAX_NODES) {
    return (
      <p className="trace-map-note">
        {formatCount(nodes.length)} services are more than a map of one trace can show; Statistics has all of them.
      </p>
    );
  }
  const width = placed.width + 2 * MARGIN;
  const height = placed.height + 2 * MARGIN;
  const whole = nodes.reduce((sum, { self }) => sum + self, 0);
  return (
    <div className="trace-map" role="region" aria-label="Services of this trace" tabIndex={0}>
      <svg
        viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`}
        style={{ width: Math.min(width * 1.3, 1600), height: Math.min(height * 1.3, 2400) }}
      >
        {calls.map(({ from, to, count }) => {
          const [a, b] = [placed.places[from], placed.places[to]];
          if (a === undefined || b === undefined) {
            return null;
          }
          const c = curveBetween(a, b);
          return (
            <g key={`${from}-${to}`} className="trace-map-call">
              <path d={`M${c.x0} ${c.y0}C${c.x1} ${c.y1} ${c.x2} ${c.y2} ${c.x3} ${c.y3}`} />
              <circle cx={c.x3} cy={c.y3} r={3} />
              {count > 1 && (
                <text x={(c.x0 + 3 * c.x1 + 3 * c.x2 + c.x3) / 8} y={(c.y0 + 3 * c.y1 + 3 * c.y2 + c.y3) / 8 - 5}>
                  {formatCount(count)}
                </text>
              )}
            </g>
          );
        })}
        {nodes.map((node, i) => {
          const place = placed.places[i];
          return (
            place !== undefined && (
              <g key={node.service} transform={`translate(${place.x} ${place.y})`} className="trace-map-node">
                <circle r={RADIUS} style={{ stroke: `var(${serviceColor(node.service)})` }} />
                <text y={4} className="trace-map-share">
                  {whole === 0 ? '' : `${Math.round((node.self / whole) * 100)} %`}
                </text>
                <text y={RADIUS + 17}>{node.service}</text>
                <text y={RADIUS + 32} className="trace-map-dim">
                  {plural(node.spans, 'span')}
                </text>
                {node.worst !== 'ok' && (
                  <g transform={`translate(${RADIUS - 10} ${-RADIUS - 4})`}>
                    <OutcomeGlyph outcome={node.worst} />
                  </g>
                )}
              </g>
            )
          );
        })}
      </svg>
      <table>
        <caption>The per cent say whose own work the trace’s time was.</caption>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col" className="number">
              Spans
            </th>
            <th scope="col" className="number">
              Own time
            </th>
            <th scope="col">Calls</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node, i) => (
            <tr key={node.service}>
              <th scope="row">
                <button type="button" title="Show these spans on the timeline" onClick={() => onFind(node.service)}>
                  <i className="service-dot" style={{ background: `var(${serviceColor(node.service)})` }} />
                  {node.service}
                </button>
                {node.worst !== 'ok' && (
                  <span className={`outcome outcome-${node.worst}`}>
                    <OutcomeGlyph outcome={node.worst} /> {node.worst}
                  </span>
                )}
              </th>
              <td className="number">{formatCount(node.spans)}</td>
              <td className="number">{formatDuration(node.self)}</td>
              <td>
                {calls
                  .filter(({ from }) => from === i)
                  .map(({ to, count }) => `${nodes[to]?.service ?? ''}${count > 1 ? ` × ${formatCount(count)}` : ''}`)
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
