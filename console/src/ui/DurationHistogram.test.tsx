// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DurationHistogram } from './DurationHistogram';
import type { Nanos } from './units';

/** Two decades, 1 ms to 100 ms, of 500 pixels each, the first at 28. */
const WIDTH = 1_056;
const BUCKETS = [
  { fromNanos: '1000000' as Nanos, toNanos: '10000000' as Nanos, count: 3 },
  { fromNanos: '10000000' as Nanos, toNanos: '100000000' as Nanos, count: 1 },
];

const onRange = vi.fn();

function drag(from: number, to: number): void {
  const chart = screen.getByRole('img', { name: 'Durations' });
  fireEvent.pointerDown(chart, { clientX: from });
  fireEvent.pointerMove(chart, { clientX: to });
  fireEvent.pointerUp(chart, { clientX: to });
}

beforeEach(() => {
  onRange.mockReset();
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH);
  SVGElement.prototype.setPointerCapture = () => {};
  render(
    <DurationHistogram
      buckets={BUCKETS}
      height={100}
      label="Durations"
      columns={[{ name: 'count', count: (bucket) => bucket.count }]}
      describe={(bucket) => `${bucket.count} there`}
      bars={(_, left, width, base, high) => <rect x={left} width={width} y={base - high} height={high} />}
      onRange={onRange}
    />,
  );
});

describe('DurationHistogram', () => {
  it('gives the range that is dragged over, from either side', () => {
    drag(528, 278);
    expect(onRange).toHaveBeenCalledOnce();
    expect(onRange.mock.calls[0]?.[0]).toBeCloseTo(3_162, 0);
    expect(onRange.mock.calls[0]?.[1]).toBeCloseTo(10_000, 0);
  });

  it('gives no end to a range that reaches the longest', () => {
    drag(528, 2_000);
    expect(onRange).toHaveBeenCalledWith(10_000, undefined);
  });

  it('gives the range of a bar that is pressed', () => {
    drag(300, 301);
    expect(onRange).toHaveBeenCalledWith(1_000, 10_000);
  });

  it('is walked by keys, and more is taken with Shift', () => {
    const bars = screen.getByRole('slider', { name: 'Durations: bars' });
    fireEvent.focus(bars);
    expect(bars).toHaveAttribute('aria-valuetext', '10 ms to 100 ms · 1 there; Enter looks into it');
    fireEvent.keyDown(bars, { key: 'Enter' });
    expect(onRange).toHaveBeenLastCalledWith(10_000, undefined);
    fireEvent.keyDown(bars, { key: 'ArrowLeft' });
    fireEvent.keyDown(bars, { key: 'ArrowLeft' });
    expect(bars).toHaveAttribute('aria-valuenow', '1');
    fireEvent.keyDown(bars, { key: 'Enter' });
    expect(onRange).toHaveBeenLastCalledWith(1_000, 10_000);
    fireEvent.keyDown(bars, { key: 'ArrowRight', shiftKey: true });
    expect(bars).toHaveAttribute('aria-valuetext', '1 ms to 100 ms; Enter looks into it');
    fireEvent.keyDown(bars, { key: 'Enter' });
    expect(onRange).toHaveBeenLastCalledWith(1_000, undefined);
    fireEvent.blur(bars);
    expect(screen.getByText(/Drag over bars/)).toBeInTheDocument();
  });

  it('says what is pointed at, and how it is used when nothing is', () => {
    expect(screen.getByText(/^Drag over bars/)).toBeInTheDocument();
    const chart = screen.getByRole('img', { name: 'Durations' });
    fireEvent.pointerMove(chart, { clientX: 600 });
    expect(screen.getByText('10 ms to 100 ms · 1 there')).toBeInTheDocument();
    fireEvent.pointerLeave(chart);
    expect(screen.getByText(/^Drag over bars/)).toBeInTheDocument();
  });

  it('has the same as a table', () => {
    expect(screen.getAllByRole('row').map((row) => row.textContent)).toEqual([
      'Durationcount',
      '1 ms to 10 ms3',
      '10 ms to 100 ms1',
    ]);
  });
});
