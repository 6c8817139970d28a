// A menu of what was saved under names: pick one, save what is seen, remove.
import { Popover } from 'radix-ui';
import { useState } from 'react';
import type { Saved } from '../lib/saved';
import { oneLine } from '../lib/visible';
import { Button, ui } from './ui';
import css from './SavedMenu.module.css';

export function SavedMenu<T>({ title, what, current, items, onPick, onSave, onRemove }: {
  title: string; what: string; current: string; items: readonly Saved<T>[];
  onPick: (item: Saved<T>) => void; onSave: (name: string) => void; onRemove: (name: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const shown = name || current;
  const save = () => {
    onSave(shown.trim());
    setName('');
    setOpen(false);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild><Button kind={current ? 'on' : 'normal'} icon="star">{current ? oneLine(current, 32) : title}</Button></Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className={ui.popover} align="end" sideOffset={6} aria-label={title}>
          {items.map((item) => (
            <div key={item.name} className={css.item}>
              <button type="button" className={ui.item} data-active={item.name === current} onClick={() => { setOpen(false); onPick(item); }}><span className="grow">{oneLine(item.name, 60)}</span></button>
              <Button kind="quiet" icon="close" label={`Forget ${item.name}`} onClick={() => onRemove(item.name)} />
            </div>
          ))}
          {items.length === 0 && <p className={css.none}>Nothing saved in this browser yet.</p>}
          <form className={css.form} onSubmit={(event) => { event.preventDefault(); save(); }}>
            <input className={ui.field} value={shown} onChange={(event) => setName(event.target.value)} placeholder={`Name of this ${what}`} aria-label={`Name of this ${what}`} />
            <Button type="submit" kind="primary" disabled={!shown.trim()}>Save</Button>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
