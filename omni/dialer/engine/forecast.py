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
from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from omni.dialer.engine.answering import CHANCE_HIGH, CHANCE_LOW, AnswerRate, Chances, Traits
from omni.dialer.engine.learning import DurationTable
from omni.dialer.engine.risk import (
    TAUS,
    ExactRisk,
    Moments,
    about_most,
    add_exact,
    difference,
    exact_risk,
    moments_of,
    normal_risk,
    total_of,
)

ANSWER_PRIOR = 0.3
EXACT_MAX = 14  # trials, and free agents, up to which the exact distribution is worth its cost
SKEWED_MAX = 100  # agents, or lines, up to which skewness counts
CONNECT_S = 2.0  # an answered person may wait so long
TABLES_EVERY_S = 120.0
RATE_STEPS = 400  # the share of answers is taken in steps of a quarter of a percent
GROUP_S = 2  # lines dialled within so long count as one age
CHANCE_STEP = 0.4  # of the logarithm of the chance, within which chances count as one
LEVELS = math.ceil(math.log(max(CHANCE_HIGH, 1 / CHANCE_LOW)) / CHANCE_STEP)
FINE_BINS, MIDDLE_BINS, COARSE = 16, 48, 4
RING_BINS, TALK_BIN_S, TALK_BINS, WRAP_BIN_S, WRAP_BINS = 60, 4.0, 300, 2.0, 150


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


class Odds(Protocol):
    """The risks of lines to be added to those that ring."""

    def most(self, beta: float, low: int, high: int) -> int:
        """Return the most lines, from `low` to `high`, so that the last one's risk is in `beta`."""
        ...


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
        self._groups: Counter[tuple[int, int]] = Counter()  # of like lines (`_group`) → how many
        self._talk_bins: dict[int, Moments] = {}
        self._wrap_bins: dict[int, Moments] = {}
        self._line_bins: dict[tuple[int, int], Moments] = {}
        self._tables_at_s = -math.inf
        self.taus: list[float] = []
        self._wrap_density: list[float] = []

    @property
    def ringing(self) -> int:
        return len(self._lines)

    # ---- what happens

    def dialled(self, at_s: float, line: Hashable, traits: Traits = ()) -> None:
        """A line rings from now on, of a contact with these traits."""
        chance = self.chances.of(traits)
        expected = min(1.0, self._rate.mean * chance)
        self._lines[line] = _Line(at_s, chance, expected, traits)
        self._groups[_group(at_s, chance)] += 1
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
            return _ExactOdds(self._exact_risk(now_s, crew, rate), fresh, free)
        taken = self._line_moments(now_s, rate)
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
        talk = _by_age(now_s, crew.talk_since, TALK_BIN_S)
        wrap = _by_age(now_s, crew.wrap_since, WRAP_BIN_S)
        groups = [(self._talk_bin(place), count) for place, count in talk]
        groups += [(self._wrap_bin(place), count) for place, count in wrap]
        return total_of(groups, skewed=crew.size <= SKEWED_MAX)

    def _exact_risk(self, now_s: float, crew: Crew, rate: float) -> ExactRisk:
        freed: list[Moments] = []
        for place, count in _by_age(now_s, crew.talk_since, TALK_BIN_S):
            freed += count * [self._talk_bin(place)[:TAUS]]
        for place, count in _by_age(now_s, crew.wrap_since, WRAP_BIN_S):
            freed += count * [self._wrap_bin(place)[:TAUS]]
        taken = [
            self._line_bin(int(now_s - known.at_s), rate * known.chance)[:TAUS]
            for known in self._lines.values()
        ]
        return exact_risk(_by_tau(freed), _by_tau(taken))

    def _line_moments(self, now_s: float, rate: float) -> Moments:
        now = int(now_s) - GROUP_S // 2
        shares = [rate * math.exp(CHANCE_STEP * level) for level in range(-LEVELS, LEVELS + 1)]
        return total_of(
            [
                (self._line_bin(max(0, now - GROUP_S * second), shares[LEVELS + level]), count)
                for (second, level), count in self._groups.items()
            ],
            skewed=self.ringing <= SKEWED_MAX,
        )

    def _line_bin(self, age: int, share: float) -> Moments:
        """Return when a line of this age (whole seconds) is answered, of which a share is."""
        key = (age, round(share * RATE_STEPS))
        found = self._line_bins.get(key)
        if found is None:
            share = min(1.0, key[1] / RATE_STEPS)
            now = self.ring.alive(age + 0.5)
            unanswered = max(1e-9, 1 - share * (1 - now))
            found = self._line_bins[key] = moments_of(
                [
                    min(1.0, share * (now - self.ring.alive(age + 0.5 + tau)) / unanswered)
                    for tau in self.taus
                ]
            )
        return found

    def _refresh(self, now_s: float) -> None:
        """Compute the tables that follow from what was learned, every now and then."""
        if now_s - self._tables_at_s < TABLES_EVERY_S:
            return
        self._tables_at_s = now_s
        self.taus = [self.ring.quantile((2 * j + 1) / (2 * TAUS)) for j in range(TAUS)]
        self._talk_bins.clear()
        self._wrap_bins.clear()
        self._line_bins.clear()
        self._wrap_density = [
            self.wrap.survival[i] - self.wrap.survival[i + 1]
            for i in range(int((self.taus[-1] + CONNECT_S) / WRAP_BIN_S) + 1)
        ]

    def _talk_bin(self, place: int) -> Moments:
        """Return when an agent who has talked so long gets free: rest of the talk and wrap-up."""
        found = self._talk_bins.get(place)
        if found is None:
            age_s = _middle(place, TALK_BIN_S)
            chances = [
                sum(
                    density * self.talk.within(age_s, tau + CONNECT_S - (i + 0.5) * WRAP_BIN_S)
                    for i, density in enumerate(self._wrap_density)
                    if tau + CONNECT_S > (i + 0.5) * WRAP_BIN_S
                )
                for tau in self.taus
            ]
            found = self._talk_bins[place] = moments_of(chances)
        return found

    def _wrap_bin(self, place: int) -> Moments:
        found = self._wrap_bins.get(place)
        if found is None:
            age_s = _middle(place, WRAP_BIN_S)
            chances = [self.wrap.within(age_s, tau + CONNECT_S) for tau in self.taus]
            found = self._wrap_bins[place] = moments_of(chances)
        return found

    def _pop(self, line: Hashable) -> _Line | None:
        known = self._lines.pop(line, None)
        if known is not None:
            group = _group(known.at_s, known.chance)
            self._groups[group] -= 1
            if not self._groups[group]:
                del self._groups[group]
        return known


@dataclass(frozen=True, slots=True)
class NormalOdds:
    """By the normal distribution, corrected for skewness."""

    gain: Moments
    fresh: list[float]
    free: int

    def most(self, beta: float, low: int, high: int) -> int:
        # From a guess up or down by doubling steps, then by halves: mostly three looks in all.
        probe = about_most(self.gain, self.fresh, beta, self.free) if low < high else low
        probe, step = min(high, max(low + 1, probe)), 1
        while low < high:
            if self._within(beta, probe):
                low = probe
                probe = low + step
            else:
                high = probe - 1
                probe = high - step + 1
            step *= 2
            if not low < probe <= high:
                probe = (low + high + 1) // 2
        return low

    def _within(self, beta: float, count: int) -> bool:
        """Tell whether the last of so many lines is within the risk."""
        return normal_risk(self.gain, self.fresh, count - 1, self.free) <= beta


class _ExactOdds:
    """By the exact distribution, one line after the other."""

    def __init__(self, state: ExactRisk, fresh: list[float], free: int) -> None:
        self._state = state
        self._fresh = fresh
        self._free = free
        self._risks: list[float] = []  # of the first line, the second …

    def most(self, beta: float, low: int, high: int) -> int:
        count = low
        while count < high and self._risk(count) <= beta:
            count += 1
        return count

    def _risk(self, before: int) -> float:
        while len(self._risks) <= before:
            self._risks.append(self._state.risk(self._free))
            add_exact(self._state, self._fresh)
        return self._risks[before]


def _group(at_s: float, chance: float) -> tuple[int, int]:
    """Return what a line has in common with those that are counted together with it."""
    return int(at_s) // GROUP_S, round(math.log(chance) / CHANCE_STEP)


def _by_tau(rows: list[Moments]) -> list[list[float]]:
    return [[row[j] for row in rows] for j in range(TAUS)]


def _coarse(place: int) -> int:
    """Return a bin that is fine for short ages and coarse for long ones, where little changes."""
    if place < FINE_BINS:
        return place
    return place - place % COARSE if place < MIDDLE_BINS else place - place % (4 * COARSE)


_PLACES = sorted({_coarse(place) for place in range(TALK_BINS + 1)})


def _by_age(now_s: float, since: Sequence[float], bin_s: float) -> list[tuple[int, int]]:
    """Count those who began at these instants by their age: (bin, how many), the young first."""
    ordered = sorted(since)
    left = len(ordered)
    groups = []
    for place, end in pairwise(_PLACES):
        if not left:
            break
        older = bisect_right(ordered, now_s - end * bin_s, 0, left)
        if older < left:
            groups.append((place, left - older))
            left = older
    if left:
        groups.append((_PLACES[-1], left))
    return groups


def _middle(place: int, bin_s: float) -> float:
    if place < FINE_BINS:
        return (place + 0.5) * bin_s
    return (place + (COARSE if place < MIDDLE_BINS else 4 * COARSE) / 2) * bin_s
