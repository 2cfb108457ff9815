/**
 * What the visitor sees, as a pure fold of the server's frames and the visitor's acts.
 *
 * 1. Own lines stand in `pending` from the moment of writing until the server's numbered line with
 *    the same reference arrives; they are never shown twice and never vanish.
 * 2. Lines are shown by number; one that is known already changes nothing.
 * 3. Frames of another conversation than the newest are the past and change nothing.
 */
import type { ChatState, ConversationState, ServerFrame, Topic } from "./frames.ts";

export interface Line {
  number: number;
  author: "visitor" | "agent" | "system";
  name: string;
  text: string;
  at: string;
}

export interface Pending {
  ref: string;
  text: string;
  /** "" while it is on its way, else the code with which it was finally refused. */
  failed: string;
}

export type Link = "idle" | "connecting" | "up" | "down" | "refused";

export interface Session {
  link: Link;
  /** The site takes conversations in now. */
  open: boolean;
  /** What a new conversation may be about, and what the visitor has chosen. */
  topics: Topic[];
  topic: string;
  conversation: string;
  state: ChatState | "none";
  endReason: string;
  agent: string;
  place: number;
  agentRead: number;
  typing: boolean;
  lines: Line[];
  pending: Pending[];
  /** The visitor has seen all lines up to this one. */
  read: number;
  /** Lines of others that came while the panel was shut. */
  unread: number;
}

export const START: Session = {
  link: "idle",
  open: true,
  topics: [],
  topic: "",
  conversation: "",
  state: "none",
  endReason: "",
  agent: "",
  place: 0,
  agentRead: 0,
  typing: false,
  lines: [],
  pending: [],
  read: 0,
  unread: 0,
};

export type Act =
  | { act: "link"; link: Link }
  | { act: "frame"; frame: ServerFrame; seen: boolean }
  | { act: "write"; ref: string; text: string }
  | { act: "choose"; topic: string }
  | { act: "looked" }
  | { act: "typingOver" };

/** Codes after which sending the same line again may succeed. */
const PASSING = new Set(["frame.too_fast", "server.unavailable", "chat.ended"]);

export function isPassing(code: string): boolean {
  return PASSING.has(code);
}

/** Tell whether the next line opens a conversation, so that it can still be about something. */
export function isOpening(session: Session): boolean {
  const over = session.state === "none" || session.state === "ended";
  return over && session.pending.every((line) => line.failed !== "");
}

/** Return the session after the act. */
export function step(session: Session, act: Act): Session {
  switch (act.act) {
    case "link":
      return { ...session, link: act.link, typing: act.link === "up" && session.typing };
    case "write":
      return {
        ...session,
        pending: [...session.pending, { ref: act.ref, text: act.text, failed: "" }],
      };
    case "choose":
      return { ...session, topic: session.topic === act.topic ? "" : act.topic };
    case "looked":
      return { ...session, unread: 0, read: session.lines.at(-1)?.number ?? 0 };
    case "typingOver":
      return { ...session, typing: false };
    case "frame":
      return take(session, act.frame, act.seen);
  }
}

function take(session: Session, frame: ServerFrame, seen: boolean): Session {
  switch (frame.op) {
    case "welcome":
      return welcomed(
        { ...session, link: "up", open: frame.open, topics: frame.topics },
        frame.conversation,
      );
    case "message":
      return said(at(session, frame.conversation), frame, seen);
    case "posted":
      return at(session, frame.conversation);
    case "waiting":
      return about(session, frame.conversation, { state: "waiting", place: frame.position });
    case "joined":
      return about(session, frame.conversation, { state: "active", agent: frame.agent, place: 0 });
    case "ended":
      return about(session, frame.conversation, {
        state: "ended",
        endReason: frame.reason,
        typing: false,
        place: 0,
      });
    case "typing":
      return about(session, frame.conversation, { typing: true });
    case "read":
      return about(session, frame.conversation, { agentRead: frame.number });
    case "error":
      return failed(session, frame.client_ref, frame.code);
    case "ping":
      return session;
  }
}

function welcomed(session: Session, conversation: ConversationState | null): Session {
  if (conversation === null) return session;
  return {
    ...at(session, conversation.conversation),
    state: conversation.state,
    agent: conversation.agent,
    agentRead: conversation.agent_read,
    read: conversation.visitor_read,
    endReason: conversation.end_reason,
  };
}

/** Return the session turned to this conversation, if it is newer (ids sort by time of making). */
function at(session: Session, conversation: string): Session {
  if (conversation <= session.conversation) return session;
  return {
    ...session,
    conversation,
    topic: "",
    state: "opening",
    endReason: "",
    agent: "",
    place: 0,
    agentRead: 0,
    typing: false,
    lines: [],
    read: 0,
  };
}

function about(session: Session, conversation: string, news: Partial<Session>): Session {
  const turned = at(session, conversation);
  return turned.conversation === conversation ? { ...turned, ...news } : turned;
}

function said(
  session: Session,
  frame: Extract<ServerFrame, { op: "message" }>,
  seen: boolean,
): Session {
  const pending = session.pending.filter((line) => line.ref !== frame.client_ref);
  const last = session.lines.at(-1)?.number ?? 0;
  if (frame.conversation !== session.conversation || frame.number <= last) {
    return { ...session, pending };
  }
  const { number, author, name, text, at: instant } = frame;
  const fromOthers = author !== "visitor";
  return {
    ...session,
    pending,
    lines: [...session.lines, { number, author, name, text, at: instant }],
    typing: fromOthers ? false : session.typing,
    unread: fromOthers && !seen && number > session.read ? session.unread + 1 : session.unread,
  };
}

function failed(session: Session, ref: string, code: string): Session {
  if (ref === "" || isPassing(code)) return session;
  return {
    ...session,
    pending: session.pending.map((line) => (line.ref === ref ? { ...line, failed: code } : line)),
  };
}
