"""Events of the telephone: calls and their legs, agents' phones, trunks, recordings."""

from typing import ClassVar

from omni.core.events.base import Event
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    InteractionId,
    QueueId,
    RecordingId,
    TrunkId,
)
from omni.core.terms import AnswerKind, AttemptOutcome, Direction


class CallStarted(Event):
    """A call exists: an inbound one has arrived or an outbound one is being dialled."""

    TYPE: ClassVar[str] = "call.started"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    direction: Direction
    trunk_id: TrunkId | None
    from_number: str
    to_number: str
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None
    interaction_id: InteractionId | None = None


class CallRinging(Event):
    """The far end rings."""

    TYPE: ClassVar[str] = "call.ringing"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None


class CallRerouted(Event):
    """The trunk could not carry an outbound call; the next one tries. Nobody was heard to ring."""

    TYPE: ClassVar[str] = "call.rerouted"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    from_trunk_id: TrunkId
    trunk_id: TrunkId
    caller_id: str
    cause: int
    sip_code: int
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None


class CallAnswered(Event):
    """The far end picked up."""

    TYPE: ClassVar[str] = "call.answered"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    ring_s: float
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None


class AnswerClassified(Event):
    """The detector knows what answered the call, `took_s` after the answer.

    `quiet_s`: for so long the far end had been silent by then (the end of a person's greeting).
    """

    TYPE: ClassVar[str] = "call.answer_classified"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    kind: AnswerKind
    took_s: float
    quiet_s: float = 0.0
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None


class CallFailed(Event):
    """An outbound call ended before it was answered."""

    TYPE: ClassVar[str] = "call.failed"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    outcome: AttemptOutcome
    cause: int
    sip_code: int
    ring_s: float
    trunk_id: TrunkId | None = None
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None
    interaction_id: InteractionId | None = None


class CallConnected(Event):
    """Agent and customer hear each other. `connect_ms`: from acceptance to the joined bridge."""

    TYPE: ClassVar[str] = "call.connected"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    call_id: CallId
    agent_id: AgentId
    connect_ms: float


class CallHeld(Event):
    """The agent put the customer on hold (`held`) or took them back."""

    TYPE: ClassVar[str] = "call.held"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    call_id: CallId
    held: bool


class CallMuted(Event):
    """The agent's microphone was muted towards the customer, or opened."""

    TYPE: ClassVar[str] = "call.muted"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    call_id: CallId
    muted: bool


class CallDigit(Event):
    """The customer pressed a key while a message was played. Never told of conversations."""

    TYPE: ClassVar[str] = "call.digit"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    digit: str
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None


class CallRecorded(Event):
    """The switch records the conversation from now on (`recording`), or no longer."""

    TYPE: ClassVar[str] = "call.recorded"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    call_id: CallId
    recording: bool


class CallEnded(Event):
    """An answered call (or an inbound one) is over. `by`: customer | agent | system."""

    TYPE: ClassVar[str] = "call.ended"
    KEY: ClassVar[str] = "call_id"

    call_id: CallId
    direction: Direction
    by: str
    cause: int
    talk_s: float
    trunk_id: TrunkId | None = None
    interaction_id: InteractionId | None = None
    attempt_id: AttemptId | None = None
    campaign_id: CampaignId | None = None
    message_played: bool = False


class RecordingStored(Event):
    """A recording's file is ours. `incomplete`: omni or the switch died while it was made."""

    TYPE: ClassVar[str] = "recording.stored"
    KEY: ClassVar[str] = "interaction_id"

    recording_id: RecordingId
    interaction_id: InteractionId
    call_id: CallId
    size_bytes: int
    length_s: float
    incomplete: bool = False
    message_for: QueueId | None = None
    address: str = ""


class VoicemailBegan(Event):
    """A caller leaves a message for this queue; it becomes work there when it is stored."""

    TYPE: ClassVar[str] = "voicemail.began"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    call_id: CallId
    recording_id: RecordingId
    queue_id: QueueId
    address: str


class AgentPhoneChanged(Event):
    """The agent's standing leg is up (audio can be joined to it) or down.

    `state`: down | registered | up. An agent whose phone is not up gets no calls.
    """

    TYPE: ClassVar[str] = "agent_phone.changed"
    KEY: ClassVar[str] = "agent_id"

    agent_id: AgentId
    state: str
    reason: str = ""


class TrunkSaved(Event):
    """A trunk exists as stated from now on."""

    TYPE: ClassVar[str] = "trunk.saved"
    KEY: ClassVar[str] = "trunk_id"

    trunk_id: TrunkId
    name: str
    capacity: int
    calls_per_second: float
    enabled: bool = True


class TrunkStateChanged(Event):
    """What the trunk can carry changed. `state`: up | down | unknown | trouble.

    `trouble`: its calls fail; it is tried again `retry_s` from now. `reason`: the SIP code with
    which they fail, `silent` (no answer at all) or `all_busy`.
    """

    TYPE: ClassVar[str] = "trunk.state_changed"
    KEY: ClassVar[str] = "trunk_id"

    trunk_id: TrunkId
    state: str
    reason: str = ""
    retry_s: float = 0.0
