/** Requests about campaigns, and what they return. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type Campaign = Schemas["CampaignOut"];
export type CampaignNew = Schemas["CampaignNew"];
export type CampaignChanges = Schemas["CampaignChanges"];
export type CampaignRow = Schemas["CampaignRow"];
export type TrunkRow = Schemas["TrunkRow"];
export type RuleProfile = Schemas["RuleProfileOut"];
export type BlockedOut = Schemas["BlockedOut"];
export type DetectionScore = Schemas["DetectionOut"];
export type Mode = Campaign["mode"];
export type Command = "start" | "pause" | "drain" | "stop";

const ALL = ["campaigns"];

function campaignKey(campaignId: string): readonly string[] {
  return [...ALL, campaignId];
}

export function useCampaign(campaignId: string) {
  return useQuery({
    queryKey: campaignKey(campaignId),
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}", { params: { path: { campaign_id: campaignId } } }),
      ),
  });
}

export function useRuleProfiles() {
  return useQuery({
    queryKey: ["rule-profiles"],
    queryFn: () => data(api.GET("/api/rule-profiles")),
    staleTime: Infinity,
  });
}

export function useQueues() {
  return useQuery({ queryKey: ["queues"], queryFn: () => data(api.GET("/api/queues")) });
}

export function useTrunks() {
  return useQuery({ queryKey: ["trunks"], queryFn: () => data(api.GET("/api/trunks")) });
}

/** Create a campaign, or change the one named. */
export function useSaveCampaign(campaignId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: CampaignNew) =>
      campaignId === null
        ? data(api.POST("/api/campaigns", { body }))
        : data(
            api.PATCH("/api/campaigns/{campaign_id}", {
              params: { path: { campaign_id: campaignId } },
              body,
            }),
          ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  });
}

/** Start, pause, drain or stop. */
export function useCommand(campaignId: string) {
  const queries = useQueryClient();
  const path = { params: { path: { campaign_id: campaignId } } };
  return useMutation({
    mutationFn: (command: Command) => {
      if (command === "start") return data(api.POST("/api/campaigns/{campaign_id}/start", path));
      if (command === "pause") return data(api.POST("/api/campaigns/{campaign_id}/pause", path));
      if (command === "drain") return data(api.POST("/api/campaigns/{campaign_id}/drain", path));
      return data(api.POST("/api/campaigns/{campaign_id}/stop", path));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  });
}

/** Go on under the newest version of the campaign's rules. */
export function useAdoptRules(campaignId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/campaigns/{campaign_id}/rules", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  });
}

export function useContacts(campaignId: string, q: string, page: number) {
  return useQuery({
    queryKey: [...campaignKey(campaignId), "contacts", q, page],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/contacts", {
          params: { path: { campaign_id: campaignId }, query: { q, page } },
        }),
      ),
    placeholderData: (before) => before,
  });
}

/** Note that a contact agreed to be called (`at` null: no longer does). */
export function useRecordConsent(campaignId: string, contactId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["ConsentBody"]) =>
      data(
        api.PUT("/api/contacts/{contact_id}/consent", {
          params: { path: { contact_id: contactId } },
          body,
        }),
      ),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: campaignKey(campaignId) }),
        queries.invalidateQueries({ queryKey: ["contacts", contactId] }),
      ]),
  });
}

export type TrialNew = Schemas["TrialNew"];
export type Trial = Schemas["TrialOut"];

/** Simulate a shift; takes seconds. */
export function useTrial(campaignId: string) {
  return useMutation({
    mutationFn: (body: TrialNew) =>
      data(
        api.POST("/api/campaigns/{campaign_id}/try", {
          params: { path: { campaign_id: campaignId } },
          body,
        }),
      ),
    meta: { quiet: true },
  });
}

const DETECTION_EVERY_MS = 5_000;

/** How right the detector of answering machines is; looked at again while the page is open. */
export function useDetection(campaignId: string) {
  return useQuery({
    queryKey: [...campaignKey(campaignId), "detection"],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/answer-detection", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    refetchInterval: DETECTION_EVERY_MS,
  });
}

const GAIN_EVERY_MS = 5 * 60_000;
const COUNT_ON_MS = 500;
const COUNT_AGAIN_MS = 15_000;

/** What predicting gains right now; asked while the campaign runs and predicts. */
export function useGain(campaignId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...campaignKey(campaignId), "gain"],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/gain", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    enabled,
    refetchInterval: GAIN_EVERY_MS,
  });
}

/** Why contacts are not dialled; a long list is counted on by each request until it is whole. */
export function useBlocked(campaignId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...campaignKey(campaignId), "blocked"],
    queryFn: () =>
      data(
        api.GET("/api/campaigns/{campaign_id}/blocked", {
          params: { path: { campaign_id: campaignId } },
        }),
      ),
    enabled,
    refetchInterval: (query) => (query.state.data?.whole === false ? COUNT_ON_MS : COUNT_AGAIN_MS),
  });
}

export function useContactBlocked(contactId: string) {
  return useQuery({
    queryKey: ["contacts", contactId, "blocked"],
    queryFn: () =>
      data(
        api.GET("/api/contacts/{contact_id}/blocked", {
          params: { path: { contact_id: contactId } },
        }),
      ),
    staleTime: 0,
  });
}

export function complianceUrl(campaignId: string): string {
  return `/api/campaigns/${encodeURIComponent(campaignId)}/compliance`;
}
