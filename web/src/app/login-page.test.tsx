import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeServer, Refusal } from "@/testing/fake-server";
import { ME, renderApp } from "@/testing/render";
import { LoginPage, safeReturn } from "./login-page";

afterEach(() => vi.unstubAllGlobals());

function page(path = "/login?next=%2Ftickets%3Fq%3D1") {
  return renderApp(
    <Routes>
      <Route path="/login" element={<LoginPage />} />
      <Route path="/tickets" element={<p>the tickets</p>} />
    </Routes>,
    path,
    null,
  );
}

async function fillIn() {
  const user = userEvent.setup();
  await user.type(screen.getByRole("textbox", { name: /E-mail/ }), "ada@example.com");
  await user.type(screen.getByLabelText(/^Password/), "secret");
  await user.click(screen.getByRole("button", { name: "Log in" }));
}

describe("log-in", () => {
  it("goes to the page that was asked for", async () => {
    const asked = fakeServer({
      "GET /api/me": new Refusal(401, "session.none"),
      "POST /api/login": ME,
    });
    page();
    await fillIn();
    expect(await screen.findByText("the tickets")).toBeInTheDocument();
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual({
      email: "ada@example.com",
      password: "secret",
    });
  });

  it("says what is wrong, in the language chosen", async () => {
    fakeServer({
      "GET /api/me": new Refusal(401, "session.none"),
      "POST /api/login": new Refusal(401, "login.wrong"),
    });
    page();
    await fillIn();
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "The address or the password is wrong.",
    );
    await userEvent.click(screen.getByText("简体中文"));
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("邮箱或密码不正确。"));
    expect(document.documentElement.lang).toBe("zh-CN");
  });

  it("says that a session has ended", async () => {
    fakeServer({ "GET /api/me": new Refusal(401, "session.none") });
    page("/login?expired=1");
    expect(await screen.findByText(/Your session has ended/)).toBeInTheDocument();
  });

  it.each([
    ["/tickets?q=1", "/tickets?q=1"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    ["/login?next=/", "/"],
    [null, "/"],
  ])("returns from %s to %s", (next, to) => {
    expect(safeReturn(next)).toBe(to);
  });
});
