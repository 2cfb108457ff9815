"""What the pacing learns while it runs: how long things take, and how often people answer.

Rules:
1. Everything starts from a prior worth a few dozen observations and forgets slowly, so that the
   first minute is sane and the last hour counts most.
2. The share of answers is answers / sum F(age) over the lines dialled, F being the ring-time
   distribution: counting only resolved lines is wrong whenever the dialling rate changes, because
   answers resolve sooner than no-answers (DIALER.md B4).
"""

import math
from collections import deque
from collections.abc import Sequence

FORGET = 0.9995  # of a table's weight, per observation: it remembers about 2,000
REBUILD_EVERY = 64  # observations between two computations of a table


def lognormal_cdf(value: float, mean: float, sigma: float) -> float:
    """Return P(X <= value) of a lognormal with this mean and shape."""
    if value <= 0:
        return 0.0
    mu = math.log(mean) - sigma * sigma / 2
    return 0.5 * (1 + math.erf((math.log(value) - mu) / (sigma * math.sqrt(2))))


class DurationTable:
    """A distribution of durations in equal bins, learned; its tail has a constant hazard."""

    def __init__(
        self, bin_s: float, bins: int, mean_s: float, sigma: float, weight: float = 50.0
    ) -> None:
        """`mean_s`, `sigma`: the lognormal believed at first; `weight`: in observations."""
        self.bin_s = bin_s
        self.bins = bins
        edges = [lognormal_cdf(i * bin_s, mean_s, sigma) for i in range(bins + 1)]
        self._mass = [weight * (edges[i + 1] - edges[i]) for i in range(bins)]
        self._over = weight * (1 - edges[bins])
        self._scale = 1.0  # of a new observation: growing it is forgetting the old ones
        self._fresh = 0
        self.version = 0
        self.survival: list[float] = []
        self._rebuild()

    def add(self, seconds: float) -> None:
        """Take in one duration."""
        self._scale /= FORGET
        index = int(seconds / self.bin_s)
        if index < self.bins:
            self._mass[max(0, index)] += self._scale
        else:
            self._over += self._scale
        self._fresh += 1
        if self._fresh >= REBUILD_EVERY:
            self._rebuild()

    def alive(self, age_s: float) -> float:
        """Return P(duration > age_s), linear inside a bin."""
        place = age_s / self.bin_s
        index = int(place)
        if index >= self.bins:
            return self.survival[self.bins]
        here, there = self.survival[index], self.survival[index + 1]
        return here + (there - here) * (place - index)

    @property
    def mean_s(self) -> float:
        """The mean, of what the table holds."""
        return self.bin_s * (sum(self.survival[1:]) + 0.5)

    def within(self, age_s: float, ahead_s: float) -> float:
        """Return P(it ends within `ahead_s` | it has lasted `age_s`)."""
        alive = self.alive(age_s)
        end = self.bins * self.bin_s
        if alive <= 1e-9 or age_s + ahead_s > end:
            # Beyond the table what is left goes on ending at the pace of its last tenth.
            tenth = self.bins // 10
            ratio = max(self.survival[self.bins], 1e-6) / max(
                self.survival[self.bins - tenth], 1e-6
            )
            return 1 - ratio ** (ahead_s / (tenth * self.bin_s)) if ratio < 1 else 0.5
        return 1 - self.alive(age_s + ahead_s) / alive

    def quantile(self, share: float) -> float:
        """Return the time within which this share has ended."""
        for index in range(self.bins):
            if 1 - self.survival[index + 1] >= share:
                here, there = 1 - self.survival[index], 1 - self.survival[index + 1]
                inside = (share - here) / (there - here) if there > here else 1.0
                return (index + inside) * self.bin_s
        return self.bins * self.bin_s

    def _rebuild(self) -> None:
        total = sum(self._mass) + self._over
        left = total
        survival = [1.0]
        for mass in self._mass:
            left -= mass
            survival.append(max(0.0, left / total))
        self.survival = survival
        self._fresh = 0
        self.version += 1
        if self._scale > 1e9:
            self._mass = [mass / self._scale for mass in self._mass]
            self._over /= self._scale
            self._scale = 1.0


class AnswerRate:
    """The share of dialled lines that a person answers, from cohorts of lines by dialling second.

    The memory is a number of lines at least and a time at least: the greater counts.
    """

    def __init__(
        self, prior: float, prior_lines: float = 20.0, memory_s: float = 150.0, lines: float = 250.0
    ) -> None:
        self._prior = prior
        self._prior_lines = prior_lines
        self._memory_s = memory_s
        self._memory_lines = lines
        self._young: deque[list[float]] = deque()  # [second, dialled, answered]
        self._old_lines = 0.0
        self._old_answers = 0.0
        self._folded_to = 0.0

    def dialled(self, at_s: float) -> None:
        """A line was dialled."""
        self._cohort(at_s)[1] += 1

    def answered(self, dialled_at_s: float) -> None:
        """A line that was dialled then has been answered."""
        second = math.floor(dialled_at_s)
        for cohort in self._young:
            if cohort[0] == second:
                cohort[2] += 1
                return
        self._old_answers += 1

    def estimate(self, now_s: float, ring: Sequence[float]) -> float:
        """Return the share; `ring[i]` is P(an answer comes later than i seconds)."""
        last = len(ring) - 1
        while self._young and now_s - self._young[0][0] >= last:
            second, lines, answers = self._young.popleft()
            passed_s = second - self._folded_to
            self._folded_to = second
            by_lines = math.exp(-lines / self._memory_lines)
            keep = max(by_lines, math.exp(-passed_s / self._memory_s))
            self._old_lines = self._old_lines * keep + lines
            self._old_answers = self._old_answers * keep + answers
        seen = self._old_lines
        answers = self._old_answers
        for second, lines, answered in self._young:
            seen += lines * (1 - ring[min(last, max(0, int(now_s - second)))])
            answers += answered
        share = (answers + self._prior * self._prior_lines) / (seen + self._prior_lines)
        return min(0.98, max(0.005, share))

    def _cohort(self, at_s: float) -> list[float]:
        second = math.floor(at_s)
        if not self._young or self._young[-1][0] < second:
            self._young.append([second, 0.0, 0.0])
        return self._young[-1]
