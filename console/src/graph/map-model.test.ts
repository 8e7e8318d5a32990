// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { GRAPH } from '../api/schemas';
import { kindOf } from './kind';
import { badShare, busier, focused, grouped, meanOf, modelOf } from './map-model';
import type { MapModel } from './map-model';

type Call = readonly [from: string, to: string, count: number];

function statistics(total: number, fault = 0): object {
  return {
    totalCount: total,
    okCount: total - fault,
    errorCount: 0,
    throttleCount: 0,
    faultCount: fault,
    totalDurationNanos: String(total * 2_000_000),
    ...(total > 0 && { latency: { p50Nanos: '1000000', p90Nanos: '2000000', p95Nanos: '3000000', p99Nanos: '4000000' } }),
  };
}

/** Names with a colon have a type after it. */
function model(nodes: readonly (readonly [string, number])[], calls: readonly Call[]): MapModel {
  const id = (text: string): object => {
    const [name, ...type] = text.split(':');
    return { name, type: type.join(':') };
  };
  return modelOf(
    GRAPH.decode(
      {
        nodes: nodes.map(([text, count]) => ({ ...id(text), statistics: statistics(count, count / 10) })),
        edges: calls.map(([from, to, count]) => ({ caller: id(from), callee: id(to), statistics: statistics(count) })),
        startEpochNanos: '0',
        endEpochNanos: '100000000000',
      },
      '',
    ),
  );
}

const SHOP = model(
  [
    ['front:client', 0],
    ['front', 1_000],
    ['cart', 500],
    ['pay', 10],
    ['carts:Database::SQL', 500],
    ['lone', 1],
  ],
  [
    ['front:client', 'front', 1_000],
    ['front', 'cart', 500],
    ['front', 'pay', 10],
    ['cart', 'carts:Database::SQL', 500],
  ],
);

function keys({ nodes }: MapModel): string[] {
  return nodes.map(({ key }) => key);
}

describe('modelOf', () => {
  it('knows callers, callees, kinds and names that are there twice', () => {
    const front = SHOP.nodeByKey.get('front');
    expect(front?.incoming.map(({ from }) => from.key)).toEqual(['front (client)']);
    expect(front?.outgoing.map(({ to }) => to.key)).toEqual(['cart', 'pay']);
    expect(front?.ambiguous).toBe(true);
    expect(SHOP.nodeByKey.get('carts (Database::SQL)')?.kind).toBe('database');
    expect(SHOP.edgeByKey.get('front -> cart')?.calls.total).toBe(500);
    expect(SHOP.seconds).toBe(100);
  });

  it('gives a client the requests that it made', () => {
    expect(SHOP.nodeByKey.get('front (client)')?.calls.total).toBe(1_000);
  });

  it('tells shares and means', () => {
    const calls = SHOP.nodeByKey.get('cart')?.calls;
    expect(calls && badShare(calls)).toBeCloseTo(0.1);
    expect(calls && meanOf(calls)).toBe(2_000);
    const none = model([['a', 0]], []).nodes[0]?.calls;
    expect(none && [badShare(none), meanOf(none)]).toEqual([0, undefined]);
  });
});

describe('focused', () => {
  it.each([
    [1, ['front', 'cart', 'carts (Database::SQL)']],
    [2, ['front (client)', 'front', 'cart', 'pay', 'carts (Database::SQL)']],
  ])('keeps what is %d calls away', (hops, expected) => {
    const part = focused(SHOP, 'cart', hops);
    expect(keys(part)).toEqual(expected);
    expect([part.shownCount, part.totalCount]).toEqual([expected.length, 6]);
  });

  it('leaves all if the node is not there', () => {
    expect(focused(SHOP, 'nobody', 1)).toBe(SHOP);
  });
});

describe('busier', () => {
  it('hides small edges and what hangs only on them', () => {
    const part = busier(SHOP, 1, undefined);
    expect(keys(part)).toEqual(['front (client)', 'front', 'cart', 'carts (Database::SQL)']);
    expect(part.edgeByKey.has('front -> pay')).toBe(false);
  });

  it('keeps what is focused on', () => {
    expect(keys(busier(SHOP, 1, 'lone'))).toContain('lone');
  });
});

describe('grouped', () => {
  const many = model(
    Array.from({ length: 20 }, (_, i) => [`s${i}`, 100 - i] as const),
    Array.from({ length: 19 }, (_, i) => ['s0', `s${i + 1}`, 100 - i] as const),
  );

  it('leaves what is few enough', () => {
    expect(grouped(many, 20, [])).toBe(many);
  });

  it('puts the least busy together, and says how many', () => {
    const part = grouped(many, 5, ['s19']);
    expect(keys(part).sort()).toEqual(['* (no type)', 's0', 's1', 's19', 's2']);
    expect([part.shownCount, part.groupedCount, part.totalCount]).toEqual([4, 16, 20]);
    expect(part.nodeByKey.get('* (no type)')?.count).toBe(16);
    const edge = part.edgeByKey.get('s0 -> * (no type)');
    expect(edge?.calls.total).toBe(Array.from({ length: 16 }, (_, i) => 98 - i).reduce((sum, each) => sum + each, 0));
    expect(edge?.calls.p99).toBeUndefined();
  });
});

describe('kindOf', () => {
  it.each([
    ['', 'service'],
    ['AWS::ECS::Container', 'service'],
    ['client', 'client'],
    ['remote', 'remote'],
    ['Database::SQL', 'database'],
    ['AWS::DynamoDB::Table', 'database'],
    ['Database::redis', 'cache'],
    ['AWS::ElastiCache', 'cache'],
    ['Messaging::kafka', 'queue'],
    ['AWS::SQS::Queue', 'queue'],
  ])('%j is a %s', (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });
});
