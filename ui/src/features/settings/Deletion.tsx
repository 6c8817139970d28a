import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { remove } from '../../api/client';
import { Button, Card, ErrorBox, Segments, ui } from '../../components/ui';
import { plural } from '../../lib/format';
import { oneLine } from '../../lib/visible';
import css from './Settings.module.css';

type Kind = 'users' | 'sessions' | 'traces';
const kKinds = [['users', 'A user'], ['sessions', 'A session'], ['traces', 'A run']] as const satisfies readonly (readonly [Kind, string])[];
const kNames: Record<Kind, string> = { users: 'User id', sessions: 'Session id', traces: 'Trace id' };

// Deletes every run of a user or session, or one run, for good.
export function Deletion() {
  const client = useQueryClient();
  const [kind, setKind] = useState<Kind>('users');
  const [id, setId] = useState('');
  const [sure, setSure] = useState(false);
  const deletion = useMutation({
    mutationFn: () => remove<{ deleted_traces: number }>(`${kind}/${encodeURIComponent(id.trim())}`),
    onSuccess: () => { setId(''); void client.invalidateQueries(); }, onSettled: () => setSure(false),
  });
  const change = (next: string) => { setId(next); setSure(false); deletion.reset(); };
  return (
    <Card title="Delete telemetry" note="for good: every run of it">
      <form className={css.row} onSubmit={(event) => { event.preventDefault(); if (sure) deletion.mutate(); else setSure(true); }}>
        <Segments label="What is deleted" value={kind} options={kKinds} onChange={(next) => { setKind(next); setSure(false); deletion.reset(); }} />
        <div className={css.control}>
          <input className={ui.field} value={id} onChange={(event) => change(event.target.value)} aria-label={kNames[kind]} placeholder={kNames[kind]} spellCheck={false} autoComplete="off" />
          <Button type="submit" disabled={!id.trim() || deletion.isPending}>{sure ? `Delete all of ${oneLine(id, 24)}` : 'Delete'}</Button>
          {sure && <Button kind="quiet" onClick={() => setSure(false)}>Keep it</Button>}
        </div>
      </form>
      {deletion.data && <p className={css.told} role="status">{deletion.data.deleted_traces === 0 ? 'There was nothing to delete.' : `Deleted ${plural(deletion.data.deleted_traces, 'run')}.`}</p>}
      {deletion.isError && <div className={css.told}><ErrorBox error={deletion.error} /></div>}
    </Card>
  );
}
