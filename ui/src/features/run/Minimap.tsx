import { useEffect, useRef, useState } from 'react';
import { useShownTheme } from '../../app/preferences';
import { isError, opOf, type TraceModel } from '../../lib/trace';
import type { Span } from './Row';
import css from './Run.module.css';

const kLanes = 10;
const kLeastLanes = 4;

// One canvas for all spans, drawn when the trace, the theme or the size change; never while scrolling.
function draw(canvas: HTMLCanvasElement, model: TraceModel) {
  const width = (canvas.width = Math.max(1, canvas.clientWidth * devicePixelRatio));
  const height = (canvas.height = Math.max(1, canvas.clientHeight * devicePixelRatio));
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(document.documentElement);
  const colors = new Map<string, string>();
  const colorOf = (op: string) => {
    if (!colors.has(op)) colors.set(op, style.getPropertyValue(`--op-${op}`).trim() || style.getPropertyValue('--op-other').trim());
    return colors.get(op)!;
  };
  const bad = style.getPropertyValue('--bad').trim();
  const lanes = Math.min(kLanes, Math.max(kLeastLanes, model.depth.reduce((most, depth) => Math.max(most, depth), 0) + 1));
  const lane = (height - 8 * devicePixelRatio) / lanes;
  const total = Math.max(model.totalMs, 1e-6);
  for (const row of model.order) {
    context.fillStyle = isError(model, row) ? bad : colorOf(opOf(model, row));
    const x = (model.startMs[row]! / total) * width;
    context.fillRect(x, 4 * devicePixelRatio + (model.depth[row]! % lanes) * lane, Math.max(1, (model.durationMs[row]! / total) * width), Math.max(1, lane - 1));
  }
}

// The whole run at a glance; drag to look at a part of it.
export function Minimap({ model, view, onView, at }: { model: TraceModel; view: Span | null; onView: (view: Span | null) => void; at: number | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useShownTheme();
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  useEffect(() => {
    const element = canvas.current!;
    const observer = new ResizeObserver(() => draw(element, model));  // also fires once at the start
    observer.observe(element);
    return () => observer.disconnect();
  }, [model, theme]);
  const share = (event: React.PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const finish = () => {
    if (!drag) return;
    const [a, b] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    onView(b - a > 0.003 ? { from: a * model.totalMs, to: b * model.totalMs } : null);
    setDrag(null);
  };
  const shown = drag ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : view ? { from: view.from / model.totalMs, to: view.to / model.totalMs } : null;
  return (
    <div className={css.minimap} title="Drag to zoom, click for the whole run"
         onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); const at = share(event); setDrag({ from: at, to: at }); }}
         onPointerMove={(event) => { if (drag) setDrag({ ...drag, to: share(event) }); }} onPointerUp={finish} onPointerCancel={() => setDrag(null)}>
      <canvas ref={canvas} aria-hidden="true" />
      {at != null && <div className={css.playLine} style={{ left: `${at * 100}%` }} />}
      {shown && <div className={css.window} style={{ left: `${shown.from * 100}%`, width: `${(shown.to - shown.from) * 100}%` }} />}
    </div>
  );
}
