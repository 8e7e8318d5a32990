// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * The service map in a browser, against a real server that was sent data over its real protocols. Takes from the
 * environment CONSOLE_URL, OTLP_URL, SCREENSHOTS (folder), CHROMIUM (path). Prints a line for each step, and what
 * layout and drawing of large maps took; ends with 1 at the first step that fails.
 */

const assert = require('node:assert/strict');
const browserTest = require('./browser.js');
const { address, now, nanos, attributes, forgive, step, inspect, picture, search } = browserTest;

const SPANS_A_REQUEST = 5_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// ---------------------------------------------------------------------------------------------------- data

const random = browserTest.numbers(7);
const hex = (digits) => browserTest.hex(random, digits);

const KINDS = { server: 2, client: 3, producer: 4, consumer: 5 };

/** Spans by service, sent when there are enough. */
class Sender {
  spans = [];

  add(service, kind, name, { traceId, spanId = hex(16), parent, start, millis, status, exception, ...values }) {
    this.spans.push({
      service,
      span: {
        traceId,
        spanId,
        ...(parent === undefined ? {} : { parentSpanId: parent }),
        name,
        kind: KINDS[kind],
        startTimeUnixNano: nanos(start),
        endTimeUnixNano: nanos(start + millis),
        attributes: attributes({ ...values, ...(status === undefined ? {} : { 'http.response.status_code': status }) }),
        ...(status !== undefined && status >= 500 ? { status: { code: 2 } } : {}),
        ...(exception === undefined
          ? {}
          : {
              events: [
                {
                  name: 'exception',
                  timeUnixNano: nanos(start + millis),
                  attributes: attributes({ 'exception.type': exception.type, 'exception.message': exception.message }),
                },
              ],
            }),
      },
    });
    return spanId;
  }

  async flush() {
    for (let from = 0; from < this.spans.length; from += SPANS_A_REQUEST) {
      const byService = new Map();
      for (const { service, span } of this.spans.slice(from, from + SPANS_A_REQUEST)) {
        byService.set(service, [...(byService.get(service) ?? []), span]);
      }
      await browserTest.send(
        [...byService].map(([service, spans]) => [{ 'service.name': service }, spans]),
      );
    }
    this.spans = [];
  }
}

/**
 * A shop with all kinds of nodes, and a bank that fails; its calls end before `end`. Earlier it was another: with
 * coupons and without mail, with a quick stock, and a bank that seldom failed.
 */
async function sendShop(end = now, earlier = false) {
  const sender = new Sender();
  const pace = earlier ? 0.3 : 1;
  for (let i = 0; i < 400; i++) {
    const traceId = hex(32);
    const start = end - 2_000 - i * 8_500;
    const slow = 1 + random() * random() * 4;
    const bad = random();
    const bank = bad < (earlier ? 0.02 : 0.22) ? 503 : 200;
    const exception = bank === 503 ? { type: 'io.shop.BankException', message: 'the bank does not answer' } : undefined;
    const root = sender.add('front', 'server', 'POST /checkout', { traceId, start, millis: 180 * slow, status: bank });
    const call = (service, parent, callee, name, at, millis, status = 200, thrown = undefined) => {
      const client = sender.add(service, 'client', name, { traceId, parent, start: start + at * slow, millis: millis * slow, status, 'server.address': callee });
      return sender.add(callee, 'server', name, { traceId, parent: client, start: start + (at + 1) * slow, millis: (millis - 2) * slow, status, exception: thrown });
    };
    const database = (service, parent, system, name, at, millis) =>
      sender.add(service, 'client', `SELECT ${name}`, { traceId, parent, start: start + at * slow, millis: millis * slow, 'db.system.name': system, 'db.namespace': name, 'server.address': `${name}.internal` });
    const cart = call('front', root, 'cart', 'GET /cart', 2, 20);
    database('cart', cart, 'redis', 'sessions', 4, 2);
    database('cart', cart, 'postgresql', 'carts', 7, 9);
    if (earlier) {
      call('cart', cart, 'coupons', 'GET /coupons', 10, 5);
    }
    const search = call('front', root, 'search', 'GET /search', 24, 30, bad > 0.93 ? 429 : 200);
    database('search', search, 'elasticsearch', 'products', 27, 18);
    const checkout = call('front', root, 'checkout', 'POST /orders', 56, 120, bank);
    const stock = call('checkout', checkout, 'stock', 'POST /reserve', 58, 18 * pace, bad > 0.86 && bad < 0.9 ? 404 : 200);
    database('stock', stock, 'postgresql', 'stock', 61, 8 * pace);
    const pay = call('checkout', checkout, 'pay', 'POST /charge', 78, 80, bank, exception);
    sender.add('pay', 'client', 'POST /transfer', { traceId, parent: pay, start: start + 84 * slow, millis: 66 * slow, status: bank, 'server.address': 'bank.example.com', 'url.full': 'https://bank.example.com/transfer', 'http.request.method': 'POST' });
    if (i % 3 === 0) {
      call('checkout', checkout, 'recommendations-with-a-rather-long-name', 'GET /also', 160, 9);
    }
    if (!earlier) {
      const messaging = { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' };
      const sent = sender.add('checkout', 'producer', 'orders publish', { traceId, parent: checkout, start: start + 172 * slow, millis: 2, ...messaging });
      const got = sender.add('mail', 'consumer', 'orders process', { traceId, parent: sent, start: start + 190 * slow, millis: 40, ...messaging });
      sender.add('mail', 'client', 'POST /send', { traceId, parent: got, start: start + 192 * slow, millis: 30, 'server.address': 'smtp.example.net', 'url.full': 'https://smtp.example.net/send', 'http.request.method': 'POST', status: 200 });
    }
    if (i % 20 === 0) {
      const report = hex(32);
      const job = sender.add('nightly-report', 'server', 'run', { traceId: report, start, millis: 900 });
      sender.add('nightly-report', 'client', 'SELECT stock', { traceId: report, parent: job, start: start + 5, millis: 700, 'db.system.name': 'postgresql', 'db.namespace': 'stock', 'server.address': 'stock.internal' });
    }
    if (i % 40 === 0) {
      sender.add('heartbeat', 'server', 'beat', { traceId: hex(32), start, millis: 0.4 });
    }
  }
  await sender.flush();
}

/** Services in a mesh, all below one entrance; returns how many edges there are. */
async function sendMesh(count, end) {
  const sender = new Sender();
  const edges = [];
  for (let to = 1; to < count; to++) {
    for (let k = random() < 0.7 ? 1 : 2; k > 0; k--) {
      edges.push([Math.floor(to * random()), to]);
    }
  }
  for (let round = 0; round < 2; round++) {
    const traceId = hex(32);
    const start = end - 60_000 - round * 60_000;
    const name = (i) => `${['api', 'core', 'data', 'edge', 'auth', 'feed'][i % 6]}-${i}`;
    const main = [sender.add(name(0), 'server', 'GET /', { traceId, start, millis: 900, status: 200 })];
    for (const [from, to] of edges) {
      const status = random() < 0.03 ? 500 : random() < 0.03 ? 429 : random() < 0.04 ? 404 : 200;
      const at = start + random() * 40;
      const client = sender.add(name(from), 'client', 'call', { traceId, parent: main[from], start: at, millis: 5 + random() * 90, status, 'server.address': name(to) });
      main[to] = sender.add(name(to), 'server', 'call', { traceId, parent: client, start: at + 1, millis: 3 + random() * 80, status });
    }
  }
  await sender.flush();
  return edges.length;
}

// ---------------------------------------------------------------------------------------------------- browser

/** What the page measured of itself, newest last. */
function measured(page, name) {
  return page.evaluate((wanted) => performance.getEntriesByName(wanted).map((each) => each.duration), name);
}

function quantile(values, part) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0;
}

/** Zooms in and out by 120 turns of the wheel; returns how long each frame was shown, in milliseconds. */
async function zoomed(page, map) {
  const box = await map.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.evaluate(() => {
    const state = { frames: [], before: undefined, request: 0 };
    const frame = (at) => {
      if (state.before !== undefined) {
        state.frames.push(at - state.before);
      }
      state.before = at;
      state.request = requestAnimationFrame(frame);
    };
    state.request = requestAnimationFrame(frame);
    globalThis.zoomState = state;
  });
  for (let i = 0; i < 120; i++) {
    await page.mouse.wheel(0, i % 60 < 30 ? -60 : 60);
  }
  return page.evaluate(() => {
    cancelAnimationFrame(globalThis.zoomState.request);
    return globalThis.zoomState.frames;
  });
}

/** How much of the canvas is drawn on, from 0 to 1. */
function drawn(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector('.map-surface canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let set = 0;
    for (let i = 3; i < data.length; i += 4) {
      set += data[i] === 0 ? 0 : 1;
    }
    return set / (data.length / 4);
  });
}

async function test(browser) {
  const page = await browserTest.open(browser);
  const map = page.getByRole('application', { name: /^Service map/ });
  const panel = page.getByRole('complementary', { name: /^Details/ });

  await step('nothing has come in', async () => {
    await page.goto(`${address}/map`);
    await page.getByRole('heading', { name: 'Nothing was received yet' }).waitFor();
    await inspect(page, 'map-empty');
  });

  await sendShop();
  await sendShop(now - DAY, true);

  await step('the map shows all that calls and is called', async () => {
    await page.getByRole('button', { name: 'Refresh' }).click();
    await map.waitFor();
    await page.getByText(/^20 nodes, /).waitFor();
    await page.waitForFunction(() => performance.getEntriesByName('map first drawing').length > 0);
    assert.ok((await drawn(page)) > 0.02);
    await inspect(page, 'map');
  });

  await step('the keyboard walks along calls and opens what it stands on', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    // Away from the button, whose hint takes the first Escape.
    await page.mouse.move(300, 880);
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await panel.waitFor();
    assert.ok(search(page).get('sel'));
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    assert.equal(search(page).get('sel'), null);
  });

  await step('the panel of a node has numbers, charts, callers and callees', async () => {
    await page.goto(`${address}/map?sel=pay`);
    await panel.getByRole('heading', { name: 'pay' }).waitFor();
    await panel.getByRole('img', { name: /^Requests over time/ }).waitFor();
    await panel.getByRole('img', { name: /^Requests by response time/ }).waitFor();
    await panel.getByText('POST /charge').waitFor();
    await inspect(page, 'map-node');
    await page.setViewportSize({ width: 1440, height: 900 });
    await panel.getByRole('button', { name: 'bank.example.com' }).click();
    await panel.getByRole('heading', { name: /pay.*bank\.example\.com/ }).waitFor();
    await inspect(page, 'map-edge');
  });

  await step('the traces behind an edge are one click away', async () => {
    await panel.getByRole('link', { name: 'Traces' }).click();
    await page.waitForURL(/\/traces\?/);
    assert.equal(search(page).get('q'), 'edge("pay", "bank.example.com")');
    await page.goBack();
    await panel.waitFor();
  });

  await step('a brush over response times leads to their traces', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    const chart = panel.getByRole('img', { name: /^Requests by response time/ });
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/\/traces\?/);
    assert.match(search(page).get('q'), /^edge\("pay", "bank\.example\.com"\) \{ responsetime >= [0-9.]+ AND responsetime <= [0-9.]+ \}$/);
  });

  await step('a pointer on a node tells of it, a click opens it, one beside it closes', async () => {
    await page.goto(`${address}/map`);
    await page.getByText(/^20 nodes, /).waitFor();
    await map.focus();
    await page.keyboard.press('ArrowRight');
    const spoken = await page.locator('[aria-live=polite]').filter({ hasText: 'callers' }).textContent();
    const name = spoken.split(',')[0];
    // The cursor stands on the busiest node; where that is, the page does not tell, so the canvas is searched.
    const box = await map.boundingBox();
    let found;
    for (let x = 40; x < box.width && !found; x += 34) {
      for (let y = 40; y < box.height && !found; y += 34) {
        await page.mouse.move(box.x + x, box.y + y);
        if ((await page.locator('.map-hover-title').allTextContents()).includes(name)) {
          found = { x: box.x + x, y: box.y + y };
        }
      }
    }
    assert.ok(found, `${name} is under no point`);
    await picture(page, 'map-hover-1440-light');
    await page.mouse.click(found.x, found.y);
    await panel.getByRole('heading', { name }).waitFor();
    await page.mouse.click(box.x + 6, box.y + 6);
    await panel.waitFor({ state: 'detached' });
  });

  await step('focus, hops, labels and small edges are in the address', async () => {
    await page.getByLabel('Focus on a node').fill('PAY');
    await page.getByLabel('Focus on a node').press('Enter');
    await page.getByText(/^shown 3 of 20 nodes/).waitFor();
    await page.getByLabel('Hops').selectOption('2');
    await page.getByText(/^shown 7 of 20 nodes/).waitFor();
    await page.getByLabel('Label').selectOption('p99');
    await page.waitForURL(/label=p99/);
    assert.equal(search(page).get('focus'), 'pay');
    assert.equal(search(page).get('hops'), '2');
    await inspect(page, 'map-focus');
    await page.reload();
    await page.getByText(/^shown 7 of 20 nodes/).waitFor();
    await page.getByRole('button', { name: 'Show the whole map' }).click();
    await page.getByLabel('Edges').selectOption('0.1');
    await page.getByText(/^shown \d+ of 20 nodes/).waitFor();
    assert.equal(search(page).get('min'), '0.1');
  });

  await step('tables have the same, sorted as asked', async () => {
    await page.goto(`${address}/map`);
    await page.getByRole('button', { name: 'Nodes' }).click();
    const table = page.getByRole('table', { name: 'Nodes of the service map' });
    await table.waitFor();
    assert.equal(await table.getByRole('row').count(), 21);
    await table.getByRole('button', { name: 'Faults' }).click();
    await table.getByRole('columnheader', { name: 'Faults' }).and(page.locator('[aria-sort=descending]')).waitFor();
    await inspect(page, 'map-table');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: 'Calls' }).click();
    await page.getByRole('table', { name: 'Calls on the service map' }).waitFor();
    await page.getByRole('row').filter({ hasText: 'bank.example.com' }).click();
    await panel.waitFor();
    assert.equal(search(page).get('sel'), 'pay -> bank.example.com (remote)');
    await inspect(page, 'map-table-edge');
  });

  await step('compared with a day earlier: what is new, gone, slower and fails more', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/map`);
    await page.getByLabel('Compare').selectOption('day');
    await page.getByText(/^21 nodes, /).waitFor();
    const said = page.getByRole('status').filter({ hasText: 'Compared with' });
    await said.getByText(/\d+ new/).waitFor();
    await said.getByText(/\d+ gone/).waitFor();
    await said.getByText(/\d+ more fail/).waitFor();
    await said.getByText(/\d+ slower/).waitFor();
    assert.equal(search(page).get('cmp'), 'day');
    await inspect(page, 'map-compare');
    await page.goto(`${address}/map?cmp=day&sel=stock`);
    await panel.getByText(/^slower: \+/).waitFor();
    await panel.getByText(/^was /).first().waitFor();
    await inspect(page, 'map-compare-node');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/map?cmp=day&view=nodes`);
    const row = page.getByRole('row').filter({ has: page.getByRole('button', { name: 'coupons' }) });
    await row.getByRole('cell', { name: 'gone' }).waitFor();
    await page.getByRole('button', { name: 'Mean change' }).click();
    await inspect(page, 'map-compare-table');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('Compare').selectOption('own');
    await page.getByLabel('Range to compare with').fill('whenever');
    await page.getByLabel('Range to compare with').press('Enter');
    await page.getByText('Not a range of time').waitFor();
    await page.getByLabel('Range to compare with').fill('yesterday');
    await page.getByLabel('Range to compare with').press('Enter');
    await page.waitForURL(/cmp=\d{4}-/);
    await page.getByRole('button', { name: 'End the comparison' }).click();
    await said.waitFor({ state: 'detached' });
  });

  await step('a range is replayed step by step, and nothing moves', async () => {
    await page.goto(`${address}/map`);
    await map.waitFor();
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    const moment = page.getByRole('slider', { name: 'Moment' });
    await moment.waitFor();
    const layouts = (await measured(page, 'map layout')).length;
    const first = search(page).get('at');
    await moment.focus();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('ArrowRight');
    }
    await page.waitForFunction((before) => Number(new URLSearchParams(location.search).get('at')) - before === 30 * 60_000, Number(first));
    await page.getByText('1 minute a step').waitFor();
    await inspect(page, 'map-replay');
    await page.setViewportSize({ width: 1440, height: 900 });
    const at = search(page).get('at');
    await page.reload();
    await moment.waitFor();
    assert.equal(search(page).get('at'), at);
    await map.waitFor();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await page.waitForFunction((before) => Number(new URLSearchParams(location.search).get('at')) > before, Number(at));
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    assert.ok((await measured(page, 'map layout')).length <= layouts, 'the places stay');
    await page.getByRole('button', { name: 'End the replay' }).click();
    await moment.waitFor({ state: 'detached' });
    assert.equal(search(page).get('at'), null);
  });

  await step('nodes are sized and grouped as asked; a group opens and closes', async () => {
    await page.goto(`${address}/map`);
    await page.getByLabel('Size').selectOption('latency');
    await page.getByLabel('Grouping').selectOption('type');
    await page.getByText(/^shown 3 of 20 nodes; 17 in groups/).waitFor();
    await inspect(page, 'map-groups');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${address}/map?by=type&sel=${encodeURIComponent('* (remote)')}`);
    await panel.getByRole('button', { name: 'Open the group' }).click();
    await page.getByText(/^shown 5 of 20 nodes; 15 in groups/).waitFor();
    assert.equal(search(page).get('open'), 'remote');
    await page.getByRole('button', { name: 'Close groups' }).click();
    await page.getByText(/^shown 3 of 20 nodes; 17 in groups/).waitFor();
  });

  await step('m opens what can be done with a node, by keyboard alone', async () => {
    await page.goto(`${address}/map?sel=pay`);
    await panel.waitFor();
    // The panel may be there before the map has been laid out.
    await page.waitForFunction(() => performance.getEntriesByName('map first drawing').length > 0);
    await map.focus();
    await page.keyboard.press('m');
    const menu = page.getByRole('menu', { name: 'What to do with pay' });
    await menu.waitFor();
    await inspect(page, 'map-menu');
    await page.setViewportSize({ width: 1440, height: 900 });
    await menu.getByRole('menuitem', { name: 'Show its traces' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await menu.getByRole('menuitem', { name: 'Hide it' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^shown 19 of 20 nodes/).waitFor();
    assert.equal(search(page).get('hide'), 'pay');
    await page.getByRole('button', { name: 'show 1 hidden' }).click();
    await page.getByText(/^20 nodes, /).waitFor();
  });

  await step('the panel has the top errors, and is as wide as wanted', async () => {
    await page.goto(`${address}/map?sel=pay`);
    const errors = panel.getByRole('listitem').filter({ hasText: 'io.shop.BankException' });
    await errors.getByText('the bank does not answer').waitFor();
    assert.equal(await errors.getByRole('link').count(), 3);
    const before = (await panel.boundingBox()).width;
    const edge = page.getByRole('separator', { name: 'Width of the details' });
    await edge.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal((await panel.boundingBox()).width, before + 40);
    await page.reload();
    await panel.waitFor();
    assert.equal((await panel.boundingBox()).width, before + 40);
    await edge.dblclick();
    assert.equal((await panel.boundingBox()).width, before);
    await errors.scrollIntoViewIfNeeded();
    await picture(page, 'map-errors-1440-light');
    await errors.getByRole('link').first().click();
    await page.waitForURL(/\/trace\//);
  });

  await step('a copied link has times that do not move', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${address}/map?sel=pay`);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByRole('button', { name: /^Copied/ }).waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(link.searchParams.get('sel'), 'pay');
    assert.match(link.searchParams.get('from'), /^\d{4}-.*Z$/);
    assert.match(link.searchParams.get('to'), /^\d{4}-.*Z$/);
  });

  await step('a filter narrows the map; one that is wrong is told', async () => {
    await page.goto(`${address}/map?q=${encodeURIComponent('service("nightly-report")')}`);
    await page.getByText(/^3 nodes, /).waitFor();
    await page.goto(`${address}/map?q=${encodeURIComponent('servce("x")')}`);
    await page.getByRole('heading', { name: 'The filter is not understood' }).waitFor();
    forgive(/status of 400/);
    await inspect(page, 'map-filter-error');
    await page.goto(`${address}/map?q=${encodeURIComponent('service("nobody")')}`);
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'Drop the filter' }).click();
    await map.waitFor();
  });

  await step('what the address has wrong is told', async () => {
    await page.goto(`${address}/map?label=speed&min=-1&focus=nobody&sel=nothing&cmp=never`);
    await page.getByText(/cmp=never in the address/).waitFor();
    await page.getByText(/label=speed in the address/).waitFor();
    await page.getByText(/min=-1 in the address/).waitFor();
    await page.getByText(/^nobody is not on the map/).waitFor();
    await panel.getByText(/^This is not on the map/).waitFor();
    await inspect(page, 'map-address');
    await page.goto(`${address}/map?from=later`);
    await page.getByRole('heading', { name: 'That is not a range of time' }).waitFor();
  });

  await step('a server that is gone leaves the map and says so', async () => {
    await page.goto(`${address}/map`);
    await map.waitFor();
    await page.route('**/api/**', (route) => route.abort());
    forgive(/net::ERR_FAILED/);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').filter({ hasText: 'Not refreshed' }).waitFor();
    assert.ok(await map.isVisible());
    await picture(page, 'map-gone-1440-light');
    await page.unroute('**/api/**');
  });

  for (const [count, hours] of [
    [50, 2],
    [500, 4],
    [1_990, 6],
    [2_400, 8],
  ]) {
    const end = now - hours * HOUR;
    const edgeCount = await sendMesh(count, end);
    await step(`a map of ${count} services and ${edgeCount} calls`, async () => {
      const range = `from=${end - 30 * 60_000}&to=${end + 60_000}`;
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(`${address}/map?${range}`);
      await page.getByText(count > 2_000 ? /least busy are grouped by type/ : / nodes?, /).waitFor();
      await page.waitForFunction(() => performance.getEntriesByName('map first drawing').length > 0);
      const layouts = await measured(page, 'map layout');
      const drawings = await measured(page, 'map first drawing');
      console.log(
        `   layout ${layouts.map((each) => each.toFixed(1)).join(', ')} ms,` +
          ` drawing ${drawings.map((each) => each.toFixed(1)).join(', ')} ms`,
      );
      await inspect(page, `map-${count}`);
      await map.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await panel.waitFor();
      await picture(page, `map-${count}-selected-1440-light`);
      await page.keyboard.press('Escape');
      const frames = await zoomed(page, map);
      console.log(
        `   zoom ${frames.length} frames, p50 ${quantile(frames, 0.5).toFixed(1)} ms,` +
          ` p95 ${quantile(frames, 0.95).toFixed(1)} ms`,
      );
    });
  }
}

browserTest.run(test);
