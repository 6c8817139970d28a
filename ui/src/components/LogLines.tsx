import { Link } from '@tanstack/react-router';
import type { LogRecord } from '../api/types';
import { useNow } from '../app/clock';
import { usePreferences } from '../app/preferences';
import { dateTime, shortTime } from '../lib/time';
import { oneLine } from '../lib/visible';
import { JsonView } from './JsonView';
import { KeyValues } from './KeyValues';
import { TextBlock } from './Messages';
import css from './LogLines.module.css';

export function logText({ body, event_name: name }: LogRecord): string {
  const text = typeof body === 'string' ? body : body == null ? '' : JSON.stringify(body);
  return [name, text].filter(Boolean).join(' · ');
}

export function LogLine({ log, linked = false }: { log: LogRecord; linked?: boolean }) {
  const { zone } = usePreferences();
  const now = useNow(60_000);
  const at = Date.parse(log.time);
  return (
    <div className={css.line} data-linked={linked}>
      <details>
        <summary>
          <time dateTime={log.time} title={dateTime(at, zone, true)}>{shortTime(at, zone, now)}</time>
          <span className={css.severity} data-level={log.severity}>{oneLine(log.severity_text || log.severity, 8).toUpperCase()}</span>
          <span className={css.service} title={log.service}>{oneLine(log.service)}</span>
          <span className={css.body}>{oneLine(logText(log), 400)}</span>
        </summary>
        <div className={css.more}>
          {typeof log.body === 'string' ? <TextBlock text={log.body} /> : log.body != null && <JsonView value={log.body} />}
          <KeyValues values={{ ...log.attributes, ...Object.fromEntries(Object.entries(log.resource).map(([key, value]) => [`resource ${key}`, value])) }} />
        </div>
      </details>
      {linked && log.trace_id && <Link className={css.run} to="/ui/runs/$traceId" params={{ traceId: log.trace_id }} search={(log.span_id ? { span: log.span_id } : {}) as never}>run</Link>}
    </div>
  );
}

export function LogLines({ logs, linked }: { logs: readonly LogRecord[]; linked?: boolean }) {
  return <div>{logs.map((log, i) => <LogLine key={`${log.time} ${i}`} log={log} linked={linked} />)}</div>;
}
