// Copyright The Roentgen Authors
// SPDX-License-Identifier: Apache-2.0

import { useEffect, useRef, useState } from 'react';
import type { PointerEvent, ReactNode } from 'react';
import { useColorScheme } from '../../app/color-scheme';
import { useSize } from '../../ui/use-size';
import { micros } from '../../ui/units';
import type { Micros } from '../../ui/units';
import { serviceColor } from './service-color';
import type { TraceModel } from './trace-model';
import { FAULT } from './trace-model';

const HEIGHT = 52;

export type TimeWindow = { readonly from: Micros; readonly to: Micros };

/** The whole trace, small; dragging over it chooses the stretch of time that the rows show. */
export function Minimap({
  model,
  window: shown,
  onWindow,
}: {
  readonly model: TraceModel;
  readonly window: TimeWindow;
  readonly onWindow: (window: TimeWindow) => void;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [frame, { width }] = useSize();
  const scheme = useColorScheme().shown;
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const duration = Math.max(model.duration, 0.001);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) {
      return;
    }
    const scale = window.devicePixelRatio;
    context.canvas.width = width * scale;
    context.canvas.height = HEIGHT * scale;
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colors = model.skeleton.serviceTexts.map((name) => style.getPropertyValue(serviceColor(name)));
    const fault = style.getPropertyValue('--fault');
    const { startMicros, durationMicros, services, flags } = model.skeleton;
    const high = Math.max(1, Math.min(3, (HEIGHT - 8) / model.count));
    // Spans of one colour together: changing it costs more than drawing.
    for (let service = -1; service < colors.length; service++) {
      context.fillStyle = service < 0 ? fault : (colors[service] ?? '');
      for (let i = 0; i < model.count; i++) {
        const bad = ((flags[i] ?? 0) & FAULT) !== 0;
        if (service < 0 ? bad : !bad && services[i] === service) {
          const x = ((startMicros[i] ?? 0) / duration) * width;
          const wide = Math.max(1, ((durationMicros[i] ?? 0) / duration) * width);
          context.fillRect(x, 4 + (i / model.count) * (HEIGHT - 8), wide, high);
        }
      }
    }
  }, [model, width, scheme, duration]);

  const at = (event: PointerEvent<HTMLDivElement>): number =>
    Math.min(
      1,
      Math.max(0, (event.clientX - event.currentTarget.getBoundingClientRect().left) / Math.max(1, width)),
    );
  const zoomed = shown.from > 0 || shown.to < duration;
  const left = drag ? Math.min(drag.from, drag.to) : shown.from / duration;
  const right = drag ? Math.max(drag.from, drag.to) : shown.to / duration;

  return (
    <div
      ref={frame}
      className="minimap"
      style={{ height: HEIGHT }}
      aria-hidden="true"
      title="Drag to look at a stretch of time; double click for all of it"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => drag && setDrag({ ...drag, to: at(event) })}
      onPointerUp={() => {
        if (drag && Math.abs(drag.to - drag.from) * width > 4) {
          onWindow({ from: micros(left * duration), to: micros(right * duration) });
        }
        setDrag(undefined);
      }}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => onWindow({ from: micros(0), to: micros(duration) })}
    >
      <canvas ref={canvas} style={{ width, height: HEIGHT }} />
      {(zoomed || drag) && (
        <>
          <div className="minimap-shade" style={{ left: 0, width: `${left * 100}%` }} />
          <div className="minimap-shade" style={{ left: `${right * 100}%`, right: 0 }} />
        </>
      )}
    </div>
  );
}
