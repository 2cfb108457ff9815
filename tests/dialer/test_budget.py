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
LOST = 0.4  # of the machines that are ended, the share believed to be persons: high, so that few do
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


def test_persons_taken_for_machines_are_paid_for_before() -> None:
    one = budget()
    one.believe(0.02)
    assert one.listening_max(NOON_S) == 0, "nothing was earned yet"
    for _ in range(100):
        one.answered(NOON_S)
    # 3 drops are paid for; a machine costs 0.0194 of one: 2 % of a person, less what they earn.
    assert one.listening_max(NOON_S) == 154
    assert one.ringing_max(NOON_S, covered=0, waiting=0) == 3
    for _ in range(100):
        one.machine(NOON_S)
    assert one.listening_max(NOON_S) == 54
    assert one.ringing_max(NOON_S, covered=0, waiting=0) == 1
    assert one.balance == pytest.approx(3 - 1.94)
    assert one.stands(NOON_S) == [WindowStand(Window.CALENDAR_DAY, 100, 0, 3, 2.0)]
    one.believe(0.2)  # it is worse than was thought
    assert one.listening_max(NOON_S) == 0
    assert one.ringing_max(NOON_S, covered=2, waiting=0) == 2
    nobody_lost = budget()
    assert nobody_lost.listening_max(NOON_S) > 1000
    almost_s = NOON_S + 12 * HOUR_S - LIFE_S
    one.believe(0.001)
    assert one.listening_max(almost_s - 1) > 0
    assert one.listening_max(almost_s) == 0, "the new day has earned nothing"


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


def test_a_rolling_window_forgets_machines_late() -> None:
    one = budget(3.0, Window.ROLLING_24H)
    one.believe(0.5)
    one.machine(NOON_S)
    for _ in range(20):
        one.answered(NOON_S + 20 * HOUR_S)  # they pay for one
    assert one.listening_max(NOON_S + 20 * HOUR_S) == 0
    assert one.listening_max(NOON_S + 24 * HOUR_S) == 0
    assert one.listening_max(NOON_S + 25 * HOUR_S) == 1


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
    them: they may get free, and go when no line needs them. What is listened to may be a machine:
    of those that were ended the share `LOST` was persons.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now_s = NOON_S
        self.windows = (Window.CALENDAR_DAY, Window.ROLLING_24H)
        self.budget = budget(3.0, *self.windows)
        self.budget.believe(LOST)
        self.free = 3
        self.ringing = 0
        self.listened = 0  # of those that ring
        self.machines: list[float] = []
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
        added = max(0, min(wish, self._room() - self.ringing))
        self.ringing += added
        self.listened += max(0, min(added, self.budget.listening_max(self.now_s) - self.listened))

    @precondition(lambda self: self.listened)
    @rule(number=st.integers(1, 60))
    def machines_answer(self, number: int) -> None:
        for _ in range(min(number, self.listened)):
            self.ringing -= 1
            self.listened -= 1
            self.machines.append(self.now_s)
            self.budget.machine(self.now_s)

    @precondition(lambda self: self.ringing)
    @rule(number=st.integers(1, 60))
    def answer(self, number: int) -> None:
        for _ in range(min(number, self.ringing)):
            self.ringing -= 1
            self.listened = min(self.listened, self.ringing)
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
        self.listened = min(self.listened, self.ringing)

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
        self.ringing = self.listened = 0
        hours: dict[int, list[int]] = {}
        for column, instants in enumerate((self.answers, self.drops, self.machines)):
            for at_s in instants:
                hours.setdefault(int(at_s // HOUR_S), [0, 0, 0])[column] += 1
        history = [HourCount(hour * HOUR_S, *counts) for hour, counts in hours.items()]
        self.budget = budget(3.0, *self.windows, history=history)
        self.budget.believe(LOST)

    @invariant()
    def the_day_is_within_its_limit(self) -> None:
        day = self.now_s // 86400
        answered = sum(at_s // 86400 == day for at_s in self.answers)
        dropped = sum(at_s // 86400 == day for at_s in self.drops)
        lost = LOST * sum(at_s // 86400 == day for at_s in self.machines)
        assert 100 * (dropped + lost) <= 3 * (answered + lost) + 1e-6

    @invariant()
    def the_last_24_hours_were_within_their_limit_at_every_drop(self) -> None:
        latest = [instants[-1] for instants in (self.drops, self.machines) if instants]
        if self.now_s not in latest:
            return
        since_s = self.now_s - 86400
        answered = sum(at_s > since_s for at_s in self.answers)
        dropped = sum(at_s > since_s for at_s in self.drops)
        lost = LOST * sum(at_s > since_s for at_s in self.machines)
        assert 100 * (dropped + lost) <= 3 * (answered + lost) + 1e-6


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
