/** What an agent does with an interaction: accept, reject, end, wrap up. */
import { useMutation } from "@tanstack/react-query";
import { api, ApiError } from "@/lib/api";

type Step = "accept" | "reject" | "end";

/** The other side was quicker (customer left, offer lapsed): the live row will go by itself. */
function harmless(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 409);
}

async function take(interactionId: string, step: Step): Promise<void> {
  const params = { params: { path: { interaction_id: interactionId } } };
  if (step === "accept") await api.POST("/api/interactions/{interaction_id}/accept", params);
  else if (step === "reject") await api.POST("/api/interactions/{interaction_id}/reject", params);
  else
    try {
      await api.POST("/api/interactions/{interaction_id}/end", params);
    } catch (error) {
      if (!harmless(error)) throw error;
    }
}

export function useStep(step: Step) {
  return useMutation({ mutationFn: (interactionId: string) => take(interactionId, step) });
}

export interface MoreTime {
  interactionId: string;
  extraS: number;
}

export function useMoreWrapUp() {
  return useMutation({
    mutationFn: ({ interactionId, extraS }: MoreTime) =>
      api.POST("/api/interactions/{interaction_id}/wrap-up/more", {
        params: { path: { interaction_id: interactionId } },
        body: { extra_s: extraS },
      }),
  });
}

export interface Result {
  interactionId: string;
  disposition: string;
  note: string;
}

export function useWrapUp() {
  return useMutation({
    mutationFn: ({ interactionId, disposition, note }: Result) =>
      api.POST("/api/interactions/{interaction_id}/wrap-up", {
        params: { path: { interaction_id: interactionId } },
        body: { disposition, note },
      }),
  });
}
