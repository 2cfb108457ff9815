"""What the router is told (past tense) and what it answers (commands, imperative).

All instants are seconds of one clock that never runs back; the service maps them to real time.
They are named tuples and not frozen dataclasses because they are made a dozen times in the life of
an interaction: a named tuple is made in a third of the time.
"""

from typing import NamedTuple

from omni.acd.engine.openings import Cause
from omni.acd.model import Agent, Plan, Skill
from omni.acd.overflow import OverflowRule, Step
from omni.acd.own_call import OwnCall
from omni.core.ids import AgentId, ContactId, EntryPointId, GroupId, InteractionId, QueueId
from omni.core.terms import AgentState, Medium, Outcome


class Arrived(NamedTuple):
    """A contact wants an agent; exactly one of entry point and queue is given.

    `holder`: the dialled line's campaign, whose held agents may get it (`engine.pledges`).
    `absent`: the customer is not on the line; they left a message.
    """

    at_s: float
    interaction_id: InteractionId
    medium: Medium
    queue_id: QueueId | None = None
    entry_point_id: EntryPointId | None = None
    priority: int | None = None
    auto_accept: bool = False
    needs: tuple[Skill, ...] = ()
    owner: AgentId | None = None
    holder: str = ""
    absent: bool = False


class CustomerLeft(NamedTuple):
    at_s: float
    interaction_id: InteractionId


class GivenUp(NamedTuple):
    """We do not let the dialled person wait any longer (outcome `dropped`)."""

    at_s: float
    interaction_id: InteractionId


class ConversationEnded(NamedTuple):
    """`agent_id`: who ended it; None: a channel or the system."""

    at_s: float
    interaction_id: InteractionId
    agent_id: AgentId | None = None


class OfferAccepted(NamedTuple):
    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId


class OfferRejected(NamedTuple):
    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId


class SetAside(NamedTuple):
    """The agent goes on with this mail later; it is back at the latest at `until_s`."""

    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId
    until_s: float


class TakenUp(NamedTuple):
    """The agent goes on with what was set aside."""

    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId


class CustomerWrote(NamedTuple):
    """Another mail of a conversation has come; what was set aside of it is back at once."""

    at_s: float
    interaction_id: InteractionId


class WrapUpGiven(NamedTuple):
    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId
    disposition: str
    note: str = ""


class WrapUpExtended(NamedTuple):
    """The agent needs so much longer for the wrap-up."""

    at_s: float
    agent_id: AgentId
    interaction_id: InteractionId
    extra_s: float


class SignedIn(NamedTuple):
    at_s: float
    agent_id: AgentId


class ReadyAsked(NamedTuple):
    at_s: float
    agent_id: AgentId


class BreakAsked(NamedTuple):
    at_s: float
    agent_id: AgentId
    reason: str
    source: str = "agent"


class BreakRequested(NamedTuple):
    """The agent asks for a break that a supervisor must allow."""

    at_s: float
    agent_id: AgentId
    reason: str


class BreakDenied(NamedTuple):
    at_s: float
    agent_id: AgentId


class SignOutAsked(NamedTuple):
    at_s: float
    agent_id: AgentId
    source: str = "agent"


class PhoneChanged(NamedTuple):
    at_s: float
    agent_id: AgentId
    up: bool


class LinesTold(NamedTuple):
    """So many dialled lines of the holder rely on agents of the queue, each `life_s` at most.

    `needs`: what the agents must have beside what the queue needs.
    """

    at_s: float
    holder: str
    queue_id: QueueId
    lines: int
    life_s: float
    needs: tuple[Skill, ...] = ()


class OwnCallGiven(NamedTuple):
    """The agent is to make this call, by then at the latest; it may be one that they have."""

    at_s: float
    agent_id: AgentId
    own_call: OwnCall
    until_s: float


class OwnCallOver(NamedTuple):
    """Nothing came, or will come, of the agent's own call to this contact."""

    at_s: float
    agent_id: AgentId
    contact_id: ContactId


class PlanChanged(NamedTuple):
    at_s: float
    plan: Plan


class HoursChanged(NamedTuple):
    """These queues and groups are outside their hours from now on, and no others."""

    at_s: float
    closed: frozenset[QueueId]
    closed_groups: frozenset[GroupId] = frozenset()


class StaffSeen(NamedTuple):
    """In these queues, and no others, nobody is there (`engine.attendance`)."""

    at_s: float
    deserted: frozenset[QueueId]


class Chosen(NamedTuple):
    """The caller has pressed a digit of what was offered last."""

    at_s: float
    interaction_id: InteractionId
    digit: str


class AgentPut(NamedTuple):
    """The agent exists as stated from now on."""

    at_s: float
    agent: Agent


class TimePassed(NamedTuple):
    at_s: float


Happening = (
    Arrived
    | CustomerLeft
    | GivenUp
    | ConversationEnded
    | OfferAccepted
    | OfferRejected
    | SetAside
    | TakenUp
    | CustomerWrote
    | WrapUpGiven
    | WrapUpExtended
    | SignedIn
    | ReadyAsked
    | BreakAsked
    | BreakRequested
    | BreakDenied
    | SignOutAsked
    | PhoneChanged
    | LinesTold
    | OwnCallGiven
    | OwnCallOver
    | PlanChanged
    | HoursChanged
    | StaffSeen
    | Chosen
    | AgentPut
    | TimePassed
)


class Admit(NamedTuple):
    """The interaction is in the queue."""

    interaction_id: InteractionId
    queue_id: QueueId
    priority: int


class Refuse(NamedTuple):
    """The interaction is not let in; see `model.Refused` for the reasons."""

    interaction_id: InteractionId
    reason: str


class Overflow(NamedTuple):
    """A rule of the queue was used for it: this step (the rule's, or one of its options) is done.

    `queue_id`: whose rule, where it was or wanted to enter; `number`: the rule's place there.
    `chosen`: the caller chose it of the rule's options. `waiting`: how many others.
    """

    interaction_id: InteractionId
    queue_id: QueueId
    number: int
    rule: OverflowRule
    step: Step
    chosen: bool
    waited_s: float
    waiting: int


class Move(NamedTuple):
    """It waits in this queue from now on."""

    interaction_id: InteractionId
    queue_id: QueueId


class Promise(NamedTuple):
    """The customer is called back when it is their turn; they need not stay on the line."""

    interaction_id: InteractionId


class Why(NamedTuple):
    """The numbers of a decision, but for the order among equals (rule, then longest idle).

    `way`: owner (waited for this agent alone) | promised | held (for the dialled line) | rank.
    `distribution`: of the best group of the agent, -1 when none serves the queue (any more).
    `relaxed`: steps of relaxation so far. `wanted`: preferred skills the agent has.
    `waiting`: how many of the queue and medium wait on. `borrowed_s`: since when the group helps
    the queue, None when it serves it for good.
    """

    way: str
    distribution: int
    relaxed: int
    wanted: int
    waiting: int
    borrowed_s: float | None = None


class Offer(NamedTuple):
    """Ask the agent. `expires_s`: when the offer lapses, None with `auto_accept`.

    `chosen`: work_arrived (it picked the agent) | agent_freed (the agent picked it).
    `why`: what decided, kept with the event so that any decision can be explained later.
    """

    interaction_id: InteractionId
    agent_id: AgentId
    group_id: GroupId
    auto_accept: bool
    expires_s: float | None
    waited_s: float
    chosen: str
    why: "Why"


class EndOffer(NamedTuple):
    """Stop asking. `reason`: rejected | timed_out | agent_gone | customer_gone | withdrawn.

    Also of what was set aside by an agent who is gone when its time comes.
    """

    interaction_id: InteractionId
    agent_id: AgentId
    reason: str


class Connect(NamedTuple):
    """The agent has taken it."""

    interaction_id: InteractionId
    agent_id: AgentId
    group_id: GroupId
    waited_s: float


class PutAside(NamedTuple):
    """The interaction stays with its agent, but takes no room until then."""

    interaction_id: InteractionId
    agent_id: AgentId
    until_s: float


class TakeUp(NamedTuple):
    """The agent works on it again. `reminder_s`: the customer wrote before that time, it stands."""

    interaction_id: InteractionId
    agent_id: AgentId
    reminder_s: float | None = None


class Finish(NamedTuple):
    """The contact is over; with an agent, wrap-up lasts until `wrap_up_until_s` at most.

    `extendable_s`: how much longer the agent may make it (`WrapUpExtended`).
    """

    interaction_id: InteractionId
    outcome: Outcome
    agent_id: AgentId | None
    waited_s: float
    handled_s: float
    wrap_up_until_s: float | None
    extendable_s: float = 0.0


class Close(NamedTuple):
    """Disposition and note are final."""

    interaction_id: InteractionId
    agent_id: AgentId
    disposition: str
    note: str
    wrap_up_s: float


class Extend(NamedTuple):
    """The wrap-up lasts until then; it may be extended by `left_s` more."""

    interaction_id: InteractionId
    agent_id: AgentId
    wrap_up_until_s: float
    left_s: float


class ShowState(NamedTuple):
    """The agent's state is now this. `requested`: the break they ask a supervisor for, or ""."""

    agent_id: AgentId
    state: AgentState
    previous: AgentState
    reason: str
    source: str
    break_pending: bool
    requested: str


class ShowOwnCall(NamedTuple):
    """The agent has this call to make, until then."""

    agent_id: AgentId
    own_call: OwnCall
    until_s: float


class EndOwnCall(NamedTuple):
    """The agent has it no more. `reason`: over | connected | interrupted | agent_gone | expired."""

    agent_id: AgentId
    own_call: OwnCall
    reason: str


class ShowGroup(NamedTuple):
    """The group is open or closed now, for this cause."""

    group_id: GroupId
    cause: Cause


class ShowAid(NamedTuple):
    """The group helps the queue from `since_s` on; None: no longer."""

    queue_id: QueueId
    group_id: GroupId
    since_s: float | None


class ShowServed(NamedTuple):
    """Whether any group may come to the queue (`engine.openings`, rule 4)."""

    queue_id: QueueId
    served: bool


Command = (
    Admit
    | Refuse
    | Overflow
    | Move
    | Promise
    | Offer
    | EndOffer
    | Connect
    | PutAside
    | TakeUp
    | Finish
    | Extend
    | Close
    | ShowState
    | ShowOwnCall
    | EndOwnCall
    | ShowGroup
    | ShowAid
    | ShowServed
)
