import { useDifferences, useHeatmap, type Difference, type Heatmap } from '../../api/stats';
import { useRange } from '../../app/url';
import { cellsOf } from '../../charts/prepare';
import { TimeChart, type Area } from '../../charts/TimeChart';
import { Button, Empty, ErrorBox, Segments, Skeleton, SkeletonRows, ui } from '../../components/ui';
import { count, duration, exact, percent, plural, usd } from '../../lib/format';
import { toggleTerm } from '../../lib/query';
import { bucketSeconds, type Range } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { between } from '../../lib/condition';
import type { RunsParameters } from '../../api/hooks';
import type { Heat } from './url';
import css from './HeatPanel.module.css';

const kFormats = { duration, cost: usd, tokens: count };
const kHeight = 190;
const kDecades = Array.from({ length: 22 }, (_, i) => 10 ** (i - 9));
const kSearched: ReadonlySet<string> = new Set(['agent', 'model', 'tool', 'service', 'environment', 'session', 'user', 'query_type', 'outcome', 'version', 'status']);

interface Props {
  parameters: RunsParameters; heat: Exclude<Heat, ''>; area: Area | null; query: string;
  onHeat: (heat: Heat) => void; onArea: (area: Area | null) => void; onQuery: (query: string, range?: Range) => void;
}

// The words of one value: where it is in the selection, and elsewhere.
function Row({ value, query, onQuery }: { value: Difference; query: string; onQuery: (query: string) => void }) {
  const name = `${value.field.replace(/_/g, ' ')}: ${oneLine(value.value, 80)}`;
  return (
    <tr>
      <td>{kSearched.has(value.field) ? <button type="button" title="Search for it" onClick={() => onQuery(toggleTerm(query, value.field, value.value))}>{name}</button> : name}</td>
      <td><span className={css.meter} aria-hidden="true"><i style={{ width: `${100 * value.selected_share}%` }} /></span>{percent(value.selected_share)}</td>
      <td><span className={css.meter} data-rest="true" aria-hidden="true"><i style={{ width: `${100 * value.rest_share}%` }} /></span>{percent(value.rest_share)}</td>
    </tr>
  );
}

function WhatDiffers({ parameters, heat, area, query, onArea, onQuery, onShow }: Props & { area: Area; onShow: () => void }) {
  const { data, error, refetch } = useDifferences({ since: parameters.since, until: parameters.until, query: parameters.query, field: heat, min: area.low, max: area.high,
    selected_since: new Date(area.from).toISOString(), selected_until: new Date(area.to).toISOString(), limit: 12 });
  return (
    <aside className={css.differs} aria-label="What differs here">
      <header><h3>What differs here</h3>{data && <span className={ui.faint}>{plural(data.selected, 'run')} against {exact(data.rest)}</span>}<Button kind="quiet" icon="close" label="Drop the selection" onClick={() => onArea(null)} /></header>
      {error && !data ? <ErrorBox error={error} onRetry={() => void refetch()} /> : !data ? <SkeletonRows rows={4} height={26} />
        : data.selected === 0 ? <p className={css.note}>No run lies in this area.</p> : data.values.length === 0 ? <p className={css.note}>Nothing is more frequent here than elsewhere, beyond chance.</p> : (
          <div className={css.values} tabIndex={0} role="region" aria-label="Values">
            <table>
              <caption className="visually-hidden">Values that runs of the selection have more often</caption>
              <thead><tr><th scope="col">More often here</th><th scope="col">Here</th><th scope="col">Elsewhere</th></tr></thead>
              <tbody>{data.values.map((value) => <Row key={`${value.field} ${value.value}`} value={value} query={query} onQuery={onQuery} />)}</tbody>
            </table>
          </div>)}
      {data && data.selected > 0 && <footer><Button onClick={onShow}>Show these runs</Button></footer>}
    </aside>
  );
}

// The slowest (dearest, ...) runs of the window, for those who do not draw.
function tail({ quantiles, max }: Heatmap, from: number, to: number): Area {
  return { from, to, low: quantiles.p95, high: max * 1.001 };
}

// A heatmap over the table; an area of it is explained.
export function HeatPanel(props: Props) {
  const { parameters, heat, area, query, onHeat, onArea, onQuery } = props;
  const { from, to } = useRange();
  const step = bucketSeconds(from, to, 80);
  const { data, error, refetch } = useHeatmap({ since: parameters.since, until: parameters.until, query: parameters.query, field: heat, step: `${step}s` });
  const times = Array.from({ length: Math.ceil(to / 1000 / step) - Math.floor(from / 1000 / step) }, (_, i) => (Math.floor(from / 1000 / step) + i) * step);
  const nothing = data?.bins.find(({ to: end }) => end === 0)?.runs ?? 0;
  const show = () => onQuery(`${query} ${between(heat, area!.low, area!.high)}`.trim(), { since: new Date(area!.from).toISOString(), until: new Date(area!.to).toISOString() });
  const chart = () => {
    if (error && !data) return <ErrorBox error={error} onRetry={() => void refetch()} />;
    if (!data) return <Skeleton height={kHeight} />;
    if (data.cells.length === 0) return <Empty title="Nothing to draw">No run of this search has settled.</Empty>;
    return <TimeChart label={`${heat} over time`} times={times} step={step} height={kHeight} format={kFormats[heat]} log logTicks={heat === 'duration' ? undefined : kDecades} legend={false}
                      heat={cellsOf(data)} series={[{ label: heat, color: '--accent', values: times.map(() => null) }]} area={area} onArea={onArea} />;
  };
  return (
    <section className={css.panel} aria-label="Heatmap">
      <div className={css.chart}>
        <div className={css.tools}>
          <Segments label="What the heatmap shows" value={heat} options={[['duration', 'Duration'], ['cost', 'Cost'], ['tokens', 'Tokens']]} onChange={(next) => onHeat(next as Heat)} />
          {data && data.cells.length > 0 && <Button kind="quiet" onClick={() => onArea(tail(data, from, to))}>Explain the top 5 %</Button>}
          <span className={`${ui.faint} ${ui.grow}`}>{area ? '' : 'Drag over an area to see what differs there'}{nothing > 0 && `${area ? '' : ' · '}${plural(nothing, 'run')} of nothing not drawn`}</span>
          <Button kind="quiet" icon="close" label="Close the heatmap" onClick={() => onHeat('')} />
        </div>
        {chart()}
      </div>
      {area && <WhatDiffers {...props} area={area} onShow={show} />}
    </section>
  );
}
