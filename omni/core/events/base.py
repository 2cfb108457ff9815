"""What an event is: a closed, typed, immutable statement of what happened, in the past tense.

Rules:
1. An undeclared field is an error at construction (`extra="forbid"`).
2. `type` is the name on the wire (`noun.verbed`), listed once in `catalogue.py`.
3. `key` is the id of the thing the event is about; the journal is indexed by (key, seq), so the
   history of one interaction, agent or campaign is read without a scan.
4. An event carries all that a fold of it needs: a consumer never asks back.
5. Fields may be added with a default; none is ever removed or given another meaning.
"""

from datetime import datetime
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """Base of all events. Subclasses set `TYPE` and `KEY`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str] = ""
    KEY: ClassVar[str] = ""

    @property
    def key(self) -> str:
        """Return the id of the thing this event is about ("" when it is about none)."""
        return str(getattr(self, self.KEY)) if self.KEY else ""


E = TypeVar("E", bound=Event, covariant=True)


class Recorded(Generic[E]):
    """An event with its place in the journal. `seq` grows by one per event, without holes."""

    __slots__ = ("at", "event", "seq")

    def __init__(self, seq: int, at: datetime, event: E) -> None:
        self.seq = seq
        self.at = at
        self.event = event

    def __repr__(self) -> str:
        return f"Recorded({self.seq}, {self.at.isoformat()}, {self.event!r})"
