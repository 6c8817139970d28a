import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useCommands } from '../commands/registry';
import { Icon } from '../components/icons';
import { Button, Segments, ui } from '../components/ui';
import { dateTime, kDefaultSince, kPresets, parseRange, rangeLabel, type Zone } from '../lib/time';
import { setPreferences, usePreferences } from './preferences';
import { useRange } from './url';
import css from './Shell.module.css';

const kZones = [['local', 'Local'], ['utc', 'UTC']] as const satisfies readonly (readonly [Zone, string])[];

// One range for all views. The range shown is the range applied.
export function TimePicker() {
  const { range, setRange, from, to } = useRange();
  const { zone } = usePreferences();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState('');
  const shift = (by: number) => {
    const width = to - from;
    setRange({ since: new Date(from + by * width).toISOString(), until: new Date(Math.min(to + by * width, Date.now())).toISOString() });
  };
  const widen = () => setRange({ since: new Date(from - (to - from) / 2).toISOString(), until: range.until && new Date(to + (to - from) / 2).toISOString() });
  useCommands([
    { id: 'time.open', title: 'Choose the time range', group: 'Time', keys: 't t', run: () => setOpen(true) },
    { id: 'time.out', title: 'Zoom out', group: 'Time', keys: 't z', run: widen },
    { id: 'time.back', title: 'Earlier', group: 'Time', keys: 't ArrowLeft', run: () => shift(-0.5) },
    { id: 'time.forth', title: 'Later', group: 'Time', keys: 't ArrowRight', run: () => shift(0.5) },
    ...kPresets.map(([age, title]) => ({ id: `time.${age}`, title, group: 'Time', run: () => setRange({ since: age === kDefaultSince ? '' : age, until: '' }) })),
  ]);
  const choose = (since: string) => {
    setRange({ since: since === kDefaultSince ? '' : since, until: '' });
    setOpen(false);
  };
  const apply = () => {
    const parsed = parseRange(typed, zone, Date.now());
    if (!parsed) {
      setProblem(typed.trim() === '' ? 'Type a range first' : `Cannot read “${typed}” as a time range`);
      return;
    }
    setRange(parsed);
    setOpen(false);
  };
  return (
    <Popover.Root open={open} onOpenChange={(next) => { setOpen(next); setProblem(''); }}>
      <Popover.Trigger asChild>
        <button type="button" className={ui.button} title={`${dateTime(from, zone)} – ${dateTime(to, zone)} ${zone === 'utc' ? 'UTC' : ''}`}>
          <Icon name="calendar" size={14} />{rangeLabel(range, zone)}<Icon name="down" size={12} />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={ui.popover} align="end" sideOffset={6} aria-label="Time range">
          <div className={css.timeGrid}>
            <div>
              {kPresets.map(([age, title]) => (
                <button key={age} type="button" className={ui.item} data-active={range.until === '' && (range.since || kDefaultSince) === age} onClick={() => choose(age)}>
                  <span className="grow">{title}</span><span className={ui.faint}>{age}</span>
                </button>
              ))}
            </div>
            <form className={css.timeForm} onSubmit={(event) => { event.preventDefault(); apply(); }}>
              <label>Type or paste a range
                <input className={ui.field} value={typed} onChange={(event) => { setTyped(event.target.value); setProblem(''); }}
                       placeholder="2h ago to 1h ago" autoFocus spellCheck={false} />
              </label>
              <p className={ui.faint}>30m · 2026-01-31 09:30 to now · two Unix times</p>
              {problem && <p className={css.timeProblem} role="alert">{problem}</p>}
              <Button kind="primary" type="submit">Apply</Button>
              <div><Segments label="Time zone" value={zone} options={kZones} onChange={(next) => setPreferences({ zone: next })} /></div>
              <Button onClick={() => setRange({ since: new Date(from).toISOString(), until: new Date(to).toISOString() })}>Freeze, to share exactly this</Button>
            </form>
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
