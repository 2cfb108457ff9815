/** Every gate before a dial has a text for open and one for closed: read from the server's source. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import texts from "../features/campaigns/locales/en.json";
import terms from "../locales/en/terms.json";

const GATES = path.resolve(import.meta.dirname, "../../../omni/dialer/engine/gates.py");

it("every gate has its texts", () => {
  const [, body = ""] =
    /class Gate\(StrEnum\):([\s\S]*?)\n\n\n/.exec(readFileSync(GATES, "utf8")) ?? [];
  const gates = [...body.matchAll(/^ {4}[A-Z_0-9]+ = "(\w+)"/gm)].map((match) => match[1] ?? "");
  expect(gates.length).toBeGreaterThan(15);
  expect(gates.filter((gate) => !(gate in texts.contact.gateOpen))).toEqual([]);
  expect(gates.filter((gate) => !(gate in terms.gate))).toEqual([]);
});
