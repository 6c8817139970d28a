import { keepPreviousData, useInfiniteQuery, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post, refetchAfter, remove, send, type Parameters } from './client';
import type { Operations } from './openapi.generated';
import type { AgentPage, ApiKeyList, CostAnswer, IngestStatus, LogPage, ModelPrice, NewApiKey, PriceList, PriceOverride, RevokedApiKey, RunPage, Score, SearchField, ServerSetting, ServerStatus, SessionPage, SessionRuns, Span, SqlResult,
              TextMatches, Trace, UserPage, WholeRun } from './types';

const kPage = 100;
const kLogPage = 200;
const kSettleMs = 6000;

// An enumerated parameter may come from the URL as any text; the server says so when it is wrong.
type Asked<Name extends keyof Operations> = { [Key in keyof Operations[Name]]?: string | number };
export type RunsParameters = Asked<'GET /api/v1/runs'>;

// A list that is read page by page; `path` is the cache key, too.
function pagesOf<Page extends { next_cursor?: string | null }>(path: string, parameters: Parameters, limit = kPage) {
  return {
    queryKey: [path, parameters],
    queryFn: ({ pageParam, signal }: { pageParam: string; signal: AbortSignal }) => get<Page>(path, { ...parameters, limit, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (page: Page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  };
}

export function useRuns(parameters: RunsParameters) {
  return useInfiniteQuery({
    ...pagesOf<RunPage>('runs', parameters),
    // Runs that are live settle by themselves.
    refetchInterval: ({ state }) => refetchAfter(state.error, state.data?.pages[0]?.runs.some(({ status }) => status === 'live') ? kSettleMs : false),
  });
}

export function useRun(traceId: string) {
  return useQuery({ queryKey: ['run', traceId], enabled: traceId !== '',
                    queryFn: ({ signal }) => get<WholeRun>(`runs/${traceId}`, {}, signal) });
}

export function traceQuery(traceId: string) {
  return {
    queryKey: ['trace', traceId], structuralSharing: false as const,
    queryFn: ({ signal }: { signal: AbortSignal }) => get<Trace>(`traces/${traceId}`, {}, signal),
  };
}

export function useTrace(traceId: string) {
  return useQuery({ ...traceQuery(traceId), enabled: traceId !== '' });
}

export function spanQuery(traceId: string, spanId: string) {
  return {
    queryKey: ['span', traceId, spanId], staleTime: 60_000,
    queryFn: ({ signal }: { signal: AbortSignal }) => get<Span>(`traces/${traceId}/spans/${spanId}`, {}, signal),
  };
}

export function useSpan(traceId: string, spanId: string) {
  return useQuery({ ...spanQuery(traceId, spanId), enabled: spanId !== '' });
}

// How each field of a span was found; asked for when it is looked at.
export function useMapping(traceId: string, spanId: string) {
  return useQuery({ queryKey: ['mapping', traceId, spanId], staleTime: 60_000,
                    queryFn: ({ signal }) => get<Span>(`traces/${traceId}/spans/${spanId}`, { explain: 1 }, signal) });
}

export const useLogs = (parameters: Asked<'GET /api/v1/logs'>, enabled = true) => useInfiniteQuery({ ...pagesOf<LogPage>('logs', parameters, kLogPage), enabled });
export const useSessions = (parameters: Asked<'GET /api/v1/sessions'>) => useInfiniteQuery(pagesOf<SessionPage>('sessions', parameters));
export const useUsers = (parameters: Asked<'GET /api/v1/users'>) => useInfiniteQuery(pagesOf<UserPage>('users', parameters));

export function useSessionRuns(session: string) {
  return useQuery({
    queryKey: ['session', session], enabled: session !== '',
    queryFn: ({ signal }) => get<SessionRuns>(`sessions/${encodeURIComponent(session)}`, { limit: 200 }, signal),
  });
}

export function useAgents(parameters: Asked<'GET /api/v1/agents'>, enabled = true) {
  return useQuery({ queryKey: ['agents', parameters], enabled, placeholderData: keepPreviousData,
                    queryFn: ({ signal }) => get<AgentPage>('agents', { ...parameters, limit: 1000 }, signal) });
}

export function useCost(parameters: Asked<'GET /api/v1/cost'>) {
  return useQuery({ queryKey: ['cost', parameters], placeholderData: keepPreviousData,
                    queryFn: ({ signal }) => get<CostAnswer>('cost', parameters, signal) });
}

export function usePrices() {
  return useQuery({ queryKey: ['prices'], queryFn: ({ signal }) => get<PriceList>('cost/prices', {}, signal) });
}

export function useModelPrice(model: string, provider: string) {
  return useQuery({ queryKey: ['price', model, provider], enabled: model !== '',
                    queryFn: ({ signal }) => get<ModelPrice>('cost/models', { model, provider }, signal) });
}

// Sets or removes a price; everything that shows prices is read again.
export function useChangePrice() {
  const client = useQueryClient();
  const onSuccess = () => Promise.all(['prices', 'price'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  return {
    set: useMutation({ mutationFn: (price: Partial<PriceOverride>) => send<PriceOverride>('PUT', 'cost/prices', price), onSuccess }),
    remove: useMutation({ mutationFn: ({ model, provider, from }: PriceOverride) => remove<PriceList>('cost/prices', { model, provider, from }), onSuccess }),
  };
}

export function useKeys() {
  return useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => get<ApiKeyList>('keys', {}, signal) });
}

export interface WantedKey { name: string; project?: string; scopes: string }

// `onCreated` takes up the new key before the list is read again: the first key of a server closes it
// for those without.
export function useCreateKey(onCreated: (key: NewApiKey, asked: { use: boolean }) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ wanted }: { wanted: WantedKey; use: boolean }) => post<NewApiKey>('keys', wanted),
    onSuccess: (key, asked) => { onCreated(key, asked); return client.invalidateQueries({ queryKey: ['keys'] }); },
  });
}

// `onRevoked` hears what is lost, also when the list cannot be read any more.
export function useRevokeKey(onRevoked: (answer: RevokedApiKey) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove<RevokedApiKey>(`keys/${encodeURIComponent(id)}`),
    onSuccess: (answer) => { onRevoked(answer); return client.invalidateQueries({ queryKey: ['keys'] }); },
  });
}

// The settings that the server runs with, and where each comes from.
export function useSettings() {
  return useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => get<{ settings: Record<string, ServerSetting> }>('settings', {}, signal) });
}

// What the search language knows; it changes with the server only.
export function useSearchFields() {
  return useQuery({ queryKey: ['search-fields'], staleTime: Infinity,
                    queryFn: ({ signal }) => get<{ fields: SearchField[] }>('search/fields', {}, signal) });
}

export function useSearchValues(field: string, prefix: string, since: string, limit = 10) {
  return useQuery({ queryKey: ['search-values', field, prefix, since, limit], enabled: field !== '', staleTime: 30_000, placeholderData: keepPreviousData,
                    queryFn: ({ signal }) => get<{ values: [string, number][] }>('search/values', { field, prefix, since, limit }, signal) });
}

// Spans whose inputs and outputs hold a text. Reads contents, so it is asked for only when it is wanted.
export function useTextSearch(q: string, since: string, until: string | undefined) {
  return useQuery({ queryKey: ['text', q, since, until], enabled: q !== '', staleTime: 30_000,
                    queryFn: ({ signal }) => get<TextMatches>('search/text', { q, since, until, timeout: '5s', limit: 100 }, signal) });
}

export function useWholeRuns(traceIds: readonly string[]) {
  return useQueries({ queries: traceIds.map((id) => ({ queryKey: ['run', id], queryFn: ({ signal }: { signal: AbortSignal }) => get<WholeRun>(`runs/${id}`, {}, signal) })) });
}

export function useScores(parameters: Asked<'GET /api/v1/scores'>) {
  return useQuery({ queryKey: ['scores', parameters],
                    queryFn: ({ signal }) => get<{ scores: Score[] }>('scores', { ...parameters, limit: 200 }, signal) });
}

export function useAddScore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (score: Partial<Score>) => post<Score>('scores', score),
    onSuccess: () => client.invalidateQueries({ queryKey: ['scores'] }),
  });
}

// Rows as objects by column name. `key` names the question; it belongs to the cache key with the query.
export function useSql<Row>(key: string, query: string, enabled = true) {
  return useQuery({
    queryKey: ['sql', key, query], enabled, placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { columns, rows } = await post<SqlResult>('sql', { query }, signal);
      return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])) as Row);
    },
  });
}

export function useIngest(refetchInterval: number | false = 5000) {
  return useQuery({ queryKey: ['ingest'], refetchInterval,
                    queryFn: ({ signal }) => get<IngestStatus>('ingest/status', {}, signal) });
}

export function useStatus(refetchInterval: number | false = 15_000) {
  return useQuery({ queryKey: ['status'], refetchInterval,
                    queryFn: ({ signal }) => get<ServerStatus>('status', {}, signal) });
}
