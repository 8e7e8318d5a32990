// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, it } from 'vitest';
import {
  DEFAULT_COLUMNS,
  columnsText,
  fieldLabel,
  parseColumns,
  storeColumns,
  storedColumns,
  toggled,
} from './columns';

beforeEach(() => localStorage.clear());

describe('columns', () => {
  it('are kept in a text, commas in keys too', () => {
    const columns = ['time', 'trace', 'annotation["a,b"]'];
    expect(parseColumns(columnsText(columns))).toEqual(columns);
    expect(columnsText(DEFAULT_COLUMNS)).toBeUndefined();
  });

  it.each([undefined, '', ' , '])('are none in %j', (text) => {
    expect(parseColumns(text)).toBeUndefined();
  });

  it('count once, and fields beyond what the server takes are left out', () => {
    const many = Array.from({ length: 12 }, (_, i) => `annotation.k${i}`);
    expect(parseColumns(`time,time,${many.join(',')}`)).toEqual(['time', ...many.slice(0, 8)]);
  });

  it('come and go, each at its place', () => {
    const without = toggled(DEFAULT_COLUMNS, 'grpc');
    expect(without).not.toContain('grpc');
    expect(toggled(without, 'grpc')).toEqual(DEFAULT_COLUMNS);
    expect(toggled(DEFAULT_COLUMNS, 'user').indexOf('user')).toBe(DEFAULT_COLUMNS.indexOf('spans'));
    expect(toggled(['time'], 'time')).toEqual(['time']);
  });

  it('stay for the next visit', () => {
    storeColumns(['time', 'user']);
    expect(storedColumns()).toEqual(['time', 'user']);
    storeColumns(DEFAULT_COLUMNS);
    expect(storedColumns()).toBeUndefined();
  });

  it('are named as people know them', () => {
    expect(fieldLabel('service')).toBe('Node');
    expect(fieldLabel('annotation.tenant')).toBe('tenant');
    expect(fieldLabel('annotation["a.b"]')).toBe('a.b');
  });
});
