// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * Compare and analytics in a browser, against a real server: a made-up shop whose checkout is slow for one tenant, as the
 * bank takes most of the deadline. Takes from the environment CONSOLE_URL, OTLP_URL, SCREENSHOTS (folder), CHROMIUM
 * (path). Prints a line for each step; ends with 1 at the first that fails.
 */

const assert = require('node:assert/strict');
const browserTest = require('./browser.js');
const { address, now, nanos, attributes, send, forgive, step, inspect, search } = browserTest;

const random = browserTest.numbers(11);
const hex = (digits) => browserTest.hex(random, digits);
const KINDS = { internal: 1, server: 2, client: 3 };

// ---------------------------------------------------------------------------------------------------- data

/** Sends checkouts, each eighth slow; returns the ids of a slow and a normal one. */
async function sendCheckouts(count) {
  const services = new Map();
  const add = (service, kind, name, { traceId, parent, start, millis, fault, ...values }) => {
    const spanId = hex(16);
    const span = {
      traceId,
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name,
      kind: KINDS[kind],
      startTimeUnixNano: nanos(start),
      endTimeUnixNano: nanos(start + millis),
      attributes: attributes(values),
      ...(fault ? { status: { code: 2 } } : {}),
    };
    services.set(service, [...(services.get(service) ?? []), span]);
    return spanId;
  };
  const found = {};
  for (let i = 0; i < count; i++) {
    const traceId = hex(32);
    const slow = i % 8 === 3;
    const late = i % 16 === 3;
    const start = now - 20_000 - i * 9_000;
    const bank = slow ? 1_500 + random() * 400 : 60 + random() * 50;
    const cart = 12 + random() * 6;
    const tenant = slow && random() > 0.06 ? 'acme' : `tenant-${Math.floor(random() * 9)}`;
    const root = add('front', 'server', 'POST /checkout', {
      traceId, start, millis: 60 + cart + bank, fault: late, tenant,
      'app.version': random() < 0.5 ? '4.1.0' : '4.1.1', 'request.id': hex(12), 'http.request.method': 'POST',
      'http.response.status_code': late ? 504 : 200, 'basket.items': 1 + Math.floor(random() * 40),
    });
    const cartCall = add('front', 'client', 'shop.Cart/Get', { traceId, parent: root, start: start + 2, millis: cart, 'rpc.system': 'grpc', 'rpc.grpc.status_code': 0 });
    add('cart', 'server', 'shop.Cart/Get', { traceId, parent: cartCall, start: start + 3, millis: cart - 2, 'rpc.system': 'grpc', 'rpc.grpc.status_code': 0 });
    const at = start + 10 + cart;
    const pay = { 'rpc.system': 'grpc', 'rpc.grpc.status_code': late ? 4 : 0, fault: late };
    const payCall = add('front', 'client', 'shop.Pay/Charge', { traceId, parent: root, start: at, millis: 40 + bank, ...pay });
    const charge = add('pay', 'server', 'shop.Pay/Charge', { traceId, parent: payCall, start: at + 2, millis: 36 + bank, 'grpc.deadline_ms': 2_000, ...pay });
    if (slow || i % 8 === 1) {
      add('pay', 'internal', 'risk check', { traceId, parent: charge, start: at + 4, millis: 11 });
    }
    add('pay', 'client', 'POST /transfer', { traceId, parent: charge, start: at + 20, millis: bank, fault: late, 'server.address': 'bank.example.com', 'http.request.method': 'POST' });
    if (i === 3) {
      found.slow = traceId;
    } else if (i === 4) {
      found.normal = traceId;
    }
  }
  await send([...services].map(([service, spans]) => [{ 'service.name': service }, spans]));
  return found;
}

// ---------------------------------------------------------------------------------------------------- browser

function xray(id) {
  return `1-${id.slice(0, 8)}-${id.slice(8)}`;
}

async function test(browser) {
  const page = await browserTest.open(browser);
  const tree = page.getByRole('treegrid', { name: 'Paths of both sides' });

  await step('compare asks for its sides', async () => {
    await page.goto(`${address}/compare`);
    await page.getByRole('heading', { name: 'Compare' }).waitFor();
    await inspect(page, 'compare-picker');
  });

  await step('analytics with nothing says so', async () => {
    await page.goto(`${address}/analytics`);
    await page.getByRole('heading', { name: 'No trace began in this range of time' }).waitFor();
    await inspect(page, 'analytics-empty');
  });

  const { slow, normal } = await sendCheckouts(320);

  await step('a slow checkout beside a normal one shows which path ate the time', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/compare`);
    await page.getByLabel('A: what is compared').fill(slow);
    await page.getByLabel('B: what it is compared with').fill(normal);
    await page.getByLabel('B: what it is compared with').press('Enter');
    await tree.waitFor();
    assert.equal(search(page).get('a'), slow);
    const answer = page.getByRole('region', { name: 'Where the time went' });
    assert.match(await answer.getByRole('button').first().textContent(), /pay POST \/transfer▲ \+1\.\d+ s of its own/);
    await tree.getByRole('row').filter({ hasText: 'risk check' }).getByText('only in A').waitFor();
    await inspect(page, 'compare');
  });

  await step('the tree is walked, folded and sorted by keys', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await tree.focus();
    const count = await tree.getByRole('row').count();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowLeft');
    await page.waitForFunction(() => document.querySelectorAll('.compare-rows [role=row]').length === 1);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((all) => document.querySelectorAll('.compare-row').length === all, count);
    await page.keyboard.press('{');
    await page.waitForFunction(() => document.querySelectorAll('.compare-rows [role=row]').length === 1);
    await page.keyboard.press('}');
    await page.getByLabel('Greatest difference first').check();
    await page.waitForURL(/sort=difference/);
    assert.match(await tree.getByRole('row').nth(2).textContent(), /shop\.Pay\/Charge/);
    await page.getByRole('link', { name: 'Swap' }).click();
    await page.waitForURL((url) => url.searchParams.get('a') === normal);
    await tree.getByRole('row').filter({ hasText: 'risk check' }).getByText('only in B').waitFor();
  });

  await step('a trace is compared with the median of its operation', async () => {
    await page.goto(`${address}/trace/${xray(slow)}`);
    await page.getByRole('button', { name: 'Compare with…' }).click();
    await inspect(page, 'compare-with');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'The median of its operation' }).click();
    await page.getByText(/^Median of \d+ traces/).waitFor();
    assert.equal(search(page).get('bLike'), xray(slow));
    await tree.getByRole('row').filter({ hasText: 'risk check' }).getByText(/in \d+ of \d+/).waitFor();
    await inspect(page, 'compare-median');
  });

  await step('x chooses two traces', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/trace/${xray(normal)}`);
    await page.getByRole('button', { name: 'Compare with…' }).waitFor();
    await page.keyboard.press('x');
    await page.getByRole('button', { name: 'Chosen to compare' }).waitFor();
    await page.goto(`${address}/trace/${xray(slow)}`);
    await page.getByRole('button', { name: 'Compare with…' }).waitFor();
    await page.keyboard.press('x');
    await tree.waitFor();
    assert.equal(search(page).get('a'), xray(slow));
    assert.equal(search(page).get('b'), xray(normal));
  });

  await step('a set is compared with a set', async () => {
    await page.goto(`${address}/compare?aFilter=fault&bFilter=${encodeURIComponent('service("front") AND ok')}`);
    await tree.waitFor();
    await inspect(page, 'compare-sets');
  });

  await step('what cannot be compared is told', async () => {
    forgive(/status of 40[04]/);
    await page.goto(`${address}/compare?a=${slow}&b=00000000000000ff00000000000000ff`);
    await page.getByRole('alert').filter({ hasText: 'not found' }).waitFor();
    await page.goto(`${address}/compare?a=${slow}&bFilter=servce(%22a%22)`);
    await page.getByRole('heading', { name: 'The filter is not understood' }).waitFor();
    await page.goto(`${address}/compare?a=${slow}&bFilter=service(%22nobody%22)`);
    await page.getByRole('heading', { name: 'No trace is in B' }).waitFor();
    await inspect(page, 'compare-nothing');
  });

  await step('the slowest are one click away, and the planted field ranks first', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/analytics`);
    await page.getByRole('button', { name: 'The slowest 10 %' }).waitFor();
    await inspect(page, 'analytics-start');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('Set A: what is different').fill('duration >= 1');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const fields = page.getByRole('region', { name: 'Fields by difference' }).getByRole('article');
    await fields.first().waitFor();
    const names = await fields.getByRole('heading').allTextContents();
    assert.equal(names[0], 'tenant');
    assert.ok(!names.includes('request.id'));
    assert.ok(!names.includes('basket.items'));
    await page.getByRole('region', { name: 'Root causes' }).getByText(/front → pay/).first().waitFor();
    await inspect(page, 'analytics');
  });

  await step('a value narrows the filter', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'acme', exact: true }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'attribute["tenant"] = "acme"');
    assert.equal(search(page).get('a'), 'duration >= 1');
    await page.getByRole('heading', { name: 'Set B has no trace' }).waitFor();
    await page.goBack();
  });

  await step('a brush over the durations makes another set A', async () => {
    const chart = page.getByRole('img', { name: /^Durations of both sets/ });
    await chart.waitFor();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + 30, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL((url) => /^duration >= [0-9.]+ AND duration < [0-9.]+$/.test(url.searchParams.get('a') ?? ''));
  });

  await step('sets that are not understood are told', async () => {
    forgive(/status of 400/);
    await page.goto(`${address}/analytics?a=${encodeURIComponent('duraton > 1')}`);
    await page.getByRole('heading', { name: 'The filter is not understood' }).waitFor();
    await page.getByRole('button', { name: 'Use duration' }).click();
    await page.waitForURL((url) => url.searchParams.get('a') === 'duration > 1');
  });

  await step('keys lead to both pages and the range stays', async () => {
    await page.goto(`${address}/traces?from=now-3h`);
    await page.getByRole('table').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.waitForURL(/\/analytics\?from=now-3h/);
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL(/\/compare\?from=now-3h/);
  });
}

browserTest.run(test);
