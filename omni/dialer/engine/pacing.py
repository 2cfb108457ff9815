"""When to dial: own-risk hazard, a controller of the drop budget, and the guarantee.

The forecast. For a few points tau in the answer delay of a line dialled now,

    X(tau) = free agents + agents who get free by tau + 2 s - waiting calls - other lines' answers

is a sum of independent yes/no trials whose chances come from how long each agent has talked or
wrapped up and how long each line has rung. The line would be dropped when X(tau) <= 0. Another line
is dialled while the mean of P(X(tau) <= 0) over the taus is at most beta ("own-risk hazard").

The controller. beta follows the balance of the budget: each answered call pays in the target, each
dropped one takes out 1. Both ends are clipped, or it winds up (DIALER.md B4).

The guarantee. Whatever the forecast says, no line is dialled whose worst case the budget has not
(`omni.dialer.engine.budget`).

Rules:
1. Lines covered by free agents are always dialled; the rest needs forecast and budget.
2. Agents are not remembered here: each decision gets the present crew (they are the ACD's).
3. One decision costs some tens of microseconds at 300 agents: agents and lines are counted by age.

Source: DIALER.md B1-B4; Samuelson 1999 for the idea of deciding when, not how many.
"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import assert_never

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.learning import AnswerRate, DurationTable
from omni.dialer.engine.risk import (
    TAUS,
    Moments,
    add_exact,
    difference,
    exact_risk,
    moments_of,
    normal_risk,
    total_of,
)
from omni.dialer.model import BY_HAND, Mode

ONE_LINE_EACH = BY_HAND | {Mode.PROGRESSIVE}
BETA_FIRST = 0.02  # log beta's middle; a cold start with it loses nothing
BETA_LOW, BETA_HIGH = 4.0, 1.6  # how far log beta may go below and above it
GAIN_LOW, GAIN_HIGH = 0.015, 0.25
EXACT_MAX = 14  # trials up to which the exact distribution is worth its cost
GIVE_UP = 15.0
DOUBT = 1.0
CONNECT_S = 2.0  # an answered person may wait so long
TABLES_EVERY_S = 120.0
RESERVE_EVERY_S = 5.0
RESERVE_MEMORY_S = 3600.0
RESERVE_SHARE = 3.0  # the answer rate may fall to a third before the guarantee holds us up
RESERVE_SLOPE = 1.5  # of log beta, per share of the reserve that the balance is above or below it
RATE_STEPS = 400  # the share of answers is taken in steps of a quarter of a percent
FINE_BINS, MIDDLE_BINS, COARSE = 16, 64, 4
RING_BINS, TALK_BIN_S, TALK_BINS, WRAP_BIN_S, WRAP_BINS = 60, 4.0, 300, 2.0, 150


@dataclass(frozen=True, slots=True)
class LineDialled:
    """A line rings from now on. `chance`: of an answer, relative to the campaign's mean."""

    at_s: float
    line: Hashable
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class LineAnswered:
    """A person answered the line and waits for an agent."""

    at_s: float
    line: Hashable


@dataclass(frozen=True, slots=True)
class LineFailed:
    """The line ended without an answer."""

    at_s: float
    line: Hashable
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class CallResolved:
    """An answered call got an agent, was given up by the callee, or was dropped."""

    at_s: float
    line: Hashable
    dropped: bool


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """A conversation of the campaign lasted so long."""

    talk_s: float


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """A wrap-up of the campaign lasted so long."""

    wrap_up_s: float


PacingEvent = LineDialled | LineAnswered | LineFailed | CallResolved | TalkEnded | WrapUpEnded


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
class PacingPlan:
    """How a campaign dials. `target_pct`: what the controller steers to, a little under the limit.

    `guarded` False leaves the guarantee out: only for measuring what it costs.
    """

    mode: Mode
    limit_pct: float = 3.0
    target_pct: float | None = None
    lines_per_agent: float = 1.5
    max_lines_per_agent: int = 8
    guarded: bool = True


@dataclass(frozen=True, slots=True)
class Habits:
    """What a campaign's calls are like: share answered (0 … 1), mean talk and wrap-up."""

    answer_share: float
    talk_mean_s: float
    wrap_up_mean_s: float


class Pacer:
    """The pacing of one campaign: `handle` what happens, ask `decide` how many lines to add."""

    def __init__(self, plan: PacingPlan, budget: DropBudget, answer_rate: float = 0.3) -> None:
        """`answer_rate`: believed before the first line."""
        self.plan = plan
        self._budget = budget
        self._ring = DurationTable(1.0, RING_BINS, mean_s=12.0, sigma=0.5)
        self._talk = DurationTable(TALK_BIN_S, TALK_BINS, mean_s=120.0, sigma=1.0)
        self._wrap = DurationTable(WRAP_BIN_S, WRAP_BINS, mean_s=20.0, sigma=0.7)
        self._rate = AnswerRate(answer_rate)
        self._lines: dict[Hashable, tuple[float, float]] = {}  # line → dialled at, chance
        self._waiting: dict[Hashable, float] = {}  # line → answered at
        self._beta_shift = 0.0
        self._given_up: list[Hashable] = []
        self._size = 1
        self._horizons: list[float] = []
        self._talk_bins: dict[int, Moments] = {}
        self._wrap_bins: dict[int, Moments] = {}
        self._line_bins: dict[tuple[int, int], Moments] = {}
        self._tables_at_s = -math.inf
        self._reserve = 1.0
        self._reserve_at_s = -math.inf
        self._rate_now = (-1, answer_rate)

    @property
    def ringing(self) -> int:
        return len(self._lines)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def beta(self) -> float:
        """The risk that a line may carry now."""
        shift = self._beta_shift
        if self.plan.guarded:
            reserve = max(1.0, RESERVE_SHARE * self._reserve)
            shift = RESERVE_SLOPE * (self._budget.balance - reserve) / reserve
            shift = min(BETA_HIGH, max(-BETA_LOW, shift))
        return BETA_FIRST * math.exp(shift)

    def handle(self, event: PacingEvent) -> None:
        """Take in what happened; a line that is not known here is ignored."""
        match event:
            case LineDialled(at_s, line, chance):
                self._lines[line] = (at_s, chance)
                self._rate.dialled(at_s, chance)
            case LineAnswered(at_s, line):
                self._answered(at_s, line)
            case LineFailed(at_s, line, given_up):
                self._failed(at_s, line, given_up=given_up)
            case CallResolved(_, line, dropped):
                self._resolved(line, dropped)
            case TalkEnded(talk_s):
                self._talk.add(talk_s)
            case WrapUpEnded(wrap_up_s):
                self._wrap.add(wrap_up_s)
            case _:
                assert_never(event)

    def decide(self, now_s: float, crew: Crew, room: int = 10**6) -> int:
        """Return how many lines to dial now.

        Args:
            room: lines the trunk and the list can give.
        """
        self._size = max(1, crew.size)
        covered = max(0, crew.free - self.waiting - self.ringing)
        most = min(room, self._ceiling(now_s, crew) - self.ringing)
        if self.plan.mode in BY_HAND:
            return 0
        if most <= covered or self.plan.mode is Mode.PROGRESSIVE:
            return max(0, min(covered, most))
        if self.plan.mode is Mode.POWER:
            free = max(0, crew.free - self.waiting)
            wanted = int(free * self.plan.lines_per_agent) - self.ringing
            return max(0, min(most, wanted))
        return self._predict(now_s, crew, covered, most)

    def spare(self, now_s: float, crew: Crew) -> int:
        """Return how many lines may be added at most, whatever the forecast says."""
        return max(0, self._ceiling(now_s, crew) - self.ringing)

    def replan(self, plan: PacingPlan, budget: DropBudget | None = None) -> None:
        """Go on under another plan; `budget` replaces the one in use when its rules changed."""
        self.plan = plan
        if budget is not None:
            self._budget = budget

    def unpaid(self, now_s: float, crew: Crew) -> int:
        """Return how many ringing lines the budget no longer covers, because agents have left."""
        held = crew.held + crew.leaving
        if self.plan.mode in ONE_LINE_EACH:
            return max(0, self.ringing - max(0, held - self.waiting))
        return max(0, self.ringing - self._budget.ringing_max(now_s, held, self.waiting))

    def answer_rate(self, now_s: float) -> float:
        """Return the share of lines that are answered, as believed this second."""
        if self._rate_now[0] != int(now_s):
            self._rate.look(now_s, self._ring.survival)
            self._rate_now = (int(now_s), self._rate.mean)
        return self._rate_now[1]

    def habits(self, now_s: float) -> Habits:
        """Return what was learned of the campaign's calls."""
        return Habits(self.answer_rate(now_s), self._talk.mean_s, self._wrap.mean_s)

    def _ceiling(self, now_s: float, crew: Crew) -> int:
        """Return how many lines may ring at all."""
        if self.plan.mode in ONE_LINE_EACH:
            return max(0, crew.free - self.waiting)
        most = self.plan.max_lines_per_agent * crew.size
        if not self.plan.guarded:
            return most
        return min(most, self._budget.ringing_max(now_s, crew.held, self.waiting))

    def _predict(self, now_s: float, crew: Crew, covered: int, most: int) -> int:
        self._refresh(now_s)
        rate = self.answer_rate(now_s)
        free = crew.free - self.waiting
        trials = len(crew.talk_since) + len(crew.wrap_since) + self.ringing
        fresh = self._fresh_chances(rate)
        if self.exact(trials) and covered <= EXACT_MAX:
            return self._predict_exact(now_s, crew, rate, free, (covered, most))
        taken = self._line_moments(now_s, rate)
        gain = difference(self._crew_moments(now_s, crew), taken)
        for j in range(TAUS):  # the answers that come differ also because the share is not known
            gain[TAUS + j] += (DOUBT * self._rate.spread * taken[j]) ** 2
        if now_s - self._reserve_at_s >= RESERVE_EVERY_S:
            limit = self.plan.max_lines_per_agent * crew.size - self.ringing
            wanted = _most_within(BETA_FIRST, gain, fresh, free, (covered, max(covered, limit)))
            self._learn_reserve(now_s, wanted + self.ringing - max(0, free))
        chosen = _most_within(self.beta, gain, fresh, free, (covered, most))
        if chosen == most and self.plan.guarded:
            limit = self.plan.max_lines_per_agent * crew.size - self.ringing
            wanted = _most_within(self.beta, gain, fresh, free, (chosen, max(chosen, limit)))
            self._give_up(now_s, wanted - chosen)
        return chosen

    def _give_up(self, now_s: float, count: int) -> None:
        if count <= 0 or not GIVE_UP: return
        for line, (at_s, _) in self._lines.items():
            if len(self._given_up) >= count or now_s - at_s < GIVE_UP: break
            self._given_up.append(line)

    def given_up(self) -> list[Hashable]:
        out = self._given_up
        self._given_up = []
        return out

    def exact(self, trials: int) -> bool:
        """Tell whether so few trials deserve the exact distribution."""
        return trials <= EXACT_MAX

    def _learn_reserve(self, now_s: float, uncovered: int) -> None:
        """Follow how many lines beyond the free agents are wanted: their worst case is to be paid
        from the balance, so the controller keeps that much unspent."""
        share = 1 - math.exp(-min(60.0, now_s - self._reserve_at_s) / RESERVE_MEMORY_S)
        self._reserve_at_s = now_s
        self._reserve += share * (max(0, uncovered) - self._reserve)

    def _predict_exact(
        self, now_s: float, crew: Crew, rate: float, free: int, bounds: tuple[int, int]
    ) -> int:
        covered, most = bounds
        fresh = self._fresh_chances(rate)
        freed = [self._talk_bin(_bin(now_s - at_s, TALK_BIN_S))[:TAUS] for at_s in crew.talk_since]
        freed += [self._wrap_bin(_bin(now_s - at_s, WRAP_BIN_S))[:TAUS] for at_s in crew.wrap_since]
        taken = [
            self._line_bin(int(now_s - at_s), rate, chance)[:TAUS]
            for at_s, chance in self._lines.values()
        ]
        state = exact_risk(_by_tau(freed), _by_tau(taken))
        for _ in range(covered):
            add_exact(state, fresh)
        count = covered
        ceiling = self.plan.max_lines_per_agent * crew.size - self.ringing
        learn = now_s - self._reserve_at_s >= RESERVE_EVERY_S
        chosen = -1
        while True:
            risk = state.risk(free) if count < ceiling else 1.0
            if chosen < 0 and (count >= most or risk > self.beta):
                chosen = count
            if chosen >= 0 and (not learn or risk > BETA_FIRST):
                break
            add_exact(state, fresh)
            count += 1
        if learn:
            self._learn_reserve(now_s, count + self.ringing - max(0, free))
        if chosen >= most and self.plan.guarded:
            while count < ceiling and state.risk(free) <= self.beta:
                add_exact(state, fresh)
                count += 1
            self._give_up(now_s, count - chosen)
        return chosen

    def _crew_moments(self, now_s: float, crew: Crew) -> Moments:
        talk = Counter([int((now_s - at_s) / TALK_BIN_S) for at_s in crew.talk_since])
        wrap = Counter([int((now_s - at_s) / WRAP_BIN_S) for at_s in crew.wrap_since])
        coarse: Counter[int] = Counter()
        for place, count in talk.items():
            coarse[_coarse(place)] += count
        groups = [(self._talk_bin(place), count) for place, count in coarse.items()]
        groups += [(self._wrap_bin(place), count) for place, count in wrap.items()]
        return total_of(groups)

    def _line_moments(self, now_s: float, rate: float) -> Moments:
        groups = Counter([(int(now_s - at_s), chance) for at_s, chance in self._lines.values()])
        return total_of(
            [(self._line_bin(age, rate, chance), count) for (age, chance), count in groups.items()]
        )

    def _fresh_chances(self, rate: float) -> list[float]:
        return [rate * (1 - self._ring.alive(tau)) for tau in self._taus]

    def _line_bin(self, age: int, rate: float, chance: float) -> Moments:
        """Return when a line of this age (whole seconds) is answered."""
        key = (age, round(rate * chance * RATE_STEPS))
        found = self._line_bins.get(key)
        if found is None:
            share = key[1] / RATE_STEPS
            now = self._ring.alive(age + 0.5)
            unanswered = max(1e-9, 1 - share * (1 - now))
            found = self._line_bins[key] = moments_of(
                [
                    min(1.0, share * (now - self._ring.alive(age + 0.5 + tau)) / unanswered)
                    for tau in self._taus
                ]
            )
        return found

    def _refresh(self, now_s: float) -> None:
        """Compute the tables that follow from what was learned, every now and then."""
        if now_s - self._tables_at_s < TABLES_EVERY_S:
            return
        self._tables_at_s = now_s
        self._taus = [self._ring.quantile((2 * j + 1) / (2 * TAUS)) for j in range(TAUS)]
        for bins in (self._talk_bins, self._wrap_bins):
            bins.clear()
        self._line_bins.clear()
        self._wrap_density = [
            self._wrap.survival[i] - self._wrap.survival[i + 1]
            for i in range(int((self._taus[-1] + CONNECT_S) / WRAP_BIN_S) + 1)
        ]

    def _talk_bin(self, place: int) -> Moments:
        """Return when an agent who has talked so long gets free: rest of the talk and wrap-up."""
        found = self._talk_bins.get(place)
        if found is None:
            age_s = _middle(place, TALK_BIN_S)
            chances = [
                sum(
                    density * self._talk.within(age_s, tau + CONNECT_S - (i + 0.5) * WRAP_BIN_S)
                    for i, density in enumerate(self._wrap_density)
                    if tau + CONNECT_S > (i + 0.5) * WRAP_BIN_S
                )
                for tau in self._taus
            ]
            found = self._talk_bins[place] = moments_of(chances)
        return found

    def _wrap_bin(self, place: int) -> Moments:
        found = self._wrap_bins.get(place)
        if found is None:
            age_s = (place + 0.5) * WRAP_BIN_S
            chances = [self._wrap.within(age_s, tau + CONNECT_S) for tau in self._taus]
            found = self._wrap_bins[place] = moments_of(chances)
        return found

    def _answered(self, at_s: float, line: Hashable) -> None:
        known = self._lines.pop(line, None)
        if known is None:
            return
        self._ring.add(at_s - known[0])
        self._rate.answered()
        self._waiting[line] = at_s
        self._budget.answered(at_s)

    def _failed(self, at_s: float, line: Hashable, *, given_up: bool) -> None:
        known = self._lines.pop(line, None)
        if known is None:
            return
        if given_up:
            rang_s = at_s - known[0]
            later = self._ring.alive(rang_s)
            share = min(0.98, self._rate.mean * known[1])
            unanswered = 1 - share * (1 - later)
            self._rate.given_up(*known, unanswered)
            self._ring.cut_short(rang_s, share * later / unanswered)

    def _resolved(self, line: Hashable, dropped: bool) -> None:
        answered_at_s = self._waiting.pop(line, None)
        if answered_at_s is None:
            return
        if dropped:
            self._budget.dropped(answered_at_s)
        gain = min(GAIN_HIGH, max(GAIN_LOW, 2 / self._size))
        target = self._target_share()
        shift = self._beta_shift + gain * (target - dropped)
        self._beta_shift = min(BETA_HIGH, max(-BETA_LOW, shift))

    def _target_share(self) -> float:
        if self.plan.target_pct is not None:
            return self.plan.target_pct / 100
        return self.plan.limit_pct / 100


def _most_within(
    beta: float, gain: Moments, fresh: Sequence[float], free: int, bounds: tuple[int, int]
) -> int:
    """Return the most lines to add so that the last one's own risk is at most beta.

    It is mostly none or a few, so the steps begin small and double.
    """
    low, high = bounds
    step = 1
    while low < high:
        probe = min(high, low + step)
        if normal_risk(gain, fresh, probe - 1, free) <= beta:
            low = probe
            step *= 2
        else:
            high = probe - 1
            step = max(1, (high - low + 1) // 2)
    return low


def _by_tau(rows: list[Moments]) -> list[list[float]]:
    return [[row[j] for row in rows] for j in range(TAUS)]


def _bin(age_s: float, bin_s: float) -> int:
    return _coarse(int(age_s / bin_s))


def _coarse(place: int) -> int:
    """Return a bin that is fine for short ages and coarse for long ones, where little changes."""
    if place < FINE_BINS:
        return place
    return place - place % COARSE if place < MIDDLE_BINS else place - place % (4 * COARSE)


def _middle(place: int, bin_s: float) -> float:
    if place < FINE_BINS:
        return (place + 0.5) * bin_s
    return (place + (COARSE if place < MIDDLE_BINS else 4 * COARSE) / 2) * bin_s
