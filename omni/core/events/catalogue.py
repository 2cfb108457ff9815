"""The closed set of events: every type that may stand in the journal, listed once.

A consumer that must treat all of them matches on this union; mypy refuses a forgotten one.
"""

from omni.core.errors import Defect
from omni.core.events.base import Event
from omni.core.events.casework import (
    CustomerChanged,
    CustomerIdentified,
    TicketChanged,
    TicketLinked,
)
from omni.core.events.messages import (
    ChatMessagePosted,
    ChatTyping,
    ChatVisitorSeen,
    MailAnswered,
    MailboxStateChanged,
    MailImported,
    MailQuarantined,
    MailSent,
)
from omni.core.events.outbound import (
    AttemptEnded,
    AttemptStarted,
    CallbackSet,
    CampaignPaced,
    CampaignSaved,
    CampaignStateChanged,
    DialableChanged,
    DoNotCallChanged,
    ImportProgressed,
    PreviewShown,
)
from omni.core.events.routing import (
    AgentSaved,
    AgentStateChanged,
    AidChanged,
    CallbackPromised,
    EntryPointSaved,
    GroupOpeningChanged,
    GroupSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionOffered,
    InteractionOverflowed,
    InteractionRefused,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionWrappedUp,
    MatrixChanged,
    OfferEnded,
    OwnCallChanged,
    QueueSaved,
    QueueServedChanged,
    WrapUpExtended,
)
from omni.core.events.voice import (
    AgentPhoneChanged,
    AnswerClassified,
    CallAnswered,
    CallConnected,
    CallDigit,
    CallEnded,
    CallFailed,
    CallHeld,
    CallMuted,
    CallRecorded,
    CallRerouted,
    CallRinging,
    CallStarted,
    RecordingStored,
    TrunkSaved,
    TrunkStateChanged,
    VoicemailBegan,
)

EVENTS: tuple[type[Event], ...] = (
    InteractionArrived,
    InteractionRefused,
    InteractionOverflowed,
    CallbackPromised,
    InteractionOffered,
    OfferEnded,
    InteractionAccepted,
    InteractionSetAside,
    InteractionTakenUp,
    InteractionEnded,
    WrapUpExtended,
    InteractionWrappedUp,
    AgentStateChanged,
    OwnCallChanged,
    CallbackPromised,
    EntryPointSaved,
    QueueSaved,
    QueueServedChanged,
    GroupSaved,
    GroupOpeningChanged,
    AidChanged,
    AgentSaved,
    MatrixChanged,
    CallStarted,
    CallRerouted,
    CallRinging,
    CallAnswered,
    AnswerClassified,
    CallFailed,
    CallConnected,
    CallHeld,
    CallMuted,
    CallDigit,
    CallRecorded,
    CallEnded,
    RecordingStored,
    VoicemailBegan,
    AgentPhoneChanged,
    TrunkSaved,
    TrunkStateChanged,
    CampaignSaved,
    CampaignStateChanged,
    AttemptStarted,
    AttemptEnded,
    ImportProgressed,
    DialableChanged,
    CampaignPaced,
    CallbackSet,
    PreviewShown,
    DoNotCallChanged,
    MailImported,
    MailQuarantined,
    MailSent,
    MailAnswered,
    MailboxStateChanged,
    ChatMessagePosted,
    ChatVisitorSeen,
    ChatTyping,
    CustomerIdentified,
    CustomerChanged,
    TicketLinked,
    TicketChanged,
)

BY_TYPE: dict[str, type[Event]] = {event.TYPE: event for event in EVENTS}


def parse_event(type_: str, payload: str | bytes) -> Event:
    """Return the event of this wire name and JSON payload.

    Raises:
        Defect: no event has that name.
        pydantic.ValidationError: the payload does not fit it.
    """
    try:
        event = BY_TYPE[type_]
    except KeyError:
        raise Defect(f"unknown event type {type_!r}") from None
    return event.model_validate_json(payload)
