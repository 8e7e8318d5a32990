// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useEffect, useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

export type MenuItem = {
  readonly label: string;
  readonly run: () => void;
};

const WIDTH = 230;
const ROW = 30;

/** What can be done with a node; arrows, Home and End walk, Escape and a click elsewhere close. */
export function NodeMenu({
  title,
  x,
  y,
  within,
  items,
  onClose,
}: {
  readonly title: string;
  readonly x: number;
  readonly y: number;
  readonly within: HTMLElement | null;
  readonly items: readonly MenuItem[];
  readonly onClose: () => void;
}): ReactNode {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    menu.current?.querySelector('button')?.focus();
    const onDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) {
        onClose();
      }
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [onClose]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const all = [...(menu.current?.querySelectorAll('button') ?? [])];
    const at = all.findIndex((each) => each === document.activeElement);
    const next = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (next !== undefined) {
      all[next]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      onClose();
    } else if (event.key.length > 1) {
      return;
    }
    // What is pressed here is for the menu, not for the page.
    event.stopPropagation();
    if (event.key !== ' ') {
      event.preventDefault();
    }
  };
  const height = ROW * items.length + 40;
  return (
    <div
      ref={menu}
      className="map-menu panel"
      role="menu"
      tabIndex={-1}
      aria-label={`What to do with ${title}`}
      style={{
        left: Math.max(4, Math.min(x, (within?.clientWidth ?? x + WIDTH) - WIDTH - 4)),
        top: Math.max(4, Math.min(y, (within?.clientHeight ?? y + height) - height - 4)),
        width: WIDTH,
      }}
      onKeyDown={onKeyDown}
    >
      <div className="map-menu-title truncate" role="presentation">
        {title}
      </div>
      {items.map(({ label, run }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            onClose();
            run();
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
