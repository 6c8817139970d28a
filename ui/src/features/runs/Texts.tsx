import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTextSearch } from '../../api/hooks';
import { useNow } from '../../app/clock';
import { usePreferences } from '../../app/preferences';
import { keepRange } from '../../app/Shell';
import { Badge, Button, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { exact, plural } from '../../lib/format';
import { shortTime } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import css from './Texts.module.css';

export const kAnything = ' ';  // open, and nothing asked yet

// A snippet with what was found marked, whatever its case.
function Marked({ text, wanted }: { text: string; wanted: string }) {
  const at = text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) return <>{text}</>;
  return <>{text.slice(0, at)}<mark>{text.slice(at, at + wanted.length)}</mark>{text.slice(at + wanted.length)}</>;
}

// Finds a text in what went in and came out of spans, uncut.
export function Texts({ q, since, until, onSearch }: { q: string; since: string; until: string | undefined; onSearch: (q: string) => void }) {
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const wanted = q.trim();
  const [typed, setTyped] = useState(wanted);
  const { data, error, isFetching, refetch } = useTextSearch(wanted, since, until);
  const said = () => {
    if (!data) return '';
    const rest = data.complete ? '' : `; looked at ${plural(data.scanned.spans, 'span')}${data.scanned.since ? ` back to ${shortTime(Date.parse(data.scanned.since), zone, now)}` : ''}, not at all of them`;
    return `${plural(data.matches.length, 'place')}${rest}`;
  };
  return (
    <section className={css.panel} aria-label="Inside prompts and answers">
      <form className={css.tools} onSubmit={(event) => { event.preventDefault(); onSearch(typed.trim() || kAnything); }}>
        <input className={ui.field} autoFocus={wanted === ''} value={typed} onChange={(event) => setTyped(event.target.value)} placeholder="A text inside prompts, answers, tool arguments or results" aria-label="Text to look for" />
        <Button type="submit" kind="primary" disabled={!typed.trim()}>{isFetching ? 'Looking' : 'Look'}</Button>
        <span className={`${ui.faint} ${ui.grow}`} role="status">{said()}</span>
        <Button kind="quiet" icon="close" label="Close the text search" onClick={() => onSearch('')} />
      </form>
      {error && !data && <div className={css.pad}><ErrorBox error={error} onRetry={() => void refetch()} /></div>}
      {wanted !== '' && !data && !error && <SkeletonRows rows={3} height={28} />}
      {data && data.matches.length === 0 && <p className={css.pad}>No input or output in this time range holds “{oneLine(wanted, 60)}”.</p>}
      {data && data.matches.length > 0 && (
        <ul className={css.list} tabIndex={0} aria-label={`${exact(data.matches.length)} places`}>
          {data.matches.map((match) => (
            <li key={`${match.span_id} ${match.field}`}>
              <Link to="/ui/runs/$traceId" params={{ traceId: match.trace_id }} search={((old: Record<string, string>) => ({ ...keepRange(old), span: match.span_id })) as never}>
                <time>{shortTime(Date.parse(match.start), zone, now)}</time><strong>{oneLine(match.name, 40)}</strong><Badge>{match.field.replace(/_/g, ' ')}</Badge><span><Marked text={oneLine(match.snippet)} wanted={wanted} /></span>
              </Link>
            </li>))}
        </ul>)}
    </section>
  );
}
