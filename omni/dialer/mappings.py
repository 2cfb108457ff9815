"""Mappings of lists' columns, kept by name: the next file of the kind needs no more thought."""

from collections.abc import Iterable

from omni.core.clock import Clock, Identities
from omni.core.errors import NotFound
from omni.core.journal import Journal
from omni.dialer.list_model import ColumnMapping, ImportMode, SavedMapping
from omni.dialer.list_ports import MappingStore


class Mappings:
    """The service of saved mappings."""

    def __init__(
        self, store: MappingStore, journal: Journal, clock: Clock, identities: Identities
    ) -> None:
        self._store = store
        self._journal = journal
        self._clock = clock
        self._identities = identities

    async def all(self) -> list[SavedMapping]:
        """Return all mappings, last saved first."""
        return await self._store.all()

    async def fitting(self, columns: Iterable[str]) -> list[SavedMapping]:
        """Return the mappings all of whose columns a file has, the closest first."""
        there = frozenset(columns)
        fit = [one for one in await self._store.all() if one.mapping.columns <= there]
        return sorted(fit, key=lambda one: -len(one.mapping.columns))

    async def save(
        self, name: str, mapping: ColumnMapping, region: str, mode: ImportMode
    ) -> SavedMapping:
        """Keep a mapping; the one of that name is replaced."""
        new = self._identities.new()
        saved = SavedMapping(new, name, mapping, region, mode, self._clock.now())
        async with self._journal.transaction():
            await self._store.save(saved)
        return next(one for one in await self._store.all() if one.name == name)

    async def remove(self, mapping_id: str) -> None:
        """Keep a mapping no more.

        Raises:
            NotFound: there is none of that id.
        """
        async with self._journal.transaction():
            removed = await self._store.remove(mapping_id)
        if not removed:
            raise NotFound("list.saved_mapping", "there is no such mapping")
