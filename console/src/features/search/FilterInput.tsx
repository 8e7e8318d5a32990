// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './filter-input.css';
import { CloseButton } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, RefObject, SubmitEvent } from 'react';
import { completeFilter, parseFilter } from '../../api/routes';
import type { Completions, FilterProblemAt } from '../../api/schemas';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { formatCount, plural } from '../../ui/format';
import { isWrong, optionsOf, problemEnd, withOption } from './completion';
import type { Option } from './completion';
import { traceIdOf } from './trace-id';

/** What is longer does not fit into the address of a request, and is checked when it is run. */
const MAX_HELPED = 2_000;
const TYPING_MILLIS = 150;
const STALE_MILLIS = 30_000;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MILLIS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** The filter expression of the page; the id of a trace opens that trace. */
export function FilterInput({ ref }: { readonly ref: RefObject<HTMLInputElement | null> }): ReactNode {
  const { filter, setFilter, range } = useRange();
  const [typed, setTyped] = useState(filter);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [focused, setFocused] = useState(false);
  const [active, setActive] = useState(-1);
  const [scrolled, setScrolled] = useState(0);
  const wantedCaret = useRef<number>(undefined);
  const listId = useId();
  const navigate = useNavigate();
  useEffect(() => setTyped(filter), [filter]);
  useLayoutEffect(() => {
    if (wantedCaret.current !== undefined) {
      ref.current?.setSelectionRange(wantedCaret.current, wantedCaret.current);
      wantedCaret.current = undefined;
    }
  }, [typed, ref]);

  const helped = encodeURIComponent(typed).length <= MAX_HELPED;
  const completions = useQuery({
    queryKey: ['filter-completions', range?.start, range?.end, typed, caret],
    queryFn: ({ signal }) => completeFilter(range, typed, caret, signal),
    enabled: open && helped,
    placeholderData: keepPreviousData,
    staleTime: STALE_MILLIS,
    retry: false,
  });
  const settled = useSettled(typed);
  const parsed = useQuery({
    queryKey: ['filter-parse', settled],
    queryFn: ({ signal }) => parseFilter(settled, signal),
    enabled: settled !== '' && helped,
    staleTime: Infinity,
    retry: false,
  });
  const problem = settled === typed && typed !== '' ? parsed.data?.problem : undefined;
  const wrong = problem !== undefined && (isWrong(typed, problem) || !focused) ? problem : undefined;
  // Those for the text before are shown, but their places are others.
  const fresh = completions.isPlaceholderData ? undefined : completions.data;
  const options = useMemo(() => optionsOf(typed, fresh, wrong), [typed, fresh, wrong]);
  const shown = open && (options.length > 0 || wrong !== undefined);
  const chosen = Math.min(active, options.length - 1);

  const openTrace = (text: string): boolean => {
    const id = traceIdOf(text);
    if (id === undefined) {
      return false;
    }
    setTyped(filter);
    setOpen(false);
    void navigate({ to: '/trace/$id', params: { id }, search: sharedSearch });
    return true;
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setOpen(false);
    if (!openTrace(typed)) {
      setFilter(typed.trim());
    }
  };
  const accept = (option: Option): void => {
    const next = withOption(typed, option);
    wantedCaret.current = next.caret;
    setTyped(next.text);
    setCaret(next.caret);
    setActive(-1);
    ref.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const option = options[chosen];
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault();
      setCaret(event.currentTarget.selectionStart ?? typed.length);
      setOpen(true);
      setActive(0);
    } else if (event.key === 'Escape') {
      // Closes what is about to be shown, too, rather than to throw away what was typed.
      if (shown || (open && completions.isFetching)) {
        setOpen(false);
      } else {
        setTyped(filter);
        event.currentTarget.blur();
      }
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && shown && options.length > 0) {
      event.preventDefault();
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setActive((chosen + by + options.length + (chosen < 0 && by < 0 ? 1 : 0)) % options.length);
    } else if (event.key === 'ArrowDown' && !open) {
      event.preventDefault();
      setCaret(event.currentTarget.selectionStart ?? typed.length);
      setOpen(true);
      setActive(0);
    } else if (event.key === 'Enter' && shown && option !== undefined) {
      event.preventDefault();
      accept(option);
    } else if (event.key === 'Tab' && !event.shiftKey && shown) {
      const first = option ?? (typed.slice(0, caret).match(/[\w.]$/) ? options[0] : undefined);
      if (first !== undefined) {
        event.preventDefault();
        accept(first);
      }
    }
  };

  return (
    <form className="filter" role="search" onSubmit={submit}>
      <IconFilter size={15} aria-hidden />
      <div className="filter-text">
        {wrong !== undefined && (
          <div className="filter-wrong mono" aria-hidden style={{ transform: `translateX(${-scrolled}px)` }}>
            {typed.slice(0, wrong.position)}
            <span>{typed.slice(wrong.position, problemEnd(typed, wrong)) || ' '}</span>
          </div>
        )}
        <input
          ref={ref}
          className="mono"
          type="text"
          role="combobox"
          spellCheck={false}
          autoComplete="off"
          aria-label="Filter expression, or the id of a trace"
          aria-autocomplete="list"
          aria-expanded={shown}
          aria-controls={shown ? listId : undefined}
          aria-activedescendant={shown && chosen >= 0 ? `${listId}-${chosen}` : undefined}
          aria-invalid={wrong !== undefined}
          placeholder='service("cart") { fault } AND responsetime &gt; 1   or a trace id'
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            setOpen(true);
            setActive(-1);
          }}
          onSelect={(event) => {
            setCaret(event.currentTarget.selectionStart ?? 0);
            setScrolled(event.currentTarget.scrollLeft);
          }}
          onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            setOpen(false);
          }}
          onPaste={(event) => {
            if (openTrace(event.clipboardData.getData('text'))) {
              event.preventDefault();
            }
          }}
          onKeyDown={onKeyDown}
        />
      </div>
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
      {shown && (
        <CompletionList
          id={listId}
          options={options}
          active={chosen}
          problem={wrong}
          answer={fresh}
          onAccept={accept}
        />
      )}
    </form>
  );
}

const KIND_NAMES: Readonly<Record<Option['kind'], string>> = {
  fix: 'fix',
  keyword: 'keyword',
  operator: 'operator',
  sign: 'sign',
  join: 'join',
  service: 'service',
  type: 'type',
  key: 'key',
  value: 'value',
};

function countLabel(option: Option): string {
  const noun = option.kind === 'service' || option.kind === 'type' ? 'call' : 'trace';
  return option.count === undefined ? '' : plural(option.count, noun);
}

function CompletionList({
  id,
  options,
  active,
  problem,
  answer,
  onAccept,
}: {
  readonly id: string;
  readonly options: readonly Option[];
  readonly active: number;
  readonly problem: FilterProblemAt | undefined;
  readonly answer: Completions | undefined;
  readonly onAccept: (option: Option) => void;
}): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [active]);
  return (
    // The input keeps the focus; its blur would close the list before a click arrives.
    <div className="completions" onMouseDown={(event) => event.preventDefault()}>
      {problem !== undefined && (
        <p className="completions-problem" role="status">
          {problem.message.replace(/^line 1, column /, 'column ')}
        </p>
      )}
      <div id={id} ref={list} className="completions-list" role="listbox" aria-label="Completions">
        {options.map((option, i) => (
          <div
            key={`${option.kind} ${option.label}`}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === active}
            className="completion"
            onClick={() => onAccept(option)}
          >
            <span className={`completion-kind completion-${option.kind}`}>{KIND_NAMES[option.kind]}</span>
            <span className="completion-label mono truncate">{option.label}</span>
            <span className="completion-help dim truncate">
              {option.help ?? (option.count === 0 ? '' : countLabel(option))}
            </span>
          </div>
        ))}
      </div>
      <p className="completions-foot">
        <span>↑↓ choose · Tab take · Enter {active >= 0 ? 'take' : 'run'} · Esc close</span>
        {answer?.lookedAtCount !== undefined && (
          <span>
            counted in {answer.limitReached === true ? 'the newest ' : ''}
            {formatCount(answer.lookedAtCount)} traces
          </span>
        )}
        {answer?.completionsLeftOut === true && <span>there are more</span>}
      </p>
    </div>
  );
}
