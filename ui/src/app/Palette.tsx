import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useAllCommands, type Command } from '../commands/registry';
import { Dialog, Kbd, ui } from '../components/ui';
import css from './Shell.module.css';

function score(title: string, wanted: string): number {
  const text = title.toLowerCase();
  if (wanted === '') return 1;
  const at = text.indexOf(wanted);
  if (at >= 0) return 100 - at;
  let from = 0;
  for (const letter of wanted) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}

const kTraceId = /^[0-9a-f]{32}$/i;

export function Palette({ onClose }: { onClose: () => void }) {
  const all = useAllCommands();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const wanted = typed.trim().toLowerCase();
  const found = useMemo(() => {
    const jump: Command[] = kTraceId.test(wanted) ? [{
      id: 'jump', title: `Open run ${wanted}`, group: 'Go',
      run: () => void navigate({ to: '/ui/runs/$traceId', params: { traceId: wanted } }) }] : [];
    const ranked = all.filter(({ hidden }) => !hidden).map((command) => ({ command, rank: score(command.title, wanted) }))
      .filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank).map(({ command }) => command);
    return [...jump, ...ranked].slice(0, 50);
  }, [all, wanted, navigate]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKey = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((found.length + at + step) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <Dialog label="Command palette" onClose={onClose}>
      <div className={css.palette}>
        <input autoFocus value={typed} placeholder="Type a command, or paste a trace id" aria-label="Command" role="combobox"
               aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found[at] ? `palette-${at}` : undefined}
               onChange={(event) => { setTyped(event.target.value); setAt(0); }} onKeyDown={onKey} />
        <div className={css.paletteList} id="palette-list" role="listbox" aria-label="Commands">
          {found.map((command, i) => (
            <div key={command.id} id={`palette-${i}`} role="option" aria-selected={i === at} data-active={i === at} className={ui.item}
                 onMouseEnter={() => setAt(i)} onClick={() => run(command)}
                 ref={(element) => { if (i === at) element?.scrollIntoView({ block: 'nearest' }); }}>
              <span className="grow">{command.title}</span><span className={ui.faint}>{command.group}</span>
              {command.keys && <Kbd keys={command.keys} />}
            </div>
          ))}
          {found.length === 0 && <p className={css.paletteGroup} role="option" aria-selected="false">No command matches</p>}
        </div>
      </div>
    </Dialog>
  );
}

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const all = useAllCommands();
  const groups = useMemo(() => {
    const byGroup = new Map<string, Command[]>();
    for (const command of all) {
      if (command.keys) byGroup.set(command.group, [...(byGroup.get(command.group) ?? []), command]);
    }
    return [...byGroup];
  }, [all]);
  return (
    <Dialog label="Keyboard shortcuts" onClose={onClose}>
      <div className={css.sheet}>
        <h1>Keyboard shortcuts</h1>
        <div className={css.sheetColumns}>
          {groups.map(([group, commands]) => (
            <section key={group} className={css.sheetGroup}>
              <h3>{group}</h3>
              {commands.map(({ id, title, keys }) => <div key={id} className={css.sheetRow}><span>{title}</span><Kbd keys={keys!} /></div>)}
            </section>
          ))}
        </div>
      </div>
    </Dialog>
  );
}
