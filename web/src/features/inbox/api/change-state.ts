/** Ask for another agent state. */
import { useMutation } from "@tanstack/react-query";
import { api } from "@/lib/api";

export interface StateChange {
  state: "ready" | "break" | "signed_out";
  reason?: string;
}

export function useChangeState() {
  return useMutation({
    mutationFn: ({ state, reason = "" }: StateChange) =>
      api.POST("/api/agent/state", { body: { state, reason } }),
  });
}
