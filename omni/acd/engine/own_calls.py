"""Calls that agents make themselves: work like any other, from the moment it is theirs.

    shown ──► dialled ──► the person answers: an interaction of the agent (`conversation`)
      │          │
      └──────────┴──► over: skipped, too late, nobody answered, interrupted, or the agent has gone

Rules:
1. An agent has one at a time, gets it only with room for it (`Room.own_call_gates`), and it takes
   a place for calls. What may join it, and what it may join, says the policy.
2. A call that may join one that is only shown takes its place, as does a dialled line that the
   agent is held for: what was shown is over.
3. What is shown ends with a break or a sign-out. What is dialled does not: they are pending until
   it, or the call it becomes, is over. A sign-out by a supervisor ends both.
4. Who loses the phone, or serves the queue no more, has it no more. (After a restart phones are
   not known for a moment: what was saved stays until one is said to be down.)
5. When the person answers, the call goes to its agent, whatever else is asked of them.
6. Nothing is left behind: what nobody ends is over at its time.
"""

from omni.acd.engine.board import Seat, Work
from omni.acd.engine.happenings import EndOwnCall, OwnCallGiven, OwnCallOver, ShowOwnCall
from omni.acd.engine.presence import Presence
from omni.acd.engine.states import READY
from omni.acd.engine.timers import Kind
from omni.acd.own_call import OwnCall
from omni.core.errors import Conflict
from omni.core.ids import GroupId


class OwnCalls(Presence):
    """The board's side of own calls."""

    def _own_call_given(self, given: OwnCallGiven) -> None:
        seat = self._seat(given.agent_id)
        own, known = given.own_call, seat.own_call
        if known is None or not _same(known, own):
            gate = next(iter(self._own_call_gates(seat, own)), "")
            if gate:
                raise Conflict("agent_not_free", "the agent has no room for a call", gate=gate)
            if seat.pledge is not None:
                self.pledges.end(seat)
            self._touch(seat)
        elif known.dialling:
            own = known
        seat.own_call = own
        seat.own_call_until_s = given.until_s
        seat.own_call_token += 1
        self._timers.set(given.until_s, Kind.OWN_CALL, seat, seat.own_call_token)
        self._commands.append(ShowOwnCall(seat.id, own, given.until_s))
        self._settle(seat)

    def _own_call_over(self, over: OwnCallOver) -> None:
        seat = self._seat(over.agent_id)
        if seat.own_call is not None and seat.own_call.contact_id == over.contact_id:
            self._end_own_call(seat, "over")
            self._settle(seat)

    def _own_call_ran_out(self, seat: Seat) -> None:
        self._end_own_call(seat, "expired")
        self._settle(seat)

    def _end_own_call(self, seat: Seat, reason: str) -> None:
        own = seat.own_call
        assert own is not None
        seat.own_call = None
        seat.own_call_token += 1
        self._touch(seat)
        self._commands.append(EndOwnCall(seat.id, own, reason))

    def _own_call_fits(self, seat: Seat) -> bool:
        """Tell whether the agent can still make the call (rules 3 and 4)."""
        own = seat.own_call
        assert own is not None
        return (
            seat.presence is READY
            and (own.dialling or seat.leaving is None)
            and self._serves(seat, own)
        )

    def _answered_own_call(self, work: Work) -> tuple[Seat, GroupId] | None:
        """Return whose own call this is (rule 5), None when it is nobody's."""
        seat = self.matcher.seats.get(work.promised) if work.promised is not None else None
        if seat is None or not _becomes(seat.own_call, work):
            return None
        cell = self.matcher.grid.cell(work.queue_id, seat.profile.groups)
        return None if cell is None else (seat, cell.group_id)

    def _take_its_place(self, work: Work, seat: Seat) -> None:
        """The agent gets this call: their own one has become it, or is interrupted by it."""
        own = seat.own_call
        assert own is not None
        if work.promised == seat.id and _becomes(own, work):
            self._end_own_call(seat, "connected")
        elif not own.dialling:
            self._end_own_call(seat, "interrupted")
            self._show(seat)

    def _own_call_gates(self, seat: Seat, own: OwnCall) -> list[str]:
        gates = self.room.own_call_gates(seat, own.campaign_id)
        return gates if self._serves(seat, own) else [*gates, "not_in_group"]

    def _serves(self, seat: Seat, own: OwnCall) -> bool:
        grid = self.matcher.grid
        return own.queue_id in grid.queues and grid.serves(own.queue_id, seat.profile.groups)


def _same(one: OwnCall, other: OwnCall) -> bool:
    return (one.campaign_id, one.contact_id) == (other.campaign_id, other.contact_id)


def _becomes(own: OwnCall | None, work: Work) -> bool:
    """Tell whether the call is the one that the agent has dialled."""
    return own is not None and own.dialling and not work.medium and own.campaign_id == work.holder
