// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useCallback, useRef, useState } from 'react';
import type { RefCallback } from 'react';

export type Size = { readonly width: number; readonly height: number };

/** The size of the element that gets the ref, in CSS pixels, kept up to date; 0 before there is one. */
export function useSize(): readonly [RefCallback<HTMLElement>, Size] {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const observer = useRef<ResizeObserver>(undefined);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element === null) {
      return;
    }
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    observer.current = new ResizeObserver(measure);
    observer.current.observe(element);
  }, []);
  return [ref, size];
}
