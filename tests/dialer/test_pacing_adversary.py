"""The pacing against somebody who decides every outcome: the limit is never passed.

Beside the budget's own adversary this one plays against all that chooses lines: the forecast, the
controller, and the giving up of lines, any of which may be answered in its last moment.
"""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.forecast import Crew
from omni.dialer.engine.pacing import (
    CallResolved,
    LineAnswered,
    LineDialled,
    LineFailed,
    Pacer,
    PacingPlan,
)
from omni.dialer.engine.profiles import Window
from omni.dialer.model import Mode
from tests.effort import effort

NOW = 1_780_311_600.0
LIFE_S = 40.0


class Play:
    """A team whose agents, callees and telephone do what the adversary says."""

    def __init__(self, agents: int, good_calls: int) -> None:
        windows = (Window.CALENDAR_DAY,)
        budget = DropBudget(3.0, windows, ZoneInfo("UTC"), LIFE_S)
        self.pacer = Pacer(PacingPlan(Mode.PREDICTIVE), budget)
        self.pacer.closes_s = NOW + 1800
        self.now_s = NOW
        self.free = agents
        self.talking: list[float] = []
        self.ringing: list[int] = []
        self.ending: set[int] = set()
        self.waiting: list[int] = []
        self.lines = self.answered = self.dropped = 0
        for _ in range(good_calls):  # earlier today
            self.lines += 1
            self.pacer.handle(LineDialled(NOW - 20, self.lines))
            self.pacer.handle(LineAnswered(NOW - 10, self.lines))
            self.pacer.handle(CallResolved(NOW - 9, self.lines, dropped=False))
        self.answered = good_calls

    def dial(self) -> None:
        crew = Crew(self.free, self.free, self.talking, ())
        count = self.pacer.decide(self.now_s, crew)
        self.ending.update(int(str(line)) for line in self.pacer.to_give_up(self.now_s))
        for _ in range(count):
            self.lines += 1
            self.ringing.append(self.lines)
            self.pacer.handle(LineDialled(self.now_s, self.lines))

    def answer(self, number: int) -> None:
        for line in self.ringing[:number]:
            self.ringing.remove(line)
            self.answered += 1
            self.pacer.handle(LineAnswered(self.now_s, line))
            if self.free:
                self.free -= 1
                self.talking.append(self.now_s)
                self.pacer.handle(CallResolved(self.now_s, line, dropped=False))
            else:
                self.waiting.append(line)

    def drop(self) -> None:
        for line in self.waiting:
            self.dropped += 1
            self.pacer.handle(CallResolved(self.now_s, line, dropped=True))
        self.waiting.clear()

    def fail(self, number: int, *, given_up: bool) -> None:
        chosen = [line for line in self.ringing if (line in self.ending) is given_up]
        for line in chosen[:number]:
            self.ringing.remove(line)
            self.pacer.handle(LineFailed(self.now_s, line))

    def get_free(self, number: int) -> None:
        for _ in range(min(number, len(self.talking))):
            self.talking.pop(0)
            if self.waiting:
                self.talking.append(self.now_s)
                self.pacer.handle(CallResolved(self.now_s, self.waiting.pop(0), dropped=False))
            else:
                self.free += 1


MOVES = st.tuples(
    st.sampled_from(["answer", "answer all", "drop", "fail", "end", "free", "wait"]),
    st.integers(1, 30),
)


@given(
    agents=st.integers(1, 40), good_calls=st.integers(0, 2000), moves=st.lists(MOVES, max_size=60)
)
@effort(150)
def test_no_order_of_outcomes_passes_the_limit(
    agents: int, good_calls: int, moves: list[tuple[str, int]]
) -> None:
    play = Play(agents, good_calls)
    for move, number in moves:
        play.dial()
        match move:
            case "answer":
                play.answer(number)
            case "answer all":
                play.answer(len(play.ringing))
            case "drop":
                play.drop()
            case "fail":
                play.fail(number, given_up=False)
            case "end":
                play.fail(number, given_up=True)
            case "free":
                play.get_free(number)
            case _:
                play.now_s += number
        assert 100 * play.dropped <= 3 * play.answered
    play.answer(len(play.ringing))
    play.drop()
    assert 100 * play.dropped <= 3 * play.answered
