"""When agents get free and lines are answered, by how long they have talked, wrapped up, or rung.

Both are counted by age, so that a decision hardly costs more with a larger team. The chances of one
age are computed once and kept until `renew`.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from omni.dialer.engine.answering import CHANCE_HIGH, CHANCE_LOW
from omni.dialer.engine.learning import DurationTable
from omni.dialer.engine.risk import Moments, moments_of, total_of

CONNECT_S: Final = 2.0  # an answered person may wait so long
TALK_BIN_S: Final = 4.0
TALK_BINS: Final = 300
WRAP_BIN_S: Final = 2.0
FINE_BINS: Final = 16
MIDDLE_BINS: Final = 48
COARSE: Final = 4
RATE_STEPS: Final = 400  # the share of answers is taken in steps of a quarter of a percent
GROUP_S: Final = 2  # lines dialled within so long count as one age
CHANCE_STEP: Final = 0.4  # of the logarithm of the chance, within which chances count as one
LEVELS: Final = math.ceil(math.log(max(CHANCE_HIGH, 1 / CHANCE_LOW)) / CHANCE_STEP)


class FreeTimes:
    """The chances that agents who talk or wrap up get free by tau + 2 s, for each tau."""

    def __init__(self, talk: DurationTable, wrap: DurationTable) -> None:
        self._talk = talk
        self._wrap = wrap
        self._taus: list[float] = []
        self._wrap_density: list[float] = []
        self._talk_bins: dict[int, Moments] = {}
        self._wrap_bins: dict[int, Moments] = {}

    def renew(self, taus: list[float]) -> None:
        """Follow what was learned since, for these points of the answer delay."""
        self._taus = taus
        self._talk_bins.clear()
        self._wrap_bins.clear()
        survival = self._wrap.survival
        self._wrap_density = [
            survival[i] - survival[i + 1]
            for i in range(int((taus[-1] + CONNECT_S) / WRAP_BIN_S) + 1)
        ]

    def groups(
        self, now_s: float, talk_since: Sequence[float], wrap_since: Sequence[float]
    ) -> list[tuple[Moments, int]]:
        """Return the moments of an agent of each age, and how many agents are of it."""
        found: list[tuple[Moments, int]] = []
        for place, count in by_age(now_s, talk_since, TALK_BIN_S):
            found.append((self._talk_bin(place), count))
        for place, count in by_age(now_s, wrap_since, WRAP_BIN_S):
            found.append((self._wrap_bin(place), count))
        return found

    def _talk_bin(self, place: int) -> Moments:
        """Return when an agent who has talked so long gets free: rest of the talk and wrap-up."""
        found = self._talk_bins.get(place)
        if found is None:
            age_s = _middle(place, TALK_BIN_S)
            chances = [self._freed(age_s, tau + CONNECT_S) for tau in self._taus]
            found = self._talk_bins[place] = moments_of(chances)
        return found

    def _freed(self, age_s: float, ahead_s: float) -> float:
        """Return the chance that a conversation of this age and its wrap-up end within that."""
        chance = 0.0
        for i, density in enumerate(self._wrap_density):
            wrap_s = (i + 0.5) * WRAP_BIN_S
            if ahead_s > wrap_s:
                chance += density * self._talk.within(age_s, ahead_s - wrap_s)
        return chance

    def _wrap_bin(self, place: int) -> Moments:
        found = self._wrap_bins.get(place)
        if found is None:
            age_s = _middle(place, WRAP_BIN_S)
            chances = [self._wrap.within(age_s, tau + CONNECT_S) for tau in self._taus]
            found = self._wrap_bins[place] = moments_of(chances)
        return found


class AnswerTimes:
    """The chances that lines which ring are answered by tau, for each tau."""

    def __init__(self, ring: DurationTable) -> None:
        self._ring = ring
        self._taus: list[float] = []
        self._bins: dict[tuple[int, int], Moments] = {}

    def renew(self, taus: list[float]) -> None:
        """Follow what was learned since, for these points of the answer delay."""
        self._taus = taus
        self._bins.clear()

    def total(
        self, now_s: float, lines: dict[tuple[int, int], int], rate: float, *, skewed: bool
    ) -> Moments:
        """Return the moments of all lines that ring.

        Args:
            lines: how many there are of each group (`group_of`).
            rate: share of lines of the usual chance that are answered.
            skewed: whether third moments are wanted.
        """
        now = int(now_s) - GROUP_S // 2
        shares = [rate * math.exp(CHANCE_STEP * level) for level in range(-LEVELS, LEVELS + 1)]
        found: list[tuple[Moments, int]] = []
        for (second, level), count in lines.items():
            found.append((self.of(max(0, now - GROUP_S * second), shares[LEVELS + level]), count))
        return total_of(found, skewed=skewed)

    def of(self, age: int, share: float) -> Moments:
        """Return when a line of this age (whole seconds) is answered, of which a share is."""
        key = (age, round(share * RATE_STEPS))
        found = self._bins.get(key)
        if found is None:
            share = min(1.0, key[1] / RATE_STEPS)
            now = self._ring.alive(age + 0.5)
            unanswered = max(1e-9, 1 - share * (1 - now))
            chances: list[float] = []
            for tau in self._taus:
                later = self._ring.alive(age + 0.5 + tau)
                chances.append(min(1.0, share * (now - later) / unanswered))
            found = self._bins[key] = moments_of(chances)
        return found


def group_of(at_s: float, chance: float) -> tuple[int, int]:
    """Return what a line has in common with those that are counted together with it."""
    return int(at_s) // GROUP_S, round(math.log(chance) / CHANCE_STEP)


def by_age(now_s: float, since: Sequence[float], bin_s: float) -> list[tuple[int, int]]:
    """Count those who began at these instants by their age: (bin, how many), the young first."""
    ordered = sorted(since)
    left = len(ordered)
    groups: list[tuple[int, int]] = []
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


def _coarse(place: int) -> int:
    """Return a bin that is fine for short ages and coarse for long ones, where little changes."""
    if place < FINE_BINS:
        return place
    return place - place % COARSE if place < MIDDLE_BINS else place - place % (4 * COARSE)


_PLACES: Final = sorted({_coarse(place) for place in range(TALK_BINS + 1)})


def _middle(place: int, bin_s: float) -> float:
    if place < FINE_BINS:
        return (place + 0.5) * bin_s
    return (place + (COARSE if place < MIDDLE_BINS else 4 * COARSE) / 2) * bin_s
