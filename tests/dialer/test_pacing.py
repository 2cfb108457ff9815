"""The pacing: exact against approximate, the modes, what is learned, and what a decision costs."""

import random
import time
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni.dialer.engine.answering import AnswerRate, Chances
from omni.dialer.engine.budget import DropBudget, HourCount
from omni.dialer.engine.forecast import Crew, Forecast
from omni.dialer.engine.learning import DurationTable
from omni.dialer.engine.odds import NormalOdds
from omni.dialer.engine.pacing import (
    CallResolved,
    LineAnswered,
    LineDialled,
    LineFailed,
    Pacer,
    PacingPlan,
)
from omni.dialer.engine.profiles import Window
from omni.dialer.engine.risk import (
    TAUS,
    about_most,
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
        total_of([(moments_of([row[k] for row in gains]), 1) for k in range(agents)]),
        total_of([(moments_of([row[k] for row in losses]), 1) for k in range(lines)]),
    )
    assert normal_risk(moments, [0.0] * TAUS, 0, 1) == pytest.approx(exact, abs=0.01)


@given(
    chances=st.lists(st.floats(0.01, 0.9), min_size=20, max_size=120),
    rate=st.floats(0.02, 0.9),
    free=st.integers(-3, 20),
    beta=st.floats(0.0004, 0.1),
    low=st.integers(0, 20),
    width=st.integers(0, 200),
)
def test_the_search_from_a_guess_finds_what_looking_at_every_line_finds(
    chances: list[float], rate: float, free: int, beta: float, low: int, width: int
) -> None:
    gain = total_of(
        [(moments_of([share * 0.2 * (j + 1) for j in range(TAUS)]), 1) for share in chances]
    )
    fresh = [rate * (j + 1) / (TAUS + 1) for j in range(TAUS)]

    def within(count: int) -> bool:
        return normal_risk(gain, fresh, count - 1, free) <= beta

    found = NormalOdds(gain, fresh, free).most(beta, low, low + width)

    assert low <= found <= low + width
    assert found == low or within(found)
    assert found == low + width or not within(found + 1)


def test_the_guess_is_near() -> None:
    """It saves looks: without one, the search doubles its steps from none."""
    gain = total_of([(moments_of([0.04 * (j + 1) for j in range(TAUS)]), 300)])
    fresh = [0.06 * (j + 1) for j in range(TAUS)]
    for free in range(0, 40, 5):
        found = NormalOdds(gain, fresh, free).most(0.02, 0, 10_000)
        assert 0.75 * found <= about_most(gain, fresh, 0.02, free) <= 1.1 * found


def test_many_free_agents_are_not_worth_the_exact_distribution() -> None:
    forecast = Forecast()
    everybody = forecast.odds(NOW, Crew(300, 300, [], []), 300)
    assert isinstance(everybody, NormalOdds)
    assert not isinstance(forecast.odds(NOW, Crew(5, 5, [], []), 5), NormalOdds)


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


RING = DurationTable(1.0, 60, mean_s=12.0, sigma=0.5)


def answers(rate: AnswerRate, share: float, seconds: range, source: random.Random) -> None:
    """Dial five lines a second, of which this share is answered after 1 to 25 s."""
    due: list[float] = []
    for second in seconds:
        at_s = NOW + second
        for _ in range(5):
            rate.dialled(at_s)
            if source.random() < share:
                due.append(at_s + min(25.0, source.lognormvariate(2.36, 0.5)))
        for _ in [answer_s for answer_s in due if answer_s <= at_s]:
            rate.answered()
        due = [answer_s for answer_s in due if answer_s > at_s]
        rate.look(at_s, RING.survival)


def test_the_answer_rate_is_right_while_lines_still_ring() -> None:
    """Answers come sooner than no-answers: counting resolved lines alone would say 100 %."""
    rate, source = AnswerRate(0.3), random.Random(3)
    for _ in range(2000):
        rate.dialled(NOW)
    delays = [source.lognormvariate(2.36, 0.5) for _ in range(2000) if source.random() < 0.2]
    for second in range(9):
        for _ in [delay for delay in delays if second - 1 < delay <= second]:
            rate.answered()
        rate.look(NOW + second, RING.survival)
    assert rate.mean == pytest.approx(0.2, abs=0.05)


@pytest.mark.parametrize("share", [0.12, 0.3, 0.6])
def test_the_belief_comes_to_the_truth_and_knows_how_sure_it_is(share: float) -> None:
    rate = AnswerRate(0.3)
    answers(rate, share, range(600), random.Random(1))
    assert rate.mean == pytest.approx(share, rel=3 * rate.spread)
    assert rate.spread < 0.2


def test_a_leap_of_the_answer_rate_is_noticed_within_a_minute() -> None:
    rate, source = AnswerRate(0.3), random.Random(2)
    answers(rate, 0.25, range(600), source)
    answers(rate, 0.5, range(600, 660), source)
    assert rate.mean == pytest.approx(0.5, rel=0.2)


def test_lines_that_are_given_up_do_not_lower_the_answer_rate() -> None:
    """All that ring for 15 s are given up: what they might have brought is not missed."""
    one, source = pacer(), random.Random(7)
    starts: dict[int, tuple[float, float]] = {}
    number = 0
    for second in range(900):
        at_s = NOW + second
        for _ in range(6):
            number += 1
            answer_s = source.lognormvariate(2.36, 0.5) if source.random() < 0.4 else 99.0
            starts[number] = (at_s, answer_s)
            one.handle(LineDialled(at_s, number))
        for line, (began_s, answer_s) in list(starts.items()):
            if answer_s <= at_s - began_s:
                one.handle(LineAnswered(at_s, line))
                one.handle(CallResolved(at_s, line, dropped=False))
                del starts[line]
            elif at_s - began_s >= 15:
                one.forecast.given_up(at_s, line)
                del starts[line]
        one.forecast.rate(at_s)
    assert one.forecast.rate(NOW + 900) == pytest.approx(0.4, rel=0.15)
    assert one.forecast.ring.alive(15.0) == pytest.approx(0.24, abs=0.08)  # and not 0


def test_the_oldest_lines_make_room_when_only_the_guarantee_holds_back() -> None:
    one = pacer(answered=0)
    for line in range(6):
        one.handle(LineDialled(NOW - 20 + 2 * line, line))  # 20, 18, 16, 14, 12, 10 s old
    crew = busy(30, free=6)
    assert one.decide(NOW, crew) == 0
    assert one.to_give_up(NOW) == [0, 1, 2]  # the others have not rung for 15 s
    assert one.to_give_up(NOW) == []  # once is enough
    one.handle(LineFailed(NOW, 0))
    assert one.decide(NOW, crew) == 1


def test_lines_ring_on_while_the_budget_pays_for_all_that_are_wanted() -> None:
    one = pacer()
    for line in range(6):
        one.handle(LineDialled(NOW - 20, line))
    one.decide(NOW, busy(30, free=6))
    assert one.to_give_up(NOW) == []


def test_towards_the_close_of_the_day_less_is_kept_back() -> None:
    risks = []
    for left_h in (None, 8, 5, 2.5, 0):
        one = pacer(answered=3000)
        one.decide(NOW, busy(60))
        one.closes_s = None if left_h is None else NOW + 3600 * left_h
        risks.append(one.beta(NOW))
    assert risks[0] == risks[1] == risks[2] <= risks[3] <= risks[4]


def test_a_contacts_chance_is_learned_and_calibrated() -> None:
    """Mobile phones answer three times as often; the morning half as often as the afternoon."""
    truth = {("mobile", 9): 0.3, ("mobile", 15): 0.6, ("fixed", 9): 0.1, ("fixed", 15): 0.2}
    chances, source = Chances(), random.Random(11)
    errors: list[float] = []
    blind: list[float] = []
    said: dict[tuple[str, int], list[float]] = {key: [] for key in truth}
    for n in range(12_000):
        key = source.choice(list(truth))
        traits = (("kind", key[0]), ("hour", key[1]))
        expected = min(0.95, 0.3 * chances.of(traits))
        answered = source.random() < truth[key]
        chances.ended(traits, expected, answered=answered)
        if n >= 4000:
            errors.append((answered - expected) ** 2)
            blind.append((answered - 0.3) ** 2)
            said[key].append(expected)
    for key, share in truth.items():  # reliability, in every class
        assert sum(said[key]) / len(said[key]) == pytest.approx(share, rel=0.15)
    assert sum(errors) < 0.9 * sum(blind)  # Brier score


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
