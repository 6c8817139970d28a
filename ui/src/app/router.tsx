import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { kBase } from '../api/client';
import { traceQuery } from '../api/hooks';
import { queryClient } from '../api/queryClient';
import { ErrorBox, SkeletonRows } from '../components/ui';
import { NotFound } from './NotFound';
import { Shell } from './Shell';
import { formatSearch, parseSearch, type Search } from './url';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, validateSearch: (search): Search => search as Search });

type Start = (parameters: Record<string, string>) => void;

// `start` asks the server for what the view needs first, while the code of the view is on its way.
const page = <P extends string>(path: P, load: () => Promise<Record<string, unknown>>, name: string, start?: Start) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load as never, name as never),
                ...(start && { shouldReload: false, loader: ({ params, preload }) => { if (!preload) start(params as Record<string, string>); } }) });

const routes = [
  page('/', () => import('../features/home/Home'), 'Home'),
  page('/ui/runs', () => import('../features/runs/Runs'), 'Runs'),
  page('/ui/runs/$traceId', () => import('../features/run/Run'), 'Run',
       ({ traceId }) => void queryClient.prefetchQuery(traceQuery(traceId!))),
  page('/ui/agents', () => import('../features/agents/Agents'), 'Agents'),
  page('/ui/users', () => import('../features/users/Users'), 'Users'),
  page('/ui/sessions', () => import('../features/sessions/Sessions'), 'Sessions'),
  page('/ui/sessions/$session', () => import('../features/sessions/Session'), 'Session'),
  page('/ui/logs', () => import('../features/logs/Logs'), 'Logs'),
  page('/ui/cost', () => import('../features/cost/Cost'), 'Cost'),
  page('/ui/sql', () => import('../features/sql/Sql'), 'Sql'),
  page('/ui/ingest', () => import('../features/ingest/Ingest'), 'Ingest'),
  page('/ui/settings', () => import('../features/settings/Settings'), 'Settings'),
];

// All views are loaded once the first one stands: going to another is instant, and works while the
// server is away.
export async function preloadViews() {
  await Promise.all(routes.map(({ options }) => (options.component as { preload?: () => Promise<unknown> } | undefined)?.preload?.()));
}

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: kBase,
  parseSearch, stringifySearch: formatSearch,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <SkeletonRows />,
  defaultErrorComponent: ({ error, reset }) => <div style={{ padding: 16 }}><ErrorBox error={error} onRetry={reset} /></div>,
});
