import { describe, expect, it } from "vitest";
import { agentRow, campaignRow, queueRow, trunkRow } from "./sample-rows";
import {
  dropConcern,
  groupsServing,
  inFocus,
  longestWaiting,
  patience,
  phoneConcern,
  queueConcern,
  trunkConcern,
} from "./rows";

describe("what needs a person", () => {
  it("a closed queue with somebody in it, or a poor level over enough contacts", () => {
    expect(queueConcern(queueRow({ open: false, waiting: 1 }))).toBe("now");
    expect(queueConcern(queueRow({ offered: 4, waiting: 0, service_level_pct: 0 }))).toBe("none");
    expect(queueConcern(queueRow({ offered: 40, waiting: 0, service_level_pct: 70 }))).toBe("soon");
    expect(queueConcern(queueRow({ offered: 40, waiting: 0, service_level_pct: 59 }))).toBe("now");
    expect(queueConcern(queueRow({ offered: 40, waiting: 0, service_level_pct: 95 }))).toBe("none");
  });

  it("a drop rate over the limit", () => {
    expect(dropConcern(campaignRow({ drop_pct: 3, drop_limit_pct: 3 }))).toBe("none");
    expect(dropConcern(campaignRow({ drop_pct: 3.01, drop_limit_pct: 3 }))).toBe("now");
    expect(dropConcern(campaignRow({ drop_pct: null }))).toBe("none");
  });

  it("a trunk that is down or full, unless it is switched off", () => {
    expect(trunkConcern(trunkRow({ state: "down" }))).toBe("now");
    expect(trunkConcern(trunkRow({ state: "down", enabled: false }))).toBe("none");
    expect(trunkConcern(trunkRow({ capacity: 10, busy: 9 }))).toBe("soon");
    expect(trunkConcern(trunkRow({ capacity: 10, busy: 10 }))).toBe("now");
  });

  it("a ready agent without a phone, and too long in a state", () => {
    expect(phoneConcern(agentRow({ state: "ready", phone: "down" }))).toBe("soon");
    expect(phoneConcern(agentRow({ state: "ready", phone: "down", robot: true }))).toBe("none");
    expect(phoneConcern(agentRow({ state: "break", phone: "down" }))).toBe("none");
    expect(patience(agentRow({ state: "ready" })).soonS).toBe(Infinity);
    expect(patience(agentRow({ state: "wrap_up" }))).toEqual({ soonS: 180, nowS: 360 });
  });
});

describe("drilling down", () => {
  const links = [
    { queue_id: "q1", group_id: "g1", distribution: 0, selection: 0, open: true },
    { queue_id: "q1", group_id: "g2", distribution: 1, selection: 0, open: false },
  ];
  const agents = [
    agentRow({ id: "a", group_ids: ["g1"] }),
    agentRow({ id: "b", group_ids: ["g2"] }),
    agentRow({ id: "c", group_ids: [] }),
  ];

  it("from a queue to the agents of the groups whose link is open", () => {
    expect([...groupsServing(links, "q1")]).toEqual(["g1"]);
    expect(inFocus(agents, { kind: "queue", id: "q1" }, links).map((a) => a.id)).toEqual(["a"]);
    expect(inFocus(agents, { kind: "group", id: "g2" }, links).map((a) => a.id)).toEqual(["b"]);
    expect(inFocus(agents, null, links)).toBe(agents);
  });

  it("finds who waits longest", () => {
    const early = queueRow({ id: "q2", oldest_since: "2026-11-21T09:00:00Z", waiting: 1 });
    const late = queueRow({ id: "q1", oldest_since: "2026-11-21T09:05:00Z", waiting: 1 });
    expect(longestWaiting([late, early, queueRow({})])).toBe(early);
    expect(longestWaiting([queueRow({})])).toBeUndefined();
  });
});
