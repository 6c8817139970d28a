import type { Run } from '../../api/types';
import type { Column } from '../../components/DataTable';
import { Badge, StatusBadge } from '../../components/ui';
import { count, duration, exact, usd, usdShort } from '../../lib/format';
import { dateTime, shortTime, type Zone } from '../../lib/time';
import { oneLine } from '../../lib/visible';

const text = (value: string) => <span title={value}>{oneLine(value)}</span>;
const faint = (shown: string, isNothing: boolean) => <span style={isNothing ? { color: 'var(--text-faint)' } : undefined}>{shown}</span>;

function names(values: string[]) {
  if (values.length === 0) return null;
  return <><span title={values.join(', ')}>{oneLine(values[0]!)}</span>{values.length > 1 && <Badge title={values.join(', ')}>+{values.length - 1}</Badge>}</>;
}

export function runTitle(run: Run): string {
  return run.agent || run.root_name;
}

// Every field of a run. `now` and `zone` are for the times.
export function allColumns(zone: Zone, now: number): Column<Run>[] {
  return [
    { id: 'start', title: 'Started', width: 140, sort: 'start', cell: ({ start }) => <span title={dateTime(Date.parse(start), zone, true)}>{shortTime(Date.parse(start), zone, now)}</span> },
    { id: 'status', title: 'Status', width: 60, cell: ({ status, error_message: message }) => <StatusBadge status={status} title={message} /> },
    { id: 'agent', title: 'Agent', width: 124, cell: (run) => <span title={runTitle(run)} style={{ fontWeight: 500 }}>{oneLine(runTitle(run))}</span> },
    { id: 'input', title: 'Input', width: 168, grow: true, cell: ({ input_preview: value }) => text(value) },
    { id: 'output', title: 'Output', width: 136, grow: true, cell: ({ output_preview: value, error_message: message, status }) => (value && !(status === 'error' && message) ? text(value) : <span style={{ color: 'var(--bad)' }} title={message}>{oneLine(message)}</span>) },
    { id: 'duration', title: 'Duration', width: 74, right: true, sort: 'duration', cell: ({ duration_ms: ms }) => <span>{duration(ms)}</span> },
    { id: 'steps', title: 'Steps', width: 52, right: true, sort: 'steps', hint: 'LLM calls', cell: ({ steps }) => faint(exact(steps), steps === 0) },
    { id: 'tool_calls', title: 'Tools', width: 52, right: true, hint: 'Tool calls', cell: ({ tool_calls: n }) => faint(exact(n), n === 0) },
    { id: 'tokens', title: 'Tokens', width: 66, right: true, sort: 'tokens', cell: ({ tokens }) => <span title={`${exact(tokens.input)} in, ${exact(tokens.output)} out`} style={tokens.total === 0 ? { color: 'var(--text-faint)' } : undefined}>{count(tokens.total)}</span> },
    { id: 'cost', title: 'Cost', width: 90, right: true, sort: 'cost', cell: ({ cost_usd: cost }) => <span title={usd(cost)} style={cost === 0 ? { color: 'var(--text-faint)' } : undefined}>{usdShort(cost)}</span> },
    { id: 'models', title: 'Models', width: 140, cell: ({ models }) => names(models) },
    { id: 'tools', title: 'Tool names', width: 160, cell: ({ tools }) => names(tools) },
    { id: 'errors', title: 'Errors', width: 66, right: true, sort: 'errors', hint: 'Failed spans', cell: ({ errors }) => faint(exact(errors), errors === 0) },
    { id: 'session', title: 'Session', width: 130, cell: ({ session }) => text(session) },
    { id: 'user', title: 'User', width: 110, cell: ({ user }) => text(user) },
    { id: 'service', title: 'Service', width: 140, cell: ({ service }) => text(service) },
    { id: 'environment', title: 'Environment', width: 104, cell: ({ environment }) => text(environment) },
    { id: 'query_type', title: 'Query type', width: 110, cell: ({ query_type: value }) => text(value) },
    { id: 'outcome', title: 'Outcome', width: 110, cell: ({ outcome }) => text(outcome) },
    { id: 'agents', title: 'Agents', width: 140, cell: ({ agents }) => names(agents) },
    { id: 'retrievals', title: 'Retrievals', width: 84, right: true, cell: ({ retrievals: n }) => faint(exact(n), n === 0) },
    { id: 'spans', title: 'Spans', width: 70, right: true, sort: 'spans', cell: ({ spans }) => <span>{exact(spans)}</span> },
    { id: 'completeness', title: 'Complete', width: 98, cell: ({ completeness, missing_parents: missing }) => <span title={missing > 0 ? `${missing} parent spans never arrived` : ''}>{completeness}</span> },
    { id: 'root_name', title: 'Root span', width: 150, cell: ({ root_name: name }) => text(name) },
    { id: 'trace_id', title: 'Trace id', width: 260, cell: ({ trace_id: id }) => <code>{id}</code> },
  ];
}

export const kDefaultColumns = ['start', 'status', 'agent', 'input', 'output', 'duration', 'steps', 'tool_calls', 'tokens', 'cost', 'models', 'session'];
