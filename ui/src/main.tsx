import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queryClient';
import './app/preferences';
import { preloadViews, router } from './app/router';
import { listen } from './commands/registry';
import './styles/tokens.css';
import './styles/base.css';

// Tests wait for this instead of for time.
declare global { interface Window { __idle: () => boolean } }
let viewsAreLoaded = false;
window.__idle = () => viewsAreLoaded && queryClient.isFetching() === 0 && router.state.status === 'idle';

// The other views are loaded when what is asked for stands, so that they do not compete with it.
const kPreloadDelayMs = 300;
const whenIdle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, kPreloadDelayMs));
function loadTheRest() {
  const load = () => { preloadViews().catch(() => undefined).finally(() => { viewsAreLoaded = true; }); };
  const unsubscribe = queryClient.getQueryCache().subscribe(loadOnceQuiet);
  function loadOnceQuiet() {
    if (queryClient.isFetching() > 0 || router.state.status !== 'idle') return;
    unsubscribe();
    whenIdle(load);
  }
  loadOnceQuiet();
}
window.addEventListener('load', loadTheRest);

listen();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}><RouterProvider router={router} /></QueryClientProvider>
  </StrictMode>);
