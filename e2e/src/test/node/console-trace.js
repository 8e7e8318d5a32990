// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * The page of one trace in a browser, against a real server that was sent gRPC calls over OTLP. Takes from the environment
 * CONSOLE_URL, OTLP_URL, SCREENSHOTS (folder), CHROMIUM (path). Prints a line for each step; ends with 1 at the first
 * that fails.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const browserTest = require('./browser.js');
const { address, now, nanos, attributes, forgive, step, inspect, picture, search } = browserTest;

const random = browserTest.numbers(21);
const hex = (digits) => browserTest.hex(random, digits);
const KINDS = { internal: 1, server: 2, client: 3 };
const OTHERS = 60;

/** A checkout whose bank is slow, so that it is tried twice and the caller's deadline passes; `slow` scales it. */
async function sendCheckout(start, slow) {
  const traceId = hex(32);
  const byService = new Map();
  const add = (service, kind, name, parent, at, millis, values = {}, events = []) => {
    const spanId = hex(16);
    const spans = byService.get(service) ?? [];
    byService.set(service, spans);
    spans.push({
      traceId,
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name,
      kind: KINDS[kind],
      startTimeUnixNano: nanos(start + at * slow),
      endTimeUnixNano: nanos(start + (at + millis) * slow),
      attributes: attributes(values),
      events,
      status: values['rpc.grpc.status_code'] > 0 ? { code: 2, message: 'too late' } : {},
    });
    return spanId;
  };
  const grpc = (code, deadline) => ({
    'rpc.system': 'grpc',
    'rpc.grpc.status_code': code,
    ...(deadline === undefined ? {} : { 'grpc.deadline_ms': deadline }),
  });
  const late = slow > 1;
  const root = add('front', 'server', 'POST /checkout', undefined, 0, 900, { 'http.response.status_code': late ? 504 : 200 });
  add('front', 'internal', 'read the basket', root, 10, 90);
  const pay = add('front', 'client', 'shop.Pay/Charge', root, 180, 640, { ...grpc(late ? 4 : 0, 900), 'grpc.attempts': 2 });
  add('front', 'internal', 'attempt', pay, 182, 210, { 'grpc.previous_attempts': 0, 'grpc.status': 'UNAVAILABLE' });
  const second = add('front', 'internal', 'attempt', pay, 420, 395, { 'grpc.previous_attempts': 1, 'grpc.status': late ? 'DEADLINE_EXCEEDED' : 'OK' });
  const server = add('pay', 'server', 'shop.Pay/Charge', second, 425, 460, grpc(late ? 4 : 0, 700));
  const bank = add('pay', 'client', 'bank.Transfer/Watch', server, 440, 420, grpc(0, 2_000), [
    ...Array.from({ length: 12 }, (_, i) => ({
      timeUnixNano: nanos(start + (450 + i * 32) * slow),
      name: 'message',
      attributes: attributes({ 'rpc.message.type': i === 0 ? 'SENT' : 'RECEIVED' }),
    })),
  ]);
  // Its clock is ahead.
  add('bank', 'server', 'bank.Transfer/Watch', bank, 1_300, 380, grpc(0, 1_900));
  add('front', 'internal', 'write the answer', root, 830, 60);
  await browserTest.send([...byService].map(([service, spans]) => [{ 'service.name': service }, spans]));
  return { traceId, root };
}

async function test(browser) {
  for (let i = 0; i < OTHERS; i++) {
    await sendCheckout(now - 120_000 - i * 20_000, 0.2 + random() * 0.5);
  }
  const { traceId, root } = await sendCheckout(now - 60_000, 1.6);
  const page = await browserTest.open(browser);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const at = `${address}/trace/${traceId}`;
  const grid = page.getByRole('treegrid', { name: 'Spans' });
  const views = page.getByRole('navigation', { name: 'Views of this trace' });

  await step('deadlines, attempts, messages and moved clocks are on the timeline', async () => {
    await page.goto(at);
    await grid.waitFor();
    await grid.getByText(/past its deadline/).first().waitFor();
    await grid.getByText(/^\s*1 of 2$/).waitFor();
    await grid.getByText(/retry, 2 of 2/).waitFor();
    await grid.getByText(/of 3.2 s left|of 2 s left/).first().waitFor();
    assert.equal(await grid.locator('.tick').count(), 12);
    assert.ok((await grid.locator('.deadline-past').count()) > 0);
    assert.ok((await grid.locator('.gap').count()) > 0);
    await page.getByText(/1 span moved/).waitFor();
    await inspect(page, 'trace-grpc');
    await page.getByLabel('Gaps').uncheck();
    assert.equal(await grid.locator('.gap').count(), 0);
    await page.getByLabel('Gaps').check();
  });

  await step('a span is compared with others of its operation', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${at}?span=${root}`);
    const panel = page.getByRole('complementary', { name: 'Span' });
    await panel.getByText(`Slower than 100 % of ${OTHERS} others.`).waitFor();
    await inspect(page, 'trace-rank');
    await panel.getByText('24 hours').click();
    await panel.getByText(`Slower than 100 % of ${OTHERS} others.`).waitFor();
  });

  await step('statistics are sorted as asked and lead to the timeline', async () => {
    await page.goto(at);
    await views.getByRole('link', { name: 'Statistics' }).click();
    await page.waitForURL(/tab=statistics/);
    const table = page.getByRole('table', { name: /by service and operation/ });
    await table.waitFor();
    assert.equal(await views.locator('[aria-current]').allTextContents().then(String), 'Statistics');
    await inspect(page, 'trace-statistics');
    await page.setViewportSize({ width: 1440, height: 900 });
    await table.getByRole('button', { name: 'Spans' }).click();
    assert.equal(await table.getByRole('columnheader', { name: 'Spans' }).getAttribute('aria-sort'), 'descending');
    await table.getByRole('button', { name: /write the answer/ }).click();
    await grid.waitFor();
    assert.equal(search(page).get('find'), 'write the answer');
    assert.equal(search(page).get('tab'), null);
  });

  await step('the flame graph is walked and zoomed by keys', async () => {
    await page.goto(`${at}?tab=flame`);
    const flame = page.getByRole('application', { name: /^Flame graph/ });
    await flame.waitFor();
    await flame.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('status').filter({ hasText: 'POST /checkout: 1 span' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Whole trace' }).and(page.locator(':not([disabled])')).waitFor();
    await inspect(page, 'trace-flame');
    await flame.focus();
    await page.keyboard.press('Home');
    await picture(page, 'trace-flame-whole-1440-light');
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('table', { name: /by service and operation/ }).waitFor();
  });

  await step('the map shows who called whom', async () => {
    await page.goto(`${at}?tab=map`);
    const map = page.getByRole('region', { name: 'Services of this trace' });
    await map.waitFor();
    assert.equal(await map.locator('.trace-map-node').count(), 3);
    await map.getByRole('row', { name: /front/ }).getByText('pay').waitFor();
    await inspect(page, 'trace-map');
  });

  await step('the whole trace is there as both protocols spell it', async () => {
    await page.goto(`${at}?tab=raw`);
    await page.getByText(/^9 spans, /).waitFor();
    await page.locator('.trace-raw pre').filter({ hasText: '"trace_id"' }).waitFor();
    await page.locator('label').filter({ hasText: 'OpenTelemetry' }).click();
    await page.locator('.trace-raw pre').filter({ hasText: '"resourceSpans"' }).waitFor();
    await inspect(page, 'trace-raw');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), `trace-${traceId}-otlp.json`);
    const spans = JSON.parse(fs.readFileSync(await file.path(), 'utf8'))
      .resourceSpans.flatMap((each) => each.scopeSpans)
      .flatMap((each) => each.spans);
    assert.equal(spans.length, 9);
  });

  await step('a view that is not there is told', async () => {
    await page.goto(`${at}?tab=tower`);
    await page.getByText(/There is no view “tower”/).waitFor();
    await grid.waitFor();
  });

  await step('a server that is gone is told in the panel', async () => {
    await page.goto(at);
    await grid.waitFor();
    await page.route('**/api/**', (route) => route.abort());
    forgive(/net::ERR_FAILED/);
    await views.getByRole('link', { name: 'Raw' }).click();
    await page.getByRole('heading', { name: 'The trace cannot be shown raw' }).waitFor();
    await page.unroute('**/api/**');
  });
}

browserTest.run(test);
