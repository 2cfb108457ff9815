"""How fast a line moves, and so how long somebody in it will wait.

A line loses people at its head, to agents, and in its midst: some give up. With one departure to
an agent every `step_s` seconds and each of those who wait giving up at the rate `loss` (per second)
the number n ahead of somebody falls by 1/step_s + loss · n per second, and is used up after

    wait = ln(1 + loss · step_s · place) / loss        (place · step_s when nobody gives up)

Both are estimated from what happened last. `step_s` is the exponential mean (over the last 20 or
so) of the intervals between departures to agents that began with somebody waiting: one in which
nobody stood there says nothing about the agents. No estimate before three of them. `loss` is how
many left without an agent divided by the seconds that all who left or were served had waited, of
the last 100 or so: the maximum-likelihood estimate for impatience without memory. (Whitt 1999,
Improving service by informing customers about anticipated delays; Ibrahim & Whitt 2009, the
estimator QL_m.)

`omni bench day` compares it with what happened: its `wait_error_s` is the mean absolute error.
Not foreseen: that those with a better priority overtake, and that agents come and go.
"""

from math import log1p
from typing import Final

from omni.core.ids import QueueId

_WEIGHT: Final = 0.1
_NEEDED: Final = 3
_KEPT: Final = 0.99  # of what is known of impatience, with each who is served or leaves


class _Line:
    """What is known of one line. `stood`: somebody waited on after the last departure."""

    __slots__ = ("intervals", "last_s", "left", "step_s", "stood", "waited_s")

    def __init__(self) -> None:
        self.last_s = 0.0
        self.stood = False
        self.intervals = 0
        self.step_s = 0.0
        self.left = 0.0
        self.waited_s = 0.0


class Pace:
    """The pace of every line, a line being a queue's waiting work of one medium."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: dict[tuple[QueueId, int], _Line] = {}

    def departed(
        self, queue_id: QueueId, medium: int, at_s: float, waited_s: float, behind: int
    ) -> None:
        """Somebody who `waited_s` has an agent; so many stay `behind`."""
        line = self._line(queue_id, medium)
        if line.stood:
            line.intervals += 1
            weight = max(_WEIGHT, 1.0 / line.intervals)
            line.step_s += weight * (at_s - line.last_s - line.step_s)
        line.last_s = at_s
        line.stood = behind > 0
        line.left *= _KEPT
        line.waited_s = _KEPT * line.waited_s + waited_s

    def left(self, queue_id: QueueId, medium: int, waited_s: float) -> None:
        """Somebody who `waited_s` is gone without having had an agent."""
        line = self._line(queue_id, medium)
        line.left = _KEPT * line.left + 1.0
        line.waited_s = _KEPT * line.waited_s + waited_s

    def expected_wait_s(self, queue_id: QueueId, medium: int, place: int) -> float | None:
        """Return how long the one at this place (1 first) will wait, None when unknown."""
        line = self._lines.get((queue_id, medium))
        if line is None or line.intervals < _NEEDED or place < 1:
            return None
        if line.left <= 0.0 or line.waited_s <= 0.0:
            return place * line.step_s
        loss = line.left / line.waited_s
        return log1p(loss * line.step_s * place) / loss

    def _line(self, queue_id: QueueId, medium: int) -> _Line:
        line = self._lines.get((queue_id, medium))
        if line is None:
            line = self._lines[queue_id, medium] = _Line()
        return line
