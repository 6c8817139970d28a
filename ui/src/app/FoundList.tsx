import { useEffect, useMemo, useState, type ReactNode } from 'react';
import { useCommands } from '../commands/registry';
import { DataTable, type Column } from '../components/DataTable';
import { Button, Empty, ErrorBox, SkeletonRows, ui } from '../components/ui';
import { plural } from '../lib/format';
import { View } from './Shell';
import { useRange, useUrl } from './url';

// What an infinite query of a list gives.
interface Pages<Page> {
  data?: { pages: Page[] }; error: Error | null;
  isPending: boolean; isError: boolean; isSuccess: boolean; hasNextPage: boolean; isFetchingNextPage: boolean;
  fetchNextPage: () => unknown; refetch: () => unknown;
}

interface Props<Row, Page> {
  what: string;         // "user": one row, in the words of the page
  placeholder: string;  // of the box that looks for one
  belongs: ReactNode;   // which telemetry makes a row: said where there is none
  openTitle: string;
  list: Pages<Page>; rowsOf: (page: Page) => readonly Row[]; keyOf: (row: Row) => string; columns: readonly Column<Row>[];
  onOpen: (key: string) => void;
  filter?: { title: string; name: string };  // by a parameter of the URL, besides the text
  sort?: string; onSort?: (sort: string) => void;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

// A page that is one list: found by a text, walked with j and k, read on as it is scrolled. The text
// and the selected row are in the URL (q, at).
export function FoundList<Row, Page>({ what, placeholder, belongs, openTitle, list, rowsOf, keyOf, columns, onOpen, filter, sort, onSort }: Props<Row, Page>) {
  const [search, set] = useUrl();
  const { setRange } = useRange();
  const [typed, setTyped] = useState(search.q ?? '');
  useEffect(() => setTyped(search.q ?? ''), [search.q]);
  const rows = useMemo(() => list.data?.pages.flatMap(rowsOf) ?? [], [list.data]);  // `rowsOf` is the same for a page
  const title = `${capital(what)}s`;
  const at = rows.findIndex((row) => keyOf(row) === search.at);
  const move = (by: number) => { const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]; if (row) set({ at: keyOf(row) }); };
  useCommands([
    { id: `${what}s.next`, title: `Next ${what}`, group: title, keys: 'j', run: () => move(1) },
    { id: `${what}s.previous`, title: `Previous ${what}`, group: title, keys: 'k', run: () => move(-1) },
    { id: `${what}s.open`, title: openTitle, group: title, keys: 'Enter', run: () => { if (search.at) onOpen(search.at); } },
    { id: `${what}s.search`, title: 'Search', group: title, keys: '/', run: () => document.getElementById(`${what}-search`)?.focus() },
  ]);
  const filtered = Boolean(search.q || filter);
  const nothing = () => (
    <Empty title={filtered ? `No ${what} matches` : `No ${what}s in this time range`} actions={<>
      {filtered && <Button onClick={() => set({ q: '', ...(filter && { [filter.name]: '' }) })}>Clear the search</Button>}
      <Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>}>
      {belongs}
    </Empty>);
  return (
    <View title={title}>
      <div className={ui.page}>
        <form className={ui.toolbar} onSubmit={(event) => { event.preventDefault(); set({ q: typed.trim() }, true); }}>
          <input id={`${what}-search`} className={`${ui.field} ${ui.grow}`} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => set({ q: typed.trim() })} placeholder={placeholder} aria-label={`Find a ${what}`} />
          {filter && <Button kind="on" icon="close" onClick={() => set({ [filter.name]: '' })}>{filter.title}</Button>}
          <span className={ui.faint} role="status">{list.isSuccess && plural(rows.length, what)}{list.hasNextPage && ', more below'}</span>
        </form>
        {list.isError && <div style={{ padding: '12px 16px' }}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>}
        <div style={{ flex: 1, minHeight: 0 }}>
          {list.isPending ? <SkeletonRows rows={12} /> : rows.length === 0 ? list.isSuccess && nothing()
            : <DataTable label={title} rows={rows} columns={columns} keyOf={keyOf} selected={search.at} sort={sort} order="desc" onSort={onSort} onPick={(row) => onOpen(keyOf(row))}
                         onEnd={() => { if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage(); }} />}
        </div>
      </div>
    </View>
  );
}
