"""Events of campaigns: their state, their attempts, their lists."""

from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from omni.core.events.base import Event
from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    ContactId,
    InteractionId,
    QueueId,
)
from omni.core.terms import AttemptOutcome


class CampaignSaved(Event):
    """A campaign exists as stated from now on.

    `mode`: manual | preview | progressive | power | predictive. `state`: draft | running | paused |
    draining | stopped | finished. `drop_limit_pct`: of answered calls.
    """

    TYPE: ClassVar[str] = "campaign.saved"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: CampaignId
    name: str
    queue_id: QueueId
    mode: str
    state: str
    drop_limit_pct: float


class CampaignStateChanged(Event):
    """Someone started, paused, drained or stopped a campaign, or the dialling did.

    `reason`, when it was the dialling: list_exhausted | drained.
    """

    TYPE: ClassVar[str] = "campaign.state_changed"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: CampaignId
    state: str
    previous: str
    reason: str = ""


class AttemptStarted(Event):
    """A contact's number is being dialled; the attempt counts from now on."""

    TYPE: ClassVar[str] = "attempt.started"
    KEY: ClassVar[str] = "attempt_id"

    attempt_id: AttemptId
    campaign_id: CampaignId
    contact_id: ContactId
    number: str
    name: str = ""
    attempt_no: int = 1


class AttemptEnded(Event):
    """The attempt has its outcome; every started attempt ends exactly once.

    `interaction_id` is set when a person answered.
    """

    TYPE: ClassVar[str] = "attempt.ended"
    KEY: ClassVar[str] = "attempt_id"

    attempt_id: AttemptId
    campaign_id: CampaignId
    contact_id: ContactId
    number: str
    name: str = ""
    outcome: AttemptOutcome
    ring_s: float = 0.0
    interaction_id: InteractionId | None = None


class CallbackSet(Event):
    """A contact was promised a call, or (`at` None) the promise is kept or given up.

    `agent_id`: who is to call; "" = anybody of the campaign.
    """

    TYPE: ClassVar[str] = "callback.set"
    KEY: ClassVar[str] = "contact_id"

    contact_id: ContactId
    campaign_id: CampaignId
    number: str = ""
    name: str = ""
    agent_id: str = ""
    at: datetime | None = None
    note: str = ""


class PreviewShown(Event):
    """An agent sees a contact and may dial or skip it until then.

    With `contact_id` None the agent sees none any more.
    """

    TYPE: ClassVar[str] = "preview.shown"
    KEY: ClassVar[str] = "agent_id"

    agent_id: AgentId
    campaign_id: CampaignId
    contact_id: ContactId | None = None
    number: str = ""
    name: str = ""
    fields: dict[str, str] = Field(default_factory=dict)
    attempts: int = 0
    until: datetime | None = None


class ImportProgressed(Event):
    """A list import moved on. `state`: running | finished | failed."""

    TYPE: ClassVar[str] = "import.progressed"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: CampaignId
    import_id: str
    state: str
    rows_read: int
    imported: int
    duplicates: int
    rejected: int
    reason: str = ""


class DialableChanged(Event):
    """How many contacts of a campaign are left to dial, and why the others wait.

    `counted_at`: as of when, for a list so long that counting takes a while; None: as of now.
    """

    TYPE: ClassVar[str] = "campaign.dialable_changed"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: CampaignId
    contacts: int
    dialable: int
    finished: int
    waiting: dict[str, int] = Field(default_factory=dict)
    counted_at: datetime | None = None


class DropWindow(BaseModel):
    """The drop budget of one window of the rule profile.

    `window`: calendar_day | rolling_24h | rolling_30d | calendar_month. `allowed`: how many drops
    the answered calls have paid for so far. `lost`: persons believed to have been hung up on as
    machines, which are drops, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: str
    answered: int
    dropped: int
    allowed: int
    lost: float = 0.0


class CampaignPaced(Event):
    """What a running campaign may dial at this moment; told every few seconds when it changed.

    `lines_max`: how many lines may ring at once, by agents, budget and trunks. `reserved`: drops
    that are set aside for the lines that ring, in every window.
    """

    TYPE: ClassVar[str] = "campaign.paced"
    KEY: ClassVar[str] = "campaign_id"

    campaign_id: CampaignId
    agents: int
    lines_max: int
    reserved: int
    windows: tuple[DropWindow, ...] = ()


class DoNotCallChanged(Event):
    """Numbers may not be dialled from now on, or (`forbidden` False) may be again.

    `number` "": as many as `count` says, from a file; with `*` at its end: all that begin so.
    `campaign_id` "": for every campaign. `by`: the user or agent who did it.
    """

    TYPE: ClassVar[str] = "do_not_call.changed"
    KEY: ClassVar[str] = "number"

    number: str
    forbidden: bool
    campaign_id: str = ""
    count: int = 1
    reason: str = ""
    by: str = ""
