"""The engine decides exactly as the naive one: 100,000 random happenings, command for command."""

import pytest

from omni.acd.engine import happenings as h
from omni.acd.engine.router import Router
from omni.core.errors import Fault
from tests.acd.naive import NaiveRouter
from tests.acd.traffic import Traffic

ROUNDS = 25
HAPPENINGS = 4_000


def answer(router: Router | NaiveRouter, happening: h.Happening) -> list[h.Command] | str:
    """Return the commands, or the code of the refusal (and what was due before it)."""
    try:
        return router.handle(happening)
    except Fault as fault:
        due = router.handle(h.TimePassed(happening.at_s))
        return f"{type(fault).__name__} {fault.code} {due}"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_same_commands(seed: int) -> None:
    traffic = Traffic(seed)
    fast, naive = Router(), NaiveRouter()
    for happening in traffic.opening():
        assert answer(fast, happening) == answer(naive, happening)
    for number in range(HAPPENINGS):
        happening = traffic.next()
        expected = answer(naive, happening)
        assert answer(fast, happening) == expected, (number, happening)
        if isinstance(expected, list):
            traffic.heard(expected)
