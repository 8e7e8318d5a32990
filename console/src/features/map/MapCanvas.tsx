// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { ActionIcon, Tooltip } from '@mantine/core';
import { IconFocusCentered, IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { useColorScheme } from '../../app/color-scheme';
import { useKeys } from '../../app/keys';
import type { Direction } from '../../graph/walk';
import { CHANGES, changeOf } from '../../graph/change';
import { badShare } from '../../graph/map-model';
import type { MapNode } from '../../graph/map-model';
import { OUTCOMES, OutcomeGlyph } from '../../ui/Outcome';
import { formatCount } from '../../ui/format';
import { KIND_NAMES } from './glyphs';
import { KindGlyph } from './KindGlyph';
import { ChangeMark } from './ChangeMark';
import { NodeMenu } from './NodeMenu';
import type { MenuItem } from './NodeMenu';
import { formatChange, formatMaybe, formatRate, formatShare } from './map-format';
import { meanOf } from '../../graph/map-model';
import type { Scene } from './scene';
import { Stage } from './stage';
import type { Target } from './stage';

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

type Hover = { readonly target: Target; readonly x: number; readonly y: number };

export function MapCanvas({
  scene,
  part,
  selected,
  summary,
  menu,
  onSelect,
}: {
  readonly scene: Scene | undefined;
  /** The view is fitted when another part of the map is shown. */
  readonly part: string;
  readonly selected: string | undefined;
  readonly summary: string;
  /** What can be done with a node. */
  readonly menu: (node: MapNode) => readonly MenuItem[];
  readonly onSelect: (key: string | undefined) => void;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage>(undefined);
  const shownPart = useRef<string>(undefined);
  const select = useRef(onSelect);
  const drawn = useRef(false);
  const [hover, setHover] = useState<Hover>();
  const [spoken, setSpoken] = useState('');
  const surface = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState<{ readonly node: MapNode; readonly x: number; readonly y: number }>();
  const closeMenu = useCallback(() => {
    setOpened(undefined);
    surface.current?.focus();
  }, []);
  const { shown: scheme } = useColorScheme();
  const summaryId = useId();
  const seconds = scene?.seconds ?? 1;

  useEffect(() => {
    select.current = onSelect;
  }, [onSelect]);
  useEffect(() => {
    if (canvas.current === null) {
      return undefined;
    }
    const made = new Stage(canvas.current, {
      onSelect: (key) => select.current(key),
      onHover: (target, x, y) => setHover(target && { target, x, y }),
      onCursor: ({ node }) =>
        setSpoken(
          `${node.id.name}, ${KIND_NAMES[node.kind]}, ${formatShare(badShare(node.calls))} bad,` +
            ` mean ${formatMaybe(meanOf(node.calls))},${node.then === undefined ? '' : ` ${formatChange(node)},`} ${node.incoming.length} callers, ${node.outgoing.length} callees`,
        ),
      onMenu: ({ node }, x, y) => setOpened({ node, x, y }),
      onDrawn: (millis) => {
        if (!drawn.current) {
          drawn.current = true;
          performance.measure('map first drawing', { start: performance.now() - millis, duration: millis });
        }
      },
    });
    stage.current = made;
    return () => made.close();
  }, []);
  useEffect(() => stage.current?.recolor(), [scheme]);
  useEffect(() => {
    if (scene !== undefined) {
      drawn.current = false;
      stage.current?.show(scene, shownPart.current !== part);
      shownPart.current = part;
    }
  }, [scene, part]);
  useEffect(() => stage.current?.select(selected), [selected, scene]);

  const keys = useMemo(
    () => [
      { keys: 'f', label: 'Fit the map', run: () => stage.current?.fit() },
      { keys: '+', label: 'Zoom in', run: () => stage.current?.zoom(true) },
      { keys: '-', label: 'Zoom out', run: () => stage.current?.zoom(false) },
      { keys: 'm', label: 'What to do with a node', run: () => stage.current?.menu() },
    ],
    [],
  );
  useKeys(keys);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const direction = DIRECTIONS[event.key];
    if (direction !== undefined) {
      event.preventDefault();
      stage.current?.walk(direction);
    } else if (event.key === 'Enter' && stage.current?.cursor !== undefined) {
      event.preventDefault();
      onSelect(stage.current.cursor);
    }
  };

  return (
    <div className="map-canvas">
      <div
        role="application"
        aria-roledescription="graph"
        aria-label="Service map. Arrow keys walk along calls, Enter opens a node, m tells what to do with it."
        aria-describedby={summaryId}
        ref={surface}
        className="map-surface"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={() => stage.current?.focus(true)}
        onBlur={() => stage.current?.focus(false)}
      >
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <p id={summaryId} className="visually-hidden">
        {summary}
      </p>
      <p role="status" aria-live="polite" className="visually-hidden">
        {spoken}
      </p>
      <div className="map-zoom">
        {(
          [
            ['Zoom in (+)', IconZoomIn, () => stage.current?.zoom(true)],
            ['Zoom out (-)', IconZoomOut, () => stage.current?.zoom(false)],
            ['Fit (f)', IconFocusCentered, () => stage.current?.fit()],
          ] as const
        ).map(([label, Icon, run]) => (
          <Tooltip key={label} label={label} position="left">
            <ActionIcon variant="default" size={30} aria-label={label} onClick={run}>
              <Icon size={16} />
            </ActionIcon>
          </Tooltip>
        ))}
      </div>
      <Legend compared={scene?.compared === true} />
      {opened !== undefined && (
        <NodeMenu
          title={opened.node.id.name}
          x={opened.x}
          y={opened.y}
          within={surface.current}
          items={menu(opened.node)}
          onClose={closeMenu}
        />
      )}
      {opened === undefined && hover !== undefined && <HoverCard hover={hover} seconds={seconds} within={canvas.current} />}
    </div>
  );
}

function Legend({ compared }: { readonly compared: boolean }): ReactNode {
  return (
    <div className="map-legend" aria-label="What the colours say" role="group">
      {compared && CHANGES.filter((each) => each !== 'same').map((each) => <ChangeMark key={each} change={each} />)}
      {compared && <span className="map-legend-rule" aria-hidden />}
      {OUTCOMES.map((outcome) => (
        <span key={outcome} className={`outcome-${outcome}`}>
          <OutcomeGlyph outcome={outcome} /> {outcome}
        </span>
      ))}
    </div>
  );
}

const CARD_WIDTH = 270;
const CARD_HEIGHT = 200;

function HoverCard({
  hover: { target, x, y },
  seconds,
  within,
}: {
  readonly hover: Hover;
  readonly seconds: number;
  readonly within: HTMLElement | null;
}): ReactNode {
  const { calls, then } = 'node' in target ? target.node.node : target.edge.edge;
  const change = then && changeOf({ calls, then });
  const width = within?.clientWidth ?? 0;
  const height = within?.clientHeight ?? 0;
  const left = x + 18 + CARD_WIDTH > width ? Math.max(4, x - CARD_WIDTH - 18) : x + 18;
  const top = y + 14 + CARD_HEIGHT > height ? Math.max(4, y - CARD_HEIGHT - 6) : y + 14;
  return (
    <div className="map-hover panel" style={{ left, top, width: CARD_WIDTH }} aria-hidden="true">
      {'node' in target ? (
        <strong className="map-hover-title">
          <KindGlyph kind={target.node.node.kind} />
          <span>{target.node.node.id.name}</span>
        </strong>
      ) : (
        <strong className="map-hover-title">
          <span>
            {target.edge.edge.from.id.name} → {target.edge.edge.to.id.name}
          </span>
        </strong>
      )}
      {'node' in target && (
        <span className="dim">
          {target.node.node.id.type === '' ? KIND_NAMES[target.node.node.kind] : target.node.node.id.type}
        </span>
      )}
      {change !== undefined && (
        <ChangeMark change={change}>{formatChange({ calls, ...(then && { then }) })}</ChangeMark>
      )}
      {'edge' in target && target.edge.edge.link && <span className="dim">Messages; how long work on them took</span>}
      <dl>
        <dt>Requests</dt>
        <dd>
          {formatCount(calls.total)} · {formatRate(calls.total, seconds)}
        </dd>
        <dt>Mean</dt>
        <dd>{formatMaybe(meanOf(calls))}</dd>
        <dt>p95, p99</dt>
        <dd>
          {formatMaybe(calls.p95)}, {formatMaybe(calls.p99)}
        </dd>
        {then !== undefined && then.state !== 'new' && (
          <>
            <dt>Before</dt>
            <dd>
              {formatCount(then.calls.total)} · {formatMaybe(meanOf(then.calls))} · {formatShare(badShare(then.calls))} bad
            </dd>
          </>
        )}
        {(['fault', 'throttle', 'error'] as const).map(
          (name) =>
            calls[name] > 0 && (
              <div key={name} className={`map-hover-bad outcome-${name}`}>
                <dt>
                  <OutcomeGlyph outcome={name} /> {name}
                </dt>
                <dd>
                  {formatCount(calls[name])} · {formatShare(calls[name] / calls.total)}
                </dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}
