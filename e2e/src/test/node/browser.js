// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * What the tests of the console in a browser have in common: made-up data that is the same in each run, spans over
 * OTLP/HTTP, steps that fail for anything the browser complains of, and pictures. Takes from the environment CONSOLE_URL,
 * OTLP_URL, SCREENSHOTS (folder) and CHROMIUM (path).
 */

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const TIMEOUT = 30_000;

const address = process.env.CONSOLE_URL;

// ---------------------------------------------------------------------------------------------------- data

/** Milliseconds since 1970 that all data is before. */
const now = Date.now() - 5_000;

/** Returns a source of numbers from 0 to 1 that is the same each time. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function hex(random, digits) {
  let text = '';
  while (text.length < digits) {
    text += Math.floor(random() * 16).toString(16);
  }
  return text;
}

function nanos(millis) {
  return String(BigInt(Math.round(millis * 1_000)) * 1_000n);
}

function attributes(values) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === 'number'
        ? { intValue: String(value) }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : { stringValue: value },
  }));
}

/** Sends spans over OTLP/HTTP: pairs of a resource's attributes and its spans. */
async function send(resources) {
  const response = await fetch(`${process.env.OTLP_URL}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: resources.map(([resource, spans]) => ({
        resource: { attributes: attributes(resource) },
        scopeSpans: [{ scope: { name: 'e2e' }, spans }],
      })),
    }),
  });
  assert.equal(response.status, 200, await response.text());
}

// ---------------------------------------------------------------------------------------------------- browser

let problems = [];
let forgiven = [];

function watch(page) {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      problems.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on('pageerror', (error) => problems.push(`thrown: ${error.stack}`));
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== new URL(page.url() === 'about:blank' ? request.url() : page.url()).origin) {
      problems.push(`request to another site: ${request.url()}`);
    }
  });
}

/** What the browser itself logs of answers that the step wants; holds until the end of the step. */
function forgive(pattern) {
  forgiven.push(pattern);
}

async function step(name, run) {
  const begin = performance.now();
  try {
    await run();
    const left = problems.filter((each) => !forgiven.some((pattern) => pattern.test(each)));
    problems = [];
    forgiven = [];
    assert.deepEqual(left, []);
  } catch (e) {
    console.error(`FAILED ${name}: ${e.stack}\n${problems.join('\n')}`);
    throw e;
  }
  console.log(`ok ${name} (${Math.round(performance.now() - begin)} ms)`);
}

async function violations(page) {
  await page.evaluate(AXE);
  const result = await page.evaluate(() => globalThis.axe.run());
  return result.violations.map(
    (each) => `${each.id} (${each.impact}): ${each.nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`,
  );
}

/** Takes a picture, once what a change of size or colours set going has been drawn. */
async function picture(page, name) {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter((each) => each.effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((each) => each.finished));
    for (let frame = 0; frame < 3; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}.png`) });
}

/** Looks at a page in both themes and sizes: pictures for people, axe for the rest. */
async function inspect(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [1024, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
    assert.deepEqual(await violations(page), [], `${name} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

function search(page) {
  return new URL(page.url()).searchParams;
}

/** Opens a context of its own with one page, which is watched. */
async function open(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(TIMEOUT);
  const page = await context.newPage();
  watch(page);
  return page;
}

/** Runs a test in a browser; ends the process with 1 if it fails. */
async function run(test) {
  fs.mkdirSync(process.env.SCREENSHOTS, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    await test(browser);
    console.log('all is well');
  } catch (e) {
    console.error(e);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

module.exports = { address, now, numbers, hex, nanos, attributes, send, forgive, step, inspect, picture, search, open, run };
