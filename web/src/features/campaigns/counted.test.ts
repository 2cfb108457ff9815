import { describe, expect, it } from "vitest";
import { countedOf } from "./counted";
import type { BlockedOut, CampaignRow } from "./api/campaigns";

const ROW = {
  state: "running",
  contacts: 10,
  dialable: 4,
  finished: 1,
  blocked: { finished: 1, retry_delay: 5 },
  blocked_at: "2026-06-10T16:00:00Z",
} as Partial<CampaignRow> as CampaignRow;
const ASKED: BlockedOut = {
  campaign_id: "c1",
  at: "2026-06-10T17:00:00Z",
  contacts: 5000,
  dialable: 0,
  gates: [
    { gate: "finished", count: 2000 },
    { gate: "campaign_active", count: 3000 },
  ],
  whole: false,
};

describe("how a list stands", () => {
  it("is what is pushed while the campaign dials", () => {
    const counted = countedOf(ROW, ASKED);
    expect(counted).toMatchObject({ contacts: 10, finished: 1, asOf: ROW.blocked_at, whole: true });
    expect(counted?.gates).toEqual({ finished: 1, retry_delay: 5 });
  });

  it("is asked for at other times, and before anything was pushed", () => {
    for (const row of [
      { ...ROW, state: "paused" },
      { ...ROW, contacts: 0 },
    ]) {
      expect(countedOf(row, undefined)).toBeUndefined();
      const counted = countedOf(row, ASKED);
      expect(counted).toMatchObject({ contacts: 5000, finished: 2000, asOf: ASKED.at });
      expect(counted?.whole).toBe(false);
    }
  });
});
