import { describe, expect, it } from "vitest";
import { trialBody, yesterday } from "./trial-panel";

const NOW = new Date("2026-11-22T10:30:00");

describe("a trial", () => {
  it("replays from the start of yesterday in the reader's own time", () => {
    const at = new Date(yesterday(NOW));
    expect([at.getDate(), at.getHours(), at.getMinutes()]).toEqual([21, 0, 0]);
  });

  it("leaves out what is to come from the past", () => {
    const body = trialBody(
      {
        agents: 5,
        hours: 4,
        seeds: 3,
        mode: "predictive",
        drop_limit_pct: 3,
        answer_rate_pct: null,
        contacts: null,
        talk_mean_s: null,
        wrap_up_mean_s: null,
        replay: false,
      },
      NOW,
    );
    expect(body).toMatchObject({ agents: 5, answer_rate_pct: null, replay_from: null });
  });
});
