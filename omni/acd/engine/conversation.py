"""The life of an interaction: every change of its state is made in this file.

    waiting ──► offered ──► active ──► wrap_up ──► over
       ▲           │           (accepted)  (ended)    (disposition, or its time limit: `none`)
       └───────────┘ rejected, timed out, agent gone, withdrawn: back to the old place

An active mail can be set aside: it stays with its agent, takes no room and keeps nobody from a
break. It is back when the agent takes it up, when the customer writes again, at its time, or at its
end. When its time comes or the customer writes while the agent is signed out, it goes back to the
queue, at its old place.

From waiting and offered it is also over at once when the customer leaves (abandoned) or when we
give a dialled person up (dropped).
"""

from abc import abstractmethod
from typing import Final

from omni.acd.engine.board import Seat, Work
from omni.acd.engine.happenings import (
    Close,
    Connect,
    ConversationEnded,
    CustomerLeft,
    CustomerWrote,
    EndOffer,
    Extend,
    Finish,
    GivenUp,
    Offer,
    OfferAccepted,
    OfferRejected,
    PutAside,
    SetAside,
    TakenUp,
    TakeUp,
    Why,
    WrapUpExtended,
    WrapUpGiven,
)
from omni.acd.engine.own_calls import OwnCalls
from omni.acd.engine.presence import AGENT_FREED, WORK_ARRIVED
from omni.acd.engine.states import (
    ABANDONED,
    ACTIVE,
    ANSWERED,
    ENDED,
    ENDING,
    OFFERED,
    SIGNED_OUT,
    WAITING,
)
from omni.acd.engine.timers import OFFER_ENDS, WRAP_UP_ENDS, Kind
from omni.acd.model import Queue
from omni.core.errors import Conflict
from omni.core.ids import AgentId, GroupId, InteractionId
from omni.core.terms import Outcome

MAIL: Final = 1  # its place in `MEDIA`
OVER: Final = 1_000_000  # a ring no timer waits for


class Conversations(OwnCalls):
    """The interactions' side of the board."""

    # -- waiting and offers ------------------------------------------------------------------

    def _seek(self, work: Work) -> None:
        """Offer the work to the best free agent, else let it wait at its place."""
        found = self._held_for(work) if work.holder else self.matcher.place(work)
        if found is None:
            self.matcher.wait(work)
        else:
            seat, group_id = found
            self._offer(work, seat, group_id, WORK_ARRIVED)
            self.matcher.sit(seat, self.room.mask(seat))  # nothing else can wait for it
            if work.state is ACTIVE:
                self._show(seat)

    def _held_for(self, work: Work) -> tuple[Seat, GroupId] | None:
        """Return the agent for a dialled call (rule 5 of the pledges)."""
        return (
            self._answered_own_call(work)
            or self.pledges.promised_seat(work, self.room)
            or self.pledges.seat_for(work, self.room, leaving=False)
            or self.matcher.place(work)
            or self.pledges.seat_for(work, self.room, leaving=True)
        )

    def _offer(self, work: Work, seat: Seat, group_id: GroupId, chosen: str) -> None:
        """Give the work to the seat; the caller must bring the seat's lines up to date."""
        auto = work.auto_accept or seat.auto_accept[work.medium]
        why = self._why(work, seat)
        if seat.pledge is not None:
            self.pledges.end(seat)
        if seat.own_call is not None and not work.medium:
            self._take_its_place(work, seat)
        work.state = OFFERED
        work.seat = seat
        work.group_id = group_id
        work.offered_s = self.now_s
        work.token += 1
        seat.works[work.id] = work
        seat.held[work.medium] += 1
        seat.pending[work.medium] += 1
        self._touch(seat)
        seat.assigned = seat.touch
        if not auto:
            if chosen is AGENT_FREED:
                self._show(seat)  # before the offer: that the agent is there (again)
            queue = self.matcher.grid.queues[work.queue_id]
            work.until_s = self.now_s + queue.offer_s[work.medium]
            self._timers.set(work.until_s, OFFER_ENDS, work, work.token)
        waited_s = self.now_s - work.arrived_s
        expires_s = None if auto else work.until_s
        self._commands.append(
            Offer(work.id, seat.id, group_id, auto, expires_s, waited_s, chosen, why)
        )
        if auto:
            self._connect(work, seat)

    def _why(self, work: Work, seat: Seat) -> Why:
        """Return what decides for this agent, before anything changes."""
        matcher = self.matcher
        home = work.home
        assert home is not None
        way = "rank"
        if home.owner is not None:
            way = "owner"
        elif work.promised == seat.id:
            way = "promised"
        elif seat.pledge is not None:
            way = "held"
        cell = matcher.grid.cell(work.queue_id, seat.profile.groups)
        return Why(
            way,
            -1 if cell is None else cell.distribution,
            work.ring if work.ring > 0 else 0,
            seat.profile.wanted(home.needs) if home.wished else 0,
            matcher.waiting(work.queue_id, work.medium),
            None if cell is None else cell.borrowed_s,
        )

    def _connect(self, work: Work, seat: Seat) -> None:
        work.state = ACTIVE
        work.accepted_s = self.now_s
        work.token += 1
        work.ring = OVER
        seat.pending[work.medium] -= 1
        waited_s = self.now_s - work.arrived_s
        behind = self.matcher.waiting(work.queue_id, work.medium)
        self.pace.departed(work.queue_id, work.medium, self.now_s, waited_s, behind)
        self._commands.append(Connect(work.id, seat.id, work.group_id, waited_s))
        if any(seat.pending):
            self._withdraw_unfit(seat, work.medium)

    def _accepted(self, accepted: OfferAccepted) -> None:
        work = self._held(accepted.interaction_id, accepted.agent_id)
        if work.state is ACTIVE:
            return  # the same click from a second page
        if work.state is not OFFERED or work.seat is None:
            raise Conflict("offer_gone", "this offer is no longer open")
        seat = work.seat
        self._connect(work, seat)
        self._settle(seat)

    def _rejected(self, rejected: OfferRejected) -> None:
        work = self._held(rejected.interaction_id, rejected.agent_id)
        seat = work.seat
        if work.state is not OFFERED or seat is None:
            raise Conflict("offer_gone", "this offer is no longer open")
        seat.resting = True
        seat.rest_token += 1
        rest_s = self.matcher.grid.policy.reject_rest_s
        self._timers.set(self.now_s + rest_s, Kind.REST, seat, seat.rest_token)
        self._take_back(work, "rejected")
        self._settle(seat)
        self._seek(work)

    def _offer_lapsed(self, work: Work) -> None:
        seat = work.seat
        if seat is None:
            return
        self._take_back(work, "timed_out")
        self._go_on_break(seat, "no_answer", "system")
        self._settle(seat)
        self._seek(work)

    def _withdraw(self, seat: Seat, reason: str, only_medium: int | None = None) -> None:
        """Take open offers back and offer them elsewhere."""
        back = [
            work
            for work in seat.works.values()
            if work.state is OFFERED and (only_medium is None or work.medium == only_medium)
        ]
        self._give_back(seat, back, reason)

    def _withdraw_unfit(self, seat: Seat, taken: int) -> None:
        """Take back the open offers that may not go beside what was just accepted."""
        back = [
            work
            for work in seat.works.values()
            if work.state is OFFERED
            and work.medium != taken
            and not self.room.joins(taken, work.medium)
        ]
        self._give_back(seat, back, "withdrawn")

    def _give_back(self, seat: Seat, back: list[Work], reason: str) -> None:
        self.matcher.rise(seat)
        for work in back:
            self._take_back(work, reason)
        for work in back:
            self._seek(work)

    def _take_back(self, work: Work, reason: str) -> None:
        """End the offer; the work is at nobody's, and the caller must `_seek` for it."""
        seat = work.seat
        assert seat is not None
        seat.pending[work.medium] -= 1
        self._release(work, seat)
        work.state = WAITING
        work.seat = None
        work.token += 1
        self._commands.append(EndOffer(work.id, seat.id, reason))

    # -- set aside ---------------------------------------------------------------------------

    def _set_aside(self, asked: SetAside) -> None:
        work = self._held(asked.interaction_id, asked.agent_id)
        if work.medium != MAIL:
            raise Conflict("cannot_set_aside", "only mails can be set aside")
        if work.state is not ACTIVE or work.aside or work.seat is None:
            raise Conflict("not_active", "it is not being worked on")
        self._lay_aside(work, work.seat, asked.until_s)
        self._touch(work.seat)
        self._commands.append(PutAside(work.id, asked.agent_id, asked.until_s))
        self._settle(work.seat)

    def _lay_aside(self, work: Work, seat: Seat, until_s: float) -> None:
        del seat.works[work.id]
        seat.held[work.medium] -= 1
        seat.aside[work.id] = work
        work.aside = True
        work.until_s = until_s
        work.token += 1
        self._timers.set(until_s, Kind.ASIDE, work, work.token)

    def _taken_up(self, asked: TakenUp) -> None:
        work = self._held(asked.interaction_id, asked.agent_id)
        if not work.aside:
            raise Conflict("not_aside", "it is not set aside")
        self._take_up(work)

    def _customer_wrote(self, wrote: CustomerWrote) -> None:
        work = self.works.get(wrote.interaction_id)
        if work is not None and work.aside:
            self._bring_back(work, work.until_s)

    def _take_up(self, work: Work, reminder_s: float | None = None) -> None:
        seat = self._off_aside(work)
        seat.works[work.id] = work
        seat.held[work.medium] += 1
        self.matcher.rise(seat)
        self._commands.append(TakeUp(work.id, seat.id, reminder_s))
        self._reseat(seat)

    def _off_aside(self, work: Work) -> Seat:
        seat = work.seat
        assert seat is not None
        del seat.aside[work.id]
        work.aside = False
        work.token += 1
        return seat

    def _bring_back(self, work: Work, reminder_s: float | None = None) -> None:
        if work.seat is not None and work.seat.presence is SIGNED_OUT:
            self._back_to_queue(work)
        else:
            self._take_up(work, reminder_s)

    def _back_to_queue(self, work: Work) -> None:
        seat = self._off_aside(work)
        work.state = WAITING
        work.seat = None
        self._commands.append(EndOffer(work.id, seat.id, "agent_gone"))
        work.ring = 0
        self._settle_in(work, self.matcher.grid.queues[work.queue_id])
        self._seek(work)

    # -- the end -----------------------------------------------------------------------------

    def _customer_left(self, left: CustomerLeft) -> None:
        work = self.works.get(left.interaction_id)
        # Who is called back later has left the line, not us.
        if work is not None and (not work.absent or work.state is ACTIVE):
            self._over(work, ABANDONED)

    def _given_up(self, given_up: GivenUp) -> None:
        work = self.works.get(given_up.interaction_id)
        if work is not None and work.state in (WAITING, OFFERED):
            self._over(work, Outcome.DROPPED)

    def _conversation_ended(self, ended: ConversationEnded) -> None:
        work = self.works.get(ended.interaction_id)
        if work is None:
            return
        if ended.agent_id is not None and (work.seat is None or work.seat.id != ended.agent_id):
            raise Conflict("not_yours", "another agent has this interaction, or nobody")
        if ended.agent_id is not None and work.state is OFFERED:
            raise Conflict("not_accepted", "accept or reject the offer")
        self._over(work, ABANDONED)

    def _over(self, work: Work, without_agent: Outcome) -> None:
        """The contact is over; `without_agent` is its outcome when nobody had taken it."""
        seat = work.seat
        if work.aside:
            self._take_up(work)
        if work.state is WAITING:
            self.matcher.leave(work)
            self._finish(work, without_agent)
        elif work.state is OFFERED and seat is not None:
            self._take_back(work, "customer_gone" if without_agent is ABANDONED else "withdrawn")
            self._finish(work, without_agent)
            self._settle(seat)
        elif work.state is ACTIVE and seat is not None:
            self._begin_wrap_up(work, seat)
            if seat.presence is SIGNED_OUT and work.id in seat.works:
                self._close(work, "none", "")

    def _finish(self, work: Work, outcome: Outcome) -> None:
        work.state = ENDED
        work.ring = OVER
        work.token += 1
        del self.works[work.id]
        waited_s = self.now_s - work.arrived_s
        self.pace.left(work.queue_id, work.medium, waited_s)
        self._commands.append(Finish(work.id, outcome, None, waited_s, 0.0, None))

    def _begin_wrap_up(self, work: Work, seat: Seat) -> None:
        queue = self.matcher.grid.queues[work.queue_id]
        limit_s = queue.wrap_up_s[work.medium]
        work.state = ENDING
        work.ended_s = self.now_s
        work.until_s = self.now_s + limit_s
        work.token += 1
        waited_s = work.accepted_s - work.arrived_s
        handled_s = self.now_s - work.accepted_s
        left_s = queue.wrap_up_extra_s[work.medium] if limit_s > 0 else 0.0
        self._commands.append(
            Finish(work.id, ANSWERED, seat.id, waited_s, handled_s, work.until_s, left_s)
        )
        if limit_s > 0:
            self._timers.set(work.until_s, WRAP_UP_ENDS, work, work.token)
            self._show(seat)
        else:
            self._close(work, "none", "")

    def _wrap_up_given(self, given: WrapUpGiven) -> None:
        work = self._held(given.interaction_id, given.agent_id)
        if work.state is not ENDING:
            raise Conflict("not_in_wrap_up", "end the conversation first")
        self._close(work, given.disposition, given.note)

    def _wrap_up_extended(self, asked: WrapUpExtended) -> None:
        work = self._held(asked.interaction_id, asked.agent_id)
        if work.state is not ENDING:
            raise Conflict("not_in_wrap_up", "end the conversation first")
        extra_s = min(asked.extra_s, self._extendable_s(work))
        if extra_s <= 0:
            raise Conflict("wrap_up_limit", "the wrap-up cannot be made any longer")
        work.until_s += extra_s
        work.token += 1
        self._timers.set(work.until_s, WRAP_UP_ENDS, work, work.token)
        left_s = self._extendable_s(work)
        self._commands.append(Extend(work.id, asked.agent_id, work.until_s, left_s))

    def _extendable_s(self, work: Work) -> float:
        """Return by how much the queue lets this wrap-up be made longer than it is."""
        queue = self.matcher.grid.queues[work.queue_id]
        used_s = work.until_s - work.ended_s - queue.wrap_up_s[work.medium]
        return max(0.0, queue.wrap_up_extra_s[work.medium] - max(0.0, used_s))

    def _close(self, work: Work, disposition: str, note: str) -> None:
        seat = work.seat
        assert seat is not None
        work.state = ENDED
        work.token += 1
        del self.works[work.id]
        wrap_up_s = self.now_s - work.ended_s
        self._commands.append(Close(work.id, seat.id, disposition, note, wrap_up_s))
        self._release(work, seat)
        self._settle(seat)

    # -- bookkeeping ---------------------------------------------------------------------------

    def _release(self, work: Work, seat: Seat) -> None:
        del seat.works[work.id]
        seat.held[work.medium] -= 1
        self._touch(seat)

    def _unseat_owned(self, seat: Seat) -> None:
        """Let others serve what waits for this agent alone."""
        if seat.own is None:
            return
        for lane in seat.own:
            while lane.live:
                self._widen(lane.first(), 0)

    def _held(self, interaction_id: InteractionId, agent_id: AgentId) -> Work:
        work = self.works.get(interaction_id)
        if work is None or work.seat is None or work.seat.id != agent_id:
            raise Conflict("offer_gone", "this interaction is not with you (any more)")
        return work

    @abstractmethod
    def _widen(self, work: Work, ring: int) -> None: ...

    @abstractmethod
    def _settle_in(self, work: Work, queue: Queue) -> None: ...
