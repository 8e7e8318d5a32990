// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

const XRAY = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const HEX = /^[0-9a-f]{32}$/i;

/** Returns the id if the text is one, in the X-Ray or the W3C spelling; what is around it is left off. */
export function traceIdOf(text: string): string | undefined {
  const trimmed = text.trim().replace(/^Root=/i, '');
  return XRAY.test(trimmed) || (HEX.test(trimmed) && !/^0+$/.test(trimmed))
    ? trimmed.toLowerCase()
    : undefined;
}
