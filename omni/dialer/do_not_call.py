"""The do-not-call list: for every campaign, or for one."""

import asyncio
from pathlib import Path

from omni.core.clock import Clock, Identities
from omni.core.endpoint import Upload
from omni.core.errors import Invalid, NotFound
from omni.core.journal import Journal
from omni.dialer.engine.numbers import normalise, prefix_of
from omni.dialer.listfile import dialect_of, rows
from omni.dialer.model import DoNotCall
from omni.dialer.ports import DoNotCallStore, Uploads

UPLOAD_MAX_BYTES = 200_000_000
BATCH_ROWS = 5000


class DoNotCallList:
    """The service of the do-not-call list."""

    def __init__(
        self,
        store: DoNotCallStore,
        uploads: Uploads,
        journal: Journal,
        clock: Clock,
        identities: Identities,
    ) -> None:
        self._store = store
        self._uploads = uploads
        self._journal = journal
        self._clock = clock
        self._identities = identities

    async def page(self, q: str, page: int, page_rows: int) -> tuple[int, list[DoNotCall]]:
        """Return the total and one page (from 1), newest first."""
        return await self._store.page(q, (page - 1) * page_rows, page_rows)

    async def add(
        self,
        number: str,
        *,
        campaign_id: str = "",
        reason: str = "",
        region: str = "US",
        by: str = "",
    ) -> DoNotCall:
        """Forbid a number, or with `*` at its end all that begin so; a second time changes nothing.

        Raises:
            Invalid: it is no phone number (`number.invalid`).
        """
        entry = self._entry(number, region, campaign_id, reason, by)
        if entry is None:
            raise Invalid("number.invalid", "this is not a phone number", field="number")
        async with self._journal.transaction():
            await self._store.add([entry])
        return await self._store.find(entry.number, campaign_id) or entry

    async def remove(self, entry_id: str) -> None:
        """Allow a number again.

        Raises:
            NotFound: no such entry.
        """
        if not await self._store.remove(entry_id):
            raise NotFound("do_not_call", "there is no such entry")

    async def upload(
        self, upload: Upload, by: str, *, campaign_id: str = "", region: str = "US"
    ) -> tuple[int, int, int]:
        """Add every number of a file; return how many were added, known already, rejected.

        Raises:
            Invalid, TooLarge: the file cannot be used; nothing was added.
        """
        upload_id = self._identities.new()
        await self._uploads.keep(upload_id, upload, UPLOAD_MAX_BYTES)
        path = self._uploads.path(upload_id)
        try:
            entries, rejected = await asyncio.to_thread(self._read, path, region, campaign_id, by)
        finally:
            path.unlink(missing_ok=True)
        added = 0
        async with self._journal.transaction():
            for start in range(0, len(entries), BATCH_ROWS):
                added += await self._store.add(entries[start : start + BATCH_ROWS])
        return added, len(entries) - added, rejected

    def _read(
        self, path: Path, region: str, campaign_id: str, by: str
    ) -> tuple[list[DoNotCall], int]:
        entries: list[DoNotCall] = []
        rejected = 0
        for row in rows(path, dialect_of(path)):
            found = (self._entry(cell, region, campaign_id, "", by) for cell in row.cells[:1])
            entry = next(found, None)
            if entry is None:
                rejected += 1
            else:
                entries.append(entry)
        return entries, rejected

    def _entry(
        self, text: str, region: str, campaign_id: str, reason: str, by: str
    ) -> DoNotCall | None:
        forbidden = prefix_of(text)
        if forbidden is None:
            number = normalise(text, region)
            if number is None:
                return None
            forbidden = number.e164
        entry_id, now = self._identities.new(), self._clock.now()
        return DoNotCall(entry_id, forbidden, now, campaign_id, reason, by)
