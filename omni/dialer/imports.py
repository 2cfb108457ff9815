"""Taking lists in: upload, preview, and the import in the background.

Rules:
1. A batch's contacts, rejections and progress are one transaction: after a crash the import goes on
   after the last whole batch, and nothing is in twice (`rows_read` says how many rows to skip).
2. A contact of whom the campaign has a number is a duplicate (`omni.dialer.engine.intake`); the
   import's mode says whether it is left, brought up to date, or the only ones that stay.
3. A fault of the whole file (unreadable, mapping does not fit) ends the import as failed with its
   reason; a fault of a row rejects the row. Of several numbers one good one is enough: the row is
   taken in without the others, and told of in the file of rejected rows.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path

from omni.core.clock import Clock, Identities
from omni.core.endpoint import Upload
from omni.core.errors import Fault, NotFound
from omni.core.events.outbound import ImportProgressed
from omni.core.ids import CampaignId, ContactId
from omni.core.journal import Journal
from omni.dialer.columns import Reader, mapping_of, reader_of
from omni.dialer.list_model import ColumnMapping, ImportMode, ImportState, ListImport, Rejection
from omni.dialer.list_ports import ImportStore, Uploads
from omni.dialer.listfile import Dialect, Preview, csv_line, dialect_of, inspect, rows
from omni.dialer.model import Contact
from omni.dialer.ports import CampaignStore, Jobs
from omni.dialer.workbook import is_workbook, to_csv

log = logging.getLogger(__name__)

JOB = "dialer.import"
UPLOAD_MAX_BYTES = 500_000_000  # five million contacts of 100 bytes
BATCH_ROWS = 2000  # about 0.15 s of parsing: progress moves, other work gets its turn


@dataclass(slots=True)
class _Batch:
    """The outcome of reading some rows."""

    read: int = 0
    contacts: list[Contact] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    incomplete: int = 0


@dataclass(frozen=True, slots=True)
class ImportParts:
    """What `Imports` works with."""

    journal: Journal
    clock: Clock
    identities: Identities
    campaigns: CampaignStore
    imports: ImportStore
    uploads: Uploads
    jobs: Jobs


class Imports:
    """The service of list imports."""

    def __init__(self, parts: ImportParts) -> None:
        self._parts = parts

    async def preview(self, campaign_id: CampaignId, upload: Upload) -> Preview:
        """Keep an uploaded file and say what it seems to hold.

        Raises:
            NotFound: no such campaign. TooLarge, Invalid: the file cannot be used.
        """
        await self._check_campaign(campaign_id)
        upload_id = self._parts.identities.new()
        await self._parts.uploads.keep(upload_id, upload, UPLOAD_MAX_BYTES)
        path = self._parts.uploads.path(upload_id)
        try:
            return await asyncio.to_thread(_inspect, path, upload_id, upload.file_name)
        except Fault:
            path.unlink(missing_ok=True)
            raise

    async def begin(
        self,
        campaign_id: CampaignId,
        upload_id: str,
        mapping: ColumnMapping,
        region: str,
        mode: ImportMode = ImportMode.APPEND,
    ) -> ListImport:
        """Start to take an uploaded file into the list, in the background.

        Raises:
            NotFound: no such campaign or upload. Invalid: the mapping names a column that is not
            there (`list.mapping`).
        """
        await self._check_campaign(campaign_id)
        path = self._parts.uploads.path(upload_id)
        dialect = await asyncio.to_thread(dialect_of, path)
        reader_of(campaign_id, region, mapping, dialect)
        item = ListImport(
            import_id=self._parts.identities.new(),
            campaign_id=campaign_id,
            file_name=self._parts.uploads.file_name(upload_id),
            state=ImportState.RUNNING,
            started_at=self._parts.clock.now(),
            mode=mode,
        )
        plan = {"mapping": asdict(mapping), "region": region}
        async with self._parts.journal.transaction() as tx:
            await self._parts.imports.add(item, upload_id, plan)
            tx.emit(_progress(item))
        await self._parts.jobs.enqueue(JOB, item.import_id)
        return item

    async def resume(self) -> None:
        """Take up the imports that a crash or restart interrupted."""
        for import_id in await self._parts.imports.unfinished():
            await self._parts.jobs.enqueue(JOB, import_id)

    async def of_campaign(self, campaign_id: CampaignId) -> list[ListImport]:
        """Return a campaign's imports, newest first."""
        return await self._parts.imports.of_campaign(campaign_id)

    async def rejected(self, import_id: str) -> tuple[str, AsyncIterator[bytes]]:
        """Return a file name and the rejected rows as CSV: line, reason, row.

        Raises:
            NotFound: no such import.
        """
        item = await self._parts.imports.get(import_id)
        if item is None:
            raise NotFound("import", "there is no such import")

        async def chunks() -> AsyncIterator[bytes]:
            yield ("\ufeff" + csv_line(["line", "reason", "row"])).encode()
            async for rejection in self._parts.imports.rejections(import_id):
                cells = [str(rejection.line), rejection.reason, rejection.row]
                yield csv_line(cells).encode("utf-8", "replace")

        return f"rejected-{import_id}.csv", chunks()

    async def run(self, import_id: str) -> None:
        """Do an import to its end; called by the job, again after a crash."""
        item = await self._parts.imports.get(import_id)
        if item is None or item.state is not ImportState.RUNNING:
            return
        try:
            item = await self._take_in(item)
        except Fault as fault:
            item = (await self._parts.imports.get(import_id)) or item
            await self._write(replace(item, state=ImportState.FAILED, reason=fault.code))
            log.warning("import failed", extra={"import_id": import_id, "code": fault.code})

    async def _take_in(self, item: ListImport) -> ListImport:
        upload_id, plan = await self._parts.imports.plan(item.import_id)
        path = self._parts.uploads.path(upload_id)
        dialect = await asyncio.to_thread(dialect_of, path)
        mapping = mapping_of(plan["mapping"])
        reader = reader_of(item.campaign_id, str(plan["region"]), mapping, dialect)
        source = _Source(path, dialect, reader, self._parts.identities)
        await asyncio.to_thread(source.skip, item.rows_read)
        while True:
            batch = await asyncio.to_thread(source.batch)
            if not batch.read:
                if item.mode is ImportMode.REPLACE:
                    await self._end_others(item)
                await self._parts.imports.count_anew()
                return await self._write(replace(item, state=ImportState.FINISHED))
            item = await self._write(item, batch)

    async def _end_others(self, item: ListImport) -> None:
        after = ""
        while True:
            async with self._parts.journal.transaction():
                after = await self._parts.imports.end_others(
                    item.campaign_id, item.import_id, after, BATCH_ROWS
                )
            if not after:
                return

    async def _write(self, item: ListImport, batch: _Batch | None = None) -> ListImport:
        async with self._parts.journal.transaction() as tx:
            if batch is not None:
                item = await self._add(item, batch)
            if item.state is not ImportState.RUNNING:
                item = replace(item, finished_at=self._parts.clock.now())
            await self._parts.imports.save(item)
            tx.emit(_progress(item))
        return item

    async def _add(self, item: ListImport, batch: _Batch) -> ListImport:
        inserted = await self._parts.imports.insert_contacts(
            item.import_id, batch.contacts, item.mode
        )
        await self._parts.imports.insert_rejections(item.import_id, batch.rejections)
        return replace(
            item,
            rows_read=item.rows_read + batch.read,
            imported=item.imported + inserted,
            duplicates=item.duplicates + len(batch.contacts) - inserted,
            rejected=item.rejected + len(batch.rejections) - batch.incomplete,
            incomplete=item.incomplete + batch.incomplete,
        )

    async def _check_campaign(self, campaign_id: CampaignId) -> None:
        if await self._parts.campaigns.get(campaign_id) is None:
            raise NotFound("campaign", "there is no such campaign")


class _Source:
    """A file being read batch by batch; its methods run in a thread, one at a time."""

    def __init__(
        self, path: Path, dialect: Dialect, reader: Reader, identities: Identities
    ) -> None:
        self._rows = rows(path, dialect)
        self._reader = reader
        self._identities = identities

    def skip(self, count: int) -> None:
        """Pass over rows that were read before a crash."""
        for _ in islice(self._rows, count):
            pass

    def batch(self) -> _Batch:
        """Read up to `BATCH_ROWS` rows; none at the end of the file."""
        batch = _Batch()
        for row in islice(self._rows, BATCH_ROWS):
            batch.read += 1
            contact, problem = self._reader.read(row, ContactId(self._identities.new()))
            if contact is not None:
                batch.contacts.append(contact)
                batch.incomplete += bool(problem)
            if problem:
                batch.rejections.append(Rejection(row.line, problem, row.raw))
        return batch


def _inspect(path: Path, upload_id: str, file_name: str) -> Preview:
    if is_workbook(path):
        to_csv(path)
    return inspect(path, upload_id, file_name)


def _progress(item: ListImport) -> ImportProgressed:
    return ImportProgressed(
        campaign_id=item.campaign_id,
        import_id=item.import_id,
        state=item.state.value,
        rows_read=item.rows_read,
        imported=item.imported,
        duplicates=item.duplicates,
        rejected=item.rejected,
        reason=item.reason,
    )
