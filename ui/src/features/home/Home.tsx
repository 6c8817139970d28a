import { Link, useNavigate } from '@tanstack/react-router';
import { useSql, useStatus } from '../../api/hooks';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { Button, Empty, ErrorBox, Skeleton, ui } from '../../components/ui';
import { queries, runsWhere, spansWhere, type Scope } from '../../lib/sql';
import { bucketSeconds } from '../../lib/time';
import { WaitingForFirst } from '../../app/FirstSpan';
import { ScopePicker } from './ScopePicker';
import { Charts } from './Charts';
import { Tables } from './Tables';
import { Tiles, type Totals } from './Tiles';
import css from './Home.module.css';

const kBuckets = 60;

export function useScope(): Scope {
  const [search] = useUrl();
  const { range, from, to } = useRange();
  return { from, to, open: range.until === '', service: search.service, agent: search.agent, environment: search.environment };
}

function Loading() {
  return <div className={css.page}><div className={css.tiles}>{[0, 1, 2, 3, 4].map((i) => <Skeleton key={i} height={98} />)}</div><div className={css.six}><Skeleton height={280} /></div><div className={css.six}><Skeleton height={280} /></div></div>;
}

export function Home() {
  const scope = useScope();
  const [search, set] = useUrl();
  const { setRange } = useRange();
  const navigate = useNavigate();
  const status = useStatus();
  const where = runsWhere(scope);
  const width = scope.to - scope.from;
  const before = runsWhere({ ...scope, from: scope.from - width, to: scope.from, open: false });
  const totals = useSql<Totals>('totals', queries.totals(where));
  const previous = useSql<Totals>('totals-before', queries.totals(before));
  const step = bucketSeconds(scope.from, scope.to, kBuckets);
  const now = totals.data?.[0];
  const filtered = [search.service, search.agent, search.environment].some(Boolean);
  const openRuns = (query: string) => void navigate({ to: '/ui/runs', search: ((old: Record<string, string>) => ({ ...keepRange(old), query: `${scopeQuery(scope)} ${query}`.trim() })) as never });
  const body = () => {
    if (totals.isError && !now) return <div className={css.page}><div style={{ gridColumn: 'span 12' }}><ErrorBox error={totals.error} onRetry={() => void totals.refetch()} /></div></div>;
    if (!now) return <Loading />;
    if (status.data?.store.runs === 0) return <WaitingForFirst />;
    if (now.runs === 0) {
      return (
        <Empty title={filtered ? 'No runs match' : 'No runs in this time range'} actions={<>
          {filtered && <Button onClick={() => set({ service: '', agent: '', environment: '' })}>Drop the filters</Button>}
          <Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button>
          <Link to="/ui/ingest" search={keepRange as never} className={ui.button}>See what arrives</Link></>}>
          The server holds {status.data?.store.runs ?? 'some'} runs, none of them here.
        </Empty>
      );
    }
    return (
      <div className={css.page}>
        <Tiles now={now} before={previous.data?.[0]} onErrors={() => openRuns('status:error')} />
        <Charts where={where} spans={spansWhere(scope)} step={step} from={scope.from} to={scope.to} totals={now} onPick={openRuns}
                onZoom={(a, b) => setRange({ since: new Date(a).toISOString(), until: new Date(b).toISOString() })} />
        <Tables where={where} spans={spansWhere(scope)} onPick={openRuns} />
      </div>
    );
  };
  return <View title="Home" actions={<ScopePicker scope={scope} onChange={(change) => set(change, true)} />}>{body()}</View>;
}

function scopeQuery({ service, agent, environment }: Scope): string {
  return Object.entries({ service, agent, environment }).filter(([, value]) => value).map(([key, value]) => `${key}:${JSON.stringify(value)}`).join(' ');
}
