"""How long things take, learned while a campaign runs.

A table starts from a prior worth a few dozen observations and forgets slowly, so that the first
minute is sane and the last hour counts most.
"""

import math

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
        self._cut = [0.0] * bins  # ended by us in this bin: would have lasted longer
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

    def cut_short(self, seconds: float, weight: float = 1.0) -> None:
        """Take in one of which is only known that it would have lasted longer."""
        index = int(seconds / self.bin_s)
        if index < self.bins:
            self._cut[index] += weight * self._scale

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
        return self.bin_s * (sum(self.survival[1:], 0.0) + 0.5)

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
        later = sum(self._mass, 0.0) + self._over
        left = total = later + sum(self._cut, 0.0)
        stretch = 1.0  # what was cut short counts with those that lasted longer
        survival = [1.0]
        for mass, cut in zip(self._mass, self._cut, strict=True):
            left -= mass * stretch
            later -= mass
            if cut and later > 1e-9:
                stretch += cut / later
            survival.append(max(0.0, left / total))
        self.survival = survival
        self._fresh = 0
        self.version += 1
        if self._scale > 1e9:
            self._mass = [mass / self._scale for mass in self._mass]
            self._cut = [mass / self._scale for mass in self._cut]
            self._over /= self._scale
            self._scale = 1.0
