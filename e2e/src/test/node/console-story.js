// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * A new user's first quarter of an hour, in a browser, by what is seen on the page alone: load the sample, find the
 * slow checkout, see which hop ate the time and the deadline, compare it with what is normal, save the filter as a
 * group, see the group's map. The server must be empty. Takes from the environment CONSOLE_URL, SCREENSHOTS (folder for
 * the pictures that docs/console.md shows), CHROMIUM (path). Prints a line for each step; ends with 1 at the first that
 * fails.
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const browserTest = require('./browser.js');
const { small } = require('./small-png.js');
const { address, step, search } = browserTest;

const LARGEST = 150_000;

/** Keeps a picture of the page as a new user sees it. */
async function keep(page, name) {
  // Nothing is pointed at.
  await page.mouse.move(700, 2);
  await browserTest.picture(page, name);
  const file = path.join(process.env.SCREENSHOTS, `${name}.png`);
  const packed = small(fs.readFileSync(file));
  assert.ok(packed.length < LARGEST, `${name}: ${packed.length} bytes (expected: less than ${LARGEST})`);
  fs.writeFileSync(file, packed);
}

async function test(browser) {
  const page = await browserTest.open(browser);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const link = (name) => page.getByRole('link', { name, exact: true });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const pages = page.getByRole('navigation', { name: 'Pages' });

  await step('the page opens where a new user is, and loads the sample', async () => {
    await page.goto(address);
    await page.getByRole('heading', { name: 'Or look around with sample data' }).waitFor();
    await button('Load sample data').click();
    await page.getByText(/traces with .* spans of a shop are shown/).waitFor();
    await keep(page, 'console-start');
  });

  await step('the map shows the shop, and where it fails', async () => {
    await link('Open the map').click();
    await page.getByText('9 nodes, 10 edges').waitFor();
    await keep(page, 'console-map');
  });

  await step('the slow ones are at the right of the histogram', async () => {
    await pages.getByRole('link', { name: 'Traces' }).click();
    await page.getByText('Drag over bars, or press one, to look into it').waitFor();
    const chart = page.getByRole('img', { name: /^Durations of 420 traces/ });
    const second = await chart.getByText('1 s', { exact: true }).boundingBox();
    const box = await chart.boundingBox();
    const y = box.y + box.height / 2;
    await page.mouse.move(second.x + second.width / 2, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 4, y, { steps: 6 });
    await page.mouse.up();
    await page.waitForURL((url) => /^duration >= (1|0\.99\d|1\.0\d)$/.test(url.searchParams.get('q') ?? ''));
    await page.getByRole('img', { name: /^Durations of \d\d? traces/ }).waitFor();
    await keep(page, 'console-traces');
  });

  await step('the critical path tells which hop ate the time, and the deadline', async () => {
    await page.getByRole('row').filter({ hasText: 'POST /checkout' }).filter({ hasText: 'fault' }).first().click();
    const answer = page.getByRole('region', { name: 'Where the time went' });
    await answer.waitFor();
    assert.match(await answer.getByRole('button').first().textContent(), /payment POST \/v2\/authorize1\.\d+ s9\d %/);
    assert.match(await answer.textContent(), /payment shop\.Payment\/Charge\d+ ms past its deadline/);
    await keep(page, 'console-trace');
    await answer.getByRole('button').first().click();
    await page.getByRole('complementary').filter({ hasText: 'bank.example' }).first().waitFor();
    await keep(page, 'console-span');
    await page.keyboard.press('Escape');
  });

  await step('beside what is normal, the same hop stands out', async () => {
    await button('Compare with…').click();
    await button('The median of its operation').click();
    const answer = page.getByRole('region', { name: 'Where the time went' });
    await answer.getByText('payment POST /v2/authorize').waitFor();
    await page.getByText(/^Median of \d+ traces/).waitFor();
    await keep(page, 'console-compare');
  });

  await step('the filter is still there, and becomes a group', async () => {
    await pages.getByRole('link', { name: 'Traces' }).click();
    const filter = search(page).get('q');
    assert.match(filter, /^duration >= /);
    await button('Save as group').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('slow-checkout');
    await dialog.getByText(/of \d+ traces of the last hour/).waitFor();
    await keep(page, 'console-group');
    await button('Make the group').click();
    await page.getByRole('row').filter({ hasText: 'slow-checkout' }).waitFor();
  });

  await step('the group has a map of its own', async () => {
    await page.getByRole('row').filter({ hasText: 'slow-checkout' }).getByRole('link', { name: /Map/ }).click();
    await page.getByText(/^\d+ nodes, \d+ edges/).waitFor();
    assert.equal(search(page).get('group'), 'slow-checkout');
    assert.equal(await page.getByRole('combobox', { name: /^Group\b/ }).first().inputValue(), 'slow-checkout');
    await keep(page, 'console-group-map');
  });
}

browserTest.run(test);
