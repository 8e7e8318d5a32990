// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './filter-input.css';
import { CloseButton } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { ReactNode, Ref, SubmitEvent } from 'react';
import { useRange } from '../../app/range-context';
import { traceIdOf } from './trace-id';

/** The filter expression of the page; the id of a trace opens that trace. */
export function FilterInput({ ref }: { readonly ref: Ref<HTMLInputElement> }): ReactNode {
  const { filter, setFilter } = useRange();
  const [typed, setTyped] = useState(filter);
  const navigate = useNavigate();
  useEffect(() => setTyped(filter), [filter]);

  const open = (text: string): boolean => {
    const id = traceIdOf(text);
    if (id === undefined) {
      return false;
    }
    setTyped(filter);
    void navigate({ to: '/trace/$id', params: { id } });
    return true;
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!open(typed)) {
      setFilter(typed.trim());
    }
  };

  return (
    <form className="filter" role="search" onSubmit={submit}>
      <IconFilter size={15} aria-hidden />
      <input
        ref={ref}
        className="mono"
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label="Filter expression, or the id of a trace"
        placeholder='service("cart") { fault } AND responsetime &gt; 1   or a trace id'
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onPaste={(event) => {
          if (open(event.clipboardData.getData('text'))) {
            event.preventDefault();
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setTyped(filter);
            event.currentTarget.blur();
          }
        }}
      />
      {typed !== '' && (
        <CloseButton
          size="sm"
          aria-label="Clear the filter"
          onClick={() => {
            setTyped('');
            setFilter('');
          }}
        />
      )}
    </form>
  );
}
