"""`omni bench acd`: how fast the routing engine decides, beside a naive scan in the same run.

Overload, the hard case: every agent is busy and many interactions wait. One *assignment* is a freed
agent who picks among all that waits, and a new interaction that joins the queue in its place, so
that the number waiting stays the same. `lifecycle_per_s` is the same through `Router.handle` with
all states, timers and commands: arrival, offer, acceptance, end, wrap-up of one interaction.
`place_per_s` is the other side: an arrival picks among all agents idle.

Rates are per second of processor time of one core (other work on the machine does not count);
latencies are of the wall clock and include every pause.

`compiled` tells whether the engine runs as machine code (`scripts/compile-engine`).

The naive engine looks at every waiting interaction for every freed agent, as polling systems do.
"""

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from typing import TypeVar

from omni import compiled
from omni.acd.engine.board import Seat, Work
from omni.acd.engine.happenings import (
    AgentPut,
    Arrived,
    ConversationEnded,
    Offer,
    PhoneChanged,
    PlanChanged,
    ReadyAsked,
    WrapUpGiven,
)
from omni.acd.engine.matcher import Matcher
from omni.acd.engine.router import Router
from omni.acd.model import Agent, Group, GroupLink, Plan, Queue, Skill
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import Medium

T = TypeVar("T")

SKILLS, PROFILES, CLASSES, QUEUES, GROUPS, PRIORITIES = 60, 120, 141, 12, 24, 10
VOICE = 0


class Scenario:
    """A site drawn with a seed: skills, profiles, requirement classes, agents."""

    def __init__(self, agents: int, seed: int) -> None:
        draw = random.Random(seed)
        queues = tuple(Queue(QueueId(f"q{n}"), f"Queue {n}") for n in range(QUEUES))
        groups = tuple(Group(GroupId(f"g{n}"), f"Group {n}") for n in range(GROUPS))
        cells = tuple(
            GroupLink(queue.id, group.id, draw.randrange(3), draw.randrange(3))
            for queue in queues
            for group in draw.sample(groups, 8)
        )
        self.plan = Plan(1, queues=queues, groups=groups, group_links=cells)
        self.profiles = [
            (
                tuple(sorted({draw.choice(groups).id for _ in range(2)})),
                tuple(
                    Skill(f"s{n}", draw.randint(3, 10))
                    for n in sorted(draw.sample(range(SKILLS), 10))
                ),
            )
            for _ in range(PROFILES)
        ]
        self.classes = self._classes(draw)
        self.agents = [
            Agent(AgentId(f"a{n}"), f"Agent {n}", *self.profiles[n % PROFILES])
            for n in range(agents)
        ]
        self._draw = draw

    def _classes(self, draw: random.Random) -> list[tuple[QueueId, tuple[Skill, ...]]]:
        """Return distinct (queue, needs) that at least one profile serves."""
        found: dict[tuple[QueueId, tuple[Skill, ...]], None] = {}
        while len(found) < CLASSES:
            groups, skills = draw.choice(self.profiles)
            served = [cell.queue_id for cell in self.plan.group_links if cell.group_id in groups]
            needed = sorted(draw.sample(skills, draw.choice([1, 1, 2])), key=lambda s: s.name)
            needs = tuple(Skill(skill.name, draw.randint(1, 3)) for skill in needed)
            if served:
                found[draw.choice(served), needs] = None
        return list(found)

    def matcher(self) -> Matcher:
        """Return a board with all agents, none of them free."""
        matcher = Matcher()
        matcher.replan(self.plan)
        for agent in self.agents:
            matcher.put(agent)
        return matcher

    def works(self, matcher: Matcher, count: int) -> list[Work]:
        """Return so many interactions in order of arrival, 20 a second."""
        works = []
        queues = matcher.grid.queues
        for number in range(count):
            queue_id, needs = self._draw.choice(self.classes)
            arrived_s = number / 20
            work = Work(InteractionId(f"i{number}"), VOICE, queue_id, arrived_s)
            work.needs = needs
            work.priority = self._draw.randrange(PRIORITIES)
            work.key = arrived_s + 60.0 * work.priority
            work.seq = number
            work.home = matcher.lane(queues[queue_id], VOICE, needs)
            works.append(work)
        return works


def overload(scenario: Scenario, waiting: int, assignments: int) -> dict[str, float]:
    """Measure freed agents picking among `waiting` interactions; per second and µs."""
    matcher = scenario.matcher()
    works = scenario.works(matcher, waiting + assignments)
    for work in works[:waiting]:
        matcher.wait(work)
    seats = _freed(scenario, matcher)
    fresh = iter(works[waiting:])
    half = assignments // 2
    gc.collect()
    gc.freeze()
    begin = time.thread_time()
    for seat in islice(seats, half):
        matcher.pick(seat, 1)
        matcher.wait(next(fresh))
    rate = half / (time.thread_time() - begin)
    took: list[int] = []
    clock = time.perf_counter_ns
    for seat in islice(seats, half):
        start = clock()
        matcher.pick(seat, 1)
        took.append(clock() - start)
        matcher.wait(next(fresh))
    gc.unfreeze()
    took.sort()
    return {
        "per_s": rate,
        "p50_us": took[len(took) // 2] / 1000,
        "p99_us": took[len(took) * 99 // 100] / 1000,
        "p999_us": took[len(took) * 999 // 1000] / 1000,
        "max_us": took[-1] / 1000,
    }


def _freed(scenario: Scenario, matcher: Matcher) -> "cycle[Seat]":
    """Return the agents in a random order, for ever."""
    seats = list(matcher.seats.values())
    random.Random(7).shuffle(seats)
    return cycle(seats)


def naive(scenario: Scenario, waiting: int, picks: int) -> float:
    """Measure the scan of everything; picks per second."""
    matcher = scenario.matcher()
    works = scenario.works(matcher, waiting)
    cells = {(cell.queue_id, cell.group_id): cell for cell in scenario.plan.group_links}
    agents = list(scenario.agents)
    random.Random(7).shuffle(agents)
    begin = time.thread_time()
    for agent in agents[:picks]:
        skills = {skill.name: skill.level for skill in agent.skills}
        best: tuple[float, int] | None = None
        for work in works:
            selections = [
                cells[work.queue_id, group].selection
                for group in agent.group_ids
                if (work.queue_id, group) in cells
            ]
            if not selections or any(skills.get(n.name, 0) < n.level for n in work.needs):
                continue
            rank = (work.key + 600.0 * min(selections), work.seq)
            if best is None or rank < best:
                best = rank
        assert best is not None
    return picks / (time.thread_time() - begin)


def placing(scenario: Scenario, count: int) -> float:
    """Measure arrivals picking among all agents idle; per second."""
    matcher = scenario.matcher()
    works = scenario.works(matcher, count)
    for seat in matcher.seats.values():
        matcher.sit(seat, 1)
    begin = time.thread_time()
    for touch, work in enumerate(works):
        found = matcher.place(work)
        assert found is not None
        seat = found[0]
        seat.touch = touch
        matcher.rise(seat)
        matcher.sit(seat, 1)
    return count / (time.thread_time() - begin)


def lifecycle(scenario: Scenario, waiting: int, count: int) -> float:
    """Measure whole lives through `Router.handle` in overload; interactions per second."""
    router = Router()
    router.handle(PlanChanged(0.0, scenario.plan))
    draw = random.Random(11)
    numbers = iter(range(10**9))

    def arrival(at_s: float) -> Arrived:
        queue_id, needs = draw.choice(scenario.classes)
        return Arrived(
            at_s, InteractionId(f"i{next(numbers)}"), Medium.VOICE, queue_id,
            priority=draw.randrange(PRIORITIES), auto_accept=True, needs=needs,
        )  # fmt: skip

    for _ in range(waiting):
        router.handle(arrival(0.0))
    busy: list[tuple[AgentId, InteractionId]] = []
    for agent in scenario.agents:
        router.handle(AgentPut(0.0, agent))
        router.handle(PhoneChanged(0.0, agent.id, True))
        for command in router.handle(ReadyAsked(0.0, agent.id)):
            if isinstance(command, Offer):
                busy.append((agent.id, command.interaction_id))
    arrivals = [arrival(1.0 + number / 1000) for number in range(count)]
    gc.collect()
    gc.freeze()
    begin = time.thread_time()
    for number, arrived in enumerate(arrivals):
        place = number % len(busy)
        agent_id, interaction_id = busy[place]
        router.handle(ConversationEnded(arrived.at_s, interaction_id))
        done = WrapUpGiven(arrived.at_s, agent_id, interaction_id, "sale")
        for command in router.handle(done):
            if isinstance(command, Offer):
                busy[place] = (agent_id, command.interaction_id)
        router.handle(arrived)
    rate = count / (time.thread_time() - begin)
    gc.unfreeze()
    return rate


def run(options: list[str]) -> dict[str, object]:
    """Measure and return the figures; see the module for what each means."""
    parser = argparse.ArgumentParser(prog="omni bench acd")
    parser.add_argument("--agents", type=int, default=2_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--assignments", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(options)
    scenario = Scenario(wanted.agents, wanted.seed)
    few = _say("1,000 waiting", lambda: overload(scenario, 1_000, wanted.assignments))
    many = _say(
        f"{wanted.waiting:,} waiting",
        lambda: overload(scenario, wanted.waiting, wanted.assignments),
    )
    slow = _say("naive scan", lambda: naive(scenario, wanted.waiting, 10))
    placed = _say("arrivals among idle agents", lambda: placing(scenario, 100_000))
    lives = _say("whole lives", lambda: lifecycle(scenario, wanted.waiting, 50_000))
    return {
        "assignments_per_s": round(many["per_s"]),
        "naive_assignments_per_s": round(slow, 1),
        "p50_us": round(many["p50_us"], 2),
        "p99_us": round(many["p99_us"], 2),
        "p999_us": round(many["p999_us"], 2),
        "max_us": round(many["max_us"], 1),
        "waiting": wanted.waiting,
        "agents": wanted.agents,
        "assignments_per_s_at_1000_waiting": round(few["per_s"]),
        "kept_at_full_queue_pct": round(100 * many["per_s"] / few["per_s"], 1),
        "place_per_s": round(placed),
        "lifecycle_per_s": round(lives),
        "compiled": compiled.used(),
        "skills": SKILLS,
        "profiles": PROFILES,
        "classes": CLASSES,
        "priorities": PRIORITIES,
    }


def _say(what: str, measure: Callable[[], T]) -> T:
    sys.stderr.write(f"acd: {what} ...\n")
    return measure()
