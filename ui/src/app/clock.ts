import { useSyncExternalStore } from 'react';

// One tick per second for the whole page; `step` rounds, so that slow readers render rarely.
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow(step = 1000): number {
  return useSyncExternalStore(subscribe, () => Math.ceil(now / step) * step);
}
