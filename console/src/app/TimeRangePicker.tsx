// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronLeft, IconChevronRight, IconZoomOut } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactNode, SubmitEvent } from 'react';
import { PRESETS, describeRange, parseTyped, pin, shift, zoomOut } from './time-range';
import type { RangeTexts } from './time-range';
import { useRange } from './range-context';

const EXPECTED = 'for example 90m, today, 11:00-11:30, or 2026-11-23 10:00 to 2026-11-23 11:00';

export function TimeRangePicker({
  opened,
  onOpenedChange,
}: {
  readonly opened: boolean;
  readonly onOpenedChange: (opened: boolean) => void;
}): ReactNode {
  const { texts, range, now, setRange } = useRange();
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState(false);

  const choose = (chosen: RangeTexts): void => {
    setRange(chosen);
    setTyped('');
    setProblem(false);
    onOpenedChange(false);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const parsed = parseTyped(typed, now);
    if (parsed === undefined) {
      setProblem(true);
    } else {
      choose(parsed);
    }
  };

  return (
    <div className="range-group">
      <Tooltip label="Half a range back">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Half a range back"
          disabled={range === undefined}
          onClick={() => range && setRange(shift(range, -1))}
        >
          <IconChevronLeft size={16} />
        </ActionIcon>
      </Tooltip>
      <Popover
        opened={opened}
        onChange={onOpenedChange}
        position="bottom-end"
        width={320}
        trapFocus
        shadow="md"
      >
        <Popover.Target>
          <Button
            variant="default"
            size="xs"
            rightSection={<IconChevronDown size={14} />}
            onClick={() => onOpenedChange(!opened)}
            aria-label={`Time range: ${describeRange(texts, now)}`}
          >
            {describeRange(texts, now)}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Time range">
          <div className="range-menu">
            {PRESETS.map((preset) => (
              <button
                key={preset.label}
                type="button"
                aria-pressed={preset.texts.from === texts.from && preset.texts.to === texts.to}
                onClick={() => choose(preset.texts)}
              >
                {preset.label}
              </button>
            ))}
          </div>
          <form className="range-typed" onSubmit={submit}>
            <TextInput
              size="xs"
              aria-label="Another range"
              placeholder="90m, today, 11:00-11:30"
              value={typed}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setProblem(false);
              }}
              error={problem ? `Not a range of time (${EXPECTED})` : undefined}
            />
            <Button type="submit" size="xs">
              Set
            </Button>
          </form>
          {range !== undefined && (
            <p className="dim" style={{ marginTop: 10, fontSize: 12 }}>
              {describeRange(pin(range), now)}, local time
            </p>
          )}
        </Popover.Dropdown>
      </Popover>
      <Tooltip label="Half a range on">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Half a range on"
          disabled={range === undefined || range.end >= now}
          onClick={() => range && setRange(shift(range, 1))}
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Twice as long">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Twice as long"
          disabled={range === undefined}
          onClick={() => range && setRange(zoomOut(range, now))}
        >
          <IconZoomOut size={16} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
