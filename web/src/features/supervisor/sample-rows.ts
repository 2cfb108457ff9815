/** Rows for tests, with everything a row must have. */
import type {
  AgentRow,
  CampaignRow,
  EntryPointRow,
  GroupRow,
  QueueRow,
  TotalRow,
  TrunkRow,
} from "./rows";

export function totalRow(row: Partial<TotalRow>): TotalRow {
  return {
    signed_in: 0,
    ready: 0,
    dialing: 0,
    busy: 0,
    wrap_up: 0,
    on_break: 0,
    waiting: 0,
    offered: 0,
    answered: 0,
    abandoned: 0,
    dropped: 0,
    overflowed: 0,
    refused: 0,
    invariants_ok: true,
    ...row,
  };
}

export function queueRow(row: Partial<QueueRow>): QueueRow {
  return {
    id: "q1",
    name: "Sales",
    open: true,
    served: true,
    helped_by: {},
    target_answer_s: 20,
    waiting: 0,
    waiting_voice: 0,
    waiting_email: 0,
    waiting_chat: 0,
    oldest_since: null,
    offered: 0,
    answered: 0,
    abandoned: 0,
    dropped: 0,
    overflowed: 0,
    within_target: 0,
    service_level_pct: null,
    mean_wait_s: null,
    ...row,
  };
}

export function entryPointRow(row: Partial<EntryPointRow>): EntryPointRow {
  return {
    id: "e1",
    name: "Hotline",
    medium: "voice",
    address: "+4930123",
    open: true,
    offered: 0,
    waiting: 0,
    answered: 0,
    abandoned: 0,
    refused: 0,
    ...row,
  };
}

export function groupRow(row: Partial<GroupRow>): GroupRow {
  return {
    id: "g1",
    name: "Team A",
    open: true,
    cause: "planned",
    since: null,
    signed_in: 0,
    ready: 0,
    dialing: 0,
    busy: 0,
    wrap_up: 0,
    on_break: 0,
    ...row,
  };
}

export function agentRow(row: Partial<AgentRow>): AgentRow {
  return {
    id: "a1",
    name: "Ada",
    robot: false,
    group_ids: ["g1"],
    state: "ready",
    reason: "",
    since: "2026-11-21T09:00:00Z",
    break_pending: false,
    break_requested: "",
    phone: "up",
    calls: 0,
    chats: 0,
    mails: 0,
    handled: 0,
    talk_s: 0,
    occupancy_pct: null,
    ...row,
  };
}

export function trunkRow(row: Partial<TrunkRow>): TrunkRow {
  return {
    id: "t1",
    name: "Carrier",
    enabled: true,
    state: "up",
    reason: "",
    retry_at: null,
    capacity: 30,
    busy: 0,
    dialled: 0,
    answered: 0,
    failed: 0,
    ...row,
  };
}

export function campaignRow(row: Partial<CampaignRow>): CampaignRow {
  return {
    id: "c1",
    name: "Spring",
    state: "running",
    reason: "",
    mode: "predictive",
    queue_id: "q1",
    contacts: 100,
    dialable: 50,
    finished: 10,
    blocked: {},
    blocked_at: null,
    dialled: 40,
    ringing: 2,
    dialling: 1,
    waiting: 0,
    trunk_lines: {},
    lines_max: 4,
    reserved: 0,
    drop_windows: [],
    answered: 20,
    to_agents: 19,
    dropped: 0,
    drop_pct: 0,
    drop_limit_pct: 3,
    outcomes: {},
    dispositions: {},
    import_state: "",
    import_read: 0,
    import_imported: 0,
    import_rejected: 0,
    import_duplicates: 0,
    import_reason: "",
    ...row,
  };
}
