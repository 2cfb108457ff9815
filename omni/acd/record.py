"""What is kept of an interaction and of an agent's presence: the rows of the database, as values.

The open interactions and the presences together are the router's state; after a restart the
router is built from them (`engine.restoring`).
"""

from dataclasses import dataclass
from datetime import datetime

from omni.acd.engine.openings import Cause
from omni.acd.model import Skill
from omni.acd.own_call import OwnCall
from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
)
from omni.core.terms import AgentState, Direction, InteractionState, Medium, Outcome

CALLBACK, MESSAGE = "callback", "message"


@dataclass(slots=True)
class InteractionRow:
    """One interaction. Mutable: only the service's writer touches it.

    `used`: the overflow rules used for it, queue and place there. `errand`: why the customer is not
    on the line: CALLBACK (promised) or MESSAGE (left), "" for nobody's errand.
    `until_at`: when the open offer or the wrap-up runs out, or an active one set aside is back.
    """

    id: InteractionId
    medium: Medium
    direction: Direction
    state: InteractionState
    queue_id: QueueId | None
    arrived_at: datetime
    entry_point_id: EntryPointId | None = None
    priority: int = 5
    address: str = ""
    name: str = ""
    subject: str = ""
    campaign_id: CampaignId | None = None
    contact_id: ContactId | None = None
    attempt_id: AttemptId | None = None
    auto_accept: bool = False
    needs: tuple[Skill, ...] = ()
    owner_id: AgentId | None = None
    agent_id: AgentId | None = None
    group_id: GroupId | None = None
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    wrapped_up_at: datetime | None = None
    until_at: datetime | None = None
    outcome: Outcome | None = None
    reason: str = ""
    disposition: str = ""
    note: str = ""
    used: tuple[tuple[QueueId, int], ...] = ()
    errand: str = ""
    waited_s: float = 0.0
    handled_s: float = 0.0
    wrap_up_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """An agent's state as of its last change, and the call that they are to make by then."""

    agent_id: AgentId
    state: AgentState
    reason: str
    since: datetime
    break_pending: bool
    requested: str = ""
    own_call: OwnCall | None = None
    own_call_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """Why a group is open or closed, when that is not as planned."""

    group_id: GroupId
    cause: Cause
    since: datetime


@dataclass(frozen=True, slots=True)
class AidRow:
    """A group helps a queue."""

    queue_id: QueueId
    group_id: GroupId
    since: datetime


@dataclass(frozen=True, slots=True)
class OpeningsRow:
    """What opened, closed or helps by itself, and which queues nobody serves; saved whole."""

    groups: tuple[OpeningRow, ...] = ()
    aids: tuple[AidRow, ...] = ()
    unserved: tuple[QueueId, ...] = ()


@dataclass(frozen=True, slots=True)
class Errand:
    """What an agent does for a customer who is not on the line.

    `kind`: CALLBACK (promised) or MESSAGE (left by the customer). `agent_id`: who
    works on it now.
    """

    kind: str
    address: str
    agent_id: AgentId | None
