"""Campaign reports: one computation behind the page, the CSV and the Excel file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta, tzinfo

from omni.core.clock import Clock
from omni.core.endpoint import Download
from omni.core.errors import Invalid, NotFound
from omni.core.events.base import Event, Recorded
from omni.core.ids import CampaignId
from omni.supervisor.engine.campaign_report import Heading, build, zoom_for
from omni.supervisor.engine.csv_text import BYTE_ORDER_MARK, encode
from omni.supervisor.engine.day import midnight_of
from omni.supervisor.engine.labels import label
from omni.supervisor.engine.tables import Cell, Table, Tables
from omni.supervisor.ports import AttemptFacts, FactsView, Spreadsheets
from omni.supervisor.report import (
    CampaignReport,
    CsvPart,
    CsvQuery,
    ReportQuery,
    Scope,
)

DAYS_MAX = 3 * 366  # a report over more years than these is a typing error
# Each download holds a database connection while it runs; the others wait.
DOWNLOADS_AT_ONCE = 2
SHEET_ROWS = 1_000_000  # Excel's limit is 1,048,576 with the head
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Reports:
    """Makes campaign reports. `zone` is the site's: a report is over its whole days."""

    def __init__(
        self, facts: AttemptFacts, spreadsheets: Spreadsheets, clock: Clock, zone: tzinfo
    ) -> None:
        self._facts = facts
        self._spreadsheets = spreadsheets
        self._clock = clock
        self._zone = zone
        self._downloads = asyncio.Semaphore(DOWNLOADS_AT_ONCE)

    async def on_report_event(self, recorded: Recorded[Event]) -> None:
        """Take one event into the read model (a durable consumer's handler)."""
        await self._facts.take_in(recorded)

    async def campaign(self, campaign_id: CampaignId, query: ReportQuery) -> CampaignReport:
        """Return the report of a campaign.

        Raises:
            NotFound: there is no such campaign.
            Invalid: the days are in the wrong order or too many.
        """
        async with self._facts.open() as view:
            return (await self._report(view, campaign_id, query))[0]

    async def csv(self, campaign_id: CampaignId, query: CsvQuery) -> Download:
        """Return one table of the report as CSV, made while it is sent. Raises as `campaign`."""
        report = await self.campaign(campaign_id, query)
        name = _file_name(report, label(query.part.value, query.language), "csv")
        return Download(name, "text/csv; charset=utf-8", self._csv(campaign_id, query))

    async def xlsx(self, campaign_id: CampaignId, query: ReportQuery) -> Download:
        """Return the whole report as an Excel workbook. Raises as `campaign`."""
        report = await self.campaign(campaign_id, query)
        name = _file_name(report, label("report", query.language), "xlsx")
        return Download(name, XLSX, self._xlsx(campaign_id, query))

    async def _report(
        self, view: FactsView, campaign_id: CampaignId, query: ReportQuery
    ) -> tuple[CampaignReport, Scope]:
        now = self._clock.now()
        today = now.astimezone(self._zone).date()
        from_day, to_day = _days(query, today)
        name = await view.campaign_name(campaign_id)
        if name is None:
            raise NotFound("campaign.unknown", "there is no such campaign")
        scope = Scope(
            campaign_id=campaign_id,
            since=midnight_of(from_day, self._zone),
            until=midnight_of(to_day + timedelta(days=1), self._zone),
            zoom=query.zoom or zoom_for(from_day, to_day),
        )
        heading = Heading(name, from_day, to_day, str(self._zone), now)
        facts, names = await view.facts(scope), await view.agent_names()
        return build(scope, heading, facts, names, self._zone), scope

    async def _csv(self, campaign_id: CampaignId, query: CsvQuery) -> AsyncIterator[bytes]:
        async with self._downloads, self._facts.open() as view:
            report, scope = await self._report(view, campaign_id, query)
            tables = Tables(report, query.language, self._zone)
            table = tables.table(query.part)
            yield BYTE_ORDER_MARK + encode([table.header, *table.rows])
            if query.part is CsvPart.ATTEMPTS:
                async for rows in self._attempts(view, scope, tables):
                    yield encode(rows)

    async def _xlsx(self, campaign_id: CampaignId, query: ReportQuery) -> AsyncIterator[bytes]:
        async with self._downloads:
            workbook = self._spreadsheets.new()
            try:
                async with self._facts.open() as view:
                    report, scope = await self._report(view, campaign_id, query)
                    tables = Tables(report, query.language, self._zone)
                    for table in tables.summary():
                        await workbook.add(table)
                    head = tables.table(CsvPart.ATTEMPTS)
                    await workbook.begin(head)
                    sheet, used = 1, 0
                    async for rows in self._attempts(view, scope, tables):
                        if used + len(rows) > SHEET_ROWS:
                            sheet, used = sheet + 1, 0
                            await workbook.begin(Table(f"{head.title} {sheet}", head.header))
                        await workbook.append(rows)
                        used += len(rows)
                async for chunk in workbook.chunks():
                    yield chunk
            finally:
                await workbook.discard()

    async def _attempts(
        self, view: FactsView, scope: Scope, tables: Tables
    ) -> AsyncIterator[Sequence[Sequence[Cell]]]:
        names = await view.agent_names()
        async for batch in view.attempts(scope):
            yield [tables.attempt(fact, names) for fact in batch]


def _days(query: ReportQuery, today: date) -> tuple[date, date]:
    to_day = query.to_day or max(today, query.from_day or today)
    from_day = query.from_day or to_day
    if from_day > to_day:
        raise Invalid("report.days_reversed", "the first day is after the last", field="from")
    if (to_day - from_day).days >= DAYS_MAX:
        raise Invalid("report.too_long", "too many days", field="from", max_days=DAYS_MAX)
    return from_day, to_day


def _file_name(report: CampaignReport, kind: str, ending: str) -> str:
    return f"{report.name} {kind} {report.from_day} {report.to_day}.{ending}"
