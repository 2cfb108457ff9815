"""How an unanswered call ended: one table from what the network said to what it means for us.

Rules:
1. We withdrew it: CANCELLED, whatever the network says then.
2. The SIP code decides if it is in `BY_SIP_CODE`, else the Q.850 cause by `BY_CAUSE`, else FAILED.
3. Three rows depend on whether the far end was heard to ring (`rang`) and on whether it was our
   own time limit that ended the call (`timed_out`): a 480 without ringing is a phone switched off,
   but a time limit without any ringing is a carrier that never answered us.
4. The same row says whose doing it was (`Blame`), and thereby whether the next trunk is tried. Who
   was heard to ring is never dialled again over another trunk, whatever the code.

Sources: RFC 3261 §21, RFC 8688 (607, 608), ITU-T Q.850; trials with Asterisk 22, which reports its
own time limit as cause 19 with SIP code 480.
"""

from dataclasses import dataclass
from enum import Enum

from omni.core.terms import AttemptOutcome as Outcome


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known of the end of an unanswered call."""

    cause: int = 0
    sip_code: int = 0
    rang: bool = False
    timed_out: bool = False
    cancelled: bool = False


class Blame(Enum):
    """Whose doing the end of a call was.

    CALLEE: the trunk did its work: give up. BUSY: likewise, but many in a row are the trunk's.
    ROUTE: this trunk cannot carry this call: try the next. TRUNK: likewise, and it counts against
    the trunk. OURS: we ended it; it says nothing.
    """

    CALLEE = "callee"
    BUSY = "busy"
    ROUTE = "route"
    TRUNK = "trunk"
    OURS = "ours"


@dataclass(frozen=True, slots=True)
class Row:
    """`silent` is the outcome when the far end never rang (the same when None).

    `blame` is whose doing it was when the far end never rang.
    """

    outcome: Outcome
    silent: Outcome | None = None
    blame: Blame = Blame.CALLEE


BY_SIP_CODE: dict[int, Row] = {
    400: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    401: Row(Outcome.FAILED, blame=Blame.TRUNK),  # our password is wrong
    402: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    403: Row(Outcome.CONGESTION, blame=Blame.TRUNK),  # the carrier does not want this call from us
    404: Row(Outcome.INVALID_NUMBER),
    407: Row(Outcome.FAILED, blame=Blame.TRUNK),
    408: Row(Outcome.NO_ANSWER, silent=Outcome.CONGESTION, blame=Blame.TRUNK),
    410: Row(Outcome.INVALID_NUMBER),
    413: Row(Outcome.FAILED, blame=Blame.ROUTE),
    415: Row(Outcome.FAILED, blame=Blame.ROUTE),
    480: Row(Outcome.NO_ANSWER, silent=Outcome.UNREACHABLE),
    484: Row(Outcome.INVALID_NUMBER),
    485: Row(Outcome.INVALID_NUMBER),
    486: Row(Outcome.BUSY, blame=Blame.BUSY),
    487: Row(Outcome.NO_ANSWER, silent=Outcome.CONGESTION),  # ended without a word of ours
    488: Row(Outcome.FAILED, blame=Blame.ROUTE),
    500: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    502: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    503: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    504: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    600: Row(Outcome.BUSY, blame=Blame.BUSY),
    603: Row(Outcome.REJECTED),
    604: Row(Outcome.INVALID_NUMBER),
    606: Row(Outcome.FAILED, blame=Blame.ROUTE),
    607: Row(Outcome.REJECTED),
    608: Row(Outcome.REJECTED),
}

BY_CAUSE: dict[int, Row] = {
    1: Row(Outcome.INVALID_NUMBER),
    2: Row(Outcome.CONGESTION, blame=Blame.ROUTE),
    3: Row(Outcome.CONGESTION, blame=Blame.ROUTE),
    16: Row(Outcome.NO_ANSWER, silent=Outcome.UNREACHABLE),
    17: Row(Outcome.BUSY, blame=Blame.BUSY),
    18: Row(Outcome.NO_ANSWER, silent=Outcome.UNREACHABLE),
    19: Row(Outcome.NO_ANSWER, silent=Outcome.UNREACHABLE),
    20: Row(Outcome.UNREACHABLE),
    21: Row(Outcome.REJECTED),
    22: Row(Outcome.INVALID_NUMBER),
    26: Row(Outcome.NO_ANSWER),  # answered elsewhere
    27: Row(Outcome.UNREACHABLE),
    28: Row(Outcome.INVALID_NUMBER),
    29: Row(Outcome.CONGESTION, blame=Blame.ROUTE),
    31: Row(Outcome.NO_ANSWER, silent=Outcome.UNREACHABLE),
    34: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    38: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    41: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    42: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    44: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    58: Row(Outcome.FAILED, blame=Blame.ROUTE),
    88: Row(Outcome.FAILED, blame=Blame.ROUTE),
    102: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
    127: Row(Outcome.CONGESTION, blame=Blame.TRUNK),
}

_TIME_LIMIT = Row(Outcome.NO_ANSWER, silent=Outcome.CONGESTION, blame=Blame.TRUNK)
_UNKNOWN = Row(Outcome.FAILED)


def classify(ending: Ending) -> Outcome:
    """Return the outcome of an attempt that ended before it was answered."""
    if ending.cancelled:
        return Outcome.CANCELLED
    row = _row(ending)
    return row.outcome if ending.rang or row.silent is None else row.silent


def blame(ending: Ending) -> Blame:
    """Return whose doing the end of an unanswered call was."""
    if ending.cancelled:
        return Blame.OURS
    return Blame.CALLEE if ending.rang else _row(ending).blame


def _row(ending: Ending) -> Row:
    if ending.timed_out:
        return _TIME_LIMIT
    return BY_SIP_CODE.get(ending.sip_code) or BY_CAUSE.get(ending.cause) or _UNKNOWN
