// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import type { ComparisonPart } from '../../api/schemas';
import { formatDuration } from '../../ui/format';
import { micros, nanosToMicros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import { serviceColor } from '../trace/service-color';
import { ratioText } from './compare-model';
import type { CompareModel } from './compare-model';

const ROW_HEIGHT = 38;
const HEAD_HEIGHT = 28;
const INDENT = 14;
const MAX_INDENT_LEVELS = 16;
/** What differs by less of the greatest difference has no colour. */
const HARDLY = 0.01;

/** Paths as rows of a tree, each with what both sides spent on it. */
export function ComparisonTree({
  model,
  rows,
  active,
  closed,
  setCounts,
  onActivate,
  onToggle,
}: {
  readonly model: CompareModel;
  readonly rows: Int32Array;
  readonly active: number;
  readonly closed: ReadonlySet<number>;
  /** How many traces each side has, if it is a set; else 0. */
  readonly setCounts: readonly [number, number];
  readonly onActivate: (row: number) => void;
  readonly onToggle: (path: number, open: boolean) => void;
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
    virtual.scrollToIndex(active, { align: 'auto' });
  }, [active, virtual]);

  const open = (path: number): boolean => (model.childCounts[path] ?? 0) > 0 && !closed.has(path);
  const page = (): number => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    const path = rows[active] ?? 0;
    const to = (row: number): void => onActivate(Math.min(rows.length - 1, Math.max(0, row)));
    const toggle = (): void => {
      if ((model.childCounts[path] ?? 0) > 0) {
        onToggle(path, !open(path));
      }
    };
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => to(active + 1),
      ArrowUp: () => to(active - 1),
      PageDown: () => to(active + page()),
      PageUp: () => to(active - page()),
      Home: () => to(0),
      End: () => to(rows.length - 1),
      ArrowRight: () => ((model.childCounts[path] ?? 0) > 0 ? onToggle(path, true) : undefined),
      ArrowLeft: () =>
        open(path) ? onToggle(path, false) : to(rows.indexOf(model.nodes[path]?.parentIndex ?? path)),
      Enter: toggle,
      ' ': toggle,
    };
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (move) {
      event.preventDefault();
      move();
    }
  };

  const items = virtual.getVirtualItems();
  return (
    <div className="compare-tree">
      <div className="compare-scroller" ref={scroller} tabIndex={-1}>
        <div
          role="treegrid"
          aria-label="Paths of both sides"
          aria-rowcount={rows.length + 1}
          aria-readonly="true"
          tabIndex={0}
          aria-activedescendant={items.some((item) => item.index === active) ? `path-${active}` : undefined}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup" className="compare-head-group">
            <div className="compare-row compare-row-head" role="row" aria-rowindex={1}>
              <span role="columnheader">Service and operation</span>
              <span role="columnheader" className="number">
                A: calls, time
              </span>
              <span role="columnheader" className="number">
                B: calls, time
              </span>
              <span role="columnheader">A against B</span>
              <span role="columnheader">Time; filled: its own</span>
            </div>
          </div>
          <div
            role="rowgroup"
            className="compare-rows"
            style={{ height: virtual.getTotalSize(), position: 'relative' }}
          >
            {items.map((item) => {
              const path = rows[item.index] ?? 0;
              const node = model.nodes[path];
              if (node === undefined) {
                return null;
              }
              const depth = model.depths[path] ?? 0;
              const expandable = (model.childCounts[path] ?? 0) > 0;
              const parent = node.parentIndex === undefined ? undefined : model.nodes[node.parentIndex];
              const newService = parent?.service !== node.service && node.service !== '';
              return (
                <div
                  key={path}
                  id={`path-${item.index}`}
                  className={`compare-row${item.index === active ? ' active' : ''}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-level={depth + 1}
                  aria-expanded={expandable ? open(path) : undefined}
                  style={{ transform: `translateY(${item.start - HEAD_HEIGHT}px)`, height: ROW_HEIGHT }}
                  onClick={() => onActivate(item.index)}
                >
                  <span
                    role="gridcell"
                    className="name-cell"
                    style={{ paddingLeft: 8 + Math.min(depth, MAX_INDENT_LEVELS) * INDENT }}
                  >
                    <span
                      className="twist"
                      aria-hidden="true"
                      onClick={() => expandable && onToggle(path, !open(path))}
                    >
                      {expandable &&
                        (open(path) ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />)}
                    </span>
                    <span className="truncate" title={`${node.service} ${node.name} (${node.kind})`}>
                      <i
                        className="service-dot"
                        style={{ background: `var(${serviceColor(node.service)})` }}
                      />
                      {newService && <strong>{node.service}</strong>}{' '}
                      {(!newService || node.name !== node.service) && node.name}
                    </span>
                  </span>
                  <Spent part={node.a} ofTraces={setCounts[0]} />
                  <Spent part={node.b} ofTraces={setCounts[1]} />
                  <span role="gridcell">
                    <PathDifference model={model} path={path} />
                  </span>
                  <span role="gridcell" className="compare-bars">
                    <Bar name="a" part={node.a} longest={model.longest} />
                    <Bar name="b" part={node.b} longest={model.longest} />
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

const CALLS = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

function Spent({
  part,
  ofTraces,
}: {
  readonly part: ComparisonPart | undefined;
  readonly ofTraces: number;
}): ReactNode {
  if (part === undefined) {
    return (
      <span role="gridcell" className="number dim">
        –
      </span>
    );
  }
  const rare = ofTraces > 0 && part.traceCount < ofTraces;
  return (
    <span role="gridcell" className="number compare-spent">
      <span>
        {part.count === 0 ? (
          <span className="dim">mostly none</span>
        ) : (
          <>
            <span className="dim">{CALLS.format(part.count)} ×</span>{' '}
            {formatDuration(nanosToMicros(part.totalNanos))}
          </>
        )}
      </span>
      {(rare || part.failedCount > 0) && (
        <small>
          {part.failedCount > 0 && (
            <span className="outcome-fault">{CALLS.format(part.failedCount)} failed</span>
          )}
          {part.failedCount > 0 && rare && ', '}
          {rare && `in ${part.traceCount} of ${ofTraces}`}
        </small>
      )}
    </span>
  );
}

function Bar({
  name,
  part,
  longest,
}: {
  readonly name: 'a' | 'b';
  readonly part: ComparisonPart | undefined;
  readonly longest: Micros;
}): ReactNode {
  if (part === undefined || longest === 0) {
    return <span className="compare-bar" />;
  }
  const total = nanosToMicros(part.totalNanos);
  const own = nanosToMicros(part.selfNanos);
  return (
    <span className={`compare-bar compare-bar-${name}`}>
      <i style={{ width: `${(total / longest) * 100}%` }} />
      <b style={{ width: `${(Math.min(own, total) / longest) * 100}%` }} />
    </span>
  );
}

function PathDifference({ model, path }: { readonly model: CompareModel; readonly path: number }): ReactNode {
  const node = model.nodes[path];
  const value = micros(model.difference[path] ?? 0);
  if (node?.b === undefined) {
    return <span className="difference only">+ only in A</span>;
  }
  if (node.a === undefined) {
    return <span className="difference only">− only in B</span>;
  }
  // Of a set, the half without a path and more.
  if (node.b.count === 0 && node.a.count > 0) {
    return <span className="difference only">+ mostly in A</span>;
  }
  if (node.a.count === 0 && node.b.count > 0) {
    return <span className="difference only">− mostly in B</span>;
  }
  return Math.abs(value) < HARDLY * model.greatestDifference ? (
    <span className="difference dim">≈ the same</span>
  ) : (
    <Difference value={value} a={micros(model.a[path] ?? 0)} b={micros(model.b[path] ?? 0)} />
  );
}

/** By how much A took longer than B: a sign and a word, beside the colour. */
export function Difference({
  value,
  a,
  b,
}: {
  readonly value: Micros;
  readonly a: Micros;
  readonly b: Micros;
}): ReactNode {
  if (value === 0) {
    return <span className="difference dim">≈ the same</span>;
  }
  return (
    <span className={`difference ${value > 0 ? 'slower' : 'faster'}`}>
      {value > 0 ? '▲ +' : '▼ −'}
      {formatDuration(micros(Math.abs(value)))} <small>{ratioText(a, b)}</small>
      <span className="visually-hidden">{value > 0 ? ' slower in A' : ' faster in A'}</span>
    </span>
  );
}
