// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider } from '@mantine/core';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { GRAPH } from '../../api/schemas';
import { modelOf } from '../../graph/map-model';
import { MapTable } from './MapTable';

function statistics(total: number, fault: number, nanos: number): object {
  return {
    totalCount: total,
    okCount: total - fault,
    errorCount: 0,
    throttleCount: 0,
    faultCount: fault,
    totalDurationNanos: String(total * nanos),
  };
}

const MODEL = modelOf(
  GRAPH.decode(
    {
      nodes: [
        { name: 'cart', type: '', statistics: statistics(100, 0, 5_000_000) },
        { name: 'front', type: '', statistics: statistics(300, 3, 90_000_000) },
        { name: 'carts', type: 'Database::SQL', statistics: statistics(200, 20, 1_000_000) },
      ],
      edges: [
        {
          caller: { name: 'front', type: '' },
          callee: { name: 'cart', type: '' },
          statistics: statistics(100, 0, 6_000_000),
        },
      ],
      startEpochNanos: '0',
      endEpochNanos: '60000000000',
    },
    '',
  ),
);

function show(of: 'nodes' | 'edges', onSelect: (key: string) => void = () => {}): HTMLElement {
  render(
    <MantineProvider>
      <MapTable model={MODEL} of={of} selected={undefined} onSelect={onSelect} />
    </MantineProvider>,
  );
  return screen.getByRole('table');
}

function firstCells(table: HTMLElement): (string | null)[] {
  return within(table)
    .getAllByRole('rowheader')
    .map((each) => each.textContent);
}

describe('MapTable', () => {
  it('has the busiest first, and sorts by what is clicked, once more the other way', async () => {
    const table = show('nodes');
    expect(firstCells(table)).toEqual(['front', 'carts', 'cart']);
    const faults = within(table).getByRole('button', { name: 'Faults' });
    await userEvent.click(faults);
    expect(firstCells(table)).toEqual(['carts', 'front', 'cart']);
    expect(within(table).getByRole('columnheader', { name: 'Faults' })).toHaveAttribute('aria-sort', 'descending');
    await userEvent.click(faults);
    expect(firstCells(table)).toEqual(['cart', 'front', 'carts']);
    await userEvent.click(within(table).getByRole('button', { name: 'Node' }));
    expect(firstCells(table)).toEqual(['cart', 'carts', 'front']);
  });

  it('tells rate, share and latency', () => {
    const row = within(show('nodes')).getByRole('row', { name: /^front/ });
    expect(within(row).getAllByRole('cell').map((each) => each.textContent)).toEqual([
      'Service',
      '300',
      '5.0/s',
      '0',
      '0',
      '3',
      '1 %',
      '90 ms',
      '–',
      '–',
      '–',
    ]);
  });

  it('opens an edge by its caller', async () => {
    const onSelect = vi.fn();
    const table = show('edges', onSelect);
    await userEvent.click(within(table).getByRole('button', { name: 'front' }));
    expect(onSelect).toHaveBeenCalledWith('front -> cart');
  });
});
