"""Deadlines of the router: what is due when, with lazy cancellation by token."""

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from omni.acd.engine.board import Seat, Work
from omni.core.terms import InteractionState


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


class Due(NamedTuple):
    """A deadline that has come."""

    at_s: float
    order: int
    kind: Kind
    work: Work | None
    seat: Seat | None
    token: int

    @property
    def stale(self) -> bool:
        """Whether what it was set for has been overtaken by events."""
        if self.kind is Kind.REST:
            return self.seat is None or self.seat.rest_token != self.token
        if self.kind is Kind.PLEDGE:
            return self.seat is None or self.seat.pledge_token != self.token
        work = self.work
        if work is None:
            return True
        if self.kind in (Kind.OFFER, Kind.WRAP_UP, Kind.ASIDE):
            return work.token != self.token
        if self.kind is Kind.LIMIT:
            return work.state in (InteractionState.ACTIVE, InteractionState.ENDED)
        return work.ring != self.token


class Timers:
    """A heap of deadlines; cancelled ones are dropped when they surface or pile up."""

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._order = 0
        self._limit = 4096

    def set(self, at_s: float, kind: Kind, subject: Work | Seat, token: int) -> None:
        """Wake at `at_s` unless the subject's token has changed by then."""
        self._order += 1
        work = subject if isinstance(subject, Work) else None
        seat = subject if isinstance(subject, Seat) else None
        heappush(self._heap, Due(at_s, self._order, kind, work, seat, token))
        if len(self._heap) > self._limit:
            self._heap = [due for due in self._heap if not due.stale]
            heapify(self._heap)
            self._limit = max(4096, 2 * len(self._heap))

    def due(self, now_s: float) -> Due | None:
        """Return the next deadline that has come and still matters."""
        heap = self._heap
        while heap and heap[0].at_s <= now_s:
            due = heappop(heap)
            if not due.stale:
                return due
        return None

    def next_s(self) -> float | None:
        """Return when the next deadline comes, None when there is none."""
        heap = self._heap
        while heap and heap[0].stale:
            heappop(heap)
        return heap[0].at_s if heap else None
