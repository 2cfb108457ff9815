"""Which groups are open and whom they help: what opens and closes by itself, beside the plan.

Rules:
1. A group gets new work while it is open: not closed by hand, within its hours, and needed by its
   load rule; kept open by hand it is open whatever hours and load say.
2. A group *helps* a queue (mutual aid) from when the queue's load passes the upper limits of the
   cell until it has fallen to the lower ones, or the group closes. Between the limits all stays as
   it is, so that nothing flickers (hysteresis). A group's load rule works alike on what waits in
   the queues that the group serves for good.
3. Loads are looked at once in `LOOK_S`, and not with every coming and going: the same hysteresis,
   in time. What waits for one agent alone (`owner`) is no load: no other group may take it.
4. A queue is *served* while some group may come to it by itself: one that is open, or that its load
   rule or the queue's need of aid may yet bring. Groups closed by hand or out of hours do not.
5. What was taken from a queue stays with its agent, whatever closes then.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from omni.acd.model import MEDIA, Group, GroupLink, Load, Plan
from omni.core.ids import GroupId, QueueId

LOOK_S: Final = 1.0


class Cause(StrEnum):
    """Why a group is open or closed."""

    PLANNED = "planned"
    KEPT_OPEN = "kept_open"
    NEEDED = "needed"
    CLOSED_BY_HAND = "closed_by_hand"
    OUT_OF_HOURS = "out_of_hours"
    NOT_NEEDED = "not_needed"

    @property
    def open(self) -> bool:
        """Whether a group is open for this cause."""
        return self in (Cause.PLANNED, Cause.KEPT_OPEN, Cause.NEEDED)


class Waiting(NamedTuple):
    """What waits in one queue over one medium: since when the oldest, and how many."""

    oldest_s: float
    number: int


Pair = tuple[QueueId, GroupId]
Line = tuple[QueueId, int]


class Shown(NamedTuple):
    """All of it as others see it. `groups`: but those that are open as planned."""

    groups: Mapping[GroupId, Cause] = {}
    aids: Mapping[Pair, float] = {}
    unserved: frozenset[QueueId] = frozenset()


class Openings:
    """The state of what opens by itself. After a change you must ask for `cells` anew."""

    def __init__(self) -> None:
        self._plan = Plan()
        self._groups: dict[GroupId, Group] = {}
        self.out_of_hours: frozenset[GroupId] = frozenset()
        self._needed: set[GroupId] = set()
        self._aids: dict[Pair, float] = {}

    def use(self, plan: Plan) -> None:
        """Take another plan; what it knows no more is forgotten."""
        self._plan = plan
        self._groups = {group.id: group for group in plan.groups}
        self._needed &= {group.id for group in plan.groups if group.load is not None}
        self._end_aids()

    def shut(self, groups: frozenset[GroupId]) -> None:
        """These groups are out of their hours, and no others."""
        self.out_of_hours = groups
        self._end_aids()

    def resume(self, groups: Iterable[GroupId], aids: Mapping[Pair, float]) -> None:
        """Go on as saved: with groups that were needed, and aid since when it began."""
        self._needed = {group_id for group_id in groups if group_id in self._groups}
        self._aids = dict(aids)
        self._end_aids()

    @property
    def watched(self) -> frozenset[Line]:
        """The queues and media whose load must be looked at; none: nothing depends on load."""
        return frozenset(line for load, queues in self._loads() for line in _lines(load, queues))

    def look(self, now_s: float, waiting: Mapping[Line, Waiting]) -> None:
        """Open and close groups, begin and end aid by what waits now."""
        for group in self._groups.values():
            if group.load is not None:
                needed = _wanted(
                    group.load, self._served_by(group.id), group.id in self._needed, now_s, waiting
                )
                (self._needed.add if needed else self._needed.discard)(group.id)
        self._end_aids()
        for cell in self._plan.group_links:
            pair = (cell.queue_id, cell.group_id)
            if cell.aid is None or not (cell.open and self.cause(cell.group_id).open):
                continue
            if not _wanted(cell.aid, (cell.queue_id,), pair in self._aids, now_s, waiting):
                self._aids.pop(pair, None)
            elif pair not in self._aids:
                self._aids[pair] = now_s

    def cause(self, group_id: GroupId) -> Cause:
        """Return why the group is open or closed."""
        group = self._groups[group_id]
        if not group.open:
            return Cause.CLOSED_BY_HAND
        if group.kept_open:
            return Cause.KEPT_OPEN
        if group_id in self.out_of_hours:
            return Cause.OUT_OF_HOURS
        if group.load is None:
            return Cause.PLANNED
        return Cause.NEEDED if group_id in self._needed else Cause.NOT_NEEDED

    def cells(self) -> Iterator[GroupLink]:
        """Yield the cells in force."""
        for cell in self._plan.group_links:
            lent = cell.aid is None or (cell.queue_id, cell.group_id) in self._aids
            if cell.open and lent and self.cause(cell.group_id).open:
                yield cell

    def open_groups(self) -> frozenset[GroupId]:
        """Return the groups that are open."""
        return frozenset(group_id for group_id in self._groups if self.cause(group_id).open)

    def since_s(self, queue_id: QueueId, group_id: GroupId) -> float | None:
        """Return since when the group helps the queue, None when it does not (or serves it)."""
        return self._aids.get((queue_id, group_id))

    def closed_to(self, queue_id: QueueId, groups: Container[GroupId]) -> str:
        """Return why none of these groups has a cell in force with the queue."""
        links = [
            cell
            for cell in self._plan.group_links
            if cell.queue_id == queue_id and cell.open and cell.group_id in groups
        ]
        if any(self.cause(cell.group_id).open for cell in links):
            return "aid_not_needed"
        return "group_closed" if links else "not_in_group"

    def unserved(self) -> frozenset[QueueId]:
        """Return the open queues that nobody serves (rule 4)."""
        away = (Cause.CLOSED_BY_HAND, Cause.OUT_OF_HOURS)
        served = {
            cell.queue_id
            for cell in self._plan.group_links
            if cell.open and self.cause(cell.group_id) not in away
        }
        queues = self._plan.queues
        return frozenset(queue.id for queue in queues if queue.open and queue.id not in served)

    def shown(self) -> Shown:
        """Return what others see."""
        causes = {group_id: self.cause(group_id) for group_id in self._groups}
        groups = {id: cause for id, cause in causes.items() if cause is not Cause.PLANNED}
        return Shown(groups, dict(self._aids), self.unserved())

    def _loads(self) -> Iterator[tuple[Load, tuple[QueueId, ...]]]:
        for group in self._groups.values():
            if group.load is not None:
                yield group.load, self._served_by(group.id)
        for cell in self._plan.group_links:
            if cell.aid is not None and cell.open:
                yield cell.aid, (cell.queue_id,)

    def _served_by(self, group_id: GroupId) -> tuple[QueueId, ...]:
        """Return the queues that the group serves for good."""
        return tuple(
            cell.queue_id
            for cell in self._plan.group_links
            if cell.group_id == group_id and cell.open and cell.aid is None
        )

    def _end_aids(self) -> None:
        """End the aid of groups that have closed, and of cells that are gone."""
        able = {
            (cell.queue_id, cell.group_id)
            for cell in self._plan.group_links
            if cell.aid is not None and cell.open and self.cause(cell.group_id).open
        }
        self._aids = {pair: since_s for pair, since_s in self._aids.items() if pair in able}


def _lines(load: Load, queues: Iterable[QueueId]) -> Iterator[Line]:
    for queue_id in queues:
        for medium in range(len(MEDIA)):
            if load.media[medium]:
                yield queue_id, medium


def _wanted(
    load: Load,
    queues: Iterable[QueueId],
    on: bool,
    now_s: float,
    waiting: Mapping[Line, Waiting],
) -> bool:
    """Tell whether the load of these queues together asks for the group."""
    found = [waiting[line] for line in _lines(load, queues) if line in waiting]
    longest_s = max((now_s - line.oldest_s for line in found), default=0.0)
    return load.asks(on, longest_s, sum(line.number for line in found))
