// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

'use strict';

/*
 * Makes a picture of a page small enough to keep: 256 colours, which is all that text on plain surfaces needs. Takes
 * what Chromium writes: 8 bits, RGB or RGBA, not interlaced.
 */

const assert = require('node:assert/strict');
const zlib = require('node:zlib');

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const COLOURS = 256;

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(zlib.crc32(body), body.length + 4);
  return framed;
}

function paeth(left, up, corner) {
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** Returns the colours of all pixels, each a number. */
function pixels(png) {
  assert.deepEqual(png.subarray(0, 8), SIGNATURE);
  const parts = [];
  let header;
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const data = png.subarray(at + 8, at + 8 + length);
    const type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') {
      header = { width: data.readUInt32BE(0), height: data.readUInt32BE(4), bits: data[8], type: data[9], interlaced: data[12] };
    } else if (type === 'IDAT') {
      parts.push(data);
    }
    at += length + 12;
  }
  const { width, height } = header;
  assert.ok(header.bits === 8 && (header.type === 2 || header.type === 6) && header.interlaced === 0);
  const size = header.type === 2 ? 3 : 4;
  const raw = zlib.inflateSync(Buffer.concat(parts));
  const row = width * size;
  let before = Buffer.alloc(row);
  const colours = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (row + 1)];
    const line = raw.subarray(y * (row + 1) + 1, (y + 1) * (row + 1));
    for (let x = 0; x < row; x++) {
      const left = x < size ? 0 : line[x - size];
      const corner = x < size ? 0 : before[x - size];
      line[x] += [0, left, before[x], (left + before[x]) >> 1, paeth(left, before[x], corner)][filter];
    }
    for (let x = 0; x < width; x++) {
      colours[y * width + x] = (line[x * size] << 16) | (line[x * size + 1] << 8) | line[x * size + 2];
    }
    before = line;
  }
  return { width, height, colours };
}

/** Returns the same picture in at most 256 colours: the most frequent, and for the others the nearest of them. */
function small(png) {
  const { width, height, colours } = pixels(png);
  const counts = new Map();
  for (const colour of colours) {
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, COLOURS).map(([colour]) => colour);
  const places = new Map(palette.map((colour, i) => [colour, i]));
  const distance = (a, b) =>
    ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  for (const colour of counts.keys()) {
    if (!places.has(colour)) {
      places.set(colour, palette.reduce((best, each, i) => (distance(colour, each) < distance(colour, palette[best]) ? i : best), 0));
    }
  }
  const raw = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      raw[y * (width + 1) + x + 1] = places.get(colours[y * width + x]);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', zlib.deflateSync(raw, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

module.exports = { small };
