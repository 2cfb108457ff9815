/**
 * The socket: opened when needed, opened again after every loss with a growing, random pause.
 *
 * 1. After each `welcome` all unsent lines go out, in the order of writing, one after the other's
 *    `posted`: so they keep their order, and a line without an answer is sent again.
 * 2. A server that is silent for longer than two of its pings is taken for gone.
 */
import type { ClientFrame, ServerFrame } from "./frames.ts";
import { isPassing, type Link } from "./session.ts";
import type { Unsent } from "./storage.ts";

const SILENCE_MS = 50_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 30_000;
const ANSWER_MS = 15_000;
const CLOSE_POLICY = 1008;

export interface Peer {
  hello(): Extract<ClientFrame, { op: "hello" }>;
  unsent(): Unsent[];
  link(link: Link): void;
  frame(frame: ServerFrame): void;
}

/** How long to wait before the `failures`-th try in a row: doubled each time, spread by chance. */
export function pauseMs(failures: number, chance: number): number {
  return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** failures) * (0.5 + chance / 2);
}

export class Connection {
  private socket: WebSocket | null = null;
  private wanted = false;
  private greeted = false;
  private failures = 0;
  private retry = 0;
  private silence = 0;
  private answer = 0;
  private onItsWay = "";

  constructor(
    private readonly url: string,
    private readonly peer: Peer,
  ) {
    addEventListener("online", () => this.now());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.now();
    });
  }

  /** Be connected from now on. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.connect();
  }

  /** Send a frame that may be lost. */
  tell(frame: ClientFrame): void {
    if (this.greeted) this.socket?.send(JSON.stringify(frame));
  }

  /** Send the oldest unsent line, unless one is on its way. */
  flush(): void {
    const [next] = this.peer.unsent();
    if (!this.greeted || this.onItsWay || !next) return;
    this.onItsWay = next.ref;
    this.tell({ op: "post", client_ref: next.ref, text: next.text, topic: next.topic });
    clearTimeout(this.answer);
    this.answer = window.setTimeout(() => this.socket?.close(), ANSWER_MS);
  }

  private now(): void {
    if (this.wanted && !this.socket) {
      this.failures = 0;
      this.connect();
    }
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.peer.link(this.failures ? "down" : "connecting");
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.url);
    } catch {
      this.peer.link("refused"); // the page's own policy forbids it: trying again is no use
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify(this.peer.hello()));
      this.heard();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.heard();
      this.take(JSON.parse(event.data) as ServerFrame);
    };
    socket.onclose = (event) => this.lost(event.code);
  }

  private take(frame: ServerFrame): void {
    if (frame.op === "ping") {
      this.tell({ op: "pong" });
      return;
    }
    if (frame.op === "welcome") {
      this.greeted = true;
      this.failures = 0;
    }
    this.peer.frame(frame);
    if (frame.op === "welcome") this.flush();
    if (frame.op === "posted" && frame.client_ref === this.onItsWay) this.answered();
    if (frame.op === "error" && frame.client_ref === this.onItsWay) this.refused(frame);
  }

  private answered(): void {
    clearTimeout(this.answer);
    this.onItsWay = "";
    this.flush();
  }

  private refused(frame: Extract<ServerFrame, { op: "error" }>): void {
    clearTimeout(this.answer);
    if (!isPassing(frame.code)) {
      this.answered();
      return;
    }
    const pause = (frame.retry_after_s ?? 1) * 1000;
    this.answer = window.setTimeout(() => this.answered(), pause);
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.socket?.close(), SILENCE_MS);
  }

  private lost(code: number): void {
    clearTimeout(this.silence);
    clearTimeout(this.answer);
    const hadWorked = this.greeted;
    this.socket = null;
    this.greeted = false;
    this.onItsWay = "";
    if (code === CLOSE_POLICY && !hadWorked) {
      this.peer.link("refused");
      return;
    }
    this.peer.link("down");
    this.retry = window.setTimeout(() => this.connect(), pauseMs(this.failures, Math.random()));
    this.failures += 1;
  }
}
