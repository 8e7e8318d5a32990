// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './timeline.css';
import { IconAlertOctagon, IconChevronDown, IconChevronRight, IconClockExclamation, IconLink } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { OutcomeGlyph } from '../../ui/Outcome';
import { formatDuration } from '../../ui/format';
import { micros } from '../../ui/units';
import type { TimeWindow } from './Minimap';
import { serviceColor } from './service-color';
import type { Attempt } from './skeleton';
import type { TraceModel } from './trace-model';
import {
  EXCEPTION,
  HEDGE,
  IN_PROGRESS,
  LINKED,
  ORPHAN,
  TRANSPARENT_RETRY,
  gapsOf,
  outcomeOfFlags,
  overrun,
} from './trace-model';

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 28;
const INDENT = 14;
/** Deeper spans are not moved further to the right, so that their names stay in sight. */
const MAX_INDENT_LEVELS = 18;
const TICKS = 4;

export type TimelineActions = {
  readonly onActivate: (row: number) => void;
  readonly onOpen: (row: number) => void;
  readonly onToggle: (row: number, open?: boolean) => void;
  readonly onParent: (row: number) => void;
};

/** Spans as rows of a tree, each with its bar on a common scale of time. */
export function Timeline({
  model,
  rows,
  active,
  selected,
  matches,
  closed,
  openFolds,
  window: shown,
  critical,
  gaps,
  actions,
}: {
  readonly model: TraceModel;
  readonly rows: Int32Array;
  /** Place in rows of the row that keys act on. */
  readonly active: number;
  readonly selected: number;
  readonly matches: Uint8Array | undefined;
  readonly closed: ReadonlySet<number>;
  readonly openFolds: ReadonlySet<number>;
  readonly window: TimeWindow;
  readonly critical: boolean;
  /** Whether time in which no child ran is marked. */
  readonly gaps: boolean;
  readonly actions: TimelineActions;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  useEffect(() => {
    if (active >= 0) {
      virtual.scrollToIndex(active, { align: 'auto' });
    }
  }, [active, virtual]);

  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => actions.onActivate(Math.min(rows.length - 1, active + 1)),
      ArrowUp: () => actions.onActivate(Math.max(0, active - 1)),
      PageDown: () => actions.onActivate(Math.min(rows.length - 1, active + page())),
      PageUp: () => actions.onActivate(Math.max(0, active - page())),
      Home: () => actions.onActivate(0),
      End: () => actions.onActivate(rows.length - 1),
      ArrowRight: () => actions.onToggle(active, true),
      ArrowLeft: () => actions.onParent(active),
      Enter: () => actions.onOpen(active),
      ' ': () => actions.onOpen(active),
    };
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (move) {
      event.preventDefault();
      move();
    }
  };

  const items = virtual.getVirtualItems();
  const span = shown.to - shown.from;
  return (
    <div className="timeline">
      <div className="timeline-scroller" ref={scroller} tabIndex={-1}>
        <div
          role="treegrid"
          aria-label="Spans"
          aria-rowcount={rows.length + 1}
          aria-readonly="true"
          tabIndex={0}
          aria-activedescendant={items.some((item) => item.index === active) ? `row-${active}` : undefined}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup" className="timeline-head-group">
            <div className="timeline-row timeline-head" role="row" aria-rowindex={1}>
              <span role="columnheader">Service and operation</span>
              <span role="columnheader">Status</span>
              <span role="columnheader" className="number duration-cell">
                Duration
              </span>
              <span role="columnheader" className="ticks">
                <span className="visually-hidden">Time</span>
                {Array.from({ length: TICKS }, (_, i) => (
                  <span key={i} aria-hidden="true" style={{ left: `${(i / TICKS) * 100}%` }}>
                    {formatDuration(micros(shown.from + (span * i) / TICKS))}
                  </span>
                ))}
                <span aria-hidden="true" className="tick-end">
                  {formatDuration(shown.to)}
                </span>
              </span>
            </div>
          </div>
          <div
            role="rowgroup"
            className="timeline-rows"
            style={{ height: virtual.getTotalSize(), position: 'relative' }}
          >
            {items.map((item) => {
              const row = rows[item.index] ?? 0;
              const fold = row < 0 ? -1 - row : -1;
              const index = fold >= 0 ? (model.folds[fold]?.members[0] ?? 0) : row;
              const expandable = fold >= 0 || (model.childCounts[index] ?? 0) > 0;
              const open = fold >= 0 ? openFolds.has(fold) : !closed.has(index);
              const depth = model.depths[index] ?? 0;
              return (
                <div
                  key={item.key}
                  id={`row-${item.index}`}
                  className={[
                    'timeline-row',
                    item.index === active ? 'active' : '',
                    fold < 0 && index === selected ? 'selected' : '',
                    fold < 0 && matches?.[index] === 1 ? 'match' : '',
                  ].join(' ')}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-level={depth + 1}
                  aria-expanded={expandable ? open : undefined}
                  aria-selected={fold < 0 && index === selected}
                  style={{ transform: `translateY(${item.start - HEAD_HEIGHT}px)`, height: ROW_HEIGHT }}
                  onClick={() => {
                    actions.onActivate(item.index);
                    actions.onOpen(item.index);
                  }}
                >
                  <span
                    role="gridcell"
                    className="name-cell"
                    style={{ paddingLeft: 8 + Math.min(depth, MAX_INDENT_LEVELS) * INDENT }}
                  >
                    {expandable ? (
                      <span
                        className="twist"
                        aria-hidden="true"
                        onClick={(event) => {
                          event.stopPropagation();
                          actions.onActivate(item.index);
                          actions.onToggle(item.index);
                        }}
                      >
                        {open ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
                      </span>
                    ) : (
                      <span className="twist" />
                    )}
                    {fold >= 0 ? (
                      <FoldName model={model} fold={fold} index={index} />
                    ) : (
                      <SpanName model={model} index={index} />
                    )}
                  </span>
                  <span role="gridcell" className="status-cell">
                    {fold < 0 && <SpanStatus model={model} index={index} />}
                    {fold >= 0 && <OutcomeGlyph outcome={model.folds[fold]?.worst ?? 'ok'} />}
                  </span>
                  <span role="gridcell" className="number duration-cell">
                    {fold >= 0 ? '' : durationText(model, index)}
                  </span>
                  <span role="gridcell" className="bar-cell">
                    {fold >= 0 ? (
                      <FoldBars model={model} fold={fold} window={shown} />
                    ) : (
                      <Bar model={model} index={index} window={shown} critical={critical} gaps={gaps} />
                    )}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function SpanName({ model, index }: { readonly model: TraceModel; readonly index: number }): ReactNode {
  const { skeleton } = model;
  const service = skeleton.serviceTexts[skeleton.services[index] ?? 0] ?? '';
  const name = skeleton.nameTexts[skeleton.names[index] ?? 0] ?? '';
  const parent = skeleton.parents[index] ?? -1;
  const newService = parent < 0 || skeleton.services[parent] !== skeleton.services[index];
  const flags = skeleton.flags[index] ?? 0;
  return (
    <span className="truncate" title={`${service} ${name}${grpcText(model, index)}`}>
      <i className="service-dot" style={{ background: `var(${serviceColor(service)})` }} />
      {newService && service !== '' && <strong>{service}</strong>} {(!newService || name !== service) && name}
      {(flags & ORPHAN) !== 0 && <em className="tag"> parent not received</em>}
      <GrpcFacts model={model} index={index} />
    </span>
  );
}

function FoldName({
  model,
  fold,
  index,
}: {
  readonly model: TraceModel;
  readonly fold: number;
  readonly index: number;
}): ReactNode {
  const { skeleton, folds } = model;
  const facts = folds[fold];
  const service = skeleton.serviceTexts[skeleton.services[index] ?? 0] ?? '';
  return (
    <span className="truncate">
      <i className="service-dot fold-dot" style={{ background: `var(${serviceColor(service)})` }} />
      {skeleton.nameTexts[skeleton.names[index] ?? 0]} <strong>× {facts?.members.length}</strong>
      <span className="dim">
        {' '}
        p50 {formatDuration(facts?.median ?? micros(0))}, max {formatDuration(facts?.longest ?? micros(0))}
      </span>
    </span>
  );
}

function SpanStatus({ model, index }: { readonly model: TraceModel; readonly index: number }): ReactNode {
  const { skeleton } = model;
  const flags = skeleton.flags[index] ?? 0;
  const outcome = outcomeOfFlags(flags);
  const text = skeleton.statusTexts[skeleton.statuses[index] ?? -1];
  return (
    <span className={`outcome${outcome === 'ok' ? ' dim' : ` outcome-${outcome}`}`}>
      {outcome !== 'ok' && <OutcomeGlyph outcome={outcome} />}
      <span className="truncate" title={text}>
        {text ?? (outcome === 'ok' ? '' : outcome)}
      </span>
      {outcome !== 'ok' && text !== undefined && <span className="visually-hidden">{outcome}</span>}
      {(flags & EXCEPTION) !== 0 && <IconAlertOctagon size={13} aria-label="has an exception" role="img" />}
      {(flags & LINKED) !== 0 && <IconLink size={13} aria-label="has links" role="img" />}
    </span>
  );
}

function durationText(model: TraceModel, index: number): string {
  const open = ((model.skeleton.flags[index] ?? 0) & IN_PROGRESS) !== 0;
  return open ? 'in progress' : formatDuration(micros(model.skeleton.durationMicros[index] ?? 0));
}

function place(
  start: number,
  duration: number,
  window: TimeWindow,
): { readonly left: number; readonly width: number } {
  const span = Math.max(window.to - window.from, 0.001);
  const left = Math.max(0, (start - window.from) / span);
  const right = Math.min(1, (start + duration - window.from) / span);
  return { left: left * 100, width: (right - left) * 100 };
}

function Bar({
  model,
  index,
  window: shown,
  critical,
  gaps,
}: {
  readonly model: TraceModel;
  readonly index: number;
  readonly window: TimeWindow;
  readonly critical: boolean;
  readonly gaps: boolean;
}): ReactNode {
  const { skeleton } = model;
  const start = skeleton.startMicros[index] ?? 0;
  const open = ((skeleton.flags[index] ?? 0) & IN_PROGRESS) !== 0;
  const duration = open ? Math.max(model.duration - start, 0) : (skeleton.durationMicros[index] ?? 0);
  const { left, width } = place(start, duration, shown);
  const out = left >= 100 || width < 0;
  const service = skeleton.serviceTexts[skeleton.services[index] ?? 0] ?? '';
  const fault = outcomeOfFlags(skeleton.flags[index] ?? 0) === 'fault';
  return (
    <>
      {!out && (
        <span
          className={`bar${open ? ' bar-open' : ''}${fault ? ' bar-fault' : ''}`}
          style={{ left: `${left}%`, width: `${width}%`, background: `var(${serviceColor(service)})` }}
        />
      )}
      {!out && gaps && <Gaps model={model} index={index} window={shown} />}
      <Deadline model={model} index={index} window={shown} />
      <Ticks model={model} index={index} window={shown} />
      {critical &&
        model.critical.get(index)?.map((stretch) => {
          const at = place(stretch.startMicros, stretch.durationMicros, shown);
          return (
            at.left < 100 &&
            at.width > 0 && (
              <span
                key={stretch.startMicros}
                className="critical"
                style={{ left: `${at.left}%`, width: `${at.width}%` }}
              />
            )
          );
        })}
    </>
  );
}

/** Shorter ones than this share of what is shown are not to be seen. */
const MIN_GAP_SHARE = 0.004;

function Gaps({
  model,
  index,
  window: shown,
}: {
  readonly model: TraceModel;
  readonly index: number;
  readonly window: TimeWindow;
}): ReactNode {
  const found = useMemo(() => gapsOf(model, index), [model, index]);
  const least = (shown.to - shown.from) * MIN_GAP_SHARE;
  return found
    .filter(({ duration }) => duration >= least)
    .map(({ start, duration }) => {
      const at = place(start, duration, shown);
      return (
        at.left < 100 &&
        at.width > 0 && (
          <span key={start} className="gap" style={{ left: `${at.left}%`, width: `${at.width}%` }} />
        )
      );
    });
}

/** Until when a call had time, from its start on; what lies past that is shaded. */
function Deadline({
  model,
  index,
  window: shown,
}: {
  readonly model: TraceModel;
  readonly index: number;
  readonly window: TimeWindow;
}): ReactNode {
  const { skeleton } = model;
  const deadline = skeleton.deadlines.get(index);
  if (deadline === undefined) {
    return null;
  }
  const start = skeleton.startMicros[index] ?? 0;
  const budget = place(start, deadline, shown);
  const late = overrun(model, index);
  const past = place(start + deadline, late, shown);
  const end = budget.left + budget.width;
  const inSight = start + deadline >= shown.from && start + deadline <= shown.to;
  return (
    <>
      {budget.left < 100 && budget.width > 0 && (
        <span className="deadline-budget" style={{ left: `${budget.left}%`, width: `${budget.width}%` }} />
      )}
      {late > 0 && past.left < 100 && past.width > 0 && (
        <span className="deadline-past" style={{ left: `${past.left}%`, width: `${past.width}%` }} />
      )}
      {inSight && <span className={`deadline-end${late > 0 ? ' late' : ''}`} style={{ left: `${end}%` }} />}
    </>
  );
}

function Ticks({
  model,
  index,
  window: shown,
}: {
  readonly model: TraceModel;
  readonly index: number;
  readonly window: TimeWindow;
}): ReactNode {
  const start = model.skeleton.startMicros[index] ?? 0;
  return model.skeleton.ticks.get(index)?.map(({ at, received }, i) => {
    const left = ((start + at - shown.from) / Math.max(shown.to - shown.from, 0.001)) * 100;
    return (
      left >= 0 &&
      left <= 100 && <span key={i} className={received ? 'tick tick-in' : 'tick'} style={{ left: `${left}%` }} />
    );
  });
}

function attemptText({ before, siblings }: Attempt, flags: number): string {
  const how = flags & HEDGE ? 'hedge, ' : flags & TRANSPARENT_RETRY ? 'sent again, ' : before > 0 ? 'retry, ' : '';
  return `${how}${before + 1} of ${siblings.length}`;
}

/** In words what the lane draws, for whom the row is too narrow. */
function grpcText(model: TraceModel, index: number): string {
  const { skeleton } = model;
  const attempt = skeleton.attempts.get(index);
  const deadline = skeleton.deadlines.get(index);
  const late = overrun(model, index);
  const facts = [
    ...(attempt === undefined ? [] : [attemptText(attempt, skeleton.flags[index] ?? 0)]),
    ...(deadline === undefined ? [] : [`deadline ${formatDuration(deadline)}`]),
    ...(late > 0 ? [`${formatDuration(late)} past it`] : []),
  ];
  return facts.length === 0 ? '' : ` (${facts.join(', ')})`;
}

/** What the name of a gRPC call is followed by: which attempt it is, and how much time it had. */
function GrpcFacts({ model, index }: { readonly model: TraceModel; readonly index: number }): ReactNode {
  const { skeleton } = model;
  const attempt = skeleton.attempts.get(index);
  const deadline = skeleton.deadlines.get(index);
  const flags = skeleton.flags[index] ?? 0;
  const late = overrun(model, index);
  const open = (flags & IN_PROGRESS) !== 0;
  return (
    <>
      {attempt !== undefined && (
        <em className="tag attempt-tag">
          {' '}
          {attemptText(attempt, flags)}
        </em>
      )}
      {late > 0 ? (
        <em className="tag late-tag">
          {' '}
          <IconClockExclamation size={12} aria-hidden /> {formatDuration(late)} past its deadline
        </em>
      ) : (
        deadline !== undefined &&
        !open && (
          <span className="dim">
            {' '}
            {formatDuration(micros(deadline - (skeleton.durationMicros[index] ?? 0)))} of {formatDuration(deadline)} left
          </span>
        )
      )}
    </>
  );
}

const MAX_FOLD_BARS = 60;

function FoldBars({
  model,
  fold,
  window: shown,
}: {
  readonly model: TraceModel;
  readonly fold: number;
  readonly window: TimeWindow;
}): ReactNode {
  const { skeleton, folds } = model;
  const members = folds[fold]?.members ?? [];
  const step = Math.max(1, Math.ceil(members.length / MAX_FOLD_BARS));
  return members
    .filter((_, i) => i % step === 0)
    .map((index) => {
      const at = place(skeleton.startMicros[index] ?? 0, skeleton.durationMicros[index] ?? 0, shown);
      const service = skeleton.serviceTexts[skeleton.services[index] ?? 0] ?? '';
      return at.left >= 100 || at.width < 0 ? null : (
        <span
          key={index}
          className="bar bar-folded"
          style={{ left: `${at.left}%`, width: `${at.width}%`, background: `var(${serviceColor(service)})` }}
        />
      );
    });
}
