// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

// A server on Express with the unmodified X-Ray SDK for Node, and its only client: a request every
// 50 ms, traced or not as the server's sampling rules say. The argument is the service's name.
'use strict';

const http = require('http');
const express = require('express');
const xrayExpress = require('aws-xray-sdk-express');

const app = express();
app.use(xrayExpress.openSegment(process.argv[2]));
app.get('/work', (request, response) => response.send('done'));
app.use(xrayExpress.closeSegment());

const server = app.listen(0, '127.0.0.1', () => {
  const port = server.address().port;
  console.log(`listening on http://127.0.0.1:${port}`);
  setInterval(() => {
    http.get({ host: '127.0.0.1', port, path: '/work' }, (response) => response.resume());
  }, 50);
});
