import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, refetchAfter } from './api/client';
import './app/preferences';
import { preloadViews, router } from './app/router';
import { listen } from './commands/registry';
import './styles/tokens.css';
import './styles/base.css';

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => error instanceof ApiError && error.status === 503 && failures < 3,
      refetchInterval: ({ state }) => refetchAfter(state.error),
    },
  },
});

// Tests wait for this instead of for time.
declare global { interface Window { __idle: () => boolean } }
let viewsAreLoaded = false;
window.__idle = () => viewsAreLoaded && queryClient.isFetching() === 0 && router.state.status === 'idle';

const kPreloadDelayMs = 300;
const whenIdle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, kPreloadDelayMs));
window.addEventListener('load', () => whenIdle(() => {
  preloadViews().catch(() => undefined).finally(() => { viewsAreLoaded = true; });
}));

listen();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}><RouterProvider router={router} /></QueryClientProvider>
  </StrictMode>);
