"""A day of a campaign on a virtual clock, seeded: the same pacing code that dials for real.

The model is DIALER.md B1: lognormal talk (mean 120 s, sigma 1), wrap-up (mean 20 s) and answer
delay (mean 12 s, cut at 25 s), lines without an answer held 25 s, a call dropped when no agent is
free within 2 s. The study leaves two shapes open; ours are sigma 0.5 for wrap-up and delay.
"""

import heapq
import math
import random
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from omni.dialer.engine.answering import Traits
from omni.dialer.engine.forecast import Crew
from omni.dialer.engine.pacing import (
    CallResolved,
    LineAnswered,
    LineDialled,
    LineFailed,
    PacingEvent,
    TalkEnded,
    WrapUpEnded,
)

DAY_START_S = 1_780_311_600.0  # an epoch second far from any midnight for the length of a day
EVENT_DRIVEN_MAX = 15  # agents up to which every event is decided on: more lose nothing by a second

AnswerShare = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Kind:
    """A part of the list whose contacts answer so much likelier than the mean."""

    share: float
    chance: float


@dataclass(frozen=True, slots=True)
class Shift:
    """What is simulated. Durations in seconds. `kinds`: of contacts; none: they are all alike."""

    agents: int
    answer_share: AnswerShare
    hours: float = 8.0
    talk_mean_s: float = 120.0
    talk_sigma: float = 1.0
    wrap_mean_s: float = 20.0
    wrap_sigma: float = 0.5
    delay_mean_s: float = 12.0
    delay_sigma: float = 0.5
    ring_s: float = 25.0
    connect_s: float = 2.0
    tick_s: float = 1.0
    contacts: int | None = None
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """What came of it. `utilisation`: talk and wrap-up of the staffed time.

    `worst_pct`: the greatest share of drops that the day had after any drop.
    """

    utilisation: float
    dialled: int
    answered: int
    dropped: int
    talk_min_per_agent_hour: float
    wait_mean_s: float
    worst_pct: float
    finished_s: float

    @property
    def drop_pct(self) -> float:
        return 100 * self.dropped / self.answered if self.answered else 0.0


class Policy(Protocol):
    """Whatever says when to dial: the real pacer, or a rule it is compared with."""

    def handle(self, event: PacingEvent) -> None: ...
    def decide(self, now_s: float, crew: Crew) -> int: ...
    def to_give_up(self, now_s: float) -> Sequence[Hashable]: ...


class Lognormal:
    """Draws from a lognormal given by mean and shape, below a limit."""

    def __init__(self, mean: float, sigma: float, source: random.Random) -> None:
        self._mu = math.log(mean) - sigma * sigma / 2
        self._sigma = sigma
        self._source = source

    def draw(self, below: float = math.inf) -> float:
        """Return one value; values from `below` on are drawn again."""
        while True:
            value = self._source.lognormvariate(self._mu, self._sigma)
            if value < below:
                return value


def steady(share: float) -> AnswerShare:
    """Return an answer share that never changes."""
    return lambda _: share


def drifting(seed: int, hours: float = 8.0) -> AnswerShare:
    """Return the study's drift: a 3 h wave 0.15-0.45, a random factor every 20 minutes."""
    source = random.Random(f"drift:{seed}")
    factors = [math.exp(source.gauss(0.0, 0.25)) for _ in range(int(hours * 3) + 1)]

    def share(at_s: float) -> float:
        wave = 0.30 + 0.15 * math.sin(2 * math.pi * at_s / (3 * 3600))
        return min(0.95, max(0.02, wave * factors[min(len(factors) - 1, int(at_s / 1200))]))

    return share


@dataclass(slots=True)
class _Floor:
    """The agents."""

    idle: deque[tuple[int, float]] = field(default_factory=deque)  # agent, idle since
    talking: dict[int, float] = field(default_factory=dict)
    wrapping: dict[int, float] = field(default_factory=dict)
    busy_s: float = 0.0
    talk_s: float = 0.0
    waits_s: float = 0.0
    waits: int = 0


class Simulation:
    """One day; `run` it once."""

    def __init__(self, shift: Shift, policy: Policy, seed: int) -> None:
        self._shift = shift
        self._policy = policy
        self._source = random.Random(seed)
        self._talk = Lognormal(shift.talk_mean_s, shift.talk_sigma, random.Random(f"t{seed}"))
        self._wrap = Lognormal(shift.wrap_mean_s, shift.wrap_sigma, random.Random(f"w{seed}"))
        self._delay = Lognormal(shift.delay_mean_s, shift.delay_sigma, random.Random(f"d{seed}"))
        self._heap: list[tuple[float, int, Callable[[float, int], None], int]] = []
        self._number = 0
        self._floor = _Floor()
        self._kinds = random.Random(f"k{seed}")
        self._ringing: set[Hashable] = set()
        self._waiting: dict[int, float] = {}
        self._wraps: dict[int, float] = {}
        self.free_at_s: dict[int, float] = {}  # agent → when they get free: for oracles only
        self._left = shift.contacts
        self._end_s = DAY_START_S + shift.hours * 3600
        self._counts = {"dialled": 0, "answered": 0, "dropped": 0}
        self._worst = 0.0
        self._last_s = DAY_START_S

    def run(self) -> Day:
        """Simulate the day and return what came of it."""
        shift, floor = self._shift, self._floor
        for agent in range(shift.agents):
            floor.idle.append((agent, DAY_START_S))
        self._at(DAY_START_S, self._tick, 0)
        on_events = shift.agents <= EVENT_DRIVEN_MAX
        while self._heap:
            at_s, _, act, subject = heapq.heappop(self._heap)
            if at_s >= self._end_s or self._done():
                break
            self._last_s = at_s
            act(at_s, subject)
            if on_events or act == self._tick:
                self._decide(at_s)
        return self._day()

    def _at(self, at_s: float, act: Callable[[float, int], None], subject: int) -> None:
        self._number += 1
        heapq.heappush(self._heap, (at_s, self._number, act, subject))

    def _tick(self, at_s: float, _: int) -> None:
        self._at(at_s + self._shift.tick_s, self._tick, 0)

    def _done(self) -> bool:
        return self._left == 0 and len(self._floor.idle) == self._shift.agents and not self._waiting

    def _decide(self, at_s: float) -> None:
        floor = self._floor
        free = len(floor.idle)
        crew = Crew(free, free, list(floor.talking.values()), list(floor.wrapping.values()))
        count = self._policy.decide(at_s, crew)
        given_up = self._policy.to_give_up(at_s)
        if given_up:
            for line in given_up:
                self._ringing.discard(line)
                self._policy.handle(LineFailed(at_s, line))
            count = self._policy.decide(at_s, crew)
        if self._left is not None:
            count = min(count, self._left)
            self._left -= count
        share = self._shift.answer_share(at_s - DAY_START_S)
        for _ in range(count):
            self._counts["dialled"] += 1
            line = self._counts["dialled"]
            chance, traits = self._contact()
            self._ringing.add(line)
            self._policy.handle(LineDialled(at_s, line, traits))
            if self._source.random() < share * chance:
                self._at(at_s + self._delay.draw(self._shift.ring_s), self._answer, line)
            else:
                self._at(at_s + self._shift.ring_s, self._fail, line)

    def _contact(self) -> tuple[float, Traits]:
        """Draw the next contact of the list: its chance, and what the policy may know of it."""
        kinds = self._shift.kinds
        if not kinds:
            return 1.0, ()
        place = self._kinds.choices(range(len(kinds)), [kind.share for kind in kinds])[0]
        return kinds[place].chance, (("kind", place),)

    def _fail(self, at_s: float, line: int) -> None:
        if line not in self._ringing:
            return  # given up before
        self._ringing.discard(line)
        self._policy.handle(LineFailed(at_s, line))

    def _answer(self, at_s: float, line: int) -> None:
        if line not in self._ringing:
            return
        self._ringing.discard(line)
        self._counts["answered"] += 1
        self._policy.handle(LineAnswered(at_s, line))
        if self._floor.idle:
            self._connect(at_s, line)
        else:
            self._waiting[line] = at_s
            self._at(at_s + self._shift.connect_s, self._give_up, line)

    def _give_up(self, at_s: float, line: int) -> None:
        if self._waiting.pop(line, None) is None:
            return
        self._counts["dropped"] += 1
        self._worst = max(self._worst, 100 * self._counts["dropped"] / self._counts["answered"])
        self._policy.handle(CallResolved(at_s, line, dropped=True))

    def _connect(self, at_s: float, line: int) -> None:
        floor = self._floor
        agent, since_s = floor.idle.popleft()
        floor.waits += 1
        floor.waits_s += at_s - since_s
        self._policy.handle(CallResolved(at_s, line, dropped=False))
        floor.talking[agent] = at_s
        talk_s, self._wraps[agent] = self._talk.draw(), self._wrap.draw()
        self.free_at_s[agent] = at_s + talk_s + self._wraps[agent]
        self._at(at_s + talk_s, self._hang_up, agent)

    def _hang_up(self, at_s: float, agent: int) -> None:
        since_s = self._floor.talking.pop(agent)
        self._floor.busy_s += at_s - since_s
        self._floor.talk_s += at_s - since_s
        self._policy.handle(TalkEnded(at_s - since_s))
        self._floor.wrapping[agent] = at_s
        self._at(at_s + self._wraps.pop(agent), self._get_free, agent)

    def _get_free(self, at_s: float, agent: int) -> None:
        since_s = self._floor.wrapping.pop(agent)
        del self.free_at_s[agent]
        self._floor.busy_s += at_s - since_s
        self._policy.handle(WrapUpEnded(at_s - since_s))
        self._floor.idle.append((agent, at_s))
        if self._waiting:
            line = next(iter(self._waiting))
            del self._waiting[line]
            self._connect(at_s, line)

    def _day(self) -> Day:
        floor = self._floor
        end_s = min(self._end_s, self._last_s if self._left == 0 else self._end_s)
        open_talk = sum(end_s - since for since in floor.talking.values())
        busy = floor.busy_s + open_talk + sum(end_s - since for since in floor.wrapping.values())
        staffed_s = self._shift.agents * (end_s - DAY_START_S)
        return Day(
            utilisation=busy / staffed_s,
            dialled=self._counts["dialled"],
            answered=self._counts["answered"],
            dropped=self._counts["dropped"],
            talk_min_per_agent_hour=60 * (floor.talk_s + open_talk) / staffed_s,
            wait_mean_s=floor.waits_s / max(1, floor.waits),
            worst_pct=self._worst,
            finished_s=end_s - DAY_START_S,
        )
