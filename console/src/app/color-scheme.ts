// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useSyncExternalStore } from 'react';

/** What was chosen; `system` follows the system. The key is the one of public/theme.js. */
export type ColorScheme = 'system' | 'light' | 'dark';

const KEY = 'roentgen.color-scheme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): ColorScheme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    // Storage may be off; then the system's scheme holds.
    return 'system';
  }
}

let current = chosen();

function shown(): 'light' | 'dark' {
  return current === 'system' ? (dark.matches ? 'dark' : 'light') : current;
}

function apply(): void {
  document.documentElement.setAttribute('data-mantine-color-scheme', shown());
  listeners.forEach((listener) => listener());
}

dark.addEventListener('change', apply);

export function setColorScheme(scheme: ColorScheme): void {
  current = scheme;
  try {
    if (scheme === 'system') {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, scheme);
    }
  } catch {
    // Then it holds until the page is left.
  }
  apply();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The scheme that was chosen, and the one that is shown. */
export function useColorScheme(): { readonly chosen: ColorScheme; readonly shown: 'light' | 'dark' } {
  const scheme = useSyncExternalStore(subscribe, () => current);
  const visible = useSyncExternalStore(subscribe, shown);
  return { chosen: scheme, shown: visible };
}
