/** Builds the widget into one file for any site (`npm run build:widget`). */
import path from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: path.resolve(import.meta.dirname, "../../omni/app/static"),
    emptyOutDir: false,
    target: "es2022",
    lib: {
      entry: path.resolve(import.meta.dirname, "src/main.ts"),
      formats: ["iife"],
      name: "omniChat",
      fileName: () => "widget.js",
    },
  },
});
