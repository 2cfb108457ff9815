"""`omni bench day`: a whole day through the routing engine on a virtual clock.

1,600,000 interactions reach 1,800 agents in 24 hours in two humps (mid-morning, evening), by
voice, mail and chat. At the evening's top more arrives than the agents can take, so that queues
form, customers give up, and the lanes are worked off later. Every command is counted: at the end
each interaction was finished exactly once and none was given to two agents at a time.

`engine_s` is the processor time spent in the engine; `total_s` also that of the simulation.

How good the expected wait is: every so many callers and chats who have to wait are told one on
arrival, as the service would; for those who reach an agent it is compared with what they waited.
`wait_error_s` is the mean absolute error, `wait_told_s` and `waited_s` the means it stands beside.
"""

import argparse
import gc
import math
import random
import sys
import time
from collections import Counter
from heapq import heapify, heappop, heappush

from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import position
from omni.acd.engine.router import Router
from omni.acd.model import MEDIA, Agent, Group, GroupLink, Plan, Queue, Skill
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium

DAY_S = 86_400.0
SHARES = ((Medium.VOICE, 0.25), (Medium.CHAT, 0.60), (Medium.EMAIL, 0.15))
HANDLE_S = {Medium.VOICE: 110.0, Medium.CHAT: 270.0, Medium.EMAIL: 120.0}
WRAP_UP_S = {Medium.VOICE: 10.0, Medium.CHAT: 5.0, Medium.EMAIL: 5.0}
PATIENCE_S = {Medium.VOICE: 120.0, Medium.CHAT: 300.0}
QUEUES, GROUPS, SKILLS = 12, 24, 20
TELL_EVERY = 97  # of those who wait: to find the place costs a look at all that waits


def intensity(at_s: float) -> float:
    """Return the arrival rate relative to its top, 0–1, at a second of the day."""
    hour = at_s / 3600
    morning = math.exp(-(((hour - 10.5) / 2.6) ** 2))
    evening = math.exp(-(((hour - 20.0) / 2.8) ** 2))
    return 0.12 + 0.78 * morning + 0.88 * evening


class Day:
    """The simulation: what customers and agents do, as a heap of what happens when."""

    def __init__(self, interactions: int, agents: int, seed: int) -> None:
        self.draw = random.Random(seed)
        self.router = Router()
        self.counts: Counter[str] = Counter()
        self.holder: dict[InteractionId, AgentId] = {}
        self.open: dict[InteractionId, Medium] = {}
        self.order = 0
        self.engine_s = 0.0
        self.waits = 0
        self.told: dict[InteractionId, float] = {}
        self.compared: list[tuple[float, float]] = []  # told, waited
        self._set_up(agents)
        self.heap: list[tuple[float, int, h.Happening]] = []
        top = max(intensity(second) for second in range(0, int(DAY_S), 60))
        numbers = range(interactions)
        for number in numbers:
            at_s = self.draw.random() * DAY_S
            while self.draw.random() * top > intensity(at_s):
                at_s = self.draw.random() * DAY_S
            self.heap.append((at_s, number, self._arrival(at_s, number)))
        self.order = interactions
        heapify(self.heap)

    def _set_up(self, agents: int) -> None:
        draw = self.draw
        queues = tuple(Queue(QueueId(f"q{n}"), f"Queue {n}") for n in range(QUEUES))
        groups = tuple(Group(GroupId(f"g{n}"), f"Group {n}") for n in range(GROUPS))
        cells = tuple(
            GroupLink(queue.id, group.id, draw.randrange(3), draw.randrange(3))
            for queue in queues
            for group in draw.sample(groups, 8)
        )
        self.router.handle(h.PlanChanged(0.0, Plan(1, (), queues, groups, (), cells)))
        self.queues = [queue.id for queue in queues]
        profiles = [
            (
                tuple(group.id for group in draw.sample(groups, 3)),
                tuple(Skill(f"s{n}", draw.randint(3, 10)) for n in draw.sample(range(SKILLS), 8)),
            )
            for _ in range(60)
        ]
        for number in range(agents):
            groups_of, skills = profiles[number % len(profiles)]
            agent = Agent(AgentId(f"a{number}"), f"Agent {number}", groups_of, skills, (1, 3, 6))
            self.router.handle(h.AgentPut(0.0, agent))
            self.router.handle(h.PhoneChanged(0.0, agent.id, True))
            self.router.handle(h.ReadyAsked(0.0, agent.id))

    def _arrival(self, at_s: float, number: int) -> h.Arrived:
        draw = self.draw
        medium = draw.choices([m for m, _ in SHARES], [share for _, share in SHARES])[0]
        needs = (Skill(f"s{draw.randrange(SKILLS)}", 2),) if draw.random() < 0.2 else ()
        return h.Arrived(
            at_s, InteractionId(f"i{number}"), medium, draw.choice(self.queues),
            priority=draw.choice([5, 5, 5, 2, 8]), auto_accept=draw.random() < 0.3, needs=needs,
        )  # fmt: skip

    def run(self) -> None:
        """Play the day to its end, and the queues until they are empty."""
        clock = time.thread_time
        while self.heap:
            at_s, _, happening = heappop(self.heap)
            deadline_s = self.router.next_deadline_s()
            if deadline_s is not None and deadline_s < at_s:
                self._later(at_s, happening)
                at_s, happening = deadline_s, h.TimePassed(deadline_s)
            if self._void(happening):
                continue
            start = clock()
            commands = self.router.handle(happening)
            self.engine_s += clock() - start
            for command in commands:
                self._obey(at_s, command)

    def _void(self, happening: h.Happening) -> bool:
        """Tell whether a click or a hang-up comes too late to mean anything."""
        if isinstance(happening, h.CustomerLeft):
            held = happening.interaction_id in self.holder
            return held or happening.interaction_id not in self.open
        if isinstance(happening, h.OfferAccepted):
            work = self.router.works.get(happening.interaction_id)
            offered = work is not None and work.state is InteractionState.OFFERED
            return not offered or self.holder[happening.interaction_id] != happening.agent_id
        return False

    def _later(self, at_s: float, happening: h.Happening) -> None:
        self.order += 1
        heappush(self.heap, (at_s, self.order, happening))

    def _obey(self, at_s: float, command: h.Command) -> None:
        draw = self.draw
        if isinstance(command, h.Admit):
            self.counts["admitted"] += 1
            number = int(command.interaction_id[1:])
            medium = self.open[command.interaction_id] = self._medium(command.interaction_id)
            if medium is not Medium.EMAIL:
                left_s = at_s + draw.expovariate(1 / PATIENCE_S[medium]) + number % 7
                self._later(left_s, h.CustomerLeft(left_s, command.interaction_id))
                self._tell(command.interaction_id)
        elif isinstance(command, h.Offer):
            if command.interaction_id in self.holder:
                self.counts["doubled"] += 1
            self.holder[command.interaction_id] = command.agent_id
            if not command.auto_accept:
                then_s = at_s + draw.uniform(1.0, 4.0)
                taken = h.OfferAccepted(then_s, command.agent_id, command.interaction_id)
                self._later(then_s, taken)
        elif isinstance(command, h.Connect):
            medium = self.open[command.interaction_id]
            told_s = self.told.pop(command.interaction_id, None)
            if told_s is not None:
                self.compared.append((told_s, command.waited_s))
            then_s = at_s + draw.expovariate(1 / HANDLE_S[medium])
            self._later(then_s, h.ConversationEnded(then_s, command.interaction_id))
        else:
            self._obey_end(at_s, command)

    def _obey_end(self, at_s: float, command: h.Command) -> None:
        if isinstance(command, h.EndOffer):
            self.counts["returned"] += 1
            del self.holder[command.interaction_id]
        elif isinstance(command, h.Finish) and command.agent_id is None:
            self.counts["abandoned"] += 1
            del self.open[command.interaction_id]
        elif isinstance(command, h.Finish) and command.agent_id is not None:
            then_s = at_s + self.draw.expovariate(1 / WRAP_UP_S[self.open[command.interaction_id]])
            done = h.WrapUpGiven(then_s, command.agent_id, command.interaction_id, "none")
            self._later(min(then_s, at_s + 59.0), done._replace(at_s=min(then_s, at_s + 59.0)))
        elif isinstance(command, h.Close):
            self.counts["handled"] += 1
            del self.open[command.interaction_id], self.holder[command.interaction_id]

    def _tell(self, interaction_id: InteractionId) -> None:
        """Tell some of those who wait how long it will take."""
        work = self.router.works[interaction_id]
        if work.lane is None:
            return
        self.waits += 1
        if self.waits % TELL_EVERY == 0:
            place = position(self.router, interaction_id)
            wait_s = self.router.pace.expected_wait_s(work.queue_id, work.medium, place)
            if wait_s is not None:
                self.told[interaction_id] = wait_s

    def wait_figures(self) -> dict[str, float]:
        """Return how what was told compares with what was waited; means over those who did."""
        count = max(1, len(self.compared))
        return {
            "waits_compared": len(self.compared),
            "wait_error_s": round(sum(abs(t - w) for t, w in self.compared) / count, 1),
            "wait_told_s": round(sum(told for told, _ in self.compared) / count, 1),
            "waited_s": round(sum(waited for _, waited in self.compared) / count, 1),
        }

    def _medium(self, interaction_id: InteractionId) -> Medium:
        return MEDIA[self.router.works[interaction_id].medium]


def run(options: list[str]) -> dict[str, object]:
    """Play the day and return its figures."""
    parser = argparse.ArgumentParser(prog="omni bench day")
    parser.add_argument("--interactions", type=int, default=1_600_000)
    parser.add_argument("--agents", type=int, default=1_800)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(options)
    sys.stderr.write("day: drawing the arrivals ...\n")
    day = Day(wanted.interactions, wanted.agents, wanted.seed)
    sys.stderr.write("day: playing ...\n")
    gc.collect()
    gc.freeze()
    start_s = time.thread_time()
    day.run()
    total_s = time.thread_time() - start_s
    gc.unfreeze()
    counts = day.counts
    return {
        "interactions": wanted.interactions,
        "agents": wanted.agents,
        "handled": counts["handled"],
        "abandoned": counts["abandoned"],
        "returned": counts["returned"],
        "lost": wanted.interactions - counts["handled"] - counts["abandoned"],
        "doubled": counts["doubled"],
        "left_open": len(day.router.works),
        "engine_s": round(day.engine_s, 1),
        "total_s": round(total_s, 1),
        **day.wait_figures(),
    }
