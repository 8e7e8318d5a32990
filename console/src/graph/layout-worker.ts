// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { layout } from './layout';
import type { LayoutReply, LayoutRequest } from './layout-client';

/* Runs layouts off the page's thread. */

self.onmessage = ({ data }: MessageEvent<LayoutRequest>): void => {
  const start = performance.now();
  const result = layout(data.nodes, data.edges, data.earlier);
  const reply: LayoutReply = { number: data.number, layout: result, millis: performance.now() - start };
  self.postMessage(reply);
};
