/** A pretended server inside Vite (`npm run dev:mock`): log-in, live tables, REST. Never built in. */
import type { Plugin } from "vite";

export function mockServer(): Plugin {
  return { name: "omni-mock-server" };
}
