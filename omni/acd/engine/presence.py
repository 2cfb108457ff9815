"""The one truth of what agents do: every change of an agent's state is made in this file.

    signed_out ──sign in──► break ──ready──► ready ◄──────────────┐
                              ▲                │ accepts          │ disposition given
                              │                ▼                  │
                              └──(break asked: after the work)── busy ──conversation over──► wrap_up

What is *shown* follows from what the seat holds: on break or signed out as asked for; dialing with
a call of their own to make; busy with an accepted interaction; in wrap-up with only ended ones;
else ready. An offer changes nothing yet.
"""

from abc import ABC, abstractmethod
from typing import Final

from omni.acd.engine.board import SIGN_OUT, Seat, Work
from omni.acd.engine.capacity import Room
from omni.acd.engine.happenings import (
    BreakAsked,
    BreakDenied,
    BreakRequested,
    Command,
    PhoneChanged,
    ReadyAsked,
    ShowState,
    SignedIn,
    SignOutAsked,
)
from omni.acd.engine.matcher import Matcher
from omni.acd.engine.pace import Pace
from omni.acd.engine.pledges import Pledges
from omni.acd.engine.states import (
    ACTIVE,
    BUSY,
    DIALING,
    ENDING,
    IN_WRAP_UP,
    ON_BREAK,
    READY,
    SIGNED_OUT,
)
from omni.acd.engine.timers import Timers
from omni.acd.model import Policy
from omni.core.errors import Conflict, NotFound
from omni.core.ids import AgentId, GroupId, InteractionId

AGENT_FREED: Final = "agent_freed"
WORK_ARRIVED: Final = "work_arrived"
PREVIEW: Final = "preview"


class Presence(ABC):
    """The agents' side of the board; `Conversations` adds the interactions'."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.matcher = Matcher()
        self.pledges = Pledges(self.matcher)
        self.works: dict[InteractionId, Work] = {}
        self.room = Room(Policy())
        self.pace = Pace()
        self._timers = Timers()
        self._commands: list[Command] = []
        self._last_seq = 0
        self._last_touch = 0

    # -- what agents ask for -----------------------------------------------------------------

    def _signed_in(self, asked: SignedIn) -> None:
        seat = self._seat(asked.agent_id)
        if seat.presence is SIGNED_OUT:
            self._admit(seat)
            seat.presence = ON_BREAK
            seat.reason = "signed_in"
            self._settle(seat)

    def _ready_asked(self, asked: ReadyAsked) -> None:
        seat = self._seat(asked.agent_id)
        self._admit(seat)
        if seat.presence is not READY:
            self._touch(seat)
        seat.presence = READY
        seat.reason = ""
        seat.leaving = None
        seat.requested = ""
        seat.source = "agent"
        seat.resting = False
        self._settle(seat)

    def _break_asked(self, asked: BreakAsked) -> None:
        seat = self._seat(asked.agent_id)
        if seat.presence is SIGNED_OUT:
            raise Conflict("not_signed_in", "sign in first")
        self._go_on_break(seat, asked.reason, asked.source)
        self._settle(seat)

    def _break_requested(self, asked: BreakRequested) -> None:
        seat = self._seat(asked.agent_id)
        if seat.presence is SIGNED_OUT:
            raise Conflict("not_signed_in", "sign in first")
        seat.requested = asked.reason
        seat.source = "agent"
        self._show(seat)

    def _break_denied(self, denied: BreakDenied) -> None:
        seat = self._seat(denied.agent_id)
        if not seat.requested:
            raise Conflict("no_break_request", "the agent does not ask for a break (any more)")
        seat.requested = ""
        seat.source = "supervisor"
        self._show(seat)

    def _sign_out_asked(self, asked: SignOutAsked) -> None:
        seat = self._seat(asked.agent_id)
        if seat.presence is SIGNED_OUT:
            return
        if (seat.pledge is not None or _dials(seat)) and asked.source == "agent":
            _refuse_while_talking(seat)
            seat.leaving = SIGN_OUT
            seat.source = asked.source
        else:
            self._leave_floor(seat, asked.source)
        self._settle(seat)

    def _phone_changed(self, changed: PhoneChanged) -> None:
        seat = self._seat(changed.agent_id)
        lost = seat.own_call is not None and not changed.up
        if seat.phone != changed.up or lost:
            seat.phone = changed.up
            if lost:
                self._end_own_call(seat, "agent_gone")
            if not changed.up:
                self._withdraw(seat, "agent_gone", only_medium=0)
            self._settle(seat)

    # -- what follows ------------------------------------------------------------------------

    def _leave_floor(self, seat: Seat, source: str) -> None:
        """Sign the agent out: open offers go back, wrap-ups are closed.

        Raises:
            Conflict: a conversation is still open; it would be left without anybody.
        """
        _refuse_while_talking(seat)
        seat.presence = SIGNED_OUT
        seat.leaving = None
        seat.requested = ""
        seat.reason = ""
        seat.source = source
        self._withdraw(seat, "agent_gone")
        for work in list(seat.works.values()):
            self._close(work, "none", "")
        self._unseat_owned(seat)

    def _go_on_break(self, seat: Seat, reason: str, source: str) -> None:
        """Break now when the agent holds nothing, else after the work (rule 8 of the router)."""
        seat.source = source
        seat.requested = ""
        if seat.works or seat.pledge is not None or _dials(seat):
            seat.leaving = reason
        else:
            seat.presence = ON_BREAK
            seat.reason = reason
            seat.leaving = None

    def _settle(self, seat: Seat) -> None:
        """Bring the seat's lines up to date and give it the work it has room for."""
        if seat.pledge is not None and not self.pledges.fits(seat, self.room):
            self.pledges.end(seat)
        if seat.own_call is not None and not self._own_call_fits(seat):
            self._end_own_call(seat, "agent_gone")
        if seat.leaving is not None and not (seat.works or seat.pledge or seat.own_call):
            self._depart(seat, seat.leaving)
        while mask := self.room.mask(seat):
            found = self.matcher.pick(seat, mask)
            if found is None:
                break
            self._offer(found[0], seat, found[1], AGENT_FREED)
        self.matcher.sit(seat, mask)
        self._show(seat)

    def _depart(self, seat: Seat, reason: str) -> None:
        """Do what was asked for while the agent was busy or held."""
        if reason == SIGN_OUT:
            self._leave_floor(seat, seat.source)
        else:
            seat.presence = ON_BREAK
            seat.reason = reason
            seat.leaving = None

    def _reseat(self, seat: Seat) -> None:
        """Like `_settle` for a seat that only lost room: nothing can wait for it."""
        self.matcher.sit(seat, self.room.mask(seat))
        self._show(seat)

    def _show(self, seat: Seat) -> None:
        """Say so when what others see of the agent has changed."""
        state = seat.presence
        reason = seat.reason
        for work in seat.works.values():
            if work.state is ACTIVE:
                state = BUSY
                break
            if work.state is ENDING:
                state = IN_WRAP_UP
        if seat.own_call is not None:
            state = DIALING
            reason = "" if seat.own_call.dialling else PREVIEW
        leaving = seat.leaving is not None
        if seat.leaving is not None:
            reason = seat.leaving
        if (
            state is not seat.shown
            or reason != seat.shown_reason
            or leaving != seat.shown_leaving
            or seat.requested != seat.shown_requested
        ):
            self._commands.append(
                ShowState(seat.id, state, seat.shown, reason, seat.source, leaving, seat.requested)
            )
            seat.shown_requested = seat.requested
            if state is not seat.shown:
                seat.since_s = self.now_s
            seat.shown = state
            seat.shown_reason = reason
            seat.shown_leaving = leaving

    def _admit(self, seat: Seat) -> None:
        if not seat.agent_active:
            raise Conflict("agent_inactive", "this agent has been deactivated")
        seat.source = "agent"

    def _touch(self, seat: Seat) -> None:
        """Make the agent the least idle of all; after this you must settle or reseat them."""
        self._last_touch += 1
        seat.touch = self._last_touch
        self.matcher.rise(seat)

    def _seat(self, agent_id: AgentId) -> Seat:
        seat = self.matcher.seats.get(agent_id)
        if seat is None:
            raise NotFound("agent_unknown", "no such agent")
        return seat

    def _room_by(self, policy: Policy) -> None:
        self.room = Room(policy)

    # -- the side of own calls (own_calls.py) --------------------------------------------------

    @abstractmethod
    def _own_call_fits(self, seat: Seat) -> bool: ...

    @abstractmethod
    def _end_own_call(self, seat: Seat, reason: str) -> None: ...

    # -- the interactions' side (conversation.py) ----------------------------------------------

    @abstractmethod
    def _offer(self, work: Work, seat: Seat, group_id: GroupId, chosen: str) -> None: ...

    @abstractmethod
    def _close(self, work: Work, disposition: str, note: str) -> None: ...

    @abstractmethod
    def _withdraw(self, seat: Seat, reason: str, only_medium: int | None = None) -> None: ...

    @abstractmethod
    def _unseat_owned(self, seat: Seat) -> None: ...


def _refuse_while_talking(seat: Seat) -> None:
    if seat.counts(ACTIVE):
        raise Conflict("work_open", "end or hand over your conversations first")


def _dials(seat: Seat) -> bool:
    """Tell whether a call of the agent's own is being dialled."""
    return seat.own_call is not None and seat.own_call.dialling
