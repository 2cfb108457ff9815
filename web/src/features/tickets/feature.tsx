/** What the app needs to know of this feature. */
import { IconTicket } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "tickets",
  nav: [{ to: "/tickets", labelKey: "nav", icon: IconTicket, roles: [], order: 20 }],
  routes: [
    {
      path: "/tickets",
      lazy: async () => ({ Component: (await import("./tickets-page")).TicketsPage }),
    },
    {
      path: "/tickets/:ticketId",
      lazy: async () => ({ Component: (await import("./ticket-page")).TicketPage }),
    },
  ],
};
