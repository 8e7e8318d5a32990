// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../api/client';
import { fetchFieldValues } from '../../api/routes';
import { FIELD_VALUES } from '../../api/schemas';
import { epochMillis } from '../../ui/units';
import { RefinePanel } from './RefinePanel';

const setFilter = vi.fn();
const onClose = vi.fn();

vi.mock('../../api/routes', () => ({ fetchFieldValues: vi.fn() }));
vi.mock('../../app/range-context', () => ({
  useRange: () => ({ scope: 'fault', filter: 'fault', setFilter }),
}));

const COUNTED = FIELD_VALUES.decode(
  {
    field: 'annotation.tenant',
    traceCount: 20,
    withoutCount: 3,
    valueCount: 40,
    valuesLeftOut: false,
    values: [
      {
        value: 'acme',
        clause: 'annotation.tenant = "acme"',
        traceCount: 10,
        errorCount: 0,
        throttleCount: 1,
        faultCount: 5,
        meanDurationNanos: '1500000000',
      },
    ],
    lookedAtCount: 20,
    limitReached: false,
    startEpochNanos: '1700000000000000000',
    endEpochNanos: '1700003600000000000',
  },
  '',
);

function refine(): void {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <RefinePanel
          range={{ start: epochMillis(0), end: epochMillis(1) }}
          field="annotation.tenant"
          onClose={onClose}
        />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeEach(() => {
  setFilter.mockReset();
  onClose.mockReset();
});

describe('RefinePanel', () => {
  it('has a row for each value, and says what is not shown', async () => {
    vi.mocked(fetchFieldValues).mockResolvedValue(COUNTED);
    refine();
    const row = (await screen.findByRole('rowheader', { name: 'acme' })).closest('tr');
    expect(within(row ?? document.body).getAllByRole('cell').slice(0, 3).map((cell) => cell.textContent)).toEqual([
      '10',
      '50 %',
      '1.5 s',
    ]);
    expect(screen.getByRole('status')).toHaveTextContent('20 traces · 3 without · top 1 of 40 values');
  });

  it('adds a value to the filter, or shuts it out', async () => {
    vi.mocked(fetchFieldValues).mockResolvedValue(COUNTED);
    refine();
    await userEvent.click(await screen.findByRole('button', { name: 'Only acme' }));
    expect(setFilter).toHaveBeenLastCalledWith('fault AND annotation.tenant = "acme"');
    await userEvent.click(screen.getByRole('button', { name: 'Without acme' }));
    expect(setFilter).toHaveBeenLastCalledWith('fault AND !annotation.tenant = "acme"');
  });

  it('tells of a field that is none, and closes', async () => {
    vi.mocked(fetchFieldValues).mockRejectedValue(
      new ApiError('field: annotation.tenant (expected: a field)', { code: 'invalid_parameter', parameter: 'field' }),
    );
    refine();
    expect(await screen.findByText('There is no such field')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(onClose).toHaveBeenCalledOnce();
  });
});
