// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import '../../ui/pills.css';
import { IconClockExclamation } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { formatDuration, plural } from '../../ui/format';
import { micros } from '../../ui/units';
import { serviceColor } from './service-color';
import type { TraceModel } from './trace-model';
import { lateCalls, mostOfPath, overrun } from './trace-model';

const MOST = 3;
/** Less of the critical path than this is no answer. */
const LEAST_SHARE = 0.05;

/** In words what the bars show: which spans the trace waited for, and which calls ran past their deadline. */
export function TraceAnswer({
  model,
  onShow,
}: {
  readonly model: TraceModel;
  readonly onShow: (span: number) => void;
}): ReactNode {
  const most = useMemo(() => mostOfPath(model, MOST, LEAST_SHARE), [model]);
  const late = useMemo(() => lateCalls(model), [model]);
  const [latest] = late;
  if (model.count < 2 || (most.length === 0 && latest === undefined)) {
    return null;
  }
  return (
    <section className="trace-answer pills" aria-label="Where the time went">
      {most.length > 0 && <strong>Where the time went</strong>}
      {most.map(({ span, time, share }) => (
        <button
          key={span}
          type="button"
          title="Its own part of the critical path, the chain of spans that the trace waited for"
          onClick={() => onShow(span)}
        >
          <SpanLabel model={model} span={span} />
          <b>{formatDuration(time)}</b>
          <span className="dim">{Math.round(share * 100)} %</span>
        </button>
      ))}
      {latest !== undefined && (
        <button
          type="button"
          className="trace-answer-late"
          title={`It had ${formatDuration(model.skeleton.deadlines.get(latest) ?? micros(0))} when it began`}
          onClick={() => onShow(latest)}
        >
          <IconClockExclamation size={14} aria-hidden />
          <SpanLabel model={model} span={latest} />
          <b>{formatDuration(overrun(model, latest))} past its deadline</b>
        </button>
      )}
      {late.length > 1 && <span className="dim">and {plural(late.length - 1, 'other call')}</span>}
    </section>
  );
}

function SpanLabel({ model, span }: { readonly model: TraceModel; readonly span: number }): ReactNode {
  const { skeleton } = model;
  const service = skeleton.serviceTexts[skeleton.services[span] ?? 0] ?? '';
  const name = skeleton.nameTexts[skeleton.names[span] ?? 0] ?? '';
  return (
    <span className="truncate">
      <i className="service-dot" style={{ background: `var(${serviceColor(service)})` }} />
      {service !== '' && service !== name && `${service} `}
      {name}
    </span>
  );
}

/** What the marks on the bars stand for. */
export function TimelineLegend({
  model,
  critical,
  gaps,
}: {
  readonly model: TraceModel;
  readonly critical: boolean;
  readonly gaps: boolean;
}): ReactNode {
  return (
    <ul className="timeline-legend" aria-label="Marks on the bars">
      {critical && (
        <li>
          <i className="legend-critical" /> critical path
        </li>
      )}
      {gaps && (
        <li>
          <i className="legend-gap" /> nothing below ran
        </li>
      )}
      {model.skeleton.deadlines.size > 0 && (
        <li>
          <i className="legend-deadline" /> deadline
        </li>
      )}
    </ul>
  );
}
