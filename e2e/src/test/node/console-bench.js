// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * How fast the console is, in headless Chromium against a server of its own with the same made-up data in each run:
 *   node console-bench.js JAVA LIBRARIES CHROMIUM [RESULTS]
 * JAVA and LIBRARIES (folder of jars) start the server, CHROMIUM is the browser. Prints a table, and puts it into RESULTS
 * as the section "Console" if that is given. `./roentgen bench console` calls it.
 */

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { now, numbers, hex: hexOf, nanos, attributes, send } = require('./browser.js');

const USAGE = 'usage: node console-bench.js JAVA LIBRARIES CHROMIUM [RESULTS]';
const SECTION = '## Console';
/** What the launcher gives a server (up). */
const FLAGS = [
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--sun-misc-unsafe-memory-access=allow',
  '--enable-native-access=ALL-UNNAMED',
  '-XX:+UseCompactObjectHeaders',
  '-XX:+ExitOnOutOfMemoryError',
  '-Xms64m',
  '-Xmx512m',
];
const STARTED = / started .* http=\S+:(\d+) otlp-grpc=\S+:\d+ otlp-http=\S+:(\d+) /;
const START_MILLIS = 60_000;
const TIMEOUT = 60_000;
const RUNS = 5;
const FRAMES = 240;
const SPANS_A_REQUEST = 2_500;
const HOUR = 3_600_000;
const SEARCH_TRACES = 20_000;

// ---------------------------------------------------------------------------------------------------- data

const random = numbers(11);
const hex = (digits) => hexOf(random, digits);
const KINDS = { internal: 1, server: 2, client: 3 };

function span(traceId, parent, kind, name, start, millis, values = {}) {
  return {
    traceId,
    spanId: hex(16),
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + millis),
    attributes: attributes(values),
  };
}

/** Sends pairs of a service and a span. */
async function sendAll(pairs) {
  for (let from = 0; from < pairs.length; from += SPANS_A_REQUEST) {
    const byService = new Map();
    for (const [service, each] of pairs.slice(from, from + SPANS_A_REQUEST)) {
      if (!byService.has(service)) {
        byService.set(service, []);
      }
      byService.get(service).push(each);
    }
    await send([...byService].map(([service, spans]) => [{ 'service.name': service }, spans]));
  }
}

/** A trace of a given number of spans: calls and what they call, up to twelve deep, over gRPC and databases. */
async function sendTrace(count, start) {
  const traceId = hex(32);
  const whole = count / 50;
  const pairs = [['front', span(traceId, undefined, 'server', 'shop.Front/Report', start, whole)]];
  const open = [{ id: pairs[0][1].spanId, service: 'front', depth: 0, start, millis: whole }];
  while (pairs.length < count) {
    const above = open[Math.floor(random() ** 0.6 * open.length)];
    const at = above.start + random() * above.millis * 0.9;
    const millis = (above.start + above.millis - at) * random() * 0.8;
    const service = `service-${Math.floor(random() * 24)}`;
    const name = `shop.Part${Math.floor(random() * 40)}/Get${Math.floor(random() * 6)}`;
    const status = random() < 0.01 ? 14 : 0;
    const client = span(traceId, above.id, 'client', name, at, millis, {
      'rpc.system': 'grpc',
      'rpc.grpc.status_code': status,
      'server.address': service,
    });
    const server = span(traceId, client.spanId, 'server', name, at + millis * 0.05, millis * 0.9, {
      'rpc.system': 'grpc',
      'rpc.grpc.status_code': status,
      tenant: `t-${Math.floor(random() * 100)}`,
    });
    pairs.push([above.service, client], [service, server]);
    if (above.depth < 10) {
      open.push({ id: server.spanId, service, depth: above.depth + 2, start: at + millis * 0.05, millis: millis * 0.9 });
      if (open.length > 400) {
        open.shift();
      }
    }
  }
  await sendAll(pairs.slice(0, count));
  return traceId;
}

/** Services in a mesh, all below one entrance. */
async function sendMesh(count, end) {
  const pairs = [];
  const traceId = hex(32);
  const name = (i) => `mesh-${i}`;
  const root = span(traceId, undefined, 'server', 'GET /', end - 60_000, 900);
  pairs.push([name(0), root]);
  const ids = [root.spanId];
  for (let to = 1; to < count; to++) {
    for (let k = random() < 0.7 ? 1 : 2; k > 0; k--) {
      const from = Math.floor(to * random());
      const at = end - 60_000 + random() * 40;
      const client = span(traceId, ids[from], 'client', 'call', at, 5 + random() * 90, { 'server.address': name(to) });
      const server = span(traceId, client.spanId, 'server', 'call', at + 1, 3 + random() * 80, {
        'http.response.status_code': random() < 0.03 ? 500 : 200,
      });
      pairs.push([name(from), client], [name(to), server]);
      ids[to] ??= server.spanId;
    }
  }
  await sendAll(pairs);
}

/** Traces of five spans over the last hour. */
async function sendTraces(count) {
  const pairs = [];
  for (let i = 0; i < count; i++) {
    const traceId = hex(32);
    const start = now - 2_000 - random() * (HOUR - 60_000);
    const millis = 20 + 200 * random() ** 4;
    const status = random() < 0.02 ? 503 : 200;
    const root = span(traceId, undefined, 'server', `GET /page/${i % 20}`, start, millis, {
      'http.request.method': 'GET',
      'http.response.status_code': status,
      tenant: `t-${i % 100}`,
    });
    pairs.push(['front', root]);
    let above = root.spanId;
    for (const service of ['cart', 'stock']) {
      const client = span(traceId, above, 'client', `GET /${service}`, start + 2, millis / 2, { 'server.address': service });
      const server = span(traceId, client.spanId, 'server', `GET /${service}`, start + 3, millis / 2 - 2);
      pairs.push([above === root.spanId ? 'front' : 'cart', client], [service, server]);
      above = server.spanId;
    }
  }
  await sendAll(pairs);
}

// ---------------------------------------------------------------------------------------------------- server

async function startServer(java, libraries, folder) {
  const free = ['http', 'otlp-grpc', 'otlp-http', 'xray-tcp', 'xray-udp'].flatMap((name) => [`--${name}`, '0']);
  const child = spawn(
    java,
    [...FLAGS, '-cp', path.join(libraries, '*'), 'io.roentgen.cli.Main', 'up', '--data', path.join(folder, 'data'), ...free],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => fail('it does not start'), START_MILLIS);
    const fail = (why) => {
      clearTimeout(late);
      child.kill();
      reject(new Error(`server: ${why}\n${output}`));
    };
    const read = (chunk) => {
      output = (output + chunk).slice(-20_000);
      const started = STARTED.exec(output);
      if (started !== null) {
        clearTimeout(late);
        resolve({ child, http: `http://127.0.0.1:${started[1]}`, otlp: `http://127.0.0.1:${started[2]}` });
      }
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', (e) => fail(e.message));
    child.on('exit', (code) => fail(`it ended with ${code}`));
  });
}

// ---------------------------------------------------------------------------------------------------- measuring

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

function millis(value) {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

async function newPage(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(TIMEOUT);
  return context.newPage();
}

/** Runs once to warm up and then as often as said; each run on a page of its own, its cache cold. */
async function repeated(browser, measure) {
  const values = [];
  for (let i = 0; i <= RUNS; i++) {
    const page = await newPage(browser);
    const value = await measure(page);
    await page.context().close();
    if (i > 0) {
      values.push(value);
    }
  }
  return values;
}

/** Milliseconds from the start of loading the page until what the selector finds has been drawn. */
async function untilDrawn(page, address, selector) {
  await page.addInitScript((wanted) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(wanted) !== null) {
        observer.disconnect();
        // Once to be laid out and drawn, once to be sure that it was.
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.drawnAt = performance.now())));
      }
    });
    observer.observe(document, { childList: true, subtree: true });
  }, selector);
  await page.goto(address);
  await page.waitForFunction(() => globalThis.drawnAt !== undefined);
  return page.evaluate(() => globalThis.drawnAt);
}

/** Milliseconds from the key that opens a trace, by its id in the filter of a page that is shown, until it has been drawn. */
async function untilOpened(page, id, selector) {
  const filter = page.getByRole('combobox', { name: 'Filter expression' });
  await filter.fill(id);
  await page.evaluate((wanted) => {
    document.addEventListener('keydown', (event) => (globalThis.pressedAt = event.timeStamp), { capture: true, once: true });
    new MutationObserver((_, observer) => {
      if (document.querySelector(wanted) !== null) {
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => (globalThis.drawnAt = performance.now())));
      }
    }).observe(document, { childList: true, subtree: true });
  }, selector);
  await filter.press('Enter');
  await page.waitForFunction(() => globalThis.drawnAt !== undefined);
  return page.evaluate(() => globalThis.drawnAt - globalThis.pressedAt);
}

/** Milliseconds between frames while something is done before each of them. */
function frames(page, before) {
  return page.evaluate(
    ({ count, body }) =>
      new Promise((resolve) => {
        const act = new Function('i', body);
        const deltas = [];
        let last;
        const frame = (at) => {
          if (last !== undefined) {
            deltas.push(at - last);
          }
          last = at;
          if (deltas.length === count) {
            resolve(deltas);
          } else {
            act(deltas.length);
            requestAnimationFrame(frame);
          }
        };
        requestAnimationFrame(frame);
      }),
    { count: FRAMES, body: before },
  );
}

async function firstLoad(browser, server) {
  const page = await newPage(browser);
  const sizes = { js: 0, css: 0 };
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  const kinds = new Map();
  client.on('Network.responseReceived', ({ requestId, response }) => kinds.set(requestId, new URL(response.url).pathname));
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const kind = /\.(js|css)$/.exec(kinds.get(requestId) ?? '')?.[1];
    if (kind !== undefined) {
      sizes[kind] += encodedDataLength;
    }
  });
  await page.goto(`${server.http}/traces`);
  await page.waitForLoadState('networkidle');
  await page.context().close();
  return sizes;
}

async function measureAll(browser, server, tell) {
  const sizes = await firstLoad(browser, server);
  tell('first load of /traces, gzip', `${((sizes.js + sizes.css) / 1000).toFixed(0)} kB`, '250 kB', sizes.js + sizes.css <= 250_000,
    `JavaScript ${(sizes.js / 1000).toFixed(0)} kB, CSS ${(sizes.css / 1000).toFixed(0)} kB, headers included`);
  for (const route of ['/traces', '/map']) {
    const values = await repeated(browser, async (page) => {
      await page.goto(server.http + route);
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      return page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
    });
    timing(tell, `first contentful paint of ${route}`, values, 500);
  }

  console.error(`sending ${SEARCH_TRACES} traces`);
  await sendTraces(SEARCH_TRACES);
  const search = await repeated(browser, (page) => untilDrawn(page, `${server.http}/traces`, 'main table tbody tr'));
  timing(tell, 'traces, first results of a loaded page', search, undefined, 'from the start of navigation');
  for (const [name, filter] of [
    ['filter by service and fault', 'service("front") { fault = true }'],
    ['filter by annotation', 'annotation["tenant"] = "t-42"'],
  ]) {
    const values = await repeated(browser, async (page) => {
      await page.goto(`${server.http}/traces`);
      await page.locator('main table tbody tr').first().waitFor();
      const begun = performance.now();
      const response = await page.request.get(`${server.http}/api/traces?limit=100&filter=${encodeURIComponent(filter)}&grpcStatus=true`);
      await response.body();
      return performance.now() - begun;
    });
    timing(tell, `search results, ${name}`, values, 300, `100 of ${SEARCH_TRACES} traces in the last hour, the server's answer`);
  }

  for (const [count, budget] of [[500, 100], [2_000, 300]]) {
    const end = now - (count / 250) * HOUR;
    console.error(`sending a map of ${count} nodes`);
    await sendMesh(count, end);
    const range = `from=${end - 30 * 60_000}&to=${end + 60_000}`;
    const zooms = [];
    const values = await repeated(browser, async (page) => {
      await page.goto(`${server.http}/map?${range}`);
      await page.waitForFunction(() => performance.getEntriesByName('map first drawing').length > 0);
      const measured = await page.evaluate(() =>
        ['map layout', 'map first drawing'].map((name) => performance.getEntriesByName(name)[0].duration));
      await page.locator('.map-surface').hover();
      zooms.push(...(await frames(
        page,
        `const canvas = document.querySelector('.map-surface canvas');
         const box = canvas.getBoundingClientRect();
         canvas.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, deltaY: i % 60 < 30 ? -60 : 60,
           clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));`,
      )));
      return measured[0] + measured[1];
    });
    timing(tell, `map of ${count} nodes, laid out and drawn`, values, budget);
    frameRow(tell, `map of ${count} nodes, zoom`, zooms);
  }

  for (const [count, budget] of [[10_000, 300], [100_000, 1_000]]) {
    console.error(`sending a trace of ${count} spans`);
    const id = await sendTrace(count, now - 5 * HOUR);
    const answers = [];
    for (let i = 0; i <= RUNS; i++) {
      const begun = performance.now();
      const response = await fetch(`${server.http}/api/traces/${id}/skeleton`);
      await response.arrayBuffer();
      answers.push(performance.now() - begun);
    }
    const bytes = await encodedBytes(browser, `${server.http}/api/traces/${id}/skeleton`);
    timing(tell, `trace of ${count} spans, the server's answer`, answers.slice(1), undefined,
      `${(bytes / 1000).toFixed(0)} kB sent`);
    const row = '[role=treegrid] [aria-level]';
    const opened = await repeated(browser, async (page) => {
      await page.goto(`${server.http}/traces`);
      await page.locator('main table tbody tr').first().waitFor();
      return untilOpened(page, id, row);
    });
    timing(tell, `trace of ${count} spans, usable`, opened, budget, "from the key that opens it on /traces, its page's code not loaded yet");
    const scrolls = [];
    const values = await repeated(browser, async (page) => {
      const drawn = await untilDrawn(page, `${server.http}/trace/${id}`, row);
      scrolls.push(...(await frames(
        page,
        `document.querySelector('.timeline-scroller').scrollTop += 480;`,
      )));
      return drawn;
    });
    timing(tell, `trace of ${count} spans, as the first page`, values, undefined, 'from the start of navigation, cache cold');
    frameRow(tell, `trace of ${count} spans, scroll`, scrolls);
  }
}

async function encodedBytes(browser, address) {
  const page = await newPage(browser);
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  const size = new Promise((resolve) =>
    client.on('Network.loadingFinished', ({ encodedDataLength }) => resolve(encodedDataLength)));
  await page.goto(address);
  const bytes = await size;
  await page.context().close();
  return bytes;
}

function timing(tell, name, values, budget, note = '') {
  const middle = median(values);
  tell(name, millis(middle), budget === undefined ? '' : `${budget} ms`, budget === undefined || middle <= budget,
    [`worst ${millis(Math.max(...values))}`, note].filter((each) => each !== '').join(', '));
}

function frameRow(tell, name, deltas) {
  const p95 = quantile(deltas, 0.95);
  tell(`${name}, p95 frame`, millis(p95), '20 ms', p95 <= 20,
    `p50 ${millis(quantile(deltas, 0.5))}, worst ${millis(Math.max(...deltas))}, ${deltas.length} frames`);
}

// ---------------------------------------------------------------------------------------------------- the page

function page(rows) {
  const head = [
    SECTION,
    '',
    '- command: ./roentgen bench console',
    `- date: ${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`,
    `- machine: ${os.cpus()[0]?.model ?? 'unknown'}, ${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(2)} at the end`,
    `- medians of ${RUNS} runs in headless Chromium, 1440 x 900, after one to warm up`,
    '',
    '| what | result | budget | met | more |',
    '| --- | ---: | ---: | --- | --- |',
  ];
  return [...head, ...rows.map((row) => `| ${row.join(' | ')} |`), ''].join('\n');
}

/** Puts the section into the file in the place of what it was before, and leaves the others. */
function replaceSection(file, section) {
  const text = fs.readFileSync(file, 'utf8');
  const at = text.indexOf(`${SECTION}\n`);
  if (at < 0) {
    fs.writeFileSync(file, `${text.trimEnd()}\n\n${section}`);
    return;
  }
  const after = text.indexOf('\n## ', at + SECTION.length);
  fs.writeFileSync(file, text.slice(0, at) + section + (after < 0 ? '' : text.slice(after)));
}

async function main() {
  const [java, libraries, executable, results] = process.argv.slice(2);
  if (executable === undefined) {
    throw new Error(USAGE);
  }
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'roentgen-bench-console-'));
  const rows = [];
  const tell = (name, value, budget, met, more) => {
    rows.push([name, value, budget, budget === '' ? '' : met ? 'yes' : 'NO', more]);
    console.error(`${name}: ${value}${budget === '' ? '' : ` (budget ${budget}${met ? '' : ', missed'})`}; ${more}`);
  };
  let server;
  let browser;
  const clean = () => {
    server?.child.removeAllListeners('exit');
    server?.child.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  };
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  process.on('exit', clean);
  try {
    server = await startServer(java, libraries, folder);
    process.env.OTLP_URL = server.otlp;
    browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    await measureAll(browser, server, tell);
  } finally {
    await browser?.close();
  }
  const section = page(rows);
  process.stdout.write(section);
  if (results !== undefined) {
    replaceSection(results, section);
  }
}

main().then(
  () => process.exit(0),
  (e) => {
    console.error(e);
    process.exit(1);
  },
);
