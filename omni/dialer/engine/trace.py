"""What became of an attempt, from the events of its call: for attempts that nobody saw end.

Rules:
1. An answered call whose end nobody saw counts as dropped, the careful side; but nobody is dropped
   by an agentless campaign, where they hung up (or will be hung up) before the message was over.
2. A machine that no agent got was no answer of a person.
3. Who pressed the key not to be called again has done so, however the call ended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from omni.core.events.base import Event, Recorded
from omni.core.events.routing import InteractionAccepted, InteractionEnded
from omni.core.events.voice import AnswerClassified, CallAnswered, CallDigit, CallEnded, CallFailed
from omni.core.terms import AnswerKind, AttemptOutcome, Outcome
from omni.dialer.model import FORBID_KEY, Campaign, Mode

EVENTS: tuple[type[Event], ...] = (
    CallFailed,
    CallAnswered,
    AnswerClassified,
    CallDigit,
    CallEnded,
    InteractionAccepted,
    InteractionEnded,
)


MACHINES = {
    AnswerKind.MACHINE: AttemptOutcome.MACHINE,
    AnswerKind.FAX: AttemptOutcome.FAX,
}


@dataclass(frozen=True, slots=True)
class Trace:
    """How an attempt went, as far as it is known."""

    outcome: AttemptOutcome = AttemptOutcome.FAILED
    ring_s: float = 0.0
    answered_at: datetime | None = None


def traced(campaign: Campaign | None, history: Iterable[Recorded[Event]]) -> Trace:
    """Return what the call's events, in order, say of the attempt."""
    agentless = campaign is not None and campaign.mode is Mode.AGENTLESS
    trace = Trace()
    answered_at: datetime | None = None  # also of a machine
    for recorded in history:
        event = recorded.event
        match event:
            case CallFailed():
                return Trace(event.outcome, event.ring_s)
            case InteractionAccepted():
                return Trace(AttemptOutcome.ANSWERED, trace.ring_s, answered_at)
            case InteractionEnded():
                dropped = event.outcome is Outcome.DROPPED
                outcome = AttemptOutcome.DROPPED if dropped else AttemptOutcome.HUNG_UP
                return Trace(outcome, trace.ring_s, answered_at)
            case AnswerClassified() if event.kind in MACHINES:
                trace = Trace(MACHINES[event.kind], trace.ring_s)
            case CallAnswered():
                outcome = AttemptOutcome.HUNG_UP if agentless else AttemptOutcome.DROPPED
                answered_at = recorded.at
                trace = Trace(outcome, event.ring_s, answered_at)
            case CallDigit() if campaign is not None and campaign.offers(event.digit):
                if event.digit == FORBID_KEY:
                    return Trace(AttemptOutcome.OPTED_OUT, trace.ring_s, trace.answered_at)
            case CallEnded() if trace.answered_at is not None:
                trace = Trace(_end(event, trace.outcome), trace.ring_s, trace.answered_at)
            case _:
                pass
    return trace


def _end(event: CallEnded, so_far: AttemptOutcome) -> AttemptOutcome:
    if event.message_played and so_far is AttemptOutcome.HUNG_UP:
        return AttemptOutcome.MESSAGE
    return AttemptOutcome.HUNG_UP if event.by == "customer" else so_far
