import { useEffect, useSyncExternalStore } from 'react';
import { useCommands } from '../../commands/registry';
import { Button } from '../../components/ui';
import { duration } from '../../lib/format';
import { currentRow, neighbour, type Head, type Playhead } from '../../lib/playhead';
import { nameOf, type TraceModel } from '../../lib/trace';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

export function useHead(playhead: Playhead): Head {
  return useSyncExternalStore(playhead.subscribe, playhead.get);
}

// Walks the run over timeline, conversation and graph. `onRest` hears where it comes to stand.
export function PlayBar({ playhead, model, onRest }: { playhead: Playhead; model: TraceModel; onRest: (at: number | null) => void }) {
  const { on, at, playing } = useHead(playhead);
  useEffect(() => () => playhead.stop(), [playhead]);
  useEffect(() => { if (on && !playing) onRest(playhead.get().at); }, [on, playing, onRest, playhead]);
  const toggle = () => (playing ? playhead.stop() : playhead.play(!matchMedia('(prefers-reduced-motion: reduce)').matches));
  const rest = () => onRest(playhead.get().at);
  const step = (by: 1 | -1) => {
    playhead.stop();
    playhead.seek(neighbour(model, playhead.get().at, by));
    rest();
  };
  const off = () => {
    playhead.off();
    onRest(null);
  };
  useCommands([
    { id: 'play.toggle', title: 'Play the run', group: 'Run', keys: 'P', run: toggle },
    { id: 'play.next', title: 'To the next start of a span', group: 'Run', keys: '.', run: () => step(1) },
    { id: 'play.previous', title: 'To the previous start of a span', group: 'Run', keys: ',', run: () => step(-1) },
    { id: 'play.off', title: 'Put the play head away', group: 'Run', run: off },
  ]);
  const row = on ? currentRow(model, at) : -1;
  const what = row >= 0 ? oneLine(nameOf(model, row), 60) : '';
  return (
    <div className={css.play} role="group" aria-label="Play the run">
      {what && <span className={css.playWhat} title={what}>{what}</span>}
      <Button kind={playing ? 'on' : 'quiet'} icon={playing ? 'pause' : 'play'} label={playing ? 'Pause (P)' : 'Play the run (P)'} onClick={toggle} />
      <input type="range" min={0} max={1000} value={model.totalMs > 0 ? Math.round((1000 * at) / model.totalMs) : 0} aria-label="Moment of the run"
             aria-valuetext={`${duration(at)}${what ? `, ${what}` : ''}`} onPointerDown={() => playhead.stop()}
             onChange={(event) => playhead.seek((Number(event.target.value) / 1000) * model.totalMs)} onPointerUp={rest} onKeyUp={rest} />
      <span className={css.playTime}>{on ? duration(at) : duration(model.totalMs)}</span>
      {on && <Button kind="quiet" icon="close" label="Put the play head away" onClick={off} />}
    </div>
  );
}
