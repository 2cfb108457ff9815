import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, pauseMs } from "./connection.ts";
import type { ServerFrame } from "./frames.ts";
import { Memory } from "./storage.ts";

/** Stands in for the browser's WebSocket; the test is the server. */
class Wire {
  static all: Wire[] = [];
  static get last(): Wire {
    const last = Wire.all.at(-1);
    if (!last) throw new Error("no socket was opened");
    return last;
  }
  sent: Record<string, unknown>[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  constructor(readonly url: string) {
    Wire.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(code = 1006): void {
    this.onclose({ code });
  }
  say(frame: ServerFrame): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.onopen();
    this.say({ op: "welcome", token: "t", open: true, conversation: null, topics: [] });
  }
  posts(): unknown[] {
    return this.sent.filter((frame) => frame["op"] === "post").map((frame) => frame["client_ref"]);
  }
}

function connected() {
  const memory = new Memory("k", null);
  const links: string[] = [];
  const connection = new Connection("ws://x/widget/ws", {
    hello: () => ({
      op: "hello",
      token: memory.token,
      site: "",
      language: "en",
      page: "",
      conversation: "",
      after: 0,
    }),
    unsent: () => memory.unsent,
    link: (link) => links.push(link),
    frame: (frame) => {
      if (frame.op === "posted") memory.remove(frame.client_ref);
    },
  });
  connection.want();
  return { memory, links, connection };
}

const posted = (ref: string): ServerFrame => ({
  op: "posted",
  conversation: "c",
  number: 1,
  client_ref: ref,
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  vi.spyOn(Math, "random").mockReturnValue(1);
  Wire.all = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the connection", () => {
  it("sends unsent lines in order, each after the answer to the one before", () => {
    const { memory, connection } = connected();
    for (const ref of ["a", "b"]) memory.add({ ref, text: ref, topic: "" });
    connection.flush();
    expect(Wire.last.posts()).toEqual([]);
    Wire.last.welcome();
    expect(Wire.last.posts()).toEqual(["a"]);
    Wire.last.say(posted("a"));
    Wire.last.say(posted("b"));
    expect(Wire.last.posts()).toEqual(["a", "b"]);
    expect(memory.unsent).toEqual([]);
  });

  it("sends again after a loss what had no answer", () => {
    const { memory, connection, links } = connected();
    Wire.last.welcome();
    memory.add({ ref: "a", text: "a", topic: "" });
    connection.flush();
    Wire.last.close();
    expect(links.at(-1)).toBe("down");
    vi.advanceTimersByTime(500);
    expect(Wire.all).toHaveLength(2);
    Wire.last.welcome();
    expect(Wire.last.posts()).toEqual(["a"]);
  });

  it("waits longer after each failure, and not at all when the network is back", () => {
    connected();
    for (const pause of [500, 1000, 2000]) {
      const before = Wire.all.length;
      Wire.last.close();
      vi.advanceTimersByTime(pause - 1);
      expect(Wire.all).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(Wire.all).toHaveLength(before + 1);
    }
    Wire.last.close();
    dispatchEvent(new Event("online"));
    expect(Wire.all).toHaveLength(5);
    expect([pauseMs(0, 0), pauseMs(0, 1), pauseMs(30, 1)]).toEqual([250, 500, 30_000]);
  });

  it("takes a silent server for gone and an unanswered line for lost", () => {
    const { memory, connection } = connected();
    Wire.last.welcome();
    vi.advanceTimersByTime(40_000);
    Wire.last.say({ op: "ping" });
    expect(Wire.last.sent.at(-1)).toEqual({ op: "pong" });
    vi.advanceTimersByTime(40_000);
    expect(Wire.all).toHaveLength(1);
    vi.advanceTimersByTime(11_000);
    expect(Wire.all).toHaveLength(2);
    Wire.last.welcome();
    memory.add({ ref: "a", text: "a", topic: "" });
    connection.flush();
    vi.advanceTimersByTime(16_000);
    expect(Wire.all).toHaveLength(3);
  });

  it("gives a hurried line its pause and leaves a refused one", () => {
    const { memory, connection } = connected();
    Wire.last.welcome();
    memory.add({ ref: "a", text: "a", topic: "" });
    connection.flush();
    Wire.last.say({ op: "error", code: "frame.too_fast", client_ref: "a", retry_after_s: 2 });
    vi.advanceTimersByTime(2000);
    expect(Wire.last.posts()).toEqual(["a", "a"]);
    memory.remove("a");
    Wire.last.say({ op: "error", code: "chat.text_empty", client_ref: "a", retry_after_s: null });
    vi.advanceTimersByTime(20_000);
    expect(Wire.last.posts()).toEqual(["a", "a"]);
  });

  it("stops when the server does not know the site", () => {
    const { links } = connected();
    Wire.last.onopen();
    Wire.last.close(1008);
    vi.advanceTimersByTime(100_000);
    expect(links.at(-1)).toBe("refused");
    expect(Wire.all).toHaveLength(1);
  });
});

describe("the memory", () => {
  it("survives a storage that refuses, is full or holds nonsense", () => {
    const refuses = {
      getItem: () => "{nonsense",
      setItem: () => {
        throw new Error("full");
      },
    } as unknown as Storage;
    const memory = new Memory("k", refuses);
    memory.token = "t";
    memory.add({ ref: "a", text: "a", topic: "" });
    expect([memory.token, memory.unsent.length, memory.going]).toEqual(["t", 1, false]);
  });

  it("keeps unsent lines for the next page", () => {
    localStorage.clear();
    new Memory("k", localStorage).add({ ref: "a", text: "你好", topic: "" });
    expect(new Memory("k", localStorage).unsent).toEqual([{ ref: "a", text: "你好", topic: "" }]);
  });
});
