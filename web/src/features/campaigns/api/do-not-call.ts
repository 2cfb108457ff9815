/** Requests about the do-not-call list. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data, upload } from "@/lib/api";

type Schemas = components["schemas"];
export type DoNotCall = Schemas["DoNotCallOut"];
export type DoNotCallUploaded = Schemas["DoNotCallUploaded"];

const KEY = ["do-not-call"];

export function useDoNotCall(q: string, page: number) {
  return useQuery({
    queryKey: [...KEY, q, page],
    queryFn: () => data(api.GET("/api/do-not-call", { params: { query: { q, page } } })),
    placeholderData: (before) => before,
  });
}

export function useAddDoNotCall() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["DoNotCallNew"]) => data(api.POST("/api/do-not-call", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useRemoveDoNotCall() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (entryId: string) =>
      api.DELETE("/api/do-not-call/{entry_id}", { params: { path: { entry_id: entryId } } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useUploadDoNotCall() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (file: File) => upload<DoNotCallUploaded>("/api/do-not-call/upload", file),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
