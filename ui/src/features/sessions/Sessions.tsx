import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useSessions } from '../../api/hooks';
import type { Session, SessionPage } from '../../api/types';
import { useNow } from '../../app/clock';
import { FoundList } from '../../app/FoundList';
import { usePreferences } from '../../app/preferences';
import { keepRange } from '../../app/Shell';
import { useUrl } from '../../app/url';
import type { Column } from '../../components/DataTable';
import { Badge } from '../../components/ui';
import { count, duration, exact, usd, usdShort } from '../../lib/format';
import { kDefaultSince, shortTime, type Zone } from '../../lib/time';
import { oneLine } from '../../lib/visible';

function columnsOf(zone: Zone, now: number): Column<Session>[] {
  return [
    { id: 'last', title: 'Last activity', width: 136, cell: ({ last }) => <span>{shortTime(Date.parse(last), zone, now)}</span> },
    { id: 'session', title: 'Session', width: 210, grow: true, cell: ({ session }) => <span title={session} style={{ fontWeight: 500 }}>{oneLine(session)}</span> },
    { id: 'user', title: 'User', width: 140, cell: ({ user }) => <span title={user}>{oneLine(user)}</span> },
    { id: 'agent', title: 'Agent', width: 160, cell: ({ agent }) => <span title={agent}>{oneLine(agent)}</span> },
    { id: 'runs', title: 'Runs', width: 70, right: true, cell: ({ runs }) => <span>{exact(runs)}</span> },
    { id: 'errors', title: 'Failed', width: 84, right: true, cell: ({ errors }) => (errors > 0 ? <Badge tone="bad">{exact(errors)}</Badge> : <span style={{ color: 'var(--text-faint)' }}>0</span>) },
    { id: 'steps', title: 'Steps', width: 74, right: true, cell: ({ steps }) => <span>{exact(steps)}</span> },
    { id: 'tokens', title: 'Tokens', width: 90, right: true, cell: ({ total_tokens: n }) => <span>{count(n)}</span> },
    { id: 'cost', title: 'Cost', width: 90, right: true, cell: ({ cost_usd: cost }) => <span title={usd(cost)}>{usdShort(cost)}</span> },
    { id: 'span', title: 'Length', width: 100, right: true, cell: ({ first, last }) => <span>{duration(Date.parse(last) - Date.parse(first))}</span> },
  ];
}

const rowsOf = ({ sessions }: SessionPage) => sessions;
const keyOf = ({ session }: Session) => session;

export function Sessions() {
  const [search] = useUrl();
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const navigate = useNavigate();
  const list = useSessions({ since: search.since || kDefaultSince, until: search.until, q: search.q, user: search.user });
  const columns = useMemo(() => columnsOf(zone, now), [zone, now]);
  return (
    <FoundList what="session" placeholder="Find a session by its id" openTitle="Open the selected session" list={list} rowsOf={rowsOf} keyOf={keyOf} columns={columns}
               belongs={<>Runs belong to a session when their root span carries <code>session.id</code> or <code>gen_ai.conversation.id</code>.</>}
               onOpen={(session) => void navigate({ to: '/ui/sessions/$session', params: { session }, search: keepRange as never })}
               filter={search.user ? { title: `user ${oneLine(search.user, 60)}`, name: 'user' } : undefined} />
  );
}
