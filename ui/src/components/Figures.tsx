// A plain table for a few dozen rows. Long ones take DataTable.
import type { ReactNode } from 'react';
import css from './Figures.module.css';

export interface Figure<Row> { title: string; right?: boolean; wrap?: boolean; hint?: string; cell: (row: Row) => ReactNode }

export function Figures<Row>({ label, rows, columns, keyOf, foot }: {
  label: string; rows: readonly Row[]; columns: readonly Figure<Row>[]; keyOf: (row: Row) => string; foot?: ReactNode[];
}) {
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={css.table}>
        <caption className="visually-hidden">{label}</caption>
        <thead><tr>{columns.map(({ title, right, hint }) => <th key={title} scope="col" data-right={right} title={hint}>{title}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => <tr key={keyOf(row)}>{columns.map(({ title, right, wrap, cell }) => <td key={title} data-right={right} data-wrap={wrap}>{cell(row)}</td>)}</tr>)}
        </tbody>
        {foot && <tfoot><tr>{foot.map((cell, i) => <td key={columns[i]!.title} data-right={columns[i]!.right}>{cell}</td>)}</tr></tfoot>}
      </table>
    </div>
  );
}
