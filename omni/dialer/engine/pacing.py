"""When to dial, and which lines to give up: a controller of the drop budget, and the guarantee.

The forecast (`omni.dialer.engine.forecast`) tells the risk of each further line to find no agent.
Another line is dialled while its risk is at most beta ("own-risk hazard").

The controller. Unguarded, beta follows the balance of the budget: each answered call pays in the
target, each dropped one takes out 1. Guarded, it follows the balance against the reserve that the
campaign needs: what the uncovered lines would cost at worst, several times over, because the answer
rate may fall; towards the end of the day, where it is known, less and less is kept. Both ends are
clipped, or it winds up (DIALER.md B4).

The guarantee. Whatever the forecast says, no line is dialled whose worst case the budget has not
(`omni.dialer.engine.budget`).

Giving up. While the guarantee and nothing else holds lines back, a line that has rung its lawful
least stands in the way of a better one: most of its answers have come, a fresh one's have not. The
oldest such lines are given up. Each stays paid for until it has really ended.

Rules:
1. Lines covered by free agents are always dialled; the rest needs forecast and budget.
2. Agents are not remembered here: each decision gets the present crew (they are the ACD's).

Source: DIALER.md B1-B4; Samuelson 1999 for the idea of deciding when, not how many.
"""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import islice
from typing import assert_never

from omni.dialer.engine.answering import Traits
from omni.dialer.engine.budget import DropBudget, HourCount, WindowStand
from omni.dialer.engine.forecast import Crew, Forecast
from omni.dialer.model import BY_HAND, Mode

ONE_LINE_EACH = BY_HAND | {Mode.PROGRESSIVE}
BETA_FIRST = 0.02  # log beta's middle; a cold start with it loses nothing
BETA_LOW, BETA_HIGH = 4.0, 1.6  # how far log beta may go below and above it
GAIN_LOW, GAIN_HIGH = 0.015, 0.25
RESERVE_EVERY_S = 5.0
RESERVE_MEMORY_S = 3600.0
RESERVE_SHARE = 3.0  # the answer rate may fall to a third before the guarantee holds us up
RESERVE_SHARE_LAST = 1.0  # at the day's end, to which it falls
RESERVE_FALLS_S = 5 * 3600.0  # over the last so many hours
RESERVE_SLOPE = 1.5  # of log beta, per share of the reserve that the balance is above or below it


@dataclass(frozen=True, slots=True)
class LineDialled:
    """A line rings from now on; `traits`: what the contact's chance is known by.

    `listened`: when it is answered it is found out by what, and a machine is ended.
    """

    at_s: float
    line: Hashable
    traits: Traits = ()
    listened: bool = False


@dataclass(frozen=True, slots=True)
class MessageDialled:
    """A line rings whose callee will hear a message: no agent is counted on.

    `listened`: a machine that answers it is ended, at the cost of a person taken for one.
    """

    line: Hashable
    listened: bool


@dataclass(frozen=True, slots=True)
class MessageOver:
    """Such a line is known to cost nothing; `person`: it was found that a person answered it."""

    at_s: float
    line: Hashable
    person: bool


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


@dataclass(frozen=True, slots=True)
class MachineEnded:
    """A line that was listened to was ended, as that of a machine."""

    at_s: float
    line: Hashable


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


PacingEvent = (
    LineDialled
    | MessageDialled
    | MessageOver
    | LineAnswered
    | LineFailed
    | MachineEnded
    | CallResolved
    | TalkEnded
    | WrapUpEnded
)


@dataclass(frozen=True, slots=True)
class PacingPlan:
    """How a campaign dials. `target_pct`: what the controller steers to, a little under the limit.

    `guarded` False leaves the guarantee out: only for measuring what it costs.
    `give_up_s`: how long a line must have rung before it may be given up; None: never.
    """

    mode: Mode
    limit_pct: float = 3.0
    target_pct: float | None = None
    lines_per_agent: float = 1.5
    max_lines_per_agent: int = 8
    guarded: bool = True
    give_up_s: float | None = 15.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What a campaign's calls are like: share answered (0 … 1), mean talk and wrap-up."""

    answer_share: float
    talk_mean_s: float
    wrap_up_mean_s: float


class Pacer:
    """The pacing of one campaign: `handle` what happens, ask `decide` how many lines to add."""

    def __init__(
        self, plan: PacingPlan, budget: DropBudget, forecast: Forecast | None = None
    ) -> None:
        self.plan = plan
        self.forecast = forecast or Forecast()
        self.closes_s: float | None = None  # when the day's dialling ends, as far as known
        self._budget = budget
        self._lost_share = 0.0
        self._listened: set[Hashable] = set()  # lines that ring, and those being listened to
        self._waiting: dict[Hashable, float] = {}  # line → answered at
        self._given_up: set[Hashable] = set()  # and not ended yet
        self._short = 0  # lines that were wanted and not paid for
        self._beta_shift = 0.0
        self._size = 1
        self._reserve = 1.0
        self._reserve_at_s = -math.inf

    @property
    def ringing(self) -> int:
        return self.forecast.ringing

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def beta(self, now_s: float) -> float:
        """Return the risk that a line may carry now."""
        shift = self._beta_shift
        if self.plan.guarded:
            reserve = max(1.0, self._reserve_share(now_s) * self._reserve)
            shift = RESERVE_SLOPE * (self._budget.balance - reserve) / reserve
            shift = min(BETA_HIGH, max(-BETA_LOW, shift))
        return BETA_FIRST * math.exp(shift)

    def _reserve_share(self, now_s: float) -> float:
        """Return how many times over the reserve is kept: what the day leaves over is lost."""
        if self.closes_s is None:
            return RESERVE_SHARE
        left = min(1.0, max(0.0, self.closes_s - now_s) / RESERVE_FALLS_S)
        return RESERVE_SHARE_LAST + (RESERVE_SHARE - RESERVE_SHARE_LAST) * left

    def handle(self, event: PacingEvent) -> None:
        """Take in what happened; a line that is not known here is ignored."""
        match event:
            case LineDialled(at_s, line, traits, listened):
                self.forecast.dialled(at_s, line, traits)
                if listened:
                    self._listened.add(line)
            case MessageDialled() | MessageOver():
                self._message(event)
            case LineAnswered(at_s, line):
                self._answered(at_s, line)
            case LineFailed(at_s, line):
                self._failed(at_s, line)
            case MachineEnded(at_s, line):
                self._failed(at_s, line)
                self._budget.machine(at_s)
            case CallResolved(_, line, dropped):
                self._resolved(line, dropped)
            case TalkEnded(talk_s):
                self.forecast.talk.add(talk_s)
            case WrapUpEnded(wrap_up_s):
                self.forecast.wrap.add(wrap_up_s)
            case _:
                assert_never(event)

    def decide(self, now_s: float, crew: Crew, room: int = 10**6) -> int:
        """Return how many lines to dial now.

        Args:
            room: lines the trunk and the list can give.
        """
        self._size = max(1, crew.size)
        self._short = 0
        covered = max(0, crew.free - self.waiting - self.ringing)
        paid = self._ceiling(now_s, crew) - self.ringing
        most = min(room, paid)
        if self.plan.mode in BY_HAND:
            return 0
        if self.plan.mode is Mode.PROGRESSIVE:
            return max(0, min(covered, most))
        if self.plan.mode is Mode.POWER:
            free = max(0, crew.free - self.waiting)
            wanted = int(free * self.plan.lines_per_agent) - self.ringing
            return max(0, min(most, wanted))
        if room <= min(covered, paid):
            return max(0, room)
        return self._predict(now_s, crew, (covered, max(0, paid)), room)

    def to_give_up(self, now_s: float) -> list[Hashable]:
        """Return the ringing lines to be ended now in favour of those that the last decision
        wanted and could not pay for; none of them is named twice."""
        count = self._short - len(self._given_up)
        if count <= 0 or self.plan.give_up_s is None:
            return []
        ripe = self.forecast.rung_since(now_s - self.plan.give_up_s)
        chosen = list(islice((line for line in ripe if line not in self._given_up), count))
        self._given_up.update(chosen)
        return chosen

    def spare(self, now_s: float, crew: Crew) -> int:
        """Return how many lines may be added at most, whatever the forecast says."""
        return max(0, self._ceiling(now_s, crew) - self.ringing)

    def reserved(self, crew: Crew) -> int:
        """Return how many drops are set aside: every line may be answered, nobody else be free."""
        return max(0, self.ringing + self.waiting - crew.held - crew.leaving)

    def budget(self, now_s: float) -> list[WindowStand]:
        """Return how the drop budget stands, window by window."""
        return self._budget.stands(now_s)

    def replan(self, plan: PacingPlan, budget: DropBudget | None = None) -> None:
        """Go on under another plan; `budget` replaces the one in use when its rules changed."""
        self.plan = plan
        if budget is not None:
            self._budget = budget
            budget.believe(self._lost_share)

    def counted(self) -> list[HourCount]:
        """Return what the budget has counted."""
        return self._budget.counted()

    def believe(self, lost_share: float) -> None:
        """Take this share (0 … 1) of the machines that are ended for persons."""
        self._lost_share = lost_share
        self._budget.believe(lost_share)

    def listening_room(self, now_s: float) -> int:
        """Return how many more machines may be ended: what that may cost is paid for."""
        return max(0, self._budget.listening_max(now_s) - len(self._listened))

    def unpaid(self, now_s: float, crew: Crew) -> int:
        """Return how many ringing lines the budget no longer covers, because agents have left."""
        held = crew.held + crew.leaving
        if self.plan.mode in ONE_LINE_EACH:
            return max(0, self.ringing - max(0, held - self.waiting))
        return max(0, self.ringing - self._budget.ringing_max(now_s, held, self.waiting))

    def habits(self, now_s: float) -> Habits:
        """Return what was learned of the campaign's calls."""
        known = self.forecast
        return Habits(known.rate(now_s), known.talk.mean_s, known.wrap.mean_s)

    def _ceiling(self, now_s: float, crew: Crew) -> int:
        """Return how many lines may ring at all."""
        if self.plan.mode in ONE_LINE_EACH:
            return max(0, crew.free - self.waiting)
        most = self.plan.max_lines_per_agent * crew.size
        if not self.plan.guarded:
            return most
        return min(most, self._budget.ringing_max(now_s, crew.held, self.waiting))

    def _predict(self, now_s: float, crew: Crew, bounds: tuple[int, int], room: int) -> int:
        """Return how many lines to dial, between the covered and the paid ones."""
        covered, paid = bounds
        free = crew.free - self.waiting
        odds = self.forecast.odds(now_s, crew, free)
        limit = max(covered, self.plan.max_lines_per_agent * crew.size - self.ringing)
        if now_s - self._reserve_at_s >= RESERVE_EVERY_S:
            wanted = odds.most(BETA_FIRST, covered, limit)
            self._learn_reserve(now_s, wanted + self.ringing - max(0, free))
        beta = self.beta(now_s)
        chosen = odds.most(beta, min(covered, paid), min(paid, room))
        if chosen == paid and self.plan.guarded:
            self._short = min(room, odds.most(beta, max(covered, chosen), limit)) - chosen
        return chosen

    def _learn_reserve(self, now_s: float, uncovered: int) -> None:
        """Follow how many lines beyond the free agents are wanted: their worst case is to be paid
        from the balance, so the controller keeps that much unspent."""
        share = 1 - math.exp(-min(60.0, now_s - self._reserve_at_s) / RESERVE_MEMORY_S)
        self._reserve_at_s = now_s
        self._reserve += share * (max(0, uncovered) - self._reserve)

    def _answered(self, at_s: float, line: Hashable) -> None:
        self._listened.discard(line)
        if self.forecast.answered(at_s, line):
            self._given_up.discard(line)
            self._waiting[line] = at_s
            self._budget.answered(at_s)

    def _message(self, event: MessageDialled | MessageOver) -> None:
        """A line of which the budget alone knows: no agent is counted on."""
        if isinstance(event, MessageOver):
            self._listened.discard(event.line)
            if event.person:
                self._budget.answered(event.at_s)
        elif event.listened:
            self._listened.add(event.line)

    def _failed(self, at_s: float, line: Hashable) -> None:
        self._listened.discard(line)
        if line in self._given_up:
            self._given_up.discard(line)
            self.forecast.given_up(at_s, line)
        else:
            self.forecast.failed(line)

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
