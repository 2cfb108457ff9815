/** Customers: list, one, changes. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";
import type { CustomerPage } from "@/lib/types";

export type AddressKind = components["schemas"]["CustomerAddress"]["kind"];

export function useCustomers(q: string, page: number) {
  return useQuery({
    queryKey: ["customers", q, page],
    queryFn: () => data(api.GET("/api/customers", { params: { query: { q, page } } })),
    placeholderData: (before) => before,
  });
}

const path = (customerId: string) => ({ path: { customer_id: customerId } });

export function useCustomer(customerId: string) {
  return useQuery({
    queryKey: ["customer", customerId],
    queryFn: () => data(api.GET("/api/customers/{customer_id}", { params: path(customerId) })),
  });
}

export interface CustomerChange {
  name: string;
  organisation: string;
  note: string;
  addresses: CustomerPage["addresses"];
}

export function useChangeCustomer(customerId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: CustomerChange) =>
      data(api.PATCH("/api/customers/{customer_id}", { params: path(customerId), body })),
    onSuccess: (page) => {
      queries.setQueryData(["customer", customerId], page);
      void queries.invalidateQueries({ queryKey: ["customers"] });
    },
  });
}
