// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TRACE_STATISTICS } from '../../api/schemas';
import { HeatmapChart } from './HeatmapChart';

/** Three minutes of 200 pixels each from 56 on, and two decades, 1 ms to 100 ms, of 71 pixels each from 148 up. */
const WIDTH = 666;
const START = 1_700_000_000_000;
const MINUTE = 60_000;
const OUTCOMES = { okCount: 1, errorCount: 0, throttleCount: 0, faultCount: 0 };
const STATISTICS = TRACE_STATISTICS.decode(
  {
    traceCount: 6,
    buckets: [
      { fromNanos: '1000000', toNanos: '10000000', ...OUTCOMES },
      { fromNanos: '10000000', toNanos: '100000000', ...OUTCOMES },
    ],
    heatmap: {
      startEpochNanos: `${START}000000`,
      columnNanos: '60000000000',
      columnCount: 3,
      columns: [0, 1, 2],
      buckets: [0, 1, 0],
      counts: [3, 1, 2],
      badCounts: [0, 1, 0],
    },
    lookedAtCount: 6,
    limitReached: false,
    startEpochNanos: `${START}000000`,
    endEpochNanos: `${START + 3 * MINUTE}000000`,
  },
  '',
);

const onBox = vi.fn();

function drag(from: readonly [number, number], to: readonly [number, number]): void {
  const chart = screen.getByRole('img', { name: /^6 traces by time/ });
  fireEvent.pointerDown(chart, { clientX: from[0], clientY: from[1] });
  fireEvent.pointerMove(chart, { clientX: to[0], clientY: to[1] });
  fireEvent.pointerUp(chart, { clientX: to[0], clientY: to[1] });
}

beforeEach(() => {
  onBox.mockReset();
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WIDTH);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  HTMLElement.prototype.setPointerCapture = () => {};
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(['marks', START, START + 3 * MINUTE], []);
  render(
    <QueryClientProvider client={client}>
      <HeatmapChart statistics={STATISTICS} onBox={onBox} />
    </QueryClientProvider>,
  );
});

describe('HeatmapChart', () => {
  it('gives the times and durations of a box that is dragged, from any corner', () => {
    drag([456, 77], [156, 6]);
    expect(onBox).toHaveBeenCalledOnce();
    const [box] = onBox.mock.calls[0] ?? [];
    expect(box.start).toBe(START + MINUTE / 2);
    expect(box.end).toBe(START + 2 * MINUTE);
    expect(box.from).toBeCloseTo(10_000, 0);
    expect(box.to).toBeCloseTo(100_000, 0);
  });

  it('gives a cell that is pressed, and nothing for a place without traces', () => {
    drag([300, 40], [301, 41]);
    expect(onBox).toHaveBeenCalledExactlyOnceWith({
      start: START + MINUTE,
      end: START + 2 * MINUTE,
      from: 10_000,
      to: 100_000,
    });
    drag([100, 40], [101, 41]);
    expect(onBox).toHaveBeenCalledOnce();
  });

  it('says what a cell has that is pointed at', () => {
    const chart = screen.getByRole('img', { name: /^6 traces by time/ });
    fireEvent.pointerMove(chart, { clientX: 300, clientY: 40 });
    expect(screen.getByText(/ · 10 ms to 100 ms · 1 trace, 1 bad$/)).toBeInTheDocument();
    fireEvent.pointerMove(chart, { clientX: 100, clientY: 40 });
    expect(screen.getByText(/^Drag a box/)).toBeInTheDocument();
  });

  it('is walked by keys from the slowest cell on, and more is taken with Shift', () => {
    const cells = screen.getByRole('slider', { name: 'Cells of time and duration' });
    fireEvent.focus(cells);
    expect(cells).toHaveAttribute('aria-valuenow', '2');
    expect(cells.getAttribute('aria-valuetext')).toMatch(/ · 10 ms to 100 ms · 1 trace, 1 bad; Enter looks into it$/);
    fireEvent.keyDown(cells, { key: 'Enter' });
    expect(onBox).toHaveBeenLastCalledWith({
      start: START + MINUTE,
      end: START + 2 * MINUTE,
      from: 10_000,
      to: 100_000,
    });
    fireEvent.keyDown(cells, { key: 'ArrowDown' });
    expect(cells.getAttribute('aria-valuetext')).toMatch(/ · 1 ms to 10 ms · 0 traces, 0 bad;/);
    fireEvent.keyDown(cells, { key: 'End', shiftKey: true });
    fireEvent.keyDown(cells, { key: 'PageUp', shiftKey: true });
    expect(cells.getAttribute('aria-valuetext')).toMatch(/ to .* · 1 ms to 100 ms · 3 traces, 1 bad;/);
    fireEvent.keyDown(cells, { key: 'Enter' });
    expect(onBox).toHaveBeenLastCalledWith({
      start: START + MINUTE,
      end: START + 3 * MINUTE,
      from: 1_000,
      to: 100_000,
    });
    fireEvent.keyDown(cells, { key: 'Home' });
    fireEvent.keyDown(cells, { key: 'ArrowLeft' });
    expect(cells).toHaveAttribute('aria-valuenow', '1');
    fireEvent.blur(cells);
    expect(screen.getByText(/^Drag a box/)).toBeInTheDocument();
  });
});
