/**
 * A pretended server inside Vite (`npm run dev:mock`), for looking at pages without a backend:
 * log-in with any password, live tables, the REST calls of the agent's pages. Never built in.
 *
 * `?scene=<name>` of the first page chooses what is on the desk: empty, signed-out, offers, call,
 * chat, mail, wrap-up (default: offers and one of each).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";
import { WebSocketServer, type WebSocket } from "ws";
import { ago, BREAKS, CODES, CONTACTS, CUSTOMERS, MAILS, TICKETS, work } from "./mock-data.ts";

type Row = Record<string, unknown>;

interface State {
  loggedIn: boolean;
  language: string;
  me: Row;
  work: Map<string, Row>;
  lines: Row[];
  seq: number;
  sockets: Map<WebSocket, Set<string>>;
}

const state: State = {
  loggedIn: true,
  language: "en",
  me: {},
  work: new Map(),
  lines: [],
  seq: 100,
  sockets: new Map(),
};

function line(number: number, author: string, text: string, minutes: number): Row {
  return { interaction_id: "w-chat", number, author, text, at: ago(minutes), client_ref: "" };
}

const CALL = work("w-call", {
  medium: "voice",
  direction: "outbound",
  address: "+12025550100",
  customer_name: "Grace Hopper",
  campaign_id: "k1",
  campaign_name: "Winter offer",
  connected: true,
});
const CHAT = work("w-chat", {
  medium: "chat",
  address: "visitor-1",
  customer_id: "c2",
  customer_name: "王小明",
  preview: "还有其他颜色吗？",
  unread: 1,
});
const MAIL = work("w-mail", {
  medium: "email",
  address: "person3@example.com",
  customer_id: "c3",
  customer_name: "Jean Bartik",
  subject: "Question about delivery time",
  preview: "Thank you! One more thing: can I have the invoice",
  mails: 3,
  unread: 1,
});

function offers(): Row[] {
  const seconds = (n: number) => new Date(Date.now() + n * 1000).toISOString();
  return [
    work("o-call", {
      medium: "voice",
      state: "offered",
      address: "+12025550105",
      customer_name: "Alan Kay",
      customer_id: "c6",
      offered_at: seconds(-4),
      accepted_at: null,
      expires_at: seconds(600),
      arrived_at: ago(0.8),
    }),
    work("o-chat", {
      medium: "chat",
      state: "offered",
      address: "visitor-2",
      customer_id: null,
      subject: "Do you ship to Norway?",
      offered_at: seconds(-20),
      accepted_at: null,
      expires_at: seconds(30),
      arrived_at: ago(1.4),
    }),
  ];
}

function setScene(scene: string): void {
  const ended = { ...CALL, state: "wrap_up", ended_at: ago(0.4), connected: false };
  const desks: Record<string, Row[]> = {
    empty: [],
    "signed-out": [],
    offers: offers(),
    call: [CALL, CHAT, MAIL],
    chat: [CHAT, MAIL],
    mail: [MAIL, CHAT],
    "wrap-up": [ended, CHAT, MAIL],
    default: [...offers().slice(1), CALL, CHAT, MAIL],
  };
  const rows = desks[scene] ?? desks["default"] ?? [];
  state.work = new Map(rows.map((row) => [String(row["interaction_id"]), row]));
  state.lines = [
    line(1, "visitor", "你好，这款水壶有现货吗？", 2.6),
    line(2, "system", "Ada Byron joined", 2.5),
    line(3, "agent", "您好！红色有现货，今天下单明天发货。", 2.1),
    line(4, "visitor", "太好了", 1.2),
    line(5, "visitor", "还有其他颜色吗？", 1.1),
  ];
  state.me = {
    agent_id: "u1",
    name: "Ada Byron",
    state: scene === "signed-out" ? "signed_out" : rows.length > 0 ? "busy" : "ready",
    reason: "",
    since: ago(12),
    break_pending: false,
    break_requested: "",
    phone: "up",
  };
}
setScene("default");

function rowsOf(topic: string): Row[] {
  if (topic !== "desk") return [];
  return [
    { table: "me", key: "u1", row: state.me },
    ...[...state.work].map(([key, row]) => ({ table: "work", key, row })),
    ...state.lines.map((row) => ({ table: "message", key: `w-chat:${row["number"]}`, row })),
  ];
}

function push(rows: Row[]): void {
  const prev = state.seq;
  state.seq += 1;
  const frame = JSON.stringify({ op: "changes", topic: "desk", seq: state.seq, prev, rows });
  for (const [socket, topics] of state.sockets) if (topics.has("desk")) socket.send(frame);
}

function putWork(id: string, values: Row): void {
  const row = { ...state.work.get(id), ...values };
  state.work.set(id, row);
  push([{ table: "work", key: id, row }]);
}

function serve(socket: WebSocket): void {
  state.sockets.set(socket, new Set());
  socket.on("close", () => state.sockets.delete(socket));
  socket.on("message", (raw) => {
    const frame = JSON.parse(String(raw)) as Row;
    if (frame["op"] !== "subscribe") return;
    const topic = String(frame["topic"]);
    state.sockets.get(socket)?.add(topic);
    const answer = { op: "snapshot", topic, seq: state.seq, rows: rowsOf(topic) };
    socket.send(JSON.stringify(answer));
  });
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  id: string;
  body: Row;
}

const refused = (status: number, code: string) => ({ status, body: { code, text: "", data: {} } });
const fine = (body?: unknown) => ({ status: body === undefined ? 204 : 200, body });

const ROUTES: [string, (asked: Asked) => { status: number; body: unknown }][] = [
  ["POST /api/login", logIn],
  ["POST /api/logout", () => ((state.loggedIn = false), fine())],
  ["GET /api/me", () => (state.loggedIn ? fine(person()) : refused(401, "session_required"))],
  ["PATCH /api/me", ({ body }) => ((state.language = String(body["language"])), fine())],
  ["POST /mock/scene/:id", ({ id }) => (setScene(id), fine())],
  ["POST /api/agent/state", changeState],
  ["GET /api/dispositions", () => fine(CODES)],
  ["GET /api/break-reasons", () => fine(BREAKS)],
  ["POST /api/interactions/:id/accept", ({ id }) => accept(id)],
  ["POST /api/interactions/:id/reject", ({ id }) => remove(id)],
  ["POST /api/interactions/:id/end", ({ id }) => end(id)],
  ["POST /api/interactions/:id/wrap-up", ({ id }) => remove(id)],
  ["GET /api/interactions/:id/mails", () => fine(MAILS)],
  ["GET /api/interactions/:id/mail-draft", () => fine({ text: "" })],
  ["PUT /api/interactions/:id/mail-draft", () => fine()],
  ["GET /api/interactions/:id/messages", () => fine([])],
  ["POST /api/interactions/:id/messages", post],
  ["POST /api/interactions/:id/typing", () => fine()],
  ["POST /api/calls/:id/hold", ({ id, body }) => (putWork(id, { held: body["held"] }), fine())],
  ["POST /api/calls/:id/mute", ({ id, body }) => (putWork(id, { muted: body["muted"] }), fine())],
  ["POST /api/calls/:id/dtmf", () => fine()],
  ["GET /api/customers", () => fine(page("customers", CUSTOMERS))],
  ["GET /api/customers/:id", ({ id }) => customer(id)],
  ["PATCH /api/customers/:id", ({ id }) => customer(id)],
  ["GET /api/tickets", ({ query }) => fine(page("tickets", tickets(query)))],
  ["GET /api/tickets/:id", ({ id }) => fine(ticket(id))],
  ["PATCH /api/tickets/:id", ({ id }) => fine(ticket(id))],
  ["POST /api/tickets/:id/notes", ({ id }) => fine(ticket(id))],
];

function person(): Row {
  return {
    user_id: "u1",
    name: "Ada Byron",
    email: "ada@example.com",
    roles: ["agent", "supervisor", "manager", "admin"],
    language: state.language,
    csrf_token: "mock",
  };
}

function logIn({ body }: Asked) {
  if (body["password"] === "wrong") return refused(401, "login_failed");
  state.loggedIn = true;
  return fine(person());
}

function changeState({ body }: Asked) {
  state.me = {
    ...state.me,
    state: body["state"],
    reason: body["reason"],
    since: new Date().toISOString(),
  };
  push([{ table: "me", key: "u1", row: state.me }]);
  return fine();
}

function accept(id: string) {
  if (!state.work.has(id)) return refused(409, "offer_gone");
  const at = new Date().toISOString();
  putWork(id, { state: "active", accepted_at: at, expires_at: null, connected: true });
  return fine();
}

function end(id: string) {
  putWork(id, { state: "wrap_up", ended_at: new Date().toISOString(), connected: false });
  return fine();
}

function remove(id: string) {
  state.work.delete(id);
  push([{ table: "work", key: id, row: null }]);
  return fine();
}

function post({ id, body }: Asked) {
  if (String(body["text"]).includes("fail")) return refused(422, "text_refused");
  const row: Row = {
    ...line(state.lines.length + 1, "agent", String(body["text"]), 0),
    interaction_id: id,
    client_ref: body["client_ref"],
  };
  state.lines.push(row);
  push([{ table: "message", key: `${id}:${row["number"]}`, row }]);
  return fine({ ...row, agent_id: "u1", agent_name: "Ada Byron" });
}

function page(name: string, rows: Row[]): Row {
  return { [name]: rows, page: 1, page_size: 50, total: rows.length };
}

function customer(id: string) {
  const found = CUSTOMERS.find((each) => each["customer_id"] === id);
  if (!found) return refused(404, "customer_unknown");
  const { addresses, ...rest } = found;
  return fine({ customer: rest, addresses, contacts: CONTACTS });
}

function tickets(query: URLSearchParams): Row[] {
  const wanted = query.get("state");
  return TICKETS.filter((each) => !wanted || each["state"] === wanted);
}

function ticket(id: string): Row {
  return {
    ticket: TICKETS.find((each) => each["ticket_id"] === id) ?? TICKETS[0],
    contacts: CONTACTS.map((contact) => ({
      ...contact,
      customer_id: "c1",
      address: "+12025550100",
      subject: "",
      waited_s: 12,
      handled_s: 184,
    })),
    notes: [
      { note_id: "n1", at: ago(60 * 20), by_name: "Ada Byron", text: "Replacement was shipped." },
    ],
    audit: [
      { at: ago(60 * 26), by_name: "", field: "state", old: "", new: "open" },
      { at: ago(60 * 19), by_name: "Ada Byron", field: "priority", old: "normal", new: "high" },
    ],
  };
}

function find(method: string, path: string) {
  for (const [key, handler] of ROUTES) {
    const [verb = "", pattern = ""] = key.split(" ");
    const match = new RegExp(`^${pattern.replace(":id", "([^/]+)")}$`).exec(path);
    if (verb === method && match) return { handler, id: match[1] ?? "" };
  }
  return null;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const url = new URL(request.url ?? "/", "http://mock");
  if (!/^\/(api|mock)\//.test(url.pathname)) return false;
  const method = request.method ?? "GET";
  const found = find(method, url.pathname);
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const body = text.startsWith("{") ? (JSON.parse(text) as Row) : {};
  const asked = { method, path: url.pathname, query: url.searchParams, id: found?.id ?? "", body };
  const result = found ? found.handler(asked) : refused(404, "route_unknown");
  response.statusCode = result.status;
  response.setHeader("Content-Type", "application/json");
  response.end(result.body === undefined ? "" : JSON.stringify(result.body));
  return true;
}

function attach(server: ViteDevServer | PreviewServer): void {
  const live = new WebSocketServer({ noServer: true });
  server.httpServer?.on("upgrade", (request, socket, head) => {
    if (request.url?.startsWith("/api/live"))
      live.handleUpgrade(request, socket, head, (opened) => serve(opened));
  });
  server.middlewares.use((request, response, next) => {
    answer(request, response).then(
      (done) => !done && next(),
      (error: unknown) => next(error),
    );
  });
}

export function mockServer(): Plugin {
  return { name: "omni-mock-server", configureServer: attach, configurePreviewServer: attach };
}
