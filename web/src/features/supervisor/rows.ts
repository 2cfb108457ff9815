/** The floor's rows, and what in them needs a person. Pure, so that it can be tested. */
import { falling, rising, type Concern } from "@/components/concern";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type TotalRow = Schemas["TotalRow"];
export type EntryPointRow = Schemas["EntryPointRow"];
export type QueueRow = Schemas["QueueRow"];
export type GroupRow = Schemas["GroupRow"];
export type AgentRow = Schemas["AgentRow"];
export type TrunkRow = Schemas["TrunkRow"];
export type CampaignRow = Schemas["CampaignRow"];
export type GroupLink = Pick<Schemas["GroupLinkBody"], "queue_id" | "group_id" | "open">;

/** Longest time in a state before somebody should look, in seconds. */
export const LONG_S = { wrap_up: 180, break: 1200, busy: 1800 } as const;

/** Service level in percent below which a queue is watched, and below which it is in trouble. */
export const SERVICE_LEVEL = { soon: 80, now: 60 } as const;

export function queueConcern(row: QueueRow): Concern {
  if (row.waiting > 0 && !(row.open && row.served)) return "now";
  // A level over a handful of contacts says nothing yet.
  if (row.offered - row.waiting < 5) return "none";
  return falling(row.service_level_pct, SERVICE_LEVEL.soon, SERVICE_LEVEL.now);
}

/** Pacing goes as near to the limit as it may: only beyond it something is wrong. */
export function dropConcern(row: CampaignRow): Concern {
  return row.drop_pct != null && row.drop_pct > row.drop_limit_pct ? "now" : "none";
}

export function trunkConcern(row: TrunkRow): Concern {
  if (!row.enabled) return "none";
  if (row.state === "down") return "now";
  return row.capacity > 0 ? rising(row.busy / row.capacity, 0.9, 1) : "none";
}

/** An agent who is ready but whose phone is down gets no calls and may not know it. */
export function phoneConcern(row: AgentRow): Concern {
  if (row.robot || row.phone === "up") return "none";
  return row.state === "ready" || row.state === "busy" ? "soon" : "none";
}

/** Seconds in the agent's state before it is marked: soon and now; a break's reason may say less. */
export function patience(row: AgentRow, breakS?: number): { soonS: number; nowS: number } {
  if (row.state === "break" && breakS) return { soonS: breakS * 0.9, nowS: breakS };
  const limit = LONG_S[row.state as keyof typeof LONG_S] ?? Infinity;
  return { soonS: limit, nowS: limit * 2 };
}

const STATE_ORDER = ["busy", "dialing", "ready", "wrap_up", "break", "signed_out"];

export function stateRank(row: AgentRow): number {
  return STATE_ORDER.indexOf(row.state);
}

/** Return the groups that may serve a queue. */
export function groupsServing(links: readonly GroupLink[], queueId: string): Set<string> {
  return new Set(
    links.filter((link) => link.queue_id === queueId && link.open).map((link) => link.group_id),
  );
}

/** What the list of agents is narrowed to. */
export interface Focus {
  kind: "queue" | "group";
  id: string;
}

export function inFocus(
  agents: readonly AgentRow[],
  focus: Focus | null,
  links: readonly GroupLink[],
): readonly AgentRow[] {
  if (!focus) return agents;
  const groups = focus.kind === "group" ? new Set([focus.id]) : groupsServing(links, focus.id);
  return agents.filter((agent) => agent.group_ids.some((id) => groups.has(id)));
}

/** Return the row of the longest waiting contact of all queues. */
export function longestWaiting(queues: readonly QueueRow[]): QueueRow | undefined {
  const waiting = queues.filter((row) => row.oldest_since != null);
  return waiting.reduce<QueueRow | undefined>(
    (oldest, row) => (!oldest || sinceOf(row) < sinceOf(oldest) ? row : oldest),
    undefined,
  );
}

function sinceOf(row: QueueRow): string {
  return row.oldest_since ?? "9999";
}
