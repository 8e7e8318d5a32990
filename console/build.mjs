// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

// What Maven runs, with nothing but Node:
//   node build.mjs build FOLDER   installs what the lock file names, then builds the files into FOLDER
//   node build.mjs test           installs likewise, checks types, runs the tests
// What is in step already is not done again.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const root = dirname(fileURLToPath(import.meta.url));
const MIN_NODE = [20, 19];
/** Less than this is not worth a second copy. */
const MIN_GZIP_SAVING = 0.9;

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.error) {
    throw new Error(`${command}: ${result.error.message} (expected: Node ${MIN_NODE.join('.')} and npm on PATH)`);
  }
  if (result.status !== 0) {
    process.exit(result.status ?? 1);
  }
}

function hash(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    throw new Error(`node: ${process.versions.node} (expected: ${MIN_NODE.join('.')} or newer)`);
  }
}

/** Installs unless node_modules was installed from this very lock file. */
function install() {
  const stamp = join(root, 'node_modules', '.lock-hash');
  const wanted = hash(readFileSync(join(root, 'package-lock.json')));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts']);
  writeFileSync(stamp, wanted);
}

/** A hash over all that goes into the build. */
function inputs() {
  const files = ['build.mjs', 'package-lock.json', 'vite.config.ts'].map((name) => join(root, name));
  files.push(...filesBelow(join(root, 'src')).filter((path) => !path.includes('.test.')));
  return hash(files.map((path) => `${relative(root, path)} ${hash(readFileSync(path))}`).join('\n'));
}

/** Writes beside each file its gzip copy, and the list that the server reads. */
function finish(folder) {
  const lines = JSON.parse(readFileSync(join(root, 'src', 'app', 'pages.json'), 'utf8')).map(
    (path) => `page ${path}`,
  );
  for (const path of filesBelow(folder)) {
    const bytes = readFileSync(path);
    const packed = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
    const smaller = packed.length < bytes.length * MIN_GZIP_SAVING;
    if (smaller) {
      writeFileSync(`${path}.gz`, packed);
    }
    const name = relative(folder, path).replaceAll('\\', '/');
    lines.push(`${smaller ? 'gzip' : 'file'} ${hash(bytes).slice(0, 16)} ${name}`);
  }
  writeFileSync(join(folder, 'console.index'), lines.join('\n') + '\n');
}

function build(folder) {
  const stamp = join(dirname(folder), '.console-inputs');
  const wanted = inputs();
  if (
    existsSync(join(folder, 'console.index')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  ) {
    return;
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run(process.execPath, [join('node_modules', 'vite', 'bin', 'vite.js'), 'build', '--outDir', folder]);
  finish(folder);
  writeFileSync(stamp, wanted);
  const sizes = filesBelow(folder).filter((path) => path.endsWith('.gz'));
  console.log(`console: ${sizes.reduce((sum, path) => sum + statSync(path).size, 0)} bytes of gzip`);
}

checkNode();
const [task, folder] = process.argv.slice(2);
if (task === 'build' && folder) {
  install();
  build(resolve(root, folder));
} else if (task === 'test') {
  install();
  run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit']);
  run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run']);
} else {
  throw new Error(`${task ?? 'nothing'} (expected: build FOLDER, or test)`);
}
