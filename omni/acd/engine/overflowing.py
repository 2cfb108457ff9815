"""Overflow: which rule of a queue holds for an interaction, and what is done then.

The rules themselves, and why they cannot go round in circles, are in `omni.acd.overflow`.
"""

from typing import Final

from omni.acd.engine.board import Work
from omni.acd.engine.conversation import Conversations
from omni.acd.engine.grid import MEDIUM_NO, Grid, combined
from omni.acd.engine.happenings import (
    Arrived,
    Chosen,
    HoursChanged,
    Move,
    Overflow,
    Promise,
    StaffSeen,
)
from omni.acd.engine.timers import Kind
from omni.acd.model import MEDIA, Queue
from omni.acd.overflow import ASKING, STAYING, Action, Condition, OverflowRule, Step
from omni.core.errors import Conflict
from omni.core.ids import GroupId, QueueId
from omni.core.terms import InteractionState, Medium, Outcome

_AFTER_OFFER_S: Final = 0.5  # a limit is looked at again this long after an open offer's end

Used = tuple[QueueId, int]
"""A rule that was used: its queue and its place there."""


class Entrance:
    """Where an arrival may enter: the queue, the rules that led there, or the `fault`.

    `last`: a rule of that queue which decides what happens to it there.
    """

    __slots__ = ("fault", "last", "path", "queue_id")

    def __init__(self, queue_id: QueueId, path: tuple[Used, ...], fault: str = "") -> None:
        self.queue_id = queue_id
        self.path = path
        self.fault = fault
        self.last: Used | None = None


class Overflows(Conversations):
    """The rules' side of the board."""

    # -- on arrival ----------------------------------------------------------------------------

    def _admission(self, queue_id: QueueId, arrived: Arrived) -> Entrance:
        """Return where an arrival at this queue may enter.

        Rules are for those who come to us: not for the people that we dial, who have an agent held,
        nor for messages, whose senders have gone.
        """
        if arrived.holder or arrived.absent:
            fault = self.matcher.grid.queue_fault(queue_id, arrived.medium)
            message = arrived.absent and queue_id in self.matcher.grid.queues
            return Entrance(queue_id, (), "" if message else fault)
        return self._enter_by(queue_id, arrived.medium, ())

    def _enter_by(self, queue_id: QueueId, medium: Medium, path: tuple[Used, ...]) -> Entrance:
        """Return where it may enter that came to this queue by these rules."""
        entrance = Entrance(queue_id, path, self.matcher.grid.queue_fault(queue_id, medium))
        queue = self.matcher.grid.queues.get(queue_id)
        if queue is None:
            return entrance
        for number, rule in enumerate(queue.overflow):
            if not rule.concerns(medium) or not self._holds_on_arrival(rule, queue, medium):
                continue
            used = (queue_id, number)
            if rule.step.action is not Action.QUEUE:
                entrance.fault = ""
                entrance.last = used
                return entrance
            further = self._further(rule.step, medium, (*path, used))
            if further is not None:
                return further
        return entrance

    def _further(self, step: Step, medium: Medium, path: tuple[Used, ...]) -> Entrance | None:
        """Return where the other queue lets it in; None: nowhere, or it has been there."""
        if step.queue_id is None or any(step.queue_id == queue_id for queue_id, _ in path):
            return None
        further = self._enter_by(step.queue_id, medium, path)
        return None if further.fault else further

    def _holds_on_arrival(self, rule: OverflowRule, queue: Queue, medium: Medium) -> bool:
        if rule.when is Condition.FULL:
            return self.matcher.waiting(queue.id, MEDIUM_NO[medium]) >= rule.limit
        if rule.when is Condition.EXPECTED:
            number = MEDIUM_NO[medium]
            place = self.matcher.waiting(queue.id, number) + 1
            expected_s = self.pace.expected_wait_s(queue.id, number, place)
            return expected_s is not None and expected_s > rule.limit
        return self._closed_or_deserted(rule.when, queue)

    def _closed_or_deserted(self, when: Condition, queue: Queue) -> bool:
        grid = self.matcher.grid
        if when is Condition.CLOSED:
            return not queue.open or queue.id in grid.out_of_hours
        return when is Condition.NOBODY and (queue.id in grid.deserted or queue.id in grid.unserved)

    def _overflow_on_arrival(self, work: Work, entrance: Entrance) -> None:
        """Say by which rules it came here, and do what the last one says."""
        self._led_by(work, entrance.path)
        if entrance.last is not None:
            self._use_rule(work, entrance.last)

    # -- while it waits --------------------------------------------------------------------------

    def _hours_changed(self, changed: HoursChanged) -> None:
        grid = self.matcher.grid
        closing = changed.closed - grid.out_of_hours
        grid.out_of_hours = changed.closed
        self._review_waiting(closing, Condition.CLOSED)

    def _staff_seen(self, seen: StaffSeen) -> None:
        grid = self.matcher.grid
        left = seen.deserted - grid.deserted
        grid.deserted = seen.deserted
        self._review_waiting(left, Condition.NOBODY)

    def _review_replanned(self, before: Grid) -> None:
        """Look at the rules of queues that a new plan has closed or left unserved."""
        grid = self.matcher.grid
        shut = {queue.id for queue in before.queues.values() if not queue.open}
        closing = {queue.id for queue in grid.queues.values() if not queue.open} - shut
        self._review_waiting(frozenset(closing), Condition.CLOSED)
        self._review_waiting(grid.unserved - before.unserved, Condition.NOBODY)

    def _review_waiting(self, queue_ids: frozenset[QueueId], when: Condition) -> None:
        """Look at the rules for all that waits in queues which have just closed or emptied."""
        queues = self.matcher.grid.queues
        concerned = {
            queue_id
            for queue_id in queue_ids
            if queue_id in queues
            and any(rule.when is when and rule.waiting_too for rule in queues[queue_id].overflow)
        }
        if concerned:
            waiting = [work for work in self.works.values() if work.queue_id in concerned]
            for work in sorted(waiting, key=lambda work: work.seq):
                self._review(work)

    def _watch_limits(self, work: Work, queue: Queue) -> None:
        """Set the alarms for the waiting limits of the queue's rules."""
        if work.absent or work.holder:
            return
        medium = MEDIA[work.medium]
        for rule in queue.overflow:
            if rule.when is Condition.WAITED and rule.concerns(medium):
                self._timers.set(work.arrived_s + rule.limit, Kind.LIMIT, work, 0)

    def _limit_reached(self, work: Work) -> None:
        """Look at the rules, or again after an open offer."""
        if work.state is InteractionState.OFFERED and self._rule_for(work) is not None:
            self._timers.set(work.until_s + _AFTER_OFFER_S, Kind.LIMIT, work, 0)
        else:
            self._review(work)

    def _review(self, work: Work) -> None:
        """Do what the first rule says that holds for waiting work now."""
        used = self._rule_for(work) if work.state is InteractionState.WAITING else None
        if used is None:
            return
        self._use_rule(work, used)
        self._seek_anew(work)

    def _rule_for(self, work: Work) -> Used | None:
        if work.absent or work.holder:
            return None
        medium = MEDIA[work.medium]
        queue = self.matcher.grid.queues[work.queue_id]
        for number, rule in enumerate(queue.overflow):
            used = (queue.id, number)
            if used in work.used or not rule.concerns(medium):
                continue
            if self._holds_for_waiting(rule, queue, work) and self._leads_somewhere(
                work, rule.step
            ):
                return used
        return None

    def _holds_for_waiting(self, rule: OverflowRule, queue: Queue, work: Work) -> bool:
        if rule.when is Condition.WAITED:
            return self.now_s >= work.arrived_s + rule.limit
        return rule.waiting_too and self._closed_or_deserted(rule.when, queue)

    def _leads_somewhere(self, work: Work, step: Step) -> bool:
        if step.action is not Action.QUEUE:
            return True
        return self._further(step, MEDIA[work.medium], self._trail(work)) is not None

    # -- what a caller chooses ---------------------------------------------------------------------

    def _chosen(self, chosen: Chosen) -> None:
        work = self.works.get(chosen.interaction_id)
        step = self._choice(work, chosen.digit) if work is not None else None
        if work is None or step is None or work.menu is None:
            raise Conflict("choice_gone", "there is nothing to choose (any more)")
        queue_id, number = work.menu
        work.menu = None
        if step.action is Action.CALLBACK:
            self._overflow(work, step, queue_id, number, chosen=True)
            work.absent = True
            self._commands.append(Promise(work.id))
            return
        self._do_step(work, step, (queue_id, number), chosen=True)
        self._seek_anew(work)

    def _choice(self, work: Work | None, digit: str) -> Step | None:
        if work is None or work.menu is None or work.state is not InteractionState.WAITING:
            return None
        queue_id, number = work.menu
        queue = self.matcher.grid.queues.get(queue_id)
        if queue is None or number >= len(queue.overflow):
            return None
        return queue.overflow[number].choice(digit)

    # -- what is done ------------------------------------------------------------------------------

    def _use_rule(self, work: Work, used: Used) -> None:
        queue_id, number = used
        work.used = (*work.used, used)
        self._do_step(work, self.matcher.grid.queues[queue_id].overflow[number].step, used)

    def _do_step(self, work: Work, step: Step, used: Used, chosen: bool = False) -> None:
        """Do it; what stays or moves must then be `_seek`ed for by the caller."""
        self._overflow(work, step, *used, chosen=chosen)
        if step.action is Action.QUEUE:
            self._move(work, step)
        elif step.action is Action.GROUP and step.group_id is not None:
            self._also(work, step.group_id)
        elif step.action in ASKING and not chosen:
            work.menu = used
        elif step.action not in STAYING:
            self._off_the_line(work)
            self._finish(work, Outcome.OVERFLOWED)

    def _led_by(self, work: Work, path: tuple[Used, ...]) -> None:
        """Say which rules led it through queues that could not take it either."""
        for queue_id, number in path:
            work.used = (*work.used, (queue_id, number))
            step = self.matcher.grid.queues[queue_id].overflow[number].step
            self._overflow(work, step, queue_id, number, chosen=False)

    def _overflow(
        self, work: Work, step: Step, queue_id: QueueId, number: int, *, chosen: bool
    ) -> None:
        rule = self.matcher.grid.queues[queue_id].overflow[number]
        waited_s = self.now_s - work.arrived_s
        itself = work.lane is not None and work.queue_id == queue_id
        waiting = self.matcher.waiting(queue_id, work.medium) - itself
        self._commands.append(
            Overflow(work.id, queue_id, number, rule, step, chosen, waited_s, waiting)
        )

    def _move(self, work: Work, step: Step) -> None:
        """Let it wait in another queue (or one that this one leads to), at its place by arrival."""
        trail = self._trail(work)
        further = self._further(step, MEDIA[work.medium], trail)
        if further is None:
            return
        self._off_the_line(work)
        self._led_by(work, further.path[len(trail) :])
        queue = self.matcher.grid.queues[further.queue_id]
        work.queue_id = queue.id
        work.needs = combined(queue.needs, work.asked)
        work.ring = 0
        work.also = work.menu = None
        self._commands.append(Move(work.id, queue.id))
        self._settle_in(work, queue)
        self._watch_limits(work, queue)
        if further.last is not None:
            self._use_rule(work, further.last)

    def _also(self, work: Work, group_id: GroupId) -> None:
        """Let the agents of another group serve it too."""
        self._off_the_line(work)
        work.also = group_id
        self._settle_in(work, self.matcher.grid.queues[work.queue_id])

    def _seek_anew(self, work: Work) -> None:
        """Find an agent or a place in the line for what was taken off it and is not over."""
        if work.state is InteractionState.WAITING and work.lane is None:
            self._seek(work)

    def _off_the_line(self, work: Work) -> None:
        if work.lane is not None:
            self.matcher.leave(work)

    @staticmethod
    def _trail(work: Work) -> tuple[Used, ...]:
        return (*work.used, (work.queue_id, -1))
