"""How hard random tests search: alike each time in the gate, long and anew in `make soak`."""

import os

from hypothesis import settings

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
SOAK_TIMES = 30


def effort(examples: int, steps: int = 50) -> settings:
    """Return settings for so many examples; `steps`: of a state machine, at most."""
    return settings(
        max_examples=examples * SOAK_TIMES if SOAK else examples,
        stateful_step_count=steps,
        derandomize=not SOAK,
        deadline=None,
    )
