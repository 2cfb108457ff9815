import { describe, expect, it } from "vitest";
import type { ListPlan } from "./api/list-plan";
import { isWhole } from "./list-filters";
import { reweighed } from "./list-mix";
import { draftOf, isSavable } from "./list-plan-panel";

const plan: ListPlan = {
  order: "imported",
  by_field: "",
  descending: false,
  seed: 1,
  retries_first: false,
  weights: { a: 3 },
  filters: [{ field: "extra.City", operator: "empty", value: "" }],
  quotas: [
    { field: "zone", value: "UTC", disposition: "sale", limit: 5, results: 2, in_flight: 1 },
  ],
  arranging: true,
};

describe("the form of a list plan", () => {
  it("sends what it was given, without what only the server knows", () => {
    const { arranging, quotas, ...rest } = plan;
    expect(arranging).toBe(true);
    expect(quotas).toHaveLength(1);
    expect(draftOf(plan)).toEqual({
      ...rest,
      quotas: [{ field: "zone", value: "UTC", disposition: "sale", limit: 5 }],
    });
  });

  it("sends nothing half filled in", () => {
    const draft = draftOf(plan);
    expect(isSavable(draft)).toBe(true);
    expect(isSavable({ ...draft, order: "field" })).toBe(false);
    expect(isSavable({ ...draft, order: "field", by_field: "name" })).toBe(true);
    const half = { field: "name", operator: "is" as const, value: "" };
    expect(isWhole(half)).toBe(false);
    expect(isSavable({ ...draft, filters: [half] })).toBe(false);
    const quota = { field: "name", value: "", disposition: "", limit: 1 };
    expect(isSavable({ ...draft, quotas: [quota] })).toBe(false);
  });

  it("takes a list out of the mix when its weight is emptied", () => {
    expect(reweighed({ a: 3 }, "b", 0)).toEqual({ a: 3, b: 0 });
    expect(reweighed({ a: 3, b: 1 }, "a", "")).toEqual({ b: 1 });
  });
});
