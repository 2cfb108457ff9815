/**
 * One WebSocket to `/api/live`: topics, a snapshot, then numbered changes.
 *
 * Rules:
 * 1. A change frame names its predecessor (`prev`). When that is not the last frame we have, the
 *    frame is thrown away and the topic is subscribed again with `after` = our last number; the
 *    server then replays, or sends a snapshot. Until it does, the topic is stale.
 * 2. A lost connection makes every topic stale and is tried again with capped, jittered back-off;
 *    the browser saying "online" or the page becoming visible shortens the wait.
 * 3. Silence longer than `silenceMs` (the server pings every 15 s) counts as a lost connection.
 * 4. Hints (somebody is typing) carry no number; who listens gets them, nobody keeps them.
 * 5. The rules follow Mattermost's client in spirit (webapp/platform/client/src/websocket.ts).
 */
import { backoffMs } from "./backoff";
import { TopicStore, type RowChange } from "./live-store";

export type LiveStatus = "connecting" | "live" | "offline";

/** The part of WebSocket that is used, so that tests can hand in a fake. */
export interface LiveSocket {
  onopen: (() => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveOptions {
  open: () => LiveSocket;
  setTimer?: (run: () => void, ms: number) => unknown;
  clearTimer?: (timer: unknown) => void;
  random?: () => number;
  silenceMs?: number;
  /** Called after each failed or lost connection, e.g. to find out that the session has ended. */
  onLost?: () => void;
}

export type HintListener = (topic: string, data: Record<string, unknown>) => void;

interface Topic {
  store: TopicStore;
  users: number;
  /** A subscribe is under way: change frames that do not fit are expected and dropped. */
  pending: boolean;
}

type Frame =
  | { op: "snapshot"; topic: string; seq: number; rows: RowChange[] }
  | { op: "changes"; topic: string; seq: number; prev: number; rows: RowChange[] }
  | { op: "hint"; topic: string; data: Record<string, unknown> }
  | { op: "error"; code: string; topic?: string }
  | { op: "ping" };

const RETRY = { firstMs: 500, capMs: 15_000 };
/** Two missed pings and a little. */
const SILENCE_MS = 40_000;

export class LiveClient {
  private readonly topics = new Map<string, Topic>();
  private readonly statusListeners = new Set<() => void>();
  private readonly hintListeners = new Set<HintListener>();
  private socket: LiveSocket | null = null;
  private current: LiveStatus = "offline";
  private attempt = 0;
  private retryTimer: unknown = null;
  private silenceTimer: unknown = null;
  private running = false;

  constructor(private readonly options: LiveOptions) {}

  get status(): LiveStatus {
    return this.current;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.connect();
  }

  stop(): void {
    this.running = false;
    this.clear("retryTimer");
    this.dropSocket();
    this.setStatus("offline");
  }

  /** Try again now instead of at the end of the back-off (the network came back). */
  hurry(): void {
    if (!this.running || this.socket) return;
    this.attempt = 0;
    this.clear("retryTimer");
    this.connect();
  }

  onStatus(listener: () => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  onHint(listener: HintListener): () => void {
    this.hintListeners.add(listener);
    return () => this.hintListeners.delete(listener);
  }

  /** Return the rows of a topic, whether subscribed or not. */
  store(name: string): TopicStore {
    return this.topic(name).store;
  }

  /** Keep a topic subscribed until the returned function is called. */
  subscribe(name: string): () => void {
    const topic = this.topic(name);
    topic.users += 1;
    if (topic.users === 1 && this.current === "live") this.ask(name, topic);
    let done = false;
    return () => {
      if (done) return;
      done = true;
      topic.users -= 1;
      if (topic.users === 0) {
        topic.store.setStale(true);
        if (this.current === "live") this.send({ op: "unsubscribe", topic: name });
      }
    };
  }

  private topic(name: string): Topic {
    let topic = this.topics.get(name);
    if (!topic) {
      topic = { store: new TopicStore(), users: 0, pending: false };
      this.topics.set(name, topic);
    }
    return topic;
  }

  private connect(): void {
    this.setStatus("connecting");
    const socket = this.options.open();
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.attempt = 0;
      this.setStatus("live");
      this.watchSilence();
      for (const [name, topic] of this.topics) if (topic.users > 0) this.ask(name, topic);
    };
    socket.onmessage = (event) => {
      if (this.socket !== socket) return;
      this.watchSilence();
      this.receive(event.data);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
    // A connection that never opens must not wait for the operating system's minutes.
    this.watchSilence();
  }

  private lost(): void {
    this.dropSocket();
    for (const topic of this.topics.values()) {
      topic.pending = false;
      topic.store.setStale(true);
    }
    this.setStatus("offline");
    if (!this.running) return;
    const wait = backoffMs(this.attempt, (this.options.random ?? Math.random)(), RETRY);
    this.attempt += 1;
    this.retryTimer = this.timer(() => {
      this.retryTimer = null;
      this.connect();
    }, wait);
    this.options.onLost?.();
  }

  private receive(data: unknown): void {
    const frame = parse(data);
    if (!frame) return;
    if (frame.op === "ping") this.send({ op: "pong" });
    else if (frame.op === "snapshot") this.takeSnapshot(frame);
    else if (frame.op === "changes") this.takeChanges(frame);
    else if (frame.op === "hint")
      for (const listener of [...this.hintListeners]) listener(frame.topic, frame.data);
  }

  private takeSnapshot(frame: Extract<Frame, { op: "snapshot" }>): void {
    const topic = this.topics.get(frame.topic);
    if (!topic || topic.users === 0) return;
    topic.pending = false;
    topic.store.replaceAll(frame.seq, frame.rows);
  }

  private takeChanges(frame: Extract<Frame, { op: "changes" }>): void {
    const topic = this.topics.get(frame.topic);
    if (!topic || topic.users === 0) return;
    if (topic.store.loaded && frame.prev === topic.store.seq) {
      topic.pending = false;
      topic.store.apply(frame.seq, frame.rows);
      return;
    }
    if (topic.pending) return;
    topic.store.setStale(true);
    this.ask(frame.topic, topic);
  }

  private ask(name: string, topic: Topic): void {
    topic.pending = true;
    const after = topic.store.loaded ? topic.store.seq : 0;
    this.send({ op: "subscribe", topic: name, after });
  }

  private send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private watchSilence(): void {
    this.clear("silenceTimer");
    this.silenceTimer = this.timer(() => {
      this.silenceTimer = null;
      this.lost();
    }, this.options.silenceMs ?? SILENCE_MS);
  }

  private dropSocket(): void {
    this.clear("silenceTimer");
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  private setStatus(status: LiveStatus): void {
    if (this.current === status) return;
    this.current = status;
    for (const listener of [...this.statusListeners]) listener();
  }

  private timer(run: () => void, ms: number): unknown {
    return (this.options.setTimer ?? setTimeout)(run, ms);
  }

  private clear(which: "retryTimer" | "silenceTimer"): void {
    if (this[which] === null) return;
    (this.options.clearTimer ?? ((timer) => clearTimeout(timer as number)))(this[which]);
    this[which] = null;
  }
}

/** Return the frame, or null for what is not one (a newer server may send more kinds). */
function parse(data: unknown): Frame | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === "object" && value !== null && "op" in value) return value as Frame;
  } catch {
    return null;
  }
  return null;
}
