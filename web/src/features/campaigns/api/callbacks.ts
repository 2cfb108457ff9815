/** Requests about promised calls. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type Callback = Schemas["CallbackOut"];

const KEY = ["callbacks"];
const LOOK_EVERY_MS = 15_000;

/** Absent: of all; `agent_id` "": those that anybody may keep. */
export interface Search {
  campaign_id?: string;
  agent_id?: string;
  overdue: boolean;
  page: number;
}

export function useCallbacks(query: Search) {
  return useQuery({
    queryKey: [...KEY, query],
    queryFn: () => data(api.GET("/api/callbacks", { params: { query } })),
    placeholderData: (before) => before,
    refetchInterval: LOOK_EVERY_MS,
  });
}

function useChange<A>(change: (argument: A) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useMoveCallback() {
  return useChange(({ contactId, ...body }: { contactId: string } & Schemas["CallbackBody"]) =>
    data(
      api.PUT("/api/contacts/{contact_id}/callback", {
        params: { path: { contact_id: contactId } },
        body,
      }),
    ),
  );
}

export function useCancelCallback() {
  return useChange((contactId: string) =>
    data(
      api.DELETE("/api/contacts/{contact_id}/callback", {
        params: { path: { contact_id: contactId } },
      }),
    ),
  );
}
