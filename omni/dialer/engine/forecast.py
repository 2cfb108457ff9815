"""Who gets free and who answers in the next seconds, as odds that too few agents are free.

For a few points tau in the answer delay of a line dialled now,

    X(tau) = free agents + agents who get free by tau + 2 s - waiting calls - other lines' answers

is a sum of independent yes/no trials whose chances come from how long each agent has talked or
wrapped up and how long each line has rung. The line would be dropped when X(tau) <= 0: its risk is
the mean of P(X(tau) <= 0) over the taus.

Agents and lines are counted by age: what a decision costs hardly grows with the team. That the
share of answers is itself only believed (`doubt`) widens the odds.

Source: DIALER.md B1-B4.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from omni.dialer.engine.ages import (
    TALK_BIN_S,
    TALK_BINS,
    WRAP_BIN_S,
    AnswerTimes,
    FreeTimes,
    group_of,
)
from omni.dialer.engine.answering import AnswerRate, Chances, Traits
from omni.dialer.engine.learning import DurationTable
from omni.dialer.engine.odds import ExactOdds, NormalOdds, Odds
from omni.dialer.engine.risk import TAUS, ExactRisk, Moments, difference, exact_risk, total_of

ANSWER_PRIOR = 0.3
EXACT_MAX = 14  # trials, and free agents, up to which the exact distribution is worth its cost
SKEWED_MAX = 100  # agents, or lines, up to which skewness counts
TABLES_EVERY_S = 120.0
RING_BINS, WRAP_BINS = 60, 150


@dataclass(frozen=True, slots=True)
class Crew:
    """The agents of the campaign at one instant (epoch seconds).

    Attributes:
        free: would get a call now and stay until the lines that count on them are resolved.
        held: those of them who are bound to stay.
        leaving: free, but only until the lines are resolved that count on them already.
        talk_since, wrap_since: when the others began to talk, to wrap up.
    """

    free: int
    held: int
    talk_since: Sequence[float]
    wrap_since: Sequence[float]
    leaving: int = 0

    @property
    def size(self) -> int:
        return self.free + len(self.talk_since) + len(self.wrap_since)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that rings; `chance`: relative to the mean, `expected`: of an answer, at the dial."""

    at_s: float
    chance: float
    expected: float
    traits: Traits


class Forecast:
    """Learns how a campaign's calls go, knows its ringing lines, and tells the odds."""

    def __init__(self, answer_rate: float = ANSWER_PRIOR) -> None:
        """`answer_rate`: believed before the first line."""
        self.ring = DurationTable(1.0, RING_BINS, mean_s=12.0, sigma=0.5)
        self.talk = DurationTable(TALK_BIN_S, TALK_BINS, mean_s=120.0, sigma=1.0)
        self.wrap = DurationTable(WRAP_BIN_S, WRAP_BINS, mean_s=20.0, sigma=0.7)
        self.chances = Chances()
        self._first_ring = self.ring.survival  # believed at first
        self._rate = AnswerRate(answer_rate)
        self._lines: dict[Hashable, _Line] = {}
        self._groups: Counter[tuple[int, int]] = Counter()  # of like lines (`group_of`) → how many
        self._free_times = FreeTimes(self.talk, self.wrap)
        self._answer_times = AnswerTimes(self.ring)
        self._tables_at_s = -math.inf
        self.taus: list[float] = []

    @property
    def ringing(self) -> int:
        return len(self._lines)

    # ---- what happens

    def dialled(self, at_s: float, line: Hashable, traits: Traits = ()) -> None:
        """A line rings from now on, of a contact with these traits."""
        chance = self.chances.of(traits)
        expected = min(1.0, self._rate.mean * chance)
        self._lines[line] = _Line(at_s, chance, expected, traits)
        self._groups[group_of(at_s, chance)] += 1
        self._rate.dialled(at_s, chance)
        self.chances.dialled(chance)

    def answered(self, at_s: float, line: Hashable) -> bool:
        """A person answered; False when the line is not known."""
        known = self._pop(line)
        if known is None:
            return False
        self.ring.add(at_s - known.at_s)
        self._rate.answered()
        self.chances.ended(known.traits, known.expected, answered=True)
        return True

    def failed(self, line: Hashable) -> None:
        """The line ended without an answer, for good."""
        known = self._pop(line)
        if known is not None:
            self.chances.ended(known.traits, known.expected, answered=False)

    def given_up(self, at_s: float, line: Hashable) -> None:
        """We ended the line before its time: it might have been answered yet."""
        known = self._pop(line)
        if known is None:
            return
        rang_s = at_s - known.at_s
        later = self.ring.alive(rang_s)
        share = min(0.98, self._rate.mean * known.chance)
        unanswered = 1 - share * (1 - later)
        self._rate.given_up(known.at_s, known.chance, unanswered)
        # How many would have come later nobody sees while all are given up: asked of the table
        # itself, its answer would run away. So the first belief says it.
        tail = self._first_ring[min(RING_BINS, int(rang_s))]
        self.ring.cut_short(rang_s, share * tail / (1 - share * (1 - tail)))
        self.chances.ended(known.traits, known.expected * (1 - later), answered=False)

    def rung_since(self, until_s: float) -> Iterator[Hashable]:
        """Yield the lines that have rung since `until_s` or longer, the oldest first."""
        for line, known in self._lines.items():
            if known.at_s > until_s:
                return
            yield line

    def rate(self, now_s: float) -> float:
        """Return the share of lines that are answered, as believed now."""
        self._rate.look(now_s, self.ring.survival)
        return self._rate.mean

    def doubt(self) -> float:
        """Return how unsure the share is, as a standard deviation relative to it."""
        return self._rate.spread

    # ---- the odds

    def odds(self, now_s: float, crew: Crew, free: int) -> Odds:
        """Return the odds; `free`: free agents less the calls that wait for one."""
        self._refresh(now_s)
        rate = self.rate(now_s)
        usual = min(1.0, rate * self.chances.usual)
        fresh = [usual * (1 - self.ring.alive(tau)) for tau in self.taus]
        trials = len(crew.talk_since) + len(crew.wrap_since) + self.ringing
        if self.exact(max(free, trials)):
            return ExactOdds(self._exact_risk(now_s, crew, rate), fresh, free)
        skewed = self.ringing <= SKEWED_MAX
        taken = self._answer_times.total(now_s, self._groups, rate, skewed=skewed)
        gain = difference(self.crew_moments(now_s, crew), taken)
        doubt = self.doubt()
        for j in range(TAUS):
            gain[TAUS + j] += (doubt * taken[j]) ** 2
        return NormalOdds(gain, fresh, free)

    def exact(self, most: int) -> bool:
        """Tell whether the exact distribution is worth it; `most`: trials, free agents at most.

        With many free agents it would be asked of many lines, one after the other.
        """
        return most <= EXACT_MAX

    def crew_moments(self, now_s: float, crew: Crew) -> Moments:
        """Return when the agents who are busy get free."""
        groups = self._free_times.groups(now_s, crew.talk_since, crew.wrap_since)
        return total_of(groups, skewed=crew.size <= SKEWED_MAX)

    def _exact_risk(self, now_s: float, crew: Crew, rate: float) -> ExactRisk:
        freed: list[Moments] = []
        for moments, count in self._free_times.groups(now_s, crew.talk_since, crew.wrap_since):
            freed += count * [moments[:TAUS]]
        taken = [
            self._answer_times.of(int(now_s - known.at_s), rate * known.chance)[:TAUS]
            for known in self._lines.values()
        ]
        return exact_risk(_by_tau(freed), _by_tau(taken))

    def _refresh(self, now_s: float) -> None:
        """Compute the tables that follow from what was learned, every now and then."""
        if now_s - self._tables_at_s < TABLES_EVERY_S:
            return
        self._tables_at_s = now_s
        self.taus = [self.ring.quantile((2 * j + 1) / (2 * TAUS)) for j in range(TAUS)]
        self._free_times.renew(self.taus)
        self._answer_times.renew(self.taus)

    def _pop(self, line: Hashable) -> _Line | None:
        known = self._lines.pop(line, None)
        if known is not None:
            group = group_of(known.at_s, known.chance)
            self._groups[group] -= 1
            if not self._groups[group]:
                del self._groups[group]
        return known


def _by_tau(rows: list[Moments]) -> list[list[float]]:
    return [[row[j] for row in rows] for j in range(TAUS)]
