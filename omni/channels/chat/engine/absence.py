"""Who has left their page, and when that has consequences. Pure.

Rules:
1. A reload or a short drop (less than `grace_s`) is told to nobody.
2. After `grace_s` the agent is told that the visitor is gone; after `end_s` the conversation ends.
3. Both delays are the same for all, so what is due stands at the front: a look costs nothing that
   grows with the number of visitors.
"""

from collections import deque
from dataclasses import dataclass

from omni.core.ids import InteractionId, VisitorId


@dataclass(frozen=True, slots=True)
class Unseen:
    """Tell the agent that the visitor has gone."""

    visitor_id: VisitorId
    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class Overdue:
    """End the conversation."""

    visitor_id: VisitorId
    interaction_id: InteractionId


@dataclass(slots=True)
class _Gone:
    interaction_id: InteractionId
    since_s: float
    told: bool = False


class Absences:
    """Visitors with an open conversation and no page."""

    def __init__(self, grace_s: float, end_s: float) -> None:
        self._grace_s = grace_s
        self._end_s = end_s
        self._gone: dict[VisitorId, _Gone] = {}
        self._to_tell: deque[tuple[float, VisitorId]] = deque()
        self._to_end: deque[tuple[float, VisitorId]] = deque()

    def __len__(self) -> int:
        return len(self._gone)

    def left(self, visitor_id: VisitorId, interaction_id: InteractionId, at_s: float) -> None:
        """Note that the visitor's last page has gone."""
        self._gone[visitor_id] = _Gone(interaction_id, at_s)
        self._to_tell.append((at_s, visitor_id))
        self._to_end.append((at_s, visitor_id))

    def back(self, visitor_id: VisitorId) -> bool:
        """Note that the visitor is back (or the conversation over); tell whether it was told."""
        gone = self._gone.pop(visitor_id, None)
        return gone is not None and gone.told

    def due(self, at_s: float) -> list[Unseen | Overdue]:
        """Return what has become due by now, oldest first."""
        commands: list[Unseen | Overdue] = []
        while self._to_tell and self._to_tell[0][0] + self._grace_s <= at_s:
            since_s, visitor_id = self._to_tell.popleft()
            gone = self._gone.get(visitor_id)
            if gone is not None and gone.since_s == since_s and not gone.told:
                gone.told = True
                commands.append(Unseen(visitor_id, gone.interaction_id))
        while self._to_end and self._to_end[0][0] + self._end_s <= at_s:
            since_s, visitor_id = self._to_end.popleft()
            gone = self._gone.get(visitor_id)
            if gone is not None and gone.since_s == since_s:
                del self._gone[visitor_id]
                commands.append(Overdue(visitor_id, gone.interaction_id))
        return commands
