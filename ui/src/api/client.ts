// Requests to the server that this page came from.

// Where the UI is mounted, with a slash at the end. The server writes <base href> for the depth of
// the path, so this also holds behind a proxy that adds a prefix.
export const kBase = new URL('./', document.baseURI).pathname;

const kKeyStorage = 'observatory.api-key';

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly hint = '') {
    super(message);
  }
}

const kUnreachableRetryMs = 3000;

// What failed because the server was away comes back by itself; `otherwise` is for what did not fail so.
export function refetchAfter(error: unknown, otherwise: number | false = false): number | false {
  return error instanceof ApiError && error.status === 0 ? kUnreachableRetryMs : otherwise;
}

export const apiKey = {
  get: () => localStorage.getItem(kKeyStorage) ?? '',
  set: (key: string) => (key ? localStorage.setItem(kKeyStorage, key) : localStorage.removeItem(kKeyStorage)),
};

export type Parameters = Record<string, string | number | undefined | null>;

export function apiUrl(path: string, parameters: Parameters = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value != null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return `${kBase}api/v1/${path}${text ? `?${text}` : ''}`;
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; hint?: string } };
    return new ApiError(response.status, error.code, error.message, error.hint);
  } catch {
    return new ApiError(response.status, 'unknown', `the server answered ${response.status} ${response.statusText}`,
                        text.slice(0, 300));
  }
}

export async function request(url: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  const key = apiKey.get();
  if (key) headers.set('authorization', `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(url, { ...options, headers });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'cannot reach the server', 'it may be restarting; this page tries again');
  }
  if (!response.ok) throw await failure(response);
  return response;
}

export async function get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
  return (await request(apiUrl(path, parameters), { signal })).json() as Promise<T>;
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return send<T>('POST', path, body, signal);
}

export async function remove<T>(path: string, parameters: Parameters = {}): Promise<T> {
  return (await request(apiUrl(path, parameters), { method: 'DELETE' })).json() as Promise<T>;
}

export async function send<T>(method: 'POST' | 'PUT', path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await request(apiUrl(path), {
    method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' }, signal,
  });
  return response.json() as Promise<T>;
}
