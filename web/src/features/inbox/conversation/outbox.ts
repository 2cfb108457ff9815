/**
 * Chat lines on their way: shown at once, posted in order with a reference that makes a second
 * posting harmless, gone from here when the server's own line with that reference arrives.
 */
import { ApiError } from "@/lib/api";

export interface Unsent {
  ref: string;
  text: string;
  state: "sending" | "failed";
}

interface Box {
  lines: readonly Unsent[];
  busy: boolean;
}

const EMPTY: readonly Unsent[] = [];
const ATTEMPTS = 3;

export class Outbox {
  private readonly boxes = new Map<string, Box>();
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly post: (interactionId: string, text: string, ref: string) => Promise<void>,
    private readonly newRef: () => string,
    private readonly pause: (attempt: number) => Promise<void>,
  ) {}

  lines(interactionId: string): readonly Unsent[] {
    return this.boxes.get(interactionId)?.lines ?? EMPTY;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  send(interactionId: string, text: string): void {
    const line: Unsent = { ref: this.newRef(), text, state: "sending" };
    this.set(interactionId, [...this.lines(interactionId), line]);
    void this.drain(interactionId);
  }

  /** Try all failed lines again, in order. */
  retry(interactionId: string): void {
    const lines = this.lines(interactionId);
    this.set(
      interactionId,
      lines.map((line) => ({ ...line, state: "sending" as const })),
    );
    void this.drain(interactionId);
  }

  discard(interactionId: string, ref: string): void {
    this.drop(interactionId, ref);
  }

  /** Forget the lines that have come back from the server. */
  arrived(interactionId: string, refs: ReadonlySet<string>): void {
    const lines = this.lines(interactionId);
    const left = lines.filter((line) => !refs.has(line.ref));
    if (left.length !== lines.length) this.set(interactionId, left);
  }

  private async drain(interactionId: string): Promise<void> {
    const box = this.boxes.get(interactionId);
    if (!box || box.busy) return;
    box.busy = true;
    try {
      let next = this.next(interactionId);
      while (next) {
        const sent = await this.attempt(interactionId, next);
        if (sent) this.drop(interactionId, next.ref);
        else this.fail(interactionId);
        next = this.next(interactionId);
      }
    } finally {
      box.busy = false;
    }
  }

  private async attempt(interactionId: string, line: Unsent): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        await this.post(interactionId, line.text, line.ref);
        return true;
      } catch (error) {
        const lost = error instanceof ApiError && (error.status === 0 || error.status >= 500);
        if (!lost) return false;
        if (attempt < ATTEMPTS - 1) await this.pause(attempt);
      }
    }
    return false;
  }

  private next(interactionId: string): Unsent | undefined {
    return this.lines(interactionId).find((line) => line.state === "sending");
  }

  /** What follows a failed line waits with it: order is kept. */
  private fail(interactionId: string): void {
    this.set(
      interactionId,
      this.lines(interactionId).map((line) => ({ ...line, state: "failed" as const })),
    );
  }

  private drop(interactionId: string, ref: string): void {
    this.set(
      interactionId,
      this.lines(interactionId).filter((line) => line.ref !== ref),
    );
  }

  private set(interactionId: string, lines: readonly Unsent[]): void {
    const box = this.boxes.get(interactionId) ?? { lines, busy: false };
    box.lines = lines;
    this.boxes.set(interactionId, box);
    for (const listener of [...this.listeners]) listener();
  }
}
