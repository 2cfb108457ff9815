/**
 * The agent's phone in the browser: one standing leg, called by the server once at the start of
 * the shift, to which calls are joined on the server's side.
 *
 * Rules:
 * 1. Nothing happens before `turnOn`; then the microphone is opened, credentials are fetched, the
 *    phone registers, and the server is asked to call it.
 * 2. An invitation is answered at once while the phone is on (only our own switch can send one,
 *    through our own server); otherwise it is refused. A second one replaces the first: the server
 *    calls again when it has lost the leg.
 * 3. What fails is tried again with back-off until `turnOff`; a refused microphone is not, the
 *    person has to do something first.
 * 4. A leg lives on when the registration drops: sound does not pass through the WebSocket. Refused
 *    meanwhile (credentials are short-lived), the phone registers again with new ones.
 * 5. Opened elsewhere by the same agent, this phone stops until the person turns it on again.
 */
import { backoffMs } from "@/lib/backoff";
import type { LegStats, PhoneLeg, PhonePorts, SipAgent } from "./phone-ports";

export type PhoneProblem =
  | "microphone_denied"
  | "microphone_missing"
  | "microphone_busy"
  | "insecure"
  | "unreachable"
  | "replaced";

export interface PhoneState {
  /** off: not wanted; up: the standing leg carries sound. */
  status: "off" | "starting" | "registered" | "up" | "failed";
  problem: PhoneProblem | null;
  microphone: MediaStream | null;
  deviceId: string | null;
}

const RETRY = { firstMs: 1000, capMs: 20_000 };
/** Asked to be called, but no invitation came: ask again. */
const INVITE_WAIT_MS = 10_000;

/** Return what went wrong from the error that getUserMedia threw. */
export function microphoneProblem(error: unknown): PhoneProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "microphone_denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "microphone_missing";
  if (name === "NotReadableError" || name === "AbortError") return "microphone_busy";
  return "insecure";
}

export class BrowserPhone {
  private readonly listeners = new Set<() => void>();
  private current: PhoneState = { status: "off", problem: null, microphone: null, deviceId: null };
  private wanted = false;
  private sip: SipAgent | null = null;
  private leg: PhoneLeg | null = null;
  private legUp = false;
  private registered = false;
  private timer: unknown = null;
  private attempt = 0;
  /** Answers of an earlier turn (on, off, on again) are recognised by their number and dropped. */
  private turn = 0;

  constructor(private readonly ports: PhonePorts) {}

  get state(): PhoneState {
    return this.current;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  turnOn(): void {
    if (this.wanted && this.current.status !== "failed") return;
    this.wanted = true;
    this.attempt = 0;
    this.turn += 1;
    this.clearTimer();
    void this.start(this.turn);
  }

  turnOff(): void {
    if (!this.wanted) return;
    this.wanted = false;
    this.turn += 1;
    this.close();
    for (const track of this.current.microphone?.getTracks() ?? []) track.stop();
    this.set({ status: "off", problem: null, microphone: null });
    this.ports.disconnect().catch(() => undefined);
  }

  /** Use another microphone, also in the middle of a call. */
  async chooseMicrophone(deviceId: string): Promise<void> {
    const old = this.current.microphone;
    try {
      const microphone = await this.ports.openMicrophone(deviceId);
      await this.leg?.replaceMicrophone(microphone);
      for (const track of old?.getTracks() ?? []) track.stop();
      this.set({ microphone, deviceId, problem: null });
    } catch (error) {
      this.set({ problem: microphoneProblem(error) });
    }
  }

  /** Return figures of the sound, null without a leg. */
  async stats(): Promise<LegStats | null> {
    return this.leg && this.legUp ? this.leg.stats() : null;
  }

  private async start(turn: number): Promise<void> {
    this.close();
    this.set({ status: "starting", problem: null });
    if (!(await this.haveMicrophone(turn))) return;
    try {
      const credentials = await this.ports.credentials();
      if (turn !== this.turn) return;
      this.sip = this.ports.openSip(credentials, {
        registered: () => turn === this.turn && this.onRegistered(turn),
        unregistered: (refused) => turn === this.turn && this.onUnregistered(refused),
        invited: (leg) => this.onInvited(leg, turn),
        legUp: (leg) => leg === this.leg && this.onLegUp(),
        legGone: (leg) => leg === this.leg && this.onLegGone(turn),
        replaced: () => turn === this.turn && this.onReplaced(),
      });
    } catch {
      if (turn === this.turn) this.retry();
    }
  }

  private async haveMicrophone(turn: number): Promise<boolean> {
    if (this.current.microphone?.active) return true;
    try {
      const microphone = await this.ports.openMicrophone(this.current.deviceId);
      if (turn !== this.turn) {
        for (const track of microphone.getTracks()) track.stop();
        return false;
      }
      this.set({ microphone });
      return true;
    } catch (error) {
      if (turn === this.turn) this.set({ status: "failed", problem: microphoneProblem(error) });
      return false;
    }
  }

  private onRegistered(turn: number): void {
    this.registered = true;
    this.attempt = 0;
    if (this.legUp) return;
    this.set({ status: "registered", problem: null });
    this.askToBeCalled(turn);
  }

  private askToBeCalled(turn: number): void {
    this.clearTimer();
    this.timer = this.ports.setTimer(() => {
      this.timer = null;
      if (turn === this.turn && this.registered && !this.legUp) this.askToBeCalled(turn);
    }, INVITE_WAIT_MS);
    this.ports.connect().catch(() => undefined);
  }

  private onUnregistered(refused: boolean): void {
    this.registered = false;
    if (this.legUp) {
      if (refused) this.renewLater();
      return;
    }
    // The adapter reconnects by itself after a lost connection.
    if (refused) this.retry();
    else this.set({ status: "starting", problem: "unreachable" });
  }

  private renewLater(): void {
    const { turn, sip } = this;
    this.clearTimer();
    this.timer = this.ports.setTimer(() => {
      this.timer = null;
      this.ports.credentials().then(
        (credentials) => turn === this.turn && sip === this.sip && sip?.renew(credentials),
        () => turn === this.turn && this.legUp && this.renewLater(),
      );
    }, this.nextWaitMs());
  }

  private onReplaced(): void {
    this.turn += 1;
    this.close();
    this.set({ status: "failed", problem: "replaced" });
  }

  private onInvited(leg: PhoneLeg, turn: number): void {
    const microphone = this.current.microphone;
    if (turn !== this.turn || !this.wanted || !microphone) {
      leg.hangUp();
      return;
    }
    const old = this.leg;
    this.leg = leg;
    this.legUp = false;
    old?.hangUp();
    leg.answer(microphone);
  }

  private onLegUp(): void {
    this.legUp = true;
    this.clearTimer();
    this.set({ status: "up", problem: null });
  }

  private onLegGone(turn: number): void {
    this.leg = null;
    this.legUp = false;
    this.clearTimer();
    if (!this.registered) return this.retry();
    this.set({ status: "registered" });
    // Not at once: a switch that drops every leg must not be asked in a tight loop.
    this.timer = this.ports.setTimer(() => {
      this.timer = null;
      if (turn === this.turn && this.registered && !this.legUp) this.askToBeCalled(turn);
    }, this.nextWaitMs());
  }

  private retry(): void {
    this.close();
    this.set({ status: "starting", problem: "unreachable" });
    const turn = this.turn;
    this.timer = this.ports.setTimer(() => {
      this.timer = null;
      if (turn === this.turn) void this.start(turn);
    }, this.nextWaitMs());
  }

  private nextWaitMs(): number {
    const wait = backoffMs(this.attempt, this.ports.random(), RETRY);
    this.attempt += 1;
    return wait;
  }

  private close(): void {
    this.clearTimer();
    const { leg, sip } = this;
    this.leg = null;
    this.sip = null;
    this.legUp = false;
    this.registered = false;
    leg?.hangUp();
    sip?.stop();
  }

  private clearTimer(): void {
    if (this.timer === null) return;
    this.ports.clearTimer(this.timer);
    this.timer = null;
  }

  private set(changes: Partial<PhoneState>): void {
    this.current = { ...this.current, ...changes };
    for (const listener of [...this.listeners]) listener();
  }
}
