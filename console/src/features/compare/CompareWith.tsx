// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import './compare-with.css';
import { Button, Popover, TextInput } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useKeys } from '../../app/keys';
import { useRange } from '../../app/range-context';
import { sharedSearch } from '../../app/search-params';
import { toEpochMillis } from '../../ui/units';
import type { EpochNanos } from '../../ui/units';
import { traceIdOf } from '../search/trace-id';

const CHOSEN = 'roentgen.compare';
const HALF_HOUR = 1_800_000;

/** The id chosen on another page of this tab, which is compared with the next one that is. */
function chosen(): string | undefined {
  try {
    return sessionStorage.getItem(CHOSEN) ?? undefined;
  } catch {
    return undefined;
  }
}

function choose(id: string | undefined): void {
  try {
    if (id === undefined) {
      sessionStorage.removeItem(CHOSEN);
    } else {
      sessionStorage.setItem(CHOSEN, id);
    }
  } catch {
    // Then nothing is chosen, and the id of the other trace can be pasted.
  }
}

/** Leads from a trace to its comparison with another one, or with what is normal for its operation. */
export function CompareWith({
  traceId,
  startEpochNanos,
}: {
  readonly traceId: string;
  readonly startEpochNanos: EpochNanos;
}): ReactNode {
  const navigate = useNavigate();
  const [opened, setOpened] = useState(false);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState(false);
  const [before, setBefore] = useState(chosen);
  const other = before === traceId ? undefined : before;

  const { range } = useRange();
  const search = useSearch({ strict: false });
  const shared = sharedSearch(search);
  const withOther = (b: string): void =>
    void navigate({ to: '/compare', search: { ...shared, a: traceId, b } });
  const start = toEpochMillis(startEpochNanos);
  // The range that is looked at already, if the trace is in it.
  const within = range !== undefined && start >= range.start && start < range.end;
  const withMedian = (): void =>
    void navigate({
      to: '/compare',
      search: {
        ...shared,
        ...(within ? {} : { from: String(start - HALF_HOUR), to: String(start + HALF_HOUR) }),
        a: traceId,
        bLike: traceId,
      },
    });
  const keys = useMemo(
    () => [
      {
        keys: 'x',
        label: other === undefined ? 'Choose to compare' : 'Compare with the trace chosen before',
        run: () => {
          if (other !== undefined) {
            choose(undefined);
            void navigate({ to: '/compare', search: { ...sharedSearch(search), a: traceId, b: other } });
          } else {
            const id = before === undefined ? traceId : undefined;
            choose(id);
            setBefore(id);
          }
        },
      },
    ],
    [navigate, search, other, before, traceId],
  );
  useKeys(keys);

  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={340} trapFocus shadow="md">
      <Popover.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconArrowsDiff size={14} />}
          onClick={() => setOpened(!opened)}
        >
          {before === traceId ? 'Chosen to compare' : 'Compare with…'}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Compare with">
        <Button size="xs" fullWidth onClick={withMedian}>
          The median of its operation
        </Button>
        <p className="compare-with-hint">
          What is normal: up to 200 traces that enter by the same operation,{' '}
          {within ? 'in the range of time that is looked at' : 'from half an hour before to half an hour after'}.
        </p>
        {other !== undefined && (
          <Button size="xs" fullWidth variant="default" mt={8} onClick={() => withOther(other)}>
            {other}
          </Button>
        )}
        <form
          className="range-typed"
          onSubmit={(event) => {
            event.preventDefault();
            const id = traceIdOf(typed);
            setProblem(id === undefined);
            if (id !== undefined) {
              withOther(id);
            }
          }}
        >
          <TextInput
            size="xs"
            aria-label="The id of another trace"
            placeholder="Paste the id of another trace"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setProblem(false);
            }}
            error={problem ? 'Not the id of a trace (1-8hex-24hex, or 32 hex digits)' : undefined}
          />
          <Button type="submit" size="xs" variant="default">
            Compare
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
