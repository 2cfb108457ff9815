/** The agent's own desk: rows of topic `desk`, sorted for the eye. */
import { useMemo } from "react";
import { useRows } from "@/lib/live";
import type { MeRow, MessageRow, WorkRow } from "@/lib/types";

export interface Desk {
  offers: readonly WorkRow[];
  active: readonly WorkRow[];
  wrapUps: readonly WorkRow[];
}

const byArrival = (a: WorkRow, b: WorkRow) => a.offered_at.localeCompare(b.offered_at);

/** Sort work into offers, conversations, and what waits for its result. */
export function sortWork(rows: readonly WorkRow[]): Desk {
  const inState = (state: WorkRow["state"]) => rows.filter((row) => row.state === state);
  return {
    offers: inState("offered").sort(byArrival),
    active: inState("active").sort(byArrival),
    wrapUps: inState("wrap_up").sort(byArrival),
  };
}

export function useDesk(): Desk {
  const rows = useRows("desk", "work");
  return useMemo(() => sortWork(rows), [rows]);
}

export function useMeRow(): MeRow | undefined {
  return useRows("desk", "me")[0];
}

export function useLines(interactionId: string): readonly MessageRow[] {
  const rows = useRows("desk", "message");
  return useMemo(
    () =>
      rows
        .filter((row) => row.interaction_id === interactionId)
        .sort((a, b) => a.number - b.number),
    [rows, interactionId],
  );
}

/** What an interaction is called in lists: the person, else the address, else nothing known. */
export function nameOf(work: WorkRow, unknown: string): string {
  return work.customer_name || work.address || unknown;
}
