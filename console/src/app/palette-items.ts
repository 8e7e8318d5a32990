// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { traceIdOf } from '../features/search/trace-id';

/** Something to go to or to do. */
export type PaletteItem = {
  readonly id: string;
  readonly group: 'Trace' | 'Pages' | 'Actions' | 'Services' | 'Recent filters';
  readonly label: string;
  readonly hint?: string;
  readonly run: () => void;
};

const MAX_SERVICES = 12;

/** Whether the letters of the typed words stand in the text, in their order within each word. */
function matches(text: string, typed: string): boolean {
  const lower = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/** What of all there is goes with what was typed; an id of a trace comes first. */
export function itemsFor(
  typed: string,
  all: readonly PaletteItem[],
  openTrace: (id: string) => void,
): readonly PaletteItem[] {
  const text = typed.trim();
  const id = traceIdOf(text);
  if (id !== undefined) {
    return [{ id: 'trace', group: 'Trace', label: `Open trace ${id}`, run: () => openTrace(id) }];
  }
  let services = 0;
  return all.filter(
    (item) =>
      matches(`${item.label} ${item.group}`, text) &&
      (item.group !== 'Services' || ++services <= MAX_SERVICES),
  );
}

/** A filter for what a service took part in. */
export function serviceFilter(service: string): string {
  return `service("${service.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}")`;
}
