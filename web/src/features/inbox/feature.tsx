/** What the app needs to know of this feature. */
import { IconInbox } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";
import { InboxBadge } from "./inbox-badge";
import { Resident } from "./resident";

export const feature: Feature = {
  name: "inbox",
  nav: [
    {
      to: "/inbox",
      labelKey: "nav",
      icon: IconInbox,
      roles: ["agent"],
      order: 10,
      badge: InboxBadge,
    },
  ],
  routes: [
    {
      path: "/inbox/:interactionId?",
      lazy: async () => ({ Component: (await import("./inbox-page")).InboxPage }),
    },
  ],
  resident: { component: Resident, roles: ["agent"] },
};
