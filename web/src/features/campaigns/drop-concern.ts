/** When a campaign's drop rate needs a person. */
import { rising, type Concern } from "@/components/concern";
import type { CampaignRow } from "./api/campaigns";

export function dropConcern(row: CampaignRow): Concern {
  if (row.drop_pct == null) return "none";
  return rising(row.drop_pct, row.drop_limit_pct * 0.8, row.drop_limit_pct);
}
