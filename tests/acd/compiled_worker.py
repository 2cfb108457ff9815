"""A process that routes with the compiled engine: run by `test_compiled.py`.

Prints what came of random happenings, as a digest of all commands and refusals.
"""

import hashlib

from omni import compiled

ROUNDS = 5
HAPPENINGS = 4_000

if __name__ == "__main__":
    assert compiled.prefer(), "nothing is compiled"

from omni.acd.engine import happenings as h  # noqa: E402  (the engine, compiled or not)
from omni.acd.engine.router import Router  # noqa: E402
from omni.core.errors import Fault  # noqa: E402
from tests.acd.traffic import Traffic  # noqa: E402


def digest() -> str:
    """Return a digest of all that the engine of this process answers to random happenings."""
    found = hashlib.sha256()
    for seed in range(ROUNDS):
        traffic, router = Traffic(seed), Router()
        happenings = traffic.opening()
        for _ in range(HAPPENINGS):
            for happening in happenings:
                found.update(answer(router, traffic, happening).encode())
            happenings = [traffic.next()]
    return found.hexdigest()


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
