// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { ApiError } from '../../api/client';
import { FilterProblem } from './FilterProblem';

it('tells lines as the filter has them, not as a group that it stands in was asked for', () => {
  render(
    <MantineProvider>
      <FilterProblem
        filter={'ok AND\nduraton > 1'}
        sent={'(\nok AND\nduraton > 1\n) AND group.name = "shop"'}
        error={
          new ApiError('filter: line 3, column 1: unknown keyword', {
            code: 'invalid_parameter',
            position: { line: 3, column: 1 },
          })
        }
        onFilter={vi.fn()}
      />
    </MantineProvider>,
  );

  expect(screen.getByText('duraton').tagName).toBe('MARK');
  expect(screen.getByText('line 2, column 1: unknown keyword')).toBeVisible();
});

it('marks the word that is wrong, characters counted, and offers the fix', async () => {
  const onFilter = vi.fn();
  const filter = 'service("😀") AND respontime > 1';
  render(
    <MantineProvider>
      <FilterProblem
        filter={filter}
        error={
          new ApiError('filter: line 1, column 18: unknown keyword', {
            code: 'invalid_parameter',
            position: { line: 1, column: 18, hint: 'responsetime' },
          })
        }
        onFilter={onFilter}
      />
    </MantineProvider>,
  );

  expect(screen.getByText('respontime').tagName).toBe('MARK');
  expect(screen.getByText('column 18: unknown keyword')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Use responsetime' }));
  expect(onFilter).toHaveBeenCalledWith('service("😀") AND responsetime > 1');
});
