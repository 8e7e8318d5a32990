// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

// The colour scheme that was chosen, or the system's. The key is the one of app/color-scheme.ts.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('roentgen.color-scheme');
  } catch {
    // Storage may be off; then the system's scheme holds.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
