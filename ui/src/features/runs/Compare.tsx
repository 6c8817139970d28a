import { Link } from '@tanstack/react-router';
import { useWholeRuns } from '../../api/hooks';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange } from '../../app/Shell';
import { Button, ErrorBox, SkeletonRows, StatusBadge } from '../../components/ui';
import { count, duration, exact, usd, usdShort } from '../../lib/format';
import { shortTime } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { runTitle } from './columns';
import { changeOf, compareRuns, type Unit } from './compare';
import css from './Runs.module.css';

const kFormat: Record<Unit, (value: number) => string> = { duration, usd: usdShort, count };
const kExact: Record<Unit, (value: number) => string> = { duration, usd, count: exact };

// The numbers of the chosen runs, each with its change against the first.
export function Compare({ traceIds, onDrop, onClose }: { traceIds: readonly string[]; onDrop: (id: string) => void; onClose: () => void }) {
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const answers = useWholeRuns(traceIds);
  const failed = answers.find(({ error }) => error);
  const runs = answers.map(({ data }) => data).filter((run) => run != null);
  const link = (id: string, text: string) => <Link to="/ui/runs/$traceId" params={{ traceId: id }} search={keepRange as never} title={text}>{oneLine(text, 60)}</Link>;
  return (
    <section className={css.compare} aria-label="Comparison">
      <header className={css.peekHead}><h2>{runs.length} runs, against the first</h2><Button kind="quiet" icon="close" label="Close the comparison" onClick={onClose} /></header>
      {failed && <div className={css.pad}><ErrorBox error={failed.error} onRetry={() => void failed.refetch()} /></div>}
      {!failed && runs.length < traceIds.length && <SkeletonRows rows={4} />}
      {runs.length > 0 && (
        <div className={css.compareScroll} tabIndex={0} role="region" aria-label="Figures, scrollable">
          <table className={css.compareTable}>
            <caption className="visually-hidden">Figures of the chosen runs</caption>
            <thead>
              <tr><th scope="col"><span className="visually-hidden">Figure</span></th>
                {runs.map((run) => <th key={run.trace_id} scope="col">{link(run.trace_id, runTitle(run))}<span>{shortTime(Date.parse(run.start), zone, now)}</span></th>)}<th scope="col">Mean</th></tr>
            </thead>
            <tbody>
              <tr><th scope="row">Status</th>{runs.map((run) => <td key={run.trace_id}><StatusBadge status={run.status} title={run.error_message} /></td>)}<td /></tr>
              {compareRuns(runs).map(({ name, unit, values, mean, best, worst }) => (
                <tr key={name}><th scope="row">{name}</th>
                  {values.map((value, i) => (
                    <td key={runs[i]!.trace_id} title={kExact[unit](value)} data-mark={i === worst ? 'worst' : i === best ? 'best' : undefined}>
                      {i > 0 && <small>{changeOf(value, values[0]!)}</small>}{kFormat[unit](value)}
                      {(i === worst || i === best) && <span className="visually-hidden">{i === worst ? ', the greatest' : ', the least'}</span>}
                    </td>))}
                  <td>{kFormat[unit](mean)}</td></tr>
              ))}
              <tr><th scope="row">Models</th>{runs.map(({ trace_id: id, models }) => <td key={id} title={models.join(', ')}>{oneLine(models.join(', '), 60) || '–'}</td>)}<td /></tr>
              <tr><th scope="row">Outcome</th>{runs.map(({ trace_id: id, outcome }) => <td key={id} title={outcome}>{oneLine(outcome, 40) || '–'}</td>)}<td /></tr>
              <tr><th scope="row"><span className="visually-hidden">Drop</span></th>{runs.map(({ trace_id: id }) => <td key={id}><Button kind="quiet" onClick={() => onDrop(id)}>Drop</Button></td>)}<td /></tr>
            </tbody>
          </table>
        </div>)}
    </section>
  );
}
