/** The SIP side of the browser phone, over JsSIP (RFC 7118, WebRTC audio). */
import { UA, WebSocketInterface, debug } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { LegStats, PhoneCredentials, PhoneLeg, SipAgent, SipEvents } from "./phone-ports";

/** Seconds; the server sees within this time that a page is gone without a word. */
const REGISTER_EXPIRES_S = 60;

/** With this code the server closes the socket of a phone that was opened elsewhere. */
const CLOSED_REPLACED = 4001;

debug.disable();

/** Return the address of the proxied SIP WebSocket on this page's own origin. */
export function sipSocketUrl(path: string, location: Location = window.location): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}

/** Register with the switch and report what happens until stopped. */
export function openSip(credentials: PhoneCredentials, events: SipEvents): SipAgent {
  const agent = new UA({
    sockets: [new WebSocketInterface(sipSocketUrl(credentials.ws_path))],
    uri: credentials.uri,
    authorization_user: credentials.username,
    password: credentials.password,
    register: true,
    register_expires: REGISTER_EXPIRES_S,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 15,
    user_agent: "omni browser phone",
  });
  agent.on("registered", () => events.registered());
  agent.on("unregistered", () => events.unregistered(false));
  agent.on("disconnected", ({ code }: { code?: number }) => {
    if (code === CLOSED_REPLACED) events.replaced();
    else events.unregistered(false);
  });
  agent.on("registrationFailed", () => events.unregistered(true));
  agent.on("newRTCSession", (event: { originator: string; session: RTCSession }) => {
    if (event.originator !== "remote") return;
    const leg = new JssipLeg(event.session, credentials.ice_servers as RTCIceServer[]);
    event.session.on("confirmed", () => events.legUp(leg));
    event.session.on("ended", () => events.legGone(leg));
    event.session.on("failed", () => events.legGone(leg));
    events.invited(leg);
  });
  agent.start();
  return {
    stop: () => agent.stop(),
    renew: (fresh) => {
      agent.set("authorization_user", fresh.username);
      agent.set("password", fresh.password);
      agent.register();
    },
  };
}

class JssipLeg implements PhoneLeg {
  private readonly speaker = new Audio();

  constructor(
    private readonly session: RTCSession,
    private readonly iceServers: RTCIceServer[],
  ) {
    this.speaker.autoplay = true;
    const silence = () => {
      this.speaker.srcObject = null;
    };
    session.on("ended", silence);
    session.on("failed", silence);
  }

  answer(microphone: MediaStream): void {
    this.session.on("peerconnection", ({ peerconnection }) => this.play(peerconnection));
    this.session.answer({
      mediaStream: microphone,
      pcConfig: { iceServers: this.iceServers },
    });
    // For an incoming session JsSIP may have made the connection before our listener.
    const connection = this.session.connection as RTCPeerConnection | undefined;
    if (connection) this.play(connection);
  }

  async replaceMicrophone(microphone: MediaStream): Promise<void> {
    const [track] = microphone.getAudioTracks();
    const sender = this.connection()
      ?.getSenders()
      .find((each) => each.track?.kind === "audio");
    if (track && sender) await sender.replaceTrack(track);
  }

  hangUp(): void {
    if (!this.session.isEnded()) this.session.terminate();
  }

  async stats(): Promise<LegStats> {
    const found: LegStats = {
      packetsReceived: 0,
      packetsSent: 0,
      packetsLost: 0,
      jitterMs: 0,
      roundTripMs: null,
      energyReceived: 0,
    };
    const report = await this.connection()?.getStats();
    report?.forEach((entry: Record<string, unknown>) => takeStats(found, entry));
    return found;
  }

  private connection(): RTCPeerConnection | undefined {
    return this.session.connection as RTCPeerConnection | undefined;
  }

  private play(connection: RTCPeerConnection): void {
    connection.addEventListener("track", (event) => {
      this.speaker.srcObject = event.streams[0] ?? new MediaStream([event.track]);
      this.speaker.play().catch(() => undefined);
    });
  }
}

function takeStats(found: LegStats, entry: Record<string, unknown>): void {
  const number = (name: string) => Number(entry[name] ?? 0);
  if (entry["type"] === "inbound-rtp" && entry["kind"] === "audio") {
    found.packetsReceived += number("packetsReceived");
    found.packetsLost += number("packetsLost");
    found.jitterMs = number("jitter") * 1000;
    found.energyReceived += number("totalAudioEnergy");
  } else if (entry["type"] === "outbound-rtp" && entry["kind"] === "audio") {
    found.packetsSent += number("packetsSent");
  } else if (entry["type"] === "candidate-pair" && entry["nominated"] === true) {
    const seconds = entry["currentRoundTripTime"];
    found.roundTripMs = typeof seconds === "number" ? seconds * 1000 : null;
  }
}
