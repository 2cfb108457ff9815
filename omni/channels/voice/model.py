"""Values of the telephone: what to dial, over which trunk, whose phone."""

import re
from dataclasses import dataclass
from enum import StrEnum

from omni.core.ids import (
    AgentId,
    AnnouncementId,
    AttemptId,
    CallId,
    CampaignId,
    EntryPointId,
    InteractionId,
    TrunkId,
)

# ITU-T E.164: a plus, no leading zero, at most 15 digits. Shorter than 7 is no public number.
_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True)
class DialRequest:
    """One number to dial. `ring_s`: how long it may ring before it counts as not answered.

    `trunk_id`: over this trunk alone; None: over the best there is. `caller_id`: "" = the trunk's
    own. `caller_id_needed`: without one the call must not be made. `detect`: find out what answers.
    """

    attempt_id: AttemptId | None
    campaign_id: CampaignId | None
    number: str
    trunk_id: TrunkId | None
    caller_id: str
    ring_s: float = 25.0
    caller_id_needed: bool = False
    detect: bool = False


@dataclass(frozen=True, slots=True)
class Dialled:
    """The call made for a `DialRequest`; its interaction id is what the ACD is to be told."""

    call_id: CallId
    interaction_id: InteractionId


@dataclass(frozen=True, slots=True)
class CallerPool:
    """Numbers of ours that are shown to people whose number begins with `prefix` ("" = to all)."""

    prefix: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrunkSpec:
    """A way to a carrier.

    `host`, `port`: where calls are sent. `match`: addresses (or networks) from which its calls
    come; empty means `host`. `user`, `secret`: digest authentication, "" for none. `register`:
    keep a registration there. `capacity`: lines; `calls_per_second`: dials a second, 0 = no limit.
    `cost`: the cheapest trunk that can carry a call is taken. `pools`: which of our numbers are
    shown where; `caller_id`: what is shown to the others.
    """

    trunk_id: TrunkId
    name: str
    host: str
    port: int = 5060
    user: str = ""
    secret: str = ""
    register: bool = False
    match: tuple[str, ...] = ()
    caller_id: str = ""
    capacity: int = 30
    calls_per_second: float = 10.0
    codecs: tuple[str, ...] = ("ulaw", "alaw")
    enabled: bool = True
    cost: int = 100
    pools: tuple[CallerPool, ...] = ()


class PhoneKind(StrEnum):
    """`BROWSER` registers through our WebSocket; `SIP` has a fixed address (desk phone, robot)."""

    BROWSER = "browser"
    SIP = "sip"


@dataclass(frozen=True, slots=True)
class PhoneSpec:
    """An agent's phone. `contact_uri` is where a SIP phone is called, e.g. `sip:12@10.0.0.5`."""

    agent_id: AgentId
    kind: PhoneKind = PhoneKind.BROWSER
    contact_uri: str = ""


class PhoneState(StrEnum):
    """`REGISTERED`: it could be called; `UP`: its standing leg is there, calls can be joined."""

    DOWN = "down"
    REGISTERED = "registered"
    UP = "up"


class CallState(StrEnum):
    """The life of a call as we see the customer's leg.

    ARRIVING: an inbound call that the ACD has not let in yet. DETECTING: answered, by what is being
    found out. WAITING: answered, nobody of ours on it. GREETING: a machine's is waited out.
    JOINING: an agent has it, audio is not joined (yet, or any more). CONNECTED; HELD; MESSAGE: the
    caller hears a last message and is let go. VOICEMAIL: leaves one. AWAY: put through to another
    number.
    """

    ARRIVING = "arriving"
    DIALLING = "dialling"
    RINGING = "ringing"
    DETECTING = "detecting"
    WAITING = "waiting"
    GREETING = "greeting"
    JOINING = "joining"
    CONNECTED = "connected"
    HELD = "held"
    MESSAGE = "message"
    VOICEMAIL = "voicemail"
    AWAY = "away"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A number of ours (`address`, E.164 or an internal number) that customers call."""

    entry_point_id: EntryPointId
    address: str


@dataclass(frozen=True, slots=True)
class TrunkLines:
    """What a trunk carries now. `state`: up | down | unknown | trouble; `reason` of the latter."""

    spec: TrunkSpec
    state: str
    reason: str
    busy: int


@dataclass(frozen=True, slots=True)
class TrunkRoom:
    """How many calls may be dialled now: free `lines`, and `dials` at this instant.

    `closed`: why no trunk can be used at all: none | down | no_caller_id; "" when one can.
    """

    lines: int
    dials: int
    closed: str = ""


def is_number(text: str) -> bool:
    """Tell whether `text` is an E.164 number, the only form that is ever dialled."""
    return _E164.fullmatch(text) is not None


def plain_number(text: str) -> str:
    """Return a number from the network without its ornaments, for comparing and showing.

    `sip:` parts and punctuation go; a plus stays; "anonymous" and the like become "".
    """
    kept = "".join(c for c in text.strip() if c.isdigit() or c == "+")
    return kept if kept.strip("+") else ""


def bare_number(number: str) -> str:
    """Return the digits that identify a number: carriers leave out or add the plus or `00`."""
    return plain_number(number).removeprefix("+").removeprefix("00")


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as the switch plays it: a WAV file, one channel, 16 bits, 8000 a second."""

    wav: bytes
    length_s: float


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that can be said to callers. `lengths_s`: by language; `own`: somebody recorded it.

    What comes with omni is named by its id.
    """

    announcement_id: AnnouncementId
    name: str
    lengths_s: dict[str, float]
    own: bool = True

    @property
    def languages(self) -> tuple[str, ...]:
        """In which languages it can be said."""
        return tuple(self.lengths_s)
