"""Whole days on the virtual clock: what the pacing reaches, and that no day breaks the limit."""

from zoneinfo import ZoneInfo

import pytest

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.pacing import Pacer, PacingPlan
from omni.dialer.engine.profiles import Window
from omni.dialer.model import Mode
from omni.dialer.simulator import Day, Shift, Simulation, drifting, steady


def day(agents: int, seed: int, mode: Mode = Mode.PREDICTIVE, hours: float = 2.0) -> Day:
    budget = DropBudget(3.0, (Window.CALENDAR_DAY,), ZoneInfo("UTC"), 30.0)
    shift = Shift(agents, drifting(seed), hours=hours)
    return Simulation(shift, Pacer(PacingPlan(mode), budget), seed).run()


def test_the_same_seed_gives_the_same_day() -> None:
    assert day(5, 1, hours=0.5) == day(5, 1, hours=0.5)
    assert day(5, 1, hours=0.5) != day(5, 2, hours=0.5)


def test_progressive_drops_nobody() -> None:
    quiet = day(10, 1, Mode.PROGRESSIVE)
    assert quiet.dropped == 0
    assert 0.5 < quiet.utilisation < 0.8


@pytest.mark.parametrize(("agents", "seed"), [(5, 1), (12, 3)])
def test_at_no_moment_of_a_day_is_the_limit_passed(agents: int, seed: int) -> None:
    busy = day(agents, seed)
    assert 0 < busy.worst_pct <= 3.0
    assert busy.utilisation > day(agents, seed, Mode.PROGRESSIVE).utilisation + 0.02


def test_a_list_that_ends_ends_the_day() -> None:
    budget = DropBudget(3.0, (Window.CALENDAR_DAY,), ZoneInfo("UTC"), 30.0)
    shift = Shift(5, steady(0.3), contacts=60)
    short = Simulation(shift, Pacer(PacingPlan(Mode.PREDICTIVE), budget), 1).run()
    assert short.dialled == 60
    assert short.finished_s < 3600
