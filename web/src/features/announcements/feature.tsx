/** What callers hear: recorded announcements. */
import { IconVolume } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "announcements",
  nav: [
    {
      to: "/announcements",
      labelKey: "nav",
      icon: IconVolume,
      roles: ["manager", "admin"],
      order: 85,
    },
  ],
  routes: [
    {
      path: "/announcements",
      lazy: async () => ({ Component: (await import("./announcements-page")).AnnouncementsPage }),
    },
  ],
};
