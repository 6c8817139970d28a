import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { apiKey, apiUrl } from '../../api/client';
import { useStatus } from '../../api/hooks';
import { usePreferences, setPreferences, type Theme } from '../../app/preferences';
import { View } from '../../app/Shell';
import { Badge, Button, Card, ErrorBox, Segments, SkeletonRows, ui } from '../../components/ui';
import { bytes, duration, exact } from '../../lib/format';
import type { Zone } from '../../lib/time';
import { Deletion } from './Deletion';
import { Keys } from './Keys';
import { Retention } from './Retention';
import css from './Settings.module.css';

const kThemes = [['system', 'As the system'], ['light', 'Light'], ['dark', 'Dark']] as const satisfies readonly (readonly [Theme, string])[];
const kZones = [['local', 'Local time'], ['utc', 'UTC']] as const satisfies readonly (readonly [Zone, string])[];

function Row({ name, children }: { name: string; children: ReactNode }) {
  return <div className={css.row}><span>{name}</span><div className={css.control}>{children}</div></div>;
}

function Key({ kept, onUse }: { kept: boolean; onUse: (key: string) => void }) {
  const [typed, setTyped] = useState('');
  const save = (key: string) => { onUse(key.trim()); setTyped(''); };
  return (
    <form style={{ display: 'contents' }} onSubmit={(event) => { event.preventDefault(); save(typed); }}>
      <input className={ui.field} type="password" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} aria-label="API key" placeholder={kept ? 'a key is set' : 'none: fine while the server requires none'} />
      <Button type="submit" disabled={!typed.trim()}>Use this key</Button>{kept && <Button onClick={() => save('')}>Forget it</Button>}
    </form>
  );
}

export function Settings() {
  const { theme, zone, markdown } = usePreferences();
  const { data, error } = useStatus(5000);
  const client = useQueryClient();
  const [kept, setKept] = useState(apiKey.get() !== '');
  const use = (key: string) => { apiKey.set(key); setKept(key !== ''); void client.resetQueries(); };
  return (
    <View title="Settings" timed={false}>
      <div className={css.page}>
        <Card title="This browser">
          <Row name="Theme"><Segments label="Theme" value={theme} options={kThemes} onChange={(next) => setPreferences({ theme: next })} /></Row>
          <Row name="Times"><Segments label="Times" value={zone} options={kZones} onChange={(next) => setPreferences({ zone: next })} /></Row>
          <Row name="Messages"><Segments label="Messages" value={markdown ? 'markdown' : 'plain'} options={[['markdown', 'Markdown'], ['plain', 'Plain text']]} onChange={(next) => setPreferences({ markdown: next === 'markdown' })} /></Row>
          <Row name="API key"><Key kept={kept} onUse={use} /></Row>
        </Card>
        <Card title="Server">
          {error && <div style={{ padding: 12 }}><ErrorBox error={error} /></div>}
          {!data && !error && <SkeletonRows rows={4} />}
          {data && (
            <>
              <Row name="Version">{data.version}{data.commit && <code>{data.commit}</code>}{data.ready ? <Badge tone="ok">ready</Badge> : <Badge tone="warn">not ready</Badge>}</Row>
              <Row name="Up for">{duration(data.uptime_seconds * 1000)}</Row>
              <Row name="Stored">{exact(data.store.runs)} runs, {exact(data.store.spans)} spans, {exact(data.store.logs)} log records, {exact(data.store.points)} metric points</Row>
              <Row name="On disk">{bytes(data.store.disk_bytes)} in {exact(data.store.segments)} segments</Row>
              {data.store.write_error && <Row name="Cannot store"><Badge tone="bad">{data.store.write_error}</Badge></Row>}
              <Row name="Programs use"><a href={apiUrl('openapi.json')} target="_blank" rel="noopener noreferrer">OpenAPI document</a></Row>
            </>
          )}
        </Card>
        <Keys onUse={use} />
        <Retention />
        <Card title="Prices" note="what models cost">
          <Row name="Prices"><Link to="/ui/cost" search={{ view: 'prices' } as never}>Prices of models</Link></Row>
        </Card>
        <Deletion />
      </div>
    </View>
  );
}
