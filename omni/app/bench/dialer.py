"""`omni bench dialer`: how much of their time agents talk, and what that costs in dropped calls.

Days of the model in `omni.dialer.simulator`, 8 h, limit 3 %, for each size of team:
- `predictive`: ours, with the guarantee; `predictive_unguarded`: the same forecast without it (the
  difference is what the guarantee costs);
- `progressive`: one line for each free agent;
- `fixed_ratio`: lines per free agent, tuned beforehand on other days to just under the limit;
- `vicidial`: a model of its rules (AVERAGE, default settings), not a measured VICIdial;
- `oracle`: ours without guarantee, but knowing the answer rate and when every agent gets free.

    omni bench dialer --agents 5,50,300 --seeds 10 --answer-rate drift --algorithms predictive
"""

import argparse
import sys
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from statistics import fmean
from zoneinfo import ZoneInfo

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.forecast import CONNECT_S, Crew, Forecast
from omni.dialer.engine.pacing import (
    CallResolved,
    LineAnswered,
    LineDialled,
    LineFailed,
    Pacer,
    PacingEvent,
    PacingPlan,
)
from omni.dialer.engine.profiles import Window
from omni.dialer.engine.risk import TAUS, Moments
from omni.dialer.model import Mode
from omni.dialer.simulator import (
    DAY_START_S,
    AnswerShare,
    Day,
    Policy,
    Shift,
    Simulation,
    drifting,
    steady,
)

LIMIT_PCT = 3.0
LINE_LIFE_S = 30.0
TUNING_SEEDS = (1001, 1002)
TUNING_STEPS = 6
Make = Callable[[int, "AnswerShare"], Policy]


class Counting:
    """Counts lines and calls: the base of the rules that ours is compared with."""

    def __init__(self) -> None:
        self.ringing = 0
        self.waiting = 0
        self.answered = 0
        self.dropped = 0

    def handle(self, event: PacingEvent) -> None:
        match event:
            case LineDialled():
                self.ringing += 1
            case LineFailed():
                self.ringing -= 1
            case LineAnswered():
                self.ringing -= 1
                self.waiting += 1
                self.answered += 1
            case CallResolved(_, _, dropped):
                self.waiting -= 1
                self.dropped += dropped
            case _:
                pass

    def to_give_up(self, now_s: float) -> Sequence[Hashable]:
        return ()


class FixedRatio(Counting):
    """So many lines for each free agent."""

    def __init__(self, ratio: float) -> None:
        super().__init__()
        self._ratio = ratio
        self._carry = 0.0

    def decide(self, now_s: float, crew: Crew) -> int:
        wanted = (crew.free - self.waiting) * self._ratio
        return max(0, min(round(wanted), 8 * crew.size) - self.ringing)


class Vicidial(Counting):
    """AST_VDadapt and AST_VDauto_dial with their default settings, as far as they are public."""

    def __init__(self) -> None:
        super().__init__()
        self._level = 1.0
        self._gaps: deque[int] = deque(maxlen=15)
        self._dialled_at_s = self._levelled_at_s = DAY_START_S
        self._second = -1

    def decide(self, now_s: float, crew: Crew) -> int:
        if int(now_s) != self._second:
            self._second = int(now_s)
            self._gaps.append(crew.free - self.waiting)
        if now_s - self._levelled_at_s >= 15:
            self._levelled_at_s = now_s
            if self.answered > 50 and 100 * self.dropped > LIMIT_PCT * self.answered:
                self._level = max(1.0, self._level / 2)
            else:
                gap = fmean(self._gaps) if self._gaps else 0.0
                self._level = min(3.0, max(1.0, self._level * (1 + gap / max(1, crew.size))))
        if now_s - self._dialled_at_s < 2.5:
            return 0
        self._dialled_at_s = now_s
        working = crew.free + len(crew.talk_since)
        goal = round(self._level * working)
        return max(0, goal - self.ringing - self.waiting - len(crew.talk_since))


class Oracle(Forecast):
    """Our forecast, told the answer rate and when every agent gets free."""

    def __init__(self, share: AnswerShare) -> None:
        super().__init__()
        self._share = share
        self.simulation: Simulation | None = None

    def rate(self, now_s: float) -> float:
        return self._share(now_s - DAY_START_S)

    def doubt(self) -> float:
        return 0.0

    def exact(self, trials: int) -> bool:
        return False

    def crew_moments(self, now_s: float, crew: Crew) -> Moments:
        assert self.simulation is not None
        frees = self.simulation.free_at_s.values()
        means = [float(sum(at <= now_s + tau + CONNECT_S for at in frees)) for tau in self.taus]
        return [*means, *([0.0] * (2 * TAUS))]


def run(options: list[str]) -> list[dict[str, object]]:
    """Run the days asked for and return one row for each cell."""
    asked = _options(options)
    rows = []
    for agents in asked.agents:
        for name in asked.algorithms:
            rows.append(_cell(agents, asked.answer_rate, name, asked.seeds, asked.hours))
            print(rows[-1], file=sys.stderr, flush=True)  # noqa: T201  # progress
    return rows


def _options(options: list[str]) -> argparse.Namespace:
    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",")]

    def names(text: str) -> list[str]:
        unknown = set(text.split(",")) - set(ALGORITHMS)
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return text.split(",")

    parser = argparse.ArgumentParser(prog="omni bench dialer")
    parser.add_argument("--agents", type=numbers, default=[5, 10, 20, 50, 100, 300])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--answer-rate", default="drift", help="drift, or a share such as 0.3")
    parser.add_argument("--algorithms", type=names, default=list(ALGORITHMS))
    parser.add_argument("--hours", type=float, default=8.0)
    return parser.parse_args(options)


def _cell(agents: int, rate: str, name: str, seeds: int, hours: float) -> dict[str, object]:
    make = ALGORITHMS[name](agents, rate, hours)
    days = [_day(agents, rate, make, seed, hours) for seed in range(1, seeds + 1)]
    answered = sum(day.answered for day in days)
    return {
        "agents": agents,
        "answer_rate": rate,
        "algorithm": name,
        "utilisation": round(fmean(day.utilisation for day in days), 4),
        "drop_pct": round(100 * sum(day.dropped for day in days) / max(1, answered), 3),
        "worst_day_pct": round(max(day.drop_pct for day in days), 3),
        "days_over_limit": sum(day.drop_pct > LIMIT_PCT for day in days),
        "mean_wait_s": round(fmean(day.wait_mean_s for day in days), 2),
        "seeds": seeds,
    }


def _share(rate: str, seed: int, hours: float) -> AnswerShare:
    return drifting(seed, hours) if rate == "drift" else steady(float(rate))


def _day(agents: int, rate: str, make: Make, seed: int, hours: float) -> Day:
    share = _share(rate, seed, hours)
    policy = make(agents, share)
    simulation = Simulation(Shift(agents, share, hours=hours), policy, seed)
    if isinstance(policy, Pacer) and isinstance(policy.forecast, Oracle):
        policy.forecast.simulation = simulation
    return simulation.run()


def _budget() -> DropBudget:
    windows = (Window.CALENDAR_DAY,)
    return DropBudget(LIMIT_PCT, windows, ZoneInfo("UTC"), LINE_LIFE_S)


def _target_pct(agents: int) -> float:
    """Return the study's target under the limit (DIALER.md B3), for what has no guarantee."""
    return 2.65 if agents <= 10 else 2.75 if agents <= 20 else 2.85


def _pacer(mode: Mode, *, guarded: bool = True) -> Callable[[int, str, float], Make]:
    def choose(agents: int, rate: str, hours: float) -> Make:
        plan = PacingPlan(mode, LIMIT_PCT, _target_pct(agents), guarded=guarded)
        return lambda _, __: Pacer(plan, _budget())

    return choose


def _oracle(agents: int, rate: str, hours: float) -> Make:
    plan = PacingPlan(Mode.PREDICTIVE, LIMIT_PCT, _target_pct(agents), guarded=False)
    return lambda _, share: Pacer(plan, _budget(), Oracle(share))


def _vicidial(agents: int, rate: str, hours: float) -> Make:
    return lambda _, __: Vicidial()


def _tuned_ratio(agents: int, rate: str, hours: float) -> Make:
    """Find the greatest ratio whose drops stay under the limit on days set apart for tuning."""
    low, high = 1.0, 16.0
    for _ in range(TUNING_STEPS):
        middle = (low + high) / 2
        days = [_day(agents, rate, _fixed(middle), seed, min(hours, 4.0)) for seed in TUNING_SEEDS]
        drop_pct = 100 * sum(d.dropped for d in days) / max(1, sum(d.answered for d in days))
        low, high = (middle, high) if drop_pct <= LIMIT_PCT else (low, middle)
    return _fixed(low)


def _fixed(ratio: float) -> Make:
    return lambda _, __: FixedRatio(ratio)


ALGORITHMS: dict[str, Callable[[int, str, float], Make]] = {
    "predictive": _pacer(Mode.PREDICTIVE),
    "predictive_unguarded": _pacer(Mode.PREDICTIVE, guarded=False),
    "progressive": _pacer(Mode.PROGRESSIVE),
    "fixed_ratio": _tuned_ratio,
    "vicidial": _vicidial,
    "oracle": _oracle,
}

__all__: Sequence[str] = ["run"]
