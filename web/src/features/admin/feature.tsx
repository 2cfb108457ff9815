/** Setting up: users and agents, queues and groups, the matrix, trunks, mailboxes. */
import { IconSettings } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "admin",
  nav: [{ to: "/admin", labelKey: "nav", icon: IconSettings, roles: ["admin"], order: 90 }],
  routes: [
    {
      path: "/admin/:part?",
      lazy: async () => ({ Component: (await import("./admin-page")).AdminPage }),
    },
  ],
};
