"""The campaign report as it crosses the wire, and the facts it is made of.

One `CampaignReport` value feeds the page, the CSV and the Excel file: they cannot differ.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from omni.core.endpoint import Wire
from omni.core.ids import AgentId, AttemptId, CampaignId, ContactId, InteractionId
from omni.core.terms import AttemptOutcome


class Zoom(StrEnum):
    """Length of the intervals of a series."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Language(StrEnum):
    """Language of a file's headings."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about: attempts of one campaign begun in `[since, until)`."""

    campaign_id: CampaignId
    since: datetime
    until: datetime
    zoom: Zoom


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over a set of attempts. `in_progress`: no outcome yet.

    Answered ones are parted without overlap: `to_agents`, `dropped`, `hung_up` (before an agent),
    `machines` (answering machine or fax), `messages` (heard the campaign's message), `opted_out`
    (pressed the key not to be called again), `lost` (answered, ended otherwise without an agent)
    and `connecting` (answered, no outcome yet, no agent yet).
    """

    dialled: int = 0
    in_progress: int = 0
    answered: int = 0
    to_agents: int = 0
    dropped: int = 0
    hung_up: int = 0
    machines: int = 0
    messages: int = 0
    opted_out: int = 0
    lost: int = 0
    connecting: int = 0
    ring_s: float = 0.0
    wait_s: float = 0.0
    talk_s: float = 0.0
    wrap_up_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """Sums of a scope, grouped in four ways over the very same attempts."""

    total: Sums
    by_interval: dict[datetime, Sums]
    by_outcome: dict[str, Sums]  # "" while in progress
    by_agent: dict[tuple[AgentId, str], Sums]  # (agent, disposition); "" where there is none


@dataclass(frozen=True, slots=True)
class AttemptFact:
    """One attempt as the report's detail shows it. Empty text and None: not (yet) known."""

    attempt_id: AttemptId
    campaign_id: CampaignId
    contact_id: ContactId
    number: str
    name: str
    attempt_no: int
    started_at: datetime
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    agent_id: AgentId | None = None
    interaction_id: InteractionId | None = None
    ring_s: float = 0.0
    wait_s: float = 0.0
    talk_s: float = 0.0
    wrap_up_s: float = 0.0
    disposition: str = ""
    note: str = ""


class ReportTotals(Wire):
    """All attempts of the report. Means and percentages over nothing are None.

    `connection_rate_pct` (接通率): answered of dialled. `drop_pct`: dropped of answered.
    `mean_ring_s` is over answered ones, the other means over those that reached an agent.
    """

    dialled: int
    in_progress: int
    answered: int
    to_agents: int
    dropped: int
    hung_up: int
    machines: int
    messages: int
    opted_out: int
    lost: int
    connecting: int
    connection_rate_pct: float | None
    drop_pct: float | None
    talk_s: float
    wrap_up_s: float
    mean_ring_s: float | None
    mean_wait_s: float | None
    mean_talk_s: float | None
    mean_wrap_up_s: float | None


class OutcomeLine(Wire):
    """How many attempts ended so; `outcome` is "in_progress" for those that have not ended."""

    outcome: str
    attempts: int
    pct: float | None


class IntervalLine(Wire):
    """Attempts begun in one interval."""

    starts_at: datetime
    dialled: int
    answered: int
    to_agents: int
    dropped: int
    connection_rate_pct: float | None
    drop_pct: float | None
    talk_s: float


class AgentLine(Wire):
    """One agent's calls. `dispositions`: code → calls, "" for those without (yet)."""

    agent_id: AgentId
    name: str
    calls: int
    talk_s: float
    wrap_up_s: float
    mean_talk_s: float | None
    mean_wrap_up_s: float | None
    dispositions: dict[str, int]


class DispositionLine(Wire):
    """Calls that agents ended with this disposition ("" for none yet)."""

    disposition: str
    calls: int
    pct: float | None


class Check(Wire):
    """A sum that must hold: `left` equals `right`."""

    name: str
    left: int
    right: int
    ok: bool


class CampaignReport(Wire):
    """The report of one campaign over whole days of the site's time zone, both days included."""

    campaign_id: CampaignId
    name: str
    from_day: date
    to_day: date
    zoom: Zoom
    time_zone: str
    made_at: datetime
    totals: ReportTotals
    outcomes: list[OutcomeLine]
    intervals: list[IntervalLine]
    agents: list[AgentLine]
    dispositions: list[DispositionLine]
    checks: list[Check]


class ReportQuery(Wire):
    """Which days, how finely, and in which language a file speaks. Without days: today."""

    from_day: date | None = Field(default=None, alias="from")
    to_day: date | None = Field(default=None, alias="to")
    zoom: Zoom | None = None
    language: Language = Language.ENGLISH


class CsvPart(StrEnum):
    """Which table of the report a CSV file holds."""

    TOTALS = "totals"
    OUTCOMES = "outcomes"
    INTERVALS = "intervals"
    AGENTS = "agents"
    DISPOSITIONS = "dispositions"
    ATTEMPTS = "attempts"


class CsvQuery(ReportQuery):
    """As the report, and which of its tables."""

    part: CsvPart = CsvPart.ATTEMPTS
