"""Campaign reports: the page, the CSV and the Excel file say the same, and it is right."""

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from omni.app.database import opened
from omni.core.clock import Clock
from omni.core.endpoint import Actor, Call, Download
from omni.core.errors import Invalid, NotFound
from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import AttemptEnded, AttemptStarted
from omni.core.events.routing import InteractionAccepted, InteractionEnded, InteractionWrappedUp
from omni.core.events.voice import CallAnswered
from omni.core.ids import CampaignId, UserId
from omni.core.terms import AttemptOutcome, Role
from omni.supervisor.api import endpoints
from omni.supervisor.engine.csv_text import harmless
from omni.supervisor.engine.labels import LABELS, label
from omni.supervisor.engine.tables import ATTEMPT_COLUMNS
from omni.supervisor.report import (
    CampaignReport,
    CsvPart,
    CsvQuery,
    Language,
    ReportQuery,
    ReportTotals,
    Zoom,
)
from omni.supervisor.service import Reports
from omni.supervisor.spreadsheet import ExcelFiles
from omni.supervisor.store import REPORT_EVENTS, PostgresAttemptFacts
from tests.database_server import drop_database, new_database
from tests.supervisor.happenings import CAMPAIGN, World

BERLIN = ZoneInfo("Europe/Berlin")
MANAGER = Actor(UserId("manager"), "Manager", frozenset({Role.MANAGER}))
Story = list[Recorded[Event]]


class StoppedClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic_s(self) -> float:
        return 0.0

    async def sleep(self, delay_s: float) -> None:
        raise AssertionError("a report does not wait")


def tell(steps: int, seed: int = 11) -> tuple[World, Story]:
    world = World(seed)
    story = world.found()
    for _ in range(steps):
        story += world.step()
    return world, story


async def take_in(story: Story) -> None:
    facts = PostgresAttemptFacts("Europe/Berlin")
    async with in_transaction():
        for recorded in story:
            if type(recorded.event) in REPORT_EVENTS:
                await facts.take_in(recorded)


def reports_at(at: datetime) -> Reports:
    clock: Clock = StoppedClock(at)
    return Reports(PostgresAttemptFacts("Europe/Berlin"), ExcelFiles(), clock, BERLIN)


def days(world: World, **more: object) -> dict[str, object]:
    return {"from": date(2026, 11, 20), "to": world.at.astimezone(BERLIN).date(), **more}


async def whole(download: Download) -> bytes:
    return b"".join([chunk async for chunk in download.chunks])


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def counted(story: Story) -> dict[str, int]:
    """Count the plain way what the report must show."""
    events = [recorded.event for recorded in story]
    return {
        "dialled": sum(isinstance(e, AttemptStarted) for e in events),
        "answered": sum(isinstance(e, CallAnswered) for e in events),
        "to_agents": sum(isinstance(e, InteractionAccepted) and bool(e.attempt_id) for e in events),
        "dropped": sum(
            isinstance(e, AttemptEnded) and e.outcome is AttemptOutcome.DROPPED for e in events
        ),
        "hung_up": sum(
            isinstance(e, AttemptEnded) and e.outcome is AttemptOutcome.HUNG_UP for e in events
        ),
        "in_progress": sum(isinstance(e, AttemptStarted) for e in events)
        - sum(isinstance(e, AttemptEnded) for e in events),
    }


@pytest.fixture(scope="module")
def told_once(database_server: str, database_template: str) -> Iterator[tuple[World, Story, str]]:
    """A database that has heard a long story. The tests leave it as it is: one for all of them."""
    world, story = tell(1500)

    async def hear() -> str:
        url = await new_database(database_server, database_template)
        async with opened(url):
            await take_in(story)
        return url

    url = asyncio.run(hear())
    yield world, story, url
    asyncio.run(drop_database(url))


@pytest.fixture
async def told(told_once: tuple[World, Story, str]) -> AsyncIterator[tuple[World, Story, Reports]]:
    world, story, url = told_once
    async with opened(url):
        yield world, story, reports_at(world.at)


async def test_the_report_counts_what_happened(told: tuple[World, Story, Reports]) -> None:
    world, story, reports = told
    report = await reports.campaign(CAMPAIGN, ReportQuery.model_validate(days(world)))
    expected = counted(story)
    assert expected["to_agents"] > 20
    assert expected["dropped"] > 5
    assert {name: getattr(report.totals, name) for name in expected} == expected
    assert all(check.ok for check in report.checks)
    assert len(report.checks) == 5
    outcomes = Counter(r.event.outcome.value for r in story if isinstance(r.event, AttemptEnded))
    shown = {line.outcome: line.attempts for line in report.outcomes}
    assert shown.pop("in_progress", 0) == expected["in_progress"]
    assert shown == outcomes
    talk_s = sum(
        r.event.handled_s
        for r in story
        if isinstance(r.event, InteractionEnded) and r.event.attempt_id
    )
    assert report.totals.talk_s == pytest.approx(talk_s)
    assert sum(line.talk_s for line in report.agents) == pytest.approx(talk_s)
    dispositions = Counter(
        r.event.disposition
        for r in story
        if isinstance(r.event, InteractionWrappedUp) and r.event.attempt_id
    )
    lines = {line.disposition: line.calls for line in report.dispositions}
    lines.pop("", None)
    assert lines == dispositions
    assert report.name == "Spring"
    assert {line.name for line in report.agents} == {"Agent-0", "Agent-1", "Agent-2"}


async def test_page_csv_and_excel_show_the_same(
    told: tuple[World, Story, Reports], tmp_path: Path
) -> None:
    world, _, reports = told
    query = ReportQuery.model_validate(days(world))
    report = await reports.campaign(CAMPAIGN, query)
    book_file = tmp_path / "report.xlsx"
    book_file.write_bytes(await whole(await reports.xlsx(CAMPAIGN, query)))
    book = openpyxl.load_workbook(book_file)
    assert book.sheetnames == [
        "Totals",
        "Outcomes",
        "Intervals",
        "Agents",
        "Dispositions",
        "Checks",
        "Attempts",
    ]
    in_csv = rows_of(await whole(await reports.csv(CAMPAIGN, csv_query(world, CsvPart.TOTALS))))
    csv_totals = {row[0]: row[1] for row in in_csv}
    excel_totals = {row[0].value: row[1].value for row in book["Totals"].iter_rows()}
    for name in ReportTotals.model_fields:
        shown = getattr(report.totals, name)
        heading = label(name, Language.ENGLISH)
        assert excel_totals[heading] == shown
        assert csv_totals[heading] == ("" if shown is None else str(shown))
    for part in CsvPart:
        text = rows_of(await whole(await reports.csv(CAMPAIGN, csv_query(world, part))))
        sheet = book[label(part.value, Language.ENGLISH)]
        assert len(text) == sheet.max_row
        assert [harmless(str(cell.value)) for cell in sheet[1]] == text[0]
    attempts = rows_of(await whole(await reports.csv(CAMPAIGN, csv_query(world, CsvPart.ATTEMPTS))))
    assert len(attempts) - 1 == report.totals.dialled
    column = ATTEMPT_COLUMNS.index("answered_at")
    assert sum(bool(row[column]) for row in attempts[1:]) == report.totals.answered
    assert len(book["Intervals"]._charts) == 1
    assert {row[3].value for row in book["Checks"].iter_rows(min_row=2)} == {"yes"}


def csv_query(world: World, part: CsvPart) -> CsvQuery:
    return CsvQuery.model_validate(days(world, part=part))


async def test_text_of_the_data_never_becomes_a_formula(
    told: tuple[World, Story, Reports], tmp_path: Path
) -> None:
    world, _, reports = told
    attempts = await whole(await reports.csv(CAMPAIGN, csv_query(world, CsvPart.ATTEMPTS)))
    rows = rows_of(attempts)
    cells = {cell for row in rows for cell in row}
    assert "'=cmd|calc" in cells
    assert "'@note" in cells
    assert all(row[2].startswith("+49") for row in rows[1:])
    book_file = tmp_path / "report.xlsx"
    query = ReportQuery.model_validate(days(world))
    book_file.write_bytes(await whole(await reports.xlsx(CAMPAIGN, query)))
    for sheet in openpyxl.load_workbook(book_file):
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1234", "+1234"),
        ("+1234+cmd", "'+1234+cmd"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r=1"),
        ("Ann = Bob", "Ann = Bob"),
        ("", ""),
        ("张伟", "张伟"),
    ],
)
def test_what_is_made_harmless(text: str, written: str) -> None:
    assert harmless(text) == written


async def test_an_event_taken_in_again_changes_nothing(
    told: tuple[World, Story, Reports],
) -> None:
    world, story, reports = told
    query = ReportQuery.model_validate(days(world))
    before = await reports.campaign(CAMPAIGN, query)
    await take_in(story)
    assert await reports.campaign(CAMPAIGN, query) == before


async def test_zoom_follows_the_days_and_the_sums_stay(
    told: tuple[World, Story, Reports],
) -> None:
    world, _, reports = told
    made: dict[Zoom, CampaignReport] = {}
    for zoom in Zoom:
        query = ReportQuery.model_validate(days(world, zoom=zoom))
        made[zoom] = await reports.campaign(CAMPAIGN, query)
    assert len({report.totals for report in made.values()}) == 1
    for report in made.values():
        assert sum(line.dialled for line in report.intervals) == report.totals.dialled
    hours = [line.starts_at for line in made[Zoom.HOUR].intervals]
    assert all(later - hour == timedelta(hours=1) for hour, later in pairwise(hours))
    starts = [line.starts_at.astimezone(BERLIN) for line in made[Zoom.DAY].intervals]
    assert all((at.hour, at.minute) == (0, 0) for at in starts)
    one_day = {"from": date(2026, 11, 21), "to": date(2026, 11, 21)}
    day = await reports.campaign(CAMPAIGN, ReportQuery.model_validate(one_day))
    assert day.zoom is Zoom.HOUR
    of_that_day = next(line for line in made[Zoom.DAY].intervals if line.starts_at.day == 20)
    assert day.totals.dialled == of_that_day.dialled


async def test_a_report_of_nothing_is_empty_and_right(
    told: tuple[World, Story, Reports], tmp_path: Path
) -> None:
    _, _, reports = told
    long_ago = {"from": date(2020, 1, 1), "to": date(2020, 1, 2)}
    query = ReportQuery.model_validate(long_ago)
    report = await reports.campaign(CAMPAIGN, query)
    assert report.totals.dialled == 0
    assert report.totals.drop_pct is None
    assert all(check.ok for check in report.checks)
    book_file = tmp_path / "report.xlsx"
    book_file.write_bytes(await whole(await reports.xlsx(CAMPAIGN, query)))
    assert openpyxl.load_workbook(book_file)["Attempts"].max_row == 1


async def test_what_cannot_be_reported_is_refused(told: tuple[World, Story, Reports]) -> None:
    _, _, reports = told
    with pytest.raises(NotFound):
        await reports.campaign(CampaignId("nobody"), ReportQuery())
    reversed_days = {"from": date(2026, 1, 2), "to": date(2026, 1, 1)}
    with pytest.raises(Invalid):
        await reports.xlsx(CAMPAIGN, ReportQuery.model_validate(reversed_days))
    with pytest.raises(Invalid):
        await reports.campaign(
            CAMPAIGN, ReportQuery.model_validate({"from": date(1990, 1, 1), "to": date(2026, 1, 1)})
        )


async def test_the_api_serves_page_and_files(told: tuple[World, Story, Reports]) -> None:
    world, _, reports = told
    rows = {row.path.rpartition("}")[2]: row for row in endpoints(reports)}
    path = {"campaign_id": CAMPAIGN}
    query = csv_query(world, CsvPart.AGENTS)
    report = await rows[""].handler(Call(MANAGER, path, query))
    assert isinstance(report, CampaignReport)
    for ending in (".csv", ".xlsx"):
        download = await rows[ending].handler(Call(MANAGER, path, query))
        assert isinstance(download, Download)
        assert download.file_name.endswith(ending)
        assert download.file_name.startswith("Spring ")
        assert await whole(download)
    assert all(Role.AGENT not in row.roles for row in rows.values())


def test_every_word_is_there_in_both_languages() -> None:
    assert all(english and chinese for english, chinese in LABELS.values())
    needed = {*ATTEMPT_COLUMNS, *ReportTotals.model_fields, *CsvPart, *AttemptOutcome}
    assert needed <= LABELS.keys()
    assert label("sale", Language.CHINESE) == "sale"
    assert label("answered", Language.CHINESE) == "接通"


async def test_files_speak_chinese(told: tuple[World, Story, Reports]) -> None:
    world, _, reports = told
    query = CsvQuery.model_validate(days(world, part=CsvPart.TOTALS, language=Language.CHINESE))
    rows = rows_of(await whole(await reports.csv(CAMPAIGN, query)))
    assert rows[0] == ["指标", "数值"]
    assert "接通率 %" in {row[0] for row in rows}


MANY_ROWS = 100_000
_MANY = """
INSERT INTO report_attempt (id, campaign_id, contact_id, number, name, attempt_no, started_at,
    answered_at, accepted_at, ended_at, outcome, agent_id, interaction_id,
    ring_s, wait_s, talk_s, wrap_up_s, disposition, note)
SELECT 'a' || n, 'campaign', 'c' || n, '+49' || n, 'Person ' || n, 1,
    $1::timestamptz + n * interval '0.864 s', $1, $1, $1, 'answered', 'agent-' || n % 300,
    '', 5, 1, 60, 10, 'sale', 'note'
FROM generate_series(1, $2) AS n
"""


async def test_a_hundred_thousand_rows_stream_in_constant_memory(database: str) -> None:
    world, story = tell(1)
    await take_in(story)
    await get_connection("default").execute_query(
        _MANY, [datetime(2026, 11, 21, 5, 0, tzinfo=UTC), MANY_ROWS]
    )
    reports = reports_at(world.at)
    query = CsvQuery.model_validate({"from": date(2026, 11, 21), "to": date(2026, 11, 22)})
    # A quarter of them in Excel: the writing of it costs the processor ten times as much.
    few = ReportQuery.model_validate({"from": date(2026, 11, 22), "to": date(2026, 11, 22)})
    for download in (await reports.csv(CAMPAIGN, query), await reports.xlsx(CAMPAIGN, few)):
        before_kib = memory_kib("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
        size_bytes = 0
        async for chunk in download.chunks:
            size_bytes += len(chunk)
        assert size_bytes > 1_500_000
        # 2,000 rows of 17 cells at a time with their copies; the whole would be 100 MB and more.
        assert memory_kib("VmHWM") - before_kib < 24_000


def memory_kib(mark: str) -> int:
    """Return one of this process's marks of memory from the kernel."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{mark}:"))
