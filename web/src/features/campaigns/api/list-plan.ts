/** Requests about list plans: order, mix, filters, quotas, and how far lists are worked. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type ListPlan = Schemas["ListPlanOut"];
export type ListPlanBody = Schemas["ListPlanBody"];
export type Condition = Schemas["ContactFilter"];
export type Penetration = Schemas["PenetrationOut"];

const key = (campaignId: string) => ["campaigns", campaignId, "list-plan"];
const path = (campaignId: string) => ({ params: { path: { campaign_id: campaignId } } });

export function useListPlan(campaignId: string) {
  return useQuery({
    queryKey: key(campaignId),
    queryFn: () => data(api.GET("/api/campaigns/{campaign_id}/list-plan", path(campaignId))),
    // A long list is put in order in the background; quotas fill while calls end.
    refetchInterval: (query) => (query.state.data?.arranging ? 2000 : 15_000),
  });
}

export function useSaveListPlan(campaignId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: ListPlanBody) =>
      data(api.PUT("/api/campaigns/{campaign_id}/list-plan", { ...path(campaignId), body })),
    onSuccess: (saved) => queries.setQueryData(key(campaignId), saved),
  });
}

export function useFields(campaignId: string) {
  return useQuery({
    queryKey: ["campaigns", campaignId, "fields"],
    queryFn: () => data(api.GET("/api/campaigns/{campaign_id}/fields", path(campaignId))),
  });
}

/** How many contacts pass these filters, before they are saved. */
export function useMatching(campaignId: string, filters: Condition[]) {
  return useQuery({
    queryKey: ["campaigns", campaignId, "matching", filters],
    queryFn: () =>
      data(
        api.POST("/api/campaigns/{campaign_id}/list-plan/count", {
          ...path(campaignId),
          body: { filters },
        }),
      ),
    placeholderData: (before) => before,
  });
}

/** How far each list is worked; asked again when `progress` changes. */
export function usePenetration(campaignId: string, progress: string) {
  return useQuery({
    queryKey: ["campaigns", campaignId, "penetration", progress],
    queryFn: () => data(api.GET("/api/campaigns/{campaign_id}/penetration", path(campaignId))),
    placeholderData: (before) => before,
  });
}
