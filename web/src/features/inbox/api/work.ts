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

export function useSetAside() {
  return useMutation({
    mutationFn: ({ interactionId, until }: { interactionId: string; until: string }) =>
      api.POST("/api/interactions/{interaction_id}/aside", {
        params: { path: { interaction_id: interactionId } },
        body: { until },
      }),
  });
}

export function useTakeUp() {
  return useMutation({
    mutationFn: (interactionId: string) =>
      api.POST("/api/interactions/{interaction_id}/take-up", {
        params: { path: { interaction_id: interactionId } },
      }),
  });
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

/** As the server has it. */
const CALLBACK_NOTE_CHARS = 500;

/** When the person was promised a call; `personal`: by the agent who promises it. */
export interface CallbackWish {
  at: string;
  personal: boolean;
}

export interface Result {
  interactionId: string;
  disposition: string;
  note: string;
  callback: CallbackWish | null;
}

export function useWrapUp() {
  return useMutation({
    mutationFn: async ({ interactionId, disposition, note, callback }: Result) => {
      const params = { path: { interaction_id: interactionId } };
      // First the promise: the result arms it.
      if (callback)
        await api.POST("/api/interactions/{interaction_id}/callback", {
          params,
          body: { ...callback, note: note.slice(0, CALLBACK_NOTE_CHARS) },
        });
      return api.POST("/api/interactions/{interaction_id}/wrap-up", {
        params,
        body: { disposition, note },
      });
    },
  });
}
