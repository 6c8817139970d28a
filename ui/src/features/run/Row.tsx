import { memo } from 'react';
import { Icon } from '../../components/icons';
import { OpDot } from '../../components/ui';
import { count, duration, exact, usdShort } from '../../lib/format';
import type { Phase } from '../../lib/playhead';
import { isEndless, isError, nameOf, numberAt, opOf, text, tokensAt, type TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

export const kRowHeight = 26;
// Percent of the width: from where on a label does not fit on the right, and up to where not on the left.
const kNoRoom = 82;
const kRoom = 14;

export interface Span { from: number; to: number }

const kIndent = 14;
const kMaxIndent = 14;  // levels; deeper ones say so in a number

interface Props {
  model: TraceModel; row: number; top: number; from: number; to: number; treeWidth: number; selected: boolean; open: boolean;
  dim: boolean; phase?: Phase; onSelect: (row: number) => void; onToggle: (row: number) => void;
}

function Bar({ model, row, from, to }: Pick<Props, 'model' | 'row' | 'from' | 'to'>) {
  const start = model.startMs[row]!;
  const end = start + model.durationMs[row]!;
  const width = to - from;
  const left = Math.max(0, ((start - from) / width) * 100);
  const right = Math.min(100, ((end - from) / width) * 100);
  if (right < 0 || left > 100) return null;
  const length = Math.max(0, right - left);
  const label = isEndless(model, row) ? 'no end' : duration(model.durationMs[row]);
  return (
    <>
      <i className={css.bar} data-error={isError(model, row)} data-endless={isEndless(model, row)} style={{ left: `${left}%`, width: `${length}%`, background: `var(--op-${opOf(model, row)}, var(--op-other))` }} />
      <span className={css.barText} data-inside={right >= kNoRoom && left < kRoom} style={right < kNoRoom ? { left: `calc(${right}% + 2px)` } : left >= kRoom ? { right: `calc(${100 - left}% + 2px)` } : { right: `calc(${100 - right}% + 6px)` }}>{label}</span>
    </>
  );
}

export const Row = memo(function Row({ model, row, top, from, to, treeWidth, selected, open, dim, phase, onSelect, onToggle }: Props) {
  const name = nameOf(model, row);
  const children = model.childCount[row]!;
  const depth = model.depth[row]!;
  const what = text(model.columns.tool, row) || text(model.columns.model, row) || text(model.columns.agent, row);
  const tokens = tokensAt(model, row);
  const cost = numberAt(model.columns.cost_usd, row);
  const hidden = open ? 0 : model.size[row]! - 1;
  return (
    <div id={`span-${row}`} role="treeitem" className={css.row} aria-selected={selected} aria-level={depth + 1} aria-expanded={children > 0 ? open : undefined}
         data-dim={dim} data-phase={phase} style={{ transform: `translateY(${top}px)` }} onClick={() => onSelect(row)}>
      <div className={css.tree} style={{ width: treeWidth, paddingLeft: 6 + Math.min(depth, kMaxIndent) * kIndent }}>
        {children > 0
          ? <span className={css.twist} data-open={open} onClick={(event) => { event.stopPropagation(); onToggle(row); }}><Icon name="chevron" size={10} /></span>
          : <span className={css.twist} />}
        <OpDot op={opOf(model, row)} />
        <span className={css.name} data-error={isError(model, row)} title={name}>
          {depth > kMaxIndent && <small>{depth} deep </small>}{oneLine(name, 120)}{what && !name.includes(what) && <small>{oneLine(what, 60)}</small>}
        </span>
        {hidden > 0 && <span className={css.meta}>+{exact(hidden)}</span>}
        {tokens > 0 && <span className={css.meta}>{count(tokens)} tok</span>}
        {(cost ?? 0) > 0 && <span className={css.meta}>{usdShort(cost)}</span>}
        <span className="visually-hidden">{opOf(model, row)}{isError(model, row) ? ', failed' : ''}</span>
        {isError(model, row) && <span style={{ color: 'var(--bad)', display: 'flex' }}><Icon name="warn" size={12} /></span>}
      </div>
      <div className={css.time}><Bar model={model} row={row} from={from} to={to} /></div>
    </div>
  );
});
