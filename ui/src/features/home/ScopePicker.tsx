import { useSql } from '../../api/hooks';
import { ui } from '../../components/ui';
import { queries, runsWhere, type Scope } from '../../lib/sql';

const kFields = [['service', 'Service'], ['agent', 'Agent'], ['environment', 'Environment']] as const;

function Picker({ field, title, scope, onChange }: { field: 'service' | 'agent' | 'environment'; title: string; scope: Scope; onChange: (value: string) => void }) {
  const { data = [] } = useSql<{ value: string; n: number }>(`facet-${field}`, queries.facet(runsWhere({ from: scope.from, to: scope.to, open: scope.open }), field));
  const chosen = scope[field] ?? '';
  const values = data.map(({ value }) => value);
  if (values.length === 0 && !chosen) return null;
  return (
    <select className={ui.field} aria-label={title} value={chosen} onChange={(event) => onChange(event.target.value)} style={{ maxWidth: 180 }}>
      <option value="">{`${title}: all`}</option>
      {[...new Set([...(chosen ? [chosen] : []), ...values])].map((value) => <option key={value} value={value}>{value}</option>)}
    </select>
  );
}

export function ScopePicker({ scope, onChange }: { scope: Scope; onChange: (change: Record<string, string>) => void }) {
  return <>{kFields.map(([field, title]) => <Picker key={field} field={field} title={title} scope={scope} onChange={(value) => onChange({ [field]: value })} />)}</>;
}
