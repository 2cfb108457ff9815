import { describe, expect, it } from "vitest";
import { minutesOf, textOf } from "./clock-time";

describe("times of the day", () => {
  it("are minutes after midnight", () => {
    expect(minutesOf("09:05")).toBe(545);
    expect(minutesOf("00:00")).toBe(0);
    expect(minutesOf("00:00", true)).toBe(1440);
    expect(minutesOf("")).toBeNull();
    expect([0, 545, 1440].map(textOf)).toEqual(["00:00", "09:05", "00:00"]);
  });
});
