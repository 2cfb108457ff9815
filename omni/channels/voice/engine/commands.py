"""What the exchange wants done. Commands of one `lane` are done in order, lanes side by side."""

from collections.abc import Iterable
from dataclasses import dataclass

from omni.core.events.base import Event
from omni.core.ids import AgentId, CallId, EntryPointId, InteractionId, RecordingId, TrunkId


@dataclass(frozen=True, slots=True)
class Write:
    """Write these events (and what follows from them in the tables) in one transaction."""

    lane: str
    events: tuple[Event, ...]
    legs: tuple["LegRecord", ...] = ()


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One leg of a call, over. `kind`: customer | agent | standing | forward. Times as `at_s`."""

    leg_id: str
    kind: str
    call_id: CallId | None
    agent_id: AgentId | None
    trunk_id: TrunkId | None
    started_at_s: float
    answered_at_s: float | None
    ended_at_s: float
    cause: int
    sip_code: int


@dataclass(frozen=True, slots=True)
class CallNumber:
    lane: str
    leg_id: str
    number: str
    trunk_id: TrunkId
    caller_id: str
    ring_s: float


@dataclass(frozen=True, slots=True)
class CallPhone:
    lane: str
    leg_id: str
    agent_id: AgentId
    ring_s: float


@dataclass(frozen=True, slots=True)
class AskAcd:
    """Hand an inbound call to the ACD; its answer comes back as `Admitted`."""

    lane: str
    call_id: CallId
    interaction_id: InteractionId
    entry_point_id: EntryPointId
    from_number: str


@dataclass(frozen=True, slots=True)
class AskPlace:
    """Ask the ACD for the place in the line; its answer comes back as `PlaceTold`."""

    lane: str
    call_id: CallId
    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class Choose:
    """Tell the ACD what the caller pressed."""

    lane: str
    interaction_id: InteractionId
    digit: str


@dataclass(frozen=True, slots=True)
class TellCustomerLeft:
    lane: str
    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class EndInteraction:
    lane: str
    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class TellPhone:
    """Tell the ACD whether calls can be given to this agent."""

    lane: str
    agent_id: AgentId
    up: bool


@dataclass(frozen=True, slots=True)
class Ring:
    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Park:
    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    lane: str
    leg_id: str
    cause: int = 16


@dataclass(frozen=True, slots=True)
class OpenDesk:
    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class CloseDesk:
    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Join:
    lane: str
    call_id: CallId
    desk_leg_id: str


@dataclass(frozen=True, slots=True)
class Play:
    lane: str
    leg_id: str
    media: str


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Stop what is being played to this leg, and what is to be."""

    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Unpark:
    """Take a leg out of the music."""

    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Detect:
    """Find out what answered; it comes back as `AnswerHeard`."""

    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class AwaitBeep:
    """Wait for the end of a machine's greeting; it comes back as `GreetingEnded`."""

    lane: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Record what this leg says, after a tone, until the hash key or for `limit_s`."""

    lane: str  # the call's
    leg_id: str
    recording_id: RecordingId
    limit_s: float


@dataclass(frozen=True, slots=True)
class Mute:
    lane: str
    leg_id: str
    muted: bool


@dataclass(frozen=True, slots=True)
class Digits:
    lane: str
    leg_id: str
    digits: str


@dataclass(frozen=True, slots=True)
class StartRecording:
    lane: str  # the call's
    desk_leg_id: str
    recording_id: RecordingId


@dataclass(frozen=True, slots=True)
class StopRecording:
    lane: str
    recording_id: RecordingId


Command = (
    Write
    | CallNumber
    | CallPhone
    | AskAcd
    | AskPlace
    | Choose
    | TellCustomerLeft
    | EndInteraction
    | TellPhone
    | Ring
    | Answer
    | Park
    | HangUp
    | OpenDesk
    | CloseDesk
    | Join
    | Play
    | StopPlaying
    | Unpark
    | RecordMessage
    | Detect
    | AwaitBeep
    | Mute
    | Digits
    | StartRecording
    | StopRecording
)


def merged(commands: Iterable[Command]) -> list[Command]:
    """Return the commands with all writes of a lane made one, at the place of the first."""
    merged: list[Command] = []
    places: dict[str, int] = {}
    for command in commands:
        place = places.get(command.lane) if isinstance(command, Write) else None
        if not isinstance(command, Write):
            merged.append(command)
        elif place is None:
            places[command.lane] = len(merged)
            merged.append(command)
        else:
            first = merged[place]
            assert isinstance(first, Write)
            merged[place] = Write(
                first.lane, first.events + command.events, first.legs + command.legs
            )
    return merged
