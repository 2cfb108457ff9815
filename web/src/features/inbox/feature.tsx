/** What the app needs to know of this feature. */
import { IconInbox } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "inbox",
  nav: [{ to: "/inbox", labelKey: "nav", icon: IconInbox, roles: ["agent"], order: 10 }],
  routes: [
    {
      path: "/inbox",
      lazy: async () => ({ Component: (await import("./inbox-page")).InboxPage }),
    },
  ],
};
