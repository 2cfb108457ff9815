"""Why is this still waiting, why this agent: the decision's gates and numbers, read off the board.

Nothing is changed here and nothing of it is on the way of a decision. The gates are the very ones
the decision uses (`Room.reasons`, `Grid.cell`, `Profile.has`), so that an explanation cannot differ
from what happens: an agent with no failed gate and free work is a contradiction (tested).
"""

from dataclasses import dataclass

from omni.acd.engine.board import Lane, Seat, Work, rank
from omni.acd.engine.grid import MEDIUM_NO
from omni.acd.engine.router import Router
from omni.acd.model import MEDIA, Skill
from omni.core.errors import NotFound
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent as seen from one interaction.

    Attributes:
        gates: what keeps them from it now, empty when nothing does. not_in_group | group_closed |
            aid_not_needed | skill_missing | owned_by_other, and those of `Room.reasons`.
        missing: the skills they lack, as required now.
        distribution: the number of their best group, None when none of theirs serves the queue.
        borrowed_s: since when that group helps the queue, None when it serves it for good.
        wanted: how many of the preferred skills they have.
        score: sum of levels (rule most_skilled). rule_rank: what the queue's rule orders by.
        idle_order: 1 is the longest idle of the candidates.
    """

    agent_id: AgentId
    gates: tuple[str, ...]
    missing: tuple[Skill, ...] = ()
    group_id: GroupId | None = None
    distribution: int | None = None
    borrowed_s: float | None = None
    wanted: int = 0
    score: int = 0
    rule_rank: float = 0.0
    idle_order: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where an interaction stands and who could take it.

    Attributes:
        position: 1 is next of its queue and medium; 0 when it does not wait.
        rank_s: the instant it counts as arrived: arrival + priority + head start, in seconds.
        needs: the skills required now, after `relaxed` steps.
        owner_id: it waits for this agent alone, for `owner_left_s` more; None: for anybody.
        candidates: best first: those who could take it, then those with the fewest gates.
    """

    interaction_id: InteractionId
    state: InteractionState
    queue_id: QueueId
    medium: Medium
    position: int
    waited_s: float
    rank_s: float
    priority: int
    needs: tuple[Skill, ...]
    relaxed: int
    agent_id: AgentId | None
    owner_id: AgentId | None
    owner_left_s: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class AgentExplanation:
    """What an agent could take by medium, and what is next for them."""

    agent_id: AgentId
    gates: dict[Medium, tuple[str, ...]]
    next_interaction_id: InteractionId | None


def explain(router: Router, interaction_id: InteractionId, limit: int = 200) -> Explanation:
    """Explain an open interaction; linear in the agents and in what waits in its queue.

    Raises:
        NotFound: it is over, or never was.
    """
    work = router.works.get(interaction_id)
    if work is None or work.home is None:
        raise NotFound("interaction_not_open", "this interaction is over")
    seats = sorted(router.matcher.seats.values(), key=lambda seat: seat.touch)
    found = [_candidate(router, work, seat, order) for order, seat in enumerate(seats, start=1)]
    found.sort(key=_by_rank)
    owner = work.home.owner if work.state is InteractionState.WAITING else None
    owner_wait_s = router.matcher.grid.queues[work.queue_id].owner_wait_s
    return Explanation(
        interaction_id=work.id,
        state=work.state,
        queue_id=work.queue_id,
        medium=MEDIA[work.medium],
        position=position(router, interaction_id),
        waited_s=router.now_s - work.arrived_s,
        rank_s=work.key,
        priority=work.priority,
        needs=work.home.needs if work.home.owner is None else work.needs,
        relaxed=max(work.ring, 0) if work.state is InteractionState.WAITING else 0,
        agent_id=work.seat.id if work.seat else None,
        owner_id=owner.id if owner else None,
        owner_left_s=max(0.0, work.arrived_s + owner_wait_s - router.now_s) if owner else 0.0,
        candidates=tuple(found[:limit]),
    )


def explain_agent(router: Router, agent_id: AgentId) -> AgentExplanation:
    """Explain what an agent could take now; NotFound when there is no such agent."""
    seat = router.matcher.seats.get(agent_id)
    if seat is None:
        raise NotFound("agent_unknown", "no such agent")
    gates = {medium: tuple(router.room.reasons(seat, MEDIUM_NO[medium])) for medium in MEDIA}
    return AgentExplanation(agent_id, gates, _next_for(seat))


def position(router: Router, interaction_id: InteractionId) -> int:
    """Return the place in the line of its queue and medium, 1 first; 0 when it does not wait."""
    work = router.works.get(interaction_id)
    if work is None or work.lane is None:
        return 0
    mine = (work.key, work.seq)
    return 1 + sum(
        (other.key, other.seq) < mine
        for other in router.works.values()
        if other.lane is not None
        and other.queue_id == work.queue_id
        and other.medium == work.medium
    )


def _candidate(router: Router, work: Work, seat: Seat, order: int) -> Candidate:
    home = work.home
    assert home is not None
    queue = router.matcher.grid.queues[work.queue_id]
    cell = router.matcher.grid.cell(work.queue_id, seat.profile.groups, work.also)
    needs = home.needs if home.owner is None else ()
    levels = seat.profile.skills
    missing = tuple(
        need for need in needs if not need.preferred and levels.get(need.name, 0) < need.level
    )
    gates = []
    if cell is None:
        gates.append(router.matcher.openings.closed_to(work.queue_id, seat.profile.groups))
    if home.owner is not None and home.owner is not seat:
        gates.append("owned_by_other")
    if missing:
        gates.append("skill_missing")
    gates += router.room.reasons(seat, work.medium)
    return Candidate(
        agent_id=seat.id,
        gates=tuple(gates),
        missing=missing,
        group_id=cell.group_id if cell else None,
        distribution=cell.distribution if cell else None,
        borrowed_s=cell.borrowed_s if cell else None,
        wanted=seat.profile.wanted(needs),
        score=sum(levels.get(need.name, 0) for need in needs if not need.preferred),
        rule_rank=float(rank(queue.rule, seat)),
        idle_order=order,
    )


def _by_rank(candidate: Candidate) -> tuple[float, ...]:
    distribution = 99 if candidate.distribution is None else candidate.distribution
    return (
        len(candidate.gates),
        distribution,
        -candidate.wanted,
        candidate.rule_rank,
        candidate.idle_order,
    )


def _next_for(seat: Seat) -> InteractionId | None:
    """Return what the agent would be given first if they had room for every medium."""
    best: tuple[float, int, InteractionId] | None = None
    for lane, offset_s, _ in seat.profile.serves[7]:
        best = _better(best, lane, offset_s)
    for lane in seat.own or ():
        best = _better(best, lane, 0.0)
    return best[2] if best else None


def _better(
    best: tuple[float, int, InteractionId] | None, lane: Lane, offset_s: float
) -> tuple[float, int, InteractionId] | None:
    if not lane.live:
        return best
    work = lane.first()
    entry = (lane.top + offset_s, work.seq, work.id)
    return entry if best is None or entry < best else best
