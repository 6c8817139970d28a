import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { apiKey, kBase } from '../api/client';
import { CodeBlock } from '../components/CodeBlock';
import { Card, Copy, Tabs, ui } from '../components/ui';
import { kSnippets, masked } from '../lib/snippets';
import css from './Snippets.module.css';

export const kEndpoint = (location.origin + kBase).replace(/\/$/, '');

// What to paste where telemetry comes from. The key of this browser is in the copy, not on the page.
export function Snippets() {
  const [chosen, setChosen] = useState('env');
  const snippet = kSnippets.find(({ id }) => id === chosen)!;
  const key = apiKey.get();
  return (
    <Card>
      <Tabs label="How to send" value={chosen} options={kSnippets.map(({ id, title }) => [id, title] as const)} onChange={setChosen} />
      <div className={css.head}><p className={`${ui.faint} ${ui.grow}`}>{snippet.note}</p><Copy text={() => snippet.code(kEndpoint, key)} label="Copy the snippet" /></div>
      <CodeBlock text={snippet.code(kEndpoint, masked(key))} />
      {key && <p className={css.key}>The copy has the key of this browser in place of the dots. For an agent, <Link to="/ui/settings">make a key</Link> that may only send.</p>}
    </Card>
  );
}
