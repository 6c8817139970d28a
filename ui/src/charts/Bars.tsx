import { type ReactNode } from 'react';
import { exact } from '../lib/format';
import { oneLine } from '../lib/visible';
import type { Bin } from './prepare';
import css from './charts.module.css';

// A histogram whose bars open what is behind them.
export function Histogram({ bins, height, format, onPick, unit }: { bins: Bin[]; height: number; format: (value: number) => string; unit: string; onPick?: (bin: Bin) => void }) {
  const max = Math.max(1, ...bins.map(({ count }) => count));
  const name = ({ from, to, count, errors }: Bin) => `${to - from === 1 ? format(from) : `${format(from)} to ${format(to)}`} ${unit}: ${exact(count)} runs${errors > 0 ? `, ${exact(errors)} failed` : ''}`;
  return (
    <>
      <div className={css.bars} style={{ height }}>
        {bins.map((bin) => (
          <button key={bin.from} type="button" className={css.bar} title={name(bin)} aria-label={name(bin)} disabled={bin.count === 0} onClick={() => onPick?.(bin)}>
            <i style={{ height: `${bin.count === 0 ? 0 : Math.max(1.5, (100 * bin.count) / max)}%` }}>{bin.errors > 0 && <b style={{ height: `${(100 * bin.errors) / bin.count}%` }} />}</i>
          </button>
        ))}
      </div>
      <div className={css.barAxis} aria-hidden="true">
        <span>{format(bins[0]?.from ?? 0)}</span><span>{unit}</span><span>{format(bins.at(-1)?.to ?? 0)}</span>
      </div>
    </>
  );
}

export interface ListColumn<Row> { title: string; cell: (row: Row) => ReactNode }

// Names with figures, the share of the whole as a bar behind the name.
export function BarList<Row>({ label, rows, name, share, columns, onPick }: {
  label: string; rows: readonly Row[]; name: (row: Row) => string; share: (row: Row) => number; columns: ListColumn<Row>[]; onPick?: (row: Row) => void;
}) {
  return (
    <table className={css.list}>
      <caption className="visually-hidden">{label}</caption>
      <thead><tr><th scope="col"><span className="visually-hidden">Name</span></th>{columns.map(({ title }) => <th key={title} scope="col">{title}</th>)}</tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={name(row)}>
            <td title={name(row)}>
              <i className={css.share} style={{ width: `calc(${100 * Math.min(1, share(row))}% - 8px)` }} aria-hidden="true" />
              {onPick && name(row) ? <button type="button" onClick={() => onPick(row)}>{oneLine(name(row))}</button> : <span>{oneLine(name(row)) || '(none)'}</span>}
            </td>
            {columns.map(({ title, cell }) => <td key={title}>{cell(row)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
