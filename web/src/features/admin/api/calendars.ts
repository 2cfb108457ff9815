/** Requests about calendars. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";
import { useSaving } from "./routing";

type Schemas = components["schemas"];
export type Calendar = Schemas["CalendarBody"];
export type CalendarNew = Schemas["CalendarNew"];
export type Preview = Schemas["PreviewBody"];

const CALENDARS = ["calendars"] as const;

export function useCalendars() {
  return useQuery({
    queryKey: CALENDARS,
    queryFn: () => data(api.GET("/api/calendars")) as Promise<Calendar[]>,
  });
}

export function useSaveCalendar(id: string | null) {
  return useSaving(
    (body: CalendarNew): Promise<unknown> =>
      id === null
        ? api.POST("/api/calendars", { body })
        : api.PUT("/api/calendars/{calendar_id}", { params: { path: { calendar_id: id } }, body }),
    CALENDARS,
  );
}

export function useRemoveCalendar() {
  return useSaving(
    (id: string): Promise<unknown> =>
      api.DELETE("/api/calendars/{calendar_id}", { params: { path: { calendar_id: id } } }),
    CALENDARS,
  );
}

/** When such hours are open, and what contradicts itself in them. */
export function usePreview({ time_zone, week, special, holidays }: CalendarNew) {
  const hours = { time_zone, week, special, holidays } as Schemas["OpeningHours"];
  return useQuery({
    queryKey: ["calendar-preview", hours],
    queryFn: () => data(api.POST("/api/calendars/preview", { body: hours })) as Promise<Preview>,
    placeholderData: keepPreviousData,
  });
}
