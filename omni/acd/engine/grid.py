"""The plan, compiled for quick look-up: which queue an entry leads to, who serves which queue."""

from typing import NamedTuple

from omni.acd.engine.openings import Openings
from omni.acd.model import LOWEST, MEDIA, EntryLink, GroupLink, Plan, Queue, Ring, Skill
from omni.core.ids import EntryPointId, GroupId, QueueId
from omni.core.terms import Medium

MEDIUM_NO: dict[Medium, int] = {medium: number for number, medium in enumerate(MEDIA)}


class Cell(NamedTuple):
    """How agents of some groups serve a queue: their best numbers over all their groups.

    `borrowed_s`: since when that group helps the queue, None when it serves it for good.
    """

    distribution: int
    offset_s: float
    group_id: GroupId
    borrowed_s: float | None


class Grid:
    """A plan by keys. Closed cells, links and groups are left out.

    `turn` grows when groups open, close or begin to help.
    """

    def __init__(self, plan: Plan, openings: Openings) -> None:
        self.plan = plan
        self.policy = plan.policy
        self.queues: dict[QueueId, Queue] = {queue.id: queue for queue in plan.queues}
        self.entries = {entry.id: entry for entry in plan.entry_points}
        self.unserved: frozenset[QueueId] = frozenset()
        self.out_of_hours: frozenset[QueueId] = frozenset()
        self.deserted: frozenset[QueueId] = frozenset()
        self.turn = 0
        self._openings = openings
        self._open_groups: frozenset[GroupId] = frozenset()
        self._known: dict[tuple[QueueId, tuple[GroupId, ...]], Cell | None] = {}
        self._cells: dict[QueueId, dict[GroupId, GroupLink]] = {}
        self.reopen()
        self._links: dict[EntryPointId, list[EntryLink]] = {}
        for link in sorted(plan.entry_links, key=lambda link: link.priority):
            self._links.setdefault(link.entry_point_id, []).append(link)

    def reopen(self) -> tuple[set[QueueId], frozenset[GroupId]]:
        """Go by the openings as they are now; return the queues and groups that it concerns."""
        self.turn += 1
        before, open_before = self._cells, self._open_groups
        self._open_groups = self._openings.open_groups()
        self._known.clear()
        self._cells = {}
        for cell in self._openings.cells():
            self._cells.setdefault(cell.queue_id, {})[cell.group_id] = cell
        self.unserved = self._openings.unserved()
        changed = {id for id in self.queues if before.get(id) != self._cells.get(id)}
        return changed, open_before ^ self._open_groups

    def cell(
        self, queue_id: QueueId, groups: tuple[GroupId, ...], also: GroupId | None = None
    ) -> Cell | None:
        """Return how members of all these groups serve the queue, None when they do not.

        `also`: a group that serves it too, last, beside the queue's own.
        """
        cell = self._known_cell(queue_id, groups)
        if cell is None and also in groups and also in self._open_groups:
            return Cell(LOWEST, 0.0, also, None)
        return cell

    def _known_cell(self, queue_id: QueueId, groups: tuple[GroupId, ...]) -> Cell | None:
        key = (queue_id, groups)
        try:
            return self._known[key]
        except KeyError:  # as many as queues × sets of groups
            cell = self._known[key] = self._cell(queue_id, groups)
            return cell

    def _cell(self, queue_id: QueueId, groups: tuple[GroupId, ...]) -> Cell | None:
        row = self._cells.get(queue_id, {})
        cells = [row[group_id] for group_id in groups if group_id in row]
        if not cells:
            return None
        best = min(cells, key=lambda cell: (cell.distribution, cell.selection, cell.group_id))
        selection = min(cell.selection for cell in cells)
        return Cell(
            best.distribution,
            selection * self.policy.selection_step_s,
            best.group_id,
            self._openings.since_s(queue_id, best.group_id),
        )

    def links(self, entry_point_id: EntryPointId) -> list[EntryLink]:
        """Return the entry's links, best priority first, also the closed ones."""
        return self._links.get(entry_point_id, [])

    def queue_fault(self, queue_id: QueueId, medium: Medium) -> str:
        """Return why nothing new of this medium may enter the queue, "" when it may.

        Mail is never turned away by closure: it has arrived and waits until somebody is there.
        """
        queue = self.queues.get(queue_id)
        if queue is None:
            return "unknown_queue"
        if medium is Medium.EMAIL:
            return ""
        if not queue.open:
            return "queue_closed"
        if queue_id in self.out_of_hours:
            return "out_of_hours"
        return "unserved" if queue_id in self.unserved else ""

    def serves(self, queue_id: QueueId, groups: tuple[GroupId, ...]) -> bool:
        """Tell whether members of any of these groups serve the queue now."""
        return self.cell(queue_id, groups) is not None


def relaxed(needs: tuple[Skill, ...], ring: Ring) -> tuple[Skill, ...]:
    """Return what is still required after one step of relaxation."""
    wanted = tuple(need for need in needs if need.preferred)
    if ring.drop_all:
        return wanted
    required = [need for need in needs if not need.preferred]
    lowered = [Skill(need.name, need.level - ring.lower_by) for need in required]
    return (*[need for need in lowered if need.level >= 1], *wanted)


def combined(*many: tuple[Skill, ...]) -> tuple[Skill, ...]:
    """Return all requirements and wishes as one, the higher level where two name the same skill."""
    given = [needs for needs in many if needs]
    if not given:
        return ()
    if len(given) == 1 and len(given[0]) == 1:
        return given[0]
    levels: dict[tuple[bool, str], int] = {}
    for needs in given:
        for need in needs:
            key = (need.preferred, need.name)
            levels[key] = max(levels.get(key, 0), need.level)
    return tuple(Skill(name, levels[wish, name], wish) for wish, name in sorted(levels))
