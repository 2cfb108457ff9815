"""How many lines may be added so that the last one's risk to find no agent is still small enough.

One of two ways: by the normal distribution, or, for few trials, by the exact one
(`omni.dialer.engine.risk`).
"""

from dataclasses import dataclass
from typing import Protocol

from omni.dialer.engine.risk import ExactRisk, Moments, about_most, add_exact, normal_risk


class Odds(Protocol):
    """The risks of lines to be added to those that ring."""

    def most(self, beta: float, low: int, high: int) -> int:
        """Return the most lines, from `low` to `high`, so that the last one's risk is in `beta`."""
        ...


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


class ExactOdds:
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
