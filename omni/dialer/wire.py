"""What crosses the wire for campaigns, lists and the do-not-call list."""

from datetime import date, datetime
from typing import Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from omni.acd.bodies import SkillBody
from omni.core.endpoint import Wire
from omni.core.terms import AttemptOutcome
from omni.dialer.model import (
    CampaignState,
    ContactState,
    Mode,
    NumberKind,
    OnMachine,
    PreviewThen,
)

CALLER_ID = r"^(\+[1-9]\d{6,14})?$"
HOLIDAY_REGION = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"


class HoursBody(Wire):
    """Calls are allowed on `weekdays` (1 = Monday … 7) between two times of day, HH:MM."""

    weekdays: list[int] = Field(min_length=1)
    start: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    end: str = Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")


class HoursNew(HoursBody):
    """Hours that somebody sets."""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        # Texts of one form compare as the times do. Backwards would mean: never.
        if self.end <= self.start:
            raise PydanticCustomError("hours_backwards", "the end must come after the start")
        return self


class RetryBody(Wire):
    """After `outcome` try again in `delay_s`, at most `attempts` times a number with this outcome.

    `next_number`: the contact's next number has its turn before.
    """

    outcome: AttemptOutcome
    delay_s: int = Field(ge=0, le=90 * 86400)
    attempts: int = Field(ge=0, le=100)
    next_number: bool = False


class CampaignNew(Wire):
    """A campaign to be made; it starts as a draft."""

    name: str = Field(min_length=1, max_length=200)
    queue_id: str
    mode: Mode = Mode.PREDICTIVE
    drop_limit_pct: float = Field(default=3.0, ge=0, le=100)
    profile: str = "NONE"
    needs: tuple[SkillBody, ...] = Field(default=(), max_length=20)
    trunk_id: str | None = None
    caller_id: str = Field(default="", pattern=CALLER_ID)
    ring_s: int = Field(default=25, ge=5, le=120)
    lines_per_agent: float = Field(default=1.5, ge=1, le=20)
    max_lines_per_agent: int = Field(default=8, ge=1, le=20)
    max_attempts: int = Field(default=5, ge=1, le=100)
    retries: list[RetryBody] | None = None
    hours: list[HoursNew] = Field(default_factory=list)
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")
    holiday_region: str = Field(default="", pattern=HOLIDAY_REGION + "|^$")
    consent_required: bool = False
    callback_wait_min: int = Field(default=15, ge=0, le=10080)
    weight: int = Field(default=1, ge=1, le=100)
    preview_s: int = Field(default=60, ge=5, le=3600)
    preview_then: PreviewThen = PreviewThen.SKIP
    message: str = Field(default="", max_length=40)
    drop_message: str = Field(default="", max_length=40)
    connect_key: bool = False
    forbid_key: bool = True
    calls_per_second: int = Field(default=1, ge=1, le=200)
    max_lines: int = Field(default=10, ge=1, le=2000)
    answer_detection: bool = False
    on_machine: OnMachine = OnMachine.HANG_UP
    number_order: list[NumberKind] = Field(default_factory=list, max_length=len(NumberKind))
    max_attempts_number: int = Field(default=0, ge=0, le=100)
    next_number_s: int = Field(default=60, ge=0, le=90 * 86400)


class CampaignChanges(Wire):
    """What may be changed, also while it runs; what is absent stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    queue_id: str | None = None
    mode: Mode | None = None
    drop_limit_pct: float | None = Field(default=None, ge=0, le=100)
    profile: str | None = None
    needs: tuple[SkillBody, ...] | None = Field(default=None, max_length=20)
    trunk_id: str | None = None
    caller_id: str | None = Field(default=None, pattern=CALLER_ID)
    ring_s: int | None = Field(default=None, ge=5, le=120)
    lines_per_agent: float | None = Field(default=None, ge=1, le=20)
    max_lines_per_agent: int | None = Field(default=None, ge=1, le=20)
    max_attempts: int | None = Field(default=None, ge=1, le=100)
    retries: list[RetryBody] | None = None
    hours: list[HoursNew] | None = None
    default_region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    holiday_region: str | None = Field(default=None, pattern=HOLIDAY_REGION + "|^$")
    consent_required: bool | None = None
    callback_wait_min: int | None = Field(default=None, ge=0, le=10080)
    weight: int | None = Field(default=None, ge=1, le=100)
    preview_s: int | None = Field(default=None, ge=5, le=3600)
    preview_then: PreviewThen | None = None
    message: str | None = Field(default=None, max_length=40)
    drop_message: str | None = Field(default=None, max_length=40)
    connect_key: bool | None = None
    forbid_key: bool | None = None
    calls_per_second: int | None = Field(default=None, ge=1, le=200)
    max_lines: int | None = Field(default=None, ge=1, le=2000)
    answer_detection: bool | None = None
    on_machine: OnMachine | None = None
    number_order: list[NumberKind] | None = Field(default=None, max_length=len(NumberKind))
    max_attempts_number: int | None = Field(default=None, ge=0, le=100)
    next_number_s: int | None = Field(default=None, ge=0, le=90 * 86400)


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
    needs: tuple[SkillBody, ...]
    trunk_id: str | None
    caller_id: str
    ring_s: int
    lines_per_agent: float
    max_lines_per_agent: int
    max_attempts: int
    retries: list[RetryBody]
    hours: list[HoursBody]
    default_region: str
    holiday_region: str
    consent_required: bool
    callback_wait_min: int
    weight: int
    preview_s: int
    preview_then: PreviewThen
    message: str
    drop_message: str
    connect_key: bool
    forbid_key: bool
    calls_per_second: int
    max_lines: int
    answer_detection: bool
    on_machine: OnMachine
    detection_off: str
    number_order: list[NumberKind]
    max_attempts_number: int
    next_number_s: int
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
    consent_needed: bool


class TrialNew(Wire):
    """What to try; what is absent is as the campaign has it, or as its past says.

    `answer_rate_pct`: of dialled numbers. `contacts`: length of the list. `replay_from`: replay the
    24 hours from then, with the agents and settings said here.
    """

    agents: int = Field(ge=1, le=500)
    hours: float = Field(default=4.0, gt=0, le=12)
    mode: Mode | None = None
    drop_limit_pct: float | None = Field(default=None, ge=0, le=100)
    answer_rate_pct: float | None = Field(default=None, gt=0, le=95)
    contacts: int | None = Field(default=None, ge=1, le=10_000_000)
    talk_mean_s: float | None = Field(default=None, ge=5, le=3600)
    wrap_up_mean_s: float | None = Field(default=None, ge=1, le=1800)
    seeds: int = Field(default=3, ge=1, le=20)
    replay_from: AwareDatetime | None = None


class BandOut(Wire):
    """A figure over the simulated days: lowest, mean, highest."""

    low: float
    mean: float
    high: float


class TrialAssumed(Wire):
    """What was tried in the end; `answer_rate_pct`: the mean when a day was replayed."""

    mode: Mode
    agents: int
    hours: float
    drop_limit_pct: float
    answer_rate_pct: float
    talk_mean_s: float
    wrap_up_mean_s: float
    contacts: int | None
    seeds: int


class TrialOut(Wire):
    """What the simulated days came to.

    `worst_drop_pct`: the greatest share of drops at any moment. `finish_h`: when the list was done
    or the shift over. `predictive_gain_pct`: more talk time than progressive dialling.
    """

    utilisation_pct: BandOut
    talk_min_per_agent_hour: BandOut
    wait_mean_s: BandOut
    drop_pct: BandOut
    worst_drop_pct: float
    dialled: BandOut
    answered: BandOut
    penetration_pct: BandOut | None
    finish_h: BandOut
    predictive_gain_pct: float
    assumed: TrialAssumed


class GainOut(Wire):
    """What predicting gains in talk time right now; null: it does not run, or does not predict."""

    at: datetime
    agents: int
    predictive_gain_pct: float | None


class PageQuery(Wire):
    """Which page, from 1."""

    page: int = Field(default=1, ge=1, le=1_000_000)


class ContactQuery(PageQuery):
    """`q`: part of a number or name. `state`: open | dialing | done."""

    q: str = Field(default="", max_length=100)
    state: ContactState | None = None


class ContactNumberOut(Wire):
    """A number of a contact; `finished`: why it is not dialled any more ("" = it may be)."""

    number: str
    kind: NumberKind
    attempts: int
    finished: str


class ContactOut(Wire):
    """A contact of a campaign's list; `number`: dialled last, or the one whose turn it is."""

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
    consent_at: datetime | None
    consent_source: str
    callback_at: datetime | None
    callback_agent: str
    callback_note: str
    numbers: list[ContactNumberOut]


class PromiseBody(Wire):
    """Promise the person of a conversation a call; `personal`: by the agent who promises it."""

    at: AwareDatetime
    personal: bool = False
    note: str = Field(default="", max_length=500)


class DialBody(Wire):
    """A number that an agent dials by hand."""

    number: str = Field(min_length=1, max_length=40)
    name: str = Field(default="", max_length=200)


class DialChoice(Wire):
    """A campaign for which an agent may dial numbers."""

    campaign_id: str
    name: str
    mode: Mode


class FinishReason(Wire):
    """How many contacts finished for this reason; `again`: they may be dialled again."""

    reason: str
    count: int
    again: bool


class RecycleBody(Wire):
    """Dial those again who finished for one of these reasons."""

    reasons: list[str] = Field(min_length=1, max_length=100)


class Recycled(Wire):
    """How many contacts are open again."""

    recycled: int


class ConsentBody(Wire):
    """When and where a contact agreed to be called; `at` null: no longer agrees."""

    at: AwareDatetime | None
    source: str = Field(default="", max_length=200)


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
    """Why a campaign's contacts are not dialled, in the order of the gates, as of `at`.

    `whole` False: a long list is still being counted; these are the contacts counted so far.
    """

    campaign_id: str
    at: datetime
    contacts: int
    dialable: int
    gates: list[GateCount]
    whole: bool


class GateState(Wire):
    """One gate as it is for one contact; `until`: when it opens, if time alone opens it."""

    gate: str
    open: bool
    until: datetime | None
    detail: str


class NumberState(Wire):
    """What one of a contact's numbers waits for; `stopped` null: it may be dialled now."""

    number: str
    kind: NumberKind
    stopped: GateState | None


class ContactBlockedOut(Wire):
    """Why one contact is or is not dialled at this moment.

    `gates`: every gate, in order, for `number`, whose turn it is; `numbers`: all, in their turn.
    """

    contact_id: str
    at: datetime
    dialable: bool
    number: str
    gates: list[GateState]
    numbers: list[NumberState]


class DoNotCallQuery(PageQuery):
    """`q`: part of a number. `campaign_id`: entries of this campaign, "" = those for all."""

    q: str = Field(default="", max_length=40)
    campaign_id: str | None = None


class DoNotCallScope(Wire):
    """`campaign_id`: for this campaign only. `default_region`: of numbers without a country."""

    campaign_id: str = ""
    reason: str = Field(default="", max_length=200)
    default_region: str = Field(default="US", pattern=r"^[A-Z]{2}$")


class DoNotCallNew(Wire):
    """A number nobody may dial (`+44900*`: all that begin so); without `campaign_id` for all."""

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
    added_by_name: str


class DoNotCallRemoval(Wire):
    """Why a number may be dialled again."""

    reason: str = Field(min_length=1, max_length=200)


class DoNotCallRemoved(DoNotCallOut):
    """An entry that was taken off the do-not-call list."""

    removed_at: datetime
    removed_by: str
    removed_by_name: str
    removed_reason: str


class DoNotCallPage(Wire):
    """One page of the do-not-call list, newest first."""

    page: int
    page_size: int
    total: int
    rows: list[DoNotCallOut]


class DoNotCallRemovedPage(Wire):
    """One page of what was taken off, the latest first."""

    page: int
    page_size: int
    total: int
    rows: list[DoNotCallRemoved]


class DoNotCallUploaded(Wire):
    """What became of an uploaded do-not-call file (one number in each line's first column)."""

    added: int
    duplicates: int
    rejected: int


class HolidayNew(Wire):
    """A day on which a region's people are not called. `region`: ISO 3166, `US` or `US-LA`."""

    region: str = Field(pattern=HOLIDAY_REGION)
    day: date
    name: str = Field(default="", max_length=80)


class HolidayOut(Wire):
    """A holiday."""

    holiday_id: str
    region: str
    day: date
    name: str
