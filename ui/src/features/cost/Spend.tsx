import { useNavigate } from '@tanstack/react-router';
import { useCost } from '../../api/hooks';
import type { CostAnswer, CostGroup } from '../../api/types';
import { keepRange } from '../../app/Shell';
import { useRange, useUrl } from '../../app/url';
import { BarList, type ListColumn } from '../../charts/Bars';
import { fillBuckets, stack } from '../../charts/prepare';
import { TimeChart } from '../../charts/TimeChart';
import { Button, Card, Empty, ErrorBox, Skeleton, ui } from '../../components/ui';
import { count, exact, percent, plural, usd, usdShort } from '../../lib/format';
import { quote } from '../../lib/query';
import { bucketSeconds, kDefaultSince } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { kFields, kSearchable, nameOf, overTime, shareOf, type Field } from './shares';
import css from './Cost.module.css';

const kTop = 6;
const kLimit = 200;
const kHourMs = 3_600_000;

function Totals({ total, hours }: { total: CostAnswer['total']; hours: number }) {
  const facts: [string, string, string?][] = [
    ['Total', usd(total.usd)], ['An hour', usd(total.usd / hours), `${usd((24 * total.usd) / hours)} a day, over the whole time range`], ['Runs', exact(total.runs), 'that called a model'], ['Calls', exact(total.calls), 'to models'],
    ['A run', usd(total.usd_per_run.mean), `half cost at most ${usd(total.usd_per_run.p50)}, 95 % at most ${usd(total.usd_per_run.p95)}`],
    ['Input', count(total.input_tokens), `${exact(total.input_tokens)} tokens, ${exact(total.cache_read_tokens)} of them from a cache`], ['Output', count(total.output_tokens), `${exact(total.output_tokens)} tokens`],
  ];
  return (
    <dl className={css.totals}>
      {facts.map(([name, value, note]) => <div key={name} title={note}><dt>{name}</dt><dd>{value}</dd></div>)}
      {total.default_price_usd > 0 && <div title="of models that no price is known for"><dt>Assumed</dt><dd className={css.assumed}>{usd(total.default_price_usd)}</dd></div>}
    </dl>
  );
}

function OverTime({ answer, step, label }: { answer: CostAnswer; step: number; label: string }) {
  const { setRange, from, to } = useRange();
  const { names, rows } = overTime(answer, kTop);
  const filled = names.map((_, i) => fillBuckets(rows, from / 1000, to / 1000, step, ({ values }) => values[i] ?? 0, 0));
  if (filled.length === 0) return null;
  const sums = stack(filled.map(({ values }) => values));
  return (
    <Card title="Cost over time" note={`by ${label}`}>
      <TimeChart label="Cost over time" times={filled[0]!.times} step={step} height={200} format={usd}
                 onZoom={(a, b) => setRange({ since: new Date(a).toISOString(), until: new Date(b).toISOString() })}
                 series={names.map((name, i) => ({ label: oneLine(name, 60), color: name === 'others' ? '--op-other' : `--series-${i + 1}`, kind: 'bars' as const, values: sums[i]!, shown: filled[i]!.values }))} />
    </Card>
  );
}

function columnsOf(groups: readonly CostGroup[], share: (group: CostGroup) => number): ListColumn<CostGroup>[] {
  const some = (value: (group: CostGroup) => number | undefined) => groups.some((group) => (value(group) ?? 0) > 0);
  return [
    { title: 'Runs', cell: ({ runs }) => exact(runs) }, { title: 'Calls', cell: ({ calls }) => exact(calls) },
    { title: 'Input', cell: (group) => count(group.input_tokens) },
    ...(some((group) => group.cache_read_tokens) ? [{ title: 'Cached', cell: (group: CostGroup) => count(group.cache_read_tokens) }] : []),
    { title: 'Output', cell: (group) => count(group.output_tokens) },
    { title: 'Cost', cell: (group) => <span title={usd(group.usd)}>{usdShort(group.usd)}</span> },
    ...(some((group) => group.default_price_usd) ? [{ title: 'Assumed', cell: ({ default_price_usd: part }: CostGroup) => (part > 0 ? <span className={css.assumed}>{usdShort(part)}</span> : '–') }] : []),
    ...(some((group) => group.delegated_usd) ? [{ title: 'Delegated', cell: (group: CostGroup) => usdShort(group.delegated_usd) }] : []),
    { title: 'Share', cell: (group) => percent(share(group)) },
    { title: 'A run', cell: (group) => <span title={usd(group.usd_per_run.mean)}>{usdShort(group.usd_per_run.mean)}</span> }, { title: 'p95 a run', cell: (group) => usdShort(group.usd_per_run.p95) },
  ];
}

function FieldPicker({ label, value, not, onChange }: { label: string; value: string; not?: string; onChange: (field: string) => void }) {
  return (
    <label className={css.picker}>{label}
      <select className={ui.field} aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
        {not != null && <option value="">nothing else</option>}
        {kFields.filter(([id]) => id !== not).map(([id, title]) => <option key={id} value={id}>{title}</option>)}
      </select>
    </label>
  );
}

// What calls to models cost, by any field or two.
export function Spend() {
  const [search, set] = useUrl();
  const { setRange, from, to } = useRange();
  const navigate = useNavigate();
  const by = (kFields.find(([id]) => id === search.by)?.[0] ?? 'agent') as Field;
  const and = kFields.find(([id]) => id === search.and && id !== by)?.[0] ?? '';
  const step = bucketSeconds(from, to, 60);
  const filters = kFields.filter(([id]) => search[id]).map(([id]) => [id, search[id]!] as const);
  const cost = useCost({ since: search.since || kDefaultSince, until: search.until, step: `${step}s`, group: [by, and].filter(Boolean).join(','), limit: kLimit, ...Object.fromEntries(filters) });
  const answer = cost.data;
  // While another grouping is on its way, what stands there says what it is.
  const titles = (answer?.group ?? []).map((field) => kFields.find(([id]) => id === field)![1].toLowerCase()).join(' and ');
  const open = ({ key }: CostGroup) => {
    const terms = [...filters, ...Object.entries(key)].filter(([field, value]) => kSearchable.has(field) && value).map(([field, value]) => `${field}:${quote(value)}`);
    void navigate({ to: '/ui/runs', search: ((old: Record<string, string>) => ({ ...keepRange(old), query: [...new Set(terms)].join(' '), sort: 'cost' })) as never });
  };
  const drop = () => set(Object.fromEntries(kFields.map(([id]) => [id, ''])), true);
  if (cost.isError && !answer) return <ErrorBox error={cost.error} onRetry={() => void cost.refetch()} />;
  if (!answer) return <><Skeleton height={64} /><Skeleton height={240} /><Skeleton height={240} /></>;
  const chips = filters.length > 0 && <div className={css.chips}>{filters.map(([field, value]) => <Button key={field} kind="on" icon="close" onClick={() => set({ [field]: '' }, true)}>{field.replace(/_/g, ' ')}: {oneLine(value, 60)}</Button>)}</div>;
  if (answer.total.calls === 0) {
    return (
      <>{chips}<Empty title={filters.length > 0 ? 'No call matches' : 'No calls to models in this time range'} actions={<>
        {filters.length > 0 && <Button onClick={drop}>Drop the filters</Button>}<Button onClick={() => setRange({ since: '365d', until: '' })}>Look at the last year</Button></>} /></>);
  }
  const share = shareOf(answer.groups);
  return (
    <>
      {cost.isError && <ErrorBox error={cost.error} />}
      {chips}
      <Totals total={answer.total} hours={(to - from) / kHourMs} />
      <OverTime answer={answer} step={step} label={titles} />
      <Card>
        <div className={css.by}>
          <FieldPicker label="By" value={by} onChange={(next) => set({ by: next === 'agent' ? '' : next, and: next === and ? '' : and }, true)} />
          <FieldPicker label="and" value={and} not={by} onChange={(next) => set({ and: next }, true)} />
          <span className={`${ui.faint} ${css.right}`} role="status">{answer.groups.length >= kLimit ? `the ${kLimit} dearest` : plural(answer.groups.length, 'row')}</span>
        </div>
        <BarList label={`Cost by ${titles}`} rows={answer.groups} name={({ key }) => nameOf(key)} share={share} columns={columnsOf(answer.groups, share)} onPick={open} />
        {answer.total.usd === 0 && <p className={css.note}>No call in this range cost anything, so shares are of tokens.</p>}
        {answer.total.default_price_usd > 0 && <p className={css.note}>{usd(answer.total.default_price_usd)} of this is assumed: no price is known of the models, so a default stands in. <button type="button" className={css.link} onClick={() => set({ view: 'prices' }, true)}>Set their prices</button></p>}
        {by === 'agent' && !and && answer.groups.some(({ delegated_usd: usdBelow }) => (usdBelow ?? 0) > 0) && <p className={css.note}>Delegated is what the agents that it called cost in the same runs; it counts in full for each caller and does not add up.</p>}
      </Card>
    </>
  );
}
