"""The routing engine: one board for calls, mails and chats. `handle(happening) -> commands`.

Rules:
1. Every interaction is in exactly one place: waiting in a lane, offered to, active with or in
   wrap-up at one agent; or it is over and unknown here.
2. Nothing waits that a free agent may serve (checked after every happening by the tests).
3. Work that comes back (rejected, timed out, agent gone) keeps its key: its old place in the queue.
4. Deadlines that have come are handled before the happening itself, in their order: an acceptance
   after the offer's time-out is too late, however the two messages were delivered.
5. A happening that does not fit raises a `Fault` and changes nothing. After that you must call
   `handle(TimePassed(at))`: it hands over what rule 4 did before the refusal.
6. Time never runs back: an earlier instant counts as the latest one seen.
7. An unanswered offer sends the agent on break (`no_answer`), and the work to somebody else; after
   a rejection the agent rests `reject_rest_s`, else the same offer would come straight back.
8. A break or sign-out asked for while work is held takes effect after that work; nothing new is
   offered meanwhile. An offer that is open at that moment stands.
9. Agents on whom dialled lines rely are held for them: see `pledges`. Calls that agents make
   themselves are work from the moment that they are shown: see `own_calls`.
10. Groups open, close and help by hours, load and hand: see `openings`. Who waits keeps the place.

The states of an interaction and of an agent change in `conversation.py` and `presence.py` only.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

from omni.acd.engine.board import Lane, Seat, Work
from omni.acd.engine.grid import MEDIUM_NO, combined, relaxed
from omni.acd.engine.happenings import (
    Admit,
    AgentPut,
    Arrived,
    BreakAsked,
    BreakDenied,
    BreakRequested,
    Chosen,
    Command,
    ConversationEnded,
    CustomerLeft,
    CustomerWrote,
    GivenUp,
    Happening,
    HoursChanged,
    LinesTold,
    OfferAccepted,
    OfferRejected,
    OwnCallGiven,
    OwnCallOver,
    PhoneChanged,
    PlanChanged,
    ReadyAsked,
    Refuse,
    SetAside,
    SignedIn,
    SignOutAsked,
    StaffSeen,
    TakenUp,
    TimePassed,
    WrapUpExtended,
    WrapUpGiven,
)
from omni.acd.engine.hours import faults
from omni.acd.engine.overflowing import Entrance
from omni.acd.engine.reopening import Reopening
from omni.acd.engine.states import WAITING
from omni.acd.engine.timers import Due, Kind
from omni.acd.model import LOWEST, Plan, Queue
from omni.core.errors import Defect, Invalid
from omni.core.ids import QueueId
from omni.core.terms import AgentState, InteractionState, Medium


class Router(Reopening):
    """The whole routing state of a site."""

    def __init__(self, plan: Plan | None = None) -> None:
        super().__init__()
        self._handlers: dict[type[Any], Callable[[Any], None]] = {
            Arrived: self._arrived,
            CustomerLeft: self._customer_left,
            GivenUp: self._given_up,
            ConversationEnded: self._conversation_ended,
            OfferAccepted: self._accepted,
            OfferRejected: self._rejected,
            SetAside: self._set_aside,
            TakenUp: self._taken_up,
            CustomerWrote: self._customer_wrote,
            WrapUpGiven: self._wrap_up_given,
            WrapUpExtended: self._wrap_up_extended,
            SignedIn: self._signed_in,
            ReadyAsked: self._ready_asked,
            BreakAsked: self._break_asked,
            BreakRequested: self._break_requested,
            BreakDenied: self._break_denied,
            SignOutAsked: self._sign_out_asked,
            PhoneChanged: self._phone_changed,
            LinesTold: self._lines_told,
            OwnCallGiven: self._own_call_given,
            OwnCallOver: self._own_call_over,
            PlanChanged: self._plan_changed,
            HoursChanged: self._hours_changed,
            StaffSeen: self._staff_seen,
            Chosen: self._chosen,
            AgentPut: self._agent_put,
            TimePassed: self._time_passed,
        }
        if plan is not None:
            self._use(plan)

    def handle(self, happening: Happening) -> list[Command]:
        """Take in what happened and return what to do, in order.

        Raises:
            Conflict, NotFound, Invalid: it does not fit; nothing was changed (but see rule 5).
            Defect: it is no happening at all; nothing was changed.
        """
        handler = self._handlers.get(type(happening))
        if handler is None:
            raise Defect("the router was told something that it does not know")
        if happening.at_s > self.now_s:
            self.now_s = happening.at_s
        if self._timers.soonest_s <= self.now_s:
            self._run_timers()
        handler(happening)
        commands = self._commands
        self._commands = []
        return commands

    def next_deadline_s(self) -> float | None:
        """Return when `TimePassed` must be handled next, None when nothing is pending."""
        return self._timers.next_s()

    # -- arrival -----------------------------------------------------------------------------

    def _arrived(self, arrived: Arrived) -> None:
        if arrived.interaction_id in self.works:
            return
        if not 0 <= (arrived.priority or 0) <= LOWEST:
            raise Invalid("priority_out_of_range", "priorities run from 0 to 9")
        queue_id, priority, fault = self._entrance(arrived)
        entrance = (
            self._admission(queue_id, arrived) if not fault else Entrance(queue_id, (), fault)
        )
        if entrance.fault:
            self._commands.append(Refuse(arrived.interaction_id, entrance.fault))
            return
        queue_id = entrance.queue_id
        medium = MEDIUM_NO[arrived.medium]
        queue = self.matcher.grid.queues[queue_id]
        work = Work(arrived.interaction_id, medium, queue_id, self.now_s)
        work.priority = priority if arrived.priority is None else arrived.priority
        work.auto_accept = arrived.auto_accept
        work.holder = arrived.holder
        work.promised = arrived.owner if arrived.holder else None
        work.absent = arrived.absent
        if queue.needs or arrived.needs:
            work.asked = arrived.needs
            work.needs = combined(queue.needs, arrived.needs)
        self._number(work)
        self.works[work.id] = work
        self._commands.append(Admit(work.id, queue_id, work.priority))
        if queue.overflow:
            self._watch_limits(work, queue)
        if arrived.owner is None or not self._wait_for_owner(work, queue, arrived):
            self._settle_in(work, queue)
        if entrance.path or entrance.last:
            self._overflow_on_arrival(work, entrance)
        if work.state is WAITING:
            self._seek(work)

    def _entrance(self, arrived: Arrived) -> tuple[QueueId, int, str]:
        """Return queue and priority for an arrival, or why there is none."""
        if arrived.queue_id is not None:
            return arrived.queue_id, 5, ""
        entry_id = arrived.entry_point_id
        grid = self.matcher.grid
        if entry_id is None or entry_id not in grid.entries:
            return QueueId(""), 5, "unknown_entry_point"
        links = grid.links(entry_id)
        mail = arrived.medium is Medium.EMAIL
        usable = [link for link in links if mail or (link.open and grid.entries[entry_id].open)]
        if not usable:
            return QueueId(""), 5, "entry_point_closed"
        inviting = [link for link in usable if not grid.queue_fault(link.queue_id, arrived.medium)]
        medium = MEDIUM_NO[arrived.medium]
        best = min(
            inviting or usable,
            key=lambda link: (link.priority, self.matcher.waiting(link.queue_id, medium)),
        )
        return best.queue_id, best.priority, ""

    def _number(self, work: Work) -> None:
        self._last_seq += 1
        work.seq = self._last_seq
        self._weigh(work)

    def _weigh(self, work: Work) -> None:
        policy = self.matcher.grid.policy
        work.key = (
            work.arrived_s
            + policy.priority_step_s * work.priority
            + policy.head_start_s[work.medium]
        )

    # -- where work waits --------------------------------------------------------------------

    def _wait_for_owner(self, work: Work, queue: Queue, arrived: Arrived) -> bool:
        seat = self.matcher.seats.get(arrived.owner) if arrived.owner else None
        if arrived.holder:
            return False  # a dialled person waits for nobody in particular
        if seat is None or seat.presence is AgentState.SIGNED_OUT or queue.owner_wait_s <= 0:
            return False
        cell = self.matcher.grid.cell(queue.id, seat.profile.groups)
        if cell is None:
            return False
        work.group_id = cell.group_id
        work.ring = -1
        work.home = self.matcher.own_lane(seat, work.medium)
        self._timers.set(work.arrived_s + queue.owner_wait_s, Kind.OWNER, work, -1)
        return True

    def _settle_in(self, work: Work, queue: Queue) -> None:
        """Give the work its lane among all of its queue, and its next relaxation."""
        work.ring = max(work.ring, 0)
        work.home = self._lane_of(work, queue)
        if work.needs and work.ring < len(queue.rings):
            due_s = work.arrived_s + queue.rings[work.ring].after_s
            self._timers.set(due_s, Kind.RING, work, work.ring)

    def _lane_of(self, work: Work, queue: Queue) -> Lane:
        needs = work.needs
        for ring in queue.rings[: work.ring]:
            needs = relaxed(needs, ring)
        return self.matcher.lane(queue, work.medium, needs, work.also)

    def _widen(self, work: Work, ring: int) -> None:
        """Let more agents serve the work: its owner did not come, or a relaxation is due."""
        waiting = work.state is InteractionState.WAITING
        if waiting:
            self.matcher.leave(work)
        work.ring = ring
        self._settle_in(work, self.matcher.grid.queues[work.queue_id])
        if waiting:
            self._seek(work)

    # -- dialled lines -------------------------------------------------------------------------

    def _lines_told(self, told: LinesTold) -> None:
        """Hold agents for the lines that ring, by the rules of `pledges`."""
        queue = self.matcher.grid.queues.get(told.queue_id)
        lines = told.lines if queue is not None else 0
        pledge = self.pledges.of(told.holder, told.queue_id, told.life_s)
        for seat in self.pledges.surplus(pledge, told, lines):
            self.pledges.end(seat)
            self._settle(seat)
        pledge.queue_id = told.queue_id
        pledge.needs = told.needs
        until_s = self.now_s + told.life_s
        for seat in pledge.seats.values():
            seat.wanted = self.matcher.awaits(seat, self.room.unheld_mask(seat))
            if seat.leaving is None and not seat.wanted:
                seat.pledge_until_s = until_s
        if queue is not None and len(pledge.seats) < lines:
            lane = self.matcher.lane(queue, 0, combined(queue.needs, told.needs))
            for _ in range(lines - len(pledge.seats)):
                found = self.matcher.best(lane)
                if found is None:
                    break
                seat = found[0]
                if seat.own_call is not None:
                    self._end_own_call(seat, "interrupted")
                self.pledges.begin(pledge, seat)
                seat.pledge_until_s = until_s
                self._timers.set(until_s, Kind.PLEDGE, seat, seat.pledge_token)
                self._show(seat)
        self.pledges.forget(pledge)

    def _pledge_ran_out(self, seat: Seat) -> None:
        if seat.pledge_until_s > self.now_s:  # renewed meanwhile
            self._timers.set(seat.pledge_until_s, Kind.PLEDGE, seat, seat.pledge_token)
        else:
            self.pledges.end(seat)
            self._settle(seat)

    # -- time --------------------------------------------------------------------------------

    def _time_passed(self, passed: TimePassed) -> None:
        """Everything due has been handled already."""

    def _run_timers(self) -> None:
        while (due := self._timers.due(self.now_s)) is not None:
            self._fire(due)

    def _fire(self, due: Due) -> None:
        _, _, kind, subject, _ = due
        if isinstance(subject, Work):
            self._work_is_due(kind, subject)
        elif subject is None:
            self._look()
        elif kind is Kind.REST:
            subject.resting = False
            self._settle(subject)
        elif kind is Kind.PLEDGE:
            self._pledge_ran_out(subject)
        else:
            self._own_call_ran_out(subject)

    def _work_is_due(self, kind: Kind, work: Work) -> None:
        if kind is Kind.OFFER:
            self._offer_lapsed(work)
        elif kind is Kind.WRAP_UP:
            self._close(work, "none", "")
        elif kind is Kind.ASIDE:
            self._bring_back(work)
        elif kind is Kind.LIMIT:
            self._limit_reached(work)
        elif kind is Kind.OWNER:
            self._widen(work, 0)
        elif self._ring_due(work):
            self._widen(work, work.ring + 1)

    def _ring_due(self, work: Work) -> bool:
        """Tell whether the relaxation stands in the plan of today (it may have changed)."""
        rings = self.matcher.grid.queues[work.queue_id].rings
        return work.ring < len(rings) and self.now_s >= work.arrived_s + rings[work.ring].after_s

    # -- the plan and the people -------------------------------------------------------------

    def _plan_changed(self, changed: PlanChanged) -> None:
        plan = changed.plan
        hours = [fault for calendar in plan.calendars for fault in faults(calendar.hours)]
        fault = next(chain(plan.faults(), hours), "")
        if fault:
            raise Invalid("plan_invalid", "the plan contradicts itself", fault=fault)
        kept = {queue.id for queue in plan.queues}
        if any(work.queue_id not in kept for work in self.works.values()):
            raise Invalid("queue_in_use", "a queue with work in it cannot be taken away")
        before = self.matcher.grid
        self._use(plan)
        self._review_replanned(before)

    def _use(self, plan: Plan) -> None:
        """Route by this plan from now on; waiting work is placed anew, in order of arrival."""
        before = self.matcher.grid
        self.matcher.replan(plan)
        self.matcher.grid.out_of_hours = before.out_of_hours
        self.matcher.grid.deserted = before.deserted
        self._room_by(plan.policy)
        works = sorted(self.works.values(), key=lambda work: work.seq)
        for work in works:
            work.lane = None
            self._weigh(work)
            if work.state in (InteractionState.WAITING, InteractionState.OFFERED):
                queue = self.matcher.grid.queues[work.queue_id]
                work.needs = combined(queue.needs, work.asked)
                self._settle_in(work, queue)
                self._watch_limits(work, queue)
        for seat in self.matcher.seats.values():
            seat.own = None
            self.matcher.rise(seat)
        for work in works:
            if work.state is InteractionState.WAITING:
                self.matcher.wait(work)
        for seat in self.matcher.seats.values():
            self._reseat(seat)
        self._show_openings()
        for seat in sorted(self.matcher.seats.values(), key=lambda seat: seat.touch):
            self._settle(seat)
        self._keep_looking()

    def _agent_put(self, put: AgentPut) -> None:
        known = self.matcher.seats.get(put.agent.id)
        if known is not None and not put.agent.active:
            self._leave_floor(known, "system")
            for work in list(known.aside.values()):
                self._back_to_queue(work)
        self._settle(self.matcher.put(put.agent))
