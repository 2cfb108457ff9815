/** The agent's own desk: rows of topic `desk`, sorted for the eye. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useRows } from "@/lib/live";
import type { MeRow, MessageRow, WorkRow } from "@/lib/types";

export interface Desk {
  offers: readonly WorkRow[];
  active: readonly WorkRow[];
  wrapUps: readonly WorkRow[];
  aside: readonly WorkRow[];
}

const byReturn = (a: WorkRow, b: WorkRow) =>
  (a.aside_until ?? "").localeCompare(b.aside_until ?? "");
const byArrival = (a: WorkRow, b: WorkRow) => a.offered_at.localeCompare(b.offered_at);

/** Sort work into offers, conversations, what was set aside, and what waits for its result. */
export function sortWork(rows: readonly WorkRow[]): Desk {
  const inState = (state: WorkRow["state"]) => rows.filter((row) => row.state === state);
  return {
    offers: inState("offered").sort(byArrival),
    active: inState("active")
      .filter((row) => row.aside_until === null)
      .sort(byArrival),
    aside: inState("active")
      .filter((row) => row.aside_until !== null)
      .sort(byReturn),
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

/** What is shown of an address: a visitor's is a number that tells nobody anything. */
export function addressOf(work: WorkRow): string {
  return work.medium === "chat" ? "" : work.address;
}

/** Return what an interaction is called in lists: the person, else the address, else who it may be. */
export function useNameOf(): (work: WorkRow) => string {
  const { t } = useTranslation("inbox");
  return (work) =>
    work.customer_name ||
    addressOf(work) ||
    t(work.medium === "chat" ? "customer.visitor" : "unknownCaller");
}
