// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fetchMarks } from '../../api/routes';
import type { Range } from '../../api/routes';
import type { Mark } from '../../api/schemas';
import { formatClock } from '../../ui/format';
import { toEpochMillis } from '../../ui/units';
import type { EpochMillis } from '../../ui/units';

export type MarkTime = { readonly start: EpochMillis; readonly end: EpochMillis };

const NONE: readonly Mark[] = [];

/** The marks of a range; none while they are fetched, or if they cannot be: what they are beside says why. */
export function useMarks(range: Range | undefined): readonly Mark[] {
  const marks = useQuery({
    queryKey: ['marks', range?.start, range?.end],
    queryFn: ({ signal }) => (range === undefined ? NONE : fetchMarks(range, signal)),
    placeholderData: keepPreviousData,
  });
  return marks.data ?? NONE;
}

export function timeOf(mark: Mark): MarkTime {
  const start = toEpochMillis(mark.startEpochNanos);
  return { start, end: mark.endEpochNanos === undefined ? start : toEpochMillis(mark.endEpochNanos) };
}

/** When, what and how, in a line. */
export function lineOf(mark: Mark): string {
  const { start, end } = timeOf(mark);
  const time = end > start ? `${formatClock(start)} to ${formatClock(end)}` : formatClock(start);
  return [time, mark.title, mark.text].filter((each) => each !== undefined && each !== '').join(' · ');
}

/** Where marks stand in a range, from 0 to 1, those outside of it left out. */
export function placesOf(marks: readonly Mark[], range: MarkTime): readonly { readonly mark: Mark; readonly from: number; readonly to: number }[] {
  const whole = Math.max(1, range.end - range.start);
  return marks.flatMap((mark) => {
    const { start, end } = timeOf(mark);
    if (end < range.start || start >= range.end) {
      return [];
    }
    return [
      {
        mark,
        from: Math.max(0, (start - range.start) / whole),
        to: Math.min(1, (end - range.start) / whole),
      },
    ];
  });
}
