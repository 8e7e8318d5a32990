// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

// A shop on Express with the unmodified X-Ray SDK for Node: GET /order calls GET /stock of the same
// program. Prints where it listens, and after an order its trace header.
'use strict';

const xray = require('aws-xray-sdk-core');
xray.captureHTTPsGlobal(require('http'), true);
const http = require('http');
const express = require('express');
const xrayExpress = require('aws-xray-sdk-express');

const app = express();
app.use(xrayExpress.openSegment('node-shop'));
app.get('/order', (request, response, next) => {
  const segment = xray.getSegment();
  segment.addAnnotation('item', request.query.item);
  segment.addMetadata('basket', { lines: [{ sku: 7, note: 'na\u00efve' }] });
  const port = request.socket.localPort;
  http
    .get({ host: '127.0.0.1', port, path: '/stock' }, (stock) => {
      stock.resume();
      stock.on('end', () => response.send('ordered'));
    })
    .on('error', next);
});
app.get('/stock', (request, response) => response.status(500).send('empty'));
app.use(xrayExpress.closeSegment());

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.on('SIGTERM', () => server.close(() => process.exit(0)));
