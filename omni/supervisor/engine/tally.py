"""What the floor counts: mutable sums behind the rows of `omni.supervisor.model`.

Each tally knows how to show itself (`row`) and how to begin a new day (`new_day`); which event
touches which tally is said in `omni.supervisor.engine.floor`.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from omni.core.events.outbound import DropWindow
from omni.core.ids import (
    AgentId,
    CampaignId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
    TrunkId,
)
from omni.core.terms import AgentState, Direction, Medium, Outcome
from omni.supervisor.model import (
    AgentRow,
    CampaignRow,
    EntryPointRow,
    GroupRow,
    QueueRow,
    TrunkRow,
)

WORKING = frozenset({AgentState.DIALING, AgentState.BUSY, AgentState.WRAP_UP})


def percent(part: float, whole: float) -> float | None:
    """Return `part` of `whole` in percent with two decimals, None when the whole is nothing."""
    return round(100.0 * part / whole, 2) if whole else None


@dataclass(slots=True)
class OpenWork:
    """An interaction that is not over. `agent_id` is set once it was accepted."""

    medium: Medium
    queue_id: QueueId
    entry_point_id: EntryPointId | None
    agent_id: AgentId | None = None


@dataclass(slots=True)
class OpenAttempt:
    """A dialled attempt that is not over."""

    campaign_id: CampaignId
    rang: bool = False
    answered: bool = False


@dataclass(slots=True)
class OpenCall:
    """A call that uses a trunk's line. `campaign_id`: of the campaign it was dialled for."""

    trunk_id: TrunkId
    campaign_id: CampaignId | None
    direction: Direction


@dataclass(slots=True)
class Flow:
    """Interactions through one place: each offered one is waiting or has left in one way."""

    offered: int = 0
    waiting: int = 0
    answered: int = 0
    abandoned: int = 0
    dropped: int = 0
    overflowed: int = 0
    refused: int = 0

    def arrive(self) -> None:
        """Count one that came in and waits."""
        self.offered += 1
        self.waiting += 1

    def leave(self, outcome: Outcome) -> None:
        """Count one that waits no more."""
        self.waiting -= 1
        match outcome:
            case Outcome.ANSWERED:
                self.answered += 1
            case Outcome.ABANDONED:
                self.abandoned += 1
            case Outcome.DROPPED:
                self.dropped += 1
            case Outcome.OVERFLOWED:
                self.overflowed += 1
            case Outcome.REFUSED:
                # Let in and turned away afterwards: as if it had been refused at the door.
                self.offered -= 1
                self.refused += 1

    @property
    def left(self) -> int:
        """How many have left, in any way."""
        return self.answered + self.abandoned + self.dropped + self.overflowed

    @property
    def balanced(self) -> bool:
        """Whether every offered one is somewhere, exactly once."""
        return self.waiting >= 0 and self.offered == self.left + self.waiting

    def new_day(self) -> None:
        """Forget yesterday; those who wait are the first of today."""
        self.offered = self.waiting
        self.answered = self.abandoned = self.dropped = self.overflowed = self.refused = 0


@dataclass(slots=True)
class Presence:
    """How many agents are in which state."""

    states: Counter[AgentState] = field(default_factory=Counter)

    def move(self, old: AgentState, new: AgentState) -> None:
        """Count an agent who went from one state to another."""
        if old is not AgentState.SIGNED_OUT:
            self.states[old] -= 1
        if new is not AgentState.SIGNED_OUT:
            self.states[new] += 1

    @property
    def signed_in(self) -> int:
        return sum(self.states.values())


@dataclass(slots=True)
class EntryPointTally:
    """An entry point's sums."""

    id: EntryPointId
    name: str
    medium: Medium = Medium.VOICE
    address: str = ""
    open: bool = True
    flow: Flow = field(default_factory=Flow)

    def new_day(self, midnight: datetime) -> None:
        self.flow.new_day()

    def row(self) -> EntryPointRow:
        flow = self.flow
        return EntryPointRow(
            id=self.id,
            name=self.name,
            medium=self.medium,
            address=self.address,
            open=self.open,
            offered=flow.offered,
            waiting=flow.waiting,
            answered=flow.answered,
            abandoned=flow.abandoned,
            refused=flow.refused,
        )


@dataclass(slots=True)
class QueueTally:
    """A queue's sums. `line`: who waits since when, oldest first (first entry read in O(1))."""

    id: QueueId
    name: str
    open: bool = True
    served: bool = True
    helped_by: dict[GroupId, datetime] = field(default_factory=dict)
    target_answer_s: int = 20
    flow: Flow = field(default_factory=Flow)
    line: OrderedDict[InteractionId, datetime] = field(default_factory=OrderedDict)
    by_medium: Counter[Medium] = field(default_factory=Counter)
    within_target: int = 0
    waited_s: float = 0.0

    def new_day(self, midnight: datetime) -> None:
        self.flow.new_day()
        self.within_target = 0
        self.waited_s = 0.0

    def row(self) -> QueueRow:
        flow = self.flow
        return QueueRow(
            id=self.id,
            name=self.name,
            open=self.open,
            served=self.served,
            helped_by=dict(self.helped_by),
            target_answer_s=self.target_answer_s,
            waiting=flow.waiting,
            waiting_voice=self.by_medium[Medium.VOICE],
            waiting_email=self.by_medium[Medium.EMAIL],
            waiting_chat=self.by_medium[Medium.CHAT],
            oldest_since=next(iter(self.line.values()), None),
            offered=flow.offered,
            answered=flow.answered,
            abandoned=flow.abandoned,
            dropped=flow.dropped,
            overflowed=flow.overflowed,
            within_target=self.within_target,
            service_level_pct=percent(self.within_target, flow.left),
            mean_wait_s=round(self.waited_s / flow.answered, 2) if flow.answered else None,
        )


@dataclass(slots=True)
class GroupTally:
    """A group's agents by state."""

    id: GroupId
    name: str
    open: bool = True
    cause: str = "planned"
    since: datetime | None = None
    presence: Presence = field(default_factory=Presence)

    def new_day(self, midnight: datetime) -> None:
        """Keep everything: a group counts the present only."""

    def row(self) -> GroupRow:
        states = self.presence.states
        return GroupRow(
            id=self.id,
            name=self.name,
            open=self.open,
            cause=self.cause,
            since=self.since,
            signed_in=self.presence.signed_in,
            ready=states[AgentState.READY],
            dialing=states[AgentState.DIALING],
            busy=states[AgentState.BUSY],
            wrap_up=states[AgentState.WRAP_UP],
            on_break=states[AgentState.BREAK],
        )


@dataclass(slots=True)
class AgentTally:
    """An agent's present state and sums of today."""

    id: AgentId
    name: str
    robot: bool = False
    active: bool = True
    group_ids: tuple[GroupId, ...] = ()
    state: AgentState = AgentState.SIGNED_OUT
    reason: str = ""
    since: datetime | None = None
    break_pending: bool = False
    break_requested: str = ""
    phone: str = "down"
    work: Counter[Medium] = field(default_factory=Counter)
    handled: int = 0
    talk_s: float = 0.0
    signed_in_s: float = 0.0
    working_s: float = 0.0
    counted_until: datetime | None = None

    @property
    def shown(self) -> bool:
        """Whether the agent belongs on the screen (one taken out of service stays until gone)."""
        return self.active or self.state is not AgentState.SIGNED_OUT

    def count_until(self, at: datetime) -> None:
        """Add the time from the last count to `at` to the sums of the present state."""
        if self.counted_until is not None and self.state is not AgentState.SIGNED_OUT:
            passed_s = max(0.0, (at - self.counted_until).total_seconds())
            self.signed_in_s += passed_s
            if self.state in WORKING:
                self.working_s += passed_s
        self.counted_until = at

    def new_day(self, midnight: datetime) -> None:
        self.handled = 0
        self.talk_s = self.signed_in_s = self.working_s = 0.0
        self.counted_until = midnight

    def row(self) -> AgentRow:
        return AgentRow(
            id=self.id,
            name=self.name,
            robot=self.robot,
            group_ids=self.group_ids,
            state=self.state,
            reason=self.reason,
            since=self.since,
            break_pending=self.break_pending,
            break_requested=self.break_requested,
            phone=self.phone,
            calls=self.work[Medium.VOICE],
            chats=self.work[Medium.CHAT],
            mails=self.work[Medium.EMAIL],
            handled=self.handled,
            talk_s=round(self.talk_s, 1),
            occupancy_pct=percent(self.working_s, self.signed_in_s),
        )


@dataclass(slots=True)
class TrunkTally:
    """A trunk's lines and sums."""

    id: TrunkId
    name: str
    enabled: bool = True
    state: str = "unknown"
    reason: str = ""
    retry_at: datetime | None = None
    capacity: int = 0
    busy: int = 0
    dialled: int = 0
    answered: int = 0
    failed: int = 0

    def new_day(self, midnight: datetime) -> None:
        self.dialled = self.answered = self.failed = 0

    def row(self) -> TrunkRow:
        return TrunkRow(
            id=self.id,
            name=self.name,
            enabled=self.enabled,
            state=self.state,
            reason=self.reason,
            retry_at=self.retry_at,
            capacity=self.capacity,
            busy=self.busy,
            dialled=self.dialled,
            answered=self.answered,
            failed=self.failed,
        )


@dataclass(slots=True)
class CampaignTally:
    """A campaign's list, lines and sums."""

    id: CampaignId
    name: str
    queue_id: QueueId
    state: str = "draft"
    reason: str = ""
    mode: str = ""
    drop_limit_pct: float = 0.0
    contacts: int = 0
    dialable: int = 0
    finished: int = 0
    blocked: dict[str, int] = field(default_factory=dict)
    blocked_at: datetime | None = None
    dialled: int = 0
    ringing: int = 0
    rang: int = 0
    waiting: int = 0
    trunk_lines: Counter[str] = field(default_factory=Counter)
    lines_max: int = 0
    reserved: int = 0
    drop_windows: list[DropWindow] = field(default_factory=list)
    answered: int = 0
    to_agents: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    dispositions: Counter[str] = field(default_factory=Counter)
    import_state: str = ""
    import_read: int = 0
    import_imported: int = 0
    import_rejected: int = 0
    import_duplicates: int = 0
    import_reason: str = ""

    @property
    def balanced(self) -> bool:
        """Whether every dialled attempt is under way or has one outcome."""
        under_way = self.ringing + self.waiting
        return 0 <= self.rang <= self.ringing and self.dialled == under_way + sum(
            self.outcomes.values()
        )

    def new_day(self, midnight: datetime) -> None:
        # Attempts under way at midnight are carried over, as in a queue.
        self.dialled = self.ringing + self.waiting
        self.answered = self.waiting
        self.to_agents = 0
        self.outcomes.clear()
        self.dispositions.clear()

    def row(self) -> CampaignRow:
        dropped = self.outcomes["dropped"]
        return CampaignRow(
            id=self.id,
            name=self.name,
            state=self.state,
            reason=self.reason,
            mode=self.mode,
            queue_id=self.queue_id,
            contacts=self.contacts,
            dialable=self.dialable,
            finished=self.finished,
            blocked=self.blocked,
            blocked_at=self.blocked_at,
            dialled=self.dialled,
            ringing=self.ringing,
            dialling=self.ringing - self.rang,
            waiting=self.waiting,
            trunk_lines={key: count for key, count in self.trunk_lines.items() if count},
            lines_max=self.lines_max,
            reserved=self.reserved,
            drop_windows=self.drop_windows,
            answered=self.answered,
            to_agents=self.to_agents,
            dropped=dropped,
            drop_pct=percent(dropped, self.answered),
            drop_limit_pct=self.drop_limit_pct,
            outcomes={key: count for key, count in self.outcomes.items() if count},
            dispositions=dict(self.dispositions),
            import_state=self.import_state,
            import_read=self.import_read,
            import_imported=self.import_imported,
            import_rejected=self.import_rejected,
            import_duplicates=self.import_duplicates,
            import_reason=self.import_reason,
        )
