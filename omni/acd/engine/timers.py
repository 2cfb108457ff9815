"""Deadlines of the router: what is due when, with lazy cancellation by token."""

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import Final

from omni.acd.engine.board import INFINITY, Seat, Work
from omni.acd.engine.states import ACTIVE, ENDED


class Kind(IntEnum):
    """What a deadline is for."""

    OFFER = 0
    WRAP_UP = 1
    RING = 2
    OWNER = 3
    REST = 4
    LIMIT = 5
    PLEDGE = 6
    ASIDE = 7
    LOOK = 8
    OWN_CALL = 9


Due = tuple[float, int, Kind, Work | Seat | None, int]
"""A deadline: at_s, order, kind, whose (or nobody's), token. A plain tuple: two in every life."""

# Names of their own, as in `states`.
OFFER_ENDS: Final = Kind.OFFER
WRAP_UP_ENDS: Final = Kind.WRAP_UP
_REST: Final = Kind.REST
_PLEDGE: Final = Kind.PLEDGE
_LIMIT: Final = Kind.LIMIT
_OF_A_STATE: Final = (OFFER_ENDS, WRAP_UP_ENDS, Kind.ASIDE)
_OVER: Final = (ACTIVE, ENDED)


class Timers:
    """A heap of deadlines; cancelled ones are dropped when they surface or pile up.

    `soonest_s`: no deadline comes before this instant.
    """

    def __init__(self) -> None:
        self.soonest_s = INFINITY
        self._heap: list[Due] = []
        self._order = 0
        self._limit = 4096

    def set(self, at_s: float, kind: Kind, subject: Work | Seat | None, token: int) -> None:
        """Wake at `at_s` unless the subject's token has changed by then (None: in any case)."""
        self._order += 1
        heappush(self._heap, (at_s, self._order, kind, subject, token))
        if at_s < self.soonest_s:
            self.soonest_s = at_s
        if len(self._heap) > self._limit:
            self._heap = [due for due in self._heap if not stale(due)]
            heapify(self._heap)
            self._limit = max(4096, 2 * len(self._heap))

    def due(self, now_s: float) -> Due | None:
        """Return the next deadline that has come and still matters."""
        heap = self._heap
        while heap and heap[0][0] <= now_s:
            due = heappop(heap)
            if not stale(due):
                return due
        self.soonest_s = heap[0][0] if heap else INFINITY
        return None

    def next_s(self) -> float | None:
        """Return when the next deadline comes, None when there is none."""
        heap = self._heap
        while heap and stale(heap[0]):
            heappop(heap)
        return heap[0][0] if heap else None


def stale(due: Due) -> bool:
    """Tell whether what it was set for has been overtaken by events."""
    _, _, kind, subject, token = due
    if isinstance(subject, Seat):
        if kind is _REST:
            return token != subject.rest_token
        return token != (subject.pledge_token if kind is _PLEDGE else subject.own_call_token)
    if subject is None:
        return False
    if kind in _OF_A_STATE:
        return token != subject.token
    if kind is _LIMIT:
        return subject.state in _OVER
    return token != subject.ring
