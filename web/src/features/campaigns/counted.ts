/** How a campaign's list stands: told while it dials, asked for at other times. */
import { useBlocked, type BlockedOut, type CampaignRow } from "./api/campaigns";

export interface Counted {
  contacts: number;
  dialable: number;
  finished: number;
  /** Gate → how many contacts stop there. */
  gates: Record<string, number>;
  /** As of when, if not as of now. */
  asOf: string | null;
  /** False: a long list is still being counted. */
  whole: boolean;
}

/** Whether what is pushed says how the list stands. */
export function isTold(row: CampaignRow): boolean {
  return row.state === "running" && row.contacts > 0;
}

export function countedOf(row: CampaignRow, asked: BlockedOut | undefined): Counted | undefined {
  if (isTold(row))
    return {
      contacts: row.contacts,
      dialable: row.dialable,
      finished: row.finished,
      gates: row.blocked,
      asOf: row.blocked_at,
      whole: true,
    };
  if (!asked) return undefined;
  const gates = Object.fromEntries(asked.gates.map((each) => [each.gate, each.count]));
  return {
    contacts: asked.contacts,
    dialable: asked.dialable,
    finished: gates["finished"] ?? 0,
    gates,
    asOf: asked.at,
    whole: asked.whole,
  };
}

/** Undefined until the first answer. */
export function useCounted(campaignId: string, row: CampaignRow): Counted | undefined {
  return countedOf(row, useBlocked(campaignId, !isTold(row)).data);
}
