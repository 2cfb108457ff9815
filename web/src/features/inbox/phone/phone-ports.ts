/** What the browser phone needs from outside, so that its rules can be tested without a network. */
import type { components } from "@/generated/api";

export type PhoneCredentials = components["schemas"]["PhoneCredentials"];

/** One audio connection to the switch. */
export interface PhoneLeg {
  /** Answer with this microphone; the far sound is played by the adapter. */
  answer(microphone: MediaStream): void;
  replaceMicrophone(microphone: MediaStream): Promise<void>;
  hangUp(): void;
  stats(): Promise<LegStats>;
}

export interface LegStats {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  jitterMs: number;
  roundTripMs: number | null;
  /** Energy of the sound received since the start; grows unless it is silent. */
  energyReceived: number;
}

export interface SipEvents {
  registered: () => void;
  /** Not registered (any more). `refused`: the switch said no, so new credentials are needed. */
  unregistered: (refused: boolean) => void;
  invited: (leg: PhoneLeg) => void;
  legUp: (leg: PhoneLeg) => void;
  legGone: (leg: PhoneLeg) => void;
  /** The same agent's phone was opened elsewhere; the newer one wins. */
  replaced: () => void;
}

export interface SipAgent {
  /** Go on with new credentials, without touching the leg. */
  renew(credentials: PhoneCredentials): void;
  stop(): void;
}

export interface PhonePorts {
  credentials: () => Promise<PhoneCredentials>;
  /** Ask the server to call this phone now. */
  connect: () => Promise<unknown>;
  disconnect: () => Promise<unknown>;
  openSip: (credentials: PhoneCredentials, events: SipEvents) => SipAgent;
  openMicrophone: (deviceId: string | null) => Promise<MediaStream>;
  setTimer: (run: () => void, ms: number) => unknown;
  clearTimer: (timer: unknown) => void;
  random: () => number;
}
