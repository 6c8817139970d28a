import { Link } from '@tanstack/react-router';
import type { Run } from '../../api/types';
import { useRun, useTrace } from '../../api/hooks';
import { keepRange } from '../../app/Shell';
import { TextBlock } from '../../components/Messages';
import { Button, Copy, ErrorBox, OpDot, SkeletonRows, StatusBadge, ui } from '../../components/ui';
import { count, duration, exact, usd } from '../../lib/format';
import { buildTrace, isError, nameOf, opOf, tokensAt } from '../../lib/trace';
import { oneLine, visible } from '../../lib/visible';
import { runTitle } from './columns';
import css from './Runs.module.css';

const kShownSpans = 40;

function Outline({ traceId }: { traceId: string }) {
  const { data, error } = useTrace(traceId);
  if (error) return <ErrorBox error={error} />;
  if (!data) return <SkeletonRows rows={5} height={24} />;
  const model = buildTrace(data);
  const rows = [...model.order.subarray(0, kShownSpans)];
  return (
    <section className={css.preview}>
      <h3>Spans{model.count > kShownSpans && `, the first ${kShownSpans} of ${exact(model.count)}`}</h3>
      <div className={css.steps}>
        {rows.map((row) => (
          <Link key={row} className={css.step} to="/ui/runs/$traceId" params={{ traceId }} search={((old: Record<string, string>) => ({ ...keepRange(old), span: model.columns.span_id[row] })) as never}
                style={{ paddingLeft: Math.min(12, model.depth[row]!) * 12, color: isError(model, row) ? 'var(--bad)' : 'inherit' }}>
            <OpDot op={opOf(model, row)} /><span>{oneLine(nameOf(model, row))}</span>
            <b>{tokensAt(model, row) > 0 ? `${count(tokensAt(model, row))} tok · ` : ''}{duration(model.durationMs[row])}</b>
          </Link>
        ))}
      </div>
    </section>
  );
}

function Facts({ run }: { run: Run }) {
  const facts: [string, string][] = [
    ['Duration', duration(run.duration_ms)], ['Tokens', count(run.tokens.total)], ['Cost', usd(run.cost_usd)],
    ['Steps', exact(run.steps)], ['Tool calls', exact(run.tool_calls)], ['Errors', exact(run.errors)],
    ['Session', run.session || '–'], ['User', run.user || '–'], ['Models', run.models.join(', ') || '–'],
  ];
  return <dl className={css.facts}>{facts.map(([name, value]) => <div key={name} className={css.fact}><dt>{name}</dt><dd title={value}>{oneLine(value)}</dd></div>)}</dl>;
}

function Text({ title, text }: { title: string; text: string }) {
  return text ? <section className={css.preview}><h3>{title}</h3><div className={css.previewText}><TextBlock text={text} /></div></section> : null;
}

// Beside the table, which stays alive: another row swaps what is shown.
export function Peek({ traceId, known, onClose }: { traceId: string; known?: Run; onClose: () => void }) {
  const { data, error } = useRun(traceId);
  const run = data ?? known;
  return (
    <aside className={css.peek} aria-label="Run preview">
      <header className={css.peekHead}>
        {run && <StatusBadge status={run.status} />}
        <h2>{run ? oneLine(runTitle(run)) : traceId}</h2>
        <Copy text={traceId} label="Copy the trace id" />
        <Link to="/ui/runs/$traceId" params={{ traceId }} search={keepRange as never} className={`${ui.button} ${ui.primary}`}>Open</Link>
        <Button kind="quiet" icon="close" label="Close the preview" onClick={onClose} />
      </header>
      <div className={css.peekBody} tabIndex={0} role="group" aria-label="Run preview, content">
        {error && !run && <ErrorBox error={error} />}
        {run && <><Facts run={run} />{run.error_message && <section className={css.preview}><h3>Error</h3><div className={css.previewText} data-bad="true" dir="auto">{visible(run.error_message)}</div></section>}<Text title="Input" text={run.input_preview} /><Text title="Output" text={run.output_preview} /></>}
        {run && <Outline traceId={traceId} />}
      </div>
    </aside>
  );
}
