import { useQueryClient } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useLogs, useSql, useStatus } from '../../api/hooks';
import { View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { fillBuckets, stack } from '../../charts/prepare';
import { TimeChart } from '../../charts/TimeChart';
import { useCommands } from '../../commands/registry';
import { LogLine } from '../../components/LogLines';
import { Button, Empty, ErrorBox, Skeleton, SkeletonRows, ui } from '../../components/ui';
import { count, plural } from '../../lib/format';
import { literal, nanos } from '../../lib/sql';
import { bucketSeconds, kDefaultSince } from '../../lib/time';
import type { LogRecord } from '../../api/types';

const kSeverities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const kNumbers: Record<string, number> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
const kLevels = [['errors', '--bad', 'severity_number >= 17'], ['warnings', '--warn', 'severity_number BETWEEN 13 AND 16'], ['info', '--series-1', 'severity_number BETWEEN 9 AND 12'], ['others', '--op-other', 'coalesce(severity_number, 0) < 9']] as const;
const kTailMs = 2000;
const kChartKey = 'logs-time';
const kChartHeight = 108;

function useWhere(search: Record<string, string>, from: number, to: number): string {
  const parts = [`time_ns >= ${nanos(from)}`];
  if (search.until) parts.push(`time_ns < ${nanos(to)}`);
  if (search.service) parts.push(`service = ${literal(search.service)}`);
  if (search.severity) parts.push(`severity_number >= ${kNumbers[search.severity] ?? 0}`);
  if (search.event) parts.push(`event_name = ${literal(search.event)}`);
  if (search.q) parts.push(`contains(lower(body), ${literal(search.q.toLowerCase())})`);
  return parts.join(' AND ');
}

function Chart({ where, from, to, onZoom }: { where: string; from: number; to: number; onZoom: (a: number, b: number) => void }) {
  const step = bucketSeconds(from, to, 80);
  const { data, error } = useSql<Record<string, number> & { t: number }>(kChartKey, `SELECT CAST(time_ns // ${step}000000000 * ${step} AS BIGINT) AS t,
    ${kLevels.map(([name, , test]) => `count(*) FILTER (${test}) AS ${name}`).join(', ')} FROM logs WHERE ${where} GROUP BY 1 ORDER BY 1 LIMIT 2000`);
  if (!data) return error ? null : <div style={{ height: kChartHeight + 28, padding: '10px 16px' }}><Skeleton height={kChartHeight} /></div>;
  if (data.length === 0) return null;  // the list says so
  const shown = kLevels.filter(([name]) => name !== 'others' || data.some((row) => row[name]! > 0));
  const filled = shown.map(([name]) => fillBuckets(data, from / 1000, to / 1000, step, (row) => row[name] ?? 0, 0));
  const sums = stack(filled.map(({ values }) => values));
  return <TimeChart label="Log records over time" times={filled[0]!.times} step={step} height={kChartHeight} format={count} onZoom={onZoom}
                    series={shown.map(([name, color], i) => ({ label: name, color, kind: 'bars' as const, values: sums[i]!, shown: filled[i]!.values }))} />;
}

function List({ logs, onEnd }: { logs: readonly LogRecord[]; onEnd: () => void }) {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: logs.length, getScrollElement: () => scroll.current, estimateSize: () => 30, overscan: 20 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => { if (logs.length > 0 && last > logs.length - 30) onEnd(); }, [last, logs.length, onEnd]);
  return (
    <div ref={scroll} style={{ height: '100%', overflow: 'auto' }} tabIndex={0} role="region" aria-label="Log records">
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {items.map(({ index, start, key }) => (
          <div key={key} data-index={index} ref={virtual.measureElement} style={{ position: 'absolute', left: 0, right: 0, transform: `translateY(${start}px)` }}><LogLine log={logs[index]!} linked /></div>
        ))}
      </div>
    </div>
  );
}

export function Logs() {
  const [search, set] = useUrl();
  const { setRange, from, to } = useRange();
  const [typed, setTyped] = useState(search.q ?? '');
  const status = useStatus();
  const client = useQueryClient();
  const where = useWhere(search, from, to);
  const services = useSql<{ value: string; n: number }>('log-services', `SELECT service AS value, count(*) AS n FROM logs WHERE time_ns >= ${nanos(from)} GROUP BY 1 ORDER BY 2 DESC LIMIT 50`);
  const list = useLogs({ since: search.since || kDefaultSince, until: search.until, service: search.service, severity: search.severity, event_name: search.event, q: search.q });
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = list;
  const records = useMemo(() => list.data?.pages.flatMap((page) => page.logs) ?? [], [list.data]);
  const live = search.live === '1';
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => {
      void refetch();
      void client.invalidateQueries({ queryKey: ['sql', kChartKey] });
    }, kTailMs);
    return () => clearInterval(timer);
  }, [client, live, refetch]);
  useCommands([
    { id: 'logs.search', title: 'Search', group: 'Logs', keys: '/', run: () => document.getElementById('log-search')?.focus() },
    { id: 'logs.live', title: 'Follow live', group: 'Logs', keys: 'L', run: () => set({ live: live ? '' : '1' }) },
  ]);
  const filtered = Boolean(search.q || search.service || search.severity || search.event);
  const nothing = () => {
    if (status.data?.store.logs === 0) return <Empty title="No logs have arrived">Send OpenTelemetry logs to this server’s /v1/logs. Records with a trace id also appear in their run.</Empty>;
    return <Empty title={filtered ? 'No log record matches' : 'No logs in this time range'} actions={<>{filtered && <Button onClick={() => { setTyped(''); set({ q: '', service: '', severity: '', event: '' }); }}>Clear the filters</Button>}<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>} />;
  };
  return (
    <View title="Logs">
      <div className={ui.page}>
        <form className={ui.toolbar} onSubmit={(event) => { event.preventDefault(); set({ q: typed.trim() }, true); }}>
          <input id="log-search" className={`${ui.field} ${ui.grow}`} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => set({ q: typed.trim() })} placeholder="Text in the body" aria-label="Text in the body" />
          <select className={ui.field} aria-label="Service" value={search.service ?? ''} onChange={(event) => set({ service: event.target.value }, true)}>
            <option value="">Service: all</option>{[...new Set([...(search.service ? [search.service] : []), ...(services.data ?? []).map(({ value }) => value)])].filter(Boolean).map((value) => <option key={value}>{value}</option>)}
          </select>
          <select className={ui.field} aria-label="Severity" value={search.severity ?? ''} onChange={(event) => set({ severity: event.target.value }, true)}>
            <option value="">Severity: all</option>{kSeverities.map((value) => <option key={value} value={value}>{value} and above</option>)}
          </select>
          <Button kind={live ? 'on' : 'normal'} aria-pressed={live} icon={live ? undefined : 'play'} onClick={() => set({ live: live ? '' : '1' })}>{live && <i className={ui.pulse} />}Live</Button>
          <span className={ui.faint} role="status">{list.isSuccess && plural(records.length, 'record')}{hasNextPage && ', more below'}</span>
        </form>
        <Chart where={where} from={from} to={to} onZoom={(a, b) => setRange({ since: new Date(a).toISOString(), until: new Date(b).toISOString() })} />
        {list.isError && <div style={{ padding: '0 16px 12px' }}><ErrorBox error={list.error} onRetry={() => void refetch()} /></div>}
        <div style={{ flex: 1, minHeight: 0, borderTop: '1px solid var(--line)' }}>
          {list.isPending ? <SkeletonRows rows={14} height={30} /> : records.length === 0 ? list.isSuccess && nothing()
            : <List logs={records} onEnd={() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }} />}
        </div>
      </div>
    </View>
  );
}
