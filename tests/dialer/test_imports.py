"""Lists into campaigns: whole, once, resumed after a crash; every rejected row is accounted for."""

import io
from pathlib import Path

import pytest
from openpyxl import Workbook
from tortoise.connection import get_connection

from omni.core.errors import Invalid, NotFound, TooLarge
from omni.core.events.outbound import ImportProgressed
from omni.dialer import imports as imports_module
from omni.dialer import workbook as workbook_module
from omni.dialer.list_model import ColumnMapping, ImportState, ListImport
from tests.dialer.calling import Lists, upload

MAPPING = ColumnMapping("Phone", name="Name", time_zone="Zone", extra={"city": "City"})
LIST = (
    "Name,Phone,Zone,City\r\n"
    "Ada Example,(212) 555-0101,,New York\r\n"
    "Bob Example,+1 310 555 0102,America/Los_Angeles,\r\n"
    "Ada Again,+12125550101,,\r\n"
    "No Number,,,\r\n"
    "A Word,call me,,\r\n"
    "Nowhere,+12125550103,Mars/Olympus,\r\n"
    '"=cmd|x",2125550104,,"=1+1"\r\n'
)


async def taken_in(lists: Lists, content: str | bytes, mapping: ColumnMapping) -> ListImport:
    campaign = await lists.campaign()
    preview = await lists.imports.preview(campaign.campaign_id, upload(content))
    item = await lists.imports.begin(campaign.campaign_id, preview.upload_id, mapping, "US")
    await lists.imports.run(item.import_id)
    return (await lists.imports.of_campaign(campaign.campaign_id))[0]


async def test_a_list_becomes_contacts(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    item = await taken_in(lists, LIST, MAPPING)
    assert item.state is ImportState.FINISHED
    assert (item.rows_read, item.imported, item.duplicates, item.rejected) == (7, 3, 1, 3)
    total, rows = await lists.campaigns.contacts(item.campaign_id)
    assert total == 3
    assert [(row.name, row.number, row.zones) for row in rows] == [
        ("Ada Example", "+12125550101", ("America/New_York",)),
        ("Bob Example", "+13105550102", ("America/Los_Angeles",)),
        ("=cmd|x", "+12125550104", ("America/New_York",)),
    ]
    assert rows[0].extra == {"city": "New York"}
    _, chunks = await lists.imports.rejected(item.import_id)
    text = b"".join([chunk async for chunk in chunks]).decode("utf-8-sig")
    assert [line.split(",")[:2] for line in text.splitlines()[1:]] == [
        ['"5"', '"number_missing"'],
        ['"6"', '"number_invalid"'],
        ['"7"', '"time_zone_unknown"'],
    ]


async def test_the_database_has_counted_the_list_when_it_is_in(
    database: str, tmp_path: Path
) -> None:
    await taken_in(Lists(tmp_path), LIST, MAPPING)
    counted = "SELECT reltuples FROM pg_class WHERE relname IN ('contact', 'contact_number')"
    rows = await get_connection("default").execute_query_dict(counted)
    assert [row["reltuples"] for row in rows] == [3, 3]


async def test_progress_is_told_batch_by_batch(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_module, "BATCH_ROWS", 2)
    lists = Lists(tmp_path)
    await taken_in(lists, LIST, MAPPING)
    told = lists.events(ImportProgressed)
    assert [(event.rows_read, event.state) for event in told] == [
        (0, "running"),
        (2, "running"),
        (4, "running"),
        (6, "running"),
        (7, "running"),
        (7, "finished"),
    ]


async def test_an_import_goes_on_after_a_crash_and_nothing_is_in_twice(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports_module, "BATCH_ROWS", 2)
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    preview = await lists.imports.preview(campaign.campaign_id, upload(LIST))
    item = await lists.imports.begin(campaign.campaign_id, preview.upload_id, MAPPING, "US")

    class Crash(Exception):
        pass

    saves = 0
    save = lists.import_store.save

    async def failing_save(item: ListImport) -> None:
        nonlocal saves
        saves += 1
        if saves == 3:
            raise Crash
        await save(item)

    monkeypatch.setattr(lists.import_store, "save", failing_save)
    with pytest.raises(Crash):
        await lists.imports.run(item.import_id)
    after = (await lists.imports.of_campaign(campaign.campaign_id))[0]
    assert (after.state, after.rows_read) == (ImportState.RUNNING, 4)

    lists.jobs.waiting.clear()
    await lists.imports.resume()
    assert lists.jobs.waiting == [("dialer.import", item.import_id)]
    await lists.imports.run(item.import_id)
    await lists.imports.run(item.import_id)  # a job may come twice
    done = (await lists.imports.of_campaign(campaign.campaign_id))[0]
    assert (done.state, done.rows_read, done.imported) == (ImportState.FINISHED, 7, 3)
    assert (done.duplicates, done.rejected) == (1, 3)


async def test_the_same_list_again_is_all_duplicates(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    first = await taken_in(lists, LIST, MAPPING)
    preview = await lists.imports.preview(first.campaign_id, upload(LIST))
    item = await lists.imports.begin(first.campaign_id, preview.upload_id, MAPPING, "US")
    await lists.imports.run(item.import_id)
    again = (await lists.imports.of_campaign(first.campaign_id))[0]
    assert (again.imported, again.duplicates) == (0, 4)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"PK\x03\x04 zip", b"9" * 10_000_000])
async def test_what_is_no_list_is_refused_and_not_kept(
    database: str, tmp_path: Path, content: bytes
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    with pytest.raises(Invalid):
        await lists.imports.preview(campaign.campaign_id, upload(content))
    assert not list(tmp_path.glob("*.csv"))


async def test_a_mapping_must_fit_the_file(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    with pytest.raises(Invalid) as caught:
        await taken_in(lists, LIST, ColumnMapping("Telephone"))
    assert caught.value.code == "list.mapping"
    assert caught.value.data == {"column": "Telephone"}


async def test_an_upload_that_is_gone_fails_the_import_with_its_reason(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    preview = await lists.imports.preview(campaign.campaign_id, upload(LIST))
    item = await lists.imports.begin(campaign.campaign_id, preview.upload_id, MAPPING, "US")
    lists.uploads.path(preview.upload_id).unlink()
    await lists.imports.run(item.import_id)
    failed = (await lists.imports.of_campaign(campaign.campaign_id))[0]
    assert (failed.state, failed.reason) == (ImportState.FAILED, "list.upload")


@pytest.mark.parametrize("upload_id", ["../../etc/passwd", "", "nobody"])
async def test_an_upload_id_is_never_a_path(database: str, tmp_path: Path, upload_id: str) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    with pytest.raises(NotFound):
        await lists.imports.begin(campaign.campaign_id, upload_id, MAPPING, "US")


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_a_workbook_is_a_list_too(database: str, tmp_path: Path) -> None:
    lists = Lists(tmp_path)
    content = workbook(
        ("Name", "Phone"),
        ("Ada, Countess", 12125550101),
        ('Bob "B"', 2125550102.0),
        ("Nobody", None),
    )
    item = await taken_in(lists, content, ColumnMapping("Phone", name="Name"))
    assert (item.imported, item.rejected) == (2, 1)
    _, rows = await lists.campaigns.contacts(item.campaign_id)
    assert [(row.name, row.number) for row in rows] == [
        ("Ada, Countess", "+12125550101"),
        ('Bob "B"', "+12125550102"),
    ]


async def test_a_workbook_that_would_fill_the_disk_is_refused(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_module, "UNPACKED_MAX_BYTES", 1000)
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    with pytest.raises(TooLarge):
        await lists.imports.preview(campaign.campaign_id, upload(workbook(("Phone",))))
    assert not list(tmp_path.glob("*.csv"))
