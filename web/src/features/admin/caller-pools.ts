/** Pools of caller ids as text, one a line: `+1212 = +12125550100, +12125550101`. */
import type { Trunk } from "./api/connections";

type Pool = Trunk["pools"][number];

export function poolsText(pools: readonly Pool[]): string {
  return pools.map((pool) => `${pool.prefix} = ${pool.numbers.join(", ")}`.trim()).join("\n");
}

/** Return the pools that a text names; a line without "=" is a pool for everybody. */
export function poolsOf(text: string): Pool[] {
  const pools: Pool[] = [];
  for (const line of text.split("\n")) {
    const [left, right] = line.includes("=") ? line.split("=", 2) : ["", line];
    const numbers = (right ?? "")
      .split(/[,;]/)
      .map((each) => each.replace(/[\s()/.-]/g, ""))
      .filter(Boolean);
    if (numbers.length > 0) pools.push({ prefix: (left ?? "").replace(/[\s()/.-]/g, ""), numbers });
  }
  return pools;
}
