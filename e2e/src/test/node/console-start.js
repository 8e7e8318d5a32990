// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * The first minutes with a new server, in a browser: where to send spans, the first one, what is refused, sample data,
 * following live, the palette, settings. The server must be empty. Takes from the environment CONSOLE_URL, OTLP_URL,
 * SCREENSHOTS (folder), CHROMIUM (path). Prints a line for each step; ends with 1 at the first that fails.
 */

const assert = require('node:assert/strict');
const browserTest = require('./browser.js');
const { address, nanos, attributes, forgive, step, inspect, picture, search, send } = browserTest;

const random = browserTest.numbers(11);
const hex = (digits) => browserTest.hex(random, digits);

function span(name, values = {}) {
  const start = Date.now() - 1_000;
  return {
    traceId: hex(32),
    spanId: hex(16),
    name,
    kind: 2,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + 120),
    attributes: attributes(values),
  };
}

async function test(browser) {
  const page = await browserTest.open(browser);

  await step('a new server opens with where to send spans', async () => {
    await page.goto(`${address}/`);
    await page.getByRole('heading', { name: 'Send spans to Roentgen' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/start');
    await page.getByText('Waiting for the first span').waitFor();
    await page.getByText('GrpcKit kit = GrpcKit.create("shop");').waitFor();
    await inspect(page, 'start');
  });

  await step('each way has the addresses of this server, and is in the address', async () => {
    const otlp = new URL(process.env.OTLP_URL);
    await page.getByRole('button', { name: 'OpenTelemetry HTTP' }).click();
    await page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${otlp.port}`).waitFor();
    assert.equal(search(page).get('with'), 'otel-http');
    await page.reload();
    await page.getByText(`OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${otlp.port}`).waitFor();
    for (const name of ['X-Ray Java', 'X-Ray Node', 'X-Ray Python', 'AWS CLI', 'curl']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.locator('pre').first().waitFor();
    }
    await inspect(page, 'start-curl');
    await page.goto(`${address}/start?with=pigeon`);
    await page.getByText(/with=pigeon in the address is none of these/).waitFor();
  });

  await step('what is refused is told with its reason and what to do', async () => {
    await send([[{ 'service.name': 'shop' }, [{ ...span('GET /'), traceId: '0'.repeat(32) }]]]);
    await page.getByText('Refused lately').waitFor();
    await inspect(page, 'start-refused');
  });

  await step('the first span is seen at once', async () => {
    await send([[{ 'service.name': 'shop' }, [span('GET /hello')]]]);
    await page.getByText('shop GET /hello').waitFor();
    await page.getByText(/came by OTLP over HTTP/).waitFor();
    await inspect(page, 'start-arrived');
    await page.getByRole('link', { name: 'Open the trace' }).click();
    await page.waitForURL(/\/trace\/1-/);
    await page.getByRole('heading', { name: /hello|shop/ }).first().waitFor();
  });

  await step('sample data is loaded, and every page says so', async () => {
    await page.goto(`${address}/start`);
    await page.getByRole('button', { name: 'Load sample data' }).click();
    await page.getByRole('complementary', { name: 'Sample data' }).waitFor();
    await inspect(page, 'start-sample');
    await page.getByRole('link', { name: 'Open a slow checkout' }).click();
    await page.getByText('POST /checkout').first().waitFor();
    await picture(page, 'sample-slow-checkout-1440-light');
    await page.goto(`${address}/map`);
    await page.getByText(/^\d+ nodes, /).waitFor();
    await inspect(page, 'sample-map');
    await page.goto(`${address}/traces?q=fault`);
    await page.getByRole('row').filter({ hasText: '/checkout' }).first().waitFor();
    await inspect(page, 'sample-traces');
  });

  await step('Ctrl+K goes to a service, a page and a trace, by keyboard alone', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.keyboard.press('Control+k');
    const box = page.getByRole('combobox', { name: 'Page, service, trace id or filter' });
    await box.waitFor();
    await page.getByRole('option', { name: /payment/ }).waitFor();
    await inspect(page, 'palette');
    await box.fill('paym');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=service/);
    assert.equal(search(page).get('q'), 'service("payment")');
    await page.keyboard.press('Control+k');
    await box.fill('6b03cc09f3ed5891d394d9326aea115b');
    await page.getByRole('option', { name: /^Open trace 6b03/ }).waitFor();
    await box.fill('settings');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/settings/);
    await page.keyboard.press('Control+k');
    await box.waitFor();
    await page.keyboard.press('Escape');
    await box.waitFor({ state: 'detached' });
  });

  await step('settings tell how the server is and what is set', async () => {
    await page.getByRole('heading', { name: 'Settings and status' }).waitFor();
    await page.getByRole('rowheader', { name: 'store.retention' }).waitFor();
    await page.getByRole('rowheader', { name: 'OTLP over HTTP' }).waitFor();
    await inspect(page, 'settings');
    const letters = page.getByRole('switch', { name: 'Single-letter keys' });
    await letters.press('Space');
    await page.getByRole('heading', { name: 'Settings and status' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    assert.equal(new URL(page.url()).pathname, '/settings');
    await letters.press('Space');
    assert.equal(await letters.isChecked(), true);
    await page.getByRole('heading', { name: 'Settings and status' }).click();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL(/\/traces/);
    await page.keyboard.press('g');
    await page.keyboard.press(',');
    await page.waitForURL(/\/settings/);
    await page.getByRole('rowheader', { name: 'store.retention' }).waitFor();
  });

  await step('sample data is removed without a trace', async () => {
    await page.getByRole('complementary', { name: 'Sample data' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('complementary', { name: 'Sample data' }).waitFor({ state: 'detached' });
    await page.goto(`${address}/traces`);
    await page.getByText('1 shown').waitFor();
  });

  await step('LIVE follows what comes in, PAUSED holds it back and says how much', async () => {
    const pill = page.getByRole('button', { name: /^(LIVE|PAUSED)/ });
    await pill.filter({ hasText: 'PAUSED' }).waitFor();
    await send([[{ 'service.name': 'shop' }, [span('GET /one'), span('GET /two')]]]);
    await pill.filter({ hasText: '2 new' }).waitFor();
    assert.equal(await page.getByText('GET /one').count(), 0);
    await inspect(page, 'traces-paused');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.locator('body').press('l');
    await pill.filter({ hasText: 'LIVE' }).waitFor();
    assert.equal(search(page).get('live'), '1');
    await page.getByText('GET /one').waitFor();
    await send([[{ 'service.name': 'shop' }, [span('GET /three')]]]);
    await page.getByText('GET /three').waitFor();
    await inspect(page, 'traces-live');
    // It stays while pages change.
    await page.getByRole('link', { name: 'Map' }).click();
    await page.waitForURL(/\/map\?live=1/);
    await page.getByRole('link', { name: 'Traces', exact: true }).click();
    await page.getByText('GET /three').waitFor();
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 40);
    await pill.filter({ hasText: 'PAUSED' }).waitFor();
  });

  await step('a server that is gone is told of', async () => {
    await page.goto(`${address}/settings`);
    await page.route('**/api/**', (route) => route.abort());
    forgive(/net::ERR_FAILED/);
    await page.reload();
    await page.getByText('The configuration cannot be shown').waitFor();
    await page.getByText('The server does not answer. Is it running?').first().waitFor();
    await picture(page, 'settings-gone-1440-light');
  });
}

browserTest.run(test);
