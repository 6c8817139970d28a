import { useSearchValues } from '../../api/hooks';
import type { Search } from '../../app/search';
import { ui } from '../../components/ui';
import { kDefaultSince } from '../../lib/time';
import { oneLine } from '../../lib/visible';
import { kScopeFields } from './scope';

const kTitles = { service: 'Service', agent: 'Agent', environment: 'Environment' };

function Picker({ field, search, onChange }: { field: (typeof kScopeFields)[number]; search: Search; onChange: (value: string) => void }) {
  const { data } = useSearchValues(field, '', search.since || kDefaultSince, 50);
  const chosen = search[field] ?? '';
  const values = (data?.values ?? []).map(([value]) => value);
  if (values.length === 0 && !chosen) return null;
  return (
    <select className={ui.field} aria-label={kTitles[field]} value={chosen} onChange={(event) => onChange(event.target.value)} style={{ maxWidth: 180 }}>
      <option value="">{`${kTitles[field]}: all`}</option>
      {[...new Set([...(chosen ? [chosen] : []), ...values])].map((value) => <option key={value} value={value}>{oneLine(value, 80)}</option>)}
    </select>
  );
}

export function ScopePicker({ search, onChange }: { search: Search; onChange: (change: Record<string, string>) => void }) {
  return <>{kScopeFields.map((field) => <Picker key={field} field={field} search={search} onChange={(value) => onChange({ [field]: value })} />)}</>;
}
