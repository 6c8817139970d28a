import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useRuns, useStatus } from '../../api/hooks';
import { useLiveRuns } from '../../api/live';
import type { Run } from '../../api/types';
import { useNow } from '../../app/clock';
import { WaitingForFirst } from '../../app/FirstSpan';
import { setPreferences, usePreferences } from '../../app/preferences';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl, type Search } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { DataTable, type Column } from '../../components/DataTable';
import { SavedMenu } from '../../components/SavedMenu';
import { Button, Empty, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { exact, plural } from '../../lib/format';
import { useSaved } from '../../lib/saved';
import { kDefaultSince } from '../../lib/time';
import { Compare } from './Compare';
import { allColumns, kDefaultColumns } from './columns';
import { Facets } from './Facets';
import { HeatPanel } from './HeatPanel';
import { Peek } from './Peek';
import { SearchBox } from './SearchBox';
import { kAnything, Texts } from './Texts';
import { ColumnChooser, ExportMenu, LiveButton } from './Toolbar';
import { readUrl, toParameters, writeUrl, type RunsUrl } from './url';
import css from './Runs.module.css';

const kRefreshMs = 700;
const kEmptyUrl = { query: '', sort: '', order: '', peek: '', live: '', pick: '', compare: '', name: '', columns: '', heat: '', area: '', texts: '' };
const kMostCompared = 12;

// Refetches soon after changes, at most every kRefreshMs; away from the top it only counts them.
function useLiveTable(enabled: boolean) {
  const client = useQueryClient();
  const [changed, setChanged] = useState(0);
  const top = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useCallback(() => {
    setChanged(0);
    void client.invalidateQueries({ queryKey: ['runs'] });
    void client.invalidateQueries({ queryKey: ['stats', 'facets'] });
  }, [client]);
  const state = useLiveRuns(enabled, () => {
    if (top.current > 100) {
      setChanged((n) => n + 1);
      return;
    }
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      refresh();
    }, kRefreshMs);
  });
  return { state, changed, refresh, onScroll: (at: number) => { top.current = at; } };
}

function useRunsKeys(rows: readonly Run[], url: RunsUrl, change: (next: Partial<RunsUrl>) => void, open: (id: string) => void, toggle: (id: string) => void) {
  const at = rows.findIndex(({ trace_id: id }) => id === url.peek);
  const move = (step: number) => {
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))];
    if (next) change({ peek: next.trace_id });
  };
  useCommands([
    { id: 'runs.next', title: 'Next run', group: 'Runs', keys: 'j', run: () => move(1) },
    { id: 'runs.previous', title: 'Previous run', group: 'Runs', keys: 'k', run: () => move(-1) },
    { id: 'runs.open', title: 'Open the selected run', group: 'Runs', keys: 'Enter', run: () => { if (url.peek) open(url.peek); } },
    { id: 'runs.close', title: 'Close the preview', group: 'Runs', keys: 'Escape', run: () => change(url.compare ? { compare: false } : { peek: '' }) },
    { id: 'runs.live', title: 'Follow live', group: 'Runs', keys: 'L', run: () => change({ live: !url.live }) },
    { id: 'runs.pick', title: 'Choose the selected run, to compare', group: 'Runs', keys: 'x', run: () => { if (url.peek) toggle(url.peek); } },
    { id: 'runs.compare', title: 'Compare the chosen runs', group: 'Runs', keys: 'm', run: () => { if (url.picked.length > 1) change({ compare: !url.compare }); } },
    { id: 'runs.heat', title: 'Heatmap', group: 'Runs', keys: 'h', run: () => change({ heat: url.heat ? '' : 'duration', area: null }) },
    { id: 'runs.texts', title: 'Look inside prompts and answers', group: 'Runs', keys: 'i', run: () => change({ texts: url.texts || kAnything }) },
    { id: 'runs.errors', title: 'Only failed runs', group: 'Runs', run: () => change({ query: 'status:error' }) },
  ]);
}

// Words only: no condition on a field, which contents know nothing of.
const isWords = (query: string) => query !== '' && !/[:<>=()]/.test(query);

function pickColumn(picked: readonly string[], toggle: (id: string) => void): Column<Run> {
  return { id: 'pick', title: 'Choose', width: 34, untitled: true, cell: ({ trace_id: id, agent, start }) => (
    <input type="checkbox" className={css.check} checked={picked.includes(id)} onChange={() => toggle(id)} onClick={(event) => event.stopPropagation()} aria-label={`Choose the run of ${agent || id.slice(0, 8)} at ${start.slice(11, 19)}`} />) };
}

export function Runs() {
  const [search, set] = useUrl();
  const url = useMemo(() => readUrl(search), [search]);
  const navigate = useNavigate();
  const { setRange } = useRange();
  const { zone, columns: chosen, widths } = usePreferences();
  const now = useNow(60_000);
  const [note, setNote] = useState('');
  const change = useCallback((next: Partial<RunsUrl>, push = false) => set({ ...kEmptyUrl, ...writeUrl({ ...url, ...next }) }, push), [set, url]);
  const parameters = toParameters(url, search);
  const list = useRuns(parameters);
  const status = useStatus();
  const rows = useMemo(() => list.data?.pages.flatMap(({ runs }) => runs) ?? [], [list.data]);
  const open = (traceId: string) => void navigate({ to: '/ui/runs/$traceId', params: { traceId }, search: keepRange as never });
  const toggle = useCallback((id: string) => change({ picked: url.picked.includes(id) ? url.picked.filter((other) => other !== id) : [...url.picked, id].slice(-kMostCompared) }), [change, url.picked]);
  useRunsKeys(rows, url, change, open, toggle);
  const views = useSaved<Search>('views');
  const live = useLiveTable(url.live);
  const all = useMemo(() => allColumns(zone, now), [zone, now]);
  const shownIds = url.columns ?? chosen ?? kDefaultColumns;
  const columns = useMemo(() => [pickColumn(url.picked, toggle), ...shownIds.map((id) => all.find((column) => column.id === id)).filter((column) => column != null)], [all, shownIds, url.picked, toggle]);
  const saveView = (name: string) => {
    const view = writeUrl({ ...url, name, columns: url.columns ?? chosen, peek: '', picked: [], compare: false, area: null, texts: '' });
    views.save(name, { ...view, ...(search.since ? { since: search.since } : {}), ...(search.until ? { until: search.until } : {}) });
    change({ name });
  };
  const total = list.data?.pages[0]?.total ?? 0;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const onEnd = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [fetchNextPage, hasNextPage, isFetchingNextPage]);
  const onSort = (sort: string) => change({ sort, order: url.sort === sort && url.order === 'desc' ? 'asc' : 'desc' });
  if (status.data?.store.runs === 0 && rows.length === 0 && !list.isPending) return <View title="Runs"><WaitingForFirst /></View>;
  const table = () => {
    if (list.isPending) return <SkeletonRows rows={16} />;
    if (rows.length === 0 && list.isSuccess) {
      return (
        <Empty title={url.query ? 'No runs match' : 'No runs in this time range'} actions={<>
          {url.query && <Button onClick={() => change({ query: '' })}>Clear the search</Button>}
          {isWords(url.query) && <Button onClick={() => change({ texts: url.query.replace(/"/g, ''), query: '' }, true)}>Look inside prompts and answers</Button>}
          <Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>}>
          {url.query ? 'Drop a filter, or widen the time range.' : 'The server has runs, but none that started then.'}
        </Empty>
      );
    }
    return <DataTable label="Runs" rows={rows} columns={columns} keyOf={(run) => run.trace_id} selected={url.peek} sort={url.sort} order={url.order} onSort={onSort}
                      onPick={(run, event) => (event.metaKey || event.ctrlKey || run.trace_id === url.peek ? open(run.trace_id) : change({ peek: run.trace_id }))}
                      onEnd={onEnd} onScroll={live.onScroll} widths={widths} onWidth={(id, width) => setPreferences({ widths: { ...widths, [id]: width } })} />;
  };
  return (
    <View title="Runs">
      <div className={ui.page}>
        <div className={ui.toolbar}>
          <SearchBox value={url.query} onChange={(query) => change({ query, name: '' }, true)} since={search.since || kDefaultSince} />
          <SavedMenu title="Views" what="view" current={url.name} items={views.items} onPick={({ value }) => set({ ...kEmptyUrl, since: '', until: '', ...value }, true)} onSave={saveView} onRemove={views.remove} />
          <Button kind={url.heat ? 'on' : 'normal'} icon="chart" aria-pressed={url.heat !== ''} onClick={() => change({ heat: url.heat ? '' : 'duration', area: null }, true)}>Heatmap</Button>
          <LiveButton state={live.state} onToggle={() => change({ live: !url.live })} />
          <ColumnChooser all={all} shown={shownIds} onChange={(next) => { setPreferences({ columns: next }); if (url.columns) change({ columns: null }); }} />
          <ExportMenu parameters={parameters} onNote={setNote} />
        </div>
        <div className={css.area}>
          <Facets parameters={parameters} query={url.query} onChange={(query) => change({ query, name: '' }, true)} />
          <div className={css.table}>
            {url.texts && <Texts q={url.texts} since={search.since || kDefaultSince} until={search.until} onSearch={(texts) => change({ texts }, true)} />}
            {url.heat && <HeatPanel parameters={parameters} heat={url.heat} area={url.area} query={url.query} onHeat={(heat) => change({ heat, area: null }, true)}
                                    onArea={(area) => change({ area })} onQuery={(query, between) => set({ ...kEmptyUrl, ...writeUrl({ ...url, query, name: '', area: null }), ...between }, true)} />}
            {live.changed > 0 && <div className={css.changed}><Button kind="primary" onClick={live.refresh}>{plural(live.changed, 'change')}, show</Button></div>}
            {list.isError && <div className={css.pad}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>}
            <div className={css.tableBody}>{table()}</div>
            <div className={css.status} role="status"><span>{list.isSuccess && `${exact(rows.length)} of ${plural(total, 'run')}`}{note && ` · ${note}`}</span>
              {url.picked.length > 0 && (
                <>
                  <span>{plural(url.picked.length, 'run')} chosen</span>
                  <Button kind={url.compare ? 'on' : 'normal'} disabled={url.picked.length < 2} onClick={() => change({ compare: !url.compare }, true)}>Compare</Button>
                  <Button kind="quiet" onClick={() => change({ picked: [], compare: false })}>Choose none</Button>
                </>)}
            </div>
            {url.compare && url.picked.length > 1 && <Compare traceIds={url.picked} onDrop={toggle} onClose={() => change({ compare: false })} />}
          </div>
          {url.peek && <Peek traceId={url.peek} known={rows.find(({ trace_id: id }) => id === url.peek)} onClose={() => change({ peek: '' })} />}
        </div>
      </div>
    </View>
  );
}
