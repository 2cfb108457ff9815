"""Who takes what: the decision itself, on heads of lanes and benches only.

Rules:
1. *Work picks an agent* (`place`): the groups of the queue in order of their distribution number;
   who has more of the preferred skills before others; with `most_skilled` the better skilled; then
   the queue's rule; then the longest idle.
2. *An agent picks work* (`pick`): over the lanes the agent's profile may serve with the media the
   agent has room for, the smallest `key + selection_step_s · selection number`; then arrival.
3. `key = arrived + priority_step_s · priority + head_start_s[medium]` never changes while work
   waits, so its order against other work never changes either: linear ageing without re-sorting.

**No starvation.** Let D = 9 · priority_step_s + 9 · selection_step_s + max head_start_s (with the
default policy 20,340 s; for calls alone 5,940 s). Work that arrived at t has for every agent a
rank of at most t + D, and work that arrives after t + D a rank above that. So only work that
arrived before t + D is ever served first by an agent who may serve both: finitely many, and as
soon as each of them was picked once or left, it is the turn of ours. If the agents who may serve
it are free again and again, it waits no longer than they need for that finite number. Rejected
work keeps its key, so a rejection never sends it back. (Property: `tests/acd/test_starvation.py`.)
"""

from collections.abc import Container, Iterable
from typing import Final

from omni.acd.engine.board import INFINITY, Bench, Lane, Line, Profile, Seat, Work
from omni.acd.engine.grid import Grid
from omni.acd.engine.openings import Openings, Waiting
from omni.acd.model import Agent, Plan, Queue, Rule, Skill
from omni.core.ids import AgentId, GroupId, QueueId

LaneKey = tuple[QueueId, int, tuple[Skill, ...], GroupId | None]
NO_GROUP: Final = GroupId("")


class Matcher:
    """The board with all lanes and benches.

    When a seat has come to rank otherwise you must `rise` it; when it has room for other media than
    before, or has risen, you must `sit` it.
    """

    def __init__(self) -> None:
        self.openings = Openings()
        self.grid = Grid(Plan(), self.openings)
        self.seats: dict[AgentId, Seat] = {}
        self._lines: dict[tuple[QueueId, int], Line] = {}
        self._lanes: dict[LaneKey, Lane] = {}
        self._stock = 0  # the lanes in which work waits, as a set of their bits
        self._manned = 0  # the benches on which somebody may sit, likewise
        self._benches = 0  # how many were made
        self._profiles: dict[tuple[tuple[GroupId, ...], tuple[Skill, ...]], Profile] = {}

    # -- the decision ------------------------------------------------------------------------

    def place(self, work: Work) -> tuple[Seat, GroupId] | None:
        """Return the agent for this work, None when nobody is free for it."""
        lane = work.home
        assert lane is not None
        if lane.owner is not None:
            seat = lane.owner
            return (seat, work.group_id) if seat.mask >> lane.medium & 1 else None
        return self.best(lane)

    def best(self, lane: Lane) -> tuple[Seat, GroupId] | None:
        """Return the best free agent for the work of a lane that is nobody's own."""
        for benches, tier in lane.tiers:
            if not benches & self._manned:
                continue
            best_top = INFINITY
            best: Bench | None = None
            best_group = NO_GROUP
            for bench, group_id in tier:
                top = bench.top
                if top <= best_top:
                    if top == best_top and (best is None or bench.heap[0][1] > best.heap[0][1]):
                        continue
                    best_top = top
                    best = bench
                    best_group = group_id
            if best is not None:
                return best.heap[0][2], best_group
        return None

    def pick(self, seat: Seat, mask: int) -> tuple[Work, GroupId] | None:
        """Return what this agent is to do of the media of the mask, and take it out of its lane.

        None: nothing waits.
        """
        best_key = INFINITY
        best: Lane | None = None
        best_group = NO_GROUP
        for lane, offset_s, group_id in seat.profile.stocked(mask, self._stock):
            key = lane.top + offset_s
            if key <= best_key:
                if key == best_key and best is not None and not _older(lane, best):
                    continue
                best_key = key
                best = lane
                best_group = group_id
        if seat.own is not None:
            best = self._own_first(seat, mask, best, best_key)
        if best is None:
            return None
        work = best.take()
        if best.owner is not None:
            self._count_owned(work, -1)
            best_group = work.group_id
        if not best.live:
            self._stock &= ~best.bit
        return work, best_group

    def awaits(self, seat: Seat, mask: int) -> bool:
        """Tell whether work waits that the seat could take if its mask were this."""
        if seat.profile.stocked(mask, self._stock):
            return True
        return any(lane.live and mask >> lane.medium & 1 for lane in seat.own or ())

    def _own_first(self, seat: Seat, mask: int, best: Lane | None, best_key: float) -> Lane | None:
        """Return the lane to take from when work waits that only this agent may have."""
        for lane in seat.own or ():
            if not lane.live or not mask >> lane.medium & 1:
                continue
            if best is None or (lane.top, lane.first().seq) < (best_key, best.first().seq):
                best_key = lane.top
                best = lane
        return best

    # -- lines -------------------------------------------------------------------------------

    def wait(self, work: Work) -> None:
        """Put the work into its home lane, at its place by arrival."""
        lane = work.home
        assert lane is not None
        lane.push(work)
        if lane.live == 1:
            self._stock |= lane.bit
        if lane.owner is not None:
            self._count_owned(work, 1)

    def leave(self, work: Work) -> None:
        """Take waiting work out of its lane."""
        lane = work.lane
        assert lane is not None
        lane.remove(work)
        if not lane.live:
            self._stock &= ~lane.bit
        if lane.owner is not None:
            self._count_owned(work, -1)

    def waiting(self, queue_id: QueueId, medium: int) -> int:
        """Return how much of this medium waits in the queue."""
        line = self._lines.get((queue_id, medium))
        return 0 if line is None else line.live

    def _count_owned(self, work: Work, change: int) -> None:
        self._line(work.queue_id, work.medium).live += change

    def _line(self, queue_id: QueueId, medium: int) -> Line:
        return self._lines.setdefault((queue_id, medium), Line())

    def rise(self, seat: Seat) -> None:
        """Make the seat's places on all benches void."""
        seat.stamp += 1
        if seat.mask:
            self._unseat(seat, 0)

    def sit(self, seat: Seat, mask: int) -> None:
        """Let the seat be found for the media of the mask, and for no others."""
        if seat.mask & ~mask:
            self._unseat(seat, mask)
        missing = mask & ~seat.mask
        if missing:
            seat.mask = mask
            for bench in seat.profile.benches[missing]:
                bench.sit(seat)
                self._manned |= bench.bit

    def _unseat(self, seat: Seat, mask: int) -> None:
        """Let the seat be found for no other media than those of the mask."""
        gone = seat.mask & ~mask
        seat.mask &= mask
        for bench in seat.profile.benches[gone]:
            if bench.heap[0][2] is seat:
                bench.expose()
                if not bench.heap:
                    self._manned &= ~bench.bit

    def own_lane(self, seat: Seat, medium: int) -> Lane:
        """Return the lane of work that only this agent may take."""
        if seat.own is None:
            seat.own = [Lane(QueueId(""), m, (), Line(), 0) for m in (0, 1, 2)]
            for lane in seat.own:
                lane.owner = seat
        return seat.own[medium]

    # -- the plan ----------------------------------------------------------------------------

    def lane(
        self, queue: Queue, medium: int, needs: tuple[Skill, ...], also: GroupId | None = None
    ) -> Lane:
        """Return the lane for such work; made on first use, in time linear in the profiles.

        `also`: a group that serves it too, though the queue's row of the matrix does not say so.
        """
        key = (queue.id, medium, needs, also)
        lane = self._lanes.get(key)
        if lane is None:
            line = self._line(queue.id, medium)
            bit = 1 << len(self._lanes)
            lane = self._lanes[key] = Lane(queue.id, medium, needs, line, bit)
            lane.also = also
            self._link(lane, self._profiles.values())
        return lane

    def put(self, agent: Agent) -> Seat:
        """Add the agent or change groups, skills, capacity; time linear in the lanes."""
        seat = self.seats.get(agent.id)
        if seat is None:
            seat = self.seats[agent.id] = Seat(agent.id, len(self.seats))
        seat.rank = agent.rank
        seat.capacity = agent.capacity
        seat.auto_accept = agent.auto_accept
        seat.agent_active = agent.active
        self.rise(seat)
        self._assign(seat, agent.group_ids, agent.skills)
        return seat

    def replan(self, plan: Plan) -> None:
        """Use another plan; the caller must then bring all waiting work and seats back in."""
        self.openings.use(plan)
        self.grid = Grid(plan, self.openings)
        self._lanes.clear()
        self._lines.clear()
        self._stock = self._manned = self._benches = 0
        for profile in self._profiles.values():
            profile.clear()

    def relink(self, queue_ids: set[QueueId], group_ids: frozenset[GroupId]) -> None:
        """Let those serve these queues who serve them now; what waits stays in its place.

        `group_ids`: groups that have opened or closed, for what they serve too.
        """
        lanes = [
            lane
            for lane in self._lanes.values()
            if lane.queue_id in queue_ids or lane.also in group_ids
        ]
        bits = sum(lane.bit for lane in lanes)
        for profile in self._profiles.values():
            profile.forsake(bits)
        for lane in lanes:
            lane.ranked.clear()
            self._link(lane, self._profiles.values())

    def loads(self, lines: Container[tuple[QueueId, int]]) -> dict[tuple[QueueId, int], Waiting]:
        """Return what waits in these lines, linear in the lanes."""
        found: dict[tuple[QueueId, int], Waiting] = {}
        for lane in self._lanes.values():
            key = (lane.queue_id, lane.medium)
            if lane.live and key in lines:
                before = found.get(key, Waiting(INFINITY, 0))
                oldest_s = min(before.oldest_s, lane.oldest_s())
                found[key] = Waiting(oldest_s, before.number + lane.live)
        return found

    def _assign(self, seat: Seat, groups: tuple[GroupId, ...], skills: tuple[Skill, ...]) -> None:
        seat.profile.size -= 1
        key = (
            tuple(sorted(groups)),
            tuple(sorted(skills, key=lambda skill: (skill.name, skill.level))),
        )
        profile = self._profiles.get(key)
        if profile is None:
            profile = Profile(key[0], {skill.name: skill.level for skill in key[1]})
            self._profiles[key] = profile
            for lane in self._lanes.values():
                self._link(lane, (profile,))
        seat.profile = profile
        profile.size += 1

    def _link(self, lane: Lane, profiles: Iterable[Profile]) -> None:
        """Let these profiles serve the lane, where the plan and their skills allow it."""
        rule = self.grid.queues[lane.queue_id].rule
        for profile in profiles:
            cell = self.grid.cell(lane.queue_id, profile.groups, lane.also)
            if cell is None or not profile.has(lane.needs):
                continue
            bench = self._bench(profile, lane.medium, rule)
            wanted = profile.wanted(lane.needs)
            tier = (cell.distribution, -wanted, -self._score(lane, profile, rule))
            lane.ranked.setdefault(tier, []).append((bench, cell.group_id))
            profile.serve((lane, cell.offset_s, cell.group_id))
        tiers = [lane.ranked[tier] for tier in sorted(lane.ranked)]
        lane.tiers = [(sum(bench.bit for bench, _ in tier), tier) for tier in tiers]

    def _bench(self, profile: Profile, medium: int, rule: Rule) -> Bench:
        """Return the profile's bench of this medium and rule; made on first use."""
        for bench in profile.benches[1 << medium]:
            if bench.rule is rule:
                return bench
        self._benches += 1
        bench = Bench(profile, rule, medium, 1 << self._benches)
        profile.found_at(bench)
        for seat in self.seats.values():
            if seat.profile is profile and seat.mask >> medium & 1:
                bench.sit(seat)
                self._manned |= bench.bit
        return bench

    def _score(self, lane: Lane, profile: Profile, rule: Rule) -> int:
        if rule is not Rule.MOST_SKILLED:
            return 0
        return sum(profile.skills.get(n.name, 0) for n in lane.needs if not n.preferred)


def _older(lane: Lane, other: Lane) -> bool:
    """Tell whether what is first in the lane arrived before what is first in the other."""
    return lane.first().seq < other.first().seq
