/**
 * Pictures of the agent's pages against the pretended server, in both languages and two widths:
 * `node scripts/screenshots.mjs <folder> [name…]`. Needs Chromium (`CHROMIUM`, default Debian's).
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { build, preview } from "vite";

const [folder = "screenshots", ...only] = process.argv.slice(2);

const SHOTS = [
  { name: "login", path: "/login", out: true },
  { name: "signed-out", path: "/inbox", scene: "signed-out" },
  { name: "empty", path: "/inbox", scene: "empty" },
  { name: "offers", path: "/inbox", scene: "offers" },
  { name: "call", path: "/inbox/w-call", scene: "default" },
  { name: "chat", path: "/inbox/w-chat", scene: "chat" },
  { name: "mail", path: "/inbox/w-mail", scene: "mail" },
  { name: "wrap-up", path: "/inbox/w-call", scene: "wrap-up" },
  { name: "tickets", path: "/tickets", scene: "empty" },
  { name: "ticket", path: "/tickets/t1", scene: "empty" },
  { name: "customers", path: "/customers", scene: "empty" },
  { name: "customer", path: "/customers/c1", scene: "empty" },
  { name: "not-found", path: "/nowhere", scene: "empty" },
  { name: "dark", path: "/inbox/w-chat", scene: "chat", dark: true },
];
const LANGUAGES = ["en", "zh-CN"];
const WIDTHS = [1440, 1024];

mkdirSync(folder, { recursive: true });
const outDir = mkdtempSync(path.join(os.tmpdir(), "omni-web-"));
const common = { mode: "mock", logLevel: "error", build: { outDir, emptyOutDir: true } };
await build(common);
const server = await preview({ ...common, preview: { port: 0 } });
const origin = server.resolvedUrls.local[0].replace(/\/$/, "");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"],
});

for (const shot of SHOTS.filter(({ name }) => only.length === 0 || only.includes(name)))
  for (const language of LANGUAGES)
    for (const width of WIDTHS) {
      const context = await browser.newContext({
        viewport: { width, height: width > 1200 ? 900 : 768 },
        locale: language,
        colorScheme: shot.dark ? "dark" : "light",
        permissions: ["microphone"],
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.error(`${shot.name}: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error" && !/WebSocket|404|401/.test(message.text()))
          console.error(`${shot.name}: ${message.text()}`);
      });
      await page.request.post(`${origin}${shot.out ? "/api/logout" : "/api/login"}`, {
        data: { email: "ada@example.com", password: "x" },
      });
      await page.request.patch(`${origin}/api/me`, { data: { language } });
      await page.request.post(`${origin}/mock/scene/${shot.scene ?? "empty"}`);
      await page.goto(origin + shot.path);
      await page.waitForLoadState("networkidle");
      await page.waitForSelector(".mantine-Loader-root", { state: "detached" }).catch(() => {});
      await page.waitForTimeout(600);
      await page.screenshot({
        path: path.join(folder, `${shot.name}-${language}-${width}.png`),
      });
      await context.close();
    }
await browser.close();
await server.close();
rmSync(outDir, { recursive: true });
