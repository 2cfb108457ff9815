"""`omni bench import`: contacts an hour from an uploaded CSV into the database, and beside it.

An own PostgreSQL with its usual settings (fsync on) in a temporary folder. `--rows` is the size of
the list, `--broken` the share of rows that are broken in different ways (a tenth), `--numbers` how
many telephone numbers a contact has (1); a twentieth of the rows are duplicates.

JSON: rows, seconds, contacts_per_hour, imported, duplicates, rejected, loop_stall_max_ms (how long
the event loop, which also carries calls, was held up at worst) and loop_stall_cpu_ms (how long
this process computed meanwhile: if much less, it was the machine that had no turn for it); and of
the list that is there then:
`hopper`: 100 contacts out of it, mean and worst of 20 in milliseconds, when nothing special is
wanted, with a quota, with a filter that nearly nobody passes before it is put into effect, and
after; blocked_s (why contacts are not dialled, counted to the end), blocked_answer_s (how long
somebody waits who asks for that, of a list that was not counted yet), filter_s (whom a filter
leaves, counted), lists_s (how far lists are worked through), page_s (a page of contacts, searched
by name), arrange_s (the whole list put in another order), arrange_filter_s (that filter put into
effect).
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tortoise.context import TortoiseContext

from omni.app.database import migrate, opened
from omni.app.embedded.postgres import PostgresServer
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.core.endpoint import Upload
from omni.core.ids import CampaignId
from omni.dialer.api import PATIENCE_S
from omni.dialer.attempt_store import AttemptTable
from omni.dialer.contact_store import ContactTable
from omni.dialer.holidays import Holidays
from omni.dialer.hopper import Hopper
from omni.dialer.import_store import ImportTable
from omni.dialer.imports import ImportParts, Imports
from omni.dialer.list_model import ColumnMapping, NumberColumn
from omni.dialer.list_plans import Arranging
from omni.dialer.list_store import ListTable
from omni.dialer.model import Condition, ListOrder, ListPlan, Operator, Quota
from omni.dialer.service import CampaignParts, Campaigns
from omni.dialer.store import CampaignTable, HolidayTable
from omni.dialer.uploads import FolderUploads

TAKES, TAKEN = 20, 100
AREAS = (212, 305, 310, 312, 404, 415, 512, 602, 617, 702, 713, 718, 818, 917)


@dataclass(frozen=True, slots=True)
class Wish:
    """What list is to be imported."""

    rows: int
    broken: float
    numbers: int


@dataclass(frozen=True, slots=True)
class Stall:
    """How long the event loop was held up, and how long the process computed meanwhile."""

    held_up_s: float
    computed_s: float


class NoJobs:
    """The benchmark runs the import itself."""

    async def enqueue(self, job: str, argument: str) -> None:
        return


async def run(options: list[str]) -> dict[str, object]:
    """Import a list and return the figures."""
    parser = argparse.ArgumentParser(prog="omni bench import")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--broken", type=float, default=0.1)
    parser.add_argument("--numbers", type=int, default=1, choices=range(1, 4))
    given = parser.parse_args(options)
    wish = Wish(given.rows, given.broken, given.numbers)
    folder = _folder()
    server = PostgresServer(folder)
    try:
        url = await server.start()
        await migrate(url)
        async with opened(url) as context:
            return await _measure(context, folder, wish)
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """Return a folder that the database's own account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="omni-bench-"))
    folder.chmod(0o711)
    return folder


async def _measure(_: TortoiseContext, folder: Path, wish: Wish) -> dict[str, object]:
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
    upload = Upload("bench.csv", "text/csv", _list(wish))
    preview = await imports.preview(campaign.campaign_id, upload)
    mapping = ColumnMapping(
        "Phone",
        other_numbers=[NumberColumn(f"Phone {place}") for place in range(2, wish.numbers + 1)],
        name="Name",
        external_id="Customer",
        extra={"city": "City"},
    )
    item = await imports.begin(campaign.campaign_id, preview.upload_id, mapping, "US")
    stalls = asyncio.ensure_future(_worst_stall())
    begin = time.perf_counter()
    await imports.run(item.import_id)
    seconds = time.perf_counter() - begin
    stalls.cancel()
    stall = await stalls
    done = (await imports.of_campaign(campaign.campaign_id))[0]
    return {
        "rows": done.rows_read,
        "seconds": round(seconds, 2),
        "contacts_per_hour": round(3600 * done.rows_read / seconds),
        "imported": done.imported,
        "duplicates": done.duplicates,
        "rejected": done.rejected,
        "loop_stall_max_ms": round(1000 * stall.held_up_s, 1),
        "loop_stall_cpu_ms": round(1000 * stall.computed_s, 1),
        **await _dial_list(
            Dialled(service, journal, ListTable(), ContactTable(), campaign.campaign_id)
        ),
    }


@dataclass(frozen=True, slots=True)
class Dialled:
    """A list that is dialled, and what works on it."""

    service: Campaigns
    journal: PostgresJournal
    lists: ListTable
    contacts: ContactTable
    campaign_id: CampaignId


async def _dial_list(dialled: Dialled) -> dict[str, object]:
    """Measure what is asked of a list that long while it is dialled."""
    service, lists, campaign_id = dialled.service, dialled.lists, dialled.campaign_id
    await service.start(campaign_id)
    hopper = {"plain": await _hopper_ms(dialled)}
    answer = service.blocked_lately(campaign_id, PATIENCE_S)
    found: dict[str, object] = {"blocked_answer_s": await _took_s(answer)}
    found["blocked_s"] = await _took_s(service.blocked(campaign_id))
    found["arrange_s"] = await _arrange_s(dialled, ListPlan(ListOrder.RANDOM))
    quota = Quota("extra.city", "city 7", "sale", 1000)
    await service.change(campaign_id, quotas=(quota,), list_plan=ListPlan(), arranging=True)
    hopper["quota"] = await _hopper_ms(dialled)
    await service.change(campaign_id, quotas=())
    rare = ListPlan(filters=(Condition("external_id", Operator.IS, "c77"),))
    await service.change(campaign_id, list_plan=rare, arranging=True)
    hopper["filter_at_once"] = await _hopper_ms(dialled)
    found["arrange_filter_s"] = await _arrange_s(dialled, rare)
    hopper["filter"] = await _hopper_ms(dialled)
    found["filter_s"] = await _took_s(lists.count_matching(campaign_id, rare))
    found["lists_s"] = await _took_s(lists.penetration(campaign_id))
    found["page_s"] = await _took_s(service.contacts(campaign_id, q="Person 77", page=3))
    return {"hopper": hopper, **found}


async def _took_s(work: Awaitable[object]) -> float:
    begin = time.perf_counter()
    await work
    return round(time.perf_counter() - begin, 3)


async def _hopper_ms(dialled: Dialled) -> dict[str, float]:
    """Take contacts out of the hopper, `TAKES` times `TAKEN`."""
    service, contacts = dialled.service, dialled.contacts
    campaign = await service.get(dialled.campaign_id)
    took_s: list[float] = []
    for _ in range(TAKES):
        hopper = Hopper(contacts, dialled.lists)  # an empty one, that has to ask
        now = service.now()
        begin = time.perf_counter()
        taken = await hopper.take(campaign, service.situation(campaign, now), TAKEN)
        await contacts.set_dialing(taken, now)
        took_s.append(time.perf_counter() - begin)
        # Half come back at once: the others wait among them.
        for place, contact in enumerate(taken):
            await contacts.reopen(contact.contact_id, None, now + timedelta(hours=place % 2))
    return {
        "mean_ms": round(1000 * sum(took_s) / len(took_s), 1),
        "max_ms": round(1000 * max(took_s), 1),
    }


async def _arrange_s(dialled: Dialled, plan: ListPlan) -> float:
    """Put a plan into effect; return how long it took."""
    await dialled.service.change(dialled.campaign_id, list_plan=plan, arranging=True)
    work = Arranging(CampaignTable(), dialled.lists, dialled.journal)
    return await _took_s(work.run(dialled.campaign_id))


async def _worst_stall() -> Stall:
    worst = Stall(0.0, 0.0)
    try:
        while True:
            before_s, computed_s = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.01)
            held_up_s = time.perf_counter() - before_s - 0.01
            if held_up_s > worst.held_up_s:
                worst = Stall(held_up_s, time.process_time() - computed_s)
    except asyncio.CancelledError:
        return worst


async def _list(wish: Wish) -> AsyncIterator[bytes]:
    source = random.Random(1)
    more = "".join(f",Phone {place}" for place in range(2, wish.numbers + 1))
    yield f"Name,Phone,Customer,City{more}\r\n".encode()
    for start in range(0, wish.rows, 10_000):
        numbers = range(start, min(wish.rows, start + 10_000))
        yield "".join(_row(source, n, wish) for n in numbers).encode()


def _row(source: random.Random, n: int, wish: Wish) -> str:
    phones = [_phone(source) for _ in range(wish.numbers)]
    if source.random() < wish.broken:
        phones = [source.choice(("", "call me", "12", "+1 999", "555-0100"))] * wish.numbers
    elif n % 20 == 5:
        phones[0] = "(212) 664-7665"
    more = "".join(f",{phone}" for phone in phones[1:])
    return f"Example Person {n},{phones[0]},C{n},City {n % 50}{more}\r\n"


def _phone(source: random.Random) -> str:
    area, exchange = source.choice(AREAS), source.randint(220, 989)
    return f"({area}) {exchange}-{source.randint(0, 9999):04d}"
