/** Requests about what connects us to the outside: trunks and mailboxes. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type Trunk = Schemas["TrunkItem"];
export type TrunkNew = Schemas["TrunkBody"];
export type Mailbox = Schemas["MailboxRow"];
export type MailboxNew = Schemas["MailboxBody"];
export type LedgerLine = Schemas["LedgerRow"];

const TRUNKS = ["trunks"];
const MAILBOXES = ["mailboxes"];

export function useTrunks() {
  return useQuery({ queryKey: TRUNKS, queryFn: () => data(api.GET("/api/trunks")) });
}

/** An empty secret leaves the stored one as it is. */
export function useSaveTrunk(trunkId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ secret, ...rest }: TrunkNew): Promise<unknown> => {
      const body = { ...rest, ...(secret ? { secret } : {}) };
      return trunkId === null
        ? api.POST("/api/trunks", { body })
        : api.PATCH("/api/trunks/{trunk_id}", { params: { path: { trunk_id: trunkId } }, body });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: TRUNKS }),
  });
}

/** Mailboxes; looked at again while the page is open, because a server's trouble comes and goes. */
export function useMailboxes() {
  return useQuery({
    queryKey: MAILBOXES,
    queryFn: () => data(api.GET("/api/mailboxes")),
    refetchInterval: 5_000,
  });
}

export function useSaveMailbox(mailboxId: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: MailboxNew): Promise<unknown> =>
      mailboxId === null
        ? api.POST("/api/mailboxes", { body })
        : api.PATCH("/api/mailboxes/{mailbox_id}", {
            params: { path: { mailbox_id: mailboxId } },
            body,
          }),
    onSuccess: () => queries.invalidateQueries({ queryKey: MAILBOXES }),
  });
}

export function useLedger(mailboxId: string) {
  return useQuery({
    queryKey: [...MAILBOXES, mailboxId, "ledger"],
    queryFn: () =>
      data(
        api.GET("/api/mailboxes/{mailbox_id}/ledger", {
          params: { path: { mailbox_id: mailboxId } },
        }),
      ),
    staleTime: 0,
  });
}
