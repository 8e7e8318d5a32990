// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: 'src',
  plugins: [react()],
  build: {
    emptyOutDir: true,
    // A data: address in the place of a file would need leave from the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The server's test holds the sizes to a budget, packed as they are sent.
    chunkSizeWarningLimit: 1_000,
  },
  // `npm run dev` beside a server that runs: pages and the sources in api/ from here, data from there.
  server: {
    proxy: { '^/api/(?![\\w-]+\\.ts(\\?|$))': process.env['ROENTGEN_URL'] ?? 'http://127.0.0.1:8600' },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['test-setup.ts'],
    restoreMocks: true,
  },
});
