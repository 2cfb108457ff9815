/** Lines of a chat: post (idempotent by `client_ref`), say that one is typing. */
import { api } from "@/lib/api";

const path = (interactionId: string) => ({ path: { interaction_id: interactionId } });

export async function postLine(interactionId: string, text: string, ref: string): Promise<void> {
  await api.POST("/api/interactions/{interaction_id}/messages", {
    params: path(interactionId),
    body: { text, client_ref: ref },
  });
}

export function sayTyping(interactionId: string): void {
  api
    .POST("/api/interactions/{interaction_id}/typing", { params: path(interactionId) })
    .catch(() => undefined);
}

/** Tell the visitor that the lines up to `number` have been seen: the server takes it from asking. */
export function sayRead(interactionId: string, number: number): void {
  api
    .GET("/api/interactions/{interaction_id}/messages", {
      params: { ...path(interactionId), query: { after: number } },
    })
    .catch(() => undefined);
}
