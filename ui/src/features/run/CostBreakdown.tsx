import { Link } from '@tanstack/react-router';
import type { CostStep, SpanCost } from '../../api/types';
import { keepRange } from '../../app/Shell';
import { Figures } from '../../components/Figures';
import { Badge, Card } from '../../components/ui';
import { exact, price, usd } from '../../lib/format';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

const kSources: Record<string, string> = {
  client: 'The client sent this cost; nothing was computed.', override: 'Computed with a price that you set.',
  catalogue: 'Computed with the price catalogue.', default: 'Nothing is known of this model, so the default price stands in for its own. An assumption.',
};

const amount = ({ tokens, count }: CostStep) => (tokens != null ? `${exact(tokens)}` : exact(count ?? 0));
const rate = ({ usd_per_million: million, usd_per: each, per }: CostStep) =>
  (million != null ? `${price(million)} / M` : `${price(each)} / ${exact(per ?? 1)}`);

// The arithmetic of a span's cost, bucket by bucket.
export function CostBreakdown({ cost, model }: { cost: SpanCost; model: string }) {
  const notes = [
    cost.recognised_by && cost.recognised_by !== 'none' && cost.recognised_by !== 'provider and model' && `Recognised by: ${cost.recognised_by}.`,
    cost.unpriced_tier && `No price is known for the service tier “${oneLine(cost.unpriced_tier, 40)}”, so it is charged as standard.`,
    cost.assumed_split && 'Only the sum of tokens was sent: three parts in four are taken as input, one as output.',
    cost.estimated_tokens && 'No usage was sent; the token counts are estimated from the texts.',
    cost.current && `At the prices of now it would be ${usd(cost.current.usd)} (${oneLine(cost.current.price, 80)}); the stored cost keeps the prices of its arrival.`,
  ].filter(Boolean);
  return (
    <div className={css.stack}>
      <Card title={usd(cost.usd)} note={<Badge tone={cost.source === 'default' ? 'warn' : 'plain'}>{cost.source}</Badge>}>
        {cost.steps && cost.steps.length > 0 && (
          <Figures label="Arithmetic of the cost" rows={cost.steps} keyOf={({ bucket }) => bucket} foot={['Sum', '', '', usd(cost.steps.reduce((sum, step) => sum + step.usd, 0))]}
                   columns={[{ title: 'Bucket', cell: ({ bucket, above_input_tokens: above }) => <>{bucket.replace(/_/g, ' ')}{above ? ` (above ${exact(above)})` : ''}</> },
                             { title: 'Amount', right: true, cell: amount }, { title: 'Price', right: true, cell: rate }, { title: 'Cost', right: true, cell: (step) => usd(step.usd) }]} />)}
        <p className={css.costNote}>{kSources[cost.source] ?? cost.source}{cost.price && <> Price <code>{oneLine(cost.price, 80)}</code>{cost.tier && cost.tier !== 'standard' ? `, tier ${cost.tier}` : ''}.</>} {notes.join(' ')}</p>
      </Card>
      {cost.source !== 'client' && <p><Link to="/ui/cost" search={((old: Record<string, string>) => ({ ...keepRange(old), view: 'prices', model })) as never}>What this model costs, and a price of your own</Link></p>}
    </div>
  );
}
