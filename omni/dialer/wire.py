"""What crosses the wire for campaigns, lists and the do-not-call list, and its conversions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import Field

from omni.core.endpoint import Wire
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.profiles import RuleProfile
from omni.dialer.listfile import Preview
from omni.dialer.model import (
    Campaign,
    CampaignState,
    Contact,
    ContactState,
    Counts,
    DoNotCall,
    HoursRule,
    ImportState,
    ListImport,
    Mode,
    RetryRule,
)
from omni.dialer.service import Blocked, Explained


class HoursBody(Wire):
    """Calls are allowed on `weekdays` (1 = Monday … 7) between two times of day, HH:MM."""

    weekdays: list[int] = Field(min_length=1)
    start: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")


class RetryBody(Wire):
    """After `outcome` try again in `delay_s`, at most `attempts` times with this outcome."""

    outcome: AttemptOutcome
    delay_s: int = Field(ge=0, le=90 * 86400)
    attempts: int = Field(ge=0, le=100)


class CampaignNew(Wire):
    """A campaign to be made; it starts as a draft."""

    name: str = Field(min_length=1, max_length=200)
    queue_id: str
    mode: Mode = Mode.PREDICTIVE
    drop_limit_pct: float = Field(default=3.0, ge=0, le=100)
    profile: str = "NONE"
    trunk_id: str | None = None
    caller_id: str = Field(default="", max_length=40)
    ring_s: int = Field(default=25, ge=5, le=120)
    lines_per_agent: float = Field(default=1.5, ge=1, le=20)
    max_lines_per_agent: int = Field(default=8, ge=1, le=20)
    max_attempts: int = Field(default=5, ge=1, le=100)
    retries: list[RetryBody] | None = None
    hours: list[HoursBody] = Field(default_factory=list)
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")


class CampaignChanges(Wire):
    """What may be changed, also while it runs; what is absent stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    queue_id: str | None = None
    mode: Mode | None = None
    drop_limit_pct: float | None = Field(default=None, ge=0, le=100)
    profile: str | None = None
    trunk_id: str | None = None
    caller_id: str | None = Field(default=None, max_length=40)
    ring_s: int | None = Field(default=None, ge=5, le=120)
    lines_per_agent: float | None = Field(default=None, ge=1, le=20)
    max_lines_per_agent: int | None = Field(default=None, ge=1, le=20)
    max_attempts: int | None = Field(default=None, ge=1, le=100)
    retries: list[RetryBody] | None = None
    hours: list[HoursBody] | None = None
    default_region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")


class CampaignOut(Wire):
    """A campaign. Live numbers are rows of the floor; the counts here are of this moment."""

    campaign_id: str
    name: str
    queue_id: str
    mode: Mode
    state: CampaignState
    drop_limit_pct: float
    profile: str
    profile_version: int
    trunk_id: str | None
    caller_id: str
    ring_s: int
    lines_per_agent: float
    max_lines_per_agent: int
    max_attempts: int
    retries: list[RetryBody]
    hours: list[HoursBody]
    default_region: str
    created_at: datetime
    started_at: datetime | None
    contacts: int
    open: int
    done: int


class RuleProfileOut(Wire):
    """A set of legal rules a campaign can run under. The campaign may only be stricter."""

    code: str
    version: int
    title_en: str
    title_zh: str
    source: str
    hours: list[HoursBody]
    drop_limit_pct: float | None
    windows: list[str]
    message_after_s: float
    message_from: str
    min_ring_s: int
    lock_after_drop_s: int
    attempts_per_number_24h: int | None
    attempts_per_number_7d: int | None


class PreviewColumn(Wire):
    """A column of an uploaded file, from 0."""

    index: int
    name: str


class PreviewOut(Wire):
    """What an uploaded file seems to be. `suggested_mapping`: field → column name."""

    upload_id: str
    file_name: str
    size_bytes: int
    encoding: str
    delimiter: str
    has_header: bool
    columns: list[PreviewColumn]
    sample_rows: list[list[str]]
    suggested_mapping: dict[str, str]


class Mapping(Wire):
    """Which column gives which field, by column name; `extra`: field name → column name."""

    number: str
    name: str | None = None
    external_id: str | None = None
    time_zone: str | None = None
    extra: dict[str, str] = Field(default_factory=dict)


class ImportNew(Wire):
    """Take an uploaded file into the list. `default_region` completes national numbers."""

    upload_id: str
    mapping: Mapping
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")


class ImportStarted(Wire):
    """The import runs in the background from now on."""

    import_id: str


class ImportOut(Wire):
    """An import and how far it has come."""

    import_id: str
    campaign_id: str
    file_name: str
    state: ImportState
    rows_read: int
    imported: int
    duplicates: int
    rejected: int
    reason: str
    started_at: datetime
    finished_at: datetime | None


class PageQuery(Wire):
    """Which page, from 1."""

    page: int = Field(default=1, ge=1, le=1_000_000)


class ContactQuery(PageQuery):
    """`q`: part of a number or name. `state`: open | dialing | done."""

    q: str = Field(default="", max_length=100)
    state: ContactState | None = None


class ContactOut(Wire):
    """A contact of a campaign's list."""

    contact_id: str
    number: str
    name: str
    external_id: str
    zones: list[str]
    extra: dict[str, str]
    state: ContactState
    finish_reason: str
    attempts: int
    next_at: datetime | None
    last_at: datetime | None
    last_outcome: AttemptOutcome | None
    disposition: str


class ContactPage(Wire):
    """One page of contacts, in list order."""

    page: int
    page_size: int
    total: int
    rows: list[ContactOut]


class GateCount(Wire):
    """How many contacts are stopped by this gate (the first that is closed for them)."""

    gate: str
    count: int


class BlockedOut(Wire):
    """Why a campaign's contacts are not dialled at this moment, in the order of the gates."""

    campaign_id: str
    at: datetime
    contacts: int
    dialable: int
    gates: list[GateCount]


class GateState(Wire):
    """One gate as it is for one contact; `until`: when it opens, if time alone opens it."""

    gate: str
    open: bool
    until: datetime | None
    detail: str


class ContactBlockedOut(Wire):
    """Why one contact is or is not dialled at this moment: every gate, in order."""

    contact_id: str
    at: datetime
    dialable: bool
    gates: list[GateState]


class DoNotCallQuery(PageQuery):
    """`q`: part of a number."""

    q: str = Field(default="", max_length=40)


class DoNotCallNew(Wire):
    """A number nobody may dial; without `campaign_id` for every campaign."""

    number: str = Field(min_length=1, max_length=40)
    campaign_id: str | None = None
    reason: str = Field(default="", max_length=200)
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")


class DoNotCallOut(Wire):
    """An entry of the do-not-call list."""

    entry_id: str
    number: str
    campaign_id: str | None
    reason: str
    added_at: datetime
    added_by: str


class DoNotCallPage(Wire):
    """One page of the do-not-call list, newest first."""

    page: int
    page_size: int
    total: int
    rows: list[DoNotCallOut]


class DoNotCallUploaded(Wire):
    """What became of an uploaded do-not-call file (one number in each line's first column)."""

    added: int
    duplicates: int
    rejected: int


def minute_text(minute: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int:
    """Return the minute of the day of HH:MM."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def hours_out(rules: Iterable[HoursRule]) -> list[HoursBody]:
    """Return calling hours for the wire."""
    return [
        HoursBody(
            weekdays=sorted(rule.weekdays),
            start=minute_text(rule.from_minute),
            end=minute_text(rule.to_minute),
        )
        for rule in rules
    ]


def hours_in(bodies: Iterable[HoursBody]) -> tuple[HoursRule, ...]:
    """Return calling hours from the wire."""
    return tuple(
        HoursRule(frozenset(body.weekdays), minute_of(body.start), minute_of(body.end))
        for body in bodies
    )


def retries_in(bodies: Iterable[RetryBody]) -> tuple[RetryRule, ...]:
    """Return retry rules from the wire."""
    return tuple(RetryRule(body.outcome, body.delay_s, body.attempts) for body in bodies)


def campaign_fields(body: CampaignNew | CampaignChanges) -> dict[str, Any]:
    """Return what the body says as fields of `Campaign`; what is absent is not in it."""
    fields = {name: getattr(body, name) for name in body.model_fields_set}
    if fields.get("hours") is not None:
        fields["hours"] = hours_in(fields["hours"])
    if fields.get("retries") is not None:
        fields["retries"] = retries_in(fields["retries"])
    return {
        name: value for name, value in fields.items() if value is not None or name == "trunk_id"
    }


def campaign_out(campaign: Campaign, counts: Counts) -> CampaignOut:
    """Return a campaign for the wire."""
    return CampaignOut(
        campaign_id=campaign.campaign_id,
        name=campaign.name,
        queue_id=campaign.queue_id,
        mode=campaign.mode,
        state=campaign.state,
        drop_limit_pct=campaign.drop_limit_pct,
        profile=campaign.profile,
        profile_version=campaign.profile_version,
        trunk_id=campaign.trunk_id,
        caller_id=campaign.caller_id,
        ring_s=campaign.ring_s,
        lines_per_agent=campaign.lines_per_agent,
        max_lines_per_agent=campaign.max_lines_per_agent,
        max_attempts=campaign.max_attempts,
        retries=[
            RetryBody(outcome=rule.outcome, delay_s=rule.delay_s, attempts=rule.attempts)
            for rule in campaign.retries
        ],
        hours=hours_out(campaign.hours),
        default_region=campaign.default_region,
        created_at=campaign.created_at,
        started_at=campaign.started_at,
        contacts=counts.contacts,
        open=counts.open,
        done=counts.done,
    )


def profile_out(profile: RuleProfile) -> RuleProfileOut:
    """Return a rule profile for the wire."""
    return RuleProfileOut(
        code=profile.code,
        version=profile.version,
        title_en=profile.title_en,
        title_zh=profile.title_zh,
        source=profile.source,
        hours=hours_out(profile.hours),
        drop_limit_pct=profile.drop_limit_pct,
        windows=[str(window) for window in profile.windows],
        message_after_s=profile.message_after_s,
        message_from=profile.message_from,
        min_ring_s=profile.min_ring_s,
        lock_after_drop_s=profile.lock_after_drop_s,
        attempts_per_number_24h=profile.attempts_per_number_24h,
        attempts_per_number_7d=profile.attempts_per_number_7d,
    )


def contact_out(contact: Contact) -> ContactOut:
    """Return a contact for the wire."""
    return ContactOut(
        contact_id=contact.contact_id,
        number=contact.number,
        name=contact.name,
        external_id=contact.external_id,
        zones=list(contact.zones),
        extra=dict(contact.extra),
        state=contact.state,
        finish_reason=contact.finish_reason,
        attempts=contact.attempts,
        next_at=contact.next_at,
        last_at=contact.last_at,
        last_outcome=contact.last_outcome,
        disposition=contact.disposition,
    )


def import_out(item: ListImport) -> ImportOut:
    """Return an import for the wire."""
    return ImportOut(
        import_id=item.import_id,
        campaign_id=item.campaign_id,
        file_name=item.file_name,
        state=item.state,
        rows_read=item.rows_read,
        imported=item.imported,
        duplicates=item.duplicates,
        rejected=item.rejected,
        reason=item.reason,
        started_at=item.started_at,
        finished_at=item.finished_at,
    )


def do_not_call_out(entry: DoNotCall) -> DoNotCallOut:
    """Return an entry of the do-not-call list for the wire."""
    return DoNotCallOut(
        entry_id=entry.entry_id,
        number=entry.number,
        campaign_id=entry.campaign_id or None,
        reason=entry.reason,
        added_at=entry.added_at,
        added_by=entry.added_by,
    )


def preview_out(preview: Preview) -> PreviewOut:
    """Return what an uploaded file seems to be, for the wire."""
    return PreviewOut(
        upload_id=preview.upload_id,
        file_name=preview.file_name,
        size_bytes=preview.size_bytes,
        encoding=preview.encoding,
        delimiter=preview.delimiter,
        has_header=preview.has_header,
        columns=[
            PreviewColumn(index=index, name=name) for index, name in enumerate(preview.columns)
        ],
        sample_rows=[list(row) for row in preview.sample_rows],
        suggested_mapping=dict(preview.suggested),
    )


def blocked_out(blocked: Blocked) -> BlockedOut:
    """Return a campaign's gate counts for the wire."""
    return BlockedOut(
        campaign_id=blocked.campaign_id,
        at=blocked.at,
        contacts=blocked.contacts,
        dialable=blocked.dialable,
        gates=[GateCount(gate=gate, count=count) for gate, count in blocked.gates.items()],
    )


def contact_blocked_out(explained: Explained) -> ContactBlockedOut:
    """Return one contact's gates for the wire."""
    return ContactBlockedOut(
        contact_id=explained.contact_id,
        at=explained.at,
        dialable=all(verdict.closed is None for verdict in explained.verdicts),
        gates=[
            GateState(
                gate=verdict.gate,
                open=verdict.closed is None,
                until=verdict.closed.until if verdict.closed else None,
                detail=verdict.closed.detail if verdict.closed else "",
            )
            for verdict in explained.verdicts
        ],
    )
