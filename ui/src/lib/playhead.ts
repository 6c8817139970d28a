// A run walked in time. Rows are later, now, or done at a moment; the walk takes seconds, whatever
// the run took.
import type { TraceModel } from './trace';

export type Phase = 'later' | 'now' | 'done';

const kLongestMs = 10_000;
const kShortestMs = 2_000;

// How long a walk through a run of this length takes: real time between two and ten seconds.
export function walkMs(totalMs: number): number {
  return Math.min(kLongestMs, Math.max(kShortestMs, totalMs));
}

export function phaseOf({ startMs, durationMs }: TraceModel, row: number, at: number): Phase {
  const start = startMs[row]!;
  if (at < start) return 'later';
  return at < start + durationMs[row]! || (durationMs[row] === 0 && at === start) ? 'now' : 'done';
}

// The span that began last and still runs: what the run is doing. -1 between spans.
export function currentRow(model: TraceModel, at: number): number {
  let current = -1;
  for (let row = 0; row < model.count; ++row) {
    if (phaseOf(model, row, at) === 'now' && (current < 0 || model.startMs[row]! >= model.startMs[current]!)) current = row;
  }
  return current;
}

// The next or previous start of a span; the ends of the run where there is none.
export function neighbour({ startMs, totalMs, count }: TraceModel, at: number, by: 1 | -1): number {
  let found = by > 0 ? totalMs : 0;
  for (let row = 0; row < count; ++row) {
    const start = startMs[row]!;
    if (by > 0 ? start > at && start < found : start < at && start > found) found = start;
  }
  return found;
}

export interface Head { on: boolean; at: number; playing: boolean }

// Moves by itself while it plays. One per run that is shown.
export class Playhead {
  private head: Head;
  private listeners = new Set<() => void>();
  private frame = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(public totalMs: number, at?: number) {
    this.head = { on: at != null, at: at ?? 0, playing: false };
  }

  get = () => this.head;
  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  private set(change: Partial<Head>) {
    this.head = { ...this.head, ...change };
    for (const listener of this.listeners) listener();
  }

  seek(at: number) {
    this.set({ on: true, at: Math.min(this.totalMs, Math.max(0, at)) });
  }

  // `smooth`: a move per frame, else two per second for those who asked for less motion.
  play(smooth: boolean) {
    this.stop();
    this.set({ on: true, playing: true, at: this.head.at >= this.totalMs ? 0 : this.head.at });
    const speed = this.totalMs / walkMs(this.totalMs);
    let before = performance.now();
    const move = () => {
      const now = performance.now();
      const at = this.head.at + (now - before) * speed;
      before = now;
      if (at >= this.totalMs) this.stop(this.totalMs);
      else this.set({ at });
      return at < this.totalMs;
    };
    if (smooth) {
      const step = () => { if (move()) this.frame = requestAnimationFrame(step); };
      this.frame = requestAnimationFrame(step);
    } else {
      this.timer = setInterval(move, 500);
    }
  }

  stop(at = this.head.at) {
    if (this.frame) cancelAnimationFrame(this.frame);
    clearInterval(this.timer);
    this.frame = 0;
    this.set({ playing: false, at });
  }

  off() {
    this.stop(0);
    this.set({ on: false });
  }
}
