// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * The console in a browser, against a real server that was sent data over its real protocols. Takes from the
 * environment CONSOLE_URL, OTLP_URL, XRAY_UDP (port), SCREENSHOTS (folder), CHROMIUM (path); and for a second server
 * that wants a token, GUARDED_URL and GUARDED_TOKEN. Prints a line for each step; ends with 1 at the first that fails.
 */

const assert = require('node:assert/strict');
const dgram = require('node:dgram');
const browserTest = require('./browser.js');
const { address, now, nanos, attributes, forgive, step, inspect, search } = browserTest;

const LARGE_TRACE = '0af7651916cd43dd8448eb211c80319c';
const LARGE_SPANS = 100_000;
const SPANS_A_REQUEST = 5_000;
const SMALL_TRACES = 260;

// ---------------------------------------------------------------------------------------------------- data

const random = browserTest.numbers(42);
const hex = (digits) => browserTest.hex(random, digits);

const KINDS = { internal: 1, server: 2, client: 3 };

function span({ traceId, spanId = hex(16), parent, name, kind = 'internal', start, millis, values = {}, ...more }) {
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + millis),
    attributes: attributes(values),
    ...more,
  };
}

function send(service, spans) {
  return browserTest.send([[{ 'service.name': service, 'service.version': '1.4.2' }, spans]]);
}

function sendXRay(documents) {
  const socket = dgram.createSocket('udp4');
  const one = (document) =>
    new Promise((resolve, reject) =>
      socket.send(
        `{"format":"json","version":1}\n${JSON.stringify(document)}`,
        Number(process.env.XRAY_UDP),
        '127.0.0.1',
        (error) => (error ? reject(error) : resolve()),
      ),
    );
  return Promise.all(documents.map(one)).finally(() => socket.close());
}

/** A checkout that a bank made slow and then failed, with what else a trace can have. */
async function sendCheckout() {
  const traceId = Math.floor(now / 1_000).toString(16) + hex(24);
  const start = now - 60_000;
  const root = hex(16);
  const charge = hex(16);
  const bank = hex(16);
  const stock = hex(16);
  const grpc = (method, status) => ({
    'rpc.system': 'grpc',
    'rpc.method': method,
    'rpc.grpc.status_code': status,
  });
  await send('front', [
    span({ traceId, spanId: root, name: 'shop.Front/Checkout', kind: 'server', start, millis: 1_940, values: { ...grpc('Checkout', 14), 'enduser.id': 'u-17', 'cart.items': 3, 'cart.gift': true }, status: { code: 2, message: 'payment failed' } }),
    span({ traceId, spanId: charge, parent: root, name: 'shop.Pay/Charge', kind: 'client', start: start + 240, millis: 1_680, values: grpc('Charge', 14), status: { code: 2 } }),
    span({ traceId, parent: root, name: 'render receipt', start: start + 1_921, millis: 15 }),
    span({ traceId, spanId: stock, parent: root, name: 'shop.Stock/Reserve', kind: 'client', start: start + 8, millis: 210, values: grpc('Reserve', 0) }),
    span({ traceId, parent: 'feedfacefeedface', name: 'audit', start: start + 300, millis: 12 }),
  ]);
  const reserve = hex(16);
  await send('stock', [
    span({ traceId, spanId: reserve, parent: stock, name: 'shop.Stock/Reserve', kind: 'server', start: start + 12, millis: 200, values: grpc('Reserve', 0) }),
    ...Array.from({ length: 24 }, (_, i) =>
      span({ traceId, parent: reserve, name: 'GetItem', kind: 'client', start: start + 14 + i * 8, millis: 2 + random() * 5, values: { 'db.system.name': 'aws.dynamodb', 'aws.table_name': 'items' } }),
    ),
  ]);
  const pay = hex(16);
  await send('pay', [
    span({ traceId, spanId: pay, parent: charge, name: 'shop.Pay/Charge', kind: 'server', start: start + 248, millis: 1_660, values: grpc('Charge', 14), status: { code: 2, message: 'bank: no answer' },
      events: [
        { timeUnixNano: nanos(start + 900), name: 'retry', attributes: attributes({ attempt: 2 }) },
        { timeUnixNano: nanos(start + 1_900), name: 'exception', attributes: attributes({ 'exception.type': 'io.grpc.StatusRuntimeException', 'exception.message': 'UNAVAILABLE: connection closed by the bank', 'exception.stacktrace': 'io.grpc.StatusRuntimeException: UNAVAILABLE\n\tat shop.pay.Bank.transfer(Bank.java:88)\n\tat shop.pay.Charge.charge(Charge.java:41)\n\tat shop.pay.PayService.charge(PayService.java:23)' }) },
      ],
      links: [{ traceId: LARGE_TRACE, spanId: '0000000000000001' }] }),
    span({ traceId, spanId: bank, parent: pay, name: 'bank.Ledger/Transfer', kind: 'client', start: start + 260, millis: 600, values: { ...grpc('Transfer', 4), 'server.address': 'bank.example.com' }, status: { code: 2 } }),
    span({ traceId, parent: pay, name: 'bank.Ledger/Transfer', kind: 'client', start: start + 910, millis: 980, values: { ...grpc('Transfer', 14), 'server.address': 'bank.example.com' }, status: { code: 2 } }),
  ]);
  const xrayTraceId = `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;
  const seconds = start / 1_000;
  await sendXRay([
    { trace_id: xrayTraceId, id: hex(16), parent_id: root, name: 'mail', start_time: seconds + 1.93, in_progress: true },
    { trace_id: xrayTraceId, id: hex(16), parent_id: charge, name: 'ledger', start_time: seconds + 0.3, end_time: seconds + 0.42, error: true, throttle: true, http: { request: { method: 'POST', url: 'http://ledger/entries' }, response: { status: 429 } }, metadata: { default: { entries: [1, 2, 3] } }, annotations: { tenant: 'acme' } },
  ]);
  return xrayTraceId;
}

async function sendSmall() {
  const byService = new Map([['front', []], ['cart', []], ['pay', []]]);
  for (let i = 0; i < SMALL_TRACES; i++) {
    const traceId = hex(32);
    const start = now - 120_000 - i * 9_000;
    const millis = 8 * Math.exp(random() * 2.2) * (random() < 0.06 ? 20 : 1);
    const status = random() < 0.05 ? 14 : random() < 0.05 ? 5 : random() < 0.03 ? 8 : 0;
    const root = hex(16);
    const name = ['shop.Front/Browse', 'shop.Front/AddToCart', 'shop.Front/Checkout'][i % 3];
    byService.get('front').push(
      span({ traceId, spanId: root, name, kind: 'server', start, millis, values: { 'rpc.system': 'grpc', 'rpc.grpc.status_code': status }, status: status === 0 ? {} : { code: 2 } }),
    );
    byService.get('cart').push(span({ traceId, parent: root, name: 'shop.Cart/Get', kind: 'server', start: start + millis * 0.1, millis: millis * 0.5, values: { 'rpc.grpc.status_code': 0 } }));
    if (i % 3 === 2) {
      byService.get('pay').push(span({ traceId, parent: root, name: 'shop.Pay/Charge', kind: 'server', start: start + millis * 0.65, millis: millis * 0.3, values: { 'rpc.grpc.status_code': status }, status: status === 0 ? {} : { code: 2 } }));
    }
  }
  for (const [service, spans] of byService) {
    await send(service, spans);
  }
}

async function sendLarge() {
  const start = now - 30_000;
  const id = (i) => (i + 1).toString(16).padStart(16, '0');
  for (let from = 0; from < LARGE_SPANS; from += SPANS_A_REQUEST) {
    const spans = [];
    for (let i = from; i < from + SPANS_A_REQUEST; i++) {
      const step = i === 0 ? 0 : 1 + (i / LARGE_SPANS) * 19_000;
      // Below each fourth span a few more, of names that rarely repeat.
      const parent = i === 0 ? undefined : i % 4 === 0 ? id(0) : id(i - (i % 4));
      spans.push(
        span({ traceId: LARGE_TRACE, spanId: id(i), ...(parent === undefined ? {} : { parent }), name: i === 0 ? 'nightly import' : `step ${i % 4 === 0 ? i : i % 4}`, start: start + step, millis: i === 0 ? 20_000 : i % 4 === 0 ? 40 : 6, values: { row: i } }),
      );
    }
    await send('batch', spans);
  }
}

// ---------------------------------------------------------------------------------------------------- browser

async function test(browser) {
  const page = await browserTest.open(browser);
  const row = (text) => page.getByRole('row').filter({ hasText: text });

  await step('nothing has come in', async () => {
    await page.goto(`${address}/traces`);
    await page.getByRole('heading', { name: 'Nothing has come in yet' }).waitFor();
    await page.getByText('otlp-grpc').waitFor();
    await inspect(page, 'traces-empty');
  });

  const checkout = await sendCheckout();
  await sendSmall();
  await sendLarge();

  await step('what came in shows by itself, scrolling gets the rest', async () => {
    await page.getByRole('table', { name: 'Traces, newest first' }).waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await row('nightly import').waitFor();
    await page.getByRole('img', { name: /^Durations of 262 traces/ }).waitFor();
    await inspect(page, 'traces');
    const table = page.locator('.trace-scroller');
    await page.waitForFunction(() => {
      const scroller = document.querySelector('.trace-scroller');
      scroller.scrollTo(0, scroller.scrollHeight);
      return document.body.textContent.includes('262 shown');
    });
    assert.ok((await page.getByRole('row').count()) < 80, 'rows are virtual');
    await table.evaluate((each) => each.scrollTo(0, 0));
  });

  const filter = page.getByLabel('Filter expression, or the id of a trace');
  await step('a filter narrows, and is in the address', async () => {
    await page.keyboard.press('/');
    await filter.fill('service("pay") AND fault');
    await filter.press('Enter');
    await page.waitForURL(/q=service/);
    await page.getByText(/looked at/).waitFor();
    await row('UNAVAILABLE').first().waitFor();
    assert.equal(await row('shop.Front/Browse').count(), 0);
    await inspect(page, 'traces-filter');
    await page.reload();
    await row('UNAVAILABLE').first().waitFor();
    assert.equal(await filter.inputValue(), 'service("pay") AND fault');
  });

  await step('a filter that is wrong is shown with its fix', async () => {
    await filter.fill('service("pay") AND respontime > 1');
    await filter.press('Enter');
    await page.getByRole('heading', { name: 'The filter is not understood' }).waitFor();
    assert.equal(await page.locator('mark').textContent(), 'respontime');
    forgive(/status of 400/);
    await inspect(page, 'traces-filter-error');
    await page.getByRole('button', { name: 'Use responsetime' }).click();
    await page.waitForURL(/responsetime/);
    await row(checkout).waitFor();
  });

  await step('a brush over durations adds to the filter', async () => {
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    const chart = page.getByRole('img', { name: /^Durations of 262/ });
    await chart.waitFor();
    const box = await chart.boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 5, box.y + 30, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/q=duration/);
    await row(checkout).waitFor();
    // To the longest there is: all that are as long or longer.
    assert.match(search(page).get('q'), /^duration >= 0\.[\d]{3}$/);
    await page.getByText(/looked at/).waitFor();
  });

  await step('nothing matches, and the filter can be dropped', async () => {
    await filter.fill('service("nobody")');
    await filter.press('Enter');
    await page.getByRole('heading', { name: 'No trace matches the filter' }).waitFor();
    await filter.fill('service("nobody") AND ok');
    await filter.press('Enter');
    const blame = page.getByRole('list', { name: 'What each condition keeps out' });
    await blame.getByText(/^Without service\("nobody"\): \d+ traces/).waitFor();
    await inspect(page, 'traces-no-match');
    await page.getByRole('button', { name: 'Drop the filter' }).click();
    await row('shop.Front/Browse').first().waitFor();
  });

  await step('the range of time can be typed', async () => {
    await page.keyboard.press('t');
    const typed = page.getByLabel('Another range');
    await typed.fill('sometime');
    await typed.press('Enter');
    await page.getByText(/^Not a range of time/).waitFor();
    await inspect(page, 'time-range');
    await typed.fill('90m');
    await typed.press('Enter');
    await page.waitForURL(/from=now-90m/);
    await page.getByRole('button', { name: 'Time range: Last 90 minutes' }).waitFor();
    await row('shop.Front/Browse').first().waitFor();
  });

  await step('a range that cannot be is said', async () => {
    await page.goto(`${address}/traces?from=later&to=never`);
    await page.getByRole('heading', { name: /no range of time that can be/ }).waitFor();
    await page.getByRole('button', { name: 'Show the last hour' }).click();
    await row('shop.Front/Browse').first().waitFor();
  });

  await step('the id of a trace opens it, in either spelling', async () => {
    for (const id of [checkout, checkout.replace(/^1|-/g, '')]) {
      await page.goto(`${address}/traces`);
      await filter.fill(id);
      await filter.press('Enter');
      await page.getByRole('treegrid', { name: 'Spans' }).waitFor();
      assert.equal(new URL(page.url()).pathname, `/trace/${id}`);
    }
    await page.getByRole('heading', { level: 1, name: 'front shop.Front/Checkout' }).waitFor();
    await page.getByText('parent not received').waitFor();
    await page.getByText('× 24').waitFor();
    await inspect(page, 'trace');
  });

  await step('keys alone: open, expand, look, close, find', async () => {
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('{');
    await page.waitForFunction(() => document.querySelectorAll('.timeline-rows [role=row]').length === 2);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelectorAll('.timeline-rows [role=row]').length > 5);
    await page.keyboard.press('}');
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'Span' });
    await panel.getByText('payment failed').waitFor();
    await panel.getByText('cart.items').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('unavailable');
    await page.keyboard.press('Enter');
    await page.getByText('4 matches').waitFor();
    await inspect(page, 'trace-find');
    assert.equal(await row('render receipt').count(), 0);
    await page.getByLabel(/^Find spans/).fill('');
    await row('render receipt').waitFor();
  });

  await step('the span panel: exceptions, events, links, raw', async () => {
    await row('shop.Pay/Charge').nth(1).click();
    const panel = page.getByRole('complementary', { name: 'Span' });
    await panel.getByText('bank: no answer').waitFor();
    await inspect(page, 'trace-span');
    await panel.getByRole('tab', { name: 'Exceptions (1)' }).click();
    await panel.getByText('Charge.java:41').waitFor();
    await inspect(page, 'trace-exceptions');
    await panel.getByRole('tab', { name: 'Events (1)' }).click();
    await panel.getByText('attempt').waitFor();
    await panel.getByRole('tab', { name: 'Links (1)' }).click();
    await panel.getByRole('link', { name: LARGE_TRACE }).waitFor();
    await panel.getByRole('tab', { name: 'Raw' }).click();
    await panel.getByText('"trace_id"').waitFor();
    await panel.getByText('OpenTelemetry', { exact: true }).click();
    await panel.getByText('"resourceSpans"').waitFor();
    await inspect(page, 'trace-raw');
    await page.reload();
    await panel.getByText('bank: no answer').waitFor();
  });

  await step('short spans can be hidden, folds opened', async () => {
    await page.goto(`${address}/trace/${checkout}?hide=5`);
    await row('shop.Pay/Charge').first().waitFor();
    assert.equal(await row('render receipt').count(), 0);
    await page.goto(`${address}/trace/${checkout}`);
    await row('GetItem').click();
    await page.waitForFunction(() => document.querySelectorAll('.timeline-rows [role=row]').length > 28);
  });

  await step(`a trace of ${LARGE_SPANS} spans opens`, async () => {
    for (let i = 0; i < 3; i++) {
      await page.goto(`${address}/traces`);
      await row('nightly import').waitFor();
      const begin = performance.now();
      await row('nightly import').getByRole('link').click();
      await page.locator('.timeline-rows [role=row]').first().waitFor();
      console.log(`   first rows after ${Math.round(performance.now() - begin)} ms`);
    }
    await page.getByText('100,000', { exact: true }).waitFor();
    assert.ok((await page.getByRole('row').count()) < 100, 'rows are virtual');
    const begin = performance.now();
    const gaps = await page.locator('.timeline-scroller').evaluate(
      (each) =>
        new Promise((resolve) => {
          const deltas = [];
          let last = performance.now();
          const frame = () => {
            const time = performance.now();
            deltas.push(time - last);
            last = time;
            each.scrollBy(0, 480);
            if (deltas.length < 120) {
              requestAnimationFrame(frame);
            } else {
              resolve(deltas.sort((a, b) => a - b));
            }
          };
          requestAnimationFrame(frame);
        }),
    );
    console.log(
      `   scrolled 120 frames in ${Math.round(performance.now() - begin)} ms, p50 ${gaps[60].toFixed(1)}, p95 ${gaps[114].toFixed(1)} ms`,
    );
    await inspect(page, 'trace-large');
  });

  await step('what is not there is said', async () => {
    await page.goto(`${address}/trace/1-5759e988-bd862e3fe1be46a994272793`);
    await page.getByRole('heading', { name: 'This trace is not here' }).waitFor();
    forgive(/status of 404/);
    await inspect(page, 'trace-unknown');
    await page.goto(`${address}/trace/nonsense`);
    await page.getByRole('heading', { name: 'This is not the id of a trace' }).waitFor();
    forgive(/status of 400/);
    await page.goto(`${address}/traces`);
    await row('shop.Front/Browse').first().waitFor();
    // As if a link of the page led nowhere: the server itself answers 404 to such an address.
    await page.evaluate(() => {
      history.pushState({}, '', '/nowhere');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await inspect(page, 'not-found');
  });

  await step('keys are listed', async () => {
    await page.goto(`${address}/traces`);
    await row('shop.Front/Browse').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys on this page' }).waitFor();
    await inspect(page, 'keys');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('d');
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark');
    await page.reload();
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark');
    await page.evaluate(() => localStorage.clear());
  });

  await step('search, open and back by keys', async () => {
    await page.goto(`${address}/traces?q=fault`);
    await row('UNAVAILABLE').first().waitFor();
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.matches('.row-link'));
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    await page.goBack();
    await row('UNAVAILABLE').first().waitFor();
    assert.equal(search(page).get('q'), 'fault');
  });

  await step('a server that is gone is said, and comes back', async () => {
    await page.context().setOffline(true);
    await page.keyboard.press('r');
    await page.getByText('The server does not answer. Is it running?').first().waitFor();
    await page.context().setOffline(false);
    forgive(/ERR_INTERNET_DISCONNECTED/);
    await page.reload();
    await row('UNAVAILABLE').first().waitFor();
    forgive(/ERR_INTERNET_DISCONNECTED/);
  });

  await step('a server with a token wants it once', async () => {
    const login = await browserTest.open(browser);
    await login.goto(`${process.env.GUARDED_URL}/traces?q=fault`);
    await login.getByRole('heading', { name: 'Sign in to Roentgen' }).waitFor();
    await login.getByLabel('Token').fill('not the token of it');
    await login.getByRole('button', { name: 'Sign in' }).click();
    await login.getByText(/another one/).waitFor();
    forgive(/status of (401|403)/);
    await inspect(login, 'login');
    await login.getByLabel('Token').fill(process.env.GUARDED_TOKEN);
    await login.getByRole('button', { name: 'Sign in' }).click();
    await login.waitForURL(/traces\?q=fault/);
    await login.getByRole('heading', { name: 'No trace matches the filter' }).waitFor();
    assert.equal(await login.evaluate(() => document.cookie), '');
    await login.getByRole('button', { name: 'Sign out' }).click();
    await login.getByRole('heading', { name: 'Sign in to Roentgen' }).waitFor();
    forgive(/status of 401/);
    await login.context().close();
  });
}

browserTest.run(test);
