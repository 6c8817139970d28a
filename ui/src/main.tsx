import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client';
import './app/preferences';
import { preloadViews, router } from './app/router';
import { listen } from './commands/registry';
import './styles/tokens.css';
import './styles/base.css';

const kUnreachableRetryMs = 3000;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => error instanceof ApiError && error.status === 503 && failures < 3,
      // What failed because the server was away comes back by itself.
      refetchInterval: ({ state }) => (state.error instanceof ApiError && state.error.status === 0 ? kUnreachableRetryMs : false),
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
