import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useUsers } from '../../api/hooks';
import type { UserPage, UserRow } from '../../api/types';
import { useNow } from '../../app/clock';
import { FoundList } from '../../app/FoundList';
import { usePreferences } from '../../app/preferences';
import { keepRange } from '../../app/Shell';
import { useUrl } from '../../app/url';
import type { Column } from '../../components/DataTable';
import { Badge, Button } from '../../components/ui';
import { count, exact, usd, usdShort } from '../../lib/format';
import { quote } from '../../lib/query';
import { kDefaultSince, shortTime, type Zone } from '../../lib/time';
import { oneLine } from '../../lib/visible';

type Go = (to: '/ui/runs' | '/ui/sessions', search: Record<string, string>) => void;

function columnsOf(zone: Zone, now: number, go: Go): Column<UserRow>[] {
  const link = (label: string, text: string, open: () => void) =>
    <Button kind="quiet" aria-label={label} onClick={(event) => { event.stopPropagation(); open(); }}>{text}</Button>;
  return [
    { id: 'user', title: 'User', width: 240, grow: true, cell: ({ user }) => <span title={user} style={{ fontWeight: 500 }}>{oneLine(user)}</span> },
    { id: 'last', title: 'Last seen', width: 140, sort: 'last', cell: ({ last }) => <span>{shortTime(Date.parse(last), zone, now)}</span> },
    { id: 'first', title: 'First seen', width: 140, hint: 'in this time range', cell: ({ first }) => <span>{shortTime(Date.parse(first), zone, now)}</span> },
    { id: 'sessions', title: 'Sessions', width: 90, right: true, cell: ({ user, sessions }) => link(`${exact(sessions)} sessions of ${user}`, exact(sessions), () => go('/ui/sessions', { user })) },
    { id: 'runs', title: 'Runs', width: 84, right: true, sort: 'runs', cell: ({ user, runs }) => link(`${exact(runs)} runs of ${user}`, exact(runs), () => go('/ui/runs', { query: `user:${quote(user)}` })) },
    { id: 'errors', title: 'Failed', width: 84, right: true, sort: 'errors', hint: 'runs that failed', cell: ({ errors }) => (errors > 0 ? <Badge tone="bad">{exact(errors)}</Badge> : <span style={{ color: 'var(--text-faint)' }}>0</span>) },
    { id: 'steps', title: 'Steps', width: 80, right: true, hint: 'LLM calls', cell: ({ steps }) => exact(steps) },
    { id: 'tools', title: 'Tool calls', width: 90, right: true, cell: ({ tool_calls: n }) => exact(n) },
    { id: 'tokens', title: 'Tokens', width: 90, right: true, sort: 'tokens', cell: ({ tokens }) => <span title={`${exact(tokens.input)} in, ${exact(tokens.output)} out`}>{count(tokens.total)}</span> },
    { id: 'cost', title: 'Cost', width: 90, right: true, sort: 'cost', cell: ({ cost_usd: cost }) => <span title={usd(cost)}>{usdShort(cost)}</span> },
    { id: 'each', title: 'Cost a run', width: 96, right: true, cell: ({ cost_usd: cost, runs }) => <span title={usd(cost / Math.max(1, runs))}>{usdShort(cost / Math.max(1, runs))}</span> },
  ];
}

const rowsOf = ({ users }: UserPage) => users;
const keyOf = ({ user }: UserRow) => user;

// Who used the agents, what it came to, and the runs behind it.
export function Users() {
  const [search, set] = useUrl();
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const sort = search.sort ?? 'last';
  const list = useUsers({ since: search.since || kDefaultSince, until: search.until, q: search.q, sort });
  const go: Go = (to, more) => void navigate({ to, search: ((old: Record<string, string>) => ({ ...keepRange(old), ...more })) as never });
  const columns = useMemo(() => columnsOf(zone, now, go), [zone, now]);  // `go` does not depend on what is shown
  return (
    <FoundList what="user" placeholder="Find a user by id" openTitle="Runs of the selected user" list={list} rowsOf={rowsOf} keyOf={keyOf} columns={columns}
               belongs={<>A run belongs to a user when its spans carry <code>user.id</code> or <code>enduser.id</code>.</>}
               onOpen={(user) => go('/ui/runs', { query: `user:${quote(user)}` })} sort={sort} onSort={(next) => set({ sort: next === 'last' ? '' : next })} />
  );
}
