import { useSql } from '../../api/hooks';
import { exact } from '../../lib/format';
import { hasTerm, toggleTerm } from '../../lib/query';
import { queries } from '../../lib/sql';
import { oneLine } from '../../lib/visible';
import css from './Facets.module.css';

interface Value { value: string; n: number }
type Facet = { field: string; title: string; query: string };

const kStatus = (where: string) => `SELECT * FROM (SELECT 'error' AS value, count(*) AS n FROM runs WHERE ${where} AND error
  UNION ALL SELECT 'live', count(*) FROM runs WHERE ${where} AND NOT error AND completeness = 'live'
  UNION ALL SELECT 'ok', count(*) FROM runs WHERE ${where} AND NOT error AND completeness <> 'live') WHERE n > 0`;

export function useFacets(where: string): { field: string; title: string; values: Value[] }[] {
  const facets: Facet[] = [
    { field: 'status', title: 'Status', query: kStatus(where) },
    { field: 'agent', title: 'Agent', query: queries.facet(where, 'agent') },
    { field: 'service', title: 'Service', query: queries.facet(where, 'service') },
    { field: 'environment', title: 'Environment', query: queries.facet(where, 'environment') },
    { field: 'model', title: 'Model', query: queries.listFacet(where, 'models') },
    { field: 'tool', title: 'Tool', query: queries.listFacet(where, 'tools') },
    { field: 'query_type', title: 'Query type', query: queries.facet(where, 'query_type') },
    { field: 'user', title: 'User', query: queries.facet(where, 'user_id') },
  ];
  const results = [];
  for (const { field, title, query } of facets) {
    const { data = [] } = useSql<Value>(`facet-${field}`, query);  // the same facets, in the same order, each time
    results.push({ field, title, values: data });
  }
  return results;
}

// Counts are of the whole time range, whatever else is filtered.
export function Facets({ facets, query, onChange }: { facets: ReturnType<typeof useFacets>; query: string; onChange: (query: string) => void }) {
  return (
    <aside className={css.facets} aria-label="Filters, with counts for the time range">
      {facets.filter(({ values }) => values.length > 0).map(({ field, title, values }) => (
        <section key={field} className={css.group}>
          <h3>{title}</h3>
          {values.map(({ value, n }) => (
            <button key={value} type="button" className={css.facet} aria-pressed={hasTerm(query, field, value)} title={value}
                    onClick={() => onChange(toggleTerm(query, field, value))}>
              <span>{oneLine(value, 80)}</span><span>{exact(n)}</span>
            </button>
          ))}
        </section>
      ))}
    </aside>
  );
}
