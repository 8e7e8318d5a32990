// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * Groups, sampling rules and insights in a browser, against a real server that was sent an hour of requests, of which
 * the last minutes fail. Takes from the environment CONSOLE_URL, OTLP_URL, SCREENSHOTS (folder), CHROMIUM (path). Prints
 * a line for each step; ends with 1 at the first that fails.
 */

const assert = require('node:assert/strict');
const browserTest = require('./browser.js');
const { address, nanos, attributes, forgive, step, inspect, search } = browserTest;

const MINUTE = 60_000;
const MINUTES = 75;
const A_MINUTE = 12;
const FAILING = 4;
const INSIGHT_TIMEOUT = 4 * MINUTE;

const random = browserTest.numbers(11);
const hex = (digits) => browserTest.hex(random, digits);

/** One request through front; of those for checkout, bank fails when told to. */
function request(start, checkout, fails) {
  const traceId = hex(32);
  const front = hex(16);
  const call = hex(16);
  const callee = hex(16);
  const bank = hex(16);
  const status = fails ? 500 : 200;
  const span = (spanId, parentSpanId, kind, name, offset, millis, values) => ({
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: nanos(start + offset),
    endTimeUnixNano: nanos(start + offset + millis),
    attributes: attributes(values),
    ...(fails ? { status: { code: 2 } } : {}),
  });
  const path = checkout ? '/checkout' : '/catalog';
  const took = 60 + Math.floor(random() * 80);
  const http = { 'http.request.method': checkout ? 'POST' : 'GET', 'url.path': path, 'http.response.status_code': status };
  const to = checkout ? 'pay' : 'catalog';
  return [
    ['front', span(front, undefined, 2, path, 0, took, http)],
    ['front', span(call, front, 3, `${to}/call`, 4, took - 10, http)],
    [to, span(callee, call, 2, `${to}/call`, 6, took - 16, http)],
    ...(checkout ? [['bank', span(bank, callee, 2, 'bank/charge', 9, took - 24, http)]] : []),
  ];
}

async function sendHour() {
  const last = Math.floor((Date.now() - 5_000) / MINUTE) * MINUTE;
  for (let minute = MINUTES; minute > 0; minute -= 15) {
    const byService = new Map();
    for (let at = minute; at > Math.max(0, minute - 15); at--) {
      for (let i = 0; i < A_MINUTE; i++) {
        const start = last - at * MINUTE + (i * MINUTE) / A_MINUTE + 100;
        const checkout = i % 3 !== 0;
        for (const [service, span] of request(start, checkout, checkout && at <= FAILING)) {
          byService.set(service, [...(byService.get(service) ?? []), span]);
        }
      }
    }
    await browserTest.send([...byService].map(([service, spans]) => [{ 'service.name': service }, spans]));
  }
}

async function api(path, init) {
  const response = await fetch(address + path, init);
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  return response.json();
}

async function nodesOf(page) {
  await page.getByRole('table').first().waitFor();
  return page.locator('tbody tr').allTextContents();
}

async function groups(page) {
  await step('the filter becomes a group, with what it matches', async () => {
    await page.goto(`${address}/traces`);
    const filter = page.getByLabel('Filter expression, or the id of a trace');
    await filter.fill('service("pay")');
    await filter.press('Enter');
    await page.getByRole('button', { name: 'Save as group' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Filter expression').waitFor();
    assert.equal(await dialog.getByLabel('Filter expression').inputValue(), 'service("pay")');
    await dialog.getByRole('heading', { name: /^[0-9,]+ of [0-9,]+ traces of the last hour$/ }).waitFor();
    await dialog.getByLabel('Name').fill('payments');
    await inspect(page, 'groups-new');
    await dialog.getByRole('button', { name: 'Make the group' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: /^payments/ }).waitFor();
    assert.equal(search(page).get('new'), null);
  });

  await step('a filter that is none is underlined, and refused with its reason', async () => {
    forgive(/status of 400/);
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Filter expression').fill('ok AND respontime > 1');
    await dialog.getByRole('button', { name: 'Use responsetime' }).waitFor();
    assert.equal(await dialog.locator('mark').textContent(), 'respontime');
    await dialog.getByLabel('Name').fill('payments');
    await dialog.getByRole('button', { name: 'Use responsetime' }).click();
    await dialog.getByRole('button', { name: 'Make the group' }).click();
    await dialog.getByText('a name that no group has yet').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  await step('the groups tell what they have', async () => {
    await page.goto(`${address}/groups`);
    const row = page.getByRole('row', { name: /^payments/ });
    await row.getByText(/^[0-9]+$/).first().waitFor();
    await page.getByRole('row', { name: /^Default/ }).getByText(/^[0-9,]+$/).first().waitFor();
    await inspect(page, 'groups');
  });

  await step('the map of a group has its services only, and the group stays', async () => {
    await page.getByRole('link', { name: 'Map of payments' }).click();
    await page.waitForURL(/\/map\?.*group=payments/);
    await page.goto(`${address}/map?view=nodes&group=payments`);
    await page.getByRole('cell', { name: 'bank' }).or(page.getByText('bank', { exact: true })).first().waitFor();
    const nodes = (await nodesOf(page)).join('\n');
    assert.match(nodes, /pay/);
    assert.doesNotMatch(nodes, /catalog/);
    await page.getByRole('banner').getByLabel('Group').selectOption('');
    await page.getByText('catalog', { exact: true }).first().waitFor();
    assert.equal(search(page).get('group'), null);
    await page.getByRole('banner').getByLabel('Group').selectOption('payments');
    await page.getByText('catalog', { exact: true }).first().waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Traces', exact: true }).click();
    await page.waitForURL(/\/traces\?.*group=payments/);
    await page.getByRole('link', { name: /^1-/ }).first().waitFor();
    await inspect(page, 'traces-of-group');
  });

  await step('a group that is not there says so', async () => {
    await page.goto(`${address}/traces?group=nowhere`);
    await page.getByRole('heading', { name: 'There is no group nowhere' }).waitFor();
    assert.match(await page.getByRole('banner').getByLabel('Group').locator('option:checked').textContent(), /nowhere \(not there\)/);
  });

  await step('a group is changed and deleted', async () => {
    await page.goto(`${address}/groups?edit=payments`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Filter expression').fill('service("pay") AND fault');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    const row = page.getByRole('row', { name: /^payments/ });
    await row.getByText('service("pay") AND fault').waitFor();
    await row.getByRole('button', { name: 'Delete payments' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual((await api('/api/groups')).groups.map((each) => each.name), ['Default']);
  });
}

async function sampling(page) {
  await step('a rule is made after seeing what it would have kept', async () => {
    await page.goto(address);
    await page.getByRole('link', { name: 'Sampling' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForURL(/\/sampling/);
    await page.getByRole('button', { name: 'New rule' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('checkout');
    await dialog.getByLabel('URL path').fill('/checkout');
    await dialog.getByLabel(/^Rate/).fill('50');
    await dialog.getByRole('heading', { name: /in the last hour: [0-9,]+ kept now, [0-9,]+ then/ }).waitFor();
    await dialog.locator('[aria-busy=false]').getByRole('row', { name: /^checkout/ }).waitFor();
    await inspect(page, 'sampling-new');
    await dialog.getByRole('button', { name: 'Make the rule' }).click();
    // Which has a row of the rule, too, before there is one.
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('row', { name: /checkout/ }).waitFor();
    const { rules } = await api('/api/sampling/rules');
    assert.deepEqual(rules.map((each) => [each.name, each.fixedRate]), [['checkout', 0.5], ['Default', 0.05]]);
  });

  await step('a number that cannot be is refused with its reason', async () => {
    forgive(/status of 400/);
    await page.goto(`${address}/sampling?edit=checkout`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Rate/).fill('150');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('fixedRate: 1.5 (expected: a number, 0 to 1)').last().waitFor();
    await page.keyboard.press('Escape');
  });

  await step('rules are listed in order; the default one stays', async () => {
    await page.goto(`${address}/sampling`);
    const row = page.getByRole('table', { name: /^Sampling rules/ }).getByRole('row', { name: /checkout/ });
    await row.getByText('/checkout').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Delete Default' }).isDisabled(), true);
    await page.getByText(/traces that are stored of the last hour/).waitFor();
    await inspect(page, 'sampling');
    await row.getByRole('button', { name: 'Delete checkout' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: /kept now/ }).waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
  });
}

async function insights(page) {
  await step('an insight comes, with who is hit and which traces show it', async () => {
    const begin = Date.now();
    let found = [];
    while (found.length === 0 && Date.now() - begin < INSIGHT_TIMEOUT) {
      found = (await api('/api/insights?start=-2h')).insights;
      await page.waitForTimeout(1_000);
    }
    assert.equal(found.length > 0, true, 'no insight');
    await page.goto(`${address}/insights`);
    await page.getByRole('link', { name: 'bank' }).waitFor();
    await inspect(page, 'insights');
    await page.getByRole('link', { name: 'bank' }).click();
    await page.getByRole('heading', { level: 1, name: 'bank' }).waitFor();
    await page.getByRole('img', { name: /^Requests over time/ }).waitFor();
    await page.getByRole('region', { name: 'Traces that show it' }).getByRole('link').first().waitFor();
    await inspect(page, 'insight');
    await page.getByRole('link', { name: 'Traces of that time' }).click();
    await page.getByRole('link', { name: /^1-/ }).first().waitFor();
    assert.equal(search(page).get('q'), 'service("bank") { fault }');
  });

  await step('an insight that is not there says so', async () => {
    forgive(/status of 40[04]/);
    await page.goto(`${address}/insights/00000000-0000-0000-0000-000000000000`);
    await page.getByRole('heading', { name: 'There is no such insight' }).waitFor();
    await page.goto(`${address}/insights/nonsense`);
    await page.getByRole('heading', { name: 'There is no such insight' }).waitFor();
  });
}

browserTest.run(async (browser) => {
  await api('/api/groups/Default', { method: 'PUT', body: '{"insights":{"enabled":true}}' });
  await sendHour();
  const page = await browserTest.open(browser);
  await groups(page);
  await sampling(page);
  await insights(page);
});
