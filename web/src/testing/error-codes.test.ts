/** Every code that the server can refuse with has a text: read from the server's source. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import texts from "../locales/en/errors.json";

const SERVER = path.resolve(import.meta.dirname, "../../../omni");
/** Why a mailbox cannot be used: told as a state, not raised. */
const STATES = /\breturn[^(\n]*"(mail\.\w+)"/g;
const FAULTS =
  /\b(?:Invalid|Unauthenticated|Forbidden|NotFound|Conflict|TooLarge|TooMany|Unavailable)\(\s*"([\w.]+)"/g;

/** Seen on the command line when the server starts, never in a browser. */
const COMMAND_LINE =
  /^((asterisk|bench|data|port|postgres|redis|secret|web)\.|database_url$|unused$)/;

function codes(): Set<string> {
  const found = new Set<string>();
  for (const entry of readdirSync(SERVER, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".py")) continue;
    const source = readFileSync(path.join(entry.parentPath, entry.name), "utf8");
    for (const pattern of [FAULTS, STATES])
      for (const [, code] of source.matchAll(pattern)) if (code) found.add(code);
  }
  return found;
}

describe("error texts", () => {
  it("exist for every code of the server", () => {
    const all = codes();
    expect(all.size).toBeGreaterThan(50);
    const missing = [...all].filter((code) => !(code in texts) && !COMMAND_LINE.test(code));
    expect(missing.sort()).toEqual([]);
  });
});
