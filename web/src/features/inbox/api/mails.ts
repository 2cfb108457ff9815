/** The mails of a conversation: read, answer, take back, send again; the draft; attachments. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data, upload } from "@/lib/api";

type Schemas = components["schemas"];
export type Mail = Schemas["Mail"];
export type MailAddress = Schemas["MailAddress"];
export type Attachment = Schemas["MailAttachment"];
/** `to` and `cc` left out: to all whom the customer's last mail names; the server knows. */
export type MailBody = Schemas["MailBody"];

const mailsKey = (interactionId: string) => ["mails", interactionId] as const;
const path = (interactionId: string) => ({ path: { interaction_id: interactionId } });

/** `count`: mails by the live row; another number means that there is something new to fetch. */
export function useMails(interactionId: string, count: number) {
  return useQuery({
    queryKey: [...mailsKey(interactionId), count],
    queryFn: () =>
      data(api.GET("/api/interactions/{interaction_id}/mails", { params: path(interactionId) })),
    placeholderData: (before) => before,
    // A mail on its way changes its state without a new number.
    refetchInterval: ({ state }) =>
      state.data?.some((mail) => mail.state === "queued" || mail.state === "sending")
        ? 2000
        : false,
  });
}

function useMailChange<T>(interactionId: string, change: (value: T) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: mailsKey(interactionId) }),
  });
}

export function useReply(interactionId: string) {
  return useMailChange(interactionId, (body: MailBody) =>
    data(
      api.POST("/api/interactions/{interaction_id}/mails", { params: path(interactionId), body }),
    ),
  );
}

export function useTakeBack(interactionId: string) {
  return useMailChange(interactionId, (mailId: string) =>
    api.DELETE("/api/mails/{mail_id}", { params: { path: { mail_id: mailId } } }),
  );
}

export function useSendAgain(interactionId: string) {
  return useMailChange(interactionId, (mailId: string) =>
    api.POST("/api/mails/{mail_id}/send-again", { params: { path: { mail_id: mailId } } }),
  );
}

export async function fetchDraft(interactionId: string): Promise<string> {
  const draft = await data(
    api.GET("/api/interactions/{interaction_id}/mail-draft", { params: path(interactionId) }),
  );
  return draft.text ?? "";
}

export async function keepDraft(interactionId: string, text: string): Promise<void> {
  await api.PUT("/api/interactions/{interaction_id}/mail-draft", {
    params: path(interactionId),
    body: { text },
  });
}

export function uploadAttachment(file: File): Promise<Attachment> {
  return upload<Attachment>("/api/mail-attachments", file);
}
