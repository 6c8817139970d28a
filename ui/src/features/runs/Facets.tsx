import type { Parameters } from '../../api/client';
import { useFacetQuestions, type Facet } from '../../api/stats';
import { Skeleton } from '../../components/ui';
import { exact } from '../../lib/format';
import { facetQuestions, hasTerm, toggleTerm } from '../../lib/query';
import { oneLine } from '../../lib/visible';
import css from './Facets.module.css';

const kTitles: Record<string, string> = {
  status: 'Status', agent: 'Agent', service: 'Service', environment: 'Environment', model: 'Model', tool: 'Tool', query_type: 'Query type', outcome: 'Outcome', user: 'User',
};
const kFields = Object.keys(kTitles);
const kValues = 12;

function useFacets({ since, until }: Parameters, query: string): { facets: Facet[]; isPending: boolean } {
  const answers = useFacetQuestions(facetQuestions(query, kFields).map(({ query: asked, fields }) => ({ since, until, query: asked || undefined, fields: fields.join(','), limit: kValues })));
  const known = new Map(answers.flatMap(({ data }) => data?.facets ?? []).map((facet) => [facet.field, facet]));
  return { facets: kFields.map((field) => known.get(field)).filter((facet) => facet != null && facet.values.length > 0) as Facet[], isPending: answers.some(({ isPending }) => isPending) };
}

// The values of the runs that match, each with its runs. What the query says about a field does not
// narrow that field's own values.
export function Facets({ parameters, query, onChange }: { parameters: Parameters; query: string; onChange: (query: string) => void }) {
  const { facets, isPending } = useFacets(parameters, query);
  return (
    <aside className={css.facets} aria-label="Filters, with counts of the runs that match">
      {facets.length === 0 && isPending && Array.from({ length: 8 }, (_, i) => <div key={i} className={css.waiting}><Skeleton width={`${50 + ((i * 29) % 40)}%`} /></div>)}
      {facets.map(({ field, distinct, values }) => (
        <section key={field} className={css.group} aria-label={kTitles[field]}>
          <h3>{kTitles[field]}{distinct > values.length && <small>{values.length} of {exact(distinct)}</small>}</h3>
          {values.map(({ value, runs }) => (
            <button key={value} type="button" className={css.facet} aria-pressed={hasTerm(query, field, value)} title={value}
                    onClick={() => onChange(toggleTerm(query, field, value))}>
              <span>{oneLine(value, 80)}</span><span>{exact(runs)}</span>
            </button>
          ))}
        </section>
      ))}
    </aside>
  );
}
