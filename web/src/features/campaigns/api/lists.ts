/** Requests about lists of contacts: upload and preview, import, rejected rows. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data, upload } from "@/lib/api";

type Schemas = components["schemas"];
export type Preview = Schemas["PreviewOut"];
export type ImportItem = Schemas["ImportOut"];
export type ImportNew = Schemas["ImportNew"];
export type SavedMapping = Schemas["SavedMappingOut"];

const importsKey = (campaignId: string) => ["campaigns", campaignId, "imports"];

/** `progress` is anything that changes when an import moves on (from the live row). */
export function useImports(campaignId: string, progress: string) {
  return useQuery({
    queryKey: [...importsKey(campaignId), progress],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/imports", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    placeholderData: (before) => before,
  });
}

export function usePreview(campaignId: string) {
  return useMutation({
    mutationFn: (file: File) =>
      upload<Preview>(`/api/campaigns/${encodeURIComponent(campaignId)}/lists/preview`, file),
    meta: { quiet: true },
  });
}

export function useImport(campaignId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ImportNew) =>
      data(
        api.POST("/api/campaigns/{campaign_id}/lists", {
          params: { path: { campaign_id: campaignId } },
          body,
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: importsKey(campaignId) }),
  });
}

export function useSaveMapping() {
  return useMutation({
    mutationFn: (body: Schemas["SavedMappingNew"]) => data(api.PUT("/api/list-mappings", { body })),
  });
}

export function useForgetMapping() {
  return useMutation({
    mutationFn: (mappingId: string) =>
      api.DELETE("/api/list-mappings/{mapping_id}", {
        params: { path: { mapping_id: mappingId } },
      }),
  });
}

/** How many contacts finished for which reason; asked again when `progress` changes. */
export function useFinishReasons(campaignId: string, progress: string) {
  return useQuery({
    queryKey: ["campaigns", campaignId, "finished", progress],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/finished", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    placeholderData: (before) => before,
  });
}

/** Let contacts that finished for these reasons be dialled again. */
export function useRecycle(campaignId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reasons: string[]) =>
      data(
        api.POST("/api/campaigns/{campaign_id}/recycle", {
          params: { path: { campaign_id: campaignId } },
          body: { reasons },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["campaigns", campaignId] }),
  });
}

export function rejectedUrl(importId: string): string {
  return `/api/imports/${encodeURIComponent(importId)}/rejected`;
}
