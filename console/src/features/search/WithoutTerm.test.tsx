// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchTraceStatistics, parseFilter } from '../../api/routes';
import type { TraceStatistics } from '../../api/schemas';
import { epochMillis } from '../../ui/units';
import { WithoutTerm } from './WithoutTerm';

vi.mock('../../api/routes', () => ({ fetchTraceStatistics: vi.fn(), parseFilter: vi.fn() }));

const RANGE = { start: epochMillis(0), end: epochMillis(1) };
const onFilter = vi.fn();

/** Looks into a filter whose conditions are joined by AND; counts are of filters, 0 if not named. */
function look(filter: string, counts: Readonly<Record<string, number>>): void {
  const terms = filter.split(' AND ').map((text) => ({ text, from: 0, to: text.length }));
  vi.mocked(parseFilter).mockResolvedValue({ terms });
  vi.mocked(fetchTraceStatistics).mockImplementation((_, asked) =>
    Promise.resolve({ traceCount: counts[asked] ?? 0, limitReached: false } as TraceStatistics),
  );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <WithoutTerm range={RANGE} filter={filter} group={undefined} onFilter={onFilter} />
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  vi.clearAllMocks();
});

describe('WithoutTerm', () => {
  it('says what each condition keeps out, and drops it', async () => {
    look('fault AND duration > 100 AND user = "u"', { 'fault AND user = "u"': 412 });
    expect(await screen.findByRole('listitem')).toHaveTextContent('Without duration > 100: 412 traces Drop it');
    await userEvent.click(screen.getByRole('button', { name: 'Drop it' }));
    expect(onFilter).toHaveBeenCalledWith('fault AND user = "u"');
  });

  it('says so when no single condition is to blame', async () => {
    look('fault AND duration > 100', {});
    expect(await screen.findByText(/No single condition is to blame/)).toBeInTheDocument();
  });

  it('asks nothing for a single condition', async () => {
    look('fault', {});
    await vi.waitFor(() => expect(parseFilter).toHaveBeenCalled());
    expect(fetchTraceStatistics).not.toHaveBeenCalled();
  });
});
