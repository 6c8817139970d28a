import { useState } from 'react';
import type { Message, MessagePart } from '../api/types';
import { usePreferences } from '../app/preferences';
import { bytes, plural } from '../lib/format';
import { parseMaybe } from '../lib/messages';
import { oneLine, visible } from '../lib/visible';
import { JsonView, MediaChip, mediaOf } from './JsonView';
import { Markdown } from './Markdown';
import { Badge, Button, Copy } from './ui';
import css from './Messages.module.css';

const kClampLength = 1800;
const kKeptAtEnds = 3;  // of a long history, the last messages stay visible

const kRoleNames: Record<string, string> = { system: 'System', user: 'User', assistant: 'Assistant', tool: 'Tool' };

// Text of a message: JSON as a tree, markdown or plain as the reader prefers.
export function TextBlock({ text }: { text: string }) {
  const { markdown } = usePreferences();
  const [all, setAll] = useState(false);
  const media = mediaOf(text);
  if (media) return <MediaChip {...media} />;
  const parsed = /^\s*[[{]/.test(text) ? parseMaybe(text) : text;
  if (typeof parsed === 'object' && parsed !== null) return <JsonView value={parsed} />;
  const long = text.length > kClampLength;
  return (
    <>
      <div className={long && !all ? css.clamped : undefined}>
        {markdown ? <Markdown text={long && !all ? text.slice(0, 4 * kClampLength) : text} /> : <div className={css.plain} dir="auto">{visible(long && !all ? text.slice(0, 4 * kClampLength) : text)}</div>}
      </div>
      {long && <button type="button" className={css.more} aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Show less' : `Show all ${bytes(text.length)}`}</button>}
    </>
  );
}

function Value({ value }: { value: unknown }) {
  if (value == null || value === '') return <span className={css.label}>nothing</span>;
  return typeof value === 'string' ? <TextBlock text={value} /> : <JsonView value={value} />;
}

export function ToolCall({ name, id, value, kind }: { name: string; id?: string; value: unknown; kind: 'calls' | 'returns' }) {
  return (
    <div className={css.call}>
      <div className={css.callHead}><span>{kind}</span>{name && <code>{oneLine(name)}</code>}{id && <small title={id}>{oneLine(id)}</small>}</div>
      <div className={css.callBody}><Value value={value} /></div>
    </div>
  );
}

// Pictures inside the telemetry can be shown on request; what lies elsewhere is never fetched.
function Media({ part }: { part: MessagePart }) {
  const [shown, setShown] = useState(false);
  const uri = typeof part.uri === 'string' ? part.uri : typeof part.content === 'string' ? part.content : '';
  const type = part.mime_type ?? part.type;
  const inside = /^data:image\/(png|jpeg|gif|webp|avif);base64,/.test(uri);
  const bare = !inside && /^image\/(png|jpeg|gif|webp|avif)$/.test(type) && /^[A-Za-z0-9+/=\s]{64,}$/.test(uri.slice(0, 400));
  if (!inside && !bare) return <MediaChip type={type} size={part.size ?? uri.length}><span>{uri.startsWith('data:') ? '' : oneLine(uri, 120)}</span></MediaChip>;
  return (
    <div>
      <MediaChip type={type} size={Math.floor(uri.length * 0.75)}><Button kind="quiet" onClick={() => setShown(!shown)}>{shown ? 'Hide' : 'Show'}</Button></MediaChip>
      {shown && <img className={css.image} src={inside ? uri : `data:${type};base64,${uri}`} alt="From the message" />}
    </div>
  );
}

function Part({ part, names }: { part: MessagePart; names: Map<string, string> }) {
  const text = part.text ?? (typeof part.content === 'string' ? part.content : '');
  switch (part.type) {
    case 'text': return <TextBlock text={text} />;
    case 'reasoning': return <details className={css.reasoning}><summary>Reasoning, {bytes(text.length)}</summary><TextBlock text={text} /></details>;
    case 'tool_call': return <ToolCall kind="calls" name={part.name ?? ''} id={part.id} value={parseMaybe(part.arguments)} />;
    case 'tool_result': return <ToolCall kind="returns" name={part.name || names.get(part.id ?? '') || ''} id={part.id} value={parseMaybe(part.result ?? part.content ?? part.text)} />;
    case 'image': case 'file': case 'audio': case 'video': return <Media part={part} />;
    default: return <JsonView value={part.content ?? part} />;
  }
}

const asText = (message: Message) => message.parts.map((part) =>
  part.text ?? (part.type === 'tool_call' ? `${part.name}(${JSON.stringify(part.arguments)})` : JSON.stringify(part.result ?? part.content ?? ''))).join('\n');

export function MessageCard({ message, names, fresh = false }: { message: Message; names: Map<string, string>; fresh?: boolean }) {
  return (
    <article className={css.message} data-role={message.role}>
      <header className={css.head} data-role={message.role}>
        <span>{kRoleNames[message.role] ?? visible(message.role)}{message.name ? ` · ${oneLine(message.name)}` : ''}</span>
        {fresh && <Badge tone="accent">new</Badge>}
        {message.finish_reason && <Badge>{oneLine(message.finish_reason, 40)}</Badge>}
        <Copy text={() => asText(message)} label="Copy the message" />
      </header>
      <div className={css.body}>
        {message.parts.map((part, i) => <Part key={i} part={part} names={names} />)}
        {message.parts.length === 0 && <span className={css.label}>empty</span>}
      </div>
    </article>
  );
}

export function toolNames(messages: readonly Message[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { parts } of messages) {
    for (const { type, id, name } of parts) if (type === 'tool_call' && id && name) names.set(id, name);
  }
  return names;
}

// Messages with the middle of a long history folded. `known` at the front were in the call before.
export function MessageList({ messages, known = 0, names }: { messages: readonly Message[]; known?: number; names: Map<string, string> }) {
  const [open, setOpen] = useState(false);
  const hidden = known > 0 ? known : messages.length > 2 * kKeptAtEnds + 2 ? messages.length - kKeptAtEnds - 1 : 0;
  const first = known > 0 ? 0 : 1;  // without a previous call the first message, often the system's, stays
  const folded = hidden > first ? hidden - first : 0;
  return (
    <div className={css.list}>
      {messages.map((message, i) => {
        if (folded > 0 && i >= first && i < first + folded) {
          if (open) return <MessageCard key={i} message={message} names={names} />;
          return i === first ? <button key={i} type="button" className={css.fold} onClick={() => setOpen(true)}>{plural(folded, 'message')} {known > 0 ? 'from the call before' : 'between'}, show</button> : null;
        }
        return <MessageCard key={i} message={message} names={names} />;
      })}
    </div>
  );
}
