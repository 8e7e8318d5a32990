// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

/** The group that every trace is in. */
export const DEFAULT_GROUP = 'Default';

/**
 * Returns the expression for the traces of a group that a filter matches. The filter stands on lines of its own, so
 * that columns in what the server says of it are those of the filter.
 */
export function scopeOf(group: string | undefined, filter: string): string {
  if (group === undefined || group === DEFAULT_GROUP) {
    return filter;
  }
  const members = `group.name = "${group.replace(/["\\]/g, '\\$&')}"`;
  if (filter.trim() === '') {
    return members;
  }
  // What closes more than it opens would end our parentheses; alone it is refused as what it is.
  return closesItself(filter) ? `(\n${filter}\n) AND ${members}` : filter;
}

function closesItself(filter: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < filter.length; i++) {
    const at = filter[i];
    if (quoted) {
      if (at === '\\') {
        i++;
      } else if (at === '"') {
        quoted = false;
      }
    } else if (at === '"') {
      quoted = true;
    } else if (at === '(') {
      depth++;
    } else if (at === ')' && --depth < 0) {
      return false;
    }
  }
  return depth === 0 && !quoted;
}
