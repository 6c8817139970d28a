import type { ReactNode } from 'react';
import type { RunFigures } from '../../api/stats';
import { Button, Card } from '../../components/ui';
import { count, duration, exact, percent, usd } from '../../lib/format';
import css from './Home.module.css';

export const kTarget = 0.98;
const kTargetText = `target ${Math.round(kTarget * 100)} %`;

const kEnoughRuns = 10;  // in the period before, to compare with it

function change(now: number | null | undefined, before: number | null | undefined, earlier: RunFigures | undefined): string {
  if (now == null || !before || (earlier?.runs ?? 0) < kEnoughRuns) return '';
  const ratio = now / before - 1;
  if (Math.abs(ratio) < 0.005) return 'same as the period before';
  return ratio > 9.99 ? `${count(now / before)} × the period before` : `${ratio > 0 ? '+' : '−'}${Math.abs(ratio * 100).toFixed(0)} % to before`;
}

const note = (...parts: string[]) => parts.filter(Boolean).join(' · ');

function Tile({ name, note: text, children }: { name: string; note: string; children: ReactNode }) {
  return <Card><div className={css.tile}><div className={css.tileName}>{name}</div><div className={css.tileValue}>{children}</div><div className={css.tileNote} title={text}>{text}</div></div></Card>;
}

export function Tiles({ now, before, hours, onErrors }: { now: RunFigures; before?: RunFigures; hours: number; onErrors: () => void }) {
  const success = now.runs > 0 ? 1 - now.errors / now.runs : null;
  const earlier = before && before.runs >= kEnoughRuns ? 1 - before.errors / before.runs : null;
  const points = success != null && earlier != null ? (success - earlier) * 100 : null;
  return (
    <div className={css.tiles}>
      <Tile name="Runs" note={note(change(now.runs, before?.runs, before)) || 'in this time range'}>{exact(now.runs)}</Tile>
      <Tile name="Success rate" note={points == null ? kTargetText : `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} points, ${kTargetText}`}>
        <span className={success != null && success < kTarget ? css.poor : css.good}>{percent(success)}</span>
        {now.errors > 0 && <Button kind="quiet" onClick={onErrors}>{exact(now.errors)} failed</Button>}
      </Tile>
      <Tile name="Latency" note={note(`p99 ${duration(now.duration_ms?.p99)}`, change(now.duration_ms?.p95, before?.duration_ms?.p95, before))}>{duration(now.duration_ms?.p50)}<small>p95 {duration(now.duration_ms?.p95)}</small></Tile>
      <Tile name="Tokens" note={note(`${count(now.tokens.total / Math.max(1, now.runs))} a run`, change(now.tokens.total, before?.tokens.total, before))}>{count(now.tokens.total)}</Tile>
      <Tile name="Cost" note={now.cost_usd ? note(`${usd(now.cost_usd / Math.max(1, now.runs))} a run, ${usd(now.cost_usd / hours)}/h`, change(now.cost_usd, before?.cost_usd, before)) : 'no call cost anything'}>{usd(now.cost_usd)}</Tile>
    </div>
  );
}
