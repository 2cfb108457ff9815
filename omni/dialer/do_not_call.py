"""The do-not-call list: for every campaign, or for one.

Rules:
1. An entry holds at once: promises to its number are given up in the same transaction, and the
   dialling withdraws what rings (`DoNotCallChanged`).
2. Nothing is taken off without a reason; what was taken off stays on record.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from omni.core.clock import Clock, Identities
from omni.core.endpoint import Upload
from omni.core.errors import Invalid, NotFound
from omni.core.events.outbound import CallbackSet, DoNotCallChanged
from omni.core.journal import Journal, Transaction
from omni.dialer.engine.numbers import normalise, prefix_of
from omni.dialer.list_ports import Uploads
from omni.dialer.listfile import dialect_of, rows
from omni.dialer.model import DoNotCall, DoNotCallSearch, Removal
from omni.dialer.ports import DoNotCallStore

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

    async def page(
        self, search: DoNotCallSearch, page: int, page_rows: int
    ) -> tuple[int, list[DoNotCall]]:
        """Return the total and one page (from 1), newest first."""
        return await self._store.page(search, (page - 1) * page_rows, page_rows)

    async def removed(
        self, search: DoNotCallSearch, page: int, page_rows: int
    ) -> tuple[int, list[tuple[DoNotCall, Removal]]]:
        """Return the total and one page (from 1) of what was taken off, the latest first."""
        return await self._store.removed(search, (page - 1) * page_rows, page_rows)

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
        forbidden = forbidden_number(number, region)
        if forbidden is None:
            raise Invalid("number.invalid", "this is not a phone number", field="number")
        now = self._clock.now()
        entry = DoNotCall(self._identities.new(), forbidden, now, campaign_id, reason, by)
        async with self._journal.transaction() as tx:
            await forbid(self._store, tx, entry)
        return await self._store.find(entry.number, campaign_id) or entry

    async def remove(self, entry_id: str, reason: str, by: str) -> None:
        """Allow a number again.

        Raises:
            NotFound: no such entry.
        """
        removal = Removal(self._clock.now(), by, reason)
        async with self._journal.transaction() as tx:
            entry = await self._store.remove(entry_id, removal)
            if entry is None:
                raise NotFound("do_not_call", "there is no such entry")
            tx.emit(
                DoNotCallChanged(
                    number=entry.number,
                    forbidden=False,
                    campaign_id=entry.campaign_id,
                    reason=reason,
                    by=by,
                )
            )

    async def upload(
        self,
        upload: Upload,
        by: str,
        *,
        campaign_id: str = "",
        reason: str = "",
        region: str = "US",
    ) -> tuple[int, int, int]:
        """Add every number of a file; return how many were added, known already, rejected.

        Raises:
            Invalid, TooLarge: the file cannot be used; nothing was added.
        """
        upload_id = self._identities.new()
        await self._uploads.keep(upload_id, upload, UPLOAD_MAX_BYTES)
        path = self._uploads.path(upload_id)
        try:
            shape = DoNotCall("", "", self._clock.now(), campaign_id, reason, by)
            entries, rejected = await asyncio.to_thread(self._read, path, region, shape)
        finally:
            path.unlink(missing_ok=True)
        added = 0
        async with self._journal.transaction() as tx:
            for start in range(0, len(entries), BATCH_ROWS):
                added += await self._store.add(entries[start : start + BATCH_ROWS])
            await give_up_promises(self._store, tx, "")
            tx.emit(
                DoNotCallChanged(
                    number="",
                    forbidden=True,
                    campaign_id=campaign_id,
                    count=added,
                    reason=reason,
                    by=by,
                )
            )
        return added, len(entries) - added, rejected

    def _read(self, path: Path, region: str, shape: DoNotCall) -> tuple[list[DoNotCall], int]:
        entries: list[DoNotCall] = []
        rejected = 0
        dialect = dialect_of(path)
        if forbidden_number(dialect.columns[0], region):  # `+44900*` looks like a heading
            dialect = replace(dialect, has_header=False)
        for row in rows(path, dialect):
            numbers = (forbidden_number(cell, region) for cell in row.cells[:1])
            number = next(numbers, None)
            if number is None:
                rejected += 1
            else:
                entries.append(replace(shape, entry_id=self._identities.new(), number=number))
        return entries, rejected


def forbidden_number(text: str, region: str) -> str | None:
    """Return the number (or, with a star, the beginning of numbers) that is meant, None: none."""
    prefix = prefix_of(text)
    if prefix is not None:
        return prefix
    number = normalise(text, region)
    return number.e164 if number else None


async def forbid(store: DoNotCallStore, tx: Transaction, entry: DoNotCall) -> None:
    """Put a number on the list within a transaction, and take its promises from the desks."""
    added = await store.add([entry])
    await give_up_promises(store, tx, entry.number)
    if added:
        tx.emit(
            DoNotCallChanged(
                number=entry.number,
                forbidden=True,
                campaign_id=entry.campaign_id,
                reason=entry.reason,
                by=entry.added_by,
            )
        )


async def give_up_promises(store: DoNotCallStore, tx: Transaction, number: str) -> None:
    """End the promises that a number (or "" = the whole list) forbids."""
    for contact_id, campaign_id in await store.give_up_promises(number):
        tx.emit(CallbackSet(contact_id=contact_id, campaign_id=campaign_id))
