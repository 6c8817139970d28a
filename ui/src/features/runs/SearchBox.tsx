import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useSearchFields, useSearchValues } from '../../api/hooks';
import { useCommands } from '../../commands/registry';
import { Icon } from '../../components/icons';
import { Button, Kbd, ui } from '../../components/ui';
import { complete, valueAt } from '../../lib/query';
import { oneLine } from '../../lib/visible';
import css from './SearchBox.module.css';

const kNoFields: never[] = [];

// What may follow at the caret, as the server knows it.
function useCompletions(typed: string, caret: number, since: string, asked: boolean) {
  const fields = useSearchFields().data?.fields ?? kNoFields;
  const at = asked ? valueAt(typed, caret) : null;
  const known = fields.find(({ name, has_values: has }) => has && name === at?.field);
  const { data } = useSearchValues(known?.name ?? '', at?.prefix ?? '', since);
  return useMemo(() => complete(typed, caret, fields, known ? (data?.values ?? []).map(([value]) => value) : []), [typed, caret, fields, known, data]);
}

// One line for the search language, with completion. Applied with Enter or on leaving.
export function SearchBox({ value, onChange, since }: { value: string; onChange: (query: string) => void; since: string }) {
  const [typed, setTyped] = useState(value);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => setTyped(value), [value]);
  useCommands([{ id: 'runs.search', title: 'Search', group: 'Runs', keys: '/', run: () => input.current?.focus() }]);
  const { from, options } = useCompletions(typed, caret, since, open);
  const shown = open ? options : [];
  const apply = (query: string) => {
    setOpen(false);
    setAt(-1);
    if (query.trim() !== value) onChange(query.trim());
  };
  const insert = (text: string) => {
    const next = typed.slice(0, from) + text + typed.slice(caret).trimStart();
    setTyped(next);
    setCaret(from + text.length);
    setAt(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(from + text.length, from + text.length));
    if (text.endsWith(' ')) apply(next);
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      setAt(at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length);
    } else if (event.key === 'Enter' || (event.key === 'Tab' && at >= 0)) {
      event.preventDefault();
      const option = shown[at];
      if (option) insert(option.insert);
      else apply(typed);
    } else if (event.key === 'Escape') {
      if (open) setOpen(false);
      else input.current?.blur();
    }
  };
  const track = () => setCaret(input.current?.selectionStart ?? 0);
  return (
    <div className={css.box} role="search">
      <Icon name="search" size={14} />
      <input ref={input} value={typed} spellCheck={false} autoComplete="off" aria-label="Search runs" role="combobox" aria-expanded={shown.length > 0}
             aria-controls={id} aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
             placeholder="Search: text, agent:name, status:error, cost>0.10, steps>8"
             onChange={(event) => { setTyped(event.target.value); setCaret(event.target.selectionStart ?? 0); setOpen(true); setAt(-1); }}
             onFocus={() => { track(); setOpen(true); }} onClick={track} onKeyUp={track} onKeyDown={onKey} onBlur={() => apply(typed)} />
      {typed ? <span className={css.clear}><Button kind="quiet" icon="close" label="Clear the search" onClick={() => { setTyped(''); onChange(''); }} /></span>
        : <span className={css.hint} aria-hidden="true"><Kbd keys="/" /></span>}
      <div id={id} role="listbox" aria-label="Completions" className={shown.length > 0 ? css.list : undefined}>
        {shown.map((option, i) => (
          <div key={option.insert} id={`${id}-${i}`} role="option" aria-selected={i === at} data-active={i === at} className={ui.item}
               onMouseDown={(event) => { event.preventDefault(); insert(option.insert); }}>
            <code>{oneLine(option.label, 80)}</code><span className={`${ui.faint} grow`}>{option.hint}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
