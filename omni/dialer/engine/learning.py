"""What the pacing learns while it runs: how long things take, and how often people answer.

Rules:
1. Everything starts from a prior worth a few dozen observations and forgets slowly, so that the
   first minute is sane and the last hour counts most.
2. The share of answers is answers / sum F(age) over the lines dialled, F being the ring-time
   distribution: counting only resolved lines is wrong whenever the dialling rate changes, because
   answers resolve sooner than no-answers (DIALER.md B4).
"""

import math
from collections.abc import Sequence
from operator import add, mul

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
        self._cut = [0.0] * (bins + 1)  # cut short in a bin: they would have ended later
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

    def cut_short(self, seconds: float, weight: float) -> None:
        """Take in that one would have ended after `seconds`, with a chance of `weight`."""
        self._cut[min(self.bins, int(seconds / self.bin_s))] += weight * self._scale

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
        left = total = sum(self._mass) + self._over + sum(self._cut)
        later = sum(self._mass) + self._over  # seen from here on
        survival = [1.0]
        stretch = 1.0  # what was cut short is shared out over what ended later
        for mass, cut in zip(self._mass, self._cut, strict=False):
            left -= mass * stretch
            later -= mass
            if cut and later > 1e-9:
                stretch *= 1 + cut / (later * stretch)
            survival.append(max(0.0, left / total))
        self.survival = survival
        self._fresh = 0
        self.version += 1
        if self._scale > 1e9:
            self._mass = [mass / self._scale for mass in self._mass]
            self._cut = [mass / self._scale for mass in self._cut]
            self._over /= self._scale
            self._scale = 1.0

GRID = 72  # shares considered, evenly spaced in their logarithm
SHARE_LOW, SHARE_HIGH = 0.004, 0.98
CREEP = 0.0016  # of the belief moves to each neighbouring share, per second
LEAP = 1 / 1500  # of the belief leaps, per second: by 3 and by 6 shares, up and down
ANEW = 1e-5  # of the belief begins anew, per second


class AnswerRate:
    """The share of dialled lines that a person answers: a belief over a grid of shares.

    Every second the belief creeps and may leap (people come home, a list's next part begins); then
    the answers that came are weighed against those that a share would have brought: of a line
    dialled at age a, F(a) of its answers have come. Lines count by their chance relative to the
    mean, a line that we gave up only as long as it rang.
    """

    def __init__(self, prior: float, sigma: float = 0.5) -> None:
        step = math.log(SHARE_HIGH / SHARE_LOW) / (GRID - 1)
        self._logs = [math.log(SHARE_LOW) + i * step for i in range(GRID)]
        self._shares = [math.exp(log) for log in self._logs]
        first = [math.exp(-0.5 * ((log - math.log(prior)) / sigma) ** 2) for log in self._logs]
        self._first = _normed(first)
        self._belief = self._first
        self._cohorts: dict[int, float] = {}  # second of dialling → chances that count
        self._answers = 0
        self._at_s = -math.inf
        self.mean = prior
        self.spread = sigma

    def dialled(self, at_s: float, chance: float = 1.0) -> None:
        """A line was dialled."""
        second = math.floor(at_s)
        self._cohorts[second] = self._cohorts.get(second, 0.0) + chance

    def answered(self) -> None:
        """A line was answered."""
        self._answers += 1

    def given_up(self, dialled_at_s: float, chance: float, unanswered: float) -> None:
        """We ended a line before its time, one of the share of its cohort that was `unanswered`.

        It takes those with it that it would have been one of.
        """
        second = math.floor(dialled_at_s)
        if second in self._cohorts:
            self._cohorts[second] = max(0.0, self._cohorts[second] - chance / unanswered)

    def look(self, now_s: float, ring: Sequence[float]) -> None:
        """Weigh what was seen since the last look; `ring[i]`: share of answers later than i s."""
        passed_s = min(10.0, now_s - self._at_s)
        self._at_s = now_s
        last = len(ring) - 1
        while self._cohorts and now_s - next(iter(self._cohorts)) > last + 1 + passed_s:
            del self._cohorts[next(iter(self._cohorts))]
        due = sum(
            chances
            * (_at(ring, now_s - second - 0.5 - passed_s) - _at(ring, now_s - second - 0.5))
            for second, chances in self._cohorts.items()
        )
        answers, self._answers = self._answers, 0
        weights = [answers * log - due * share for log, share in zip(self._logs, self._shares, strict=True)]
        top = max(weights)
        belief = _normed([b * math.exp(w - top) for b, w in zip(self._moved(passed_s), weights, strict=True)])
        self._belief = belief
        self.mean = sum(map(mul, belief, self._shares))
        square = sum(map(mul, belief, [share * share for share in self._shares]))
        self.spread = math.sqrt(max(0.0, square / self.mean**2 - 1))

    def _moved(self, passed_s: float) -> list[float]:
        b = self._belief
        creep, leap, anew = CREEP * passed_s, LEAP / 4 * passed_s, ANEW * passed_s
        stay = 1 - 2 * creep - 4 * leap - anew
        pad = [0.0] * 6 + b + [0.0] * 6
        near = map(add, pad[5:-7], pad[7:-5])
        far = map(add, map(add, pad[3:-9], pad[9:-3]), map(add, pad[:-12], pad[12:]))
        return [
            stay * x + creep * n + leap * f + anew * p
            for x, n, f, p in zip(b, near, far, self._first, strict=True)
        ]


def _normed(masses: list[float]) -> list[float]:
    total = sum(masses)
    return [mass / total for mass in masses]


def _at(ring: Sequence[float], age_s: float) -> float:
    """Return the share of answers that come later than `age_s`."""
    if age_s <= 0:
        return 1.0
    place = int(age_s)
    if place >= len(ring) - 1:
        return ring[-1]
    return ring[place] + (ring[place + 1] - ring[place]) * (age_s - place)
