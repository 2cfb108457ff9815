/** Rows of the desk for tests. */
import type { MeRow, WorkRow } from "@/lib/types";

const AT = "2026-11-21T12:00:00Z";

export function workRow(id: string, values: Partial<WorkRow> = {}): WorkRow {
  return {
    interaction_id: id,
    medium: "chat",
    direction: "inbound",
    state: "active",
    queue_id: "q1",
    queue_name: "Service",
    address: "",
    subject: "",
    auto_accept: false,
    arrived_at: AT,
    offered_at: AT,
    expires_at: null,
    accepted_at: AT,
    ended_at: null,
    wrap_up_until: null,
    extendable_s: 0,
    aside_until: null,
    reminder_at: null,
    campaign_id: null,
    campaign_name: "",
    customer_id: null,
    customer_name: "",
    ticket_id: null,
    ticket_number: null,
    connected: false,
    held: false,
    muted: false,
    errand: "",
    call_state: "",
    recording: true,
    visitor_online: true,
    unread: 0,
    mails: 0,
    preview: "",
    ...values,
  };
}

export function meRow(values: Partial<MeRow> = {}): MeRow {
  return {
    agent_id: "u1",
    name: "Ada Byron",
    state: "ready",
    reason: "",
    since: AT,
    break_pending: false,
    break_requested: "",
    phone: "up",
    ...values,
  };
}
