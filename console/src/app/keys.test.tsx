// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { setLetterKeys, useKeys } from './keys';

const run = vi.fn<(key: string) => void>();
const BINDINGS = ['g t', 'g ,', 't', 'Escape'].map((keys) => ({ keys, label: keys, run: () => run(keys) }));

function Page(): ReactNode {
  useKeys(BINDINGS);
  return <input aria-label="text" />;
}

beforeEach(() => {
  run.mockReset();
  setLetterKeys(true);
});

it('runs single keys and sequences', async () => {
  render(<Page />);
  await userEvent.keyboard('t');
  await userEvent.keyboard('gt');
  await userEvent.keyboard('g,');
  await userEvent.keyboard('{Escape}');
  expect(run.mock.calls.flat()).toEqual(['t', 'g t', 'g ,', 'Escape']);
});

it('leaves keys with modifiers and those typed into a field', async () => {
  const page = render(<Page />);
  await userEvent.keyboard('{Control>}t{/Control}');
  await userEvent.type(page.getByLabelText('text'), 'gt');
  expect(run).not.toHaveBeenCalled();
});

it('leaves letters when they are turned off', async () => {
  setLetterKeys(false);
  render(<Page />);
  await userEvent.keyboard('gtg,{Escape}');
  expect(run.mock.calls.flat()).toEqual(['Escape']);
});

it('stops when the page goes', async () => {
  render(<Page />).unmount();
  await userEvent.keyboard('t');
  expect(run).not.toHaveBeenCalled();
});
