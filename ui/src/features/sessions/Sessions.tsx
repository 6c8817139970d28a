import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useSessions } from '../../api/hooks';
import type { Session } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange, View } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { useCommands } from '../../commands/registry';
import { DataTable, type Column } from '../../components/DataTable';
import { Badge, Button, Empty, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { count, duration, exact, plural, usd } from '../../lib/format';
import { kDefaultSince, shortTime, type Zone } from '../../lib/time';
import { oneLine } from '../../lib/visible';

function columnsOf(zone: Zone, now: number): Column<Session>[] {
  return [
    { id: 'last', title: 'Last activity', width: 140, cell: ({ last }) => <span>{shortTime(Date.parse(last), zone, now)}</span> },
    { id: 'session', title: 'Session', width: 260, grow: true, cell: ({ session }) => <span title={session} style={{ fontWeight: 500 }}>{oneLine(session)}</span> },
    { id: 'user', title: 'User', width: 160, cell: ({ user }) => <span title={user}>{oneLine(user)}</span> },
    { id: 'agent', title: 'Agent', width: 190, cell: ({ agent }) => <span title={agent}>{oneLine(agent)}</span> },
    { id: 'runs', title: 'Runs', width: 80, right: true, cell: ({ runs }) => <span>{exact(runs)}</span> },
    { id: 'errors', title: 'Failed', width: 84, right: true, cell: ({ errors }) => (errors > 0 ? <Badge tone="bad">{exact(errors)}</Badge> : <span style={{ color: 'var(--text-faint)' }}>0</span>) },
    { id: 'steps', title: 'Steps', width: 80, right: true, cell: ({ steps }) => <span>{exact(steps)}</span> },
    { id: 'tokens', title: 'Tokens', width: 90, right: true, cell: ({ total_tokens: n }) => <span>{count(n)}</span> },
    { id: 'cost', title: 'Cost', width: 90, right: true, cell: ({ cost_usd: cost }) => <span>{usd(cost)}</span> },
    { id: 'span', title: 'Length', width: 100, right: true, cell: ({ first, last }) => <span>{duration(Date.parse(last) - Date.parse(first))}</span> },
  ];
}

export function Sessions() {
  const [search, set] = useUrl();
  const { setRange } = useRange();
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search.q ?? '');
  const list = useSessions({ since: search.since || kDefaultSince, until: search.until, q: search.q, user: search.user });
  const rows = useMemo(() => list.data?.pages.flatMap(({ sessions }) => sessions) ?? [], [list.data]);
  const columns = useMemo(() => columnsOf(zone, now), [zone, now]);
  const at = rows.findIndex(({ session }) => session === search.at);
  const open = (session: string) => void navigate({ to: '/ui/sessions/$session', params: { session }, search: keepRange as never });
  const move = (by: number) => { const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))]; if (row) set({ at: row.session }); };
  useCommands([
    { id: 'sessions.next', title: 'Next session', group: 'Sessions', keys: 'j', run: () => move(1) },
    { id: 'sessions.previous', title: 'Previous session', group: 'Sessions', keys: 'k', run: () => move(-1) },
    { id: 'sessions.open', title: 'Open the selected session', group: 'Sessions', keys: 'Enter', run: () => { if (search.at) open(search.at); } },
    { id: 'sessions.search', title: 'Search', group: 'Sessions', keys: '/', run: () => document.getElementById('session-search')?.focus() },
  ]);
  const filtered = Boolean(search.q || search.user);
  return (
    <View title="Sessions">
      <div className={ui.page}>
        <form className={ui.toolbar} onSubmit={(event) => { event.preventDefault(); set({ q: typed.trim() }, true); }}>
          <input id="session-search" className={`${ui.field} ${ui.grow}`} value={typed} onChange={(event) => setTyped(event.target.value)} onBlur={() => set({ q: typed.trim() })} placeholder="Find a session by its id" aria-label="Find a session" />
          {search.user && <Button kind="on" icon="close" onClick={() => set({ user: '' })}>user {search.user}</Button>}
          <span className={ui.faint} role="status">{list.isSuccess && plural(rows.length, 'session')}{list.hasNextPage && ', more below'}</span>
        </form>
        {list.isError && <div style={{ padding: '12px 16px' }}><ErrorBox error={list.error} onRetry={() => void list.refetch()} /></div>}
        <div style={{ flex: 1, minHeight: 0 }}>
          {list.isPending ? <SkeletonRows rows={12} />
            : rows.length === 0 && list.isSuccess ? (
              <Empty title={filtered ? 'No session matches' : 'No sessions in this time range'} actions={<>{filtered && <Button onClick={() => { setTyped(''); set({ q: '', user: '' }); }}>Clear the search</Button>}<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>}>
                Runs belong to a session when their root span carries <code>session.id</code> or <code>gen_ai.conversation.id</code>.
              </Empty>)
              : <DataTable label="Sessions" rows={rows} columns={columns} keyOf={({ session }) => session} selected={search.at} onPick={({ session }) => open(session)}
                           onEnd={() => { if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage(); }} />}
        </div>
      </div>
    </View>
  );
}
