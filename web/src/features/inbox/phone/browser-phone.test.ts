import { describe, expect, it } from "vitest";
import { BrowserPhone, microphoneProblem } from "./browser-phone";
import type { PhoneCredentials, PhoneLeg, PhonePorts, SipEvents } from "./phone-ports";

const CREDENTIALS: PhoneCredentials = {
  uri: "sip:u1@omni",
  ws_path: "/api/phone/ws",
  username: "u1",
  password: "secret",
  expires_at: "2026-11-21T12:00:00Z",
  ice_servers: [],
};

class FakeLeg implements PhoneLeg {
  answered = 0;
  gone = 0;
  answer(): void {
    this.answered += 1;
  }
  replaceMicrophone(): Promise<void> {
    return Promise.resolve();
  }
  hangUp(): void {
    this.gone += 1;
  }
  stats() {
    return Promise.resolve({
      packetsReceived: 5,
      packetsSent: 6,
      packetsLost: 0,
      jitterMs: 1,
      roundTripMs: 2,
      energyReceived: 1,
    });
  }
}

function fakeMicrophone() {
  const track = { stopped: false, stop: () => (track.stopped = true) };
  const stream = { active: true, getTracks: () => [track] };
  return { track, stream: stream as unknown as MediaStream };
}

function bench(overrides: Partial<PhonePorts> = {}) {
  const calls: string[] = [];
  const sips: SipEvents[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const microphone = fakeMicrophone();
  const phone = new BrowserPhone({
    credentials: () => (calls.push("credentials"), Promise.resolve(CREDENTIALS)),
    connect: () => (calls.push("connect"), Promise.resolve()),
    disconnect: () => (calls.push("disconnect"), Promise.resolve()),
    openSip: (_, events) => {
      sips.push(events);
      return { stop: () => calls.push("stop"), renew: () => calls.push("renew") };
    },
    openMicrophone: () => (calls.push("microphone"), Promise.resolve(microphone.stream)),
    setTimer: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return timer;
    },
    clearTimer: (timer) => {
      const at = timers.indexOf(timer as (typeof timers)[number]);
      if (at >= 0) timers.splice(at, 1);
    },
    random: () => 1,
    ...overrides,
  });
  const sip = () => {
    const last = sips.at(-1);
    if (!last) throw new Error("SIP was not opened");
    return last;
  };
  const fire = () => {
    const timer = timers.shift();
    if (!timer) throw new Error("no timer");
    timer.run();
    return timer.ms;
  };
  return { phone, calls, sips, sip, timers, fire, microphone };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

async function up() {
  const all = bench();
  all.phone.turnOn();
  await settled();
  all.sip().registered();
  const leg = new FakeLeg();
  all.sip().invited(leg);
  all.sip().legUp(leg);
  return { ...all, leg };
}

describe("BrowserPhone", () => {
  it("opens the microphone, registers, asks to be called, and answers", async () => {
    const { phone, calls, sip } = bench();
    phone.turnOn();
    phone.turnOn();
    expect(phone.state.status).toBe("starting");
    await settled();
    expect(calls).toEqual(["microphone", "credentials"]);
    sip().registered();
    expect(phone.state.status).toBe("registered");
    expect(calls.at(-1)).toBe("connect");
    const leg = new FakeLeg();
    sip().invited(leg);
    expect(leg.answered).toBe(1);
    sip().legUp(leg);
    expect(phone.state).toMatchObject({ status: "up", problem: null });
    expect(await phone.stats()).toMatchObject({ packetsReceived: 5 });
  });

  it("asks again when no invitation comes", async () => {
    const { phone, calls, sip, fire } = bench();
    phone.turnOn();
    await settled();
    sip().registered();
    expect(fire()).toBe(10_000);
    expect(calls.filter((name) => name === "connect")).toHaveLength(2);
  });

  it("refuses invitations when it is off", async () => {
    const { phone, sip } = bench();
    phone.turnOn();
    await settled();
    const events = sip();
    events.registered();
    phone.turnOff();
    const leg = new FakeLeg();
    events.invited(leg);
    expect([leg.answered, leg.gone]).toEqual([0, 1]);
  });

  it("replaces its leg by a newer one", async () => {
    const { phone, sip, leg } = await up();
    const newer = new FakeLeg();
    sip().invited(newer);
    sip().legUp(newer);
    sip().legGone(leg);
    expect([leg.gone, newer.answered, phone.state.status]).toEqual([1, 1, "up"]);
  });

  it("keeps the sound when the registration drops", async () => {
    const { phone, sip, leg } = await up();
    sip().unregistered(false);
    expect([phone.state.status, leg.gone]).toEqual(["up", 0]);
    sip().registered();
    expect(phone.state.status).toBe("up");
  });

  it("asks for a new leg after a while when the leg is lost", async () => {
    const { phone, sip, leg, calls, fire } = await up();
    sip().legGone(leg);
    expect(phone.state.status).toBe("registered");
    expect(calls.filter((name) => name === "connect")).toHaveLength(1);
    expect(fire()).toBe(1000);
    expect(calls.filter((name) => name === "connect")).toHaveLength(2);
  });

  it("fetches new credentials when the switch refuses the old", async () => {
    const { phone, sip, sips, calls, fire } = bench();
    phone.turnOn();
    await settled();
    sip().unregistered(true);
    expect(phone.state).toMatchObject({ status: "starting", problem: "unreachable" });
    fire();
    await settled();
    expect(sips).toHaveLength(2);
    expect(calls.filter((name) => name === "credentials")).toHaveLength(2);
    expect(calls.filter((name) => name === "microphone")).toHaveLength(1);
  });

  it("renews its credentials in the middle of a call", async () => {
    const { phone, sip, leg, calls, fire } = await up();
    sip().unregistered(true);
    fire();
    await settled();
    expect([phone.state.status, leg.gone, calls.at(-1)]).toEqual(["up", 0, "renew"]);
  });

  it("gives way to a newer page, and comes back when asked to", async () => {
    const { phone, sip, leg, timers, sips } = await up();
    sip().replaced();
    expect(phone.state).toMatchObject({ status: "failed", problem: "replaced" });
    expect([leg.gone, timers.length]).toEqual([1, 0]);
    phone.turnOn();
    await settled();
    expect(sips).toHaveLength(2);
  });

  it("backs off while the server does not answer", async () => {
    let asked = 0;
    const { phone, fire } = bench({
      credentials: () => {
        asked += 1;
        return Promise.reject(new Error("down"));
      },
    });
    phone.turnOn();
    const waits: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      await settled();
      waits.push(fire());
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
    expect(asked).toBeGreaterThanOrEqual(7);
  });

  it("says why there is no microphone, and waits for the person", async () => {
    const denied = new DOMException("no", "NotAllowedError");
    let answer: () => Promise<MediaStream> = () => Promise.reject(denied);
    const { phone, timers, calls } = bench({ openMicrophone: () => answer() });
    phone.turnOn();
    await settled();
    expect(phone.state).toMatchObject({ status: "failed", problem: "microphone_denied" });
    expect(timers).toHaveLength(0);
    answer = () => Promise.resolve(fakeMicrophone().stream);
    phone.turnOn();
    await settled();
    expect(calls).toEqual(["credentials"]);
  });

  it("releases everything when turned off", async () => {
    const { phone, leg, calls, timers, microphone } = await up();
    phone.turnOff();
    phone.turnOff();
    expect(phone.state).toMatchObject({ status: "off", microphone: null });
    expect([leg.gone, microphone.track.stopped, timers.length]).toEqual([1, true, 0]);
    expect(calls.slice(-2)).toEqual(["stop", "disconnect"]);
    expect(await phone.stats()).toBeNull();
  });

  it("drops the microphone that arrives after it was turned off", async () => {
    const late = fakeMicrophone();
    const { phone, calls } = bench({ openMicrophone: () => Promise.resolve(late.stream) });
    phone.turnOn();
    phone.turnOff();
    await settled();
    expect(late.track.stopped).toBe(true);
    expect(calls).toEqual(["disconnect"]);
  });

  it.each([
    ["NotAllowedError", "microphone_denied"],
    ["NotFoundError", "microphone_missing"],
    ["NotReadableError", "microphone_busy"],
    ["TypeError", "insecure"],
  ])("knows %s", (name, problem) => {
    expect(microphoneProblem(new DOMException("", name))).toBe(problem);
  });
});
