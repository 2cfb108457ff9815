import { describe, expect, it } from "vitest";
import {
  clockText,
  dayText,
  initials,
  instantText,
  longText,
  secondsSince,
  sizeText,
} from "./format";

describe("format", () => {
  it.each([
    [0, "0:00"],
    [-3, "0:00"],
    [59.9, "0:59"],
    [61, "1:01"],
    [3600, "1:00:00"],
    [36_061, "10:01:01"],
  ])("%s seconds are %s", (seconds, text) => {
    expect(clockText(seconds)).toBe(text);
  });

  it("counts from an instant", () => {
    expect(secondsSince("2026-11-21T12:00:00Z", Date.parse("2026-11-21T12:01:30Z"))).toBe(90);
  });

  it("shows the day only when it is another", () => {
    const now = Date.parse("2026-11-21T12:00:00");
    expect(instantText("2026-11-21T09:05:00", "en", now)).toBe("09:05 AM");
    expect(instantText("2026-11-20T09:05:00", "en", now)).toContain("Nov 20");
    expect(instantText("2025-11-20T09:05:00", "zh-CN", now)).toContain("2025");
    expect(dayText("2026-11-21T09:05:00", "en", now)).toBe("09:05 AM");
    expect(dayText("2026-11-20T09:05:00", "en", now)).toBe("11/20/26");
  });

  it.each([
    [512, "512B"],
    [48_213, "48kB"],
    [2_450_000, "2.5MB"],
  ])("%s bytes are %s", (bytes, text) => {
    expect(sizeText(bytes, "en")).toBe(text);
  });

  it.each([
    ["Grace Hopper", "GH"],
    ["王小明", "王"],
    ["ada", "A"],
    ["Mary Kenneth Keller", "MK"],
    ["", ""],
  ])("initials of %s are %s", (name, text) => {
    expect(initials(name)).toBe(text);
  });
});

describe("longText", () => {
  it("says whole hours and days, and nothing of what is clear as minutes", () => {
    expect([10, 90, 0].map((minutes) => longText(minutes, "en"))).toEqual(["", "", ""]);
    expect(longText(240, "en")).toBe("4 hours");
    expect(longText(1440, "en")).toBe("1 day");
    expect(longText(4320, "zh-CN")).toBe("3天");
  });
});
