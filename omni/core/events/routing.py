"""Events of the ACD: interactions on their way to an agent, agents' states, the matrix."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from omni.core.events.base import Event
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    AnswerId,
    AttemptId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
)
from omni.core.terms import AgentState, Direction, Medium, Outcome


class InteractionArrived(Event):
    """A contact has reached us and is in a queue from now on.

    `address` is the customer's: E.164 number ("" when withheld), mail address, visitor id. It may
    arrive again, in another queue: it has been moved; `since`: when it arrived first. `errand`:
    message: the customer is not there, they left a recording of this id.
    """

    TYPE: ClassVar[str] = "interaction.arrived"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    queue_id: QueueId
    entry_point_id: EntryPointId | None = None
    priority: int = 5
    address: str = ""
    name: str = ""
    subject: str = ""
    campaign_id: CampaignId | None = None
    contact_id: ContactId | None = None
    attempt_id: AttemptId | None = None
    errand: str = ""
    since: datetime | None = None


class InteractionOverflowed(Event):
    """A rule of a queue was used for it; see `omni.acd.overflow` for the words.

    `queue_id`: whose rule, `rule` its place there (0 first). `chosen`: the caller pressed a digit
    of what the rule offered. `digits`: what can be pressed now. `waiting`: others in that queue.
    """

    TYPE: ClassVar[str] = "interaction.overflowed"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    medium: Medium
    queue_id: QueueId
    rule: int
    condition: str
    limit: float
    action: str
    chosen: bool = False
    to_queue_id: QueueId | None = None
    to_group_id: GroupId | None = None
    number: str = ""
    announcement_id: AnnouncementId | None = None
    answer_id: AnswerId | None = None
    digits: str = ""
    waited_s: float = 0.0
    waiting: int = 0
    address: str = ""


class CallbackPromised(Event):
    """The customer hangs up and is called back when it is their turn in the line."""

    TYPE: ClassVar[str] = "interaction.callback_promised"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    queue_id: QueueId
    address: str
    entry_point_id: EntryPointId | None = None


class InteractionRefused(Event):
    """A contact reached us but was not let in (closed, nobody serves it, black list)."""

    TYPE: ClassVar[str] = "interaction.refused"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    entry_point_id: EntryPointId | None = None
    address: str = ""
    name: str = ""
    subject: str = ""
    reason: str


class InteractionOffered(Event):
    """The ACD chose an agent. With `auto_accept` the agent's answer is not waited for.

    `chosen`: work_arrived (the interaction picked a free agent) | agent_freed (the agent, free
    again, picked what comes first). `way`, `distribution`, `relaxed`, `wanted`, `waiting`: what
    decided, see `omni.acd.engine.happenings.Why`. `borrowed_since`: the agent's group helps the
    queue since then.
    """

    TYPE: ClassVar[str] = "interaction.offered"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    queue_id: QueueId
    group_id: GroupId
    medium: Medium
    auto_accept: bool
    expires_at: datetime | None = None
    waited_s: float = 0.0
    chosen: str = ""
    way: str = ""
    distribution: int = -1
    relaxed: int = 0
    wanted: int = 0
    waiting: int = 0
    borrowed_since: datetime | None = None


class OfferEnded(Event):
    """The offer is over without acceptance; the interaction is back at its old place, or gone.

    `reason`: rejected | timed_out | agent_gone | customer_gone | withdrawn.
    """

    TYPE: ClassVar[str] = "offer.ended"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    queue_id: QueueId
    reason: str


class InteractionAccepted(Event):
    """The agent works on it from now on; the channel connects agent and customer."""

    TYPE: ClassVar[str] = "interaction.accepted"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    queue_id: QueueId
    group_id: GroupId
    medium: Medium
    direction: Direction
    waited_s: float
    campaign_id: CampaignId | None = None
    attempt_id: AttemptId | None = None


class InteractionSetAside(Event):
    """The agent goes on with it later; it takes no room until then. It is back at `until`."""

    TYPE: ClassVar[str] = "interaction.set_aside"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    until: datetime


class InteractionTakenUp(Event):
    """The agent works again on what was set aside.

    `reminder`: it is back because the customer wrote again, and was to be back at that time.
    """

    TYPE: ClassVar[str] = "interaction.taken_up"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    reminder: datetime | None = None


class InteractionEnded(Event):
    """The contact itself is over. When an agent had it (`agent_id`), wrap-up begins.

    `waited_s` from arrival to acceptance or end; `handled_s` from acceptance to now.
    `wrap_up_until`: when the wrap-up is closed for the agent, who may make it longer by
    `extendable_s`.
    """

    TYPE: ClassVar[str] = "interaction.ended"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    queue_id: QueueId
    outcome: Outcome
    agent_id: AgentId | None = None
    entry_point_id: EntryPointId | None = None
    campaign_id: CampaignId | None = None
    attempt_id: AttemptId | None = None
    waited_s: float = 0.0
    handled_s: float = 0.0
    wrap_up_until: datetime | None = None
    extendable_s: float = 0.0


class WrapUpExtended(Event):
    """The agent has made the wrap-up longer."""

    TYPE: ClassVar[str] = "interaction.wrap_up_extended"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    wrap_up_until: datetime
    extendable_s: float


class InteractionWrappedUp(Event):
    """The agent has finished with it: disposition and note are final."""

    TYPE: ClassVar[str] = "interaction.wrapped_up"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    agent_id: AgentId
    queue_id: QueueId
    medium: Medium
    direction: Direction
    disposition: str
    note: str = ""
    wrap_up_s: float = 0.0
    campaign_id: CampaignId | None = None
    contact_id: ContactId | None = None
    attempt_id: AttemptId | None = None


class AgentStateChanged(Event):
    """The one truth of what an agent is doing.

    `reason`: break reason code, or what caused it. `source`: agent | system | supervisor.
    `break_pending`: a break (reason `sign_out`: the end of the shift) was asked for and takes
    effect after the work. `requested`: the break that a supervisor is asked to allow.
    """

    TYPE: ClassVar[str] = "agent.state_changed"
    KEY: ClassVar[str] = "agent_id"

    agent_id: AgentId
    state: AgentState
    previous: AgentState
    reason: str = ""
    source: str = "agent"
    break_pending: bool = False
    requested: str = ""


class OwnCallChanged(Event):
    """An agent has a call of their own to make, or (`state` over) has it no more.

    `state`: shown | dialled | over. `reason` of the end: over | connected | interrupted |
    agent_gone | expired. `until`: it is over at the latest.
    """

    TYPE: ClassVar[str] = "agent.own_call_changed"
    KEY: ClassVar[str] = "agent_id"

    agent_id: AgentId
    campaign_id: CampaignId
    contact_id: ContactId
    state: str
    reason: str = ""
    until: datetime | None = None


class TopicOffered(BaseModel):
    """What a customer may choose at an entry point."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    label_en: str
    label_zh: str


class EntryPointSaved(Event):
    """An entry point (DID, mailbox, chat widget) exists as stated from now on."""

    TYPE: ClassVar[str] = "entry_point.saved"
    KEY: ClassVar[str] = "entry_point_id"

    entry_point_id: EntryPointId
    name: str
    medium: Medium
    address: str
    open: bool = True
    topics: tuple[TopicOffered, ...] = ()


class QueueSaved(Event):
    """A queue exists as stated from now on. `target_answer_s`: for the service level."""

    TYPE: ClassVar[str] = "queue.saved"
    KEY: ClassVar[str] = "queue_id"

    queue_id: QueueId
    name: str
    open: bool = True
    target_answer_s: int = 20


class GroupSaved(Event):
    """An agent group exists as stated from now on."""

    TYPE: ClassVar[str] = "group.saved"
    KEY: ClassVar[str] = "group_id"

    group_id: GroupId
    name: str
    open: bool = True


class GroupOpeningChanged(Event):
    """The group gets new work from now on, or no longer; `cause`: see `omni.acd.engine.openings`.

    `cause`: planned | kept_open | needed | closed_by_hand | out_of_hours | not_needed.
    """

    TYPE: ClassVar[str] = "group.opening_changed"
    KEY: ClassVar[str] = "group_id"

    group_id: GroupId
    open: bool
    cause: str
    since: datetime


class AidChanged(Event):
    """The group helps the queue since then; `since` None: no longer."""

    TYPE: ClassVar[str] = "aid.changed"
    KEY: ClassVar[str] = "queue_id"

    queue_id: QueueId
    group_id: GroupId
    since: datetime | None = None


class QueueServedChanged(Event):
    """Nobody comes to the queue any more, or somebody does again."""

    TYPE: ClassVar[str] = "queue.served_changed"
    KEY: ClassVar[str] = "queue_id"

    queue_id: QueueId
    served: bool


class AgentSaved(Event):
    """An agent exists as stated from now on. `robot`: a demonstration's automatic agent."""

    TYPE: ClassVar[str] = "agent.saved"
    KEY: ClassVar[str] = "agent_id"

    agent_id: AgentId
    name: str
    group_ids: tuple[GroupId, ...] = ()
    robot: bool = False
    active: bool = True


class MatrixChanged(Event):
    """Links between entry points, queues and groups changed; `version` counts up."""

    TYPE: ClassVar[str] = "matrix.changed"

    version: int
