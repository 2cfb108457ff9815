/** The customer of an interaction with the last contacts. */
import { useQuery } from "@tanstack/react-query";
import { api, data } from "@/lib/api";

export function useCustomer(customerId: string | null) {
  return useQuery({
    queryKey: ["customer", customerId],
    enabled: customerId !== null,
    queryFn: () =>
      data(
        api.GET("/api/customers/{customer_id}", {
          params: { path: { customer_id: customerId ?? "" } },
        }),
      ),
  });
}
