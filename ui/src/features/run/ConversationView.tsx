import { useEffect, useMemo, useRef, useState } from 'react';
import { useSpan } from '../../api/hooks';
import { MessageList, toolNames } from '../../components/Messages';
import { Badge, Button, Empty, ErrorBox, OpDot, SkeletonRows } from '../../components/ui';
import { count, duration, plural, usd } from '../../lib/format';
import { conversationOf, inherited } from '../../lib/messages';
import { owners } from '../../lib/graph';
import { phaseOf, type Phase, type Playhead } from '../../lib/playhead';
import { isError, nameOf, numberAt, opOf, text, tokensAt, type TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import { useHead } from './PlayBar';
import css from './Run.module.css';

const kPage = 12;

interface Turn { row: number; previous: number; agent: string }

// LLM calls in order of time, each with the call before it of the same agent. Without any, the roots.
function turnsOf(model: TraceModel): Turn[] {
  const owner = owners(model);
  const calls = [...Array(model.count).keys()].filter((row) => opOf(model, row) === 'llm');
  const rows = calls.length > 0 ? calls : [...model.order].filter((row) => model.parent[row]! < 0);
  const last = new Map<string, number>();
  return rows.map((row) => {
    const turn = { row, previous: last.get(owner[row]!) ?? -1, agent: owner[row]! };
    last.set(owner[row]!, row);
    return turn;
  });
}

function TurnView({ traceId, model, turn, n, phase, follow, onSelect }: {
  traceId: string; model: TraceModel; turn: Turn; n: number; phase?: Phase; follow: boolean; onSelect: (row: number) => void;
}) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => { if (follow && phase === 'now') section.current?.scrollIntoView({ block: 'nearest' }); }, [follow, phase]);
  const { columns } = model;
  const { data: span, error } = useSpan(traceId, columns.span_id[turn.row]!);
  const before = useSpan(traceId, turn.previous >= 0 ? columns.span_id[turn.previous]! : '');
  const conversation = useMemo(() => (span ? conversationOf(span) : null), [span]);
  const earlier = useMemo(() => (before.data ? conversationOf(before.data) : null), [before.data]);
  const known = conversation && earlier ? inherited(earlier, conversation.input) : 0;
  const names = useMemo(() => toolNames([...(conversation?.input ?? []), ...(conversation?.output ?? [])]), [conversation]);
  const tokens = tokensAt(model, turn.row);
  const cost = numberAt(columns.cost_usd, turn.row);
  return (
    <section ref={section} className={css.turn} aria-label={`Call ${n}`} data-phase={phase}>
      <header className={css.turnHead}>
        <OpDot op={opOf(model, turn.row)} />
        <button type="button" onClick={() => onSelect(turn.row)}>{n}. {oneLine(turn.agent || nameOf(model, turn.row), 60)}</button>
        <span>{oneLine(text(columns.model, turn.row), 40)}</span>
        {isError(model, turn.row) && <Badge tone="bad">failed</Badge>}
        <hr />
        <span>{[duration(model.durationMs[turn.row]), tokens > 0 && `${count(tokens)} tokens`, (cost ?? 0) > 0 && usd(cost)].filter(Boolean).join(' · ')}</span>
      </header>
      {error && <ErrorBox error={error} />}
      {!span && !error && <SkeletonRows rows={3} />}
      {span && !conversation && <p className={css.turnHead}>The instrumentation recorded no messages for this call.</p>}
      {conversation && <MessageList messages={conversation.input} known={known} names={names} />}
      {conversation && conversation.output.length > 0 && <MessageList messages={conversation.output} names={names} />}
    </section>
  );
}

// The run as a dialogue: for each call what is new in it, and the answer.
export function ConversationView({ traceId, model, playhead, onSelect }: { traceId: string; model: TraceModel; playhead: Playhead; onSelect: (row: number) => void }) {
  const head = useHead(playhead);
  const turns = useMemo(() => turnsOf(model), [model]);
  const [shown, setShown] = useState(kPage);
  // While the play head is out, only what has begun is there.
  const begunAll = head.on ? turns.findLastIndex(({ row }) => model.startMs[row]! <= head.at) + 1 : turns.length;
  useEffect(() => { if (head.playing && begunAll > shown) setShown(begunAll + kPage); }, [head.playing, begunAll, shown]);
  if (turns.length === 0) return <Empty title="No conversation">This run has no spans yet.</Empty>;
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label="Conversation">
      <div className={css.narrow}>
        {turns.slice(0, Math.min(shown, begunAll)).map((turn, i) => <TurnView key={turn.row} traceId={traceId} model={model} turn={turn} n={i + 1} follow={head.playing} phase={head.on ? phaseOf(model, turn.row, head.at) : undefined} onSelect={onSelect} />)}
        {begunAll < turns.length && <p className={css.later}>{plural(turns.length - begunAll, 'call')} later in the run</p>}
        {shown < begunAll && <Button onClick={() => setShown(shown + 4 * kPage)}>Show more of {plural(turns.length, 'call')}</Button>}
      </div>
    </div>
  );
}
