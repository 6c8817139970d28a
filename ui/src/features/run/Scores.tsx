import { useState } from 'react';
import { useAddScore, useScores } from '../../api/hooks';
import type { Score } from '../../api/types';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { Badge, Button, Card, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { shortTime } from '../../lib/time';
import { oneLine, visible } from '../../lib/visible';
import css from './Run.module.css';

interface Target { trace_id: string; span_id?: string }

const shown = ({ kind, value }: Score) => (kind === 'thumbs' ? (value === true || value === 1 || value === 'up' ? '👍 up' : '👎 down') : String(value));

function parseValue(text: string): Score['value'] {
  const number = Number(text);
  if (text.trim() !== '' && !Number.isNaN(number)) return number;
  return text;
}

function Form({ target }: { target: Target }) {
  const add = useAddScore();
  const [name, setName] = useState('helpful');
  const [value, setValue] = useState('');
  const [comment, setComment] = useState('');
  // Only what was sent is cleared: typing may have gone on meanwhile.
  const send = (score: Score['value']) => add.mutate({ ...target, name: name.trim(), value: score, comment, source: 'ui' }, {
    onSuccess: () => {
      setValue((now) => (now === value ? '' : now));
      setComment((now) => (now === comment ? '' : now));
    } });
  return (
    <form className={css.scoreForm} onSubmit={(event) => { event.preventDefault(); if (value) send(parseValue(value)); }}>
      <input className={ui.field} value={name} onChange={(event) => setName(event.target.value)} aria-label="Name of the score" placeholder="Name" required maxLength={200} />
      <input className={ui.field} value={value} onChange={(event) => setValue(event.target.value)} aria-label="Value" placeholder="A number, category or text" />
      <textarea className={`${ui.field} ${css.wide}`} rows={2} value={comment} onChange={(event) => setComment(event.target.value)} aria-label="Comment" placeholder="Comment, if you like" />
      <div className={css.chips}><Button onClick={() => send(true)} disabled={!name.trim() || add.isPending}>👍 Up</Button><Button onClick={() => send(false)} disabled={!name.trim() || add.isPending}>👎 Down</Button></div>
      <Button kind="primary" type="submit" disabled={!value || !name.trim() || add.isPending}>Add the score</Button>
      {add.isError && <div className={css.wide}><ErrorBox error={add.error} /></div>}
    </form>
  );
}

// What people and evaluators thought of the run or span.
export function Scores({ target }: { target: Target }) {
  const { data, error, isPending } = useScores({ ...target });
  const { zone } = usePreferences();
  const now = useNow(60_000);
  return (
    <Card title={target.span_id ? 'Scores of this span' : 'Scores of this run'}>
      <Form target={target} />
      {isPending && <SkeletonRows rows={2} />}
      {error && <ErrorBox error={error} />}
      {data?.scores.map((score) => (
        <div key={score.id} className={css.score}>
          <strong>{visible(score.name)}</strong><span>{oneLine(shown(score))}</span><Badge>{oneLine(score.source, 40)}</Badge>
          {!target.span_id && score.span_id && <Badge>span {score.span_id}</Badge>}
          {score.comment && <span>{visible(score.comment)}</span>}
          <time>{shortTime(Date.parse(score.time), zone, now)}</time>
        </div>
      ))}
      {data?.scores.length === 0 && <div className={css.score}><span className={ui.faint}>No scores yet.</span></div>}
    </Card>
  );
}
