/**
 * How the pages are built: one bundle per page, hashed names, no inline scripts (the server's
 * Content-Security-Policy allows none). Style elements carry a nonce: the server replaces
 * `__CSP_NONCE__` in index.html for each answer (docs/adr/0020-web-style-nonce.md).
 */
import path from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { mockServer } from "./src/testing/mock-server.ts";

const server = process.env["OMNI_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  plugins: [react(), ...(mode === "mock" ? [mockServer()] : [])],
  resolve: { alias: { "@": path.resolve(import.meta.dirname, "src") } },
  html: { cspNonce: "__CSP_NONCE__" },
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
    setupFiles: ["./src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    restoreMocks: true,
  },
}));
