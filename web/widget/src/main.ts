/** Reads the script's tag and connects storage, socket and panel. */
import { Connection } from "./connection.ts";
import type { ServerFrame } from "./frames.ts";
import { isPassing, START, step, type Act } from "./session.ts";
import { Memory } from "./storage.ts";
import { textsFor } from "./texts.ts";
import { View } from "./view.ts";

const TYPING_EVERY_MS = 3_000;
const TYPING_LASTS_MS = 6_000;

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // the browser forbids it
  }
}

function reference(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

interface Options {
  site: string;
  name: string;
  email: string;
  language: string;
  title: string;
  color: string;
  position: string;
}

function options(data: DOMStringMap): Options {
  const given = (key: string, otherwise = "") => data[key] ?? otherwise;
  return {
    site: given("site"),
    name: given("name"),
    email: given("email"),
    language: given("lang") || navigator.language || "en",
    title: given("title"),
    color: given("color"),
    position: given("position", "right"),
  };
}

function start(script: HTMLScriptElement): void {
  const { site, name, email, language, title, color, position } = options(script.dataset);
  const server = new URL(script.src);
  const memory = new Memory(`omni-chat:${server.host}:${site}`, storage());
  let session = START;
  let typedAt = 0;
  let typingOver = 0;

  const url = new URL("/widget/ws", server);
  url.protocol = server.protocol === "https:" ? "wss:" : "ws:";

  function act(next: Act): void {
    session = step(session, next);
    memory.going = ["opening", "waiting", "active"].includes(session.state);
    view.show(session);
  }

  function looked(): void {
    if (!view.isOpen || document.hidden) return;
    act({ act: "looked" });
    const number = session.lines.at(-1)?.number;
    if (number) {
      connection.tell({ op: "ack", conversation: session.conversation, number, read: true });
    }
  }

  function take(frame: ServerFrame): void {
    if (frame.op === "welcome") {
      if (frame.token) memory.token = frame.token;
      if (name || email) connection.tell({ op: "profile", name, email });
    }
    act({ act: "frame", frame, seen: view.isOpen && !document.hidden });
    if (frame.op === "posted") memory.remove(frame.client_ref);
    // Finally refused, in whichever tab it was written: sent again it would be refused again.
    if (frame.op === "error" && !isPassing(frame.code)) memory.remove(frame.client_ref);
    if (frame.op === "message" && frame.author !== "visitor") looked();
    if (frame.op === "typing") {
      clearTimeout(typingOver);
      typingOver = window.setTimeout(() => act({ act: "typingOver" }), TYPING_LASTS_MS);
    }
  }

  const connection = new Connection(url.href, {
    hello: () => ({
      op: "hello",
      token: memory.token,
      site,
      language,
      page: location.href.slice(0, 2000),
      conversation: session.conversation,
      after: session.lines.at(-1)?.number ?? 0,
    }),
    unsent: () => memory.unsent,
    link: (link) => act({ act: "link", link }),
    frame: take,
  });

  const look = { title, color, position, language: /^zh\b/i.test(language) ? "zh-CN" : "en" };
  const view = new View(look, textsFor(language), {
    opened: () => {
      connection.want();
      looked();
    },
    shut: () => undefined,
    write: (text) => {
      const ref = reference();
      memory.add({ ref, text, topic: session.topic });
      act({ act: "write", ref, text });
      connection.want();
      connection.flush();
    },
    choose: (topic) => act({ act: "choose", topic }),
    typing: () => {
      if (Date.now() - typedAt < TYPING_EVERY_MS || session.state !== "active") return;
      typedAt = Date.now();
      connection.tell({ op: "typing" });
    },
    end: () => connection.tell({ op: "end", conversation: session.conversation }),
    introduce: (given, address) =>
      connection.tell({ op: "profile", name: given, email: address }),
  });

  for (const { ref, text } of memory.unsent) act({ act: "write", ref, text });
  view.show(session);
  document.addEventListener("visibilitychange", looked);
  if (memory.token && (memory.going || memory.unsent.length)) connection.want();
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src) {
  if (document.body) start(script);
  else addEventListener("DOMContentLoaded", () => start(script));
}
