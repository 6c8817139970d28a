import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { useLiveRuns } from '../api/live';
import { Badge, Copy, ui } from '../components/ui';
import { SampleButton } from './SampleButton';
import { kEndpoint, Snippets } from './Snippets';
import css from './FirstSpan.module.css';

// The first page of a new server. Turns into the first run as soon as there is one.
export function WaitingForFirst() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const sampled = useRef(false);  // samples lead to the list of runs, not to the first of them
  const state = useLiveRuns(true, ({ trace_id: traceId }) => {
    if (sampled.current) return;
    void client.invalidateQueries();
    void navigate({ to: '/ui/runs/$traceId', params: { traceId } });
  });
  return (
    <div className={css.first}>
      <Badge tone="live"><i className={ui.pulse} />{state === 'open' ? 'waiting for your first span' : 'connecting'}</Badge>
      <h2>Send your agent’s telemetry here</h2>
      <p>Any OpenTelemetry exporter will do. This page becomes your first run the moment it arrives.</p>
      <div className={css.endpoint}><code>{kEndpoint}</code><Copy text={kEndpoint} label="Copy the URL" /></div>
      <Snippets />
      <div className={css.sample}><SampleButton onSend={() => { sampled.current = true; }} /><span className={ui.faint}>No agent at hand? A few dozen runs of the last hour, of services named sample-…</span></div>
    </div>
  );
}
