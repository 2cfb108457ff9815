"""When groups open, close or begin to help: who may serve what changes, who waits keeps the place.

Rules:
1. What others see (`Shown`) is told first, then the work that the newly come may have is given out.
2. What waits for one agent alone whose groups serve its queue no more is for everybody at once.
3. For what waits in a queue to which nobody comes any more, its overflow rules are looked at.
"""

from omni.acd.engine.board import Work
from omni.acd.engine.happenings import HoursChanged, ShowAid, ShowGroup, ShowServed
from omni.acd.engine.openings import LOOK_S, Cause, Shown
from omni.acd.engine.overflowing import Overflows
from omni.acd.engine.timers import Kind
from omni.acd.overflow import Condition
from omni.core.ids import GroupId, QueueId
from omni.core.terms import InteractionState


class Reopening(Overflows):
    """The groups' side of the board."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown()
        self._looking = False

    def _hours_changed(self, changed: HoursChanged) -> None:
        super()._hours_changed(changed)
        if changed.closed_groups != self.matcher.openings.out_of_hours:
            self.matcher.openings.shut(changed.closed_groups)
            self._reopen()

    def _look(self) -> None:
        """Look at the loads, and again after `LOOK_S`."""
        self._looking = False
        openings = self.matcher.openings
        openings.look(self.now_s, self.matcher.loads(openings.watched))
        self._reopen()
        self._keep_looking()

    def _keep_looking(self) -> None:
        if not self._looking and self.matcher.openings.watched:
            self._looking = True
            self._timers.set(self.now_s + LOOK_S, Kind.LOOK, None, 0)

    def _reopen(self) -> None:
        """Give everybody the work that they may serve now, and nobody what they may not."""
        matcher = self.matcher
        unserved = matcher.grid.unserved
        queue_ids, group_ids = matcher.grid.reopen()
        if queue_ids or group_ids:
            self._hand_out(queue_ids, group_ids)
        else:
            self._show_openings()
        self._review_waiting(matcher.grid.unserved - unserved, Condition.NOBODY)

    def _hand_out(self, queue_ids: set[QueueId], group_ids: frozenset[GroupId]) -> None:
        matcher = self.matcher
        matcher.relink(queue_ids, group_ids)
        let_go = self._disown(queue_ids)
        self._show_openings()
        for seat in sorted(matcher.seats.values(), key=lambda seat: seat.touch):
            self._settle(seat)
        for work in let_go:
            if work.lane is not None:
                matcher.leave(work)
                self._seek(work)

    def _disown(self, queue_ids: set[QueueId]) -> list[Work]:
        """Let others have what waits for agents who serve its queue no more; in its order."""
        found = []
        for work in self.works.values():
            home = work.home
            if home is None or home.owner is None or work.queue_id not in queue_ids:
                continue
            if self.matcher.grid.cell(work.queue_id, home.owner.profile.groups) is not None:
                continue
            queue = self.matcher.grid.queues[work.queue_id]
            if work.lane is not None:
                self.matcher.leave(work)
                self._settle_in(work, queue)
                self.matcher.wait(work)
                found.append(work)
            elif work.state is InteractionState.OFFERED:
                self._settle_in(work, queue)
        return sorted(found, key=lambda work: (work.key, work.seq))

    def _show_openings(self) -> None:
        """Say what has changed for others."""
        before, self._shown = self._shown, self.matcher.openings.shown()
        now = self._shown
        for group_id in sorted(before.groups.keys() | now.groups.keys()):
            cause = now.groups.get(group_id, Cause.PLANNED)
            if cause is not before.groups.get(group_id, Cause.PLANNED):
                self._commands.append(ShowGroup(group_id, cause))
        for pair in sorted(before.aids.keys() | now.aids.keys()):
            if before.aids.get(pair) != now.aids.get(pair):
                self._commands.append(ShowAid(*pair, now.aids.get(pair)))
        for queue_id in sorted(before.unserved ^ now.unserved):
            self._commands.append(ShowServed(queue_id, queue_id not in now.unserved))
