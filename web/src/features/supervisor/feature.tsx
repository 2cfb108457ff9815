/** Live view of the floor for supervisors, and the wallboard. */
import { IconActivity } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "supervisor",
  nav: [
    {
      to: "/supervisor",
      labelKey: "nav",
      icon: IconActivity,
      roles: ["supervisor", "manager", "admin"],
      order: 40,
    },
  ],
  routes: [
    {
      path: "/supervisor",
      lazy: async () => ({ Component: (await import("./supervisor-page")).SupervisorPage }),
    },
    {
      path: "/supervisor/routing",
      lazy: async () => ({ Component: (await import("./routing-page")).RoutingPage }),
    },
    {
      path: "/supervisor/wallboard",
      lazy: async () => ({ Component: (await import("./wallboard-page")).WallboardPage }),
    },
  ],
};
