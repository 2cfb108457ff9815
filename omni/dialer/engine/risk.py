"""The chance that too few agents are free: sums of independent yes/no trials.

Agents who get free count +1, lines that are answered count -1. For few trials the distribution is
computed exactly, for many the normal one with the correction of its skewness is used (Volkova's
refinement): both are compared in the tests.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

TAUS: Final = 4  # points of the answer delay at which the risk is taken; 6 give the same days
_ROOT2 = math.sqrt(2)
_NORMAL = NormalDist()
_PHI = 1 / math.sqrt(2 * math.pi)

Moments = list[float]
"""Of a sum of trials: TAUS means, then TAUS variances, then TAUS third central moments."""


def no_trials() -> Moments:
    """Return the moments of an empty sum."""
    return [0.0] * (3 * TAUS)


def moments_of(chances: Sequence[float]) -> Moments:
    """Return those of one trial with a chance at each tau."""
    variance = [q * (1 - q) for q in chances]
    third = [v * (1 - 2 * q) for v, q in zip(variance, chances, strict=True)]
    return [*chances, *variance, *third]


def total_of(groups: Sequence[tuple[Moments, int]], *, skewed: bool = True) -> Moments:
    """Return the moments of `count` independent trials of each kind together.

    `skewed` False leaves the third moments at 0: of hundreds of trials they say nothing.
    """
    total = no_trials()
    rows = [moments for moments, _ in groups]
    counts = [float(count) for _, count in groups]
    # Column by column: compiled, what is summed up stays in a register.
    for j in range(3 * TAUS if skewed else 2 * TAUS):
        column = 0.0
        for i in range(len(rows)):
            column += rows[i][j] * counts[i]
        total[j] = column
    return total


def difference(gains: Moments, losses: Moments) -> Moments:
    """Return the moments of gains minus losses, both independent."""
    total = no_trials()
    for j in range(TAUS):
        total[j] = gains[j] - losses[j]
        total[TAUS + j] = gains[TAUS + j] + losses[TAUS + j]
        total[2 * TAUS + j] = gains[2 * TAUS + j] - losses[2 * TAUS + j]
    return total


def normal_risk(moments: Moments, fresh: Sequence[float], count: int, free: int) -> float:
    """Return the mean over the taus of P(free + gain <= 0).

    Args:
        moments: of the gain: agents getting free minus lines answered.
        fresh: chance at each tau that a line dialled now is answered.
        count: how many such lines there are beside the one whose risk is asked.
        free: agents free now, less the calls that wait for one.
    """
    risk = 0.0
    for j in range(TAUS):
        q = fresh[j]
        spread = q * (1 - q)
        mean = moments[j] - count * q
        variance = moments[TAUS + j] + count * spread
        if variance < 1e-12:
            risk += 1.0 if round(mean) + free <= 0 else 0.0
            continue
        sigma = math.sqrt(variance)
        x = (-free + 0.5 - mean) / sigma
        skew = (moments[2 * TAUS + j] - count * spread * (1 - 2 * q)) / (variance * sigma)
        value = 0.5 * (1 + math.erf(x / _ROOT2))
        value += skew * (1 - x * x) * _PHI * math.exp(-x * x / 2) / 6
        risk += min(1.0, max(0.0, value))
    return risk / TAUS


def about_most(moments: Moments, fresh: Sequence[float], beta: float, free: int) -> int:
    """Return about how many lines there may be so that the last one's risk is `beta`.

    It is where to begin a search by `normal_risk`, whose arguments these are: without skewness, and
    with the worst tau taken for the mean of all. At tau, n lines are at the risk p when

        a - n q = k sqrt(v + n s)    with a = free - 1/2 + mean, s = q (1 - q), k = -quantile of p
    """
    k = max(0.0, -_NORMAL.inv_cdf(min(0.5, 2 * beta)))  # the worst has more than the mean
    most = math.inf
    for j in range(TAUS):
        q, a = fresh[j], free - 0.5 + moments[j]
        if q <= 0:
            continue
        if a <= 0:
            return 0
        s, v = q * (1 - q), moments[TAUS + j]
        root = k * math.sqrt(4 * a * q * s + (k * s) ** 2 + 4 * q * q * v)
        most = min(most, (2 * a * q + k * k * s - root) / (2 * q * q))
    return int(max(0.0, min(most, 1e6)))


@dataclass(slots=True)
class ExactRisk:
    """The distributions at each tau: P(k agents get free), P(k lines are answered)."""

    gains: list[list[float]]
    losses: list[list[float]]

    def risk(self, free: int) -> float:
        """Return the mean over the taus of P(free + gains - losses <= 0)."""
        return sum(
            _shortfall(gain, loss, free) for gain, loss in zip(self.gains, self.losses, strict=True)
        ) / len(self.gains)


def exact_risk(gains: Sequence[Sequence[float]], losses: Sequence[Sequence[float]]) -> ExactRisk:
    """Return the exact state for trials given by their chances at each tau."""
    return ExactRisk([_sum_of(row) for row in gains], [_sum_of(row) for row in losses])


def add_exact(state: ExactRisk, fresh: Sequence[float]) -> None:
    """Add one line dialled now."""
    state.losses = [_convolved(loss, q) for loss, q in zip(state.losses, fresh, strict=True)]


def _sum_of(chances: Sequence[float]) -> list[float]:
    masses = [1.0]
    for q in chances:
        masses = _convolved(masses, q)
    return masses


def _convolved(masses: list[float], q: float) -> list[float]:
    rest = 1 - q
    longer = [mass * rest for mass in masses]
    longer.append(0.0)
    for k, mass in enumerate(masses):
        longer[k + 1] += mass * q
    return longer


def _shortfall(gain: Sequence[float], loss: Sequence[float], free: int) -> float:
    """Return P(free + G - L <= 0)."""
    tails = [0.0] * (len(loss) + 1)  # tails[k] = P(L >= k)
    for k in range(len(loss) - 1, -1, -1):
        tails[k] = tails[k + 1] + loss[k]
    total = 0.0
    for g, mass in enumerate(gain):
        needed = free + g
        if needed <= 0:
            total += mass
        elif needed < len(loss):
            total += mass * tails[needed]
    return total
