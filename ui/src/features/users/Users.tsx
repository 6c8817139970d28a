import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useUsers } from '../../api/hooks';
import type { UserRow } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { DataTable, type Column } from '../../components/DataTable';
import { Badge, Button, Empty, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { count, exact, plural, usd, usdShort } from '../../lib/format';
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

// Who used the agents, what it came to, and the runs behind it.
export function Users() {
  const [search, set] = useUrl();
  const { setRange } = useRange();
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search.q ?? '');
  const sort = search.sort ?? 'last';
  const list = useUsers({ since: search.since || kDefaultSince, until: search.until, q: search.q, sort });
  const rows = useMemo(() => list.data?.pages.flatMap(({ users }) => users) ?? [], [list.data]);
  const go: Go = (to, more) => void navigate({ to, search: ((old: Record<string, string>) => ({ ...keepRange(old), ...more })) as never });
  const columns = useMemo(() => columnsOf(zone, now, go), [zone, now]);  // `go` does not depend on what is shown
  const open = (user: string) => go('/ui/runs', { query: `user:${quote(user)}` });
  const at = rows.findIndex(({ user }) => user === search.at);
  const move = (by: number) => { const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]; if (row) set({ at: row.user }); };
  useCommands([
    { id: 'users.next', title: 'Next user', group: 'Users', keys: 'j', run: () => move(1) },
    { id: 'users.previous', title: 'Previous user', group: 'Users', keys: 'k', run: () => move(-1) },
    { id: 'users.open', title: 'Runs of the selected user', group: 'Users', keys: 'Enter', run: () => { if (search.at) open(search.at); } },
    { id: 'users.search', title: 'Search', group: 'Users', keys: '/', run: () => document.getElementById('user-search')?.focus() },
  ]);
  const nothing = () => (
    <Empty title={search.q ? 'No user matches' : 'No users in this time range'} actions={<>
      {search.q && <Button onClick={() => { setTyped(''); set({ q: '' }); }}>Clear the search</Button>}<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>}>
      A run belongs to a user when its spans carry <code>user.id</code> or <code>enduser.id</code>.
    </Empty>);
  return (
    <View title="Users">
      <div className={ui.page}>
        <form className={ui.toolbar} onSubmit={(event) => { event.preventDefault(); set({ q: typed.trim() }, true); }}>
          <input id="user-search" className={`${ui.field} ${ui.grow}`} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => set({ q: typed.trim() })} placeholder="Find a user by id" aria-label="Find a user" />
          <span className={ui.faint} role="status">{list.isSuccess && plural(rows.length, 'user')}{list.hasNextPage && ', more below'}</span>
        </form>
        {list.isError && <div style={{ padding: '12px 16px' }}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>}
        <div style={{ flex: 1, minHeight: 0 }}>
          {list.isPending ? <SkeletonRows rows={12} /> : rows.length === 0 ? list.isSuccess && nothing()
            : <DataTable label="Users" rows={rows} columns={columns} keyOf={({ user }) => user} selected={search.at} sort={sort} order="desc" onSort={(next) => set({ sort: next === 'last' ? '' : next })}
                         onPick={({ user }) => open(user)} onEnd={() => { if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage(); }} />}
        </div>
      </div>
    </View>
  );
}
