"""The expected wait: by the departures to agents, shortened by those who give up."""

from math import log

import pytest

from omni.acd.engine.pace import Pace
from omni.core.ids import QueueId

Q = QueueId("q0")
VOICE, CHAT = 0, 2


def served(pace: Pace, times: int, step_s: float = 10.0, waited_s: float = 30.0) -> None:
    for number in range(times + 1):
        pace.departed(Q, VOICE, number * step_s, waited_s, behind=5)


def test_nothing_is_said_before_three_intervals() -> None:
    pace = Pace()
    served(pace, 2)
    assert pace.expected_wait_s(Q, VOICE, 1) is None
    pace.departed(Q, VOICE, 30.0, 30.0, behind=5)
    assert pace.expected_wait_s(Q, VOICE, 1) == 10.0


def test_the_wait_grows_with_the_place() -> None:
    pace = Pace()
    served(pace, 20)
    assert pace.expected_wait_s(Q, VOICE, 7) == pytest.approx(70.0)
    assert pace.expected_wait_s(Q, CHAT, 7) is None
    assert pace.expected_wait_s(Q, VOICE, 0) is None


def test_an_interval_in_which_nobody_stood_there_does_not_count() -> None:
    pace = Pace()
    served(pace, 5)
    pace.departed(Q, VOICE, 60.0, 0.0, behind=0)
    pace.departed(Q, VOICE, 5_000.0, 0.0, behind=1)
    assert pace.expected_wait_s(Q, VOICE, 1) == 10.0


def test_who_gives_up_makes_it_shorter() -> None:
    pace = Pace()
    served(pace, 10, waited_s=0.0)
    pace.left(Q, VOICE, 100.0)  # one in a hundred seconds of waiting
    assert pace.expected_wait_s(Q, VOICE, 10) == pytest.approx(log(2) / 0.01)
    pace.departed(Q, VOICE, 110.0, 100.0, behind=5)  # who stays makes impatience look smaller
    more_s = pace.expected_wait_s(Q, VOICE, 10)
    assert more_s is not None
    assert log(2) / 0.01 < more_s < 100.0
