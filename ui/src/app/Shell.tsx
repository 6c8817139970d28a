import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { kBase } from '../api/client';
import { useStatus } from '../api/hooks';
import { useCommands } from '../commands/registry';
import { Icon, type IconName } from '../components/icons';
import { Kbd } from '../components/ui';
import { Palette, ShortcutSheet } from './Palette';
import { setPreferences, useShownTheme } from './preferences';
import { TimePicker } from './TimePicker';
import css from './Shell.module.css';

// Later views take their place in this table.
export const kViews: readonly { to: string; title: string; icon: IconName; key: string }[] = [
  { to: '/', title: 'Home', icon: 'home', key: 'h' },
  { to: '/ui/runs', title: 'Runs', icon: 'runs', key: 'r' },
  { to: '/ui/agents', title: 'Agents', icon: 'agents', key: 'a' },
  { to: '/ui/sessions', title: 'Sessions', icon: 'sessions', key: 's' },
  { to: '/ui/users', title: 'Users', icon: 'users', key: 'u' },
  { to: '/ui/logs', title: 'Logs', icon: 'logs', key: 'l' },
  { to: '/ui/cost', title: 'Cost', icon: 'cost', key: 'c' },
  { to: '/ui/sql', title: 'SQL', icon: 'sql', key: 'q' },
  { to: '/ui/ingest', title: 'Ingest', icon: 'ingest', key: 'i' },
  { to: '/ui/settings', title: 'Settings', icon: 'settings', key: ',' },
];

function ServerLight() {
  const { data, isError, isPending } = useStatus();
  const state = isError ? 'gone' : isPending ? 'unknown' : 'here';
  const title = isError ? 'cannot reach the server' : data ? `version ${data.version}` : 'asking the server';
  return <div className={css.server} role="status"><i className={css.light} data-state={state} /><span>{title}</span></div>;
}

function WriteErrorBanner() {
  const { data } = useStatus();
  if (!data?.store.write_error) return null;
  return <div className={css.banner} role="alert"><Icon name="warn" />The server cannot store telemetry: {data.store.write_error}</div>;
}

export function Shell() {
  const navigate = useNavigate();
  const [open, setOpen] = useState<'palette' | 'sheet' | null>(null);
  const theme = useShownTheme();
  const toggleTheme = () => setPreferences({ theme: theme === 'dark' ? 'light' : 'dark' });
  useCommands([
    ...kViews.map(({ to, title, key }) => ({
      id: `go.${title}`, title: `Go to ${title}`, group: 'Go', keys: `g ${key}`,
      run: () => void navigate({ to, search: keepRange as never }) })),
    { id: 'app.palette', title: 'Command palette', group: 'General', keys: 'Mod+k', hidden: true, run: () => setOpen('palette') },
    { id: 'app.sheet', title: 'Keyboard shortcuts', group: 'General', keys: '?', run: () => setOpen('sheet') },
    { id: 'app.theme', title: 'Switch between light and dark', group: 'General', keys: 'T', run: toggleTheme },
  ]);
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to content</a>
      <nav className={css.nav} aria-label="Views">
        <Link to="/" search={keepRange as never} className={css.brand}><img src={`${kBase}icon.svg`} alt="" /><span>Observatory</span></Link>
        {kViews.map(({ to, title, icon }) => (
          <Link key={to} to={to} search={keepRange as never} className={css.link} activeOptions={{ exact: to === '/', includeSearch: false }} title={title}>
            <Icon name={icon} /><span>{title}</span>
          </Link>
        ))}
        <div className={css.foot}>
          <button type="button" className={css.footButton} onClick={() => setOpen('palette')} title="Command palette">
            <Icon name="search" size={14} /><span>Commands</span><Kbd keys="Mod+K" />
          </button>
          <button type="button" className={css.footButton} onClick={() => setOpen('sheet')} title="Keyboard shortcuts">
            <Icon name="keyboard" size={14} /><span>Shortcuts</span><Kbd keys="?" />
          </button>
          <button type="button" className={css.footButton} onClick={toggleTheme} title="Theme">
            <Icon name={theme === 'dark' ? 'sun' : 'moon'} size={14} /><span>{theme === 'dark' ? 'Light theme' : 'Dark theme'}</span>
          </button>
          <ServerLight />
        </div>
      </nav>
      <div className={css.main}>
        <WriteErrorBanner />
        <Outlet />
      </div>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'sheet' && <ShortcutSheet onClose={() => setOpen(null)} />}
    </div>
  );
}

export const keepRange = ({ since, until }: Record<string, string>) => ({ since, until });

// The frame of a view: title, time range and what belongs at the top right.
export function View({ title, parent, actions, timed = true, children }: { title: string; parent?: { to: string; title: string }; actions?: ReactNode; timed?: boolean; children: ReactNode }) {
  return (
    <>
      <header className={css.top}>
        {parent && <nav className={css.crumb} aria-label="Above"><Link to={parent.to} search={keepRange as never}>{parent.title}</Link> <span aria-hidden="true">/</span></nav>}
        <h1>{title}</h1>{actions}{timed && <TimePicker />}</header>
      <main className={css.body} id="main" tabIndex={-1}>{children}</main>
    </>
  );
}
