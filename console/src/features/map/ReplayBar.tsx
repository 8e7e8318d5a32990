// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { ActionIcon, CloseButton, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Mark } from '../../api/schemas';
import { useKeys } from '../../app/keys';
import { formatClock, formatDay, plural } from '../../ui/format';
import type { EpochMillis } from '../../ui/units';
import { MarkFlags } from '../marks/MarkLane';
import { placesOf } from '../marks/marks';
import { rangeOf, wholeOf } from './replay-steps';
import type { Steps } from './replay-steps';

const SPEEDS = [1, 2, 5, 10] as const;
const MINUTE = 60_000;
/** How far the middle of the slider's thumb stays from its ends, in pixels. */
const THUMB = 8;

function clock(time: EpochMillis): string {
  return formatClock(time).slice(0, 5);
}

/** Goes through a range of time step by step. */
export function ReplayBar({
  steps,
  step,
  marks,
  ready,
  onStep,
  onClose,
}: {
  readonly steps: Steps;
  readonly step: number;
  readonly marks: readonly Mark[];
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
  const whole = wholeOf(steps);
  const happened = placesOf(marks, { start, end }).map(({ mark }) => mark.title);
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
      <span className="map-replay-end dim">{clock(whole.start)}</span>
      <div className="map-replay-track">
        <MarkFlags marks={marks} range={whole} left={THUMB} right={THUMB} />
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={step}
          aria-label="Moment"
          aria-valuetext={[said, ...happened].join(', ')}
          onChange={(event) => {
            setPlaying(false);
            onStep(Number(event.currentTarget.value));
          }}
        />
      </div>
      <span className="map-replay-end dim">{clock(whole.end)}</span>
      <strong className={`map-replay-now${ready ? '' : ' dim'}`}>{said}</strong>
      {happened.length > 0 && <span className="map-replay-marks">{happened.join(', ')}</span>}
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
