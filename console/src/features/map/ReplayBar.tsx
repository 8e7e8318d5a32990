// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { ActionIcon, CloseButton, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { useKeys } from '../../app/keys';
import { formatClock, formatDay, plural } from '../../ui/format';
import type { EpochMillis } from '../../ui/units';
import { rangeOf } from './replay-steps';
import type { Steps } from './replay-steps';

const SPEEDS = [1, 2, 5, 10] as const;
const MINUTE = 60_000;

function clock(time: EpochMillis): string {
  return formatClock(time).slice(0, 5);
}

/** Goes through a range of time step by step. */
export function ReplayBar({
  steps,
  step,
  ready,
  onStep,
  onClose,
}: {
  readonly steps: Steps;
  readonly step: number;
  /** Whether the step is shown, so that the next may come. */
  readonly ready: boolean;
  readonly onStep: (step: number) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(2);
  const last = steps.count - 1;
  const atEnd = step >= last;
  useEffect(() => {
    if (!playing || !ready) {
      return undefined;
    }
    if (atEnd) {
      setPlaying(false);
      return undefined;
    }
    const timer = setTimeout(() => onStep(step + 1), 1_000 / speed);
    return () => clearTimeout(timer);
  }, [playing, ready, atEnd, step, speed, onStep]);
  const toggle = (): void => {
    if (!playing && atEnd) {
      onStep(0);
    }
    setPlaying(!playing);
  };
  const keys = useMemo(
    () => [
      { keys: 'p', label: 'Play or pause', run: toggle },
      { keys: '[', label: 'A step back', run: () => onStep(Math.max(0, step - 1)) },
      { keys: ']', label: 'A step on', run: () => onStep(Math.min(last, step + 1)) },
    ],
    [playing, atEnd, step, last, onStep],
  );
  useKeys(keys);
  const { start, end } = rangeOf(steps, step);
  const said = `${formatDay(start)} ${clock(start)} – ${clock(end)}`;
  const ends = [rangeOf(steps, 0).start, rangeOf(steps, last).end];
  return (
    <section className="map-replay" aria-label="Replay">
      <Tooltip label={playing ? 'Pause (p)' : 'Play (p)'} position="top">
        <ActionIcon variant="default" size={30} aria-label={playing ? 'Pause' : 'Play'} onClick={toggle}>
          {playing ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label="A step back ([)" position="top">
        <ActionIcon variant="default" size={30} aria-label="A step back" disabled={step <= 0} onClick={() => onStep(step - 1)}>
          <IconChevronLeft size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="A step on (])" position="top">
        <ActionIcon variant="default" size={30} aria-label="A step on" disabled={atEnd} onClick={() => onStep(step + 1)}>
          <IconChevronRight size={16} />
        </ActionIcon>
      </Tooltip>
      <span className="map-replay-end dim">{ends[0] !== undefined && clock(ends[0])}</span>
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={step}
        aria-label="Moment"
        aria-valuetext={said}
        onChange={(event) => {
          setPlaying(false);
          onStep(Number(event.currentTarget.value));
        }}
      />
      <span className="map-replay-end dim">{ends[1] !== undefined && clock(ends[1])}</span>
      <strong className={`map-replay-now${ready ? '' : ' dim'}`}>{said}</strong>
      <span className="dim">{plural(steps.millis / MINUTE, 'minute')} a step</span>
      <label className="map-field">
        <span>Speed</span>
        <select value={speed} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each} a second
            </option>
          ))}
        </select>
      </label>
      <CloseButton size="sm" aria-label="End the replay" onClick={onClose} />
    </section>
  );
}
