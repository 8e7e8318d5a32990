// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useEffect, useSyncExternalStore } from 'react';

/*
 * Keys of a page. Single letters never act in a text field, and can be turned off as a whole (WCAG 2.1.4).
 */

const KEY = 'roentgen.letter-keys';
const listeners = new Set<() => void>();

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off';
  } catch {
    return true;
  }
}

let enabled = stored();

export function setLetterKeys(on: boolean): void {
  enabled = on;
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off');
  } catch {
    // Then it holds until the page is left.
  }
  listeners.forEach((listener) => listener());
}

export function useLetterKeys(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => enabled,
  );
}

export type KeyBinding = {
  /** A key as KeyboardEvent.key has it, or two with a blank between: `g t`. */
  readonly keys: string;
  readonly label: string;
  readonly run: () => void;
};

const SEQUENCE_MILLIS = 1_000;
const registered = new Set<readonly KeyBinding[]>();
let before: { readonly key: string; readonly at: number } | undefined;

function inTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    inTextField(event.target) ||
    document.querySelector('[aria-modal="true"]') !== null ||
    (!enabled && event.key.length === 1)
  ) {
    return;
  }
  const sequence =
    before !== undefined && event.timeStamp - before.at < SEQUENCE_MILLIS
      ? `${before.key} ${event.key}`
      : undefined;
  before = undefined;
  const all = [...registered].reverse().flat();
  const binding = all.find((each) => each.keys === sequence) ?? all.find((each) => each.keys === event.key);
  if (binding) {
    event.preventDefault();
    binding.run();
  } else if (all.some((each) => each.keys.startsWith(`${event.key} `))) {
    before = { key: event.key, at: event.timeStamp };
  }
}

/** Listens for keys as long as the component is there; the list should keep its identity between renders. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  useEffect(() => {
    if (registered.size === 0) {
      window.addEventListener('keydown', onKeyDown);
    }
    registered.add(bindings);
    return () => {
      registered.delete(bindings);
      if (registered.size === 0) {
        window.removeEventListener('keydown', onKeyDown);
      }
    };
  }, [bindings]);
}

/** What can be pressed now, page keys first. */
export function currentKeys(): readonly KeyBinding[] {
  return [...registered].reverse().flat();
}
