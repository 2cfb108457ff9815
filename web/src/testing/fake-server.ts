/** The REST side of a test: answers by method and path, remembers what was asked. */
import { vi } from "vitest";

export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

type Answer = unknown;
type Handler = Answer | ((asked: Asked) => Answer);

/** Answer with this to refuse: `refusal(409, "offer_gone")`. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly code: string,
  ) {}
}

/**
 * Serve `routes` ("POST /api/login": answer) instead of the network; what is not there is 404.
 * Undo with `vi.unstubAllGlobals()`.
 */
export function fakeServer(routes: Record<string, Handler>): Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const request =
      input instanceof Request ? input : new Request(new URL(input, "http://x"), init);
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const asked = {
      method: request.method,
      path: pathname,
      body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text,
    };
    all.push(asked);
    const key = `${request.method} ${pathname}`;
    if (!(key in routes)) return json(404, { code: "route.unknown", text: "", data: {} });
    const route = routes[key];
    const answer: unknown =
      typeof route === "function" ? await (route as (a: Asked) => Answer)(asked) : route;
    if (answer instanceof Refusal) return json(answer.status, { code: answer.code, data: {} });
    return answer === undefined ? new Response(null, { status: 204 }) : json(200, answer);
  });
  return all;
}

function json(status: number, body: unknown): Response {
  const headers = { "Content-Type": "application/json" };
  return new Response(JSON.stringify(body), { status, headers });
}
