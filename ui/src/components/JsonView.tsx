import { useState, type ReactNode } from 'react';
import { bytes } from '../lib/format';
import { visible } from '../lib/visible';
import css from './JsonView.module.css';

const kShownText = 2000;
const kPage = 100;
const kMediaLength = 512;

// Long base64 is media, not text.
export function mediaOf(text: string): { type: string; size: number } | null {
  if (text.length < kMediaLength) return null;
  const data = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[^,]*)?;base64,/.exec(text.slice(0, 200));
  if (data) return { type: data[1] ?? 'data', size: Math.floor((text.length - data[0].length) * 0.75) };
  if (/^[A-Za-z0-9+/_-]{400}/.test(text) && /^[A-Za-z0-9+/_=\r\n-]+$/.test(text.slice(0, 4096))) {
    return { type: 'base64', size: Math.floor(text.length * 0.75) };
  }
  return null;
}

export function MediaChip({ type, size, children }: { type: string; size: number; children?: ReactNode }) {
  return <span className={css.media}>{type} · {bytes(size)}{children}</span>;
}

function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const media = mediaOf(text);
  if (media) return <MediaChip {...media} />;
  const shown = all || text.length <= kShownText ? text : text.slice(0, kShownText);
  return (
    <>
      <span className={css.string} dir="auto">{visible(JSON.stringify(shown).replace(/\\n/g, '\n').replace(/\\"/g, '"'))}</span>
      {shown.length < text.length && <button type="button" className={css.more} onClick={() => setAll(true)}> show all {bytes(text.length)}</button>}
    </>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') return <LongText text={value} />;
  if (typeof value === 'number') return <span className={css.number}>{String(value)}</span>;
  return <span className={css.word}>{String(value)}</span>;
}

function Node({ name, value, depth, open }: { name?: string; value: unknown; depth: number; open: number }) {
  const [expanded, setExpanded] = useState(depth < open);
  const [shown, setShown] = useState(kPage);
  const label = name != null && <span className={css.key}>{visible(name)}: </span>;
  if (typeof value !== 'object' || value === null) return <div className={css.line}>{label}<Leaf value={value} /></div>;
  const list = Array.isArray(value);
  const entries = list ? value.map((item, i) => [String(i), item] as const) : Object.entries(value);
  const summary = list ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0) return <div className={css.line}>{label}<span className={css.fold}>{list ? '[]' : '{}'}</span></div>;
  return (
    <div className={css.line}>
      <button type="button" className={css.fold} aria-expanded={expanded} onClick={() => setExpanded(!expanded)}>
        <span className={css.mark} aria-hidden="true">{expanded ? '▾' : '▸'}</span>{label}{summary}
      </button>
      {expanded && entries.slice(0, shown).map(([key, item]) => <Node key={key} name={key} value={item} depth={depth + 1} open={open} />)}
      {expanded && entries.length > shown && <button type="button" className={css.more} onClick={() => setShown(shown + 10 * kPage)}>show more of {entries.length}</button>}
    </div>
  );
}

// Any value, folded below `open` levels. Everything is text.
export function JsonView({ value, open = 2 }: { value: unknown; open?: number }) {
  if (typeof value !== 'object' || value === null || Object.keys(value).length > kPage) return <div className={css.json}><Node value={value} depth={0} open={open} /></div>;
  const entries = Object.entries(value);
  if (entries.length === 0) return <div className={css.json}><span className={css.fold}>{Array.isArray(value) ? '[]' : '{}'}</span></div>;
  return <div className={css.json}>{entries.map(([key, item]) => <Node key={key} name={key} value={item} depth={1} open={open} />)}</div>;
}
