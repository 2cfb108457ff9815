/** The words for an agent's state: who only looks at a contact does not dial it yet. */
import type { AgentState } from "@/lib/types";

export function stateKey(state: AgentState, reason: string) {
  return state === "dialing" && reason === "preview"
    ? ("agentState.preview" as const)
    : (`agentState.${state}` as const);
}
