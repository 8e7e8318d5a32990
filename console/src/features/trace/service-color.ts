// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

const COLORS = 10;

/** Returns the colour of a service: the same on every page and visit, by its name alone. */
export function serviceColor(service: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < service.length; i++) {
    hash = Math.imul(hash ^ service.charCodeAt(i), 0x01000193);
  }
  return `--service-${((hash >>> 0) % COLORS) + 1}`;
}
