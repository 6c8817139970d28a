// Server-sent events of /api/v1/live/runs, read with fetch because EventSource cannot send a key.
import { useEffect, useRef, useState } from 'react';
import { apiUrl, request } from './client';
import type { Run } from './types';

export type LiveState = 'off' | 'connecting' | 'open' | 'waiting';

export interface ServerEvent { event: string; data: string }

// Splits a growing text into whole events; returns what is left over.
export function takeEvents(buffer: string, sink: (event: ServerEvent) => void): string {
  const blocks = buffer.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? '';
  for (const block of blocks) {
    let event = 'message';
    const data: string[] = [];
    for (const line of block.split(/\r?\n/)) {
      if (line.startsWith('event:')) event = line.slice(6).trim();
      if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    }
    if (data.length > 0) sink({ event, data: data.join('\n') });
  }
  return rest;
}

async function follow(signal: AbortSignal, onRun: (run: Run) => void, onOpen: () => void) {
  const response = await request(apiUrl('live/runs'), { signal, headers: { accept: 'text/event-stream' } });
  onOpen();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer = takeEvents(buffer + value, ({ event, data }) => {
      if (event === 'run') onRun(JSON.parse(data) as Run);
    });
  }
}

// Calls `onRun` for every change while `enabled`; reconnects with growing pauses.
export function useLiveRuns(enabled: boolean, onRun: (run: Run) => void): LiveState {
  const [state, setState] = useState<LiveState>('off');
  const latest = useRef(onRun);
  useEffect(() => { latest.current = onRun; });
  useEffect(() => {
    if (!enabled) {
      setState('off');
      return undefined;
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const connect = async () => {
      setState('connecting');
      await follow(abort.signal, (run) => latest.current(run), () => { failures = 0; setState('open'); })
        .catch(() => undefined);
      if (abort.signal.aborted) return;
      setState('waiting');
      timer = setTimeout(connect, Math.min(1000 * 2 ** failures++, 15_000));
    };
    void connect();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [enabled]);
  return state;
}
