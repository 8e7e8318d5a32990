// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button, CloseButton, Tooltip } from '@mantine/core';
import { IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useEffect, useId, useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import type { MapModel } from '../../graph/map-model';
import type { EpochMillis } from '../../ui/units';
import { COMPARISONS, COMPARISON_NAMES, typedComparison } from './compare-range';
import {
  GROUPINGS,
  GROUPING_NAMES,
  MEASURES,
  MEASURE_NAMES,
  MINIMUMS,
  SIZES,
  SIZE_NAMES,
} from './map-search';
import type { MapSearch } from './map-search';

export type MapChange = {
  readonly sel?: string | undefined;
  readonly focus?: string | undefined;
  readonly hops?: string | undefined;
  readonly label?: string | undefined;
  readonly min?: string | undefined;
  readonly view?: string | undefined;
  readonly size?: string | undefined;
  readonly by?: string | undefined;
  readonly open?: string | undefined;
  readonly hide?: string | undefined;
  readonly cmp?: string | undefined;
  readonly at?: string | undefined;
};

function minimumName(min: number): string {
  if (min === 0) {
    return 'None hidden';
  }
  return min >= 0.1 ? `Below ${min}/s` : min >= 0.01 ? `Below ${+(min * 60).toFixed(1)}/min` : `Below ${+(min * 3_600).toFixed(1)}/h`;
}

export function MapToolbar({
  search,
  model,
  now,
  children,
  onReplay,
  onChange,
}: {
  readonly search: MapSearch;
  readonly now: EpochMillis;
  readonly onReplay: () => void;
  /** All that there is, shown or not. */
  readonly model: MapModel | undefined;
  readonly children: ReactNode;
  readonly onChange: (change: MapChange) => void;
}): ReactNode {
  const minimums: readonly number[] = MINIMUMS.some((each) => each === search.min)
    ? MINIMUMS
    : [...MINIMUMS, search.min].sort((a, b) => a - b);
  return (
    <div className="map-toolbar" role="toolbar" aria-label="Map">
      <FocusInput search={search} model={model} onChange={onChange} />
      <div className="map-views" role="group" aria-label="View">
        {(
          [
            ['map', 'Map'],
            ['nodes', 'Nodes'],
            ['edges', 'Calls'],
          ] as const
        ).map(([view, label]) => (
          <Button
            key={view}
            size="compact-sm"
            variant={search.view === view ? 'light' : 'subtle'}
            color={search.view === view ? 'blue' : 'gray'}
            aria-pressed={search.view === view}
            onClick={() => onChange({ view })}
          >
            {label}
          </Button>
        ))}
      </div>
      {search.focus !== undefined && (
        <label className="map-field">
          <span>Hops</span>
          <select value={search.hops} onChange={(event) => onChange({ hops: event.currentTarget.value })}>
            {[1, 2, 3].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <label className="map-field">
        <span>Label</span>
        <select value={search.label} onChange={(event) => onChange({ label: event.currentTarget.value })}>
          {MEASURES.map((each) => (
            <option key={each} value={each}>
              {MEASURE_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="map-field">
        <span>Edges</span>
        <select value={search.min} onChange={(event) => onChange({ min: event.currentTarget.value })}>
          {minimums.map((each) => (
            <option key={each} value={each}>
              {minimumName(each)}
            </option>
          ))}
        </select>
      </label>
      <label className="map-field">
        <span>Size</span>
        <select value={search.size} onChange={(event) => onChange({ size: event.currentTarget.value })}>
          {SIZES.map((each) => (
            <option key={each} value={each}>
              {SIZE_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      <label className="map-field">
        <span>Grouping</span>
        <select
          value={search.by}
          onChange={(event) => onChange({ by: event.currentTarget.value, open: undefined })}
        >
          {GROUPINGS.map((each) => (
            <option key={each} value={each}>
              {GROUPING_NAMES[each]}
            </option>
          ))}
        </select>
      </label>
      {search.open.length > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={() => onChange({ open: undefined })}>
          Close groups
        </Button>
      )}
      <CompareField search={search} now={now} onChange={onChange} />
      {search.at === undefined && (
        <Tooltip label="Replay the range step by step (p)">
          <Button size="compact-sm" variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={onReplay}>
            Replay
          </Button>
        </Tooltip>
      )}
      {children}
    </div>
  );
}

/** Chooses an earlier range, or takes one that is typed. */
function CompareField({
  search,
  now,
  onChange,
}: {
  readonly search: MapSearch;
  readonly now: EpochMillis;
  readonly onChange: (change: MapChange) => void;
}): ReactNode {
  const [typing, setTyping] = useState(false);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState(false);
  const own = search.cmp !== undefined && !COMPARISONS.some((each) => each === search.cmp);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const cmp = typedComparison(typed, now);
    setProblem(cmp === undefined);
    if (cmp !== undefined) {
      setTyping(false);
      onChange({ cmp, at: undefined });
    }
  };
  return (
    <>
      <label className="map-field">
        <span>Compare</span>
        <select
          value={typing ? 'own' : own ? 'shown' : (search.cmp ?? '')}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTyping(value === 'own');
            setProblem(false);
            if (value !== 'own' && value !== 'shown') {
              onChange({ cmp: value === '' ? undefined : value, at: undefined });
            }
          }}
        >
          <option value="">Nothing</option>
          {COMPARISONS.map((each) => (
            <option key={each} value={each}>
              {COMPARISON_NAMES[each]}
            </option>
          ))}
          {own && <option value="shown">A range of its own</option>}
          <option value="own">Another range…</option>
        </select>
      </label>
      {typing && (
        <form className={`map-focus map-own${problem ? ' map-own-bad' : ''}`} onSubmit={submit}>
          <input
            type="text"
            autoFocus
            aria-label="Range to compare with"
            aria-invalid={problem}
            placeholder="yesterday, or 10:00-11:00"
            title="For example yesterday, 10:00-11:00, or 2026-11-22 10:00 to 2026-11-22 11:00"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setProblem(false);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Escape') {
                setTyping(false);
                event.stopPropagation();
              }
            }}
          />
          <Button type="submit" size="compact-xs" variant="subtle">
            Set
          </Button>
          {problem && (
            <span role="alert" className="map-own-problem">
              Not a range of time
            </span>
          )}
        </form>
      )}
    </>
  );
}

/** Finds nodes by a part of their name. */
function FocusInput({
  search,
  model,
  onChange,
}: {
  readonly search: MapSearch;
  readonly model: MapModel | undefined;
  readonly onChange: (change: MapChange) => void;
}): ReactNode {
  const [typed, setTyped] = useState(search.focus ?? '');
  const list = useId();
  useEffect(() => setTyped(search.focus ?? ''), [search.focus]);

  const find = (text: string): string | undefined => {
    const wanted = text.trim().toLowerCase();
    if (model === undefined || wanted === '') {
      return undefined;
    }
    const byTraffic = [...model.nodes].sort((a, b) => b.calls.total - a.calls.total);
    const found =
      byTraffic.find(({ key }) => key.toLowerCase() === wanted) ??
      byTraffic.find(({ id }) => id.name.toLowerCase() === wanted) ??
      byTraffic.find(({ key }) => key.toLowerCase().startsWith(wanted)) ??
      byTraffic.find(({ key }) => key.toLowerCase().includes(wanted));
    return found?.key;
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = typed.trim();
    onChange({ focus: text === '' ? undefined : (find(text) ?? text) });
  };

  return (
    <form className="map-focus" onSubmit={submit}>
      <IconSearch size={14} aria-hidden />
      <input
        type="text"
        aria-label="Focus on a node"
        placeholder="Focus on a node"
        spellCheck={false}
        autoComplete="off"
        list={list}
        value={typed}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setTyped(value);
          // One of the list was taken.
          if (model?.nodeByKey.has(value) === true) {
            onChange({ focus: value });
          }
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            setTyped(search.focus ?? '');
            event.currentTarget.blur();
            event.stopPropagation();
          }
        }}
      />
      <datalist id={list}>
        {model?.nodes.map(({ key }) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      {(typed !== '' || search.focus !== undefined) && (
        <CloseButton
          size="sm"
          aria-label="Show the whole map"
          onClick={() => {
            setTyped('');
            onChange({ focus: undefined, hops: undefined });
          }}
        />
      )}
    </form>
  );
}
