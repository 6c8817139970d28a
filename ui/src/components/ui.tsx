// The small parts every view is made of. Presentational: no data, no URL.
import { useEffect, useRef, useState, type ButtonHTMLAttributes, type ReactNode } from 'react';
import { Icon, type IconName } from './icons';
import css from './ui.module.css';

type ButtonKind = 'normal' | 'primary' | 'quiet' | 'on';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  kind?: ButtonKind; icon?: IconName; label?: string; ref?: React.Ref<HTMLButtonElement>;
}

// With `label` and no children it is an icon button, named by the label.
export function Button({ kind = 'normal', icon, label, children, ...rest }: ButtonProps) {
  const classes = [css.button, kind !== 'normal' && css[kind], !children && css.icon].filter(Boolean).join(' ');
  return (
    <button type="button" className={classes} aria-label={children ? undefined : label} title={label} {...rest}>
      {icon && <Icon name={icon} size={14} />}{children}
    </button>
  );
}

export type Tone = 'plain' | 'ok' | 'bad' | 'warn' | 'live' | 'accent';

export function Badge({ tone = 'plain', title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return <span className={`${css.badge} ${tone === 'plain' ? '' : css[tone]}`} title={title}>{children}</span>;
}

export function StatusBadge({ status, title }: { status: string; title?: string }) {
  if (status === 'live') return <Badge tone="live" title={title}><i className={css.pulse} />live</Badge>;
  return <Badge tone={status === 'error' ? 'bad' : status === 'ok' ? 'ok' : 'plain'} title={title}>{status}</Badge>;
}

export function OpDot({ op }: { op: string }) {
  return <i className={css.opDot} style={{ background: `var(--op-${op}, var(--op-other))` }} aria-hidden="true" />;
}

export function Skeleton({ width = '100%', height = 12 }: { width?: number | string; height?: number | string }) {
  return <span className={css.skeleton} style={{ width, height }} aria-hidden="true" />;
}

export function SkeletonRows({ rows = 8, height = 32 }: { rows?: number; height?: number }) {
  return (
    <div aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} style={{ height, display: 'flex', alignItems: 'center', gap: 16, padding: '0 16px' }}>
          <Skeleton width={70} /><Skeleton width={`${30 + ((i * 37) % 45)}%`} /><Skeleton width={60} />
        </div>
      ))}
    </div>
  );
}

// The three kinds of nothing: no data yet, nothing matches, does not apply here.
export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className={css.state}>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {actions && <div className={css.stateActions}>{actions}</div>}
    </div>
  );
}

export function ErrorBox({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const hint = (error as { hint?: string } | null)?.hint;
  return (
    <div className={css.error} role="alert">
      <Icon name="warn" />
      <div><strong>{error instanceof Error ? error.message : String(error)}</strong>{hint && <p>{hint}</p>}</div>
      {onRetry && <Button kind="quiet" onClick={onRetry}>Try again</Button>}
    </div>
  );
}

export function Segments<T extends string>({ value, options, onChange, label }: {
  value: T; options: readonly (readonly [T, string])[]; onChange: (value: T) => void; label: string;
}) {
  return (
    <div className={css.segments} role="group" aria-label={label}>
      {options.map(([id, title]) => (
        <button key={id} type="button" aria-pressed={id === value} onClick={() => onChange(id)}>{title}</button>
      ))}
    </div>
  );
}

export function Tabs<T extends string>({ value, options, onChange, label }: {
  value: T; options: readonly (readonly [T, string, number?])[]; onChange: (value: T) => void; label: string;
}) {
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = options.findIndex(([id]) => id === value);
    const next = options[(at + step + options.length) % options.length]!;
    onChange(next[0]);
    (event.currentTarget.querySelector(`[data-tab="${next[0]}"]`) as HTMLElement | null)?.focus();
  };
  return (
    <div className={css.tabs} role="tablist" aria-label={label} onKeyDown={move}>
      {options.map(([id, title, n]) => (
        <button key={id} type="button" role="tab" data-tab={id} aria-selected={id === value} tabIndex={id === value ? 0 : -1}
                onClick={() => onChange(id)}>
          {title}{n != null && n > 0 && <Badge>{n}</Badge>}
        </button>
      ))}
    </div>
  );
}

export function Copy({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return undefined;
    const timer = setTimeout(() => setDone(false), 1200);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => void navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(() => setDone(true));
  return <Button kind="quiet" icon={done ? 'check' : 'copy'} label={done ? 'Copied' : label} onClick={copy} />;
}

export function Card({ title, note, children }: { title?: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.card} aria-label={title}>
      {title && <header className={css.cardHead}><h2>{title}</h2>{note && <p>{note}</p>}</header>}
      {children}
    </section>
  );
}

export function Kbd({ keys }: { keys: string }) {
  const mac = /Mac/.test(navigator.platform);
  const names: Record<string, string> = { Mod: mac ? '⌘' : 'Ctrl', ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc' };
  return <>{keys.split(/[ +]/).map((key, i) => <kbd key={i} className={css.kbd}>{names[key] ?? key}</kbd>)}</>;
}

// A modal native dialog: the browser keeps focus inside and closes it with Esc.
export function Dialog({ label, onClose, children }: { label: string; onClose: () => void; children: ReactNode }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current!;
    dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog ref={ref} className={css.dialog} aria-label={label} onCancel={(event) => { event.preventDefault(); onClose(); }}
            onClick={(event) => { if (event.target === ref.current) onClose(); }}>
      {children}
    </dialog>
  );
}

export { css as ui };
