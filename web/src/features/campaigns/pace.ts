/** The figures of a campaign's lines, drop budget and trunks, from its row. */
import type { CampaignRow, TrunkRow } from "./api/campaigns";

type DropWindow = CampaignRow["drop_windows"][number];

type LineCounts = Pick<CampaignRow, "ringing" | "dialling" | "waiting" | "trunk_lines">;
type Trunk = Pick<TrunkRow, "id" | "enabled">;

export interface Lines {
  dialling: number;
  ringing: number;
  waiting: number;
  talking: number;
}

/** Where the campaign's lines are; what is on a trunk and none of the others is a conversation. */
export function linesOf(row: LineCounts): Lines {
  const used = Object.values(row.trunk_lines).reduce((sum, count) => sum + count, 0);
  return {
    dialling: row.dialling,
    ringing: row.ringing - row.dialling,
    waiting: row.waiting,
    talking: Math.max(0, used - row.ringing - row.waiting),
  };
}

/** Whether the drop budget decides anything: without agents, once it was found out who answers. */
export function spendsBudget(row: Pick<CampaignRow, "mode" | "drop_windows">): boolean {
  const counts = (one: DropWindow) => one.answered > 0 || droppedIn(one) > 0;
  return row.mode === "agentless" ? row.drop_windows.some(counts) : row.drop_windows.length > 0;
}

/** The drops of a window, with the people who were taken for machines. */
export function droppedIn(one: DropWindow): number {
  return one.dropped + (one.lost ?? 0);
}

/**
 * The drops a window allows. Where people were taken for machines, parts of a drop count, and so do
 * parts of what is allowed.
 */
export function allowedIn(one: DropWindow, limitPct: number): number {
  return one.lost === undefined || one.lost === 0
    ? one.allowed
    : Math.max(one.allowed, (one.answered * limitPct) / 100);
}

/** The used (drops, and people taken for machines) and the reserved part of a window's allowed drops, in percent, together at most 100. */
export function budgetShares(
  one: DropWindow,
  reserved: number,
  limitPct: number,
): { used: number; reserved: number } {
  const dropped = droppedIn(one);
  const whole = Math.max(allowedIn(one, limitPct), dropped);
  if (whole === 0) return { used: 0, reserved: 0 };
  const used = (100 * dropped) / whole;
  return { used, reserved: Math.min(100 - used, (100 * reserved) / whole) };
}

/** The trunks the campaign uses, or may use. */
export function trunksOf<T extends Trunk>(
  trunks: readonly T[],
  lines: Record<string, number>,
  trunkId: string | null,
): T[] {
  return trunks.filter(
    (trunk) =>
      (lines[trunk.id] ?? 0) > 0 || (trunkId === null ? trunk.enabled : trunk.id === trunkId),
  );
}
