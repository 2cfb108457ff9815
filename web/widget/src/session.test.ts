import { describe, expect, it } from "vitest";
import type { ServerFrame } from "./frames.ts";
import { isOpening, START, step, type Session } from "./session.ts";

function took(session: Session, ...frames: ServerFrame[]): Session {
  return frames.reduce((now, frame) => step(now, { act: "frame", frame, seen: true }), session);
}

function line(number: number, more: Partial<Extract<ServerFrame, { op: "message" }>> = {}) {
  return {
    op: "message",
    conversation: "c1",
    number,
    author: "visitor",
    name: "",
    text: `line ${number}`,
    at: "2026-11-21T09:00:00Z",
    client_ref: `r${number}`,
    ...more,
  } satisfies ServerFrame;
}

const wrote = (session: Session, ref: string) =>
  step(session, { act: "write", ref, text: `line of ${ref}` });

describe("own lines", () => {
  it("stand from writing until the server's line comes, in either order of its two answers", () => {
    const posted = { op: "posted", conversation: "c1", number: 1, client_ref: "r1" } as const;
    for (const frames of [
      [posted, line(1)],
      [line(1), posted],
    ]) {
      let session = wrote(START, "r1");
      expect(session.pending).toHaveLength(1);
      session = took(session, ...frames);
      expect(session.pending).toEqual([]);
      expect(session.lines.map((one) => one.number)).toEqual([1]);
    }
  });

  it("stay while sending again may help, and say so when it cannot", () => {
    const refused = (code: string) =>
      took(wrote(START, "r1"), { op: "error", code, client_ref: "r1", retry_after_s: null });
    expect(refused("frame.too_fast").pending).toMatchObject([{ failed: "" }]);
    expect(refused("server.unavailable").pending).toMatchObject([{ failed: "" }]);
    expect(refused("chat.text_too_long").pending).toMatchObject([{ failed: "chat.text_too_long" }]);
  });
});

describe("lines", () => {
  it("are shown once and in order, however often they come", () => {
    const session = took(START, line(1), line(2), line(1), line(2), line(3));
    expect(session.lines.map((one) => one.number)).toEqual([1, 2, 3]);
  });

  it("of others count as unread while nobody looks", () => {
    const frame = line(1, { author: "agent", client_ref: "" });
    const unseen = step(START, { act: "frame", frame, seen: false });
    expect(unseen.unread).toBe(1);
    expect(step(unseen, { act: "looked" }).unread).toBe(0);
    expect(took(START, frame).unread).toBe(0);
  });
});

describe("conversations", () => {
  it("follow one another; what is said of an earlier one changes nothing", () => {
    let session = took(
      START,
      { op: "joined", conversation: "c1", agent: "Ann" },
      line(1),
      { op: "ended", conversation: "c1", reason: "agent" },
    );
    expect([session.state, session.endReason]).toEqual(["ended", "agent"]);
    session = took(session, line(1, { conversation: "c2" }));
    expect([session.state, session.agent, session.lines.length]).toEqual(["opening", "", 1]);
    const later = took(
      session,
      { op: "ended", conversation: "c1", reason: "offline" },
      line(2, { conversation: "c1" }),
    );
    expect(later).toEqual(session);
  });

  it("are told as they stand when the page comes back", () => {
    const session = took(START, {
      op: "welcome",
      token: null,
      open: true,
      conversation: {
        conversation: "c1",
        state: "active",
        agent: "Ann",
        last_number: 4,
        visitor_read: 2,
        agent_read: 3,
        end_reason: "",
      },
      topics: [],
    });
    expect(session).toMatchObject({ link: "up", state: "active", agent: "Ann", agentRead: 3 });
    const frames = [1, 2, 3, 4].map((number) => line(number, { author: "agent" }));
    const unseen = frames.reduce(
      (now, frame) => step(now, { act: "frame", frame, seen: false }),
      session,
    );
    expect(unseen.unread).toBe(2);
  });

  it("show the place in line until somebody comes", () => {
    let session = took(START, { op: "waiting", conversation: "c1", position: 3 });
    expect([session.state, session.place]).toEqual(["waiting", 3]);
    session = took(session, { op: "joined", conversation: "c1", agent: "Ann" });
    expect([session.state, session.place]).toEqual(["active", 0]);
  });
});

describe("the topic of a new conversation", () => {
  const topics = [{ key: "returns", label: "Returns" }];
  const welcome = { op: "welcome", token: null, open: true, conversation: null, topics } as const;
  const choose = (session: Session) => step(session, { act: "choose", topic: "returns" });

  it("is chosen before the first line, and can be taken back", () => {
    const session = choose(took(START, { ...welcome, topics }));
    expect([session.topics, session.topic]).toEqual([topics, "returns"]);
    expect(choose(session).topic).toBe("");
    expect(isOpening(session)).toBe(true);
    expect(isOpening(wrote(session, "r1"))).toBe(false);
  });

  it("is asked anew when the conversation is over", () => {
    const going = took(choose(took(START, { ...welcome, topics })), line(1));
    expect([going.topic, isOpening(going)]).toEqual(["", false]);
    expect(isOpening(took(going, { op: "ended", conversation: "c1", reason: "agent" }))).toBe(true);
  });
});
