// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { GRAPH } from '../api/schemas';
import { kindOf } from './kind';
import {
  badShare,
  busier,
  compared,
  focused,
  groupOf,
  grouped,
  groupedBy,
  meanOf,
  modelOf,
  replayed,
  without,
} from './map-model';
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

describe('groupedBy', () => {
  const names = model(
    [
      ['shop-front', 100],
      ['shop-cart', 50],
      ['lone', 10],
      ['carts:Database::SQL', 50],
      ['users:Database::SQL', 20],
    ],
    [
      ['shop-front', 'shop-cart', 50],
      ['shop-cart', 'carts:Database::SQL', 50],
      ['shop-front', 'users:Database::SQL', 20],
    ],
  );

  it('puts those of one type together, and those with one prefix', () => {
    expect(keys(groupedBy(names, 'type', [])).sort()).toEqual(['* (Database::SQL)', '* (service)']);
    const part = groupedBy(names, 'prefix', []);
    expect(keys(part).sort()).toEqual(['* (shop)', 'carts (Database::SQL)', 'lone', 'users (Database::SQL)']);
    expect(part.nodeByKey.get('* (shop)')).toMatchObject({ count: 2, members: ['shop-front', 'shop-cart'], group: 'shop' });
    expect(part.edgeByKey.get('* (shop) -> carts (Database::SQL)')?.parts).toEqual(['shop-cart -> carts (Database::SQL)']);
    expect([part.shownCount, part.groupedCount]).toEqual([3, 2]);
  });

  it('leaves groups that are open', () => {
    expect(groupedBy(names, 'prefix', ['shop'])).toBe(names);
  });

  it('names the group of a node, open or not', () => {
    const of = (key: string): string | undefined => {
      const node = names.nodeByKey.get(key);
      return node && groupOf(names, node, 'prefix');
    };
    expect([of('shop-cart'), of('lone')]).toEqual(['shop', undefined]);
  });
});

describe('without', () => {
  it('takes nodes away with their edges', () => {
    const part = without(SHOP, ['cart']);
    expect(keys(part)).not.toContain('cart');
    expect([...part.edgeByKey.keys()]).toEqual(['front (client) -> front', 'front -> pay']);
    expect(without(SHOP, ['nobody'])).toBe(SHOP);
  });
});

describe('compared', () => {
  const before = model(
    [
      ['front:client', 0],
      ['front', 500],
      ['cart', 500],
      ['coupons', 40],
    ],
    [
      ['front:client', 'front', 500],
      ['front', 'cart', 500],
      ['cart', 'coupons', 40],
    ],
  );
  const both = compared(SHOP, before);

  it('has what is in either range, and says in which', () => {
    const states = Object.fromEntries(both.nodes.map(({ key, then }) => [key, then?.state]));
    expect(states).toEqual({
      'front (client)': 'both',
      front: 'both',
      cart: 'both',
      pay: 'new',
      'carts (Database::SQL)': 'new',
      lone: 'new',
      coupons: 'gone',
    });
    expect(both.edgeByKey.get('cart -> coupons')).toMatchObject({ calls: { total: 0 }, then: { state: 'gone', calls: { total: 40 } } });
    expect(both.nodeByKey.get('front')).toMatchObject({ calls: { total: 1_000 }, then: { calls: { total: 500 } } });
    expect(both.nodeByKey.get('cart')?.outgoing.map(({ key }) => key)).toContain('cart -> coupons');
  });

  it('keeps what is gone when small edges are hidden, if it was not small', () => {
    expect(busier(both, 0.3, undefined).edgeByKey.has('cart -> coupons')).toBe(true);
    expect(busier(both, 1, undefined).edgeByKey.has('cart -> coupons')).toBe(false);
  });

  it('adds up groups in both ranges', () => {
    const group = groupedBy(both, 'type', []).nodeByKey.get('* (service)');
    expect(group).toMatchObject({ then: { state: 'both', calls: { total: 1_040 } } });
  });
});

describe('replayed', () => {
  it('has the same nodes and edges with the calls of the moment', () => {
    const moment = model([['front', 10], ['cart', 4]], [['front', 'cart', 4]]);
    const part = replayed(SHOP, moment);
    expect(keys(part)).toEqual(keys(SHOP));
    expect([...part.edgeByKey.keys()]).toEqual([...SHOP.edgeByKey.keys()]);
    expect(part.nodeByKey.get('front')?.calls.total).toBe(10);
    expect(part.nodeByKey.get('pay')?.calls.total).toBe(0);
    expect(part.edgeByKey.get('front -> cart')?.calls.total).toBe(4);
  });

  it('adds up the members of groups', () => {
    const moment = model([['front', 10], ['cart', 4], ['pay', 1]], []);
    expect(replayed(groupedBy(SHOP, 'type', []), moment).nodeByKey.get('* (service)')?.calls.total).toBe(15);
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
