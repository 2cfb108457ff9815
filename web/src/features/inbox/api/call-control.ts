/** Hold, mute, keypad tones of the call in progress. */
import { useMutation } from "@tanstack/react-query";
import { api } from "@/lib/api";

const path = (interactionId: string) => ({ path: { interaction_id: interactionId } });

export function useHold(interactionId: string) {
  return useMutation({
    mutationFn: (held: boolean) =>
      api.POST("/api/calls/{interaction_id}/hold", { params: path(interactionId), body: { held } }),
  });
}

export function useMute(interactionId: string) {
  return useMutation({
    mutationFn: (muted: boolean) =>
      api.POST("/api/calls/{interaction_id}/mute", {
        params: path(interactionId),
        body: { muted },
      }),
  });
}

/** Call who left a message, or was promised a call. */
export function useCallBack(interactionId: string) {
  return useMutation({
    mutationFn: () =>
      api.POST("/api/calls/{interaction_id}/call-back", { params: path(interactionId) }),
  });
}

export function useDtmf(interactionId: string) {
  return useMutation({
    mutationFn: (digits: string) =>
      api.POST("/api/calls/{interaction_id}/dtmf", {
        params: path(interactionId),
        body: { digits },
      }),
  });
}
