// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, ReactNode } from 'react';
import { useColorScheme } from '../../app/color-scheme';
import { formatCount, formatDuration, plural } from '../../ui/format';
import { micros } from '../../ui/units';
import { useSize } from '../../ui/use-size';
import { serviceColor } from './service-color';
import { flameOf } from './statistics';
import type { FlameNode } from './statistics';
import type { TraceModel } from './trace-model';

const ROW = 22;
const MIN_TEXT = 34;
const MIN_WIDTH = 0.4;
const PADDING = 6;

type Box = { readonly node: FlameNode; readonly x: number; readonly y: number; readonly width: number };

/** Boxes of what is zoomed to, below the boxes of all that is above it. */
function boxesOf(focus: FlameNode, width: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let node: FlameNode | undefined = focus.parent; node !== undefined; node = node.parent) {
    boxes.push({ node, x: 0, y: node.depth * ROW, width });
  }
  const open: Box[] = [{ node: focus, x: 0, y: focus.depth * ROW, width }];
  for (let box = open.pop(); box !== undefined; box = open.pop()) {
    boxes.push(box);
    let x = box.x;
    for (const child of box.node.children) {
      const wide = box.node.weight === 0 ? 0 : (child.weight / box.node.weight) * box.width;
      if (wide >= MIN_WIDTH) {
        open.push({ node: child, x, y: child.depth * ROW, width: wide });
      }
      x += wide;
    }
  }
  return boxes;
}

function titleOf(node: FlameNode): string {
  return `${node.service === '' || node.service === node.name ? '' : `${node.service} `}${node.name}`;
}

function spoken(node: FlameNode, whole: number): string {
  const share = whole === 0 ? 0 : (node.weight / whole) * 100;
  return (
    `${titleOf(node)}: ${plural(node.count, 'span')}, ${formatDuration(micros(node.weight))} with all below` +
    ` (${share.toFixed(1)} %), ${formatDuration(micros(node.self))} of its own`
  );
}

/** Time by the way down to it: spans that were reached by the same services and operations are one box. */
export function Flame({
  model,
  onTable,
  onFind,
}: {
  readonly model: TraceModel;
  readonly onTable: () => void;
  readonly onFind: (name: string) => void;
}): ReactNode {
  const all = useMemo(() => flameOf(model), [model]);
  const [focus, setFocus] = useState(all);
  const [at, setAt] = useState(all);
  const [frame, { width }] = useSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColorScheme().shown;
  const boxes = useMemo(() => boxesOf(focus, width), [focus, width]);
  const height = boxes.reduce((most, { y }) => Math.max(most, y + ROW), ROW);

  useEffect(() => {
    setFocus(all);
    setAt(all);
  }, [all]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) {
      return;
    }
    const scale = window.devicePixelRatio;
    context.canvas.width = Math.round(width * scale);
    context.canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name);
    context.font = `12px ${color('--font')}`;
    context.textBaseline = 'middle';
    for (const { node, x, y, width: wide } of boxes) {
      context.globalAlpha = node.depth < focus.depth ? 0.45 : 1;
      context.fillStyle = node.depth === 0 ? color('--sunken') : color(serviceColor(node.service));
      context.fillRect(x, y, Math.max(MIN_WIDTH, wide - 1), ROW - 1);
      context.globalAlpha = 1;
      if (wide > MIN_TEXT) {
        context.save();
        context.beginPath();
        context.rect(x, y, wide - 4, ROW);
        context.clip();
        context.fillStyle = node.depth === 0 || node.depth < focus.depth ? color('--text') : color('--surface');
        context.fillText(titleOf(node), x + PADDING, y + ROW / 2);
        context.restore();
      }
      if (node === at) {
        context.strokeStyle = color('--text');
        context.lineWidth = 2;
        context.strokeRect(x + 1, y + 1, Math.max(2, wide - 3), ROW - 3);
      }
    }
  }, [boxes, width, height, at, focus, scheme]);

  const hit = (event: MouseEvent<HTMLCanvasElement>): FlameNode | undefined => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    return boxes.find((each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + ROW)?.node;
  };
  const zoom = (node: FlameNode): void => {
    setFocus(node);
    setAt(node);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const siblings = at.parent?.children ?? [at];
    const place = siblings.indexOf(at);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => setAt(at.children[0] ?? at),
      ArrowUp: () => setAt(at.parent ?? at),
      ArrowLeft: () => setAt(siblings[place - 1] ?? at),
      ArrowRight: () => setAt(siblings[place + 1] ?? at),
      Enter: () => zoom(at),
      Backspace: () => zoom(focus.parent ?? focus),
      Home: () => zoom(all),
    };
    const move = event.ctrlKey || event.metaKey || event.altKey ? undefined : moves[event.key];
    if (move) {
      event.preventDefault();
      move();
    }
  };
  return (
    <div className="flame">
      <div className="flame-bar">
        <p role="status" className="truncate">
          {spoken(at, all.weight)}
        </p>
        {at.depth > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => onFind(at.name)}>
            Show on the timeline
          </Button>
        )}
        <Button size="compact-sm" variant="default" disabled={focus === all} onClick={() => zoom(all)}>
          Whole trace
        </Button>
        <Button size="compact-sm" variant="default" onClick={onTable}>
          As a table
        </Button>
      </div>
      <div
        className="flame-scroller"
        role="application"
        aria-roledescription="flame graph"
        aria-label={`Flame graph of ${formatCount(model.count)} spans. Arrow keys move, Enter zooms, Backspace zooms out.`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div ref={frame}>
          <canvas
            ref={canvas}
            aria-hidden="true"
            style={{ width, height }}
            onClick={(event) => {
              const node = hit(event);
              if (node) {
                zoom(node);
              }
            }}
            onMouseMove={(event) => {
              const node = hit(event);
              if (node && node !== at) {
                setAt(node);
              }
            }}
          />
        </div>
      </div>
    </div>
  );
}
