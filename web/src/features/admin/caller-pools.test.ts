import { describe, expect, it } from "vitest";
import { poolsOf, poolsText } from "./caller-pools";

describe("caller pools", () => {
  it("are read and written as lines", () => {
    const pools = poolsOf("+1212 = +1 (212) 555-0100, +12125550101\n\n = +4930123456\n+4989999\n");
    expect(pools).toEqual([
      { prefix: "+1212", numbers: ["+12125550100", "+12125550101"] },
      { prefix: "", numbers: ["+4930123456"] },
      { prefix: "", numbers: ["+4989999"] },
    ]);
    expect(poolsOf(poolsText(pools))).toEqual(pools);
  });
});
