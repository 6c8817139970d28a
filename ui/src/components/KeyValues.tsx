import { visible } from '../lib/visible';
import { JsonView } from './JsonView';
import { Copy } from './ui';
import css from './KeyValues.module.css';

// Attributes by name; nested values as trees.
export function KeyValues({ values, filter = '' }: { values: Record<string, unknown>; filter?: string }) {
  const wanted = filter.toLowerCase();
  const entries = Object.entries(values).filter(([key, value]) => wanted === '' || key.toLowerCase().includes(wanted) || JSON.stringify(value)?.toLowerCase().includes(wanted))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <p className={css.none}>{wanted ? 'Nothing matches.' : 'None.'}</p>;
  return (
    <dl className={css.list}>
      {entries.map(([key, value]) => (
        <div key={key} className={css.row}>
          <dt>{visible(key)}</dt>
          <dd><JsonView value={value} open={1} /></dd>
          <Copy text={() => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))} label={`Copy ${key}`} />
        </div>
      ))}
    </dl>
  );
}
