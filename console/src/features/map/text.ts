// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { RADIUS } from '../../graph/curve';

export const NAME_SIZE = 12.5;
const MAX_NAME = 150;
const MIN_NODE = RADIUS * 2 + 26;
const PADDING = 14;

/** Measures names as the canvas draws them; keeps what it has measured. */
export class TextMeasure {
  readonly #context: CanvasRenderingContext2D | null;
  readonly #fitted = new Map<string, { readonly text: string; readonly width: number }>();

  constructor(font: string) {
    this.#context = document.createElement('canvas').getContext('2d');
    if (this.#context !== null) {
      this.#context.font = `600 ${NAME_SIZE}px ${font}`;
    }
  }

  #width(text: string): number {
    return this.#context?.measureText(text).width ?? text.length * NAME_SIZE * 0.6;
  }

  #fit(name: string): { readonly text: string; readonly width: number } {
    let found = this.#fitted.get(name);
    if (found === undefined) {
      let text = name;
      if (this.#width(name) > MAX_NAME) {
        // Ends of names tell more apart than their middles.
        let kept = name.length - 1;
        do {
          kept--;
          text = `${name.slice(0, Math.ceil(kept * 0.6))}…${name.slice(name.length - Math.floor(kept * 0.4))}`;
        } while (kept > 2 && this.#width(text) > MAX_NAME);
      }
      found = { text, width: this.#width(text) };
      this.#fitted.set(name, found);
    }
    return found;
  }

  /** The name, cut in its middle if it is long. */
  fitted(name: string): string {
    return this.#fit(name).text;
  }

  /** How wide the name is when it was cut. */
  widthOf(name: string): number {
    return this.#fit(name).width;
  }

  /** The room that a node of that name takes. */
  room(name: string): number {
    return Math.ceil(Math.max(MIN_NODE, this.#fit(name).width + PADDING));
  }
}
