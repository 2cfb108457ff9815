/**
 * How the pages are built: hashed names, nothing inline but styles (the server's
 * Content-Security-Policy allows no inline script; docs/adr/0006 says why styles are let in).
 */
import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockServer } from "./src/testing/mock-server.ts";

const server = process.env["OMNI_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockServer()] : [])],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  build: {
    outDir: "../omni/app/static/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: {
    ...(mode === "mock" ? {} : { proxy: { "/api": { target: server, ws: true } } }),
  },
  test: {
    environment: "jsdom",
    pool: "threads", // a process for each file costs the processor a fifth more
    setupFiles: ["./src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "widget/**/*.test.ts"],
    css: false,
    testTimeout: 30_000,
    restoreMocks: true,
  },
}));
