import { useState } from 'react';
import { useChangePrice, useCost, useModelPrice, usePrices } from '../../api/hooks';
import type { ModelPrice, PriceOverride, Prices as PriceTable } from '../../api/types';
import { useUrl } from '../../app/url';
import { Figures } from '../../components/Figures';
import { Badge, Button, Card, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import { count, exact, price as inUsd, usd } from '../../lib/format';
import { oneLine } from '../../lib/visible';
import css from './Cost.module.css';

const kUnits: Record<string, string> = {
  input_mtok: 'input', output_mtok: 'output', cache_read_mtok: 'cached input', cache_write_mtok: 'written to the cache', cache_write_1h_mtok: 'cached for an hour',
  input_audio_mtok: 'audio in', output_audio_mtok: 'audio out', web_searches_kcount: 'searches', requests_kcount: 'requests',
};
const kAsked = ['input_mtok', 'output_mtok', 'cache_read_mtok', 'cache_write_mtok'] as const;
const unitOf = (key: string) => kUnits[key] ?? key.replace(/_(mtok|kcount)$/, '').replace(/_/g, ' ');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const perOf = (key: string) => (key.endsWith('_kcount') ? 'thousand' : 'million');

function amount(price: PriceTable[string]): string {
  if (typeof price === 'number') return inUsd(price);
  return [inUsd(price.base), ...price.tiers.map(({ start, price: tier }) => `${inUsd(tier)} above ${count(start)}`)].join(', ');
}

const inWords = (prices: PriceTable) => Object.entries(prices).map(([key, price]) => `${unitOf(key)} ${amount(price)}`).join(' · ');

function Found({ price }: { price: ModelPrice }) {
  const how = price.source === 'default' ? 'Nothing is known of this model: the default price, an assumption.'
    : `${price.source === 'override' ? 'A price that you set' : 'From the catalogue'}: ${price.row}${price.recognised_by && price.recognised_by !== 'none' && price.recognised_by !== 'provider and model' ? `, recognised by ${price.recognised_by}` : ''}.`;
  const limits = [price.context_window && `context ${count(price.context_window)} tokens`, price.output_limit && `at most ${count(price.output_limit)} out`, price.deprecated && 'deprecated'].filter(Boolean).join(', ');
  return (
    <div role="status">
      <p className={css.note}><Badge tone={price.source === 'default' ? 'warn' : 'ok'}>{price.source}</Badge> {how}{limits && ` ${capital(limits)}.`}</p>
      <Figures label={`Prices of ${price.model}`} rows={Object.entries(price.prices)} keyOf={([key]) => key} columns={[
        { title: 'What', cell: ([key]) => capital(unitOf(key)) }, { title: 'USD', right: true, cell: ([, value]) => amount(value) }, { title: 'per', cell: ([key]) => perOf(key) }]} />
      {price.tiers?.map((tier) => <p key={tier.tier} className={css.note}>Tier <strong>{tier.tier}</strong>: {tier.factor != null ? `${exact(tier.factor * 100)} % of these` : inWords(tier.prices ?? {})}, as of {tier.as_of}.</p>)}
    </div>
  );
}

function Lookup() {
  const [search, set] = useUrl();
  const [model, setModel] = useState(search.model ?? '');
  const [provider, setProvider] = useState(search.provider ?? '');
  const { data, error } = useModelPrice(search.model ?? '', search.provider ?? '');
  return (
    <Card title="What does a model cost?">
      <form className={css.form} onSubmit={(event) => { event.preventDefault(); set({ model: model.trim(), provider: provider.trim() }, true); }}>
        <input className={ui.field} value={model} onChange={(event) => setModel(event.target.value)} placeholder="gpt-4o" aria-label="Model to look up" spellCheck={false} />
        <input className={ui.field} value={provider} onChange={(event) => setProvider(event.target.value)} placeholder="any provider" aria-label="Provider to look up" spellCheck={false} />
        <Button type="submit" kind="primary" disabled={!model.trim()}>Look up</Button>
      </form>
      {error && <div className={css.pad}><ErrorBox error={error} /></div>}
      {data && <Found price={data} />}
    </Card>
  );
}

function Form({ model, onModel }: { model: string; onModel: (model: string) => void }) {
  const { set } = useChangePrice();
  const [provider, setProvider] = useState('');
  const [from, setFrom] = useState('');
  const [prices, setPrices] = useState<Record<string, string>>({});
  const entries = kAsked.filter((key) => prices[key]?.trim()).map((key) => [key, Number(prices[key])] as const);
  const wrong = entries.find(([, value]) => !Number.isFinite(value) || value < 0);
  const submit = () => set.mutate({ model: model.trim(), provider: provider.trim() || undefined, from: from || undefined, prices: Object.fromEntries(entries) }, { onSuccess: () => { setPrices({}); onModel(''); setProvider(''); setFrom(''); } });
  return (
    <form className={css.priceForm} onSubmit={(event) => { event.preventDefault(); submit(); }} aria-label="Set a price">
      <label>Model<input className={ui.field} value={model} onChange={(event) => onModel(event.target.value)} placeholder="my-model, or gpt-4o*" spellCheck={false} /></label>
      <label>Provider<input className={ui.field} value={provider} onChange={(event) => setProvider(event.target.value)} placeholder="any" spellCheck={false} /></label>
      <label>From<input className={ui.field} type="date" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
      {kAsked.map((key) => <label key={key}>{capital(unitOf(key))}<input className={ui.field} inputMode="decimal" value={prices[key] ?? ''} onChange={(event) => setPrices({ ...prices, [key]: event.target.value })} placeholder="USD / M" /></label>)}
      <Button type="submit" kind="primary" disabled={!model.trim() || entries.length === 0 || wrong != null || set.isPending}>Set the price</Button>
      {wrong && <p className={css.wrong} role="alert">“{prices[wrong[0]]}” is no price: write USD per million tokens, such as 2.5</p>}
      {set.isError && <div className={css.wide}><ErrorBox error={set.error} /></div>}
    </form>
  );
}

function Remove({ price }: { price: PriceOverride }) {
  const { remove } = useChangePrice();
  const [sure, setSure] = useState(false);
  if (price.origin === 'file') return <span className={ui.faint}>from the prices file</span>;
  if (remove.isError) return <span className={css.wrong} role="alert">{remove.error.message}</span>;
  return sure ? <><Button onClick={() => remove.mutate(price)} disabled={remove.isPending}>Remove this price</Button> <Button kind="quiet" onClick={() => setSure(false)}>Keep it</Button></>
    : <Button kind="quiet" onClick={() => setSure(true)}>Remove</Button>;
}

function Unpriced({ onModel }: { onModel: (model: string) => void }) {
  const { data } = useCost({ since: '30d', group: 'model', cost_source: 'default', limit: 20 });
  const models = (data?.groups ?? []).filter(({ usd: cost }) => cost > 0);
  if (models.length === 0) return null;
  return (
    <Card title="At the default price" note="in the last 30 days">
      <Figures label="Models at the default price" rows={models} keyOf={({ key }) => key.model ?? ''} columns={[
        { title: 'Model', wrap: true, cell: ({ key }) => <code>{oneLine(key.model ?? '', 80)}</code> }, { title: 'Calls', right: true, cell: ({ calls }) => exact(calls) },
        { title: 'Assumed cost', right: true, cell: ({ usd: cost }) => usd(cost) }, { title: '', right: true, cell: ({ key }) => <Button onClick={() => onModel(key.model ?? '')}>Set its price</Button> }]} />
    </Card>
  );
}

// Prices that you set, the catalogue behind them, and what a model costs and why.
export function Prices() {
  const { data, error, refetch } = usePrices();
  const [model, setModel] = useState('');
  if (error && !data) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  return (
    <div className={css.prices}>
      <Card title="Your prices" note="USD per million tokens; they come before the catalogue">
        {data.prices.length > 0 && (
          <Figures label="Your prices" rows={data.prices} keyOf={({ row }) => row} columns={[
            { title: 'Model', cell: (price) => <strong>{oneLine(price.model, 80)}</strong> }, { title: 'Provider', cell: ({ provider }) => oneLine(provider, 40) || <span className={ui.faint}>any</span> },
            { title: 'From', cell: ({ from }) => from || <span className={ui.faint}>always</span> }, { title: 'Prices', wrap: true, cell: ({ prices }) => inWords(prices) },
            { title: '', right: true, cell: (price) => <Remove price={price} /> }]} />)}
        {data.prices.length === 0 && <p className={css.note}>None yet. A price that you set holds for calls that arrive from then on; what is stored keeps its cost.</p>}
        <Form model={model} onModel={setModel} />
      </Card>
      <Unpriced onModel={setModel} />
      <Lookup />
      <p className={css.about}>Catalogue: {data.catalogue.source} {data.catalogue.version}, published {data.catalogue.published}, {exact(data.catalogue.models)} models{data.catalogue.embedded ? '' : ', replaced on this server'}. Of a model that nobody knows, {inWords(data.default)} per million tokens is assumed.</p>
    </div>
  );
}
