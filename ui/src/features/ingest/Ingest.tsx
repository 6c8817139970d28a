import { useMemo } from 'react';
import { useIngest } from '../../api/hooks';
import type { IngestSource } from '../../api/types';
import { useNow } from '../../app/clock';
import { WaitingForFirst } from '../../app/FirstSpan';
import { SampleButton } from '../../app/SampleButton';
import { View } from '../../app/Shell';
import { kEndpoint, Snippets } from '../../app/Snippets';
import { Figures } from '../../components/Figures';
import { Badge, Card, Copy, ErrorBox, SkeletonRows } from '../../components/ui';
import { ago, bytes, count, duration, exact } from '../../lib/format';
import { oneLine, visible } from '../../lib/visible';
import css from './Ingest.module.css';

const kFreshMs = 60_000;
const kShownKeys = 50;
const sumOf = (values: Record<string, number>) => Object.values(values).reduce((sum, n) => sum + n, 0);
const rejectedOf = ({ rejected }: Pick<IngestSource, 'rejected'>) => Object.values(rejected).reduce((sum, reasons) => sum + sumOf(reasons), 0);

function reasons({ rejected }: Pick<IngestSource, 'rejected'>): [string, number][] {
  const all = new Map<string, number>();
  for (const byReason of Object.values(rejected)) for (const [reason, n] of Object.entries(byReason)) all.set(reason, (all.get(reason) ?? 0) + n);
  return [...all].sort((a, b) => b[1] - a[1]);
}

function Source({ source, now }: { source: IngestSource; now: number }) {
  const seen = Date.parse(source.last_seen);
  const rejected = rejectedOf(source);
  return (
    <>
      <tr>
        <td><strong title={source.service}>{oneLine(source.service) || '(no service.name)'}</strong></td>
        <td>{source.protocol}</td>
        <td><Badge tone={now - seen < kFreshMs ? 'live' : 'plain'} title={source.last_seen}>{ago(seen, now)}</Badge></td>
        <td>{exact(source.accepted.traces)}</td><td>{exact(source.accepted.logs)}</td><td>{exact(source.accepted.metrics)}</td>
        <td>{rejected > 0 ? <Badge tone="bad">{exact(rejected)}</Badge> : <span className={css.faint}>0</span>}</td>
        <td className={source.duplicates === 0 ? css.faint : undefined}>{exact(source.duplicates)}</td>
        <td title="from the event to its arrival">{duration(source.lag_ms)}</td>
        <td>{exact(source.requests)}</td><td>{bytes(source.bytes)}</td>
      </tr>
      {(rejected > 0 || source.last_error) && (
        <tr className={css.why}><td colSpan={11}>
          {reasons(source).map(([reason, n]) => <span key={reason}>{exact(n)} × {visible(reason)}</span>)}
          {source.last_error && <span>last error: {visible(source.last_error)}</span>}
        </td></tr>
      )}
    </>
  );
}

type Unmapped = { service: string; attribute: string; n: number };

// Attributes that look as if they were about agents, and that nothing reads.
function Unmapped({ sources }: { sources: readonly IngestSource[] }) {
  const rows: Unmapped[] = sources.flatMap(({ service, unmapped_attributes: keys }) => Object.entries(keys ?? {}).map(([attribute, n]) => ({ service, attribute, n })));
  if (rows.length === 0) return null;
  return (
    <Card title="Not understood" note="attributes that look as if they were about agents; they are kept, and can be searched with SQL">
      <Figures label="Attributes that are not understood" rows={rows.sort((a, b) => b.n - a.n).slice(0, kShownKeys)} keyOf={({ service, attribute }) => `${service} ${attribute}`} columns={[
        { title: 'Attribute', wrap: true, cell: ({ attribute }) => <code>{oneLine(attribute, 200)}</code> }, { title: 'Service', cell: ({ service }) => oneLine(service, 60) || '(no service.name)' },
        { title: 'Seen', right: true, cell: ({ n }) => exact(n) }]} />
    </Card>
  );
}

// Is my data arriving?
export function Ingest() {
  const { data, error, isPending, refetch } = useIngest(2000);
  const now = useNow();
  const sources = useMemo(() => [...(data?.sources ?? [])].sort((a, b) => Date.parse(b.last_seen) - Date.parse(a.last_seen)), [data]);
  const refused = Object.entries(data?.refused ?? {});
  const totals = data?.totals;
  const accepted = totals ? sumOf(totals.accepted) : 0;
  const body = () => {
    if (error && !data) return <div className={css.page}><ErrorBox error={error} onRetry={() => void refetch()} /></div>;
    if (isPending || !data || !totals) return <SkeletonRows rows={8} />;
    if (sources.length === 0 && refused.length === 0) return <WaitingForFirst />;
    const last = sources[0] && Date.parse(sources[0].last_seen);
    return (
      <div className={css.page}>
        {error && <ErrorBox error={error} />}
        <div className={css.summary}>
          <Badge tone={last && now - last < kFreshMs ? 'live' : 'plain'}>{last ? `last record ${ago(last, now)}` : 'nothing yet'}</Badge>
          <span><b>{count(accepted)}</b> accepted</span><span><b>{exact(rejectedOf(totals))}</b> rejected</span><span><b>{exact(totals.duplicates)}</b> duplicates</span>
          <span><b>{exact(totals.failed_requests)}</b> failed requests</span><span className={css.right}>since the server started</span>
        </div>
        {refused.length > 0 && <Card title="Refused unread" note="requests turned away before they were read"><p className={css.refused}>{refused.map(([reason, n]) => <span key={reason}>{exact(n)} × {visible(reason)}</span>)}</p></Card>}
        <Card title="Sources">
          <div className={css.scroll} tabIndex={0} role="region" aria-label="Sources">
            <table className={css.table}>
              <thead><tr><th>Service</th><th>Protocol</th><th>Last seen</th><th>Spans</th><th>Logs</th><th>Metrics</th><th>Rejected</th><th>Duplicates</th><th>Lag</th><th>Requests</th><th>Received</th></tr></thead>
              <tbody>{sources.map((source) => <Source key={`${source.service} ${source.protocol}`} source={source} now={now} />)}</tbody>
            </table>
          </div>
        </Card>
        <Unmapped sources={sources} />
        <div className={css.endpoint}><h2>Send more</h2><code>{kEndpoint}</code><Copy text={kEndpoint} label="Copy the URL" /><span className={css.right}><SampleButton stay /></span></div>
        <Snippets />
      </div>
    );
  };
  return <View title="Ingest" timed={false}>{body()}</View>;
}
