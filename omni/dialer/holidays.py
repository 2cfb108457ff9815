"""The holidays of regions: a small table, kept in memory because every decision looks at it."""

from datetime import date

from omni.core.clock import Identities
from omni.core.errors import NotFound
from omni.core.journal import Journal
from omni.dialer.model import Holiday
from omni.dialer.ports import HolidayStore


class Holidays:
    """The service of holidays. `load` it before campaigns dial."""

    def __init__(self, store: HolidayStore, journal: Journal, identities: Identities) -> None:
        self._store = store
        self._journal = journal
        self._identities = identities
        self._days: dict[str, frozenset[date]] = {}

    async def load(self) -> None:
        """Read the table."""
        days: dict[str, set[date]] = {}
        for holiday in await self._store.all():
            days.setdefault(holiday.region, set()).add(holiday.day)
        self._days = {region: frozenset(found) for region, found in days.items()}

    def of(self, region: str) -> frozenset[date]:
        """Return the dates kept in a region: its own and those of its country."""
        country = region.partition("-")[0]
        none: frozenset[date] = frozenset()
        return self._days.get(region, none) | self._days.get(country, none)

    async def all(self) -> list[Holiday]:
        """Return all holidays by day."""
        return await self._store.all()

    async def add(self, region: str, day: date, name: str) -> None:
        """Keep a day in a region; a day that is there already gets the new name."""
        async with self._journal.transaction():
            await self._store.save(Holiday(self._identities.new(), region, day, name))
        await self.load()

    async def remove(self, holiday_id: str) -> None:
        """Keep a day no longer.

        Raises:
            NotFound: no such holiday.
        """
        if not await self._store.remove(holiday_id):
            raise NotFound("holiday", "there is no such holiday")
        await self.load()
