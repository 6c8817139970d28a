// Answers of the REST API (docs/api.md). The OpenAPI document describes them in prose, so they are
// written by hand; parameters and paths are generated (openapi.generated.ts).

export interface Run {
  trace_id: string; root_name: string; service: string; environment: string; agent: string;
  session: string; user: string; query_type: string; outcome: string;
  start: string; duration_ms: number; status: 'ok' | 'error' | 'live'; error_message: string;
  steps: number; tool_calls: number; retrievals: number; spans: number; errors: number;
  tokens: { input: number; output: number; total: number }; cost_usd: number;
  models: string[]; tools: string[]; agents: string[];
  input_preview: string; output_preview: string;
  completeness: 'live' | 'complete' | 'incomplete'; missing_parents: number; clock_skewed: number;
}

// What a run is made of; only GET /api/v1/runs/{trace_id} has it.
export interface Usage {
  agent: string; service: string; provider: string; model: string; tool: string; calls: number;
  input_tokens: number; output_tokens: number; total_tokens: number; cost_usd: number; cost_source: string;
}
export interface AgentEdge { from: string; to: string; evidence: string; handoff: boolean; calls: number; errors: number }
export interface AgentVersion { agent: string; service_version: string; model: string; setup: string; id: string }
export interface WholeRun extends Run { usage: Usage[]; edges: AgentEdge[]; versions: AgentVersion[] }

export interface RunPage { runs: Run[]; next_cursor: string | null; total: number }

export interface TextColumn { dictionary: string[]; index: number[] }
export type NumberColumn = (number | null)[];

// A column in which no span has a value is left out.
export interface TraceColumns {
  span_id: string[]; parent_span_id?: (string | null)[]; parent_row: number[];
  start_ns: number[]; duration_ns: number[]; times_adjusted?: (boolean | null)[];
  name: TextColumn; op?: TextColumn; kind?: TextColumn; status?: TextColumn; status_message?: TextColumn;
  error_type?: TextColumn; service?: TextColumn; agent?: TextColumn; model?: TextColumn;
  provider?: TextColumn; tool?: TextColumn; finish_reason?: TextColumn;
  input_tokens?: NumberColumn; output_tokens?: NumberColumn; total_tokens?: NumberColumn;
  cache_read_tokens?: NumberColumn; cache_write_tokens?: NumberColumn; reasoning_tokens?: NumberColumn;
  cost_usd?: NumberColumn; time_to_first_token_ns?: NumberColumn;
}

export interface Trace { trace_id: string; run: Run; span_count: number; base: string; columns: TraceColumns }

export type Attributes = Record<string, unknown>;

export interface SpanEvent { name: string; time: string; attributes: Attributes }
export interface SpanLink { trace_id: string; span_id: string; attributes: Attributes }

// Normalised by the server, where it does so.
export interface MessagePart {
  type: string; text?: string; content?: unknown; name?: string; id?: string; arguments?: unknown;
  result?: unknown; mime_type?: string; size?: number; uri?: string; [key: string]: unknown;
}
export interface Message { role: string; name?: string; parts: MessagePart[]; finish_reason?: string }
export interface Messages { input: Message[]; output: Message[] }
export interface Document { id?: string; content?: string; score?: number | null; [key: string]: unknown }

export interface CostStep {
  bucket: string; tokens?: number; usd_per_million?: number; count?: number; usd_per?: number; per?: number;
  above_input_tokens?: number; usd: number;
}
export interface SpanCost {
  usd: number; source: string; price: string; tier?: string; unpriced_tier?: string; recognised_by?: string;
  assumed_split?: boolean; estimated_tokens?: boolean; steps?: CostStep[]; current?: { usd: number; price: string };
}
export interface MappingCandidate { dialect?: string; attribute: string; rank: number; value?: string; outcome: string }
export interface Mapping {
  dialect: string; mapping_version: number; unmapped: string[];
  fields: { field: string; inferred?: string; candidates: MappingCandidate[] }[];
}

export interface Span {
  trace_id: string; span_id: string; parent_span_id: string | null; name: string; kind: string;
  status: { code: string; message: string }; start: string; end: string | null; duration_ms: number;
  attributes: Attributes; events: SpanEvent[]; links: SpanLink[];
  dropped: { attributes: number; events: number; links: number };
  resource: { attributes: Attributes; schema_url: string };
  scope: { name: string; version: string; attributes: Attributes };
  messages?: Messages; documents?: Document[]; cost?: SpanCost; explain?: Mapping;
}

export interface LogRecord {
  time: string; observed: string; severity: string; severity_number: number; severity_text: string;
  service: string; event_name: string; body: unknown; attributes: Attributes;
  trace_id: string | null; span_id: string | null; resource: Attributes; scope: string;
}
export interface LogPage { logs: LogRecord[]; next_cursor: string | null }

export interface Session {
  session: string; user: string; agent: string; first: string; last: string; runs: number; errors: number;
  steps: number; total_tokens: number; cost_usd: number;
}
export interface SessionPage { sessions: Session[]; next_cursor: string | null }
export interface SessionRuns { session: string; runs: Run[]; next_cursor: string | null }

export interface Score {
  id: string; trace_id: string; span_id: string; session: string; name: string; kind: string;
  value: number | string | boolean; comment: string; source: string; time: string;
}

export interface SqlResult {
  columns: { name: string; type: string }[]; rows: unknown[][]; truncated: boolean; elapsed_ms: number;
}

export interface AgentRow {
  agent: string; runs: number; failed_runs: number; invocations: number; errors: number; model_calls: number;
  tokens: Run['tokens']; cost_usd: number; duration_ms: { p50: number; p95: number } | null; first: string; last: string;
  versions: { id: string; service_version: string; model: string; setup: string; first: string; last: string; runs: number }[];
}
export interface AgentPage { agents: AgentRow[]; total: number }

export interface UserRow {
  user: string; first: string; last: string; sessions: number; runs: number; errors: number; steps: number;
  tool_calls: number; tokens: Run['tokens']; cost_usd: number;
}
export interface UserPage { users: UserRow[]; next_cursor: string | null }

export interface CostFigures {
  usd: number; default_price_usd: number; runs: number; calls: number; input_tokens: number; output_tokens: number;
  cache_read_tokens: number; estimated_tokens: number; usd_per_run: { mean: number; p50: number; p95: number };
}
export interface CostGroup extends CostFigures { key: Record<string, string>; share: number; delegated_usd?: number }
export interface CostAnswer {
  group: string[]; total: CostFigures; groups: CostGroup[];
  buckets?: { start: string; usd: number; runs: number; groups: { key: Record<string, string>; usd: number; runs: number }[] }[];
}

export type Prices = Record<string, number | { base: number; tiers: { start: number; price: number }[] }>;
export interface PriceOverride { model: string; provider: string; from: string; row: string; origin: 'api' | 'file'; prices: Prices }
export interface PriceList {
  prices: PriceOverride[]; default: Prices;
  catalogue: { source: string; version: string; published: string; embedded: boolean; models: number };
}
export interface ModelPrice {
  model: string; provider: string; source: string; row: string; recognised_by: string; prices: Prices; catalogue_rows?: string[];
  context_window?: number | null; output_limit?: number | null; deprecated?: boolean;
  tiers?: { tier: string; factor?: number; prices?: Prices; source: string; as_of: string }[];
}

// A key without its secret; NewApiKey is the one answer that has it.
export interface ApiKeyRow { id: string; name: string; project: string; scopes: string; created: string; last_used: string | null; revoked: string | null; current: boolean }
export interface ApiKeyList { keys: ApiKeyRow[]; required: boolean }
export interface NewApiKey { id: string; name: string; project: string; scopes: string; created: string; key: string; required: boolean; warnings: string[] }
export interface RevokedApiKey { revoked: string; required: boolean; warnings: string[] }
export interface ServerSetting { value: string; origin: string; default: string; doc: string; flag: string; environment: string; restart: boolean }

export interface TextMatch { trace_id: string; span_id: string; name: string; start: string; field: string; snippet: string }
export interface TextMatches { matches: TextMatch[]; complete: boolean; scanned: { spans: number; since: string | null } }

export interface SearchField { name: string; kind: string; doc: string; example: string; operators: string[]; values: string[]; has_values: boolean }

type PerSignal<T> = { traces: T; logs: T; metrics: T };
export interface IngestSource {
  service: string; protocol: string; last_seen: string; lag_ms: number; requests: number;
  failed_requests: number; bytes: number; duplicates: number; accepted: PerSignal<number>;
  rejected: PerSignal<Record<string, number>>; unmapped_attributes: Record<string, number>; last_error: string; last_error_time: string | null;
}
export interface IngestStatus {
  sources: IngestSource[];
  totals: Pick<IngestSource, 'requests' | 'failed_requests' | 'bytes' | 'duplicates' | 'accepted' | 'rejected'>;
  refused?: Record<string, number>;
}

export interface ServerStatus {
  version: string; commit: string; started: string; uptime_seconds: number; ready: boolean;
  store: { spans: number; logs: number; points: number; runs: number; hot_rows: number; segments: number;
           disk_bytes: number; write_error: string; [key: string]: number | string };
}
