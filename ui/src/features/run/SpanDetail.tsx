import { useState } from 'react';
import { useLogs, useScores, useSpan } from '../../api/hooks';
import type { Span } from '../../api/types';
import { setPreferences, usePreferences } from '../../app/preferences';
import { KeyValues } from '../../components/KeyValues';
import { LogLines } from '../../components/LogLines';
import { Badge, Copy, Empty, ErrorBox, OpDot, SkeletonRows, Tabs, ui } from '../../components/ui';
import { count, duration, usd } from '../../lib/format';
import { isEndless, numberAt, opOf, text, type TraceModel } from '../../lib/trace';
import { dateTime } from '../../lib/time';
import { oneLine, visible } from '../../lib/visible';
import { CodeBlock } from '../../components/CodeBlock';
import { CostBreakdown } from './CostBreakdown';
import { MappingView } from './MappingView';
import { Scores } from './Scores';
import { SpanContent } from './SpanContent';
import css from './Run.module.css';

type Tab = 'content' | 'attributes' | 'cost' | 'mapping' | 'events' | 'logs' | 'scores' | 'raw';

function Chips({ model, row }: { model: TraceModel; row: number }) {
  const { columns } = model;
  const tokens = [['in', columns.input_tokens], ['out', columns.output_tokens], ['cached', columns.cache_read_tokens], ['reasoning', columns.reasoning_tokens]] as const;
  const total = numberAt(columns.total_tokens, row);
  const parts = tokens.map(([name, column]) => [name, numberAt(column, row)] as const).filter(([, n]) => (n ?? 0) > 0).map(([name, n]) => `${count(n)} ${name}`);
  const cost = numberAt(columns.cost_usd, row);
  const first = numberAt(columns.time_to_first_token_ns, row);
  return (
    <div className={css.chips}>
      <Badge>{opOf(model, row)}</Badge>
      <Badge title="start after the run began">at {duration(model.startMs[row])}</Badge>
      {isEndless(model, row) && <Badge tone="warn" title="it came without an end, or with one before its start">no end</Badge>}
      <Badge title="without the time of children">{duration(model.durationMs[row])}{model.childCount[row]! > 0 ? `, self ${duration(model.selfMs[row])}` : ''}</Badge>
      {text(columns.model, row) && <Badge>{oneLine(text(columns.model, row), 60)}</Badge>}
      {text(columns.tool, row) && <Badge>{oneLine(text(columns.tool, row), 60)}</Badge>}
      {parts.length > 0 ? <Badge>{parts.join(' · ')} tokens</Badge> : (total ?? 0) > 0 && <Badge>{count(total)} tokens</Badge>}
      {(cost ?? 0) > 0 && <Badge>{usd(cost)}</Badge>}
      {first != null && <Badge>first token after {duration(first / 1e6)}</Badge>}
      {text(columns.finish_reason, row) && <Badge>{oneLine(text(columns.finish_reason, row), 40)}</Badge>}
    </div>
  );
}

function Events({ span }: { span: Span }) {
  const { zone } = usePreferences();
  if (span.events.length === 0 && span.links.length === 0) return <Empty title="No events">This span recorded none.</Empty>;
  return (
    <div className={css.stack}>
      {span.events.map((event, i) => (
        <div key={i} className={css.event} data-bad={event.name === 'exception'}>
          <header>{visible(event.name)}<time>{dateTime(Date.parse(event.time), zone, true)}</time></header>
          {typeof event.attributes['exception.stacktrace'] === 'string' && <CodeBlock text={event.attributes['exception.stacktrace']} wrap />}
          <KeyValues values={event.attributes} />
        </div>
      ))}
      {span.links.map((link, i) => <div key={i} className={css.event}><header>link to {link.trace_id} {link.span_id}</header><KeyValues values={link.attributes} /></div>)}
    </div>
  );
}

function Attributes({ span }: { span: Span }) {
  const [filter, setFilter] = useState('');
  return (
    <div className={css.stack}>
      <input className={ui.field} value={filter} placeholder="Filter attributes" aria-label="Filter attributes" onChange={(event) => setFilter(event.target.value)} />
      <section className={css.section}><h3>Span</h3><KeyValues values={span.attributes} filter={filter} /></section>
      <section className={css.section}><h3>Resource</h3><KeyValues values={span.resource.attributes} filter={filter} /></section>
      <section className={css.section}><h3>Scope</h3><KeyValues values={{ name: span.scope.name, version: span.scope.version, ...span.scope.attributes }} filter={filter} /></section>
    </div>
  );
}

function Logs({ traceId, spanId }: { traceId: string; spanId: string }) {
  const logs = useLogs({ trace_id: traceId, span_id: spanId, order: 'asc' });
  if (logs.isPending) return <SkeletonRows rows={3} />;
  if (logs.isError) return <ErrorBox error={logs.error} />;
  const records = logs.data.pages.flatMap((page) => page.logs);
  return records.length === 0 ? <Empty title="No logs">No log record names this span.</Empty> : <LogLines logs={records} />;
}

export function SpanDetail({ traceId, model, row, actions }: { traceId: string; model: TraceModel; row: number; actions?: React.ReactNode }) {
  const spanId = model.columns.span_id[row]!;
  const { data: span, error, refetch } = useSpan(traceId, spanId);
  const { markdown } = usePreferences();
  const [tab, setTab] = useState<Tab>('content');
  const scores = useScores({ trace_id: traceId, span_id: spanId });
  const message = text(model.columns.status_message, row);
  const body = () => {
    if (error && !span) return <ErrorBox error={error} onRetry={() => void refetch()} />;
    if (tab === 'logs') return <Logs traceId={traceId} spanId={spanId} />;
    if (tab === 'scores') return <Scores target={{ trace_id: traceId, span_id: spanId }} />;
    if (!span) return <SkeletonRows rows={6} />;
    if (tab === 'attributes') return <Attributes span={span} />;
    if (tab === 'mapping') return <MappingView traceId={traceId} spanId={spanId} />;
    if (tab === 'cost') {
      return span.cost ? <CostBreakdown cost={span.cost} model={text(model.columns.model, row)} /> : <Empty title="No cost">Calls to models cost something; this span is none, or used nothing.</Empty>;
    }
    if (tab === 'events') return <Events span={span} />;
    if (tab === 'raw') return <CodeBlock text={JSON.stringify(span, null, 2)} wrap />;
    return <SpanContent span={span} op={opOf(model, row)} />;
  };
  return (
    <>
      <header className={css.spanHead}>
        <div className={css.spanTitle}>
          <OpDot op={opOf(model, row)} />
          <h2 title={text(model.columns.name, row)}>{oneLine(text(model.columns.name, row), 200)}</h2>
          {tab === 'content' && <button type="button" className={`${ui.button} ${ui.quiet}`} aria-pressed={markdown} onClick={() => setPreferences({ markdown: !markdown })}>Markdown</button>}
          {tab === 'raw' && span && <Copy text={() => JSON.stringify(span, null, 2)} label="Copy the span" />}
          <Copy text={() => location.href} label="Copy the link to this span" />
          {actions}
        </div>
        <Chips model={model} row={row} />
      </header>
      {message && <div className={css.problem}>{visible(message)}</div>}
      <Tabs label="Details" value={tab} onChange={setTab}
            options={[['content', 'Content'], ['attributes', 'Attributes', span ? Object.keys(span.attributes).length : 0], ...(span?.cost || tab === 'cost' ? [['cost', 'Cost'] as const] : []), ['mapping', 'Mapping'], ['events', 'Events', span ? span.events.length + span.links.length : 0], ['logs', 'Logs'], ['scores', 'Scores', scores.data?.scores.length ?? 0], ['raw', 'Raw']]} />
      <div className={css.scroll} tabIndex={0} role="tabpanel" aria-label={tab}>{body()}</div>
    </>
  );
}
