"""What the voice service needs of the outside: a switch, the ACD, a store.

The switch port is call control in the words of telephony, not of any product. Implementations:
`gateway.AriSwitch` (Asterisk) and `simulator.SimulatedSwitch` (virtual time); both pass
`tests/contract/test_voice_port.py`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from omni.acd.guide import Guide
from omni.acd.model import Arrival, ArrivalResult, Place
from omni.acd.record import Errand
from omni.channels.voice.engine.commands import LegRecord
from omni.channels.voice.engine.inputs import Happening
from omni.channels.voice.model import Announcement, PhoneSpec, Sound, TrunkSpec
from omni.core.events.base import Event
from omni.core.events.voice import CallStarted
from omni.core.ids import (
    AgentId,
    AnnouncementId,
    CallId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
    RecordingId,
    TrunkId,
)

Listener = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call: a number over a trunk, or an agent's phone."""

    number: str = ""
    trunk_id: TrunkId | None = None
    agent_id: AgentId | None = None


class Switch(Protocol):
    """Call control. Legs and playbacks have ids of our choice.

    Every method raises `Unavailable` when the switch cannot be reached and `NotFound` or
    `Conflict` when the leg is gone or in the wrong state. What happens comes to the listener as
    values of `engine.inputs`, in order, and never from inside a call of these methods.
    """

    def listen(self, listener: Listener) -> None:
        """Name who hears of what happens; call once, before `run`."""
        ...

    async def run(self) -> None:
        """Keep the connection until cancelled; reconnects and says SwitchLost and SwitchBack."""
        ...

    async def call(self, leg_id: str, target: Target, caller_id: str, ring_s: float) -> None:
        """Call somebody. LegRinging, LegAnswered or LegEnded follow."""
        ...

    async def ring(self, leg_id: str) -> None:
        """Let the caller of an inbound leg hear ringing."""
        ...

    async def answer(self, leg_id: str) -> None:
        """Answer an inbound leg."""
        ...

    async def hang_up(self, leg_id: str, cause: int) -> None:
        """End a leg with a Q.850 cause; LegEnded follows. Nothing happens if it has gone."""
        ...

    async def park(self, leg_id: str) -> None:
        """Let a leg wait with music."""
        ...

    async def open_desk(self, leg_id: str) -> None:
        """Give an agent's standing leg a room of its own, into which customers are joined."""
        ...

    async def close_desk(self, leg_id: str) -> None:
        """Take down the room of a standing leg that has ended."""
        ...

    async def join(self, leg_id: str, desk_leg_id: str) -> None:
        """Move a leg into the room of an agent's standing leg: they hear each other."""
        ...

    async def detect(self, leg_id: str) -> None:
        """Find out what answered a leg that we called; AnswerHeard follows within 5 s."""
        ...

    async def await_beep(self, leg_id: str) -> None:
        """Wait until the machine that answered is silent; GreetingEnded follows.

        After it FarEndSpoke follows each time that the far end has said something.
        """
        ...

    async def unpark(self, leg_id: str) -> None:
        """Take a leg out of the music. Nothing happens if it is not there."""
        ...

    async def play(self, leg_id: str, media: str) -> None:
        """Play media (`prompts`, or `sound:` files, joined by commas); PlaybackEnded follows.

        What a leg waits with stops meanwhile. Several are played one after the other. Keys that the
        far end of a leg presses come as DigitPressed at any time.
        """
        ...

    async def stop_playing(self, leg_id: str) -> None:
        """End what is played to a leg, and what is to be; PlaybackEnded follows for each."""
        ...

    async def record_message(
        self, leg_id: str, recording_id: RecordingId, call_id: CallId, limit_s: float
    ) -> None:
        """Record what a leg in no room says, after a tone: until the hash key, or the limit.

        RecordingEnded follows; when the leg ends before, too.
        """
        ...

    async def mute(self, leg_id: str, muted: bool) -> None:
        """Keep what this leg says from the others, or let it through again."""
        ...

    async def send_digits(self, leg_id: str, digits: str) -> None:
        """Send DTMF digits to this leg."""
        ...

    async def start_recording(
        self, desk_leg_id: str, recording_id: RecordingId, call_id: CallId
    ) -> None:
        """Record all that is heard in the room; RecordingEnded follows some time.

        When this process or the switch dies before, it follows after the next SwitchBack.
        """
        ...

    async def stop_recording(self, recording_id: RecordingId) -> None:
        """End a recording. Nothing happens if it has ended."""
        ...

    async def fetch_recording(self, recording_id: RecordingId, path: Path) -> int:
        """Copy a finished recording to `path`; return its size in bytes."""
        ...

    async def drop_recording(self, recording_id: RecordingId) -> None:
        """Let the switch forget a recording: it is kept elsewhere."""
        ...

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        """Make the trunk known to the switch as stated; a disabled one is taken out."""
        ...

    async def save_phone(self, phone: PhoneSpec, secret: str) -> None:
        """Make an agent's phone known; a browser registers with the agent's id and `secret`."""
        ...


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call found in the database without its end. `agent_id`: who was connected last."""

    started: CallStarted
    started_at: datetime
    answered: bool
    agent_id: AgentId | None


class VoiceStore(Protocol):
    """Rows of calls, legs, recordings, trunks and phones; used inside the journal's transaction."""

    async def save(
        self, events: Iterable[Event], legs: Iterable[LegRecord], zero: datetime
    ) -> None:
        """Bring the rows up to these events; write legs, whose times are seconds after `zero`.

        The events of one call are in the order in which they happened.
        """
        ...

    async def trunks(self) -> Sequence[TrunkSpec]: ...
    async def save_trunk(self, trunk: TrunkSpec) -> None: ...
    async def phones(self) -> Sequence[PhoneSpec]: ...
    async def save_phone(self, phone: PhoneSpec) -> None: ...
    async def open_calls(self) -> Sequence[OpenCall]:
        """Return the calls that have no end yet: those of the process before this one."""
        ...

    async def has_recording(self, recording_id: RecordingId) -> bool: ...
    async def interaction_of(self, call_id: CallId) -> InteractionId | None:
        """Return what a call belongs to, None when there is no such call."""
        ...


class Acd(Protocol):
    """What we tell the ACD; all of it may be said twice."""

    async def arrive(self, arrival: Arrival) -> ArrivalResult: ...
    async def customer_left(self, interaction_id: InteractionId) -> None: ...
    async def choose(self, interaction_id: InteractionId, digit: str) -> None: ...
    async def end(self, interaction_id: InteractionId, agent_id: AgentId | None = None) -> None: ...
    def guide(self, queue_id: QueueId, entry_point_id: EntryPointId | None) -> Guide: ...
    def group_announcement(self, group_id: GroupId) -> AnnouncementId | None: ...
    def place(self, interaction_id: InteractionId) -> Place: ...
    def errand(self, interaction_id: InteractionId) -> Errand | None: ...
    async def phone_changed(self, agent_id: AgentId, up: bool) -> None: ...


class RecordingFiles(Protocol):
    """Where recordings lie."""

    def place(self, recording_id: RecordingId) -> Path:
        """Return the path of a recording, its folder made."""
        ...


@dataclass(frozen=True, slots=True)
class Use:
    """Where an announcement is said. `kind`: entry_point | queue | group | campaign."""

    kind: str
    name: str


class AnnouncementStore(Protocol):
    """Rows of recorded announcements and their sounds; used inside the journal's transaction."""

    async def all(self) -> Sequence[Announcement]:
        """Return all announcements by name."""
        ...

    async def save(self, announcement: Announcement) -> None:
        """Insert an announcement, or give it its name."""
        ...

    async def save_sound(
        self, announcement_id: AnnouncementId, language: str, sound: Sound
    ) -> None: ...
    async def sound(self, announcement_id: AnnouncementId, language: str) -> bytes | None: ...
    async def remove_sound(self, announcement_id: AnnouncementId, language: str) -> None: ...
    async def remove(self, announcement_id: AnnouncementId) -> None:
        """Remove an announcement with its sounds."""
        ...


class Recorder(Protocol):
    """Makes of a file what the switch plays."""

    def convert(self, raw: bytes) -> Sound:
        """Return the sound. Raises `Invalid`: why it cannot be said to anybody."""
        ...

    def built_in(self, name: str, language: str) -> Sound:
        """Return what comes with omni."""
        ...


class SoundShelf(Protocol):
    """Where the switch finds the sounds."""

    async def put(self, announcement_id: AnnouncementId, language: str, wav: bytes) -> None: ...
    async def has(self, announcement_id: AnnouncementId, language: str, length_s: float) -> bool:
        """Tell whether a sound of that length is there."""
        ...

    async def take_away(self, announcement_id: AnnouncementId, language: str) -> None: ...


Uses = Callable[[], Awaitable[Mapping[str, Sequence[Use]]]]
"""Says where each announcement is said."""
