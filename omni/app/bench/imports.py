"""`omni bench import`: contacts an hour from an uploaded CSV into the database, and beside it.

An own PostgreSQL with its usual settings (fsync on) in a temporary folder. A tenth of the rows is
broken in different ways, a twentieth are duplicates. `--rows` is the size of the list.

JSON: rows, seconds, contacts_per_hour, imported, duplicates, rejected, loop_stall_max_ms (how long
the event loop, which also carries calls, was held up at worst).
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tortoise.context import TortoiseContext

from omni.app.database import migrate, opened
from omni.app.embedded.postgres import PostgresServer
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.endpoint import Upload
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.columns import ColumnMapping
from omni.dialer.contact_store import ContactTable
from omni.dialer.holidays import Holidays
from omni.dialer.import_store import ImportTable
from omni.dialer.imports import ImportParts, Imports
from omni.dialer.list_store import ListTable
from omni.dialer.message_files import MessageFiles
from omni.dialer.service import CampaignParts, Campaigns
from omni.dialer.store import CampaignTable, HolidayTable
from omni.dialer.uploads import FolderUploads

AREAS = (212, 305, 310, 312, 404, 415, 512, 602, 617, 702, 713, 718, 818, 917)


class NoJobs:
    """The benchmark runs the import itself."""

    async def enqueue(self, job: str, argument: str) -> None:
        return


async def run(options: list[str]) -> dict[str, object]:
    """Import a list and return the figures."""
    parser = argparse.ArgumentParser(prog="omni bench import")
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args(options).rows
    folder = _folder()
    server = PostgresServer(folder)
    try:
        url = await server.start()
        await migrate(url)
        async with opened(url) as context:
            return await _measure(context, folder, rows)
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """Return a folder that the database's own account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="omni-bench-"))
    folder.chmod(0o711)
    return folder


async def _measure(_: TortoiseContext, folder: Path, rows: int) -> dict[str, object]:
    clock, identities = SystemClock(), RandomIdentities()
    journal, campaigns = PostgresJournal(clock), CampaignTable()
    service = Campaigns(
        CampaignParts(
            campaigns,
            ContactTable(),
            AttemptTable(),
            journal,
            clock,
            identities,
            Holidays(HolidayTable(), journal, identities),
            MessageFiles(folder / "messages"),
            ListTable(),
        )
    )
    imports = Imports(
        ImportParts(
            journal,
            clock,
            identities,
            campaigns,
            ImportTable(),
            FolderUploads(folder / "uploads"),
            NoJobs(),
        )
    )
    campaign = await service.create(name="bench", queue_id="bench")
    upload = Upload("bench.csv", "text/csv", _list(rows))
    preview = await imports.preview(campaign.campaign_id, upload)
    mapping = ColumnMapping("Phone", name="Name", external_id="Customer", extra={"city": "City"})
    item = await imports.begin(campaign.campaign_id, preview.upload_id, mapping, "US")
    stalls = asyncio.ensure_future(_stall_max_s())
    begin = time.perf_counter()
    await imports.run(item.import_id)
    seconds = time.perf_counter() - begin
    stalls.cancel()
    stall_s = await stalls
    done = (await imports.of_campaign(campaign.campaign_id))[0]
    return {
        "rows": done.rows_read,
        "seconds": round(seconds, 2),
        "contacts_per_hour": round(3600 * done.rows_read / seconds),
        "imported": done.imported,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "loop_stall_max_ms": round(1000 * stall_s, 1),
    }


async def _stall_max_s() -> float:
    worst_s = 0.0
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            worst_s = max(worst_s, time.perf_counter() - before - 0.01)
    except asyncio.CancelledError:
        return worst_s


async def _list(rows: int) -> AsyncIterator[bytes]:
    source = random.Random(1)
    yield b"Name,Phone,Customer,City\r\n"
    for start in range(0, rows, 10_000):
        yield "".join(_row(source, n) for n in range(start, min(rows, start + 10_000))).encode()


def _row(source: random.Random, n: int) -> str:
    if n % 10 == 3:
        phone = source.choice(("", "call me", "12", "+1 999", "555-0100"))
    elif n % 20 == 5:
        phone = "(212) 664-7665"
    else:
        phone = f"({source.choice(AREAS)}) {source.randint(220, 989)}-{n % 10_000:04d}"
    return f"Example Person {n},{phone},C{n},City {n % 50}\r\n"
