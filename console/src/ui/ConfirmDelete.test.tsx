// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfirmDelete } from './ConfirmDelete';

const onClose = vi.fn();
const onDone = vi.fn();

function ask(remove: () => Promise<unknown>): void {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <ConfirmDelete title="Delete the group shop?" remove={remove} onClose={onClose} onDone={onDone}>
          <p>Its traces stay.</p>
        </ConfirmDelete>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeEach(() => {
  vi.clearAllMocks();
});

describe('ConfirmDelete', () => {
  it('keeps what is not confirmed, by button and by Escape', async () => {
    const remove = vi.fn();
    ask(remove);
    expect(screen.getByRole('dialog', { name: 'Delete the group shop?' })).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Keep it' }));
    await userEvent.keyboard('{Escape}');
    expect(onClose).toHaveBeenCalledTimes(2);
    expect(remove).not.toHaveBeenCalled();
  });

  it('deletes once, and then is done', async () => {
    const remove = vi.fn(() => Promise.resolve());
    ask(remove);
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(remove).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(onDone).toHaveBeenCalledOnce());
  });

  it('stays and says why it could not', async () => {
    ask(() => Promise.reject(new Error('group: shop (expected: one that is there)')));
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('group: shop (expected: one that is there)');
    expect(onDone).not.toHaveBeenCalled();
  });
});
