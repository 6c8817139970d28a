import { useState } from 'react';
import { useCreateKey, useKeys, useRevokeKey, type WantedKey } from '../../api/hooks';
import type { ApiKeyRow, NewApiKey } from '../../api/types';
import { usePreferences } from '../../app/preferences';
import { CodeBlock } from '../../components/CodeBlock';
import { Figures } from '../../components/Figures';
import { Badge, Button, Card, Copy, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { dateTime } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import css from './Settings.module.css';

const kScopes = [['ingest', 'send telemetry'], ['read', 'read everything of the project'], ['admin', 'delete, set prices, make keys']] as const;

const nameOf = ({ name, id }: { name: string; id: string }) => oneLine(name, 60) || id;

function Warnings({ texts }: { texts: string[] }) {
  return texts.map((text) => <p key={text} className={css.warning} role="alert"><Badge tone="warn">Mind</Badge> {text}</p>);
}

// The secret is in this answer only: it stays until it is put away.
function Created({ created, onDone }: { created: NewApiKey; onDone: () => void }) {
  return (
    <div className={css.secret} role="status">
      <p>Key <strong>{nameOf(created)}</strong> for project {created.project}. Copy it now: it is not shown again.</p>
      <div className={css.control}><div className={ui.grow}><CodeBlock text={created.key} wrap /></div><Copy text={created.key} label="Copy the key" /><Button onClick={onDone}>Done</Button></div>
      <Warnings texts={created.warnings} />
    </div>
  );
}

function Form({ first, busy, error, onCreate }: { first: boolean; busy: boolean; error: Error | null; onCreate: (wanted: WantedKey, use: boolean) => void }) {
  const [name, setName] = useState('');
  const [project, setProject] = useState('');
  const [scopes, setScopes] = useState<string[]>(first ? ['ingest', 'read', 'admin'] : ['ingest', 'read']);
  const [use, setUse] = useState(first);
  const blind = first && !(use && scopes.includes('read'));
  const submit = () => onCreate({ name: name.trim(), project: project.trim() || undefined, scopes: scopes.join(',') }, use);
  return (
    <form className={css.keyForm} aria-label="Create a key" onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <label>Name<input className={ui.field} value={name} onChange={(event) => setName(event.target.value)} placeholder="what it is for" maxLength={100} autoComplete="off" /></label>
      <label>Project<input className={ui.field} value={project} onChange={(event) => setProject(event.target.value)} placeholder={first ? 'default' : 'that of this browser’s key'} spellCheck={false} autoComplete="off" /></label>
      <fieldset className={css.checks}>
        <legend>It may</legend>
        {kScopes.map(([scope, meaning]) => (
          <label key={scope}><input type="checkbox" checked={scopes.includes(scope)} onChange={(event) => setScopes(kScopes.map(([other]) => other).filter((other) => (other === scope ? event.target.checked : scopes.includes(other))))} /><span><strong>{scope}</strong>: {meaning}</span></label>
        ))}
      </fieldset>
      <label className={css.check}><input type="checkbox" checked={use} onChange={(event) => setUse(event.target.checked)} /><span>Use it in this browser</span></label>
      {blind && <p className={css.warning}><Badge tone="warn">Mind</Badge> This page will then be refused until a key that may read is entered above.</p>}
      <div><Button type="submit" kind="primary" disabled={scopes.length === 0 || busy}>{first ? 'Create the first key' : 'Create a key'}</Button></div>
      {error && <ErrorBox error={error} />}
    </form>
  );
}

function Revoke({ row, onRevoked }: { row: ApiKeyRow; onRevoked: (warnings: string[]) => void }) {
  const revoke = useRevokeKey(({ warnings }) => onRevoked(warnings));
  const [sure, setSure] = useState(false);
  if (row.revoked) return <Badge tone="bad" title={row.revoked}>revoked</Badge>;
  if (revoke.isError) return <span className={css.wrong} role="alert">{revoke.error.message}</span>;
  if (!sure) return <Button kind="quiet" onClick={() => setSure(true)}>Revoke</Button>;
  return (
    <>
      {row.current && <p className={css.wrong}>This browser uses it.</p>}
      <Button onClick={() => revoke.mutate(row.id)} disabled={revoke.isPending}>Revoke {oneLine(nameOf(row), 24)}</Button>{' '}
      <Button kind="quiet" onClick={() => setSure(false)}>Keep it</Button>
    </>
  );
}

// The keys of the project: who may come in.
export function Keys({ onUse }: { onUse: (secret: string) => void }) {
  const { zone } = usePreferences();
  const { data, error } = useKeys();
  const [created, setCreated] = useState<NewApiKey | null>(null);
  const [warnings, setWarnings] = useState<string[]>([]);
  // The form may be gone when the answer comes, as the list that it hangs on: the secret is kept here.
  const create = useCreateKey((key, { use }) => { setCreated(key); setWarnings([]); if (use) onUse(key.key); });
  const time = (text: string | null) => (text ? dateTime(Date.parse(text), zone) : <span className={ui.faint}>never</span>);
  return (
    <Card title="API keys" note="who may send and read">
      {created && <Created created={created} onDone={() => setCreated(null)} />}
      <Warnings texts={warnings} />
      {error && <div className={css.told}><ErrorBox error={error} /></div>}
      {!data && !error && <SkeletonRows rows={3} />}
      {data && data.keys.length > 0 && (
        <Figures label="Keys of the project" rows={data.keys} keyOf={({ id }) => id} columns={[
          { title: 'Name', wrap: true, cell: (row) => <><strong>{oneLine(row.name, 60) || <span className={ui.faint}>no name</span>}</strong> <code className={ui.faint}>{row.id}</code>{row.current && <> <Badge tone="accent">this browser</Badge></>}</> },
          { title: 'Project', cell: ({ project }) => project }, { title: 'May', cell: ({ scopes }) => scopes.replaceAll(',', ', ') },
          { title: 'Created', cell: (row) => time(row.created) }, { title: 'Last used', cell: (row) => time(row.last_used) },
          { title: '', right: true, cell: (row) => <Revoke row={row} onRevoked={setWarnings} /> }]} />)}
      {data && !data.required && (
        <p className={css.told}><Badge tone="warn">Open</Badge> No key is required: whoever reaches this server may read and change everything. The first key ends that: from then on every request needs one, also of agents that send telemetry.</p>)}
      {data && <Form key={`${data.required} ${created?.id}`} first={!data.required} busy={create.isPending} error={create.error} onCreate={(wanted, use) => create.mutate({ wanted, use })} />}
    </Card>
  );
}
