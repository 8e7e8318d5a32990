// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import { localPath } from './LoginPage';

it.each([
  ['/traces?q=fault', '/traces?q=fault'],
  [undefined, '/'],
  ['https://evil.example/', '/'],
  ['//evil.example/', '/'],
  ['/\\evil.example/', '/'],
  ['/login?next=/login', '/'],
  ['traces', '/'],
])('after %s goes on with %s', (next, expected) => {
  expect(localPath(next)).toBe(expected);
});
