"""The values of outbound campaigns: campaign, contact, attempt, list import, do-not-call entry.

Pure values; all instants are aware UTC, phone numbers E.164, durations seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum

from omni.acd.model import Skill
from omni.core.ids import AttemptId, CampaignId, ContactId, InteractionId, QueueId, TrunkId
from omni.core.terms import AttemptOutcome

PROFILE_DEFAULT = "NONE"
DAY_MINUTES = 24 * 60


class Mode(StrEnum):
    """How the dialer decides when to dial."""

    MANUAL = "manual"  # agents dial numbers by hand; promised calls are dialled
    PREVIEW = "preview"  # a free agent is shown a contact, and dials or skips it
    PROGRESSIVE = "progressive"  # one line for each free agent, never more
    POWER = "power"  # a fixed number of lines for each free agent, within the drop limit
    PREDICTIVE = "predictive"  # as many as the forecast allows, within the drop limit
    AGENTLESS = "agentless"  # everybody hears a recorded message; keys may answer it


BY_HAND = frozenset({Mode.MANUAL, Mode.PREVIEW})
"""Modes in which an agent says when to dial."""


CONNECT_KEY, FORBID_KEY = "1", "9"
"""What people press who hear a campaign's message: to an agent; do not call again."""


class PreviewThen(StrEnum):
    """What becomes of a preview about which the agent decided nothing."""

    DIAL = "dial"
    SKIP = "skip"


class OnMachine(StrEnum):
    """What is done when an answering machine answers."""

    HANG_UP = "hang_up"
    MESSAGE = "message"  # a message is left after its greeting
    CONNECT = "connect"  # an agent gets it


class CampaignState(StrEnum):
    """Where a campaign is in its life (`omni.dialer.engine.life`)."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DRAINING = "draining"
    STOPPED = "stopped"
    FINISHED = "finished"


class ContactState(StrEnum):
    """Where a contact stands: open (may be dialled when the gates allow), dialing, done."""

    OPEN = "open"
    DIALING = "dialing"
    DONE = "done"


class NumberKind(StrEnum):
    """What a contact's number reaches."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class HoursRule:
    """Calls are allowed on these weekdays (1 = Monday … 7) from minute to minute of the day."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class RetryRule:
    """After `outcome` try again in `delay_s`, at most `attempts` times a number with this outcome.

    `next_number`: the contact's next number has its turn before (`omni.dialer.engine.turns`).
    """

    outcome: AttemptOutcome
    delay_s: int
    attempts: int
    next_number: bool = False


DEFAULT_RETRIES = (
    RetryRule(AttemptOutcome.BUSY, 10 * 60, 3),
    RetryRule(AttemptOutcome.NO_ANSWER, 2 * 3600, 3, True),
    RetryRule(AttemptOutcome.REJECTED, 4 * 3600, 2),
    RetryRule(AttemptOutcome.UNREACHABLE, 3600, 3, True),
    RetryRule(AttemptOutcome.MACHINE, 4 * 3600, 3, True),
    RetryRule(AttemptOutcome.HUNG_UP, 24 * 3600, 2),
    RetryRule(AttemptOutcome.DROPPED, 72 * 3600, 2),
    # Not the callee's doing: soon again, and often.
    RetryRule(AttemptOutcome.CONGESTION, 5 * 60, 10),
    RetryRule(AttemptOutcome.FAILED, 60, 10),
    RetryRule(AttemptOutcome.CANCELLED, 10 * 60, 10),
)


class ListOrder(StrEnum):
    """In which order a list is dialled."""

    IMPORTED = "imported"  # as the lists came in
    NEWEST = "newest"  # what came in last first
    OLDEST = "oldest"  # whoever was not tried for the longest time first
    FEWEST = "fewest"  # fewest attempts first
    RANDOM = "random"  # shuffled, the same way for the same seed
    FIELD = "field"  # by a field of the contacts


class Operator(StrEnum):
    """How a contact's field is compared with a value. Letters' case makes no difference."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS = "starts"
    ABOVE = "above"  # as numbers when the value is one
    BELOW = "below"
    EMPTY = "empty"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Condition:
    """Only contacts whose field is so are dialled. `field`: see `omni.dialer.engine.selection`."""

    field: str
    operator: Operator
    value: str = ""


@dataclass(frozen=True, slots=True)
class ListPlan:
    """Which contacts of a campaign's lists are dialled, and in which order.

    `by_field`, `descending`: for the order by field. `retries_first`: who is to be tried again
    comes before who was never tried. `weights`: import id → its part beside other lists (0 = not
    dialled); lists that are not named share one part of 1. `filters`: all must hold.
    """

    order: ListOrder = ListOrder.IMPORTED
    by_field: str = ""
    descending: bool = False
    seed: int = 1
    retries_first: bool = False
    weights: Mapping[str, int] = field(default_factory=dict)
    filters: tuple[Condition, ...] = ()


class ListStop(IntEnum):
    """What of its campaign's list plan keeps a contact from being dialled."""

    NONE = 0
    FILTER = 1
    LIST = 2  # its list has the weight 0
    QUOTA = 3


@dataclass(frozen=True, slots=True)
class Quota:
    """Of the contacts whose field has this value, at most `limit` end with this disposition."""

    field: str
    value: str
    disposition: str
    limit: int

    @property
    def key(self) -> str:
        """The quota's name in its campaign; the limit may change."""
        return "\n".join((self.field, self.value.lower(), self.disposition))


@dataclass(frozen=True, slots=True)
class QuotaStand:
    """How far a quota is filled. `in_flight`: contacts of it that are dialled or talked to now."""

    quota: Quota
    results: int = 0
    in_flight: int = 0

    @property
    def full(self) -> bool:
        return self.results >= self.quota.limit


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign is to do.

    `profile_version`: of the rules it was last started under. `holiday_region`: whose holidays are
    kept ("" = nobody's). `consent_required`: only contacts with a recorded consent are dialled.
    `callback_wait_min`: how long a personal callback waits for its agent before anybody may do it.
    `needs`: skills its agents must have (or had better) beside what the queue needs.
    `weight`: its part of the agents beside other campaigns of the same queue.
    `preview_s`, `preview_then`: how long a contact is shown, and what follows when nothing is done.
    `message`: the announcement that is played when agentless and left on machines, "" = none yet;
    `connect_key`, `forbid_key`: which keys may answer it; `calls_per_second` and `max_lines` pace
    it. `drop_message`: what a person hears for whom nobody is free, "" = the usual regret.
    `answer_detection`, `on_machine`: whether it is found out what answers, and what becomes of
    machines; `detection_off`: why that was switched off by itself; it is scored since
    `detection_since`.
    `number_order`: which kind of number comes first (the others follow as the list has them).
    `max_attempts_number`: per number of a contact (0 = only the contact's cap). `next_number_s`:
    pause before the contact's next number. `quotas_full`: keys of the quotas whose contacts are
    set aside; `arranging`: the list plan is being put into effect.
    """

    campaign_id: CampaignId
    name: str
    queue_id: QueueId
    created_at: datetime
    mode: Mode = Mode.PREDICTIVE
    state: CampaignState = CampaignState.DRAFT
    drop_limit_pct: float = 3.0
    profile: str = PROFILE_DEFAULT
    profile_version: int = 1
    needs: tuple[Skill, ...] = ()
    trunk_id: TrunkId | None = None
    caller_id: str = ""
    ring_s: int = 25
    lines_per_agent: float = 1.5
    max_lines_per_agent: int = 8
    max_attempts: int = 5
    retries: tuple[RetryRule, ...] = DEFAULT_RETRIES
    hours: tuple[HoursRule, ...] = ()
    default_region: str = "US"
    holiday_region: str = ""
    consent_required: bool = False
    callback_wait_min: int = 15
    weight: int = 1
    preview_s: int = 60
    preview_then: PreviewThen = PreviewThen.SKIP
    number_order: tuple[NumberKind, ...] = ()
    max_attempts_number: int = 0
    next_number_s: int = 60
    message: str = ""
    drop_message: str = ""
    connect_key: bool = False
    forbid_key: bool = True
    calls_per_second: int = 1
    max_lines: int = 10
    list_plan: ListPlan = ListPlan()
    quotas: tuple[Quota, ...] = ()
    quotas_full: frozenset[str] = frozenset()
    arranging: bool = False
    started_at: datetime | None = None
    answer_detection: bool = False
    on_machine: OnMachine = OnMachine.HANG_UP
    detection_off: str = ""
    detection_since: datetime | None = None

    def offers(self, key: str) -> bool:
        """Tell whether people may answer the message with this key."""
        agentless = self.mode is Mode.AGENTLESS
        offered = {CONNECT_KEY: self.connect_key, FORBID_KEY: self.forbid_key}
        return agentless and offered.get(key, False)


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """A number of a contact. `finished`: why it is not dialled any more ("" = it may be)."""

    number: str
    kind: NumberKind = NumberKind.OTHER
    attempts: int = 0
    finished: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A person on a campaign's list.

    `number`: the one that is dialled, was dialled last, or has its turn next; `numbers`: all of
    them as the list has them (empty: only that one is known here). `lane`: the part of a mix that
    it belongs to; `stop`: what of the list plan keeps it from being dialled.
    `zones`: the IANA time zones the person may be in; calls must be allowed in all of them.
    `consent_at`, `consent_source`: when and where the person agreed to be called, as far as known.
    `callback_at`: when we promised to call; `callback_agent`: who is to ("" = anybody), and
    `callback_attempt`: in which conversation it was promised ("" = not in one).
    """

    contact_id: ContactId
    campaign_id: CampaignId
    number: str
    name: str = ""
    external_id: str = ""
    zones: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    state: ContactState = ContactState.OPEN
    finish_reason: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    last_at: datetime | None = None
    last_outcome: AttemptOutcome | None = None
    disposition: str = ""
    consent_at: datetime | None = None
    consent_source: str = ""
    callback_at: datetime | None = None
    callback_agent: str = ""
    callback_attempt: str = ""
    callback_note: str = ""
    numbers: tuple[ContactNumber, ...] = ()
    import_id: str = ""
    lane: str = ""
    stop: ListStop = ListStop.NONE

    @property
    def all_numbers(self) -> tuple[ContactNumber, ...]:
        return self.numbers or (ContactNumber(self.number),)

    @property
    def kind(self) -> NumberKind:
        kinds = (one.kind for one in self.numbers if one.number == self.number)
        return next(kinds, NumberKind.OTHER)


REQUESTED = "requested"
"""`callback_attempt` of a call that an agent asked for this instant: no promise to the callee."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A promise to call: when, by whom ("" = anybody), and what about."""

    at: datetime
    agent_id: str = ""
    note: str = ""
    attempt_id: str = ""


@dataclass(frozen=True, slots=True)
class CallbackSearch:
    """Which promises. `agent_id` "" = those that anybody may keep; `before`: of an earlier time."""

    campaign_id: str | None = None
    agent_id: str | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One dialling of one number. `ended_at` None: still going on.

    `on_machine`: what is done when a machine answers it, also if the campaign is changed meanwhile;
    None: it is not listened to.
    """

    attempt_id: AttemptId
    campaign_id: CampaignId
    contact_id: ContactId
    number: str
    started_at: datetime
    attempt_no: int = 1
    name: str = ""
    trunk_id: TrunkId | None = None
    profile: str = PROFILE_DEFAULT
    profile_version: int = 1
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: AttemptOutcome | None = None
    ring_s: float = 0.0
    interaction_id: InteractionId | None = None
    kind: NumberKind = NumberKind.OTHER
    on_machine: OnMachine | None = None


@dataclass(frozen=True, slots=True)
class DoNotCall:
    """A number nobody may dial. `campaign_id` "" = for every campaign.

    A number that ends with `*` stands for all that begin with what is before it.
    """

    entry_id: str
    number: str
    added_at: datetime
    campaign_id: str = ""
    reason: str = ""
    added_by: str = ""


@dataclass(frozen=True, slots=True)
class Removal:
    """An entry of the do-not-call list was taken off: when, by whom, why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class DoNotCallSearch:
    """Which entries: `q` part of the number; `campaign_id` "" = those for every campaign."""

    q: str = ""
    campaign_id: str | None = None


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which a region's people are not called. `region`: ISO 3166, `US` or `US-LA`."""

    holiday_id: str
    region: str
    day: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How a campaign's contacts stand."""

    contacts: int = 0
    open: int = 0
    dialing: int = 0
    done: int = 0
