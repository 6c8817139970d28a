import { Link } from '@tanstack/react-router';
import type { AgentRow } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange } from '../../app/Shell';
import { Figures } from '../../components/Figures';
import { Button } from '../../components/ui';
import { count, duration, exact, percent, usd } from '../../lib/format';
import { quote } from '../../lib/query';
import { shortTime } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { successOf } from './health';
import css from './Agents.module.css';

const runsLink = (query: string) => ({ to: '/ui/runs', search: ((old: Record<string, string>) => ({ ...keepRange(old), query })) as never });

type Line = { name: string; now: string; before: string };

function linesOf(agent: AgentRow, before: AgentRow | undefined): Line[] {
  const line = (name: string, value: (row: AgentRow) => string): Line => ({ name, now: value(agent), before: before ? value(before) : '–' });
  return [
    line('Success of its calls', (row) => percent(successOf(row))), line('Calls', ({ invocations }) => exact(invocations)), line('Failed calls', ({ errors }) => exact(errors)),
    line('p50', ({ duration_ms: ms }) => duration(ms?.p50)), line('p95', ({ duration_ms: ms }) => duration(ms?.p95)), line('Model calls', ({ model_calls: n }) => exact(n)),
    line('Tokens', ({ tokens }) => count(tokens.total)), line('Cost', ({ cost_usd: cost }) => usd(cost)),
    line('Cost a call', ({ cost_usd: cost, invocations }) => (invocations > 0 ? usd(cost / invocations) : '–')),
  ];
}

// One agent: its figures against the period before, its versions, and the runs behind both.
export function AgentPanel({ agent, before, onClose }: { agent: AgentRow; before?: AgentRow; onClose: () => void }) {
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const self = `agent:${quote(agent.agent)}`;
  return (
    <aside className={css.panel} aria-label={`Agent ${agent.agent}`}>
      <header className={css.panelHead}><h2 title={agent.agent}>{oneLine(agent.agent)}</h2><Button kind="quiet" icon="close" label="Close" onClick={onClose} /></header>
      <div className={css.panelBody}>
        <p className={css.links}>
          <Link {...runsLink(self)}>{exact(agent.runs)} runs</Link>
          {agent.failed_runs > 0 && <Link {...runsLink(`${self} status:error`)}>{exact(agent.failed_runs)} failed</Link>}
          <Link to="/ui/cost" search={((old: Record<string, string>) => ({ ...keepRange(old), by: 'model', agent: agent.agent })) as never}>Cost by model</Link>
        </p>
        <section>
          <h3>{before ? 'Against the period before' : 'In this time range'}</h3>
          <Figures label="Figures and those of the period before" rows={linesOf(agent, before)} keyOf={({ name }) => name} columns={[
            { title: 'Figure', cell: ({ name }) => name }, { title: 'Now', right: true, cell: ({ now: value }) => <strong>{value}</strong> }, ...(before ? [{ title: 'Before', right: true, cell: (row: Line) => row.before }] : [])]} />
          {!before && <p className={css.faint}>It was not seen in the period before.</p>}
        </section>
        <section>
          <h3>Versions</h3>
          <Figures label="Versions" rows={agent.versions} keyOf={({ id }) => id} columns={[
            { title: 'Version', wrap: true, cell: (version) => <><strong>{oneLine(version.service_version, 40) || '(no version)'}</strong>{version.model && <span className={css.faint}> {oneLine(version.model, 60)}</span>}</> },
            { title: 'Setup', hint: 'a hash of instructions, tools and prompt', cell: ({ setup }) => (setup ? <code title={setup}>{setup.slice(0, 8)}</code> : <span className={css.faint}>not seen</span>) },
            { title: 'First', cell: ({ first }) => shortTime(Date.parse(first), zone, now) },
            { title: 'Runs', right: true, cell: ({ id, runs }) => <Link {...runsLink(`${self} version:${quote(id)}`)}>{exact(runs)}</Link> }]} />
          {agent.versions.length === 0 && <p className={css.faint}>It made no model call, so nothing says how it was set up.</p>}
        </section>
      </div>
    </aside>
  );
}
