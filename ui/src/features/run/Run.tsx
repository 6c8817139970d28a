import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/client';
import { spanQuery, useLogs, useRun, useScores, useTrace } from '../../api/hooks';
import { useLiveRuns } from '../../api/live';
import type { Run as RunRecord } from '../../api/types';
import { setPreferences, usePreferences } from '../../app/preferences';
import { keepRange, View } from '../../app/Shell';
import { useUrl } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { LogLines } from '../../components/LogLines';
import { Button, Copy, Empty, ErrorBox, SkeletonRows, StatusBadge, Tabs, ui } from '../../components/ui';
import { count, duration, exact, plural, usd } from '../../lib/format';
import { Playhead } from '../../lib/playhead';
import { quote } from '../../lib/query';
import { dateTime } from '../../lib/time';
import { buildTrace, isError, type TraceModel } from '../../lib/trace';
import { oneLine, visible } from '../../lib/visible';
import { ConversationView } from './ConversationView';
import { GraphView, type GraphMode } from './GraphView';
import { PlayBar } from './PlayBar';
import { Scores } from './Scores';
import { SpanDetail } from './SpanDetail';
import { Timeline } from './Timeline';
import css from './Run.module.css';

type Tab = 'timeline' | 'conversation' | 'graph' | 'logs' | 'scores';
const kRefreshMs = 400;
const kNone = 'none';
const kPlayed: ReadonlySet<Tab> = new Set(['timeline', 'conversation', 'graph']);

// A run that still grows is read again after each of its changes.
function useGrowth(traceId: string, live: boolean) {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useLiveRuns(live, ({ trace_id: id }) => {
    if (id !== traceId) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void client.invalidateQueries({ queryKey: ['trace', traceId] });
      void client.invalidateQueries({ queryKey: ['run', traceId] });
    }, kRefreshMs);
  });
}

function Facts({ run }: { run: RunRecord }) {
  const { zone } = usePreferences();
  const facts: [string, React.ReactNode, string?][] = [
    ['Started', dateTime(Date.parse(run.start), zone)], ['Duration', duration(run.duration_ms)], ['Steps', exact(run.steps)], ['Tool calls', exact(run.tool_calls)],
    ['Tokens', <span title={`${exact(run.tokens.input)} in, ${exact(run.tokens.output)} out`}>{count(run.tokens.total)}</span>], ['Cost', usd(run.cost_usd)],
    ['Service', oneLine(run.service), run.service], ['Models', oneLine(run.models.join(', ')) || '–', run.models.join(', ')],
  ];
  if (run.session) facts.push(['Session', <Link to="/ui/sessions/$session" params={{ session: run.session }} search={keepRange as never}>{oneLine(run.session)}</Link>, run.session]);
  if (run.user) facts.push(['User', <Link to="/ui/runs" search={((old: Record<string, string>) => ({ ...keepRange(old), query: `user:${quote(run.user)}` })) as never}>{oneLine(run.user)}</Link>, run.user]);
  if (run.outcome) facts.push(['Outcome', oneLine(run.outcome), run.outcome]);
  return <dl className={css.facts}>{facts.map(([name, value, title]) => <div key={name} className={css.fact}><dt>{name}</dt><dd title={title}>{value}</dd></div>)}</dl>;
}

function Notes({ run, model }: { run: RunRecord; model: TraceModel }) {
  const endless = model.columns.times_adjusted?.filter(Boolean).length ?? 0;
  const notes = [
    model.orphans > 0 && `${plural(model.orphans, 'span')} name a parent that ${run.status === 'live' ? 'has not arrived yet' : 'never arrived'}; they stand at the top level.`,
    endless > 0 && `${plural(endless, 'span')} came without an end, or with one before the start.`,
    run.clock_skewed > 0 && `${plural(run.clock_skewed, 'span')} had times outside their parent: the clocks of the senders differ.`,
  ].filter(Boolean);
  return (
    <>
      {run.error_message && <div className={css.problem} role="note">{run.status !== 'error' && 'Recovered from: '}{visible(run.error_message)}</div>}
      {notes.length > 0 && <div className={css.note}>{notes.join(' ')}</div>}
    </>
  );
}

function RunLogs({ traceId }: { traceId: string }) {
  const logs = useLogs({ trace_id: traceId, order: 'asc' });
  const records = logs.data?.pages.flatMap((page) => page.logs) ?? [];
  if (logs.isPending) return <SkeletonRows />;
  if (logs.isError) return <div className={css.scroll}><ErrorBox error={logs.error} onRetry={() => void logs.refetch()} /></div>;
  if (records.length === 0) return <Empty title="No logs in this run">Log records appear here when they carry the trace id, as the OpenTelemetry log bridges do.</Empty>;
  return (
    <div className={css.rows} tabIndex={0} role="region" aria-label="Logs">
      <LogLines logs={records} />
      {logs.hasNextPage && <div style={{ padding: 12 }}><Button onClick={() => void logs.fetchNextPage()}>Show more</Button></div>}
    </div>
  );
}

function Loaded({ traceId, model, run }: { traceId: string; model: TraceModel; run: RunRecord }) {
  const [search, set] = useUrl();
  const { detailWidth } = usePreferences();
  const client = useQueryClient();
  const tab = (search.view as Tab | undefined) ?? 'timeline';
  // Without a choice the first root is shown; closing the details is a choice.
  const selected = search.span ? model.row.get(search.span) ?? -1 : tab === 'timeline' ? model.order[0] ?? -1 : -1;
  const scores = useScores({ trace_id: traceId });
  const whole = useRun(tab === 'graph' ? traceId : '');
  const [playhead] = useState(() => new Playhead(model.totalMs, search.at ? Number(search.at) || 0 : undefined));
  useEffect(() => { playhead.totalMs = model.totalMs; }, [playhead, model]);
  const onRest = useCallback((at: number | null) => set({ at: at == null ? '' : String(Math.round(at * 1000) / 1000) }), [set]);
  const onSelect = useCallback((row: number) => set({ span: model.columns.span_id[row] }), [set, model]);
  const setTab = (next: Tab) => set({ view: next === 'timeline' ? '' : next }, true);
  const first = useMemo(() => model.order.find((row) => isError(model, row)) ?? model.order[0] ?? -1, [model]);
  useCommands([
    { id: 'run.timeline', title: 'Timeline', group: 'Run', keys: 'v t', run: () => setTab('timeline') },
    { id: 'run.conversation', title: 'Conversation', group: 'Run', keys: 'v c', run: () => setTab('conversation') },
    { id: 'run.graph', title: 'Agent graph', group: 'Run', keys: 'v g', run: () => setTab('graph') },
    { id: 'run.logs', title: 'Logs of the run', group: 'Run', keys: 'v l', run: () => setTab('logs') },
    { id: 'run.scores', title: 'Scores of the run', group: 'Run', keys: 'v s', run: () => setTab('scores') },
    { id: 'run.close', title: 'Close the details', group: 'Run', keys: 'Escape', run: () => set({ span: kNone }) },
    { id: 'run.copy', title: 'Copy the link', group: 'Run', keys: 'c', run: () => void navigator.clipboard.writeText(location.href) },
    { id: 'run.firstError', title: 'First failed span', group: 'Run', keys: 'e', run: () => { if (first >= 0) onSelect(first); } },
  ]);
  useEffect(() => {  // the neighbours, so that j and k show content at once
    if (selected < 0) return;
    const at = model.order.indexOf(selected);
    for (const row of [model.order[at - 1], model.order[at + 1]]) {
      if (row != null) void client.prefetchQuery(spanQuery(traceId, model.columns.span_id[row]!));
    }
  }, [client, model, selected, traceId]);
  const drag = useRef<{ x: number; width: number } | null>(null);
  const pane = () => {
    if (tab === 'conversation') return <ConversationView traceId={traceId} model={model} playhead={playhead} onSelect={onSelect} />;
    if (tab === 'graph') {
      return <GraphView model={model} whole={whole.data} selected={selected} onSelect={onSelect} playhead={playhead}
                        mode={(search.graph as GraphMode | undefined) ?? 'full'} onMode={(graph) => set({ graph: graph === 'full' ? '' : graph })} />;
    }
    if (tab === 'logs') return <RunLogs traceId={traceId} />;
    if (tab === 'scores') return <div className={css.scroll}><div className={css.narrow}><Scores target={{ trace_id: traceId }} /></div></div>;
    return <Timeline model={model} playhead={playhead} selected={selected} onSelect={onSelect} filter={search.filter ?? ''} onFilter={(filter) => set({ filter })} />;
  };
  return (
    <div className={ui.page}>
      <div className={css.head}><Facts run={run} /></div>
      <Notes run={run} model={model} />
      <div className={css.panes}>
        <div className={css.main}>
          <div className={css.tabRow}>
            <Tabs label="Views of the run" value={tab} onChange={setTab} options={[['timeline', 'Timeline'], ['conversation', 'Conversation'], ['graph', 'Graph'], ['logs', 'Logs'], ['scores', 'Scores', scores.data?.scores.length ?? 0]]} />
            {kPlayed.has(tab) && model.totalMs > 0 && <PlayBar playhead={playhead} model={model} onRest={onRest} />}
          </div>
          {pane()}
        </div>
        {selected >= 0 && (
          <aside className={css.detail} style={{ width: `min(${detailWidth}px, 60vw)` }} aria-label="Span details">
            <span className={css.splitter} aria-hidden="true"
                  onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); drag.current = { x: event.clientX, width: detailWidth }; }}
                  onPointerMove={(event) => { if (drag.current) setPreferences({ detailWidth: Math.max(300, drag.current.width + drag.current.x - event.clientX) }); }}
                  onPointerUp={() => { drag.current = null; }} />
            <SpanDetail key={model.columns.span_id[selected]} traceId={traceId} model={model} row={selected} actions={<Button kind="quiet" icon="close" label="Close the details" onClick={() => set({ span: kNone })} />} />
          </aside>
        )}
      </div>
    </div>
  );
}

export function Run() {
  const { traceId } = useParams({ strict: false }) as { traceId: string };
  const { data, error, isPending, refetch } = useTrace(traceId);
  const model = useMemo(() => (data ? buildTrace(data) : null), [data]);
  const run = data?.run;
  useGrowth(traceId, run?.status === 'live' || (error instanceof ApiError && error.status === 404));
  const gone = error instanceof ApiError && error.status === 404;
  return (
    <View parent={{ to: '/ui/runs', title: 'Runs' }} title={run ? oneLine(run.agent || run.root_name) : 'Run'} timed={false} actions={<>{run && <StatusBadge status={run.status} />}<code style={{ color: 'var(--text-faint)' }}>{traceId.slice(0, 12)}</code><Copy text={traceId} label="Copy the trace id" /></>}>
      {gone ? <Empty title="There is no such run" actions={<Link to="/ui/runs" search={keepRange as never} className={ui.button}>All runs</Link>}>No span with the trace id {oneLine(traceId, 40)} is stored. If it is on its way, this page shows it when it arrives.</Empty>
        : error && !model ? <div style={{ padding: 16 }}><ErrorBox error={error} onRetry={() => void refetch()} /></div>
          : isPending || !model || !run ? <SkeletonRows rows={14} /> : <Loaded traceId={traceId} model={model} run={run} />}
    </View>
  );
}
