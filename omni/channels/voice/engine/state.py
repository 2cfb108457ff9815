"""What the exchange remembers of a call and of a phone, and when something is due."""

import heapq
from dataclasses import dataclass, field

from omni.acd.guide import Guide
from omni.channels.voice.engine.inputs import Dial, LegArrived, Overflowed, Restored
from omni.channels.voice.engine.trunks import Wish
from omni.channels.voice.model import CallState, PhoneSpec, PhoneState
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    AttemptId,
    CallId,
    CampaignId,
    InteractionId,
    QueueId,
    RecordingId,
    TrunkId,
)
from omni.core.terms import Direction


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits, in seconds, and whether conversations are recorded (`record`).

    `rejoin_s`: how long a customer waits with music for an agent whose leg was lost.
    `lost_s`: after so long without the switch its calls count as ended.
    `drop_grace_s`: a dropped call whose message nobody asked for is hung up after this.
    `message_s`: no drop message is longer, `announcement_s`: no campaign's message. `sent_s`: what
    is said to a caller whom a rule has sent on, and their message, take no longer in all;
    `voicemail_s`: nor the message alone. `away_s`: how long another number may ring.
    `detect_s`: so long what answered may take to be found out (the switch gives up after 5).
    `machine_s`: greeting and message together. `phone_ring_s`: how long a standing leg may ring.
    `failover_s`: so long after it was dialled a call may still go to the next trunk (agents are
    held for it that much longer). `retry_s`: first pause before a wanted phone is called again;
    doubles up to `retry_most_s`.
    """

    record: bool = True
    rejoin_s: float = 20.0
    lost_s: float = 15.0
    drop_grace_s: float = 5.0
    message_s: float = 60.0
    announcement_s: float = 180.0
    sent_s: float = 300.0
    voicemail_s: float = 120.0
    away_s: float = 30.0
    detect_s: float = 6.0
    machine_s: float = 120.0
    phone_ring_s: float = 15.0
    failover_s: float = 5.0
    retry_s: float = 1.0
    retry_most_s: float = 30.0


@dataclass(slots=True)
class Call:
    """A call; its customer's leg has the same id. `ended_by` is set when an end was ordered."""

    call_id: CallId
    interaction_id: InteractionId
    direction: Direction
    trunk_id: TrunkId | None
    from_number: str
    to_number: str
    state: CallState
    started_at_s: float
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None
    ring_s: float = 0.0
    rang_at_s: float | None = None
    answered_at_s: float | None = None
    accepted_at_s: float = 0.0
    connected_at_s: float | None = None
    agent_id: AgentId | None = None
    agent_leg_id: str | None = None
    agent_joined_at_s: float | None = None
    recording_id: RecordingId | None = None
    recording: bool = False  # the switch says so
    cancelled: bool = False
    parked: bool = False
    muted: bool = False
    message_played: bool = False
    listen_s: float | None = None  # after a message that keys may answer
    interaction_over: bool = False
    ended_by: str = ""
    end_cause: int = 16
    guide: Guide = field(default_factory=Guide)
    playing: int = 0  # so many prompts are being said, or will be
    digits: str = ""  # that can be pressed now
    pending: tuple[Overflowed, ...] = ()  # told before the call was let in
    promised: bool = False
    presented: tuple[AnnouncementId, ...] = ()  # what groups have said, each once
    message_for: QueueId | None = None
    other_leg_id: str | None = None
    other_trunk_id: TrunkId | None = None
    other_at_s: float = 0.0
    other_answered_at_s: float | None = None
    wish: Wish | None = None  # with which the next trunk is asked for
    leg_at_s: float = 0.0  # when the present leg was dialled: an earlier trunk may have failed
    trunk_lost: bool = False
    detect: bool = False  # find out what answered
    message: str = ""  # for a machine
    message_tries: int = 0

    @property
    def answered(self) -> bool:
        """Tell whether the customer's leg has been answered."""
        return self.answered_at_s is not None


def dialled_call(event: Dial, now_s: float) -> Call:
    """Return a call that is dialled now."""
    request = event.request
    return Call(
        call_id=event.call_id,
        interaction_id=event.interaction_id or InteractionId(event.call_id),
        direction=Direction.OUTBOUND,
        agent_id=event.agent_id,
        accepted_at_s=now_s,
        trunk_id=request.trunk_id,
        from_number=request.caller_id,
        to_number=request.number,
        state=CallState.DIALLING,
        started_at_s=now_s,
        attempt_id=request.attempt_id,
        campaign_id=request.campaign_id,
        ring_s=request.ring_s,
        wish=event.wish,
        detect=request.detect,
    )


def arriving_call(leg: LegArrived, now_s: float) -> Call:
    """Return a call that comes in now."""
    return Call(
        call_id=CallId(leg.leg_id),
        interaction_id=InteractionId(leg.leg_id),
        direction=Direction.INBOUND,
        trunk_id=leg.trunk_id,
        from_number=leg.from_number,
        to_number=leg.to_number,
        state=CallState.ARRIVING,
        started_at_s=now_s,
        leg_at_s=now_s,
    )


def restored_call(event: Restored, now_s: float) -> Call:
    """Return a call of the process before this one."""
    started, began_s = event.started, now_s - event.age_s
    call = Call(
        call_id=started.call_id,
        interaction_id=started.interaction_id or InteractionId(started.call_id),
        direction=started.direction,
        trunk_id=started.trunk_id,
        from_number=started.from_number,
        to_number=started.to_number,
        state=CallState.DIALLING,
        started_at_s=began_s,
        leg_at_s=began_s,
        attempt_id=started.attempt_id,
        campaign_id=started.campaign_id,
        agent_id=event.agent_id,
        answered_at_s=began_s if event.answered else None,
        connected_at_s=began_s if event.agent_id else None,
    )
    if event.answered:
        call.state = CallState.JOINING if event.agent_id else CallState.WAITING
    elif call.direction is Direction.INBOUND:
        # Whether the ACD had been asked is not known: the caller is let go, and may try again.
        call.state, call.ended_by = CallState.WAITING, "system"
    return call


@dataclass(slots=True)
class Phone:
    """An agent's phone. `wanted`: its leg is to be up; `shown`: the state last told to others."""

    spec: PhoneSpec
    wanted: bool = False
    registered: bool = False
    leg_id: str | None = None
    called_at_s: float = 0.0
    answered_at_s: float | None = None
    up: bool = False
    failures: int = 0
    call_id: CallId | None = None
    shown: PhoneState = PhoneState.DOWN
    reason: str = field(default="")


class Deadlines:
    """Named instants, the earliest first; setting a name again moves it."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    def set(self, name: str, at_s: float) -> None:
        """Let `name` be due at `at_s`."""
        self._at[name] = at_s
        heapq.heappush(self._heap, (at_s, name))

    def clear(self, name: str) -> None:
        """Forget `name` if it is set."""
        self._at.pop(name, None)

    def next_s(self) -> float | None:
        """Return the earliest instant, None when nothing is set."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, at_s: float) -> list[str]:
        """Return and forget the names that are due."""
        names = []
        while (first := self.next_s()) is not None and first <= at_s:
            name = heapq.heappop(self._heap)[1]
            del self._at[name]
            names.append(name)
        return names
