import { expect, it } from "vitest";
import { inHours, tomorrowAt } from "./aside-times";

it("counts hours", () => {
  expect(inHours(new Date("2026-11-22T23:30:00Z"), 4).toISOString()).toBe(
    "2026-11-23T03:30:00.000Z",
  );
});

it("means the next day, also at the end of a month", () => {
  const found = tomorrowAt(new Date(2026, 10, 30, 22, 15), 9);
  expect([found.getMonth(), found.getDate(), found.getHours(), found.getMinutes()]).toEqual([
    11, 1, 9, 0,
  ]);
});
