"""The guarantee: no order of answers, drops, log-outs and crashes passes a window's limit."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from omni.dialer.engine.budget import DropBudget, HourCount, WindowStand
from omni.dialer.engine.profiles import Window
from tests.effort import effort

UTC_ZONE = ZoneInfo("UTC")
NOON_S = datetime(2026, 6, 10, 12, 0, tzinfo=UTC).timestamp()
LIFE_S = 40.0
HOUR_S = 3600


def budget(
    limit_pct: float = 3.0, *windows: Window, history: list[HourCount] | None = None
) -> DropBudget:
    return DropBudget(limit_pct, windows or (Window.CALENDAR_DAY,), UTC_ZONE, LIFE_S, history or [])


def test_without_answers_only_covered_lines_ring() -> None:
    assert budget().ringing_max(NOON_S, covered=4, waiting=0) == 4
    assert budget().ringing_max(NOON_S, covered=4, waiting=3) == 1


def test_a_hundred_answers_pay_for_three_drops_or_lines() -> None:
    one = budget()
    for _ in range(100):
        one.answered(NOON_S)
    # 3 of 103 answered would be 2.9 %; a fourth 3.8 %.
    assert one.ringing_max(NOON_S, covered=0, waiting=0) == 3
    one.dropped(NOON_S)
    assert one.ringing_max(NOON_S, covered=0, waiting=0) == 2
    assert one.balance == pytest.approx(2.0)
    assert one.stands(NOON_S) == [WindowStand(Window.CALENDAR_DAY, 100, 1, 3)]
    assert one.stands(NOON_S + 24 * HOUR_S) == [WindowStand(Window.CALENDAR_DAY, 0, 0, 0)]


def test_a_limit_of_nothing_is_progressive_dialling() -> None:
    none = budget(0.0)
    for _ in range(10_000):
        none.answered(NOON_S)
    assert none.ringing_max(NOON_S, covered=7, waiting=0) == 7


def test_before_midnight_only_covered_lines_ring() -> None:
    one = budget()
    for _ in range(1000):
        one.answered(NOON_S)
    almost_s = NOON_S + 12 * HOUR_S - LIFE_S
    assert one.ringing_max(almost_s - 1, covered=1, waiting=0) > 20
    assert one.ringing_max(almost_s, covered=1, waiting=0) == 1
    assert one.ringing_max(almost_s + LIFE_S + 1, covered=1, waiting=0) == 1  # a new, empty day


def test_every_window_must_allow_the_line() -> None:
    yesterday = [HourCount(NOON_S - 24 * HOUR_S, 1000, 60)]
    both = budget(3.0, Window.CALENDAR_DAY, Window.ROLLING_30D, history=yesterday)
    for _ in range(200):
        both.answered(NOON_S)
    assert budget(3.0, history=yesterday).ringing_max(NOON_S, 0, 0) == 0
    assert both.ringing_max(NOON_S, 2, 0) == 2  # 60 of 1,200 is over 3 % in thirty days


def test_a_rolling_window_forgets_drops_late_and_answers_early() -> None:
    one = budget(3.0, Window.ROLLING_24H)
    for _ in range(1000):
        one.answered(NOON_S)
    one.dropped(NOON_S)
    assert one.ringing_max(NOON_S + 22 * HOUR_S, 0, 0) > 20
    assert one.ringing_max(NOON_S + 23 * HOUR_S, 0, 0) == 0
    assert one.ringing_max(NOON_S + 25 * HOUR_S, 0, 0) == 0


def test_a_month_ends_where_the_calendar_says() -> None:
    one = budget(5.0, Window.CALENDAR_MONTH)
    for _ in range(100):
        one.answered(NOON_S)
    june_ends_s = datetime(2026, 7, 1, tzinfo=UTC).timestamp()
    assert one.ringing_max(june_ends_s - HOUR_S, 0, 0) == 5
    assert one.ringing_max(june_ends_s - LIFE_S, 0, 0) == 0


class Adversary(RuleBasedStateMachine):
    """Decides what happens to every line, so as to break the limit.

    The dialler only ever follows the budget. Agents who are free are held while a line relies on
    them: they may get free, and go when no line needs them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now_s = NOON_S
        self.windows = (Window.CALENDAR_DAY, Window.ROLLING_24H)
        self.budget = budget(3.0, *self.windows)
        self.free = 3
        self.ringing = 0
        self.waiting: list[float] = []
        self.answers: list[float] = []
        self.drops: list[float] = []
        self.oldest_s = NOON_S

    def _room(self) -> int:
        return self.budget.ringing_max(self.now_s, self.free, len(self.waiting))

    @rule(wish=st.integers(1, 50))
    def dial(self, wish: int) -> None:
        if not self.ringing and not self.waiting:
            self.oldest_s = self.now_s
        self.ringing += max(0, min(wish, self._room() - self.ringing))

    @precondition(lambda self: self.ringing)
    @rule(number=st.integers(1, 60))
    def answer(self, number: int) -> None:
        for _ in range(min(number, self.ringing)):
            self.ringing -= 1
            self.answers.append(self.now_s)
            self.budget.answered(self.now_s)
            self.waiting.append(self.now_s)
            if self.free:
                self.free -= 1
                self.waiting.pop()

    @precondition(lambda self: self.ringing)
    @rule(number=st.integers(1, 60))
    def no_answer(self, number: int) -> None:
        self.ringing -= min(number, self.ringing)

    @precondition(lambda self: self.waiting)
    @rule()
    def drop_all(self) -> None:
        for answered_at_s in self.waiting:
            self.drops.append(answered_at_s)
            self.budget.dropped(answered_at_s)
        self.waiting.clear()

    @rule(number=st.integers(1, 40))
    def get_free(self, number: int) -> None:
        for _ in range(number):
            if self.waiting:
                self.waiting.pop(0)
            else:
                self.free += 1

    @rule(number=st.integers(1, 10))
    def go_home(self, number: int) -> None:
        """Agents leave whom no ringing line relies on: the others are held."""
        for _ in range(number):
            if (
                self.free
                and self.budget.ringing_max(self.now_s, self.free - 1, len(self.waiting))
                >= self.ringing
            ):
                self.free -= 1

    @precondition(lambda self: not self.ringing and not self.waiting)
    @rule(seconds=st.sampled_from([1.0, 60.0, 3000.0, 4 * 3600.0, 20 * 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds

    @rule(seconds=st.sampled_from([1.0, 5.0, 30.0]))
    def a_moment_passes(self, seconds: float) -> None:
        """Lines ring on; none lives longer than the budget was told."""
        if self.now_s + seconds - self.oldest_s <= LIFE_S:
            self.now_s += seconds

    @precondition(lambda self: not self.ringing and not self.waiting)
    @rule(number=st.integers(30, 400))
    def a_good_hour(self, number: int) -> None:
        """Calls that agents took, one after the other."""
        for _ in range(number):
            self.answers.append(self.now_s)
            self.budget.answered(self.now_s)

    @precondition(lambda self: not self.ringing and not self.waiting)
    @rule(before_s=st.sampled_from([60.0, 35.0, 10.0]))
    def it_gets_late(self, before_s: float) -> None:
        self.now_s = (self.now_s // 86400 + 1) * 86400 - before_s

    @rule()
    def crash(self) -> None:
        """The process dies: what waits is dropped, what rings is lost, the count is read again."""
        self.drop_all()
        self.ringing = 0
        hours: dict[int, list[int]] = {}
        for column, instants in ((0, self.answers), (1, self.drops)):
            for at_s in instants:
                hours.setdefault(int(at_s // HOUR_S), [0, 0])[column] += 1
        self.budget = budget(
            3.0, *self.windows, history=[HourCount(h * HOUR_S, a, d) for h, (a, d) in hours.items()]
        )

    @invariant()
    def the_day_is_within_its_limit(self) -> None:
        day = self.now_s // 86400
        answered = sum(at_s // 86400 == day for at_s in self.answers)
        dropped = sum(at_s // 86400 == day for at_s in self.drops)
        assert 100 * dropped <= 3 * answered

    @invariant()
    def the_last_24_hours_were_within_their_limit_at_every_drop(self) -> None:
        if not self.drops or self.drops[-1] != self.now_s:
            return
        since_s = self.now_s - 86400
        answered = sum(at_s > since_s for at_s in self.answers)
        dropped = sum(at_s > since_s for at_s in self.drops)
        assert 100 * dropped <= 3 * answered


Adversary.TestCase.settings = effort(60)
TestAdversary = Adversary.TestCase


@given(
    answered=st.integers(0, 5000),
    dropped=st.integers(0, 200),
    covered=st.integers(0, 50),
    waiting=st.integers(0, 20),
    limit=st.sampled_from([0.0, 0.5, 1.0, 3.0, 5.0]),
)
@effort(300)
def test_the_answer_is_the_largest_that_keeps_the_rule(
    answered: int, dropped: int, covered: int, waiting: int, limit: float
) -> None:
    one = budget(limit, history=[HourCount(NOON_S, answered, dropped)])
    room = one.ringing_max(NOON_S, covered, waiting)

    def kept(ringing: int) -> bool:
        over = ringing + waiting - covered
        return over <= 0 or 100 * (dropped + over) <= limit * (answered + ringing) + 1e-9

    assert room == 0 or kept(room)
    assert not kept(room + 1)
