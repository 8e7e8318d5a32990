// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * Finding traces in a browser: the filter with its completion, chips, refining, columns, the heatmap, and choosing two
 * to compare. Takes from the environment CONSOLE_URL, OTLP_URL, SCREENSHOTS (folder), CHROMIUM (path). Prints a line for
 * each step; ends with 1 at the first step that fails.
 */

const assert = require('node:assert/strict');
const browserTest = require('./browser.js');
const { address, now, nanos, attributes, step, inspect, search } = browserTest;

// ---------------------------------------------------------------------------------------------------- data

const random = browserTest.numbers(11);
const hex = (digits) => browserTest.hex(random, digits);

const TENANTS = ['acme', 'acme', 'acme', 'globex', 'globex', 'initech'];

/** A shop whose payments are slow and fail for one tenant. */
async function sendShop() {
  const front = [];
  const pay = [];
  for (let i = 0; i < 400; i++) {
    const traceId = hex(32);
    const tenant = TENANTS[i % TENANTS.length];
    const bad = tenant === 'initech' && random() < 0.6;
    const start = now - 3_000 - i * 8_000;
    const millis = (20 + random() * random() * 900) * (bad ? 4 : 1);
    const root = hex(16);
    const span = (spanId, parent, name, kind, at, long, status, more) => ({
      traceId,
      spanId,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name,
      kind,
      startTimeUnixNano: nanos(start + at),
      endTimeUnixNano: nanos(start + at + long),
      attributes: attributes({ 'http.response.status_code': status, ...more }),
      ...(status >= 500 ? { status: { code: 2 } } : {}),
    });
    const paths = ['/cart', '/checkout', '/search'];
    const method = i % 3 === 1 ? 'POST' : 'GET';
    front.push(
      span(root, undefined, `${method} ${paths[i % 3]}`, 2, 0, millis, bad ? 500 : 200, {
        'http.request.method': method,
        'url.full': `https://shop.example.com${paths[i % 3]}`,
        'enduser.id': `u-${i % 25}`,
        tenant,
      }),
    );
    const client = hex(16);
    front.push(span(client, root, 'Charge', 3, 2, millis - 4, bad ? 503 : 200, { 'server.address': 'pay' }));
    pay.push(span(hex(16), client, 'Charge', 2, 3, millis - 6, bad ? 503 : 200, { 'rpc.system': 'grpc', 'rpc.grpc.status_code': bad ? 14 : 0 }));
  }
  await browserTest.send([
    [{ 'service.name': 'front' }, front],
    [{ 'service.name': 'pay' }, pay],
  ]);
}

// ---------------------------------------------------------------------------------------------------- test

browserTest.run(async (browser) => {
  await sendShop();
  const page = await browserTest.open(browser);
  const input = page.getByRole('combobox', { name: 'Filter expression, or the id of a trace' });
  const options = page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
  const option = (name) => options.filter({ hasText: name }).first();

  await step('the list of traces comes with what can be done with it', async () => {
    await page.goto(`${address}/traces`);
    await page.getByRole('table', { name: 'Traces, newest first' }).waitFor();
    await inspect(page, 'search');
  });

  await step('names of services are completed, with counts, by keys alone', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('serv');
    await option('service').waitFor();
    await page.keyboard.press('Tab');
    await option('pay').waitFor();
    assert.equal(await input.inputValue(), 'service(');
    assert.match(await option('pay').textContent(), /400 calls/);
    await page.keyboard.type('pa');
    await option('pay').waitFor();
    await page.keyboard.press('ArrowDown');
    assert.equal(await input.getAttribute('aria-activedescendant'), await options.first().getAttribute('id'));
    await page.keyboard.press('Enter');
    await page.waitForFunction((each) => each.value === 'service("pay")', await input.elementHandle());
    await page.keyboard.type(' AND annotation.ten');
    await option('annotation.tenant').waitFor();
    await page.keyboard.press('Tab');
    await option('CONTAINS').waitFor();
    await page.keyboard.type('= ');
    await option('initech').waitFor();
    await inspect(page, 'search-completion');
    await option('initech').click();
    await page.keyboard.press('Escape');
    assert.equal(await options.count(), 0);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.has('q'));
    assert.equal(search(page).get('q'), 'service("pay") AND annotation.tenant = "initech"');
  });

  await step('the chips are the text, and dropping one drops it there', async () => {
    const chips = page.getByRole('list', { name: 'Conditions of the filter' });
    await chips.getByText('service("pay")').waitFor();
    await inspect(page, 'search-chips');
    await chips.getByRole('button', { name: 'Drop service("pay")' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'annotation.tenant = "initech"');
    assert.equal(await input.inputValue(), 'annotation.tenant = "initech"');
    await chips.getByRole('button', { name: 'Drop annotation.tenant = "initech"' }).click();
    await page.waitForURL((url) => !url.searchParams.has('q'));
  });

  await step('what is wrong is underlined while typing, and its fix is one key away', async () => {
    await input.fill('respontime > 1 AND fault');
    await page.locator('.filter-wrong span').waitFor();
    await option('responsetime').waitFor();
    await inspect(page, 'search-wrong');
    await input.press('ArrowDown');
    await input.press('Enter');
    await page.waitForFunction((each) => each.value.startsWith('responsetime >'), await input.elementHandle());
    await page.getByRole('button', { name: 'Clear the filter' }).click();
  });

  await step('refining by an annotation shows who fails, and a cell filters', async () => {
    await page.getByLabel('Refine by', { exact: true }).selectOption({ label: 'tenant' });
    const panel = page.getByRole('complementary', { name: 'Refine by tenant' });
    await panel.getByRole('row').filter({ hasText: 'initech' }).waitFor();
    assert.equal(search(page).get('refine'), 'annotation.tenant');
    await inspect(page, 'search-refine');
    await panel.getByRole('button', { name: 'Without acme' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === '!annotation.tenant = "acme"');
    await panel.getByRole('row').filter({ hasText: 'acme' }).waitFor({ state: 'detached' });
    await panel.getByRole('button', { name: 'Only initech' }).click();
    await page.waitForURL((url) => (url.searchParams.get('q') ?? '').endsWith('AND annotation.tenant = "initech"'));
    await page.getByRole('button', { name: 'Drop all' }).click();
    await panel.getByRole('button', { name: 'Close refine by' }).click();
    await panel.waitFor({ state: 'detached' });
  });

  await step('columns are chosen, stay in the address and for the next visit', async () => {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'tenant' }).check();
    await page.getByRole('checkbox', { name: 'User', exact: true }).check();
    await page.getByRole('checkbox', { name: 'Services' }).uncheck();
    await inspect(page, 'search-columns-open');
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'tenant' }).waitFor();
    await page.getByRole('cell', { name: 'initech' }).first().waitFor();
    assert.match(search(page).get('cols'), /user,annotation\.tenant|annotation\.tenant,user/);
    await inspect(page, 'search-columns');
    const row = page.getByRole('row').filter({ hasText: 'initech' }).first();
    await row.hover();
    await row.getByRole('button', { name: 'Only initech' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'annotation.tenant = "initech"');
    await page.goto(`${address}/traces`);
    await page.getByRole('columnheader', { name: 'tenant' }).waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'The usual ones' }).click();
    await page.getByRole('columnheader', { name: 'tenant' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
  });

  await step('what happened stands below the heatmap, as flags and as a list', async () => {
    const made = await fetch(`${address}/api/marks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'deploy pay 2.4', text: 'by ada', time: now - 60_000 }),
    });
    assert.equal(made.status, 200, await made.text());
    await page.goto(`${address}/traces`);
    await page.getByRole('button', { name: 'Heatmap' }).click();
    const list = page.getByText('1 mark', { exact: true });
    await list.waitFor();
    assert.equal(await page.locator('.marks-flag').count(), 1);
    await list.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('listitem').filter({ hasText: /^[\d:.]+ · deploy pay 2\.4 · by ada$/ }).waitFor();
    await inspect(page, 'search-marks');
    await page.keyboard.press('Enter');
  });

  await step('a box over the heatmap chooses time and duration', async () => {
    const canvas = page.getByRole('img', { name: /by time and duration/ });
    await canvas.waitFor();
    assert.equal(search(page).get('view'), 'heatmap');
    await inspect(page, 'search-heatmap');
    const box = await canvas.boundingBox();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.95, box.y + 70, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL((url) => /^duration >= .* AND duration < /.test(url.searchParams.get('q') ?? ''));
    assert.match(search(page).get('from'), /^20\d\d-.*Z$/);
    await inspect(page, 'search-heatmap-box');
  });

  await step('the heatmap is walked by keys, from the slowest cell on', async () => {
    await page.goto(`${address}/traces?view=heatmap`);
    const cells = page.getByRole('slider', { name: 'Cells of time and duration' });
    await cells.focus();
    const slowest = await cells.getAttribute('aria-valuetext');
    assert.match(slowest, /^[\d:.]+ · .+ to .+ · [1-9]\d* traces?, \d+ bad; Enter looks into it$/);
    await page.keyboard.press('Shift+PageDown');
    await page.keyboard.press('Shift+Home');
    assert.match(await cells.getAttribute('aria-valuetext'), /^[\d:.]+ to [\d:.]+ · /);
    await inspect(page, 'search-heatmap-keys');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => /^duration >= .* AND duration < /.test(url.searchParams.get('q') ?? ''));
    assert.ok(Date.parse(search(page).get('from')) < Date.parse(search(page).get('to')));
  });

  await step('two traces are chosen by keys to be compared', async () => {
    await page.goto(`${address}/traces`);
    await page.getByRole('table', { name: 'Traces, newest first' }).getByRole('link').first().waitFor();
    for (const key of ['j', 'x', 'j', 'x']) {
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    }
    const compare = page.getByRole('link', { name: 'Compare 2 traces' });
    await compare.waitFor();
    assert.match(await compare.getAttribute('href'), /^\/compare\?a=1-[0-9a-f]{8}-[0-9a-f]{24}&b=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    await inspect(page, 'search-chosen');
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await compare.waitFor({ state: 'detached' });
  });

  await step('an address with a field or column that cannot be says so', async () => {
    browserTest.forgive(/status of 400/);
    await page.goto(`${address}/traces?refine=duration`);
    await page.getByRole('heading', { name: 'There is no such field' }).waitFor();
    await page.goto(`${address}/traces?cols=time,nonsense`);
    await page.getByRole('heading', { name: 'The address asks for a column that cannot be' }).waitFor();
    await inspect(page, 'search-bad-column');
    await page.getByRole('button', { name: 'Show the usual columns' }).click();
    await page.getByRole('columnheader', { name: 'Request' }).waitFor();
  });
});
