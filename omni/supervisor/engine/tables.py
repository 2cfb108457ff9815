"""The report's tables as rows of cells, the same for CSV and Excel, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from omni.core.ids import AgentId
from omni.supervisor.engine.campaign_report import local
from omni.supervisor.engine.labels import label
from omni.supervisor.report import AttemptFact, CampaignReport, CsvPart, Language, ReportTotals

Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns (by index) drawn over the table's first column: bars, and one line on the right."""

    bars: tuple[int, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; `rows` is empty for one whose rows are streamed."""

    title: str
    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]] = ()
    chart: Chart | None = None


ATTEMPT_COLUMNS = (
    "attempt_id",
    "contact_id",
    "number",
    "name",
    "attempt_no",
    "started_at",
    "answered_at",
    "accepted_at",
    "ended_at",
    "outcome",
    "agent",
    "disposition",
    "ring_s",
    "wait_s",
    "talk_each_s",
    "wrap_up_each_s",
    "note",
)


class Tables:
    """Lays out one report for one reader."""

    def __init__(self, report: CampaignReport, language: Language, zone: tzinfo) -> None:
        self._report = report
        self._language = language
        self._zone = zone

    def summary(self) -> list[Table]:
        """Return the tables in the order of the workbook's sheets, the attempts not among them."""
        parts = [part for part in CsvPart if part is not CsvPart.ATTEMPTS]
        return [*(self.table(part) for part in parts), self._checks()]

    def table(self, part: CsvPart) -> Table:
        """Return one table of the report (of the attempts: the head alone)."""
        match part:
            case CsvPart.TOTALS:
                return self._totals()
            case CsvPart.OUTCOMES:
                return self._outcomes()
            case CsvPart.INTERVALS:
                return self._intervals()
            case CsvPart.AGENTS:
                return self._agents()
            case CsvPart.DISPOSITIONS:
                return self._dispositions()
            case CsvPart.ATTEMPTS:
                return Table(self._word("attempts"), self._words(*ATTEMPT_COLUMNS))

    def attempt(self, fact: AttemptFact, names: Mapping[AgentId, str]) -> tuple[Cell, ...]:
        """Return one row of the attempts' table."""
        agent = names.get(fact.agent_id, fact.agent_id) if fact.agent_id else ""
        return (
            fact.attempt_id,
            fact.contact_id,
            fact.number,
            fact.name,
            fact.attempt_no,
            self._time(fact.started_at),
            self._time(fact.answered_at),
            self._time(fact.accepted_at),
            self._time(fact.ended_at),
            self._word(fact.outcome.value if fact.outcome else "in_progress"),
            agent,
            fact.disposition,
            round(fact.ring_s, 1),
            round(fact.wait_s, 1),
            round(fact.talk_s, 1),
            round(fact.wrap_up_s, 1),
            fact.note,
        )

    def _word(self, code: str) -> str:
        return label(code, self._language)

    def _words(self, *codes: str) -> tuple[str, ...]:
        return tuple(self._word(code) for code in codes)

    def _time(self, at: datetime | None) -> datetime | None:
        return None if at is None else local(at, self._zone)

    def _totals(self) -> Table:
        report = self._report
        rows: list[Sequence[Cell]] = [
            (self._word("campaign"), report.name),
            (self._word("from_day"), report.from_day),
            (self._word("to_day"), report.to_day),
            (self._word("time_zone"), report.time_zone),
            (self._word("made_at"), self._time(report.made_at)),
        ]
        rows += [(self._word(name), getattr(report.totals, name)) for name in _measures()]
        return Table(self._word("totals"), self._words("measure", "value"), rows)

    def _outcomes(self) -> Table:
        rows = [(self._word(o.outcome), o.attempts, o.pct) for o in self._report.outcomes]
        header = self._words("outcome", "attempts_count", "share_pct")
        return Table(self._word("outcomes"), header, rows)

    def _intervals(self) -> Table:
        columns = ("dialled", "answered", "to_agents", "dropped", "connection_rate_pct", "drop_pct")
        rows = [
            (self._time(line.starts_at), *(getattr(line, name) for name in columns), line.talk_s)
            for line in self._report.intervals
        ]
        header = self._words("starts_at", *columns, "talk_s")
        return Table(self._word("intervals"), header, rows, Chart(bars=(1, 2, 3), line=5))

    def _agents(self) -> Table:
        codes = [line.disposition for line in self._report.dispositions]
        columns = ("calls", "talk_s", "wrap_up_s", "mean_talk_s", "mean_wrap_up_s")
        rows = [
            (
                line.name,
                *(getattr(line, name) for name in columns),
                *(line.dispositions.get(code, 0) for code in codes),
            )
            for line in self._report.agents
        ]
        header = (
            *self._words("agent", *columns),
            *(code or self._word("none") for code in codes),
        )
        return Table(self._word("agents"), header, rows)

    def _dispositions(self) -> Table:
        rows = [
            (line.disposition or self._word("none"), line.calls, line.pct)
            for line in self._report.dispositions
        ]
        header = self._words("disposition", "calls", "share_pct")
        return Table(self._word("dispositions"), header, rows)

    def _checks(self) -> Table:
        rows = [
            (
                self._word(f"check.{check.name}"),
                check.left,
                check.right,
                self._word("yes" if check.ok else "no"),
            )
            for check in self._report.checks
        ]
        return Table(self._word("checks"), self._words("check", "left", "right", "holds"), rows)


def _measures() -> list[str]:
    return list(ReportTotals.model_fields)
