"""Try a campaign before it dials: whole days of it on a virtual clock, with the real pacing.

Each setting is run over several seeds, beside progressive dialling of the same days: the difference
in talk time at the same limit is the predictive gain. Plain values in and out, so that the work can
be done in another process.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from zoneinfo import ZoneInfo

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.pacing import Pacer, PacingPlan
from omni.dialer.engine.profiles import Window
from omni.dialer.model import Mode
from omni.dialer.simulator import DAY_START_S, AnswerShare, Day, Shift, Simulation, steady

LINE_LIFE_MARGIN_S = 5.0


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """What is tried. `contacts` None: a list that does not end. Shares are 0 … 1.

    `hourly_shares`: the share answered in each hour of a day that is replayed, instead of one.
    """

    mode: Mode
    agents: int
    hours: float
    answer_share: float
    drop_limit_pct: float
    ring_s: int = 25
    lines_per_agent: float = 1.5
    max_lines_per_agent: int = 8
    talk_mean_s: float = 120.0
    wrap_up_mean_s: float = 20.0
    contacts: int | None = None
    seeds: int = 3
    hourly_shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A figure over the seeds: lowest, mean, highest."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What came of it.

    `penetration_pct`: of the list's contacts dialled. `finish_h`: when the list was done or the
    shift over. `predictive_gain_pct`: more talk time than progressive dialling of the same days.
    """

    utilisation_pct: Band
    talk_min_per_agent_hour: Band
    wait_mean_s: Band
    drop_pct: Band
    worst_pct: float
    dialled: Band
    answered: Band
    penetration_pct: Band | None
    finish_h: Band
    predictive_gain_pct: float
    plan: TrialPlan


def simulate(plan: TrialPlan) -> TrialResult:
    """Run the days of a plan; takes seconds of processor time for a large team."""
    seeds = range(1, plan.seeds + 1)
    days = [_day(plan, plan.mode, seed) for seed in seeds]
    plain = [_day(plan, Mode.PROGRESSIVE, seed) for seed in seeds]
    base = fmean(day.talk_min_per_agent_hour for day in plain)
    ours = fmean(day.talk_min_per_agent_hour for day in days)
    return TrialResult(
        utilisation_pct=_band([100 * day.utilisation for day in days]),
        talk_min_per_agent_hour=_band([day.talk_min_per_agent_hour for day in days]),
        wait_mean_s=_band([day.wait_mean_s for day in days]),
        drop_pct=_band([day.drop_pct for day in days]),
        worst_pct=max(day.worst_pct for day in days),
        dialled=_band([day.dialled for day in days]),
        answered=_band([day.answered for day in days]),
        penetration_pct=(
            _band([100 * day.dialled / plan.contacts for day in days]) if plan.contacts else None
        ),
        finish_h=_band([day.finished_s / 3600 for day in days]),
        predictive_gain_pct=100 * (ours / base - 1) if base else 0.0,
        plan=plan,
    )


def _day(plan: TrialPlan, mode: Mode, seed: int) -> Day:
    life_s = plan.ring_s + LINE_LIFE_MARGIN_S
    windows = (Window.CALENDAR_DAY,)
    budget = DropBudget(plan.drop_limit_pct, windows, ZoneInfo("UTC"), life_s)
    pacing = PacingPlan(
        mode,
        plan.drop_limit_pct,
        lines_per_agent=plan.lines_per_agent,
        max_lines_per_agent=plan.max_lines_per_agent,
    )
    shift = Shift(
        agents=plan.agents,
        answer_share=_share(plan),
        hours=plan.hours,
        talk_mean_s=plan.talk_mean_s,
        wrap_mean_s=plan.wrap_up_mean_s,
        ring_s=float(plan.ring_s),
        contacts=plan.contacts,
    )
    pacer = Pacer(pacing, budget)
    pacer.closes_s = DAY_START_S + 3600 * plan.hours
    return Simulation(shift, pacer, seed).run()


def _share(plan: TrialPlan) -> AnswerShare:
    hourly = plan.hourly_shares
    if not hourly:
        return steady(plan.answer_share)
    return lambda at_s: hourly[min(len(hourly) - 1, int(at_s / 3600))]


def _band(values: Sequence[float]) -> Band:
    return Band(min(values), fmean(values), max(values))
