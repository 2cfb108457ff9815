/** Campaigns: lists, start and pause, live numbers; the do-not-call list. */
import { IconPhoneOutgoing } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "campaigns",
  nav: [
    {
      to: "/campaigns",
      labelKey: "nav",
      icon: IconPhoneOutgoing,
      roles: ["supervisor", "manager", "admin"],
      order: 50,
    },
  ],
  routes: [
    {
      path: "/campaigns",
      lazy: async () => ({ Component: (await import("./campaigns-page")).CampaignsPage }),
    },
    {
      path: "/campaigns/do-not-call",
      lazy: async () => ({ Component: (await import("./do-not-call-page")).DoNotCallPage }),
    },
    {
      path: "/campaigns/callbacks",
      lazy: async () => ({ Component: (await import("./callbacks-page")).CallbacksPage }),
    },
    {
      path: "/campaigns/holidays",
      lazy: async () => ({ Component: (await import("./holidays-page")).HolidaysPage }),
    },
    {
      path: "/campaigns/:campaignId",
      lazy: async () => ({ Component: (await import("./campaign-page")).CampaignPage }),
    },
  ],
};
