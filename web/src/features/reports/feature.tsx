/** Reports of campaigns: read, look closer, download. */
import { IconChartBar } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "reports",
  nav: [
    {
      to: "/reports",
      labelKey: "nav",
      icon: IconChartBar,
      roles: ["supervisor", "manager", "admin"],
      order: 60,
    },
  ],
  routes: [
    {
      path: "/reports",
      lazy: async () => ({ Component: (await import("./report-page")).ReportPage }),
    },
  ],
};
