// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import type { Earlier, Layout, LayoutEdge, LayoutNode } from './layout';

export type LayoutRequest = {
  readonly number: number;
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
  readonly earlier: Earlier;
};

export type LayoutReply = { readonly number: number; readonly layout: Layout; readonly millis: number };

/** Asks the worker; only the answer to the last question is given. */
export class LayoutClient {
  readonly #worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
  #number = 0;

  run(request: Omit<LayoutRequest, 'number'>, onDone: (reply: LayoutReply) => void, onFailed: (error: Error) => void): void {
    const number = ++this.#number;
    this.#worker.onmessage = ({ data }: MessageEvent<LayoutReply>) => {
      if (data.number === number) {
        onDone(data);
      }
    };
    this.#worker.onerror = (event) => onFailed(new Error(event.message || 'The layout could not be worked out.'));
    this.#worker.postMessage({ ...request, number });
  }

  close(): void {
    this.#worker.terminate();
  }
}
