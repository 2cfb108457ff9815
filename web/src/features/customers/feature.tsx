/** What the app needs to know of this feature. */
import { IconUsers } from "@tabler/icons-react";
import type { Feature } from "@/lib/feature";

export const feature: Feature = {
  name: "customers",
  nav: [{ to: "/customers", labelKey: "nav", icon: IconUsers, roles: [], order: 30 }],
  routes: [
    {
      path: "/customers",
      lazy: async () => ({ Component: (await import("./customers-page")).CustomersPage }),
    },
    {
      path: "/customers/:customerId",
      lazy: async () => ({ Component: (await import("./customer-page")).CustomerDetails }),
    },
  ],
};
