"""Whole days on the virtual clock: what the pacing reaches, and that no day breaks the limit."""

from zoneinfo import ZoneInfo

import pytest

from omni.dialer.engine.budget import DropBudget
from omni.dialer.engine.pacing import LineAnswered, LineDialled, Pacer, PacingEvent, PacingPlan
from omni.dialer.engine.profiles import Window
from omni.dialer.model import Mode
from omni.dialer.simulator import Day, Kind, Shift, Simulation, drifting, steady


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


class Predicting(Pacer):
    """Notes what was believed of each line at the dial, and what came of it."""

    def __init__(self) -> None:
        budget = DropBudget(3.0, (Window.CALENDAR_DAY,), ZoneInfo("UTC"), 30.0)
        super().__init__(PacingPlan(Mode.PREDICTIVE, give_up_s=None), budget)
        self.believed: list[tuple[int, float, float]] = []  # kind, with and without its chance
        self.answered: set[int] = set()

    def handle(self, event: PacingEvent) -> None:
        if isinstance(event, LineDialled):
            [(_, kind)] = event.traits
            rate = self.forecast.rate(event.at_s)
            told = min(1.0, rate * self.forecast.chances.of(event.traits))
            self.believed.append((int(str(kind)), told, rate))
        elif isinstance(event, LineAnswered):
            self.answered.add(int(str(event.line)) - 1)
        super().handle(event)


def test_what_kind_a_contact_is_tells_who_answers() -> None:
    kinds = (Kind(0.5, 0.4), Kind(0.3, 1.0), Kind(0.2, 2.5))
    pacer = Predicting()
    Simulation(Shift(20, steady(0.25), hours=2.0, kinds=kinds), pacer, 1).run()
    later = list(enumerate(pacer.believed))[500:-50]  # learned by then, and over
    told = sum((told - (line in pacer.answered)) ** 2 for line, (_, told, _) in later)
    blind = sum((rate - (line in pacer.answered)) ** 2 for line, (_, _, rate) in later)
    assert told < 0.93 * blind  # Brier score
    for kind in range(3):  # and reliable: in each kind as many answer as was believed
        mine = [(line, told) for line, (own, told, _) in later if own == kind]
        came = sum(line in pacer.answered for line, _ in mine)
        assert came == pytest.approx(sum(told for _, told in mine), rel=0.15)
