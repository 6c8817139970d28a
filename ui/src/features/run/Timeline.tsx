import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { setPreferences, usePreferences } from '../../app/preferences';
import { useCommands } from '../../commands/registry';
import { Icon } from '../../components/icons';
import { Button, Empty, Kbd, ui } from '../../components/ui';
import { exact, tickLabel } from '../../lib/format';
import { ticksOf } from '../../lib/ticks';
import { currentRow, phaseOf, type Playhead } from '../../lib/playhead';
import { foldedToDepth, isError, matchRows, unfoldTo, visibleRows, type TraceModel } from '../../lib/trace';
import { Minimap } from './Minimap';
import { useHead } from './PlayBar';
import { kRowHeight, Row, type Span } from './Row';
import css from './Run.module.css';

interface Props { model: TraceModel; playhead: Playhead; selected: number; onSelect: (row: number) => void; filter: string; onFilter: (text: string) => void }

const kTicks = 6;

function Axis({ from, to, treeWidth }: { from: number; to: number; treeWidth: number }) {
  const drag = useRef<{ x: number; width: number } | null>(null);
  return (
    <div className={css.axis}>
      <div className={css.axisTree} style={{ width: treeWidth }}>
        Span
        <span className={css.splitter} style={{ left: 'auto', right: -4 }} aria-hidden="true"
              onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); drag.current = { x: event.clientX, width: treeWidth }; }}
              onPointerMove={(event) => { if (drag.current) setPreferences({ treeWidth: Math.max(180, Math.min(900, drag.current.width + event.clientX - drag.current.x)) }); }}
              onPointerUp={() => { drag.current = null; }} />
      </div>
      <div className={css.axisTime} aria-hidden="true">
        {ticksOf(from, to, kTicks).map((at) => <span key={at} className={css.tick} style={{ left: `${(100 * (at - from)) / (to - from)}%` }}>{tickLabel(at)}</span>)}
      </div>
    </div>
  );
}

function useFilter(model: TraceModel, text: string) {
  const [errors, setErrors] = useState(false);
  const [op, setOp] = useState('');
  const ops = useMemo(() => [...new Set(model.columns.op?.dictionary ?? [])].filter(Boolean).sort(), [model]);
  const matches = useMemo(() => matchRows(model, { text, errors, op }), [model, text, errors, op]);
  const failed = useMemo(() => model.order.reduce((n, row) => n + (isError(model, row) ? 1 : 0), 0), [model]);
  return { errors, setErrors, op, setOp, ops, matches, failed };
}

// Tree and waterfall in one list of uniform rows; only those in sight are in the page.
export function Timeline({ model, playhead, selected, onSelect, filter, onFilter }: Props) {
  const { treeWidth } = usePreferences();
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => new Set());
  const [view, setView] = useState<Span | null>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  const { errors, setErrors, op, setOp, ops, matches, failed } = useFilter(model, filter);
  const rows = useMemo(() => visibleRows(model, matches ? new Set() : folded, matches), [model, folded, matches]);
  const position = useMemo(() => new Map(Array.from(rows, (row, i) => [row, i])), [rows]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => kRowHeight, overscan: 10 });
  const at = position.get(selected) ?? -1;
  const from = view?.from ?? 0;
  const to = view?.to ?? Math.max(model.totalMs, 1e-6);
  useEffect(() => { if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' }); }, [at, virtual]);
  useEffect(() => { setFolded((old) => (selected >= 0 ? unfoldTo(model, old, selected) : old)); }, [model, selected]);

  const head = useHead(playhead);
  const playing = head.playing ? currentRow(model, head.at) : -1;
  useEffect(() => {
    const index = position.get(playing);
    if (index != null) virtual.scrollToIndex(index, { align: 'auto' });
  }, [playing, position, virtual]);
  const share = (head.at - from) / (to - from);
  const step = useCallback((by: number) => { const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]; if (row != null) onSelect(row); }, [rows, at, onSelect]);
  const toggle = useCallback((row: number) => setFolded((old) => { const next = new Set(old); if (!next.delete(row)) next.add(row); return next; }), []);
  const jump = (by: 1 | -1) => {
    const hit = (row: number) => (matches ? matches[row] === 2 : isError(model, row));
    for (let i = at + by; i >= 0 && i < rows.length; i += by) if (hit(rows[i]!)) return onSelect(rows[i]!);
    return undefined;
  };
  const sideways = (by: 1 | -1) => {
    const row = selected;
    if (row < 0) return;
    if (by === 1 && folded.has(row)) toggle(row);
    else if (by === 1 && model.childCount[row]! > 0) step(1);
    else if (by === -1 && model.childCount[row]! > 0 && !folded.has(row)) toggle(row);
    else if (by === -1 && model.parent[row]! >= 0) onSelect(model.parent[row]!);
  };
  const zoom = (factor: number, shift = 0) => {
    const width = Math.min(model.totalMs, Math.max(model.totalMs / 1e6, (to - from) * factor));
    const centre = (from + to) / 2 + shift * (to - from);
    const start = Math.max(0, Math.min(model.totalMs - width, centre - width / 2));
    setView(width >= model.totalMs ? null : { from: start, to: start + width });
  };
  const fit = () => { if (selected >= 0 && model.durationMs[selected]! > 0) { const pad = model.durationMs[selected]! * 0.1; setView({ from: Math.max(0, model.startMs[selected]! - pad), to: model.startMs[selected]! + model.durationMs[selected]! + pad }); } };
  useCommands([
    { id: 'span.next', title: 'Next span', group: 'Run', keys: 'j', run: () => step(1) },
    { id: 'span.previous', title: 'Previous span', group: 'Run', keys: 'k', run: () => step(-1) },
    { id: 'span.match', title: 'Next match, or failed span', group: 'Run', keys: 'n', run: () => jump(1) },
    { id: 'span.matchBack', title: 'Previous match, or failed span', group: 'Run', keys: 'p', run: () => jump(-1) },
    { id: 'span.collapse', title: 'Collapse all', group: 'Run', keys: '[', run: () => setFolded(foldedToDepth(model, 1)) },
    { id: 'span.expand', title: 'Expand all', group: 'Run', keys: ']', run: () => setFolded(new Set()) },
    { id: 'span.filter', title: 'Filter spans', group: 'Run', keys: '/', run: () => search.current?.focus() },
    { id: 'zoom.in', title: 'Zoom in', group: 'Run', keys: 'w', run: () => zoom(0.6) },
    { id: 'zoom.out', title: 'Zoom out', group: 'Run', keys: 's', run: () => zoom(1 / 0.6) },
    { id: 'zoom.left', title: 'Earlier', group: 'Run', keys: 'a', run: () => zoom(1, -0.25) },
    { id: 'zoom.right', title: 'Later', group: 'Run', keys: 'd', run: () => zoom(1, 0.25) },
    { id: 'zoom.fit', title: 'Fit the selected span', group: 'Run', keys: 'f', run: fit },
    { id: 'zoom.all', title: 'Whole run', group: 'Run', keys: '0', run: () => setView(null) },
  ]);
  const onKey = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / kRowHeight) - 1);
    const moves: Record<string, () => void> = {
      ArrowDown: () => step(1), ArrowUp: () => step(-1), PageDown: () => step(page), PageUp: () => step(-page),
      Home: () => step(-rows.length), End: () => step(rows.length), ArrowRight: () => sideways(1), ArrowLeft: () => sideways(-1) };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move();
  };
  return (
    <>
      <div className={css.tools}>
        <input ref={search} className={ui.field} value={filter} placeholder="Filter spans" aria-label="Filter spans" onChange={(event) => onFilter(event.target.value)}
               onKeyDown={(event) => { if (event.key === 'Escape') { onFilter(''); event.currentTarget.blur(); } if (event.key === 'Enter') event.currentTarget.blur(); }} />
        <select className={ui.field} value={op} onChange={(event) => setOp(event.target.value)} aria-label="Kind of span">
          <option value="">every kind</option>{ops.map((name) => <option key={name} value={name}>{name}</option>)}
        </select>
        {failed > 0 && <Button kind={errors ? 'on' : 'normal'} aria-pressed={errors} onClick={() => setErrors(!errors)}>{exact(failed)} failed</Button>}
        <span className={`${ui.faint} ${ui.grow}`} role="status">{matches ? `${exact(matches.reduce((n, mark) => n + (mark === 2 ? 1 : 0), 0))} of ${exact(model.count)} spans match` : `${exact(model.count)} spans`}</span>
        {view && <Button onClick={() => setView(null)}>Whole run <Kbd keys="0" /></Button>}
        <Button kind="quiet" onClick={() => setFolded(folded.size > 0 ? new Set() : foldedToDepth(model, 1))}>{folded.size > 0 ? 'Expand all' : 'Collapse all'}</Button>
      </div>
      <Minimap model={model} view={view} onView={setView} at={head.on && model.totalMs > 0 ? head.at / model.totalMs : null} />
      <Axis from={from} to={to} treeWidth={treeWidth} />
      <div ref={scroll} className={css.rows} role="tree" aria-label="Spans" tabIndex={0} onKeyDown={onKey} aria-activedescendant={at >= 0 ? `span-${selected}` : undefined}>
        {rows.length === 0 ? <Empty title="No span matches" actions={<Button onClick={() => { onFilter(''); setErrors(false); setOp(''); }}><Icon name="close" size={12} />Clear the filter</Button>} /> : (
          <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="none">
            {head.on && share >= 0 && share <= 1 && <div className={css.playLine} role="none" style={{ left: `calc(${treeWidth}px + (100% - ${treeWidth + 10}px) * ${share})` }} />}
            {virtual.getVirtualItems().map(({ index, start }) => {
              const row = rows[index]!;
              return <Row key={row} model={model} row={row} top={start} from={from} to={to} treeWidth={treeWidth} selected={row === selected} open={!folded.has(row)}
                          dim={matches != null && matches[row] === 1} phase={head.on ? phaseOf(model, row, head.at) : undefined} onSelect={onSelect} onToggle={toggle} />;
            })}
          </div>
        )}
      </div>
    </>
  );
}
