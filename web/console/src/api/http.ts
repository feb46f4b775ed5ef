// One way to the API: JSON in and out, the CSRF token on everything that changes, refusals as `Problem`.

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    message: string,
    readonly fields: Record<string, string>,
    readonly after = 0,
  ) {
    super(message);
  }
}

type Query = Record<string, string | number | boolean | string[] | null | undefined>;

let csrf = '';
let onLoggedOut: () => void = () => undefined;

export function useCsrf(token: string): void {
  csrf = token;
}

export function whenLoggedOut(handler: () => void): void {
  onLoggedOut = handler;
}

export function address(path: string, query: Query = {}): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) value.forEach((one) => values.append(name, one));
    else if (value !== undefined && value !== null && value !== '' && value !== false) values.set(name, String(value));
  }
  const text = values.toString();
  return `/api${path}${text ? `?${text}` : ''}`;
}

async function call<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  const form = body instanceof FormData;
  if (body !== undefined && !form) headers['Content-Type'] = 'application/json';
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, {
      method,
      headers,
      body: form ? body : body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: 'same-origin',
    });
    answer = await read(response);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'offline', '网络不通，请稍后再试 · The network is down, please try again', {});
  }
  if (!response.ok) throw problem(response, answer);
  return answer as T;
}

/** Nothing when it is no JSON; a body that is broken off is no answer at all. */
async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problem(response: Response, answer: unknown): Problem {
  const given = (answer ?? {}) as Partial<{ error: string; message: string; fields: Record<string, string> }>;
  if (response.status === 401 && !response.url.endsWith('/api/login')) onLoggedOut();
  return new Problem(
    response.status,
    given.error ?? 'failed',
    given.message ?? `服务暂时不可用（${response.status}） · The service is unavailable (${response.status})`,
    given.fields ?? {},
    Number(response.headers.get('Retry-After') ?? 0),
  );
}

export const api = {
  get: <T>(path: string, query: Query = {}, signal?: AbortSignal) =>
    call<T>('GET', address(path, query), undefined, signal),
  post: <T>(path: string, body?: unknown) => call<T>('POST', address(path), body),
  put: <T>(path: string, body: unknown) => call<T>('PUT', address(path), body),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', address(path), body),
  remove: <T>(path: string) => call<T>('DELETE', address(path)),
  upload<T>(path: string, file: File): Promise<T> {
    const form = new FormData();
    form.append('file', file, file.name || 'image.png');
    return call<T>('POST', address(path), form);
  },
};

export const attachment = (id: string): string => `/api/attachments/${id}`;
