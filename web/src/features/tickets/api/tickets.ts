/** Tickets: list, one, changes, notes. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { api, data } from "@/lib/api";

type Schemas = components["schemas"];
export type Ticket = Schemas["TicketBody"];
export type TicketPageData = Schemas["TicketPage"];
export type TicketState = Ticket["state"];
export type TicketPriority = Ticket["priority"];

export const STATES: readonly TicketState[] = ["open", "pending", "solved", "closed"];
export const PRIORITIES: readonly TicketPriority[] = ["low", "normal", "high", "urgent"];

export function useTickets(q: string, state: TicketState | null, page: number) {
  return useQuery({
    queryKey: ["tickets", q, state, page],
    queryFn: () =>
      data(
        api.GET("/api/tickets", { params: { query: { q, page, ...(state ? { state } : {}) } } }),
      ),
    placeholderData: (before) => before,
  });
}

const path = (ticketId: string) => ({ path: { ticket_id: ticketId } });

export function useTicket(ticketId: string) {
  return useQuery({
    queryKey: ["ticket", ticketId],
    queryFn: () => data(api.GET("/api/tickets/{ticket_id}", { params: path(ticketId) })),
  });
}

export interface TicketChange {
  state?: TicketState;
  priority?: TicketPriority;
  subject?: string;
  owner_id?: string;
}

/** The answer is the whole ticket as it is now; it replaces what was shown. */
function useAnswer(ticketId: string) {
  const queries = useQueryClient();
  return (page: TicketPageData) => {
    queries.setQueryData(["ticket", ticketId], page);
    void queries.invalidateQueries({ queryKey: ["tickets"] });
  };
}

export function useChangeTicket(ticketId: string) {
  return useMutation({
    mutationFn: (body: TicketChange) =>
      data(api.PATCH("/api/tickets/{ticket_id}", { params: path(ticketId), body })),
    onSuccess: useAnswer(ticketId),
  });
}

export function useAddNote(ticketId: string) {
  return useMutation({
    mutationFn: (text: string) =>
      data(api.POST("/api/tickets/{ticket_id}/notes", { params: path(ticketId), body: { text } })),
    onSuccess: useAnswer(ticketId),
  });
}
