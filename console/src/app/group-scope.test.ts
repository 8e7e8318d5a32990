// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import { scopeOf } from './group-scope';

it.each([
  [undefined, 'fault', 'fault'],
  ['Default', 'fault', 'fault'],
  ['shop', '', 'group.name = "shop"'],
  ['shop', 'ok OR fault', '(\nok OR fault\n) AND group.name = "shop"'],
  ['a"b', '', 'group.name = "a\\"b"'],
  // Neither may get out of the group, nor hide what is wrong with it.
  ['shop', 'ok) OR (fault', 'ok) OR (fault'],
  ['shop', '(ok', '(ok'],
  ['shop', 'service("a', 'service("a'],
  ['shop', 'name = "a)"', '(\nname = "a)"\n) AND group.name = "shop"'],
])('scope of group %s and filter %j', (group, filter, scope) => {
  expect(scopeOf(group, filter)).toBe(scope);
});
