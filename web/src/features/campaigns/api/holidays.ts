/** Requests about the days on which a region's people are not called. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type Holiday = Schemas["HolidayOut"];

const KEY = ["holidays"];

export function useHolidays() {
  return useQuery({ queryKey: KEY, queryFn: () => data(api.GET("/api/holidays")) });
}

export function useAddHoliday() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["HolidayNew"]) => api.POST("/api/holidays", { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveHoliday() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (holidayId: string) =>
      api.DELETE("/api/holidays/{holiday_id}", { params: { path: { holiday_id: holidayId } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
