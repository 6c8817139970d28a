import { Link, useNavigate } from '@tanstack/react-router';
import { useStatus } from '../../api/hooks';
import { useSeries } from '../../api/stats';
import { WaitingForFirst } from '../../app/FirstSpan';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { Button, Empty, ErrorBox, Skeleton, ui } from '../../components/ui';
import { exact } from '../../lib/format';
import { bucketSeconds } from '../../lib/time';
import { Charts } from './Charts';
import { kScopeFields, scopeQuery, windowsOf } from './scope';
import { ScopePicker } from './ScopePicker';
import { Tables } from './Tables';
import { Tiles } from './Tiles';
import css from './Home.module.css';

const kBuckets = 60;
const kHourMs = 3_600_000;

function Loading() {
  return <div className={css.page}><div className={css.tiles}>{[0, 1, 2, 3, 4].map((i) => <Skeleton key={i} height={98} />)}</div><div className={css.six}><Skeleton height={280} /></div><div className={css.six}><Skeleton height={280} /></div></div>;
}

// Is it working, fast enough, affordable?
export function Home() {
  const [search, set] = useUrl();
  const { setRange, from, to } = useRange();
  const navigate = useNavigate();
  const status = useStatus();
  const { now: window, before: windowBefore } = windowsOf(search, from, to);
  const step = bucketSeconds(from, to, kBuckets);
  const compare = search.compare === '1';
  const now = useSeries({ ...window, step: `${step}s` });
  const before = useSeries({ ...windowBefore, step: `${step}s` });
  const total = now.data?.total;
  const filtered = kScopeFields.some((field) => search[field]);
  // The runs behind a figure: a condition, and the bucket where the figure is of one.
  const open = (condition: string, at?: number) => void navigate({ to: '/ui/runs', search: ((old: Record<string, string>) => ({
    ...keepRange(old), ...(at != null ? { since: new Date(at * 1000).toISOString(), until: new Date((at + step) * 1000).toISOString() } : {}), query: `${scopeQuery(search)} ${condition}`.trim() })) as never });
  const body = () => {
    if (now.isError && !total) return <div className={css.page}><div style={{ gridColumn: 'span 12' }}><ErrorBox error={now.error} onRetry={() => void now.refetch()} /></div></div>;
    if (!total) return <Loading />;
    if (status.data?.store.runs === 0 && total.runs === 0) return <WaitingForFirst />;
    if (total.runs === 0) {
      return (
        <Empty title={filtered ? 'No runs match' : 'No runs in this time range'} actions={<>
          {filtered && <Button onClick={() => set({ service: '', agent: '', environment: '' })}>Drop the filters</Button>}
          <Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button>
          <Link to="/ui/ingest" search={keepRange as never} className={ui.button}>See what arrives</Link></>}>
          The server holds {status.data ? exact(status.data.store.runs) : 'some'} runs, none of them here.
        </Empty>
      );
    }
    return (
      <div className={css.page}>
        {now.isError && <div style={{ gridColumn: 'span 12' }}><ErrorBox error={now.error} onRetry={() => void now.refetch()} /></div>}
        <Tiles now={total} before={before.data?.total} hours={(to - from) / kHourMs} onErrors={() => open('status:error')} />
        <Charts window={window} series={now.data!} before={compare ? before.data : undefined} shift={(to - from) / 1000} step={step} from={from} to={to} onOpen={open}
                onZoom={(a, b) => setRange({ since: new Date(a).toISOString(), until: new Date(b).toISOString() })} />
        <Tables window={window} before={windowBefore} search={search} onPick={open} />
      </div>
    );
  };
  return (
    <View title="Home" actions={<>
      <ScopePicker search={search} onChange={(change) => set(change, true)} />
      <Button kind={compare ? 'on' : 'normal'} aria-pressed={compare} onClick={() => set({ compare: compare ? '' : '1' })} title="Draw the period of the same length before, dashed">Compare</Button></>}>
      {body()}
    </View>
  );
}
