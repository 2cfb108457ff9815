"""What can happen to the exchange. `at_s` are seconds of one steady clock."""

from dataclasses import dataclass, field

from omni.acd.guide import Guide
from omni.acd.overflow import Action
from omni.channels.voice.engine.trunks import Wish
from omni.channels.voice.model import DialRequest, PhoneSpec
from omni.core.events.voice import CallStarted
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    CallId,
    EntryPointId,
    InteractionId,
    QueueId,
    RecordingId,
    TrunkId,
)
from omni.core.terms import AnswerKind, Outcome

# ---- from the switch


@dataclass(frozen=True, slots=True)
class LegArrived:
    """Somebody calls one of our numbers; the leg is not answered."""

    leg_id: str
    trunk_id: TrunkId | None
    from_number: str
    to_number: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    leg_id: str


@dataclass(frozen=True, slots=True)
class LegAnswered:
    leg_id: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is gone. `timed_out`: it rang as long as it was allowed to. `failed`: never begun."""

    leg_id: str
    cause: int = 0
    sip_code: int = 0
    timed_out: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    leg_id: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The far end of an answered leg pressed a key: 0-9, *, #, A-D."""

    leg_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class AnswerHeard:
    """What answered, as the switch heard it; `quiet_s`: silent for so long by now."""

    leg_id: str
    kind: AnswerKind
    quiet_s: float = 0.0


@dataclass(frozen=True, slots=True)
class GreetingEnded:
    """The machine that was waited for is silent."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class FarEndSpoke:
    """Somebody said something after `GreetingEnded`, and is silent again."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """`found`: its end was not heard; the file was found afterwards."""

    recording_id: RecordingId
    call_id: CallId
    length_s: float
    failed: bool = False
    found: bool = False


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """An agent's phone has registered, or its registration has ended."""

    agent_id: AgentId
    registered: bool


@dataclass(frozen=True, slots=True)
class TrunkSeen:
    """A trunk answers our probes, or does not. `state`: up | down | unknown."""

    trunk_id: TrunkId
    state: str


@dataclass(frozen=True, slots=True)
class SwitchLost:
    """The connection to the switch is gone; what its legs do is unknown."""


@dataclass(frozen=True, slots=True)
class SwitchBack:
    """The connection stands (again); these are all the legs and reachable phones there are."""

    legs: frozenset[str]
    phones: frozenset[str]


Happening = (
    LegArrived
    | LegRinging
    | LegAnswered
    | LegEnded
    | PlaybackEnded
    | DigitPressed
    | AnswerHeard
    | GreetingEnded
    | FarEndSpoke
    | RecordingEnded
    | PhoneSeen
    | TrunkSeen
    | SwitchLost
    | SwitchBack
)

# ---- from the rest of omni


@dataclass(frozen=True, slots=True)
class Dial:
    """Dial over the trunk of the request. `wish`: with it the next trunk is found, should it fail;
    without it there is no other. `interaction_id`, `agent_id`: to call somebody back, for the agent
    who has that interaction."""

    call_id: CallId
    request: DialRequest
    wish: Wish | None = None
    interaction_id: InteractionId | None = None
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Withdraw a dialled call that has not been answered; end it when it has."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class Arrive:
    """An inbound leg with what our number stands for (None: it is not one of ours)."""

    leg: LegArrived
    entry_point_id: EntryPointId | None


@dataclass(frozen=True, slots=True)
class Admitted:
    """The ACD let the inbound call in, or did not."""

    call_id: CallId
    admitted: bool
    guide: Guide = field(default_factory=Guide)


@dataclass(frozen=True, slots=True)
class Overflowed:
    """A rule of the queue concerns the call; see `core.events.routing.InteractionOverflowed`."""

    interaction_id: InteractionId
    action: Action
    queue_id: QueueId
    announcement_id: AnnouncementId | None = None
    digits: str = ""
    chosen: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """An agent is asked whose group has something to say to callers."""

    interaction_id: InteractionId
    announcement_id: AnnouncementId


@dataclass(frozen=True, slots=True)
class Promised:
    """The caller is called back: they need not stay on the line."""

    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class PlaceTold:
    """Where the caller stands in the line (0: not in it)."""

    call_id: CallId
    number: int
    expected_wait_s: float | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An agent has the interaction. `accepted_at_s` may lie a little before now."""

    interaction_id: InteractionId
    agent_id: AgentId
    accepted_at_s: float


@dataclass(frozen=True, slots=True)
class InteractionOver:
    interaction_id: InteractionId
    outcome: Outcome
    agent_id: AgentId | None


@dataclass(frozen=True, slots=True)
class PlayDropMessage:
    call_id: CallId
    media: str


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Play a message that may be answered by a key until `listen_s` after its end."""

    call_id: CallId
    media: str
    listen_s: float


@dataclass(frozen=True, slots=True)
class LetWait:
    """Whoever hears the message waits for an agent from now on."""

    call_id: CallId


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """Leave a message on the machine that answered, then hang up."""

    call_id: CallId
    media: str


@dataclass(frozen=True, slots=True)
class SetHold:
    interaction_id: InteractionId
    held: bool


@dataclass(frozen=True, slots=True)
class SetMute:
    interaction_id: InteractionId
    muted: bool


@dataclass(frozen=True, slots=True)
class SendDigits:
    interaction_id: InteractionId
    digits: str


@dataclass(frozen=True, slots=True)
class PhoneSaved:
    phone: PhoneSpec


@dataclass(frozen=True, slots=True)
class ConnectPhone:
    """Call the agent's phone now and keep its leg up. `anew`: also when one seems to be up."""

    agent_id: AgentId
    anew: bool = False


@dataclass(frozen=True, slots=True)
class DisconnectPhone:
    agent_id: AgentId
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PhoneLost:
    """The page of a browser phone has gone for good: its leg is dead although nobody said so."""

    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class Restored:
    """A call of the process before this one; the next SwitchBack says whether it still lives."""

    started: CallStarted
    answered: bool
    agent_id: AgentId | None
    age_s: float


# ---- how a command of ours went


@dataclass(frozen=True, slots=True)
class RecordingBegan:
    call_id: CallId
    recording_id: RecordingId


@dataclass(frozen=True, slots=True)
class DeskOpened:
    leg_id: str


@dataclass(frozen=True, slots=True)
class Joined:
    call_id: CallId
    desk_leg_id: str


@dataclass(frozen=True, slots=True)
class JoinFailed:
    call_id: CallId
    desk_leg_id: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: what was due is done."""


Input = (
    Happening
    | Dial
    | Cancel
    | Arrive
    | Admitted
    | Overflowed
    | Offered
    | Promised
    | PlaceTold
    | Accepted
    | InteractionOver
    | PlayDropMessage
    | PlayMessage
    | LetWait
    | LeaveMessage
    | SetHold
    | SetMute
    | SendDigits
    | PhoneSaved
    | ConnectPhone
    | DisconnectPhone
    | PhoneLost
    | Restored
    | RecordingBegan
    | DeskOpened
    | Joined
    | JoinFailed
    | Tick
)
