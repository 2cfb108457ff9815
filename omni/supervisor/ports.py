"""What the supervisor's services need from outside: the report's facts, and a spreadsheet."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from omni.core.events.base import Event, Recorded
from omni.core.ids import AgentId, CampaignId
from omni.supervisor.engine.tables import Table
from omni.supervisor.report import AttemptFact, Facts, Scope


class FactsView(Protocol):
    """The facts as they stood at one moment, however long one reads."""

    async def campaign_name(self, campaign_id: CampaignId) -> str | None:
        """Return the campaign's name, None when there is no such campaign."""
        ...

    async def agent_names(self) -> Mapping[AgentId, str]:
        """Return the names of all agents there ever were."""
        ...

    async def facts(self, scope: Scope) -> Facts:
        """Return the sums over the scope's attempts."""
        ...

    def attempts(self, scope: Scope) -> AsyncIterator[Sequence[AttemptFact]]:
        """Yield the scope's attempts in batches, oldest first, in constant memory."""
        ...


class AttemptFacts(Protocol):
    """The report's own read model: one row per attempt, folded from the journal."""

    def open(self) -> AbstractAsyncContextManager[FactsView]:
        """Open a consistent view."""
        ...

    async def take_in(self, recorded: Recorded[Event]) -> None:
        """Fold one event in; taking it in again changes nothing."""
        ...


class Spreadsheet(Protocol):
    """A workbook being written: tables one after the other, then the file."""

    async def add(self, table: Table) -> None:
        """Add a sheet with a small table (and its chart, when it asks for one)."""
        ...

    async def begin(self, table: Table) -> None:
        """Begin a long sheet, whose rows follow by `append`."""
        ...

    async def append(self, rows: Sequence[Sequence[object]]) -> None:
        """Add rows to the sheet begun last."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """Close the workbook and yield the file. After this you must `discard`."""
        ...

    async def discard(self) -> None:
        """Remove what lies on disk."""
        ...


class Spreadsheets(Protocol):
    """Makes workbooks."""

    def new(self) -> Spreadsheet: ...
