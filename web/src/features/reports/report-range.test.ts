import { describe, expect, it } from "vitest";
import { dayText, intervalText, presetRange, rangeOf } from "./report-range";

const now = new Date(2026, 2, 1, 15, 30);

describe("the days of a report", () => {
  it("are named by the local calendar", () => {
    expect(dayText(now)).toBe("2026-03-01");
    expect(presetRange("today", now)).toEqual({ from: "2026-03-01", to: "2026-03-01" });
    expect(presetRange("yesterday", now)).toEqual({ from: "2026-02-28", to: "2026-02-28" });
    expect(presetRange("week", now)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
    expect(presetRange("month", now)).toEqual({ from: "2026-01-31", to: "2026-03-01" });
  });

  it("of an interval are those of the site's time zone", () => {
    const at = "2026-02-27T23:30:00Z";
    expect(rangeOf(at, "day", "Europe/Berlin")).toEqual({ from: "2026-02-28", to: "2026-02-28" });
    expect(rangeOf(at, "day", "UTC")).toEqual({ from: "2026-02-27", to: "2026-02-27" });
    expect(rangeOf(at, "month", "UTC")).toEqual({ from: "2026-02-01", to: "2026-02-28" });
  });

  it("stand on the axis as the zoom has them", () => {
    const at = "2026-02-27T09:00:00Z";
    expect(intervalText(at, "hour", "Asia/Shanghai", "zh-CN")).toBe("17:00");
    expect(intervalText(at, "day", "UTC", "en")).toBe("Feb 27");
    expect(intervalText(at, "month", "UTC", "en")).toBe("Feb 2026");
  });
});
