/** The mails of a conversation, replies, attachments. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data, upload } from "@/lib/api";

export type Mail = components["schemas"]["Mail"];
export type Attachment = components["schemas"]["Attachment"];

const mailsKey = (interactionId: string) => ["mails", interactionId] as const;

/** `count`: mails by the live row; another number means that there is something new to fetch. */
export function useMails(interactionId: string, count: number) {
  return useQuery({
    queryKey: [...mailsKey(interactionId), count],
    queryFn: () =>
      data(
        api.GET("/api/interactions/{interaction_id}/mails", {
          params: { path: { interaction_id: interactionId } },
        }),
      ),
    placeholderData: (before) => before,
  });
}

export interface Reply {
  text: string;
  to: string[];
  cc: string[];
  attachment_ids: string[];
}

export function useReply(interactionId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Reply) =>
      api.POST("/api/interactions/{interaction_id}/mails", {
        params: { path: { interaction_id: interactionId } },
        body,
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: mailsKey(interactionId) }),
  });
}

export function uploadAttachment(file: File): Promise<Attachment> {
  return upload<Attachment>("/api/mail-attachments", file);
}
