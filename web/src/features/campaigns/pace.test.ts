import { describe, expect, it } from "vitest";
import { allowedIn, budgetShares, linesOf, spendsBudget, trunksOf } from "./pace";

describe("the lines of a campaign", () => {
  it("are dialling, ringing, waiting or in conversation", () => {
    const row = { ringing: 5, dialling: 2, waiting: 1, trunk_lines: { a: 6, b: 4 } };
    expect(linesOf(row)).toEqual({ dialling: 2, ringing: 3, waiting: 1, talking: 4 });
  });

  it("are never fewer than none while the parts come one after the other", () => {
    const row = { ringing: 5, dialling: 5, waiting: 0, trunk_lines: { a: 3 } };
    expect(linesOf(row).talking).toBe(0);
  });
});

describe("the drop budget", () => {
  const one = { window: "calendar_day", answered: 400, dropped: 3, allowed: 12, lost: 0 };

  it("shows used and reserved within the allowed", () => {
    expect(budgetShares(one, 6, 3)).toEqual({ used: 25, reserved: 50 });
    expect(budgetShares(one, 60, 3)).toEqual({ used: 25, reserved: 75 });
    expect(budgetShares({ ...one, lost: 3 }, 6, 3)).toEqual({ used: 50, reserved: 50 });
  });

  it("is of use without agents only where it was found out who answers", () => {
    const none = { ...one, answered: 0, dropped: 0 };
    expect(spendsBudget({ mode: "predictive", drop_windows: [none] })).toBe(true);
    expect(spendsBudget({ mode: "predictive", drop_windows: [] })).toBe(false);
    expect(spendsBudget({ mode: "agentless", drop_windows: [none] })).toBe(false);
    expect(spendsBudget({ mode: "agentless", drop_windows: [none, one] })).toBe(true);
    expect(spendsBudget({ mode: "agentless", drop_windows: [{ ...none, lost: 0.5 }] })).toBe(true);
  });

  it("is full when more was dropped than allowed, and empty without answers", () => {
    expect(budgetShares({ ...one, allowed: 2 }, 1, 3)).toEqual({ used: 100, reserved: 0 });
    expect(budgetShares({ ...one, dropped: 0, allowed: 0 }, 1, 3)).toEqual({
      used: 0,
      reserved: 0,
    });
  });
});

describe("the trunks of a campaign", () => {
  const trunks = [
    { id: "a", enabled: true },
    { id: "b", enabled: false },
    { id: "c", enabled: true },
  ];
  const ids = (lines: Record<string, number>, trunkId: string | null) =>
    trunksOf(trunks, lines, trunkId).map((one) => one.id);

  it("are all that are switched on, or its own, and those that carry its calls", () => {
    expect(ids({}, null)).toEqual(["a", "c"]);
    expect(ids({}, "b")).toEqual(["b"]);
    expect(ids({ a: 1, c: 0 }, "b")).toEqual(["a", "b"]);
  });
});

describe("allowedIn", () => {
  const one = { window: "calendar_day", answered: 7, dropped: 0, allowed: 0 } as const;

  it("has parts of a drop only where parts of a drop are counted", () => {
    expect(allowedIn({ ...one, lost: 0 }, 3)).toBe(0);
    expect(allowedIn({ ...one, lost: 0.02 }, 3)).toBeCloseTo(0.21);
  });
});
