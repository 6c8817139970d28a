import { useState } from 'react';
import { apiKey, kBase } from '../api/client';
import { CodeBlock } from '../components/CodeBlock';
import { Card, Copy, Tabs, ui } from '../components/ui';
import { kSnippets } from '../lib/snippets';

export const kEndpoint = (location.origin + kBase).replace(/\/$/, '');

export function Snippets() {
  const [chosen, setChosen] = useState('env');
  const snippet = kSnippets.find(({ id }) => id === chosen)!;
  const code = snippet.code(kEndpoint, apiKey.get() ? 'YOUR_KEY' : '');
  return (
    <Card>
      <Tabs label="How to send" value={chosen} options={kSnippets.map(({ id, title }) => [id, title] as const)} onChange={setChosen} />
      <div style={{ display: 'flex', alignItems: 'center', padding: '8px 8px 0 14px', textAlign: 'left' }}><p className={`${ui.faint} ${ui.grow}`}>{snippet.note}</p><Copy text={code} /></div>
      <CodeBlock text={code} />
    </Card>
  );
}
