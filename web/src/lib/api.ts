/**
 * The one way to the REST API: typed by the generated document, CSRF header on unsafe methods,
 * every refusal an `ApiError` with the server's stable `code` (the text is never parsed).
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "@/generated/api";

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly data: Record<string, unknown> = {},
  ) {
    super(code);
    this.name = "ApiError";
  }
}

let csrfToken = "";
const expiryListeners = new Set<() => void>();

/** Remember the token that unsafe requests must carry (from `Me.csrf_token`). */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Call `listener` when the server says that nobody is logged in (any more). */
export function onSessionExpired(listener: () => void): () => void {
  expiryListeners.add(listener);
  return () => expiryListeners.delete(listener);
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Return the `ApiError` that a refusal stands for. */
export async function faultOf(response: Response): Promise<ApiError> {
  let body: { code?: unknown; data?: unknown } = {};
  try {
    body = (await response.clone().json()) as typeof body;
  } catch {
    // Not ours (a proxy's page): the status has to do.
  }
  const code = typeof body.code === "string" ? body.code : `http_${response.status}`;
  const data = typeof body.data === "object" && body.data !== null ? body.data : {};
  return new ApiError(code, response.status, data as Record<string, unknown>);
}

const border: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    if (response.status === 401 && !schemaPath.endsWith("/login"))
      for (const listener of [...expiryListeners]) listener();
    throw await faultOf(response);
  },
  onError({ error }) {
    if (error instanceof ApiError) return error;
    return new ApiError("network_unreachable", 0);
  },
};

export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) => globalThis.fetch(request),
});
api.use(border);

/** Return the data of an answer; refusals have been thrown already. */
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** Send a file as the body of a POST (`X-File-Name` names it) and return the JSON answer. */
export async function upload<T>(path: string, file: File): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      body: file,
      headers: {
        "X-CSRF-Token": csrfToken,
        "X-File-Name": encodeURIComponent(file.name),
        "Content-Type": file.type || "application/octet-stream",
      },
    });
  } catch {
    throw new ApiError("network_unreachable", 0);
  }
  if (response.status === 401) for (const listener of [...expiryListeners]) listener();
  if (!response.ok) throw await faultOf(response);
  return (await response.json()) as T;
}
