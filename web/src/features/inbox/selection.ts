/** Which conversation is shown next when the one shown has gone. Pure. */
import type { Desk } from "./desk";

/** Return the interactions that can be shown, in the order of the list. */
export function openWork({ active, wrapUps }: Desk): string[] {
  return [...active, ...wrapUps].map((work) => work.interaction_id);
}

/**
 * Return what to show: the chosen one while it is on the desk; else what needs the agent most
 * (a call, then a result to give, then the first conversation); null for nothing.
 */
export function chooseShown(desk: Desk, chosen: string | undefined): string | null {
  const open = openWork(desk);
  const aside = desk.aside.map((work) => work.interaction_id);
  if (chosen && [...open, ...aside].includes(chosen)) return chosen;
  const call = desk.active.find((work) => work.medium === "voice");
  return call?.interaction_id ?? desk.wrapUps[0]?.interaction_id ?? open[0] ?? null;
}

/** Return the neighbour of `shown` in the list, round its ends. */
export function neighbour(desk: Desk, shown: string | null, step: 1 | -1): string | null {
  const open = openWork(desk);
  if (open.length === 0) return null;
  const at = shown ? open.indexOf(shown) : -1;
  if (at < 0) return open[0] ?? null;
  return open[(at + step + open.length) % open.length] ?? null;
}
