"""Rows of the live topic `floor`: what supervisors see, one row per thing.

Rules:
1. Counters named in the past tense (`answered`, `dialled`) are of today, from local midnight of the
   site; contacts that wait over midnight are carried over into the new day's `offered`.
2. `waiting` includes what is being offered to an agent: the customer still waits. Hence
   `offered = answered + abandoned + dropped + overflowed + waiting` in every row that has them.
3. A percentage or mean over nothing is None, never 0.
"""

from datetime import datetime

from omni.core.events.outbound import DropWindow
from omni.core.ids import AgentId, CampaignId, EntryPointId, GroupId, QueueId, TrunkId
from omni.core.live import Row
from omni.core.terms import AgentState, Medium

TOPIC = "floor"


class TotalRow(Row):
    """The whole site. `invariants_ok`: every sum that must hold does hold."""

    signed_in: int
    ready: int
    dialing: int
    busy: int
    wrap_up: int
    on_break: int
    waiting: int
    offered: int
    answered: int
    abandoned: int
    dropped: int
    overflowed: int
    refused: int
    invariants_ok: bool


class EntryPointRow(Row):
    """A way in: a DID number, a mailbox, a chat widget."""

    id: EntryPointId
    name: str
    medium: Medium
    address: str
    open: bool
    offered: int
    waiting: int
    answered: int
    abandoned: int
    refused: int


class QueueRow(Row):
    """A waiting queue. `oldest_since`: since when the one waits who has waited longest.

    `within_target`: answered within the queue's target; `service_level_pct` relates it to all that
    have left the queue today. `served`: whether anybody may come to it. `helped_by`: the groups
    that help it, and since when.
    """

    id: QueueId
    name: str
    open: bool
    served: bool
    helped_by: dict[GroupId, datetime]
    target_answer_s: int
    waiting: int
    waiting_voice: int
    waiting_email: int
    waiting_chat: int
    oldest_since: datetime | None
    offered: int
    answered: int
    abandoned: int
    dropped: int
    overflowed: int
    within_target: int
    service_level_pct: float | None
    mean_wait_s: float | None


class GroupRow(Row):
    """A group of agents; an agent in two groups counts in both.

    `cause`: why it is open or closed, see `omni.acd.engine.openings.Cause`; `since` None: always.
    """

    id: GroupId
    name: str
    open: bool
    cause: str
    since: datetime | None
    signed_in: int
    ready: int
    dialing: int
    busy: int
    wrap_up: int
    on_break: int


class AgentRow(Row):
    """One agent. `calls`, `chats`, `mails`: in work now; `handled`, `talk_s`: today.

    `occupancy_pct`: time busy or in wrap-up of the time signed in, over the periods of today that
    are over (it moves when the state does). `phone`: down | registered | up.
    """

    id: AgentId
    name: str
    robot: bool
    group_ids: tuple[GroupId, ...]
    state: AgentState
    reason: str
    since: datetime | None
    break_pending: bool
    break_requested: str
    phone: str
    calls: int
    chats: int
    mails: int
    handled: int
    talk_s: float
    occupancy_pct: float | None


class TrunkRow(Row):
    """A SIP trunk. `busy`: lines in use now. `state`: up | down | unknown | trouble.

    `reason` of trouble: the SIP code of its failures, `silent` or `all_busy`; it is tried again at
    `retry_at`.
    """

    id: TrunkId
    name: str
    enabled: bool
    state: str
    reason: str
    retry_at: datetime | None
    capacity: int
    busy: int
    dialled: int
    answered: int
    failed: int


class CampaignRow(Row):
    """A campaign. `ringing`: dialled and without a result; `drop_pct`: dropped of answered.

    `dialling`: those of `ringing` whose far end was not heard to ring yet; `waiting`: answered, and
    nobody has them yet; `trunk_lines`: lines in use now, trunk → how many. While it dials:
    `lines_max`: lines that may ring at once; `reserved`: drops set aside for those that ring;
    `drop_windows`: the drop budget. `blocked`: why contacts are not dialled now, gate → how many.
    `blocked_at`: as of when `contacts`, `dialable`, `finished` and `blocked` are, of a list so long
    that counting takes a while.
    """

    id: CampaignId
    name: str
    state: str
    reason: str
    mode: str
    queue_id: QueueId
    contacts: int
    dialable: int
    finished: int
    blocked: dict[str, int]
    blocked_at: datetime | None
    dialled: int
    ringing: int
    dialling: int
    waiting: int
    trunk_lines: dict[str, int]
    lines_max: int
    reserved: int
    drop_windows: list[DropWindow]
    answered: int
    to_agents: int
    dropped: int
    drop_pct: float | None
    drop_limit_pct: float
    outcomes: dict[str, int]
    dispositions: dict[str, int]
    import_state: str
    import_read: int
    import_imported: int
    import_rejected: int
    import_duplicates: int
    import_reason: str


FLOOR_ROWS: dict[str, type[Row]] = {
    "total": TotalRow,
    "entry_point": EntryPointRow,
    "queue": QueueRow,
    "group": GroupRow,
    "agent": AgentRow,
    "trunk": TrunkRow,
    "campaign": CampaignRow,
}
