/** Render a component inside the providers of the app, with a live client fed by the test. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { LiveProvider } from "@/lib/live";
import { LiveClient } from "@/lib/live-client";
import { createQueryClient } from "@/lib/query-client";
import { SESSION_KEY, type Me } from "@/lib/session";
import { FakeSocket } from "./fake-socket";

export const ME: Me = {
  user_id: "u1",
  name: "Ada Byron",
  email: "ada@example.com",
  roles: ["agent"],
  language: "en",
  csrf_token: "token",
};

/** `me` null: nobody is logged in, and the page has to ask the server. */
export function renderApp(node: ReactNode, path = "/", me: Me | null = ME) {
  const socket = new FakeSocket();
  const live = new LiveClient({ open: () => socket });
  live.start();
  socket.accept();
  const queries = createQueryClient();
  if (me) queries.setQueryData(SESSION_KEY, me);
  const view = render(
    <MantineProvider env="test">
      <Notifications />
      <QueryClientProvider client={queries}>
        <LiveProvider value={live}>
          <MemoryRouter initialEntries={[path]}>{node}</MemoryRouter>
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...view, socket, live, queries };
}
