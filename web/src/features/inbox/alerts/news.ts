/** What deserves an alert between two states of the desk. Pure. */
import type { WorkRow } from "@/lib/types";

export interface News {
  kind: "offer" | "call" | "message";
  work: WorkRow;
}

/**
 * Return what is new: an offer; a call that began by itself; an unread line or mail more.
 * The first state of a page (after a reload) is no news.
 */
export function newsOf(before: readonly WorkRow[] | null, after: readonly WorkRow[]): News[] {
  if (before === null) return [];
  const known = new Map(before.map((work) => [work.interaction_id, work]));
  const found: News[] = [];
  for (const work of after) {
    const old = known.get(work.interaction_id);
    if (work.state === "offered" && old?.state !== "offered") found.push({ kind: "offer", work });
    else if (work.state === "active" && work.medium === "voice" && old?.state !== "active")
      found.push({ kind: "call", work });
    else if (work.state === "active" && work.unread > (old?.unread ?? 0))
      found.push({ kind: "message", work });
  }
  return found;
}
