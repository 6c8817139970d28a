import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { get } from '../../api/client';
import { spanQuery, useSessionRuns } from '../../api/hooks';
import type { Run, Trace } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange, View } from '../../app/Shell';
import { TextBlock } from '../../components/Messages';
import { Badge, Copy, Empty, ErrorBox, SkeletonRows, StatusBadge, ui } from '../../components/ui';
import { count, duration, plural, usd } from '../../lib/format';
import { conversationOf } from '../../lib/messages';
import { shortTime } from '../../lib/time';
import { oneLine, visible } from '../../lib/visible';
import css from './Session.module.css';

// The server keeps the first 200 characters of a run on one line; longer texts, and those whose
// lines matter, are read from the root span.
const kPreviewLength = 200;
const kStructured = /(^|\s)(\d+\.|[-*|#>]|```)\s/;

// The whole of what was asked and answered, where the preview is cut.
function useWhole(run: Run, needed: boolean) {
  const trace = useQuery({ queryKey: ['trace', run.trace_id], enabled: needed, structuralSharing: false, queryFn: ({ signal }) => get<Trace>(`traces/${run.trace_id}`, {}, signal) });
  const row = trace.data?.columns.parent_row.indexOf(-1) ?? -1;
  const spanId = row >= 0 ? trace.data!.columns.span_id[row]! : '';
  const span = useQuery({ ...spanQuery(run.trace_id, spanId), enabled: needed && spanId !== '' });
  const conversation = span.data ? conversationOf(span.data) : null;
  const texts = (messages: { role: string; parts: { type: string; text?: string }[] }[] | undefined, role: string) =>
    (messages ?? []).filter((message) => message.role === role).at(-1)?.parts.filter(({ type }) => type === 'text').map(({ text }) => text ?? '').join('\n');
  return { input: texts(conversation?.input, 'user'), output: texts(conversation?.output, 'assistant') };
}

const longer = (whole: string | undefined, preview: string) => (whole && whole.length >= preview.length ? whole : preview);

function Turn({ run }: { run: Run }) {
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const cut = [run.input_preview, run.output_preview].some((text) => text.length >= kPreviewLength || kStructured.test(text));
  const whole = useWhole(run, cut);
  return (
    <section className={css.turn} aria-label={`Run ${run.trace_id}`}>
      <header className={css.meta}>
        <time dateTime={run.start}>{shortTime(Date.parse(run.start), zone, now)}</time>
        <span>{oneLine(run.agent || run.root_name, 60)}</span>
        <hr />
        {run.status !== 'ok' && <StatusBadge status={run.status} />}
        <span>{[duration(run.duration_ms), plural(run.steps, 'step'), run.tool_calls > 0 && plural(run.tool_calls, 'tool call'), run.tokens.total > 0 && `${count(run.tokens.total)} tokens`, run.cost_usd > 0 && usd(run.cost_usd)].filter(Boolean).join(' · ')}</span>
        <Link to="/ui/runs/$traceId" params={{ traceId: run.trace_id }} search={keepRange as never}>Open</Link>
      </header>
      <div className={`${css.bubble} ${css.user}`}>{run.input_preview ? <TextBlock text={longer(whole.input, run.input_preview)} /> : <span className={css.none}>no input was recorded</span>}</div>
      {run.output_preview ? <div className={css.bubble}><TextBlock text={longer(whole.output, run.output_preview)} /></div>
        : run.error_message ? <div className={`${css.bubble} ${css.bad}`}>{visible(run.error_message)}</div>
          : <div className={css.bubble}><span className={css.none}>{run.status === 'live' ? 'still running' : 'no output was recorded'}</span></div>}
    </section>
  );
}

// A session as the conversation it was.
export function Session() {
  const { session } = useParams({ strict: false }) as { session: string };
  const { data, error, isPending, refetch } = useSessionRuns(session);
  const runs = data?.runs ?? [];
  const sum = (value: (run: Run) => number) => runs.reduce((total, run) => total + value(run), 0);
  const failed = runs.filter(({ status }) => status === 'error').length;
  return (
    <View timed={false} parent={{ to: '/ui/sessions', title: 'Sessions' }} title={oneLine(session)} actions={<Copy text={session} label="Copy the session id" />}>
      {error && <div style={{ padding: 16 }}><ErrorBox error={error} onRetry={() => void refetch()} /></div>}
      {isPending && <SkeletonRows />}
      {data && runs.length === 0 && <Empty title="There is no such session" actions={<Link to="/ui/sessions" search={keepRange as never} className={ui.button}>All sessions</Link>} />}
      {runs.length > 0 && (
        <>
          <div className={css.facts}>
            <span><b>{plural(runs.length, 'run')}{data?.next_cursor && ', the first'}</b></span><span><b>{count(sum(({ tokens }) => tokens.total))}</b>tokens</span>
            <span><b>{usd(sum(({ cost_usd: cost }) => cost))}</b>cost</span><span><b>{duration(sum(({ duration_ms: ms }) => ms))}</b>at work</span>
            {runs[0]!.user && <span><b>{oneLine(runs[0]!.user)}</b>user</span>}{failed > 0 && <Badge tone="bad">{failed} failed</Badge>}
          </div>
          <div className={css.page}>{runs.map((run) => <Turn key={run.trace_id} run={run} />)}</div>
        </>
      )}
    </View>
  );
}
