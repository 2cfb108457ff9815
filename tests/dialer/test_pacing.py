"""The pacing: exact against approximate, the modes, what is learned, and what a decision costs."""

import random
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from omni.dialer.engine.budget import DropBudget, HourCount
from omni.dialer.engine.learning import AnswerRate, DurationTable
from omni.dialer.engine.pacing import (
    CallResolved,
    Crew,
    LineAnswered,
    LineDialled,
    LineFailed,
    Pacer,
    PacingPlan,
)
from omni.dialer.engine.profiles import Window
from omni.dialer.engine.risk import (
    TAUS,
    difference,
    exact_risk,
    moments_of,
    normal_risk,
    total_of,
)
from omni.dialer.model import Mode

NOW = 1_780_311_600.0
PLAN = PacingPlan(Mode.PREDICTIVE)


def pacer(plan: PacingPlan = PLAN, answered: int = 100_000) -> Pacer:
    """Return a pacer whose budget is large unless said otherwise."""
    history = [HourCount(NOW, answered, 0)]
    budget = DropBudget(3.0, (Window.CALENDAR_DAY,), ZoneInfo("UTC"), 30.0, history)
    return Pacer(plan, budget)


def busy(size: int, free: int = 0, seed: int = 1) -> Crew:
    source = random.Random(seed)
    talking = int((size - free) * 0.85)
    return Crew(
        free,
        free,
        [NOW - source.expovariate(1 / 120) for _ in range(talking)],
        [NOW - source.expovariate(1 / 20) for _ in range(size - free - talking)],
    )


@pytest.mark.parametrize(("agents", "lines"), [(8, 4), (20, 11), (40, 25)])
def test_the_approximation_is_near_the_exact_risk(agents: int, lines: int) -> None:
    source = random.Random(agents)
    gains = [[source.random() * 0.3 for _ in range(agents)] for _ in range(TAUS)]
    losses = [[source.random() * 0.4 for _ in range(lines)] for _ in range(TAUS)]
    exact = exact_risk(gains, losses).risk(1)
    moments = difference(
        total_of((moments_of([row[k] for row in gains]), 1) for k in range(agents)),
        total_of((moments_of([row[k] for row in losses]), 1) for k in range(lines)),
    )
    assert normal_risk(moments, [0.0] * TAUS, 0, 1) == pytest.approx(exact, abs=0.01)


def test_progressive_never_rings_more_than_it_has_free() -> None:
    one = pacer(replace(PLAN, mode=Mode.PROGRESSIVE))
    assert one.decide(NOW, busy(10, free=4)) == 4
    one.handle(LineDialled(NOW, "a"))
    one.handle(LineDialled(NOW, "b"))
    assert one.decide(NOW, busy(10, free=4)) == 2
    one.handle(LineAnswered(NOW, "a"))
    assert one.decide(NOW, busy(10, free=2)) == 0
    assert one.unpaid(NOW, busy(10, free=1)) == 1


def test_power_is_a_fixed_ratio_within_the_budget() -> None:
    plan = replace(PLAN, mode=Mode.POWER, lines_per_agent=2.0)
    assert pacer(plan).decide(NOW, busy(10, free=4)) == 8
    assert pacer(plan, answered=0).decide(NOW, busy(10, free=4)) == 4


def test_predictive_dials_for_agents_who_are_about_to_get_free() -> None:
    assert pacer().decide(NOW, busy(50)) > 5


def test_no_forecast_goes_over_the_budget() -> None:
    assert pacer(answered=0).decide(NOW, busy(50, free=2)) == 2
    assert pacer(answered=0).decide(NOW, busy(50)) == 0


def test_nobody_at_work_means_no_calls() -> None:
    assert pacer().decide(NOW, Crew(0, 0, [], [])) == 0


def test_the_trunk_is_the_last_word() -> None:
    assert pacer().decide(NOW, busy(10, free=8), room=3) == 3


def test_lines_that_are_not_known_change_nothing() -> None:
    one = pacer()
    one.handle(LineAnswered(NOW, "ghost"))
    one.handle(LineFailed(NOW, "ghost"))
    one.handle(CallResolved(NOW, "ghost", dropped=True))
    assert (one.ringing, one.waiting) == (0, 0)


def test_the_answer_rate_is_right_while_lines_still_ring() -> None:
    """Answers come sooner than no-answers: counting resolved lines alone would say 100 %."""
    ring = DurationTable(1.0, 60, mean_s=12.0, sigma=0.5)
    rate = AnswerRate(0.3, prior_lines=1.0)
    source = random.Random(3)
    for line in range(4000):
        dialled_at_s = NOW + line * 0.002  # all within 8 s
        rate.dialled(dialled_at_s)
        if source.random() < 0.2 and source.lognormvariate(2.36, 0.5) < 8.0:
            rate.answered(dialled_at_s)
    assert rate.estimate(NOW + 12.0, ring.survival) == pytest.approx(0.2, abs=0.06)


def test_durations_are_learned() -> None:
    table = DurationTable(4.0, 300, mean_s=120.0, sigma=1.0)
    source = random.Random(5)
    for _ in range(3000):
        table.add(source.lognormvariate(3.4, 0.5))  # mean 34 s
    assert table.quantile(0.5) == pytest.approx(30.0, abs=5.0)
    assert table.within(30.0, 10.0) > 0.2


def test_a_decision_is_quick_at_300_agents() -> None:
    one, crew = pacer(), busy(300, free=3)
    for line in range(165):
        one.handle(LineDialled(NOW - line * 0.15, line))
    one.decide(NOW, crew)
    best_s = 1.0
    for n in range(200):
        begin = time.process_time()
        one.decide(NOW + n, crew)
        best_s = min(best_s, time.process_time() - begin)
    assert best_s < 0.001  # the goal of 200 µs is measured by the benchmark, on a quiet machine
