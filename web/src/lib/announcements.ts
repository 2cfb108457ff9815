/** What can be said to callers: the recorded announcements and those that come with omni. */
import { useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "./api";

export type Announcement = components["schemas"]["AnnouncementItem"];

export const SPOKEN_LANGUAGES = ["en", "zh"] as const;
export type SpokenLanguage = (typeof SPOKEN_LANGUAGES)[number];

export const ANNOUNCEMENTS = ["announcements"] as const;

export function useAnnouncements() {
  return useQuery({
    queryKey: ANNOUNCEMENTS,
    queryFn: () => data(api.GET("/api/announcements")) as Promise<Announcement[]>,
  });
}

/** Where a sound is heard; `length_s` makes the address of another recording another one. */
export function soundUrl(announcementId: string, language: string, length_s: number): string {
  const path = `/api/announcements/${encodeURIComponent(announcementId)}`;
  return `${path}/sounds/${encodeURIComponent(language)}?${length_s}`;
}
