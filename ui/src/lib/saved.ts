// What people save under a name, in this browser: views of the runs, queries of SQL.
import { useSyncExternalStore } from 'react';

export interface Saved<T> { name: string; value: T }

interface Shelf<T> { items: readonly Saved<T>[]; listeners: Set<() => void>; key: string }

const shelves = new Map<string, Shelf<unknown>>();

function load<T>(key: string): readonly Saved<T>[] {
  try {
    const parsed: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(parsed) ? parsed.filter((item): item is Saved<T> => typeof (item as Saved<T> | null)?.name === 'string') : [];
  } catch {
    return [];
  }
}

function shelfOf<T>(key: string): Shelf<T> {
  let shelf = shelves.get(key) as Shelf<T> | undefined;
  if (!shelf) {
    shelf = { items: load<T>(key), listeners: new Set(), key };
    shelves.set(key, shelf as Shelf<unknown>);
  }
  return shelf;
}

// The same name replaces; the order is that of names.
export function put<T>(items: readonly Saved<T>[], name: string, value: T): Saved<T>[] {
  return [...items.filter((item) => item.name !== name), { name, value }].sort((a, b) => a.name.localeCompare(b.name));
}

export function useSaved<T>(kind: string) {
  const shelf = shelfOf<T>(`observatory.saved.${kind}`);
  const items = useSyncExternalStore((listener) => {
    shelf.listeners.add(listener);
    return () => void shelf.listeners.delete(listener);
  }, () => shelf.items);
  const change = (next: readonly Saved<T>[]) => {
    shelf.items = next;
    localStorage.setItem(shelf.key, JSON.stringify(next));
    for (const listener of shelf.listeners) listener();
  };
  return {
    items,
    save: (name: string, value: T) => change(put(shelf.items, name.trim(), value)),
    remove: (name: string) => change(shelf.items.filter((item) => item.name !== name)),
  };
}
