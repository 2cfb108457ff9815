"""The closed vocabularies of the field that several packages share."""

from enum import StrEnum
from typing import Final


class Medium(StrEnum):
    """What an interaction travels over."""

    VOICE = "voice"
    EMAIL = "email"
    CHAT = "chat"


class Direction(StrEnum):
    """Who began it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class AgentState(StrEnum):
    """What an agent is doing; exactly one at a time, and all but `SIGNED_OUT` are signed in.

    `DIALING`: has a call of their own to make (reason `preview`: it is shown to them and not
    dialled yet), whatever else they hold. `BUSY`: holds at least one accepted interaction.
    `WRAP_UP`: none, but an ended one waits for its disposition. An agent with free capacity may be
    BUSY and still get offers.
    """

    SIGNED_OUT = "signed_out"
    READY = "ready"
    DIALING = "dialing"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    BREAK = "break"


def begins_anew(before: tuple[AgentState, str], after: tuple[AgentState, str]) -> bool:
    """Tell whether a state and its reason are a new stretch of time, and no more of the old one.

    Another break is another break, with its own limit. In any other state the reason may say what
    comes next (a break asked for during a call), which is no new call.
    """
    if before[0] is not after[0]:
        return True
    return after[0] is AgentState.BREAK and before[1] != after[1]


class InteractionState(StrEnum):
    """The life of an interaction: waiting → offered → active → wrap_up → ended."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"
    ENDED = "ended"


class Outcome(StrEnum):
    """How an interaction ended for the customer."""

    ANSWERED = "answered"  # an agent took it
    ABANDONED = "abandoned"  # the customer left while waiting
    DROPPED = "dropped"  # a dialled person answered and no agent was free within the limit
    REFUSED = "refused"  # entry point or queue closed, or black-listed
    OVERFLOWED = "overflowed"  # sent elsewhere by a rule


class AttemptOutcome(StrEnum):
    """How one dialled attempt ended. Decided in one table (`omni.channels.voice`)."""

    ANSWERED = "answered"  # a person (or machine taken for one) reached an agent
    DROPPED = "dropped"  # answered, no agent within the limit, message played
    HUNG_UP = "hung_up"  # answered, left before an agent or the message
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"  # the callee declined
    INVALID_NUMBER = "invalid_number"
    UNREACHABLE = "unreachable"  # switched off, out of coverage
    CONGESTION = "congestion"  # the carrier or network could not carry it: not the callee's doing
    MACHINE = "machine"
    FAX = "fax"
    FAILED = "failed"  # our side: lost connection to the switch, crash
    CANCELLED = "cancelled"  # we withdrew it while ringing
    MESSAGE = "message"  # heard the campaign's message
    OPTED_OUT = "opted_out"  # pressed the key not to be called again


class AnswerKind(StrEnum):
    """What answered a dialled call, as the detector heard it."""

    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    UNSURE = "unsure"  # taken for a person


class Role(StrEnum):
    """What a user may do; a user can have several."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMIN = "admin"


AGENTS: Final = frozenset({Role.AGENT})
STAFF: Final = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
MANAGERS: Final = frozenset({Role.MANAGER, Role.ADMIN})
ADMINS: Final = frozenset({Role.ADMIN})
