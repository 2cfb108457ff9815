/** When a campaign's drop rate needs a person: beyond its limit, which pacing never passes. */
import type { Concern } from "@/components/concern";
import type { CampaignRow } from "./api/campaigns";

export function dropConcern(row: CampaignRow): Concern {
  return row.drop_pct != null && row.drop_pct > row.drop_limit_pct ? "now" : "none";
}
