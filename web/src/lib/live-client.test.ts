import { describe, expect, it } from "vitest";
import { FakeSocket } from "@/testing/fake-socket";
import { LiveClient } from "./live-client";

interface Timer {
  run: () => void;
  ms: number;
}

function client(random = 1) {
  const sockets: FakeSocket[] = [];
  const timers = new Set<Timer>();
  let lost = 0;
  const live = new LiveClient({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    setTimer: (run, ms) => {
      const timer = { run, ms };
      timers.add(timer);
      return timer;
    },
    clearTimer: (timer) => timers.delete(timer as Timer),
    random: () => random,
    onLost: () => (lost += 1),
  });
  const fire = () => {
    const [timer] = timers;
    if (!timer) throw new Error("no timer");
    timers.delete(timer);
    timer.run();
    return timer.ms;
  };
  const socket = () => {
    const last = sockets.at(-1);
    if (!last) throw new Error("no socket");
    return last;
  };
  return { live, sockets, socket, timers, fire, lost: () => lost };
}

function row(key: string, value: number) {
  return { table: "work", key, row: { value } };
}

describe("LiveClient", () => {
  it("takes a snapshot, then numbered changes, and tells each table's listeners once", () => {
    const { live, socket } = client();
    live.subscribe("desk");
    live.start();
    socket().accept();
    expect(socket().sent).toEqual([{ op: "subscribe", topic: "desk", after: 0 }]);
    const store = live.store("desk");
    let heard = 0;
    store.onTable("work", () => (heard += 1));

    socket().say({ op: "snapshot", topic: "desk", seq: 7, rows: [row("a", 1), row("b", 2)] });
    expect(store.list("work")).toEqual([{ value: 1 }, { value: 2 }]);
    expect([store.loaded, store.stale, heard]).toEqual([true, false, 1]);

    const before = store.row("work", "b");
    socket().say({
      op: "changes",
      topic: "desk",
      seq: 9,
      prev: 7,
      rows: [row("a", 3), { table: "work", key: "c", row: null }],
    });
    expect(store.list("work")).toEqual([{ value: 3 }, { value: 2 }]);
    expect(store.row("work", "b")).toBe(before);
    expect([store.seq, heard]).toEqual([9, 2]);
  });

  it("asks again from its last number when a frame is missing, and drops what does not fit", () => {
    const { live, socket } = client();
    live.subscribe("desk");
    live.start();
    socket().accept();
    socket().say({ op: "snapshot", topic: "desk", seq: 7, rows: [row("a", 1)] });
    socket().say({ op: "changes", topic: "desk", seq: 12, prev: 10, rows: [row("a", 5)] });
    socket().say({ op: "changes", topic: "desk", seq: 13, prev: 12, rows: [row("a", 6)] });
    const store = live.store("desk");
    expect(store.list("work")).toEqual([{ value: 1 }]);
    expect(store.stale).toBe(true);
    expect(socket().sent.slice(1)).toEqual([{ op: "subscribe", topic: "desk", after: 7 }]);

    // The server replays from 7 in one frame.
    socket().say({ op: "changes", topic: "desk", seq: 13, prev: 7, rows: [row("a", 6)] });
    expect(store.list("work")).toEqual([{ value: 6 }]);
    expect(store.stale).toBe(false);
  });

  it("replaces everything by a new snapshot", () => {
    const { live, socket } = client();
    live.subscribe("desk");
    live.start();
    socket().accept();
    socket().say({ op: "snapshot", topic: "desk", seq: 7, rows: [row("a", 1)] });
    socket().say({ op: "snapshot", topic: "desk", seq: 90, rows: [row("z", 9)] });
    expect(live.store("desk").list("work")).toEqual([{ value: 9 }]);
    expect(live.store("desk").row("work", "a")).toBeUndefined();
  });

  it("reconnects with growing, capped back-off and resumes after its last number", () => {
    const { live, sockets, socket, fire, lost } = client();
    live.subscribe("desk");
    live.start();
    socket().accept();
    socket().say({ op: "snapshot", topic: "desk", seq: 7, rows: [row("a", 1)] });
    socket().break();
    expect(live.status).toBe("offline");
    expect(live.store("desk").stale).toBe(true);
    expect(live.store("desk").list("work")).toEqual([{ value: 1 }]);
    const waits: number[] = [];
    for (let i = 0; i < 8; i += 1) {
      waits.push(fire());
      socket().break();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
    expect(lost()).toBe(9);
    fire();
    socket().accept();
    expect(socket().sent).toEqual([{ op: "subscribe", topic: "desk", after: 7 }]);
    expect(sockets).toHaveLength(10);
    socket().break();
    expect(fire()).toBe(500);
  });

  it("spreads clients: half of the wait is random", () => {
    const { live, socket, fire } = client(0);
    live.start();
    socket().break();
    expect(fire()).toBe(250);
  });

  it("answers pings and takes silence for a lost connection", () => {
    const { live, socket, fire } = client();
    live.start();
    socket().accept();
    socket().say({ op: "ping" });
    expect(socket().sent).toEqual([{ op: "pong" }]);
    const quiet = socket();
    expect(fire()).toBe(40_000);
    expect(live.status).toBe("offline");
    expect(quiet.closed).toBe(true);
  });

  it("hurries when the network is back, and does nothing twice", () => {
    const { live, sockets, socket } = client();
    live.start();
    socket().break();
    live.hurry();
    live.hurry();
    expect(sockets).toHaveLength(2);
  });

  it("shares a subscription and gives it up with its last user", () => {
    const { live, socket } = client();
    live.start();
    socket().accept();
    const first = live.subscribe("floor");
    const second = live.subscribe("floor");
    first();
    first();
    expect(socket().sent).toEqual([{ op: "subscribe", topic: "floor", after: 0 }]);
    second();
    expect(socket().sent.at(-1)).toEqual({ op: "unsubscribe", topic: "floor" });
    socket().say({ op: "snapshot", topic: "floor", seq: 3, rows: [row("a", 1)] });
    expect(live.store("floor").loaded).toBe(false);
  });

  it("ignores what is not a frame", () => {
    const { live, socket } = client();
    live.subscribe("desk");
    live.start();
    socket().accept();
    socket().onmessage?.({ data: "{" });
    socket().onmessage?.({ data: new ArrayBuffer(2) });
    socket().say({ op: "news", topic: "desk" });
    expect(live.store("desk").loaded).toBe(false);
  });

  it("stops for good", () => {
    const { live, sockets, socket, timers } = client();
    live.start();
    socket().accept();
    const last = socket();
    live.stop();
    expect(last.closed).toBe(true);
    expect(timers.size).toBe(0);
    expect(sockets).toHaveLength(1);
  });
});
