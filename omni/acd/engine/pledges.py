"""Agents held for dialled lines: who a ringing line relies on is there when somebody answers.

Rules:
1. A holder (a campaign) tells how many of its lines ring or wait; so many agents who could take a
   call of its queue, and have what it needs itself, are held for it, the best first by the queue's
   own order.
2. A held agent gets nothing but a call of the holder. A break or sign-out asked for meanwhile is
   pending: it begins when no line relies on the agent any more, or after the call.
3. Fewer lines: those who want to leave are let go first, then those held longest.
4. A telling renews the hold of those who do not want to leave and for whom nothing waits. So
   nobody is held against their wish, or waited for by others, longer than one line's life: after
   the request (or the arrival) no new line may count on the agent, and all earlier ones are over.
   Ageing therefore goes on, one line's life later than without a dialer.
5. A holder's call goes to the agent who promised it, if any and there; else to a held agent, else
   to a free one, else to a held one who wants to leave.
6. Holds are not saved: after a restart the holder tells its lines anew.
7. Who signs out by a supervisor's or the system's order, loses the phone, or no longer serves the
   queue, is held no more: the holder sees it in the count and withdraws lines.
"""

from omni.acd.engine.board import Pledge, Seat, Work
from omni.acd.engine.capacity import Room
from omni.acd.engine.happenings import LinesTold
from omni.acd.engine.matcher import Matcher
from omni.core.ids import GroupId, QueueId


class Pledges:
    """Who is held for whom. The caller settles the seats that are let go."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._by_holder: dict[str, Pledge] = {}

    def of(self, holder: str, queue_id: QueueId, life_s: float) -> Pledge:
        """Return the holder's pledge for a queue."""
        pledge = self._by_holder.get(holder)
        if pledge is None:
            pledge = self._by_holder[holder] = Pledge(holder, queue_id, life_s)
        pledge.life_s = life_s
        return pledge

    def held(self, holder: str) -> int:
        """Return how many agents new lines of the holder may count on."""
        pledge = self._by_holder.get(holder)
        if pledge is None:
            return 0
        return sum(seat.leaving is None and not seat.wanted for seat in pledge.seats.values())

    def surplus(self, pledge: Pledge, told: LinesTold, lines: int) -> list[Seat]:
        """Return whom to let go when the holder has so many lines on this queue."""
        if (pledge.queue_id, pledge.needs) != (told.queue_id, told.needs):
            return list(pledge.seats.values())
        count = max(0, len(pledge.seats) - lines)
        return sorted(pledge.seats.values(), key=lambda seat: seat.leaving is None)[:count]

    def begin(self, pledge: Pledge, seat: Seat) -> None:
        """Hold the seat."""
        seat.pledge = pledge
        seat.pledge_token += 1
        seat.wanted = False
        pledge.seats[seat.id] = seat
        self._matcher.rise(seat)

    def end(self, seat: Seat) -> None:
        """Hold the seat no more."""
        pledge = seat.pledge
        assert pledge is not None
        seat.pledge = None
        seat.pledge_token += 1
        seat.wanted = False
        del pledge.seats[seat.id]

    def forget(self, pledge: Pledge) -> None:
        """The holder has no lines."""
        if not pledge.seats:
            self._by_holder.pop(pledge.holder, None)

    def fits(self, seat: Seat, room: Room) -> bool:
        """Tell whether a held agent can still take what they are held for."""
        pledge = seat.pledge
        assert pledge is not None
        queue = self._matcher.grid.queues.get(pledge.queue_id)
        return (
            queue is not None
            and room.takes_call(seat)
            and seat.profile.has(queue.needs)
            and seat.profile.has(pledge.needs)
            and self._matcher.grid.serves(pledge.queue_id, seat.profile.groups)
        )

    def promised_seat(self, work: Work, room: Room) -> tuple[Seat, GroupId] | None:
        """Return the agent who promised this call, when they are free or held for its line."""
        seat = self._matcher.seats.get(work.promised) if work.promised is not None else None
        if seat is None or work.medium:
            return None
        pledge = self._by_holder.get(work.holder)
        if seat.pledge is None:
            there = bool(seat.mask & 1)
        else:
            there = seat.pledge is pledge and room.takes_call(seat)
        cell = self._matcher.grid.cell(work.queue_id, seat.profile.groups)
        return (seat, cell.group_id) if there and cell is not None else None

    def seat_for(self, work: Work, room: Room, *, leaving: bool) -> tuple[Seat, GroupId] | None:
        """Return who is held for this work's line, of those who want to leave or of the others."""
        pledge = self._by_holder.get(work.holder)
        if pledge is None or pledge.queue_id != work.queue_id or work.medium:
            return None
        assert work.home is not None
        for seat in pledge.seats.values():
            if (seat.leaving is not None) is leaving and seat.profile.has(work.home.needs):
                cell = self._matcher.grid.cell(work.queue_id, seat.profile.groups)
                if cell is not None and room.takes_call(seat):
                    return seat, cell.group_id
        return None
