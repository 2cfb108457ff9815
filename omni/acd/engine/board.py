"""The pieces of the routing board: work, seats, and the two kinds of line they stand in.

* A `Lane` holds waiting work that is alike: same queue, medium and required skills, in the order
  of `(key, seq)`.
* A `Profile` holds agents who are alike: same groups and skills. Its `Bench`es, one per medium and
  selection rule, are heaps of agents who could take that medium now, best first, with lazy
  deletion by the seat's `stamp` and `mask`.

So a decision looks at the heads of a few lanes or benches and never at all work or all agents.
"""

from collections import deque
from collections.abc import Iterable
from heapq import heapify, heappop, heappush, heapreplace
from typing import Final

from omni.acd.engine.states import SIGNED_OUT, WAITING
from omni.acd.model import Rule, Skill
from omni.acd.own_call import OwnCall
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState

INFINITY: Final = float("inf")
SIGN_OUT: Final = "sign_out"
"""What `Seat.leaving` says of an agent who will sign out and not only take a break."""
_LONGEST_IDLE: Final = Rule.LONGEST_IDLE
_SLACK: Final = 64  # stale entries a line may hold beyond as many as are valid


class Work:
    """One interaction on the board.

    Attributes:
        key: its rank before selection numbers: the instant it "counts as arrived".
        needs: the skills that it needs; asked: those of its own, beside its queue's.
        home: the lane it waits in when nobody has it. lane: the lane it waits in now, else None.
        token: grows with every change of state, so that old timers are recognised.
        holder: the campaign that dialled it; agents held for that may get it.
        promised: the agent who promised the dialled person this call.
        aside: active, but set aside by its agent until `until_s`.
    """

    __slots__ = (
        "absent", "accepted_s", "also", "arrived_s", "aside", "asked", "auto_accept", "ended_s",
        "group_id", "holder", "home", "id", "key", "lane", "medium", "menu", "needs", "offered_s",
        "priority", "promised", "queue_id", "ring", "seat", "seq", "state", "token", "until_s",
        "used",
    )  # fmt: skip

    def __init__(self, id: InteractionId, medium: int, queue_id: QueueId, arrived_s: float) -> None:
        self.id = id
        self.medium = medium
        self.queue_id = queue_id
        self.arrived_s = arrived_s
        self.priority = 5
        self.needs: tuple[Skill, ...] = ()
        self.asked: tuple[Skill, ...] = ()
        self.auto_accept = False
        self.holder = ""
        self.promised: AgentId | None = None
        self.aside = False
        self.absent = False
        self.also: GroupId | None = None
        self.menu: tuple[QueueId, int] | None = None
        self.used: tuple[tuple[QueueId, int], ...] = ()
        self.key = arrived_s
        self.seq = 0
        self.state = WAITING
        self.home: Lane | None = None
        self.lane: Lane | None = None
        self.seat: Seat | None = None
        self.group_id = GroupId("")
        self.offered_s = self.accepted_s = self.ended_s = self.until_s = 0.0
        self.ring = 0
        self.token = 0


class Seat:
    """One agent on the board.

    Attributes:
        works: interactions from offer to the end of wrap-up, but for those in `aside`.
        held: how many of them by medium; pending: offers among them.
        mask: bit per medium that the seat could take now, and is on the benches of.
        touch: order of the last assignment or release; the smallest is the longest idle.
        stamp: grows when the seat ranks otherwise, which makes older bench entries stale.
        presence: signed_out, ready or break as asked for (`shown` is what others see).
        leaving: reason of a break that takes effect after the work, None when none was asked;
            `SIGN_OUT` for a sign-out.
        requested: the break a supervisor is asked to allow, "" for none.
        pledge: for whose dialled lines the agent is held, until `pledge_until_s` at the latest.
        wanted: held, though other work waits for the agent.
        own_call: the call that the agent is to make, until `own_call_until_s` at the latest.
    """

    __slots__ = (
        "agent_active", "aside", "assigned", "auto_accept", "capacity", "held", "id", "leaving",
        "mask", "number", "own", "own_call", "own_call_token", "own_call_until_s", "pending",
        "phone", "pledge", "pledge_token", "pledge_until_s", "presence", "profile", "rank",
        "reason", "requested", "rest_token", "resting", "shown",
        "shown_leaving", "shown_reason", "shown_requested", "since_s", "source", "stamp", "touch",
        "wanted", "works",
    )  # fmt: skip

    def __init__(self, id: AgentId, number: int) -> None:
        self.id = id
        self.number = number
        self.rank = 0
        self.agent_active = True
        self.capacity = (1, 3, 4)
        self.auto_accept = (False, False, False)
        self.held = [0, 0, 0]
        self.pending = [0, 0, 0]
        self.mask = 0
        self.phone = False
        self.presence = SIGNED_OUT
        self.leaving: str | None = None
        self.reason = ""
        self.source = "system"
        self.shown = SIGNED_OUT
        self.shown_reason = ""
        self.shown_leaving = False
        self.requested = ""
        self.shown_requested = ""
        self.since_s = 0.0
        self.resting = False
        self.rest_token = 0
        self.stamp = 0
        self.touch = number - 1_000_000_000  # before every real assignment
        self.assigned = 0
        self.works: dict[InteractionId, Work] = {}
        self.aside: dict[InteractionId, Work] = {}
        self.profile: Profile = NOBODY
        self.own: list[Lane] | None = None
        self.pledge: Pledge | None = None
        self.pledge_token = 0
        self.pledge_until_s = 0.0
        self.wanted = False
        self.own_call: OwnCall | None = None
        self.own_call_token = 0
        self.own_call_until_s = 0.0

    def counts(self, state: InteractionState) -> int:
        """Return how many interactions of this state the agent holds."""
        return sum(1 for work in self.works.values() if work.state is state)


class Pledge:
    """The agents held for the dialled lines of one holder, in the order they were held."""

    __slots__ = ("holder", "life_s", "needs", "queue_id", "seats")

    def __init__(self, holder: str, queue_id: QueueId, life_s: float) -> None:
        self.holder = holder
        self.queue_id = queue_id
        self.life_s = life_s
        self.needs: tuple[Skill, ...] = ()
        self.seats: dict[AgentId, Seat] = {}


class Line:
    """How much waits in one queue over one medium, in all its lanes and for owners."""

    __slots__ = ("live",)

    def __init__(self) -> None:
        self.live = 0


class Lane:
    """Waiting work that is alike. `owner`: only this agent may take it (else by profile).

    Work of one priority comes in the order of its keys, so that a row per priority is a plain
    queue. `heads` is a heap of what comes first in each row, and of work that came back and is
    older than the last of its row; so it is short, whatever waits. The first entry is always valid
    and `top` its key: a decision reads one number per lane. Other work that leaves stays behind as
    a void entry and is dropped when it comes up.

    `bit`: the lane in a set of lanes, as an integer; 0 for an owner's.
    `tiers`: who may serve it, best first, each tier a few benches and the set of them; made from
    `ranked`.
    """

    __slots__ = (
        "also", "bit", "heads", "line", "live", "medium", "needs", "owner", "queue_id", "ranked",
        "rows", "tiers", "top", "voids", "wished",
    )  # fmt: skip

    def __init__(
        self, queue_id: QueueId, medium: int, needs: tuple[Skill, ...], line: Line, bit: int
    ) -> None:
        self.line = line
        self.bit = bit
        self.also: GroupId | None = None
        self.queue_id = queue_id
        self.medium = medium
        self.needs = needs
        self.wished = any(need.preferred for need in needs)
        self.owner: Seat | None = None
        self.rows: dict[int, deque[Work]] = {}
        self.heads: list[tuple[float, int, Work]] = []
        self.top = INFINITY
        self.live = 0
        self.voids = 0
        self.ranked: dict[tuple[int, int, int], list[tuple[Bench, GroupId]]] = {}
        self.tiers: list[tuple[int, list[tuple[Bench, GroupId]]]] = []

    def push(self, work: Work) -> None:
        """Put the work at its place by key and arrival."""
        work.lane = self
        self.live += 1
        self.line.live += 1
        row = self.rows.get(work.priority)
        if row is None:
            row = self.rows[work.priority] = deque()
        if not row:
            row.append(work)
        elif row[-1].seq < work.seq:
            row.append(work)
            return
        heads = self.heads
        heappush(heads, (work.key, work.seq, work))
        self.top = heads[0][0]

    def first(self) -> Work:
        """Return the first work; there must be some."""
        return self.heads[0][2]

    def oldest_s(self) -> float:
        """Return when the oldest work arrived; there must be some."""
        return min(entry[2].arrived_s for entry in self.heads if entry[2].lane is self)

    def take(self) -> Work:
        """Take the first work out and return it; there must be some."""
        heads = self.heads
        work = heads[0][2]
        work.lane = None
        self.live -= 1
        self.line.live -= 1
        row = self.rows[work.priority]
        if len(row) > 1 and row[0] is work and (follower := row[1]).lane is self:
            row.popleft()
            heapreplace(heads, (follower.key, follower.seq, follower))
            if heads[0][2].lane is self:
                self.top = heads[0][0]
                return work
        self._drop_voids()
        return work

    def remove(self, work: Work) -> None:
        """Take the work out, wherever it stands."""
        work.lane = None
        self.live -= 1
        self.line.live -= 1
        if self.heads[0][2] is work:
            self._drop_voids()
            return
        self._follow(work)
        self.voids += 1
        if self.voids > self.live + _SLACK:
            self._compact()

    def _drop_voids(self) -> None:
        """Make the first entry valid, and `top` its key."""
        heads = self.heads
        while heads and heads[0][2].lane is not self:
            work = heappop(heads)[2]
            self._follow(work)
        self.top = heads[0][0] if heads else INFINITY

    def _follow(self, work: Work) -> None:
        """Make the next of its row a head, when this was one."""
        row = self.rows[work.priority]
        if row and row[0] is work:
            row.popleft()
            while row and row[0].lane is not self:
                row.popleft()
            if row:
                heappush(self.heads, (row[0].key, row[0].seq, row[0]))

    def _compact(self) -> None:
        """Drop all void entries; first entries stay first, they are valid."""
        for priority, row in self.rows.items():
            self.rows[priority] = deque([work for work in row if work.lane is self])
        self.heads = [entry for entry in self.heads if entry[2].lane is self]
        heapify(self.heads)
        self.voids = 0


class Bench:
    """Agents of one profile who can take one medium now, best by one rule first.

    `top`: the rank of the best, INFINITY when nobody sits there; the first entry is always valid.
    `bit`: the bench in a set of benches, as an integer; `media`: the medium's bit in a mask.
    """

    __slots__ = ("bit", "heap", "limit", "media", "profile", "rule", "top")

    def __init__(self, profile: "Profile", rule: Rule, medium: int, bit: int) -> None:
        self.profile = profile
        self.rule = rule
        self.media = 1 << medium
        self.bit = bit
        self.heap: list[tuple[float, int, Seat, int]] = []
        self.top = INFINITY
        self.limit = _SLACK

    def sit(self, seat: Seat) -> None:
        """Let the seat be found."""
        heap = self.heap
        value = seat.touch if self.rule is _LONGEST_IDLE else rank(self.rule, seat)
        heappush(heap, (value, seat.touch, seat, seat.stamp))
        self.top = heap[0][0]
        if len(heap) > self.limit:
            self._compact()

    def expose(self) -> None:
        """Make the first entry valid; to be called when its seat is to be found here no more."""
        heap = self.heap
        while heap:
            value, _, seat, stamp = heap[0]
            if seat.stamp == stamp and seat.mask & self.media:
                self.top = value
                return
            heappop(heap)
        self.top = INFINITY

    def _compact(self) -> None:
        self.heap = [
            entry
            for entry in self.heap
            if entry[2].stamp == entry[3] and entry[2].mask & self.media
        ]
        heapify(self.heap)
        self.limit = 2 * len(self.heap) + _SLACK


Service = tuple[Lane, float, GroupId]
"""That a profile serves a lane; the selection number in seconds of waiting; for which group."""


class Profile:
    """Agents who are alike.

    `serves[mask]`: what they may serve with the media of that mask; `benches[mask]`: where they are
    to be found for these media.
    """

    __slots__ = (
        "_lanes", "_seen", "_services", "_stocked", "benches", "groups", "serves", "size", "skills",
    )  # fmt: skip

    def __init__(self, groups: tuple[GroupId, ...], skills: dict[str, int]) -> None:
        self.groups = groups
        self.skills = skills
        self.size = 0
        self.clear()

    def clear(self) -> None:
        """Serve nothing (any more)."""
        self.benches: list[list[Bench]] = [[] for _ in range(8)]
        self.serves: list[list[Service]] = [[] for _ in range(8)]
        self.forsake(0)

    def forsake(self, lanes: int) -> None:
        """Serve these lanes (a set of bits) no more."""
        self.serves = [[one for one in row if not one[0].bit & lanes] for row in self.serves]
        self._lanes = [sum(one[0].bit for one in row) for row in self.serves]
        self._seen = [0] * 8
        self._stocked: list[dict[int, Service]] = [{} for _ in range(8)]
        self._services = {one[0].bit: one for one in self.serves[7]}

    def serve(self, service: Service) -> None:
        """Serve this lane from now on."""
        lane = service[0]
        self._services[lane.bit] = service
        for mask in range(8):
            if mask >> lane.medium & 1:
                self.serves[mask].append(service)
                self._lanes[mask] |= lane.bit

    def found_at(self, bench: Bench) -> None:
        """Be found at this bench too."""
        for mask in range(8):
            if mask & bench.media:
                self.benches[mask].append(bench)

    def stocked(self, mask: int, stock: int) -> Iterable[Service]:
        """Return the lanes to choose from: of those it serves, the ones in the set `stock`.

        What was found last time is kept and only what has changed since is looked at: which lanes
        are empty changes seldom, be it that hardly anything waits or something nearly everywhere.
        """
        now = self._lanes[mask] & stock
        found = self._stocked[mask]
        changed = now ^ self._seen[mask]
        if changed:
            self._seen[mask] = now
            while changed:
                bit = changed & -changed
                changed ^= bit
                if now & bit:
                    found[bit] = self._services[bit]
                else:
                    del found[bit]
        return found.values()

    def has(self, needs: tuple[Skill, ...]) -> bool:
        """Tell whether agents of this profile have what is required of these skills."""
        skills = self.skills
        return all(need.preferred or skills.get(need.name, 0) >= need.level for need in needs)

    def wanted(self, needs: tuple[Skill, ...]) -> int:
        """Return how many of the preferred skills agents of this profile have."""
        skills = self.skills
        return sum(need.preferred and skills.get(need.name, 0) >= need.level for need in needs)


NOBODY = Profile((), {})


def rank(rule: Rule, seat: Seat) -> float:
    """Return what the rule orders agents by, smallest first; ties go to the longest idle."""
    if rule is Rule.LEAST_OCCUPIED:
        return sum(
            held / capacity
            for held, capacity in zip(seat.held, seat.capacity, strict=True)
            if capacity
        )
    if rule is Rule.ROUND_ROBIN:
        return seat.assigned
    if rule is Rule.PRIORITY_ORDER:
        return seat.rank
    if rule is Rule.RANDOM:
        # Fibonacci hashing: spreads consecutive numbers evenly and repeats in a replay.
        return ((seat.number + 1) * 0x9E3779B97F4A7C15 ^ seat.touch * 0xD6E8FEB86659FD93) & 0xFFFFFF
    return 0.0
