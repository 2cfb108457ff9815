import { describe, expect, it } from "vitest";
import { instantOf, localText } from "@/lib/local-time";
import { tomorrowAt } from "./callback-time";

const NOW = new Date("2026-11-22T10:30:00Z");

describe("the time of a callback", () => {
  it("goes into the input and back", () => {
    const later = new Date("2026-11-22T12:45:00Z");
    expect(instantOf(localText(later), NOW)).toBe(later.toISOString());
  });

  it("is not in the past and not half typed", () => {
    expect(instantOf(localText(new Date("2026-11-22T09:00:00Z")), NOW)).toBeNull();
    expect(instantOf("", NOW)).toBeNull();
  });

  it("can be tomorrow at a full hour", () => {
    const at = tomorrowAt(10, NOW);
    expect([at.getHours(), at.getMinutes(), at.getDate()]).toEqual([10, 0, NOW.getDate() + 1]);
  });
});
