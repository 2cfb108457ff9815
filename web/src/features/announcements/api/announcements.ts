/** Requests that change announcements. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ANNOUNCEMENTS, type Announcement, type SpokenLanguage } from "@/lib/announcements";
import { api, data, upload } from "@/lib/api";

/** `quiet`: the form itself shows what went wrong. */
function useChange<B>(change: (body: B) => Promise<unknown>, quiet = false) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    meta: { quiet },
    // Also after a failure: a new one is there although its first sound was refused.
    onSettled: () => queries.invalidateQueries({ queryKey: ANNOUNCEMENTS }),
  });
}

export interface Recording {
  announcementId: string;
  language: SpokenLanguage;
  file: File;
}

function record({ announcementId, language, file }: Recording) {
  const path = `/api/announcements/${encodeURIComponent(announcementId)}/sounds/${language}`;
  return upload<Announcement>(path, file);
}

export const useRecord = () => useChange(record, true);

export interface NewAnnouncement {
  name: string;
  language: SpokenLanguage;
  file: File;
}

/** Add one; it is not kept when its sound is refused. */
async function add({ name, language, file }: NewAnnouncement) {
  const added = await data(api.POST("/api/announcements", { body: { name } }));
  const announcementId = added.announcement_id;
  try {
    return await record({ announcementId, language, file });
  } catch (error) {
    await remove(announcementId);
    throw error;
  }
}

function remove(announcementId: string) {
  const path = { announcement_id: announcementId };
  return data(api.DELETE("/api/announcements/{announcement_id}", { params: { path } }));
}

export const useAddAnnouncement = () => useChange(add, true);
export const useRemoveAnnouncement = () => useChange(remove);

export function useRename(announcementId: string) {
  const path = { announcement_id: announcementId };
  return useChange((name: string) =>
    data(api.PATCH("/api/announcements/{announcement_id}", { params: { path }, body: { name } })),
  );
}

export function useRemoveSound() {
  return useChange(({ announcementId, language }: Omit<Recording, "file">) => {
    const path = { announcement_id: announcementId, language };
    return data(
      api.DELETE("/api/announcements/{announcement_id}/sounds/{language}", { params: { path } }),
    );
  });
}
