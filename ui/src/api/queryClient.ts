import { QueryClient } from '@tanstack/react-query';
import { ApiError, refetchAfter } from './client';

// The one cache of what the server said.
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      retry: (failures, error) => error instanceof ApiError && error.status === 503 && failures < 3,
      refetchInterval: ({ state }) => refetchAfter(state.error),
    },
  },
});
