// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Change } from '../../graph/change';
import type { Kind } from '../../graph/kind';

/* Outlines in a box of 16 by 16, for canvas and SVG alike. */

export const KIND_OUTLINES: Readonly<Record<Kind, string>> = {
  service: 'M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9z',
  database:
    'M2.8 4c0-1.2 2.3-2.1 5.2-2.1s5.2.9 5.2 2.1-2.3 2.1-5.2 2.1S2.8 5.2 2.8 4zM2.8 4v8c0 1.2 2.3 2.1 5.2 2.1s5.2-.9 5.2-2.1V4M2.8 8c0 1.2 2.3 2.1 5.2 2.1s5.2-.9 5.2-2.1',
  cache: 'M9 1.8L3.6 9H8l-1 5.2L12.4 7H8z',
  queue: 'M1.6 4.8h3.6v6.4H1.6zM6.2 4.8h3.6v6.4H6.2zM10.8 4.8h3.6v6.4h-3.6z',
  remote:
    'M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4M1.8 8h12.4M8 1.8c-3.4 3.6-3.4 8.8 0 12.4M8 1.8c3.4 3.6 3.4 8.8 0 12.4',
  client: 'M8 2.2a2.6 2.6 0 1 0 0 5.2a2.6 2.6 0 1 0 0-5.2M2.8 14c0-3 2.3-4.8 5.2-4.8s5.2 1.8 5.2 4.8',
  group: 'M2 5.5h8.5V14H2zM5.5 5.5V2H14v8.5h-3.5',
};

export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  service: 'Service',
  database: 'Database',
  cache: 'Cache',
  queue: 'Queue',
  remote: 'Remote host',
  client: 'Client',
  group: 'Group',
};

/** In a box of 14 by 14. */
export const CHANGE_OUTLINES: Readonly<Record<Change, string>> = {
  new: 'M7 2v10M2 7h10',
  gone: 'M2 7h10',
  faults: 'M4.4 1.4h5.2l3 3v5.2l-3 3H4.4l-3-3V4.4zM4.8 4.8l4.4 4.4M9.2 4.8L4.8 9.2',
  slower: 'M7 12V2.4M2.8 6.6L7 2.4l4.2 4.2',
  faster: 'M7 2v9.6M2.8 7.4L7 11.6l4.2-4.2',
  fewer: 'M2 7.6l3.2 3.2L12 3.6',
  same: 'M2 5h10M2 9h10',
};
