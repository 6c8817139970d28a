// What belongs to this person and browser: theme, time zone, widths. Kept in local storage.
import { useSyncExternalStore } from 'react';
import type { Zone } from '../lib/time';

export type Theme = 'system' | 'light' | 'dark';
export interface Preferences {
  theme: Theme; zone: Zone; columns: string[] | null; widths: Record<string, number>;
  markdown: boolean; detailWidth: number; treeWidth: number;
}

const kKey = 'observatory.preferences';
const kDefaults: Preferences = {
  theme: 'system', zone: 'local', columns: null, widths: {}, markdown: true, detailWidth: 520, treeWidth: 380,
};

function load(): Preferences {
  try {
    return { ...kDefaults, ...(JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<Preferences>) };
  } catch {
    return kDefaults;
  }
}

let current = load();
const listeners = new Set<() => void>();

const dark = matchMedia('(prefers-color-scheme: dark)');

export function shownTheme(): 'light' | 'dark' {
  return current.theme === 'system' ? (dark.matches ? 'dark' : 'light') : current.theme;
}

function applyTheme() {
  document.documentElement.dataset.theme = shownTheme();
}

function notify() {
  applyTheme();
  for (const listener of listeners) listener();
}

export function setPreferences(change: Partial<Preferences>) {
  current = { ...current, ...change };
  localStorage.setItem(kKey, JSON.stringify(current));
  notify();
}

dark.addEventListener('change', notify);
applyTheme();

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

export function useShownTheme() {
  return useSyncExternalStore(subscribe, shownTheme);
}
