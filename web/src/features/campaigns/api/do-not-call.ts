/** Requests about the do-not-call list. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data, upload } from "@/lib/api";

type Schemas = components["schemas"];
export type DoNotCall = Schemas["DoNotCallOut"];
export type DoNotCallRemoved = Schemas["DoNotCallRemoved"];
export type DoNotCallUploaded = Schemas["DoNotCallUploaded"];

const KEY = ["do-not-call"];

/** `campaign_id` absent: all entries; "": those for every campaign. */
export interface Search {
  q: string;
  campaign_id?: string;
  page: number;
}

export function useDoNotCall(query: Search) {
  return useQuery({
    queryKey: [...KEY, "list", query],
    queryFn: () => data(api.GET("/api/do-not-call", { params: { query } })),
    placeholderData: (before) => before,
  });
}

export function useDoNotCallRemoved(query: Search) {
  return useQuery({
    queryKey: [...KEY, "removed", query],
    queryFn: () => data(api.GET("/api/do-not-call/removed", { params: { query } })),
    placeholderData: (before) => before,
  });
}

function useChange<A, R>(change: (argument: A) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useAddDoNotCall() {
  return useChange((body: Schemas["DoNotCallNew"]) => data(api.POST("/api/do-not-call", { body })));
}

export function useRemoveDoNotCall() {
  return useChange(({ entryId, reason }: { entryId: string; reason: string }) =>
    api.POST("/api/do-not-call/{entry_id}/removal", {
      params: { path: { entry_id: entryId } },
      body: { reason },
    }),
  );
}

export interface UploadScope {
  file: File;
  campaign_id: string;
  reason: string;
  default_region: string;
}

export function useUploadDoNotCall() {
  return useChange(({ file, ...scope }: UploadScope) =>
    upload<DoNotCallUploaded>(
      `/api/do-not-call/upload?${new URLSearchParams(scope).toString()}`,
      file,
    ),
  );
}
