"""A process that routes and paces with compiled code: run by `test_compiled.py`.

Prints a digest: of all commands and refusals that random happenings led to, and of dialled days.
"""

import hashlib
from zoneinfo import ZoneInfo

from omni import compiled

ROUNDS = 5
HAPPENINGS = 4_000
TEAMS = (5, 40, 120)

if __name__ == "__main__":
    assert compiled.prefer(), "nothing is compiled"

from omni.acd.engine import happenings as h  # noqa: E402  (the engine, compiled or not)
from omni.acd.engine.router import Router  # noqa: E402
from omni.core.errors import Fault  # noqa: E402
from omni.dialer.engine.budget import DropBudget  # noqa: E402
from omni.dialer.engine.pacing import Pacer, PacingPlan  # noqa: E402
from omni.dialer.engine.profiles import Window  # noqa: E402
from omni.dialer.model import Mode  # noqa: E402
from omni.dialer.simulator import Shift, Simulation, drifting  # noqa: E402
from tests.acd.traffic import Traffic  # noqa: E402


def digest() -> str:
    """Return a digest of what the engines of this process make of the same things."""
    found = hashlib.sha256()
    for seed in range(ROUNDS):
        traffic, router = Traffic(seed), Router()
        happenings = traffic.opening()
        for _ in range(HAPPENINGS):
            for happening in happenings:
                found.update(answer(router, traffic, happening).encode())
            happenings = [traffic.next()]
    for agents in TEAMS:
        found.update(dialled(agents).encode())
    return found.hexdigest()


def dialled(agents: int) -> str:
    """Return what came of half an hour of a campaign, to the last digit."""
    budget = DropBudget(3.0, (Window.CALENDAR_DAY,), ZoneInfo("UTC"), 30.0)
    pacer = Pacer(PacingPlan(Mode.PREDICTIVE), budget)
    shift = Shift(agents, drifting(agents), hours=0.5)
    return str(Simulation(shift, pacer, agents).run())


def answer(router: Router, traffic: Traffic, happening: h.Happening) -> str:
    """Return the commands, or the refusal and what was due before it, as text."""
    try:
        commands = router.handle(happening)
    except Fault as fault:
        return f"{type(fault).__name__} {fault.code} {router.handle(h.TimePassed(happening.at_s))}"
    traffic.heard(commands)
    return str(commands)


if __name__ == "__main__":
    assert compiled.used()
    print(digest())  # noqa: T201
