// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useRef, useState } from 'react';
import type { HTMLAttributes } from 'react';

const KEY = 'roentgen.map-panel-width';
const MIN = 280;
const MAX = 900;
const STEP = 20;

function usual(): number {
  return window.innerWidth <= 1_100 ? 330 : 380;
}

function clamped(width: number): number {
  // Half of the window stays for the map.
  return Math.round(Math.max(MIN, Math.min(width, MAX, window.innerWidth / 2)));
}

function stored(): number | undefined {
  try {
    const width = Number(localStorage.getItem(KEY));
    return width >= MIN && width <= MAX ? width : undefined;
  } catch {
    // Storage may be off; then the usual width holds.
    return undefined;
  }
}

function keep(width: number | undefined): void {
  try {
    if (width === undefined) {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, String(width));
    }
  } catch {
    // Then it holds until the page is left.
  }
}

/** How wide the panel is, and what its left edge needs: dragged, or moved by arrows; a double click resets it. */
export function usePanelWidth(): { readonly width: number; readonly separator: HTMLAttributes<HTMLElement> } {
  const [chosen, setChosen] = useState(stored);
  const drag = useRef<{ readonly x: number; readonly width: number }>(undefined);
  const width = clamped(chosen ?? usual());
  const choose = (next: number | undefined): void => {
    const value = next === undefined ? undefined : clamped(next);
    setChosen(value);
    keep(value);
  };
  return {
    width,
    separator: {
      role: 'separator',
      tabIndex: 0,
      title: 'Drag, or press the arrow keys, for another width',
      'aria-label': 'Width of the details',
      'aria-orientation': 'vertical',
      'aria-valuenow': width,
      'aria-valuemin': MIN,
      'aria-valuemax': MAX,
      onPointerDown: (event) => {
        event.preventDefault();
        event.currentTarget.focus();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, width };
      },
      onPointerMove: (event) => {
        if (drag.current !== undefined) {
          choose(drag.current.width + drag.current.x - event.clientX);
        }
      },
      onPointerUp: () => (drag.current = undefined),
      onPointerCancel: () => (drag.current = undefined),
      onDoubleClick: () => choose(undefined),
      onKeyDown: (event) => {
        const next = { ArrowLeft: width + STEP, ArrowRight: width - STEP, Home: MIN, End: MAX }[event.key];
        if (next !== undefined) {
          event.preventDefault();
          choose(next);
        }
      },
    },
  };
}
