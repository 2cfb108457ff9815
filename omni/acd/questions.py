"""What can be asked of the ACD without changing anything: staffing, places, and why.

Every offer is kept in the journal with the numbers that decided it (`happenings.Why`), so that
"why did this go to X" is answered for any interaction, also one that is over.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from omni.acd.engine.explaining import (
    AgentExplanation,
    Explanation,
    explain,
    explain_agent,
    position,
)
from omni.acd.engine.hours import is_open, next_change
from omni.acd.guide import Guide
from omni.acd.model import Place, Skill, Staffing
from omni.acd.own_call import OwnCall
from omni.acd.record import Errand, InteractionRow, OpeningRow, OpeningsRow
from omni.acd.writer import Writer
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import (
    AidChanged,
    CallbackPromised,
    GroupOpeningChanged,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOffered,
    InteractionOverflowed,
    InteractionRefused,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionWrappedUp,
    OfferEnded,
    QueueServedChanged,
)
from omni.core.ids import AgentId, AnnouncementId, EntryPointId, GroupId, InteractionId, QueueId
from omni.core.journal import Journal
from omni.core.terms import InteractionState

HISTORY: tuple[type[Event], ...] = (
    InteractionArrived,
    InteractionRefused,
    InteractionOverflowed,
    CallbackPromised,
    InteractionOffered,
    OfferEnded,
    InteractionAccepted,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionEnded,
    InteractionWrappedUp,
)


class Questions:
    """Answers from the router, the open rows and the journal."""

    def __init__(self, journal: Journal, writer: Writer) -> None:
        self._journal = journal
        self._writer = writer

    def staffing(self, queue_id: QueueId, needs: tuple[Skill, ...] = ()) -> Staffing:
        """Return who may serve the queue with voice, and doing what; linear in those agents.

        Args:
            needs: of those who have these skills beside.
        """
        writer = self._writer
        return writer.roster.staffing(writer.router, writer.books, queue_id, needs)

    def own_calls(self) -> Mapping[AgentId, OwnCall]:
        """Return the calls that agents are to make."""
        return self._writer.books.own_calls

    def serves(self, agent_id: AgentId, queue_id: QueueId, needs: tuple[Skill, ...] = ()) -> bool:
        """Tell whether an agent's groups serve a queue, also while the agent is away.

        Args:
            needs: and whether the agent has these skills.
        """
        matcher = self._writer.router.matcher
        seat = matcher.seats.get(agent_id)
        if seat is None or not seat.profile.has(needs):
            return False
        return matcher.grid.serves(queue_id, seat.profile.groups)

    @property
    def unserved(self) -> frozenset[QueueId]:
        """The open queues that nobody serves."""
        return self._writer.router.matcher.grid.unserved

    @property
    def openings(self) -> OpeningsRow:
        """What opened, closed or helps by itself, and since when."""
        return self._writer.books.openings

    def openings_told(self) -> list[Event]:
        """Return the events that would tell it anew."""
        row = self.openings
        events: list[Event] = [
            GroupOpeningChanged(
                group_id=one.group_id, open=one.cause.open, cause=one.cause, since=one.since
            )
            for one in row.groups
        ]
        events += [
            AidChanged(queue_id=one.queue_id, group_id=one.group_id, since=one.since)
            for one in row.aids
        ]
        events += [QueueServedChanged(queue_id=one, served=False) for one in row.unserved]
        return events

    def group_row(self, group_id: GroupId) -> OpeningRow | None:
        """Return why a group is open or closed, None when it is open as planned."""
        groups = self._writer.books.openings.groups
        return next((row for row in groups if row.group_id == group_id), None)

    def explain(self, interaction_id: InteractionId) -> Explanation:
        """Say why an open interaction is where it is; NotFound when it is over."""
        return explain(self._writer.router, interaction_id)

    def explain_agent(self, agent_id: AgentId) -> AgentExplanation:
        """Say what an agent could take now, and what keeps them from the rest."""
        return explain_agent(self._writer.router, agent_id)

    def place(self, interaction_id: InteractionId) -> Place:
        """Return the place in the line (0: not waiting) and the expected wait."""
        work = self._writer.router.works.get(interaction_id)
        number = position(self._writer.router, interaction_id)
        if work is None or not number:
            return Place(0, None)
        pace = self._writer.router.pace
        return Place(number, pace.expected_wait_s(work.queue_id, work.medium, number))

    def guide(self, queue_id: QueueId, entry_point_id: EntryPointId | None) -> Guide:
        """Return what a caller hears: the entry point's announcement, then the queue's guide."""
        plan = self._writer.plan
        guide = next((queue.guide for queue in plan.queues if queue.id == queue_id), Guide())
        for entry in plan.entry_points:
            if entry.id == entry_point_id and entry.announcement_id:
                return replace(guide, announcements=(entry.announcement_id, *guide.announcements))
        return guide

    def group_announcement(self, group_id: GroupId) -> AnnouncementId | None:
        """Return what callers hear while agents of a group are asked."""
        groups = self._writer.plan.groups
        return next((one.announcement_id for one in groups if one.id == group_id), None)

    def opens_at(self, queue_id: QueueId, now: datetime) -> datetime | None:
        """Return when a closed queue opens, in its calendar's zone; None: open, or not known."""
        plan = self._writer.plan
        queue = next((one for one in plan.queues if one.id == queue_id), None)
        wanted = queue.calendar_id if queue is not None and queue.open else None
        hours = next((one.hours for one in plan.calendars if one.id == wanted), None)
        if hours is None or is_open(hours, now):
            return None
        at = next_change(hours, now)
        return None if at is None else at.astimezone(ZoneInfo(hours.time_zone))

    def errand(self, interaction_id: InteractionId) -> Errand | None:
        """Return what is to be done for a customer who is not on the line; None: no such thing."""
        row = self._writer.books.rows.get(interaction_id)
        if row is None or not row.errand:
            return None
        active = row.state is InteractionState.ACTIVE
        return Errand(row.errand, row.address, row.agent_id if active else None)

    def oldest_open(self) -> datetime | None:
        """Return when the oldest interaction that is not over arrived."""
        return min((row.arrived_at for row in self._writer.books.rows.values()), default=None)

    def open_work(self, limit: int) -> list[InteractionRow]:
        """Return open interactions, those that wait first, the longest waiting before others."""
        order = list(InteractionState)
        rows = sorted(
            self._writer.books.rows.values(),
            key=lambda row: (order.index(row.state), row.arrived_at),
        )
        return rows[:limit]

    async def history(self, interaction_id: InteractionId) -> list[Recorded[Event]]:
        """Return what became of an interaction and why, from the journal; empty when unknown."""
        types = [event.TYPE for event in HISTORY]
        read = self._journal.read(0, types=types, keys=[interaction_id])
        return [recorded async for recorded in read]
