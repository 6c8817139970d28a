import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useLiveRuns } from '../api/live';
import { Badge, Copy, ui } from '../components/ui';
import { kEndpoint, Snippets } from './Snippets';
import css from './FirstSpan.module.css';

// The first page of a new server. Turns into the first run as soon as there is one.
export function WaitingForFirst() {
  const navigate = useNavigate();
  const client = useQueryClient();
  const state = useLiveRuns(true, ({ trace_id: traceId }) => {
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
      <p className={ui.faint}>No agent at hand? <code>./dev demo</code> runs four instrumented ones; the curl snippet sends a single span.</p>
    </div>
  );
}
