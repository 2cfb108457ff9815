import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, api, data, onSessionExpired, setCsrfToken, upload } from "./api";
import { errorText } from "./errors";
import { showLanguage } from "./i18n";

function answer(status: number, body?: unknown) {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", (input: Request | string, init?: RequestInit) => {
    asked.push(
      new Request(
        new URL(String(typeof input === "string" ? input : input.url), "http://x"),
        typeof input === "string" ? init : input,
      ),
    );
    const text = body === undefined ? null : JSON.stringify(body);
    return Promise.resolve(
      new Response(text, { status, headers: { "Content-Type": "application/json" } }),
    );
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

describe("api", () => {
  it("sends the CSRF token with unsafe methods only", async () => {
    setCsrfToken("secret");
    const asked = answer(200, []);
    await api.GET("/api/dispositions");
    await api.POST("/api/phone/connect");
    expect(asked.map((request) => request.headers.get("X-CSRF-Token"))).toEqual([null, "secret"]);
  });

  it("throws the server's code", async () => {
    answer(409, { code: "offer_gone", text: "gone", data: { by: "timeout" } });
    const refused = data(api.GET("/api/dispositions"));
    await expect(refused).rejects.toMatchObject({
      code: "offer_gone",
      status: 409,
      data: { by: "timeout" },
    });
  });

  it("makes an error of its own from an answer that is not ours", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("<html>", { status: 502 })));
    const refused = data(api.GET("/api/dispositions"));
    await expect(refused).rejects.toMatchObject({ code: "http_502" });
  });

  it("tells a lost network from a refusal", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    const lost = data(api.GET("/api/dispositions"));
    await expect(lost).rejects.toMatchObject({ code: "network_unreachable", status: 0 });
    await expect(upload("/api/x", new File(["a"], "a"))).rejects.toMatchObject({ status: 0 });
  });

  it("tells listeners once the session has ended", async () => {
    answer(401, { code: "session_required" });
    let expired = 0;
    const forget = onSessionExpired(() => (expired += 1));
    await data(api.GET("/api/dispositions")).catch(() => undefined);
    forget();
    await data(api.GET("/api/dispositions")).catch(() => undefined);
    expect(expired).toBe(1);
  });

  it("names an uploaded file in any script", async () => {
    const asked = answer(200, { ok: true });
    await upload("/api/mail-attachments", new File(["x"], "发票.pdf", { type: "application/pdf" }));
    expect(asked[0]?.headers.get("X-File-Name")).toBe("%E5%8F%91%E7%A5%A8.pdf");
  });
});

describe("errorText", () => {
  it("falls back from the code to the status to a general text, in both languages", () => {
    expect(errorText(new ApiError("never_heard", 404))).toBe("This no longer exists.");
    expect(errorText(new ApiError("never_heard", 418))).toContain("never_heard");
    expect(errorText(new Error("x"))).toBe("Something unexpected happened in this page.");
    showLanguage("zh-CN");
    expect(errorText(new ApiError("network_unreachable", 0))).toBe("无法连接服务器，请检查网络。");
  });
});
