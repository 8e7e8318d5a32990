// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

type Placed = { readonly x: number; readonly y: number };

/** Finds what stands near a point without looking at everything. */
export class Grid<T extends Placed> {
  readonly #size: number;
  readonly #cells = new Map<string, T[]>();

  /** `size` is the farthest that is ever asked for. */
  constructor(items: readonly T[], size: number) {
    this.#size = size;
    for (const item of items) {
      const key = this.#key(Math.floor(item.x / size), Math.floor(item.y / size));
      const cell = this.#cells.get(key);
      if (cell === undefined) {
        this.#cells.set(key, [item]);
      } else {
        cell.push(item);
      }
    }
  }

  #key(column: number, row: number): string {
    return `${column} ${row}`;
  }

  /** The nearest within a distance, or undefined. */
  nearest(x: number, y: number, within: number): T | undefined {
    const reach = Math.min(within, this.#size);
    const column = Math.floor(x / this.#size);
    const row = Math.floor(y / this.#size);
    let found: T | undefined;
    let best = reach;
    for (let i = column - 1; i <= column + 1; i++) {
      for (let j = row - 1; j <= row + 1; j++) {
        for (const item of this.#cells.get(this.#key(i, j)) ?? []) {
          const distance = Math.hypot(item.x - x, item.y - y);
          if (distance <= best) {
            best = distance;
            found = item;
          }
        }
      }
    }
    return found;
  }
}
