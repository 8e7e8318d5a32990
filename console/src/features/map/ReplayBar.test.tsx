// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider } from '@mantine/core';
import { act, fireEvent, render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Mark } from '../../api/schemas';
import { epochMillis } from '../../ui/units';
import type { EpochNanos } from '../../ui/units';
import { ReplayBar } from './ReplayBar';
import { stepsOf } from './replay-steps';

const STEPS = stepsOf({ start: epochMillis(0), end: epochMillis(180_000) });

const MARKS: readonly Mark[] = [
  {
    id: 'a',
    startEpochNanos: '65000000000' as EpochNanos,
    endEpochNanos: '80000000000' as EpochNanos,
    title: 'chaos: latency stock',
    tags: [],
  },
];

function Bar({ ready }: { readonly ready: boolean }): ReactNode {
  const [step, setStep] = useState(0);
  return (
    <MantineProvider>
      <ReplayBar steps={STEPS} step={step} marks={MARKS} ready={ready} onStep={setStep} onClose={() => {}} />
    </MantineProvider>
  );
}

function moment(): string | null {
  return screen.getByRole('slider', { name: 'Moment' }).getAttribute('value');
}

afterEach(() => {
  vi.useRealTimers();
});

describe('ReplayBar', () => {
  it('plays to the end and pauses there', () => {
    vi.useFakeTimers();
    render(<Bar ready />);
    fireEvent.click(screen.getByRole('button', { name: 'Play' }));
    act(() => vi.advanceTimersByTime(500));
    expect(moment()).toBe('1');
    act(() => vi.advanceTimersByTime(500));
    expect(moment()).toBe('2');
    act(() => vi.advanceTimersByTime(500));
    expect(screen.getByRole('button', { name: 'Play' })).toBeVisible();
    fireEvent.click(screen.getByRole('button', { name: 'Play' }));
    expect(moment()).toBe('0');
  });

  it('waits for a moment that is not there yet', () => {
    vi.useFakeTimers();
    render(<Bar ready={false} />);
    fireEvent.click(screen.getByRole('button', { name: 'Play' }));
    act(() => vi.advanceTimersByTime(5_000));
    expect(moment()).toBe('0');
  });

  it('pauses when it is moved by hand, and has keys', () => {
    render(<Bar ready />);
    fireEvent.click(screen.getByRole('button', { name: 'Play' }));
    fireEvent.change(screen.getByRole('slider', { name: 'Moment' }), { target: { value: '2' } });
    expect(screen.getByRole('button', { name: 'Play' })).toBeVisible();
    fireEvent.keyDown(window, { key: '[' });
    expect(moment()).toBe('1');
    fireEvent.keyDown(window, { key: 'p' });
    expect(screen.getByRole('button', { name: 'Pause' })).toBeVisible();
  });

  it('says what happened in the minute that is shown', () => {
    render(<Bar ready />);
    expect(screen.queryByText('chaos: latency stock')).toBeNull();
    fireEvent.keyDown(window, { key: ']' });
    expect(screen.getByText('chaos: latency stock')).toBeVisible();
    expect(screen.getByRole('slider', { name: 'Moment' })).toHaveAttribute(
      'aria-valuetext',
      expect.stringContaining('chaos: latency stock'),
    );
    fireEvent.keyDown(window, { key: ']' });
    expect(screen.queryByText('chaos: latency stock')).toBeNull();
  });
});
