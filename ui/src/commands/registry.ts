// Every action is a command: an id, a title, perhaps keys. Keys, palette and sheet read this table.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Command {
  id: string; title: string; group: string;
  keys?: string;           // "j", "g r" (one after the other), "Mod+k", "?"
  hidden?: boolean;        // in the sheet only
  run: () => void;
}

let commands: readonly Command[] = [];
const listeners = new Set<() => void>();

function set(next: readonly Command[]) {
  commands = next;
  for (const listener of listeners) listener();
}

function register(added: Command[]): () => void {
  set([...commands, ...added]);
  return () => set(commands.filter((command) => !added.includes(command)));
}

// Commands live as long as the component; the newest of two with the same keys wins.
export function useCommands(list: Command[]) {
  const latest = useRef(list);
  useEffect(() => { latest.current = list; });
  const shape = list.map(({ id, keys, title }) => `${id}|${keys}|${title}`).join('\n');
  useEffect(() => register(latest.current.map((command) => ({
    ...command, run: () => latest.current.find(({ id }) => id === command.id)?.run(),
  }))), [shape]);
}

export function useAllCommands(): readonly Command[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, () => commands);
}

const kSequenceMs = 1200;

export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const named = event.key.length > 1;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push('Mod');
  if (event.altKey) parts.push('Alt');
  if (event.shiftKey && named) parts.push('Shift');
  parts.push(named ? event.key : event.ctrlKey || event.metaKey ? event.key.toLowerCase() : event.key);
  return parts.join('+');
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
     (target.tagName === 'INPUT' && !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type)));
}

// The listener behind all keys. Returns how to remove it.
export function listen(): () => void {
  let prefix = '';
  let at = 0;
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = keyName(event);
    if (isTyping(event.target) && !name.startsWith('Mod+')) return;
    if (document.querySelector('dialog[open]') && !name.startsWith('Mod+')) return;
    const onControl = event.target instanceof HTMLElement && event.target.closest('button, a, [role="tab"], [role="menuitem"]');
    if (onControl && (name === 'Enter' || name === ' ')) return;
    const now = event.timeStamp;
    const sequence = prefix && now - at < kSequenceMs ? `${prefix} ${name}` : name;
    const hit = commands.findLast(({ keys }) => keys === sequence) ?? commands.findLast(({ keys }) => keys === name);
    prefix = '';
    if (hit) {
      event.preventDefault();
      hit.run();
    } else if (commands.some(({ keys }) => keys?.startsWith(`${sequence} `))) {
      prefix = sequence;
      at = now;
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
