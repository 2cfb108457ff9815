"""Doubles for the voice service: a journal and a store in memory, an ACD that does as told."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from omni.acd.guide import Guide
from omni.acd.model import Arrival, ArrivalResult, Place, Queued, Refused
from omni.acd.record import Errand
from omni.channels.voice.engine.commands import LegRecord
from omni.channels.voice.execution import Parts
from omni.channels.voice.model import PhoneSpec, TrunkSpec
from omni.channels.voice.ports import OpenCall, Switch, VoiceStore
from omni.channels.voice.service import VoiceService
from omni.channels.voice.store import RecordingFolder
from omni.core.clock import Clock, Identities
from omni.core.errors import Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import (
    EntryPointSaved,
    InteractionAccepted,
    InteractionEnded,
)
from omni.core.events.voice import RecordingStored
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    CallId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
    RecordingId,
)
from omni.core.journal import Journal
from omni.core.terms import Direction, Medium, Outcome

E = TypeVar("E", bound=Event)
ENTRY, NUMBER = EntryPointId("entry"), "+493012345"
QUEUE, GROUP = QueueId("queue"), GroupId("group")


class _Transaction:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


class MemoryJournal:
    """A journal that is forgotten with the process.

    `broken`: every commit fails. `answers_lost`: so many commits are saved, and seem to fail.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.log: list[Recorded[Event]] = []
        self.broken = False
        self.answers_lost = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[_Transaction]:
        tx = _Transaction()
        if self.broken:
            raise ConnectionError("the database is away")
        yield tx
        for event in tx.events:
            self.log.append(Recorded(len(self.log) + 1, self._clock.now(), event))
        if self.answers_lost:
            self.answers_lost -= 1
            raise ConnectionError("the answer to the commit is lost")

    async def read(
        self, after_seq: int, *, types: Sequence[str] = (), keys: Sequence[str] = ()
    ) -> AsyncIterator[Recorded[Event]]:
        for recorded in self.log[after_seq:]:
            event = recorded.event
            if (not types or event.TYPE in types) and (not keys or event.key in keys):
                yield recorded

    async def last_seq(self) -> int:
        return len(self.log)

    def events(self, kind: type[E]) -> list[E]:
        return [r.event for r in self.log if isinstance(r.event, kind)]


class MemoryStore:
    """Rows that nobody reads but the tests."""

    def __init__(self) -> None:
        self.saved_trunks: dict[str, TrunkSpec] = {}
        self.saved_phones: dict[str, PhoneSpec] = {}
        self.legs: list[LegRecord] = []
        self.left_open: list[OpenCall] = []
        self.recorded: set[RecordingId] = set()

    async def save(
        self, events: Iterable[Event], legs: Iterable[LegRecord], zero: datetime
    ) -> None:
        self.recorded |= {e.recording_id for e in events if isinstance(e, RecordingStored)}
        self.legs += legs

    async def trunks(self) -> Sequence[TrunkSpec]:
        return list(self.saved_trunks.values())

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        self.saved_trunks[trunk.trunk_id] = trunk

    async def phones(self) -> Sequence[PhoneSpec]:
        return list(self.saved_phones.values())

    async def save_phone(self, phone: PhoneSpec) -> None:
        self.saved_phones[phone.agent_id] = phone

    async def has_recording(self, recording_id: RecordingId) -> bool:
        return recording_id in self.recorded

    async def interaction_of(self, call_id: CallId) -> InteractionId | None:
        return None

    async def open_calls(self) -> Sequence[OpenCall]:
        return self.left_open


@dataclass
class ToldAcd:
    """An ACD that remembers what it was told."""

    arrivals: list[Arrival] = field(default_factory=list)
    left: list[InteractionId] = field(default_factory=list)
    ended: list[InteractionId] = field(default_factory=list)
    phones: dict[AgentId, bool] = field(default_factory=dict)
    choices: list[tuple[InteractionId, str]] = field(default_factory=list)
    errands: dict[InteractionId, Errand] = field(default_factory=dict)
    places: dict[InteractionId, Place] = field(default_factory=dict)
    heard: Guide = field(default_factory=Guide)
    group_says: AnnouncementId | None = None
    closed: bool = False
    away: bool = False  # being built anew

    def _ask(self) -> None:
        if self.away:
            raise Unavailable("acd_not_ready")

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        self._ask()
        self.arrivals.append(arrival)
        return Refused("entry_point_closed") if self.closed else Queued(QUEUE)

    async def customer_left(self, interaction_id: InteractionId) -> None:
        self._ask()
        self.left.append(interaction_id)

    async def choose(self, interaction_id: InteractionId, digit: str) -> None:
        self._ask()
        self.choices.append((interaction_id, digit))

    def guide(self, queue_id: QueueId, entry_point_id: EntryPointId | None) -> Guide:
        return self.heard

    def group_announcement(self, group_id: GroupId) -> AnnouncementId | None:
        return self.group_says

    def place(self, interaction_id: InteractionId) -> Place:
        return self.places.get(interaction_id, Place(0, None))

    def errand(self, interaction_id: InteractionId) -> Errand | None:
        return self.errands.get(interaction_id)

    async def end(self, interaction_id: InteractionId, agent_id: AgentId | None = None) -> None:
        self._ask()
        self.ended.append(interaction_id)

    async def phone_changed(self, agent_id: AgentId, up: bool) -> None:
        self._ask()
        self.phones[agent_id] = up


@dataclass
class Office:
    """A running voice service with what surrounds it."""

    service: VoiceService
    acd: ToldAcd
    log: list[Recorded[Event]]
    clock: Clock

    def events(self, kind: type[E]) -> list[E]:
        return [r.event for r in self.log if isinstance(r.event, kind)]

    def _recorded(self, event: Event) -> Recorded[Event]:
        return Recorded(0, self.clock.now(), event)

    async def accept(self, interaction_id: str, agent_id: AgentId) -> None:
        """Let the ACD say that the agent has it."""
        event = InteractionAccepted(
            interaction_id=InteractionId(interaction_id), agent_id=agent_id, queue_id=QUEUE,
            group_id=GROUP, medium=Medium.VOICE, direction=Direction.OUTBOUND, waited_s=0.0,
        )  # fmt: skip
        await self.service.on_accepted(self._recorded(event))

    async def end(
        self, interaction_id: str, outcome: Outcome = Outcome.ANSWERED,
        agent_id: AgentId | None = None,
    ) -> None:  # fmt: skip
        """Let the ACD say that it is over."""
        event = InteractionEnded(
            interaction_id=InteractionId(interaction_id), medium=Medium.VOICE,
            direction=Direction.OUTBOUND, queue_id=QUEUE, outcome=outcome, agent_id=agent_id,
        )  # fmt: skip
        await self.service.on_routing(self._recorded(event))

    async def open_number(self, number: str = NUMBER) -> None:
        """Let a number of ours exist."""
        event = EntryPointSaved(
            entry_point_id=ENTRY, name="Hotline", medium=Medium.VOICE, address=number
        )
        await self.service.on_entry_point_saved(self._recorded(event))


@asynccontextmanager
async def office(
    switch: Switch, parts: tuple[VoiceStore, Journal, list[Recorded[Event]]], clock: Clock,
    identities: Identities, folder: Path,
) -> AsyncIterator[Office]:  # fmt: skip
    """Run a voice service on this switch."""
    store, journal, log = parts
    acd = ToldAcd()
    service = VoiceService(
        Parts(switch, store, journal, acd, clock), identities, RecordingFolder(folder, clock)
    )
    await service.start()
    life = asyncio.ensure_future(service.run())
    try:
        yield Office(service, acd, log, clock)
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life
