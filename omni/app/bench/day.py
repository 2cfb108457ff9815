"""`omni bench day`: a whole day through the routing engine on a virtual clock.

1,600,000 interactions reach 1,800 agents in 24 hours in two humps (mid-morning, evening), by
voice, mail and chat. At the evening's top more arrives than the agents can take, so that queues
form, customers give up, and the lanes are worked off later. Every command is counted: at the end
each interaction was finished exactly once and none was given to two agents at a time.

`engine_s` is the processor time that a second engine takes for the same happenings, with asking
for the next deadline after every one as the service does: what happened is replayed in pieces, so
that neither the simulation nor reading the clock is counted. It must come to the same commands.
`total_s` counts everything. The garbage collector is set as in the running product.

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
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Any

from omni import compiled
from omni.acd.engine import happenings as h
from omni.acd.engine.board import Work
from omni.acd.engine.explaining import position
from omni.acd.engine.router import Router
from omni.acd.model import MEDIA, Agent, Group, GroupLink, Plan, Queue, Skill
from omni.app.bootstrap import COLLECT_AFTER
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium

DAY_S = 86_400.0
SHARES = ((Medium.VOICE, 0.25), (Medium.CHAT, 0.60), (Medium.EMAIL, 0.15))
HANDLE_S = {Medium.VOICE: 150.0, Medium.CHAT: 270.0, Medium.EMAIL: 120.0}
WRAP_UP_S = {Medium.VOICE: 10.0, Medium.CHAT: 5.0, Medium.EMAIL: 5.0}
PATIENCE_S = {Medium.VOICE: 120.0, Medium.CHAT: 300.0}
QUEUES, GROUPS, SKILLS = 12, 24, 20
PIECE = 20_000  # happenings replayed at a time
TELL_EVERY = 97  # of those who wait: to find the place costs a look at all that waits


def intensity(at_s: float) -> float:
    """Return the arrival rate relative to its top, 0–1, at a second of the day."""
    hour = at_s / 3600
    morning = math.exp(-(((hour - 10.5) / 2.6) ** 2))
    evening = math.exp(-(((hour - 20.0) / 2.8) ** 2))
    return 0.12 + 0.78 * morning + 0.88 * evening


class Replay:
    """The same happenings through an engine of its own, which is timed.

    `same`: whether it came to the same commands all the time.
    """

    def __init__(self) -> None:
        self.engine_s = 0.0
        self.same = True
        self._router = Router()
        self._happenings: list[h.Happening] = []
        self._commands: list[h.Command] = []

    def take(self, happening: h.Happening, commands: list[h.Command]) -> None:
        """Note what happened and what the engine of the simulation answered."""
        self._happenings.append(happening)
        self._commands += commands
        if len(self._happenings) >= PIECE:
            self.play()

    def play(self) -> None:
        """Play what was noted."""
        handle, next_deadline_s = self._router.handle, self._router.next_deadline_s
        commands: list[h.Command] = []
        start_s = time.thread_time()
        for happening in self._happenings:
            commands += handle(happening)
            next_deadline_s()
        self.engine_s += time.thread_time() - start_s
        self.same = self.same and commands == self._commands
        self._happenings.clear()
        self._commands.clear()


class Day:
    """The simulation: what customers and agents do, as a heap of what happens when."""

    def __init__(self, interactions: int, agents: int, seed: int) -> None:
        self.draw = random.Random(seed)
        self.router = Router()
        self.counts: Counter[str] = Counter()
        self.holder: dict[InteractionId, AgentId] = {}
        self.open: dict[InteractionId, Medium] = {}
        self.order = 0
        self.replay = Replay()
        self.deadline_s = math.inf
        self.waits = 0
        self.told: dict[InteractionId, float] = {}
        self.compared: list[tuple[float, float]] = []  # told, waited
        self.heap: list[tuple[float, int, h.Happening]] = []
        self._obeying: dict[type[Any], Callable[[float, Any], None]] = {
            h.Admit: self._admit,
            h.Offer: self._offer,
            h.EndOffer: self._end_offer,
            h.Connect: self._connect,
            h.Finish: self._finish,
            h.Close: self._close,
        }
        self._set_up(agents)
        self.instants = array("d", sorted(self._instants(interactions)))

    def _instants(self, interactions: int) -> Iterator[float]:
        draw = self.draw
        top = max(intensity(second) for second in range(0, int(DAY_S), 60))
        for _ in range(interactions):
            at_s = draw.random() * DAY_S
            while draw.random() * top > intensity(at_s):
                at_s = draw.random() * DAY_S
            yield at_s

    def _set_up(self, agents: int) -> None:
        draw = self.draw
        queues = tuple(Queue(QueueId(f"q{n}"), f"Queue {n}") for n in range(QUEUES))
        groups = tuple(Group(GroupId(f"g{n}"), f"Group {n}") for n in range(GROUPS))
        cells = tuple(
            GroupLink(queue.id, group.id, draw.randrange(3), draw.randrange(3))
            for queue in queues
            for group in draw.sample(groups, 8)
        )
        self._handle(h.PlanChanged(0.0, Plan(1, (), queues, groups, (), cells)))
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
            self._handle(h.AgentPut(0.0, agent))
            self._handle(h.PhoneChanged(0.0, agent.id, True))
            self._handle(h.ReadyAsked(0.0, agent.id))

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
        for number, at_s in enumerate(self.instants):
            self._play_until(at_s)
            self._handle(self._arrival(at_s, number))
        self._play_until(math.inf)
        self.replay.play()

    def _play_until(self, until_s: float) -> None:
        """Play what customers, agents and deadlines do before this instant."""
        heap = self.heap
        while True:
            next_s = heap[0][0] if heap else math.inf
            if self.deadline_s < min(next_s, until_s):
                self._handle(h.TimePassed(self.deadline_s))
            elif next_s < until_s:
                happening = heappop(heap)[2]
                if not self._void(happening):
                    self._handle(happening)
            else:
                return

    def _handle(self, happening: h.Happening) -> None:
        commands = self.router.handle(happening)
        deadline_s = self.router.next_deadline_s()
        self.replay.take(happening, commands)
        self.deadline_s = math.inf if deadline_s is None else deadline_s
        for command in commands:
            obey = self._obeying.get(type(command))
            if obey is not None:
                obey(happening.at_s, command)

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

    # -- what follows from the router's commands -------------------------------------------------

    def _admit(self, at_s: float, admit: h.Admit) -> None:
        self.counts["admitted"] += 1
        interaction_id = admit.interaction_id
        work = self.router.works[interaction_id]
        medium = self.open[interaction_id] = MEDIA[work.medium]
        if medium is not Medium.EMAIL and work.lane is not None:
            left_s = at_s + self.draw.expovariate(1 / PATIENCE_S[medium])
            self._later(left_s, h.CustomerLeft(left_s, interaction_id))
            self._tell(work)

    def _offer(self, at_s: float, offer: h.Offer) -> None:
        if offer.interaction_id in self.holder:
            self.counts["doubled"] += 1
        self.holder[offer.interaction_id] = offer.agent_id
        if not offer.auto_accept:
            then_s = at_s + self.draw.uniform(1.0, 4.0)
            taken = h.OfferAccepted(then_s, offer.agent_id, offer.interaction_id)
            self._later(then_s, taken)

    def _end_offer(self, at_s: float, ended: h.EndOffer) -> None:
        self.counts["returned"] += 1
        del self.holder[ended.interaction_id]

    def _connect(self, at_s: float, connect: h.Connect) -> None:
        medium = self.open[connect.interaction_id]
        told_s = self.told.pop(connect.interaction_id, None)
        if told_s is not None:
            self.compared.append((told_s, connect.waited_s))
        then_s = at_s + self.draw.expovariate(1 / HANDLE_S[medium])
        self._later(then_s, h.ConversationEnded(then_s, connect.interaction_id))

    def _finish(self, at_s: float, finish: h.Finish) -> None:
        if finish.agent_id is None:
            self.counts["abandoned"] += 1
            self.told.pop(finish.interaction_id, None)
            del self.open[finish.interaction_id]
            return
        takes_s = self.draw.expovariate(1 / WRAP_UP_S[self.open[finish.interaction_id]])
        then_s = at_s + min(takes_s, 59.0)
        done = h.WrapUpGiven(then_s, finish.agent_id, finish.interaction_id, "none")
        self._later(then_s, done)

    def _close(self, at_s: float, close: h.Close) -> None:
        self.counts["handled"] += 1
        del self.open[close.interaction_id], self.holder[close.interaction_id]

    def _tell(self, work: Work) -> None:
        """Tell some of those who wait how long it will take."""
        self.waits += 1
        if self.waits % TELL_EVERY == 0:
            place = position(self.router, work.id)
            wait_s = self.router.pace.expected_wait_s(work.queue_id, work.medium, place)
            if wait_s is not None:
                self.told[work.id] = wait_s

    def wait_figures(self) -> dict[str, float]:
        """Return how what was told compares with what was waited; means over those who did."""
        count = max(1, len(self.compared))
        return {
            "waits_compared": len(self.compared),
            "wait_error_s": round(sum(abs(t - w) for t, w in self.compared) / count, 1),
            "wait_told_s": round(sum(told for told, _ in self.compared) / count, 1),
            "waited_s": round(sum(waited for _, waited in self.compared) / count, 1),
        }


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
    gc.set_threshold(*COLLECT_AFTER)
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
        "compiled": compiled.used(),
        "same_in_replay": day.replay.same,
        "engine_s": round(day.replay.engine_s, 1),
        "total_s": round(total_s, 1),
        **day.wait_figures(),
    }
