import type { Document, Span } from '../../api/types';
import { MessageList, TextBlock, ToolCall, toolNames } from '../../components/Messages';
import { JsonView } from '../../components/JsonView';
import { Badge, Copy, Empty } from '../../components/ui';
import { plural } from '../../lib/format';
import { conversationOf, documentsOf, toolIoOf } from '../../lib/messages';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

function Documents({ documents }: { documents: Document[] }) {
  return (
    <section className={css.section}>
      <h3>{plural(documents.length, 'document')}</h3>
      {documents.map((document, i) => (
        <div key={i} className={css.document}>
          <header><span style={{ flex: 1 }}>{oneLine(String(document.id ?? `document ${i + 1}`))}</span>{document.score != null && <Badge>score {Number(document.score).toFixed(3)}</Badge>}</header>
          {document.content != null && <TextBlock text={String(document.content)} />}
        </div>
      ))}
    </section>
  );
}

// What went in and what came out, whatever kind of span it is.
export function SpanContent({ span, op }: { span: Span; op: string }) {
  const documents = documentsOf(span);
  if (op === 'tool' || op === 'retrieval' || op === 'rerank' || op === 'embedding') {
    const io = toolIoOf(span);
    if (!io && documents.length === 0) return <Nothing span={span} />;
    return (
      <div className={css.stack}>
        {io?.arguments != null && <section className={css.section}><h3>Arguments</h3><ToolCall kind="calls" name={String(span.attributes['tool.name'] ?? span.attributes['gen_ai.tool.name'] ?? span.name)} value={io.arguments} /></section>}
        {documents.length > 0 && <Documents documents={documents} />}
        {io?.result != null && documents.length === 0 && <section className={css.section}><h3>Result<Copy text={() => JSON.stringify(io.result, null, 2)} /></h3><ToolCall kind="returns" name="" value={io.result} /></section>}
      </div>
    );
  }
  const conversation = conversationOf(span);
  if (!conversation) return <Nothing span={span} />;
  const names = toolNames([...conversation.input, ...conversation.output]);
  return (
    <div className={css.stack}>
      {conversation.input.length > 0 && <section className={css.section}><h3>Input</h3><MessageList messages={conversation.input} names={names} /></section>}
      {conversation.output.length > 0 && <section className={css.section}><h3>Output</h3><MessageList messages={conversation.output} names={names} /></section>}
      {documents.length > 0 && <Documents documents={documents} />}
    </div>
  );
}

function Nothing({ span }: { span: Span }) {
  const keys = Object.keys(span.attributes).length;
  return keys === 0 ? <Empty title="No content">This span carries no attributes.</Empty> : (
    <section className={css.section}><h3>Attributes</h3><JsonView value={span.attributes} /></section>
  );
}
