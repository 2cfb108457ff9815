/** The campaigns to choose from, and their names; both are pushed. */
import { useMemo } from "react";
import { useRows, useTopic } from "@/lib/live";

export interface Choice {
  value: string;
  label: string;
}

export function useCampaignChoices(): Choice[] {
  useTopic("floor");
  const rows = useRows("floor", "campaign");
  return useMemo(
    () =>
      rows
        .map((row) => ({ value: row.id, label: row.name }))
        .sort((a, b) => a.label.localeCompare(b.label)),
    [rows],
  );
}
