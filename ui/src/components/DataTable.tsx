// A virtual table with any number of rows. Sorting, filtering and pages are the server's; this
// draws, resizes columns, and reports what the user does.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type ReactNode } from 'react';
import css from './DataTable.module.css';

export interface Column<Row> {
  id: string; title: string; width: number; right?: boolean; grow?: boolean; untitled?: boolean;
  sort?: string; hint?: string; cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  label: string; rows: readonly Row[]; columns: readonly Column<Row>[]; keyOf: (row: Row) => string;
  selected?: string; rowHeight?: number;
  sort?: string; order?: 'asc' | 'desc'; onSort?: (sort: string) => void;
  onPick?: (row: Row, event: React.MouseEvent) => void;
  onEnd?: () => void; onScroll?: (top: number) => void;
  widths?: Record<string, number>; onWidth?: (id: string, width: number) => void;
}

const kMinWidth = 48;

function Resizer({ width, onWidth }: { width: number; onWidth: (width: number) => void }) {
  const drag = useRef<{ x: number; width: number } | null>(null);
  return (
    <span className={css.handle} aria-hidden="true"
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { x: event.clientX, width };
          }}
          onPointerMove={(event) => {
            if (drag.current) onWidth(Math.max(kMinWidth, drag.current.width + event.clientX - drag.current.x));
          }}
          onPointerUp={() => { drag.current = null; }} />
  );
}

export function DataTable<Row>({ label, rows, columns, keyOf, selected, rowHeight = 32, sort, order, onSort, onPick, onEnd, onScroll,
                                 widths = {}, onWidth }: Props<Row>) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroll.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [last, rows.length, onEnd]);
  const selectedIndex = selected ? rows.findIndex((row) => keyOf(row) === selected) : -1;
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' });
  }, [selectedIndex, virtual]);
  const width = (column: Column<Row>) => widths[column.id] ?? column.width;
  const total = columns.reduce((sum, column) => sum + width(column), 0);
  return (
    <div className={css.scroll} ref={scroll} tabIndex={0} role="region" aria-label={`${label}, scrollable`}
         onScroll={onScroll && ((event) => onScroll(event.currentTarget.scrollTop))}>
      <div className={css.table} role="table" aria-label={label} aria-rowcount={rows.length + 1} style={{ width: total }}>
        <div role="rowgroup">
          <div className={css.head} role="row" aria-rowindex={1}>
            {columns.map((column) => {
              const sorted = column.sort != null && column.sort === sort;
              return (
                <div key={column.id} className={css.headCell} role="columnheader" data-right={column.right} data-grow={column.grow} title={column.hint}
                     style={{ width: width(column) }} aria-sort={sorted ? (order === 'asc' ? 'ascending' : 'descending') : undefined}>
                  {column.sort && onSort
                    ? <button type="button" onClick={() => onSort(column.sort!)}>{column.title}{sorted && <span aria-hidden="true">{order === 'asc' ? '↑' : '↓'}</span>}</button>
                    : <span className={column.untitled ? 'visually-hidden' : undefined}>{column.title}</span>}
                  {onWidth && !column.untitled && <Resizer width={width(column)} onWidth={(next) => onWidth(column.id, next)} />}
                </div>
              );
            })}
          </div>
        </div>
        <div className={css.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index]!;
            const key = keyOf(row);
            return (
              <div key={key} className={css.row} role="row" aria-rowindex={index + 2} aria-selected={key === selected || undefined}
                   data-selected={key === selected} data-link={onPick != null}
                   style={{ transform: `translateY(${start}px)`, height: rowHeight, width: total }} onClick={onPick && ((event) => onPick(row, event))}>
                {columns.map((column) => (
                  <div key={column.id} className={css.cell} role="cell" data-right={column.right} data-grow={column.grow} style={{ width: width(column) }}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

