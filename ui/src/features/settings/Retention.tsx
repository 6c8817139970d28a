import { useSettings } from '../../api/hooks';
import type { ServerSetting } from '../../api/types';
import { Card, ErrorBox, SkeletonRows, ui } from '../../components/ui';
import css from './Settings.module.css';

const kAge = 'storage.retention.max_age';
const kBytes = 'storage.retention.max_bytes';

const unlimited = ({ value }: ServerSetting) => /^0\D*$/.test(value);
const asWords = ({ origin }: ServerSetting) => (origin === 'default' ? 'the default' : `from the ${origin}`);

function Limit({ name, limit, none, example }: { name: string; limit: ServerSetting; none: string; example: string }) {
  return (
    <div className={css.row}>
      <span>{name}</span>
      <div>
        <p><strong>{unlimited(limit) ? none : limit.value}</strong> <span className={ui.faint}>{asWords(limit)}</span></p>
        <p className={css.text}>To change it: <code>{limit.flag} {example}</code> or <code>{limit.environment}={example}</code>{limit.restart && ', and restart the server'}.</p>
      </div>
    </div>
  );
}

// How long telemetry is kept, and where that is said.
export function Retention() {
  const { data, error } = useSettings();
  const age = data?.settings[kAge];
  const size = data?.settings[kBytes];
  return (
    <Card title="Retention" note="set on the server: by flag, environment or settings file">
      {error && <div className={css.told}><ErrorBox error={error} /></div>}
      {!data && !error && <SkeletonRows rows={2} />}
      {age && size && (
        <>
          {unlimited(age) && unlimited(size) && <p className={css.told}>Everything is kept until you delete it.</p>}
          <Limit name="Kept for" limit={age} none="any time" example="30d" />
          <Limit name="At most on disk" limit={size} none="any size" example="20GB" />
          <p className={css.told}>In the settings file: <code>storage.retention.max_age</code> and <code>storage.retention.max_bytes</code>. What is over a limit is deleted, the oldest first.</p>
        </>
      )}
    </Card>
  );
}
