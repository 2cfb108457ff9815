import { describe, expect, it } from "vitest";
import { isTaken } from "./taken";

const OTHERS = [{ name: "Sales" }, { name: "Service" }];

describe("isTaken", () => {
  it("finds the name of another thing, whatever spaces are around it", () => {
    expect(isTaken(OTHERS, undefined, " Sales ")).toBe(true);
    expect(isTaken(OTHERS, "Service", "Sales")).toBe(true);
  });

  it("lets a thing keep its name, and take a new one", () => {
    expect(isTaken(OTHERS, "Sales", "Sales")).toBe(false);
    expect(isTaken(OTHERS, "Sales", "Sales 2")).toBe(false);
    expect(isTaken(undefined, undefined, "Sales")).toBe(false);
  });
});
