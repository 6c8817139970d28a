// Exact figures over many runs: /api/v1/stats.
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { get, refetchAfter, type Parameters } from './client';

export interface RunFigures {
  runs: number; errors: number; live: number; steps: number; tool_calls: number;
  tokens: { input: number; output: number; total: number }; cost_usd: number;
  duration_ms: { p50: number; p95: number; p99: number } | null;  // null: no run that is not live
}
export interface Point extends RunFigures { start: string }
export interface Group extends RunFigures { key: string; others: boolean; points?: Point[] }
export interface Series { total: RunFigures; points?: Point[]; groups: Group[] }

export type Measure = 'duration' | 'cost' | 'tokens' | 'steps' | 'tool_calls' | 'spans';
export interface StatBin { from: number; to: number; runs: number; errors: number }
export interface Distribution {
  field: Measure; unit: 'ms' | 'usd' | '1'; runs: number; min: number; max: number; mean: number;
  quantiles: { p50: number; p95: number; p99: number }; bins: StatBin[];
}
export interface Heatmap extends Distribution { cells: { start: string; bin: number; runs: number; errors: number }[] }

export interface ToolFigures {
  tool: string; others: boolean; calls: number; errors: number; runs: number; duration_ms: number;
  points?: { start: string; calls: number; errors: number }[];
}

export interface Difference { field: string; value: string; selected: number; rest: number; selected_share: number; rest_share: number; z: number }
export interface Differences { selected: number; rest: number; values: Difference[] }

export interface FacetValue { value: string; runs: number; errors: number }
export interface Facet { field: string; distinct: number; values: FacetValue[] }
export interface Facets { runs: number; facets: Facet[] }

export interface ModelCalls {
  model: string; calls: number; errors: number;
  duration_ms: { p50: number; p95: number; p99: number }; time_to_first_token_ms: { p50: number; p95: number; p99: number } | null;
}

const kFreshMs = 30_000;

// A window that is open at its end is read again.
function statQuery<T>(path: string, parameters: Parameters) {
  return {
    queryKey: ['stats', path, parameters], placeholderData: keepPreviousData,
    refetchInterval: ({ state }: { state: { error: unknown } }) => refetchAfter(state.error, parameters.until ? false : kFreshMs),
    queryFn: ({ signal }: { signal: AbortSignal }) => get<T>(`stats/${path}`, parameters, signal),
  };
}

const useStat = <T>(path: string, parameters: Parameters, enabled = true) => useQuery<T>({ ...statQuery<T>(path, parameters), enabled });

export const useSeries = (parameters: Parameters, enabled = true) => useStat<Series>('series', parameters, enabled);
export const useHistogram = (parameters: Parameters) => useStat<Distribution>('histogram', parameters);
export const useHeatmap = (parameters: Parameters, enabled = true) => useStat<Heatmap>('heatmap', parameters, enabled);
export const useTools = (parameters: Parameters) => useStat<{ tools: ToolFigures[] }>('tools', parameters);
export const useDifferences = (parameters: Parameters, enabled = true) => useStat<Differences>('differences', parameters, enabled);
export const useModels = (parameters: Parameters) => useStat<{ models: ModelCalls[] }>('models', parameters);
export const useFacetQuestions = (questions: readonly Parameters[]) => useQueries({ queries: questions.map((parameters) => statQuery<Facets>('facets', parameters)) });
