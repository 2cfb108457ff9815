import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, it } from "vitest";

const LIMIT_BYTES = 20 * 1024;

it("is one file of less than 20 KB compressed that runs no text as code", async () => {
  const built = await build({
    configFile: path.resolve(import.meta.dirname, "vite.config.ts"),
    logLevel: "silent",
    build: { write: false },
  });
  const [result] = Array.isArray(built) ? built : [built];
  if (!result || !("output" in result)) throw new Error("nothing was built");
  expect(result.output).toHaveLength(1);
  const [file] = result.output;
  expect(gzipSync(file.code).length).toBeLessThan(LIMIT_BYTES);
  expect(file.code).not.toMatch(/\beval\b|new Function|innerHTML|insertAdjacentHTML/);
});
