"""Live tables: what a browser shows, as rows that change.

A *topic* (`desk:<agent>`, `floor`) is a set of tables; a table is rows by key. A browser gets a
snapshot (all rows) and then numbered changes (row replaced, row gone). A view is a pure fold:
`apply(event)` returns the changes, and `snapshot` after any prefix of the journal equals the
earlier snapshot with the changes of that prefix applied (tested for every view).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from omni.core.events.base import Event, Recorded


class Row(BaseModel):
    """Base of the rows a browser receives; TypeScript types are generated from the children."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Change:
    """One row of one table of one topic is now `row`, or gone when `row` is None."""

    topic: str
    table: str
    key: str
    row: Row | None


class View(Protocol):
    """A fold of the journal into live tables."""

    def apply(self, recorded: Recorded[Event]) -> Iterable[Change]:
        """Take in one event and return what changed on whose screens."""
        ...

    def snapshot(self, topic: str) -> Iterable[Change]:
        """Return all rows of a topic (nothing for a topic that is not this view's)."""
        ...
