"""Values of the ACD: what arrives, the plan it is routed by, who works, what callers get back.

The plan is Alcatel's matrix for all media: an *entry point* (number, mailbox, widget) feeds
*queues* with a priority, a queue is served by *groups* of agents. A cell queue × group carries two
numbers: `distribution` (which group the queue prefers) and `selection` (which queue a freed agent
of the group serves first). 0 is best, 9 is last, and a closed cell is not used.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from omni.acd.guide import Guide
from omni.acd.overflow import OverflowRule
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    AttemptId,
    CalendarId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
)
from omni.core.terms import AgentState, Direction, Medium

MEDIA: tuple[Medium, ...] = (Medium.VOICE, Medium.EMAIL, Medium.CHAT)
"""The media in the order of every triple of numbers below (capacities, held work)."""

LOWEST = 9
"""Priorities and matrix numbers run from 0 (best) to this."""


class Rule(StrEnum):
    """How a queue chooses among the free agents of its preferred group.

    Ties are broken by the longest idle agent. `PRIORITY_ORDER` follows the agents' `rank`,
    `RANDOM` a seeded sequence (the same events give the same choices).
    """

    LONGEST_IDLE = "longest_idle"
    MOST_SKILLED = "most_skilled"
    LEAST_OCCUPIED = "least_occupied"
    ROUND_ROBIN = "round_robin"
    PRIORITY_ORDER = "priority_order"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill with a level 1–10: what an agent has, or the least that an interaction needs.

    `preferred`: of what is needed, wanted only. Of the free agents of a group, those who have more
    of what is wanted come first; nobody waits for it.
    """

    name: str
    level: int = 1
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """One step of relaxation: `after_s` of waiting, every required level falls by `lower_by`.

    A level that falls below 1 is no longer required; `drop_all` requires nothing any more. What is
    preferred stays so.
    """

    after_s: float
    lower_by: int = 0
    drop_all: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """Open on a day (0 Monday … 6 Sunday) from and to these minutes after midnight."""

    day: int
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date with hours of its own: (from, to) in minutes after midnight; none: closed."""

    date: date
    open: tuple[tuple[int, int], ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A date on which it is closed all day."""

    date: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours in a time zone (IANA name); see `engine.hours`."""

    time_zone: str
    week: tuple[Shift, ...] = ()
    special: tuple[SpecialDay, ...] = ()
    holidays: tuple[Holiday, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours with a name, for everything that follows them."""

    id: CalendarId
    name: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Load:
    """A switch on what waits: on above an upper limit, off when at or below the lower ones.

    Attributes:
        media: whether calls, mails, chats count.
        over_s, under_s: of the longest wait. over_waiting, under_waiting: of how many wait. An
            upper limit of None: not looked at.
    """

    media: tuple[bool, bool, bool] = (True, False, True)
    over_s: float | None = None
    under_s: float = 0.0
    over_waiting: int | None = None
    under_waiting: int = 0

    def asks(self, on: bool, longest_s: float, waiting: int) -> bool:
        """Tell whether it is on now, after having been `on` or not."""
        upper_s, lower_s = self.over_s, self.under_s
        upper, lower = self.over_waiting, self.under_waiting
        return (upper_s is not None and longest_s > (lower_s if on else upper_s)) or (
            upper is not None and waiting > (lower if on else upper)
        )

    def faults(self) -> Iterator[str]:
        """Yield the code of each contradiction."""
        if self.over_s is None and self.over_waiting is None:
            yield "limits_missing"
        if not any(self.media):
            yield "limits_of_nothing"
        if self.over_s is not None and not 0 <= self.under_s < self.over_s:
            yield "limits_crossed"
        if self.over_waiting is not None and not 0 <= self.under_waiting <= self.over_waiting:
            yield "limits_crossed"


@dataclass(frozen=True, slots=True)
class Queue:
    """Where interactions wait.

    Attributes:
        offer_s: how long an offer of voice, email, chat stands before it times out.
        wrap_up_s: how long wrap-up of voice, email, chat may take before it is closed for the
            agent; 0: no wrap-up.
        wrap_up_extra_s: by how much agents may make a wrap-up longer, in all.
        needs: skills required (or preferred) for every interaction of this queue.
        owner_wait_s: how long a returning customer waits for the agent who had them before.
        calendar_id: when calls and chats are let in (unless a rule says what becomes of them);
            None: always. Mail is always let in.
        guide: what callers hear while they wait.
        overflow: what is done with what it cannot let in or serve in time, in order.
    """

    id: QueueId
    name: str
    open: bool = True
    target_answer_s: int = 20
    rule: Rule = Rule.LONGEST_IDLE
    offer_s: tuple[float, float, float] = (20.0, 120.0, 45.0)
    wrap_up_s: tuple[float, float, float] = (60.0, 120.0, 60.0)
    wrap_up_extra_s: tuple[float, float, float] = (120.0, 240.0, 120.0)
    needs: tuple[Skill, ...] = ()
    rings: tuple[Ring, ...] = ()
    owner_wait_s: float = 0.0
    calendar_id: CalendarId | None = None
    overflow: tuple[OverflowRule, ...] = ()
    guide: Guide = field(default_factory=Guide)


@dataclass(frozen=True, slots=True)
class Group:
    """A team of agents. A closed group gets nothing new; see `engine.openings`.

    Attributes:
        open: False: closed by hand. kept_open: open by hand, whatever hours and load say.
        calendar_id: when it works; None: always.
        load: it is needed only while so much waits; None: always.
        announcement_id: what callers hear while its agents are asked, beside the queue's guide.
    """

    id: GroupId
    name: str
    open: bool = True
    kept_open: bool = False
    calendar_id: CalendarId | None = None
    load: Load | None = None
    announcement_id: AnnouncementId | None = None


class Fact(StrEnum):
    """What is known of a contact when it comes in."""

    TOPIC = "topic"
    SUBJECT = "subject"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Topic:
    """What a customer may say that it is about: a choice of the chat's form."""

    key: str
    label_en: str
    label_zh: str


@dataclass(frozen=True, slots=True)
class EntryRule:
    """What contacts need beside what their queue asks, if a fact of theirs says this.

    Attributes:
        text: a topic is this text; any other fact contains it, whatever the case of its letters.
            "": every contact.
        priority: 0 highest … 9; None: leaves it as it is.
    """

    fact: Fact
    text: str
    needs: tuple[Skill, ...] = ()
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """Where a customer reaches us: `address` is the number, mailbox id or widget name.

    `announcement_id`: what callers hear first.
    """

    id: EntryPointId
    name: str
    medium: Medium
    address: str
    open: bool = True
    topics: tuple[Topic, ...] = ()
    rules: tuple[EntryRule, ...] = ()
    announcement_id: AnnouncementId | None = None


@dataclass(frozen=True, slots=True)
class EntryLink:
    """Entry point → queue: the priority (0 highest … 9) its interactions get there."""

    entry_point_id: EntryPointId
    queue_id: QueueId
    priority: int = 5
    open: bool = True


@dataclass(frozen=True, slots=True)
class GroupLink:
    """Queue → group: the two numbers of a cell (0 best … 9).

    `aid`: the group does not serve the queue for good, but helps it while its load asks for it.
    """

    queue_id: QueueId
    group_id: GroupId
    distribution: int = 0
    selection: int = 0
    open: bool = True
    aid: Load | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """Who works. `capacity` and `auto_accept` by medium in the order of `MEDIA`."""

    id: AgentId
    name: str
    group_ids: tuple[GroupId, ...] = ()
    skills: tuple[Skill, ...] = ()
    capacity: tuple[int, int, int] = (1, 3, 4)
    auto_accept: tuple[bool, bool, bool] = (False, False, False)
    rank: int = 0
    robot: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers that weigh waiting work against each other, and what may interrupt what.

    Work is served in order of `arrived + priority_step_s · priority + selection_step_s · selection
    + head_start_s[medium]`, smallest first: every step is worth that many seconds of waiting, so
    that nothing starves (`engine.waiting`). `may_join[held][new]`: whether an agent who holds work
    of the one medium may be offered the other. `may_join_own_call[new]`: whether who has a call of
    their own to make may; `own_call_may_join[held]`: whether who holds that may get such a call.
    """

    priority_step_s: float = 60.0
    selection_step_s: float = 600.0
    head_start_s: tuple[float, float, float] = (0.0, 14_400.0, 60.0)
    may_join: tuple[tuple[bool, bool, bool], ...] = (
        (False, False, False),  # with a call: nothing else
        (True, True, True),  # with mails: anything
        (True, True, True),  # with chats: anything
    )
    may_join_own_call: tuple[bool, bool, bool] = (False, False, False)
    own_call_may_join: tuple[bool, bool, bool] = (False, True, True)
    reject_rest_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole matrix at one version."""

    version: int = 0
    entry_points: tuple[EntryPoint, ...] = ()
    queues: tuple[Queue, ...] = ()
    groups: tuple[Group, ...] = ()
    entry_links: tuple[EntryLink, ...] = ()
    group_links: tuple[GroupLink, ...] = ()
    policy: Policy = field(default_factory=Policy)
    calendars: tuple[Calendar, ...] = ()

    def faults(self) -> Iterator[str]:
        """Yield the code of each contradiction: the plan must not be used with any."""
        yield from self._repeated()
        yield from self._loose_ends()
        yield from self._topics()
        for link in self.entry_links:
            if not 0 <= link.priority <= LOWEST:
                yield "priority_out_of_range"
        for cell in self.group_links:
            if not (0 <= cell.distribution <= LOWEST and 0 <= cell.selection <= LOWEST):
                yield "number_out_of_range"
        for load in (*(g.load for g in self.groups), *(c.aid for c in self.group_links)):
            if load is not None:
                yield from load.faults()

    def _repeated(self) -> Iterator[str]:
        for name, things in (
            ("queue", self.queues),
            ("group", self.groups),
            ("entry_point", self.entry_points),
            ("calendar", self.calendars),
        ):
            if len({thing.id for thing in things}) != len(things):
                yield f"{name}_twice"
        if len({(c.queue_id, c.group_id) for c in self.group_links}) != len(self.group_links):
            yield "link_twice"

    def _topics(self) -> Iterator[str]:
        for entry in self.entry_points:
            keys = {topic.key for topic in entry.topics}
            if len(keys) != len(entry.topics):
                yield "topic_twice"
            if any(rule.fact is Fact.TOPIC and rule.text not in keys for rule in entry.rules):
                yield "topic_unknown"

    def _loose_ends(self) -> Iterator[str]:
        queues = {queue.id for queue in self.queues}
        groups = {group.id for group in self.groups}
        entries = {entry.id for entry in self.entry_points}
        for queue in self.queues:
            for rule in queue.overflow:
                yield from rule.faults()
                for step in rule.steps():
                    if step.queue_id not in {None, *queues} or step.group_id not in {None, *groups}:
                        yield "overflow_to_unknown"
        calendars = {calendar.id for calendar in self.calendars}
        used = {one.calendar_id for things in (self.queues, self.groups) for one in things}
        if not used <= {None, *calendars}:
            yield "calendar_unknown"
        for link in self.entry_links:
            if link.queue_id not in queues or link.entry_point_id not in entries:
                yield "link_to_unknown"
        for cell in self.group_links:
            if cell.queue_id not in queues or cell.group_id not in groups:
                yield "link_to_unknown"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A contact that wants an agent. Name either the entry point or the queue.

    Attributes:
        address: the customer's: E.164 number ("" when withheld), mail address, visitor id.
        priority: overrides that of the entry point's link.
        auto_accept: connect without asking the agent (dialled people).
        topic: what the customer chose of the entry point's topics, "" nothing.
        needs: skills required (or preferred) beside those of the queue.
        owner: the agent who had this customer before, preferred for the queue's `owner_wait_s`.
        errand: `record.MESSAGE` when the customer has left one and is not on the line.
    """

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    entry_point_id: EntryPointId | None = None
    queue_id: QueueId | None = None
    address: str = ""
    name: str = ""
    subject: str = ""
    topic: str = ""
    priority: int | None = None
    campaign_id: CampaignId | None = None
    contact_id: ContactId | None = None
    attempt_id: AttemptId | None = None
    auto_accept: bool = False
    needs: tuple[Skill, ...] = ()
    owner: AgentId | None = None
    errand: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """The interaction is in this queue (or already with an agent)."""

    queue_id: QueueId


@dataclass(frozen=True, slots=True)
class Refused:
    """The interaction was not let in.

    `reason`: unknown_entry_point | entry_point_closed | unknown_queue | queue_closed |
    out_of_hours | unserved | queue_full | black_listed.
    """

    reason: str


ArrivalResult = Queued | Refused


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in a line: 1 is next, 0 not waiting. `expected_wait_s` None: unknown.

    The wait is `engine.pace`'s estimate.
    """

    number: int
    expected_wait_s: float | None


@dataclass(frozen=True, slots=True)
class StaffedAgent:
    """One agent as the pacing sees them.

    Attributes:
        free: would get a call of the queue this instant (when held: of whom they are held for), or
            has dialled one of their own.
        leaving: a break or sign-out was asked for and takes effect after the work.
        held_for: the campaign whose lines rely on the agent, "" for none.
        spoken_for: leaves, or gets other work, as soon as held no more: no new line may rely on
            them.
        since: when the state began. `interaction_id`: the call they hold (active or in wrap-up).
    """

    agent_id: AgentId
    state: AgentState
    since: datetime
    free: bool
    leaving: bool
    held_for: str = ""
    spoken_for: bool = False
    interaction_id: InteractionId | None = None
    campaign_id: CampaignId | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """The signed-in agents who may serve a queue with voice and whose phones are up.

    `waiting`: calls that wait in the queue.
    """

    agents: tuple[StaffedAgent, ...]
    waiting: int

    @property
    def free(self) -> int:
        return sum(agent.free for agent in self.agents)
