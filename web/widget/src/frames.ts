/** The frames of omni/channels/chat/engine/protocol.py. */

export type ChatState = "opening" | "waiting" | "active" | "ended";

export interface ConversationState {
  conversation: string;
  state: ChatState;
  agent: string;
  last_number: number;
  visitor_read: number;
  agent_read: number;
  end_reason: string;
}

/** What a new conversation may be about. */
export interface Topic {
  key: string;
  label: string;
}

export type ServerFrame =
  | {
      op: "welcome";
      token: string | null;
      open: boolean;
      conversation: ConversationState | null;
      topics: Topic[];
    }
  | {
      op: "message";
      conversation: string;
      number: number;
      author: "visitor" | "agent" | "system";
      name: string;
      text: string;
      at: string;
      client_ref: string;
    }
  | { op: "posted"; conversation: string; number: number; client_ref: string }
  | { op: "waiting"; conversation: string; position: number }
  | { op: "joined"; conversation: string; agent: string }
  | { op: "ended"; conversation: string; reason: string }
  | { op: "typing"; conversation: string }
  | { op: "read"; conversation: string; number: number }
  | { op: "ping" }
  | { op: "error"; code: string; client_ref: string; retry_after_s: number | null };

export type ClientFrame =
  | {
      op: "hello";
      token: string;
      site: string;
      language: string;
      page: string;
      conversation: string;
      after: number;
    }
  | { op: "post"; client_ref: string; text: string; topic: string }
  | { op: "ack"; conversation: string; number: number; read: boolean }
  | { op: "typing" }
  | { op: "profile"; name: string; email: string }
  | { op: "end"; conversation: string }
  | { op: "pong" };

/** Longest line the server takes. */
export const TEXT_MAX = 4000;
