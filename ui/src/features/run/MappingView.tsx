import { useMapping } from '../../api/hooks';
import type { Mapping } from '../../api/types';
import { Figures } from '../../components/Figures';
import { Badge, Card, Empty, ErrorBox, SkeletonRows } from '../../components/ui';
import { oneLine } from '../../lib/visible';
import css from './Run.module.css';

type Line = { key: string; field: string; attribute: string; dialect: string; value: string; outcome: string };

function linesOf({ fields }: Mapping): Line[] {
  return fields.flatMap(({ field, inferred, candidates }) => [
    ...candidates.map((candidate, i) => ({ key: `${field} ${i}`, field: i === 0 ? field : '', attribute: candidate.attribute, dialect: candidate.dialect ?? '',
                                           value: candidate.value ?? '', outcome: candidate.outcome })),
    ...(inferred ? [{ key: `${field} inferred`, field: candidates.length === 0 ? field : '', attribute: inferred, dialect: '', value: '', outcome: 'inferred' }] : []),
  ]);
}

// Which attribute filled which field, and which were passed over.
export function MappingView({ traceId, spanId }: { traceId: string; spanId: string }) {
  const { data, error, refetch } = useMapping(traceId, spanId);
  if (error && !data) return <ErrorBox error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={6} />;
  const mapping = data.explain;
  if (!mapping || (mapping.fields.length === 0 && mapping.unmapped.length === 0)) return <Empty title="Nothing to map">No attribute of this span has a meaning for agents.</Empty>;
  return (
    <div className={css.stack}>
      <Card title={`Read as ${oneLine(mapping.dialect, 40)}`} note={`mapping ${mapping.mapping_version}`}>
        <Figures label="Fields and the attributes that fill them" rows={linesOf(mapping)} keyOf={({ key }) => key} columns={[
          { title: 'Field', cell: ({ field }) => <strong>{field}</strong> },
          { title: 'From', wrap: true, cell: ({ attribute, dialect }) => <><code>{oneLine(attribute, 200)}</code>{dialect && <span className={css.faint}> {dialect}</span>}</> },
          { title: 'Value', wrap: true, cell: ({ value }) => <span className={css.faint}>{oneLine(value, 80)}</span> },
          { title: '', cell: ({ outcome }) => <Badge tone={outcome === 'used' ? 'ok' : outcome === 'inferred' ? 'warn' : 'plain'}>{outcome}</Badge> }]} />
      </Card>
      {mapping.unmapped.length > 0 && (
        <Card title="Not understood" note="kept as they are">
          <ul className={css.unmapped}>{mapping.unmapped.map((key) => <li key={key}><code>{oneLine(key, 200)}</code></li>)}</ul>
        </Card>)}
    </div>
  );
}
