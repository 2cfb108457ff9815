/** Dialling by hand: a typed number, or the contact that is shown. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { api, data } from "@/lib/api";

export function useDialChoices(enabled: boolean) {
  return useQuery({
    queryKey: ["dial"],
    queryFn: () => data(api.GET("/api/dial")),
    enabled,
    staleTime: 0,
  });
}

export function useDial() {
  return useMutation({
    mutationFn: ({ campaignId, number }: { campaignId: string; number: string }) =>
      api.POST("/api/dial/{campaign_id}", {
        params: { path: { campaign_id: campaignId } },
        body: { number },
      }),
    meta: { quiet: true },
  });
}

export function usePreviewStep(step: "dial" | "skip") {
  return useMutation({
    mutationFn: (contactId: string) => {
      const params = { path: { contact_id: contactId } };
      return step === "dial"
        ? api.POST("/api/previews/{contact_id}/dial", { params })
        : api.POST("/api/previews/{contact_id}/skip", { params });
    },
  });
}
