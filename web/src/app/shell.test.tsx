import { act, screen } from "@testing-library/react";
import { Route, Routes, useLocation } from "react-router";
import { IconInbox } from "@tabler/icons-react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "@/lib/api";
import { fakeServer, Refusal } from "@/testing/fake-server";
import { ME, renderApp } from "@/testing/render";
import type { FeatureNavEntry } from "./nav-rail";
import { NotFoundPage } from "./fallback-pages";
import { Shell } from "./shell";

vi.stubGlobal(
  "WebSocket",
  class {
    close(): void {}
  },
);

const NAVIGATION: FeatureNavEntry[] = [
  { feature: "tickets", to: "/tickets", labelKey: "nav", icon: IconInbox, roles: [], order: 1 },
  {
    feature: "customers",
    to: "/secret",
    labelKey: "nav",
    icon: IconInbox,
    roles: ["admin"],
    order: 2,
  },
];

function Where() {
  const { pathname, search } = useLocation();
  return <p>{`log-in page ${pathname}${search}`}</p>;
}

function shell(path: string, me: typeof ME | null = { ...ME, roles: ["manager"] }) {
  return renderApp(
    <Routes>
      <Route path="/login" element={<Where />} />
      <Route path="/" element={<Shell navigation={NAVIGATION} />}>
        <Route path="tickets" element={<p>the tickets</p>} />
        <Route path="secret" element={<p>the secret</p>} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>,
    path,
    me,
  );
}

afterEach(() => vi.unstubAllGlobals());

describe("shell", () => {
  it("sends those who are not logged in to the log-in page and remembers the page", async () => {
    fakeServer({ "GET /api/me": new Refusal(401, "session.none") });
    shell("/tickets?q=kettle", null);
    expect(
      await screen.findByText("log-in page /login?next=%2Ftickets%3Fq%3Dkettle"),
    ).toBeInTheDocument();
  });

  it("shows only what the person's roles allow", () => {
    shell("/tickets");
    expect(screen.getByText("the tickets")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Tickets" })).toHaveAttribute("aria-current", "page");
    expect(screen.queryByRole("link", { name: "Customers" })).not.toBeInTheDocument();
  });

  it("does not open a page of another role by its address", () => {
    shell("/secret");
    expect(screen.queryByText("the secret")).not.toBeInTheDocument();
    expect(screen.getByText("This page is not for your role")).toBeInTheDocument();
  });

  it("says when a page does not exist", () => {
    shell("/nowhere");
    expect(screen.getByText("This page does not exist")).toBeInTheDocument();
  });

  it("goes to the log-in page when the session ends", async () => {
    fakeServer({ "GET /api/dispositions": new Refusal(401, "session.none") });
    shell("/tickets");
    await act(async () => {
      await api.GET("/api/dispositions").catch(() => undefined);
    });
    expect(await screen.findByText(/log-in page \/login\?expired=1/)).toBeInTheDocument();
  });
});
