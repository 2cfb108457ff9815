"""`omni bench dialer`: how much of their time agents talk, and what that costs in dropped calls.

Days of the model in `omni.dialer.simulator`, 8 h, limit 3 %, for each size of team:
- `predictive`: ours, with the guarantee; `predictive_unguarded`: the same forecast without it (the
  difference is what the guarantee costs); `predictive_blind`: ours, not told what a contact's own
  chance is learned by;
- `progressive`: one line for each free agent;
- `fixed_ratio`: lines per free agent, tuned beforehand on other days to just under the limit;
- `vicidial`: a model of its rules (AVERAGE, default settings), not a measured VICIdial;
- `oracle`: ours without guarantee, but knowing the answer rate and when every agent gets free.

    omni bench dialer --agents 5,50,300 --seeds 10 --answer-rate drift --algorithms predictive

`--contacts mixed`: half of the list answers at 0.4 of the mean rate, a fifth at 2.5 times it.
`--jobs`: processes. `--decisions`: how much processor time a decision takes, beside (microseconds).
"""

import argparse
import sys
import time
from collections import deque
from collections.abc import Hashable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from statistics import fmean
from zoneinfo import ZoneInfo

from omni.dialer.engine.ages import CONNECT_S
from omni.dialer.engine.answering import Traits
from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.forecast import Crew, Forecast
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
    Kind,
    Policy,
    Shift,
    Simulation,
    drifting,
    steady,
)

LIMIT_PCT = 3.0
LINE_LIFE_S = 30.0
TUNING_SEEDS = (1001, 1002)
TUNING_STEPS, TUNING_HOURS = 6, 4.0
MIXED = (Kind(0.5, 0.4), Kind(0.3, 1.0), Kind(0.2, 2.5))
ALGORITHMS = (
    "predictive",
    "predictive_unguarded",
    "progressive",
    "fixed_ratio",
    "vicidial",
    "oracle",
    "predictive_blind",  # from here on only when asked for
)


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


class Blind(Forecast):
    """Our forecast, not told what it could learn a contact's chance by."""

    def dialled(self, at_s: float, line: Hashable, traits: Traits = ()) -> None:
        super().dialled(at_s, line)


class Timed:
    """A policy whose decisions are timed, in processor time: the machine has other work."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.handle = policy.handle
        self.to_give_up = policy.to_give_up
        self.taken_us: list[float] = []

    def decide(self, now_s: float, crew: Crew) -> int:
        begin_s = time.process_time()
        count = self._policy.decide(now_s, crew)
        self.taken_us.append(1e6 * (time.process_time() - begin_s))
        return count


@dataclass(frozen=True, slots=True)
class Task:
    """One day to simulate; `ratio`: of the fixed ratio."""

    agents: int
    rate: str
    algorithm: str
    seed: int
    hours: float
    mixed: bool = False
    timed: bool = False
    ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """A day, and how long its decisions took."""

    day: Day
    taken_us: tuple[float, ...] = ()


def run(options: list[str]) -> list[dict[str, object]]:
    """Run the days asked for and return one row for each cell."""
    asked = _options(options)
    rows: list[dict[str, object]] = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for agents in asked.agents:
            cells: dict[str, dict[str, object]] = {}
            for name in asked.algorithms:
                first = Task(
                    agents, asked.answer_rate, name, 0, asked.hours, asked.mixed, asked.decisions
                )
                row = cells[name] = _cell(first, asked.seeds, pool)
                rows.append(row)
                print(row, file=sys.stderr, flush=True)  # noqa: T201  # progress
            _tell_cost(cells)
    return rows


def _tell_cost(cells: dict[str, dict[str, object]]) -> None:
    """Add to ours what the guarantee costs, in points of utilisation, where both were run."""
    ours, free = cells.get("predictive"), cells.get("predictive_unguarded")
    if ours and free:
        cost = float(str(free["utilisation"])) - float(str(ours["utilisation"]))
        ours["guarantee_cost_points"] = round(100 * cost, 2)


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
    parser.add_argument("--algorithms", type=names, default=list(ALGORITHMS[:6]))
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--contacts", choices=["alike", "mixed"], default="alike")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--decisions", action="store_true", help="time each decision")
    asked = parser.parse_args(options)
    asked.mixed = asked.contacts == "mixed"
    return asked


def _cell(first: Task, seeds: int, pool: Executor) -> dict[str, object]:
    if first.algorithm == "fixed_ratio":
        first = replace(first, ratio=_tuned_ratio(first, pool))
    tasks = [replace(first, seed=seed) for seed in range(1, seeds + 1)]
    outcomes = list(pool.map(_simulate, tasks))
    days = [one.day for one in outcomes]
    row: dict[str, object] = {
        "agents": first.agents,
        "answer_rate": first.rate,
        "algorithm": first.algorithm,
        "utilisation": round(fmean(day.utilisation for day in days), 4),
        "drop_pct": round(_drop_pct(days), 3),
        "worst_day_pct": round(max(day.drop_pct for day in days), 3),
        "days_over_limit": sum(day.drop_pct > LIMIT_PCT for day in days),
        "mean_wait_s": round(fmean(day.wait_mean_s for day in days), 2),
        "seeds": seeds,
    }
    taken_us = sorted(taken for one in outcomes for taken in one.taken_us)
    if taken_us:
        row["decision_p50_us"] = round(taken_us[len(taken_us) // 2], 1)
        row["decision_p99_us"] = round(taken_us[int(0.99 * len(taken_us))], 1)
    return row


def _drop_pct(days: Sequence[Day]) -> float:
    answered = sum(day.answered for day in days)
    return 100 * sum(day.dropped for day in days) / max(1, answered)


def _simulate(task: Task) -> Outcome:
    """Simulate one day; runs in a process of its own."""
    drift = task.rate == "drift"
    share = drifting(task.seed, task.hours) if drift else steady(float(task.rate))
    kinds = MIXED if task.mixed else ()
    shift = Shift(task.agents, share, hours=task.hours, kinds=kinds)
    policy = _policy(task, share)
    if isinstance(policy, Pacer):
        policy.closes_s = DAY_START_S + 3600 * task.hours
    timed = Timed(policy)
    simulation = Simulation(shift, timed if task.timed else policy, task.seed)
    if isinstance(policy, Pacer) and isinstance(policy.forecast, Oracle):
        policy.forecast.simulation = simulation
    return Outcome(simulation.run(), tuple(timed.taken_us))


def _policy(task: Task, share: AnswerShare) -> Policy:
    match task.algorithm:
        case "predictive":
            return Pacer(PacingPlan(Mode.PREDICTIVE, LIMIT_PCT), _budget())
        case "predictive_blind":
            return Pacer(PacingPlan(Mode.PREDICTIVE, LIMIT_PCT), _budget(), Blind())
        case "predictive_unguarded":
            return Pacer(_unguarded(task.agents), _budget())
        case "oracle":
            return Pacer(_unguarded(task.agents), _budget(), Oracle(share))
        case "progressive":
            return Pacer(PacingPlan(Mode.PROGRESSIVE, LIMIT_PCT), _budget())
        case "vicidial":
            return Vicidial()
        case _:
            return FixedRatio(task.ratio)


def _unguarded(agents: int) -> PacingPlan:
    """Without the guarantee, at the study's target under the limit (DIALER.md B3)."""
    target_pct = 2.65 if agents <= 10 else 2.75 if agents <= 20 else 2.85
    return PacingPlan(Mode.PREDICTIVE, LIMIT_PCT, target_pct, guarded=False)


def _budget() -> DropBudget:
    windows = (Window.CALENDAR_DAY,)
    return DropBudget(LIMIT_PCT, windows, ZoneInfo("UTC"), LINE_LIFE_S)


def _tuned_ratio(first: Task, pool: Executor) -> float:
    """Find the greatest ratio whose drops stay under the limit on days set apart for tuning."""
    low, high = 1.0, 16.0
    for _ in range(TUNING_STEPS):
        middle = (low + high) / 2
        hours = min(first.hours, TUNING_HOURS)
        tasks = [replace(first, seed=n, hours=hours, ratio=middle) for n in TUNING_SEEDS]
        days = [one.day for one in pool.map(_simulate, tasks)]
        low, high = (middle, high) if _drop_pct(days) <= LIMIT_PCT else (low, middle)
    return low


__all__: Sequence[str] = ["run"]
