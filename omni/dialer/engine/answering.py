"""How often people answer: the campaign's share of the moment, and each contact's own chance.

The share is a belief over a grid of shares. It creeps, and now and then it leaps (people come home,
another part of the list begins). Each second the answers that came are weighed against those that a
share would have brought by then: of a line dialled `age` ago, F(age) of its answers have come, F
being the ring-time distribution. Counting only resolved lines is wrong whenever the dialling rate
changes, because answers resolve sooner than no-answers (DIALER.md B4).

A contact's chance is relative to that share: a product of one factor for each trait (past attempts,
hour where the callee is, kind of number). A factor is answers / answers expected without it, of the
lines that had the trait, and begins at 1: as a trait shows what it is worth, it counts.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Final

GRID: Final = 64  # shares considered, evenly spaced in their logarithm
SHARE_LOW, SHARE_HIGH = 0.005, 0.98
CREEP = 0.0013  # of the belief moves to each neighbouring share, per second
LEAP = 1 / 6000  # leaps to each of four shares, per second: by 3 and by 6, up and down
ANEW = 1e-5  # begins anew, per second
PRIOR_SIGMA = 0.5  # of the logarithm of the share, before anything was seen
UNSEEN_MAX_S = 10.0  # after a longer silence nothing more is made of it

Traits = tuple[tuple[str, Hashable], ...]  # what is known of a contact: name and value
TRAIT_WEIGHT = 8.0  # answers that a factor of 1 is worth at first
TRAIT_FORGET = 0.9995  # per line
CHANCE_LOW, CHANCE_HIGH = 0.05, 8.0
USUAL_WEIGHT = 0.02  # of one line in the mean chance of those dialled lately


class AnswerRate:
    """The share of dialled lines that a person answers: `mean`, and `spread` relative to it."""

    def __init__(self, prior: float) -> None:
        """`prior`: believed before the first line."""
        step = math.log(SHARE_HIGH / SHARE_LOW) / (GRID - 1)
        self._logs = [math.log(SHARE_LOW) + i * step for i in range(GRID)]
        self._shares = [math.exp(log) for log in self._logs]
        self._squares = [share * share for share in self._shares]
        middle = math.log(prior)
        self._first = _normed(
            [math.exp(-0.5 * ((log - middle) / PRIOR_SIGMA) ** 2) for log in self._logs]
        )
        self._belief = self._first
        self._cohorts: dict[int, float] = {}  # second of dialling → chances of those lines
        self._answers = 0
        self._second: int | None = None
        self.mean = prior
        self.spread = PRIOR_SIGMA

    def dialled(self, at_s: float, chance: float = 1.0) -> None:
        """A line was dialled; `chance`: relative to the mean."""
        second = math.floor(at_s)
        self._cohorts[second] = self._cohorts.get(second, 0.0) + chance

    def answered(self) -> None:
        """A line was answered."""
        self._answers += 1

    def given_up(self, dialled_at_s: float, chance: float, unanswered: float) -> None:
        """We ended a line before its time: what it might have brought is not to be missed.

        Its cohort was to be answered but for the share `unanswered`: the line stands for as many.
        """
        second = math.floor(dialled_at_s)
        if second in self._cohorts:
            self._cohorts[second] = max(0.0, self._cohorts[second] - chance / unanswered)

    def look(self, now_s: float, ring: Sequence[float]) -> None:
        """Weigh what was seen since the last look; at most one look a second counts.

        Args:
            ring: at i the share of answers that come later than i seconds.
        """
        now = math.floor(now_s)
        if self._second is None:
            self._second = now - 1
        passed_s = now - self._second
        if passed_s <= 0:
            return
        due = self._due(now, passed_s, ring)
        self._second = now
        answers, self._answers = self._answers, 0
        weights = []
        for i in range(GRID):
            weights.append(answers * self._logs[i] - due * self._shares[i])
        top = max(weights)
        masses = self._moved(min(UNSEEN_MAX_S, passed_s))
        for i in range(GRID):
            masses[i] *= math.exp(weights[i] - top)
        self._belief = _normed(masses)
        mean = square = 0.0
        for i in range(GRID):
            mean += self._belief[i] * self._shares[i]
            square += self._belief[i] * self._squares[i]
        self.mean = mean
        self.spread = math.sqrt(max(0.0, square / mean**2 - 1))

    def _due(self, now: int, passed_s: int, ring: Sequence[float]) -> float:
        """Return the answers that a share of 1 would have brought since the last look."""
        last = len(ring) - 1
        due = 0.0
        for second in list(self._cohorts):
            after = now - second
            before = after - passed_s
            if before >= last:
                del self._cohorts[second]
                continue
            earlier = ring[before] if before > 0 else 1.0
            due += self._cohorts[second] * (earlier - ring[min(last, max(0, after))])
        return due

    def _moved(self, passed_s: float) -> list[float]:
        """Return the belief, not normed, after so many seconds without a look."""
        creep, leap, anew = CREEP * passed_s, LEAP * passed_s, ANEW * passed_s
        stay = 1 - 2 * creep - 4 * leap - anew
        old = [0.0] * 6 + self._belief + [0.0] * 6
        moved = []
        for i in range(GRID):
            j = i + 6
            near = old[j - 1] + old[j + 1]
            far = (old[j - 3] + old[j + 3]) + (old[j - 6] + old[j + 6])
            moved.append((stay * old[j] + creep * near) + (leap * far + anew * self._first[i]))
        return moved


class Chances:
    """How much likelier than the mean a contact answers, learned from the lines that ended."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, list[float]] = {}  # trait → answers, answers expected
        self.usual = 1.0  # of the lines dialled lately

    def of(self, traits: Traits) -> float:
        """Return a contact's chance relative to the campaign's mean."""
        chance = math.prod(map(self._factor, traits))
        return min(CHANCE_HIGH, max(CHANCE_LOW, chance))

    def dialled(self, chance: float) -> None:
        """A contact with this chance was dialled."""
        self.usual += USUAL_WEIGHT * (chance - self.usual)

    def ended(self, traits: Traits, expected: float, *, answered: bool) -> None:
        """A line ended; `expected`: its probability of an answer, as believed at the dial."""
        for trait in traits:
            seen = self._seen.setdefault(trait, [0.0, 0.0])
            without = expected / self._factor(trait)
            seen[0] = TRAIT_FORGET * seen[0] + answered
            seen[1] = TRAIT_FORGET * seen[1] + without

    def _factor(self, trait: Hashable) -> float:
        seen = self._seen.get(trait)
        if seen is None:
            return 1.0
        return (seen[0] + TRAIT_WEIGHT) / (seen[1] + TRAIT_WEIGHT)


def traits_of(attempts: int, hour: int, kind: str) -> Traits:
    """Return what the chance of a contact is learned by.

    Args:
        attempts: how often it was dialled before.
        hour: of the day, where the callee is.
        kind: of its number.
    """
    return (("attempts", min(attempts, 4)), ("hour", hour), ("kind", kind))


def _normed(masses: list[float]) -> list[float]:
    share = 1 / sum(masses, 0.0)
    return [mass * share for mass in masses]
