"""What becomes of a contact after an attempt, and after an agent's disposition: two tables.

Rules:
1. A number that is invalid, a fax, a sale: done. A person who was reached is done unless the
   disposition says otherwise.
2. What can be tried again waits as the campaign's retry rule says; without a rule, or when its
   number of attempts is used up, the contact is done.
3. The contact's cap on attempts is a gate, not a rule here: raising it lets contacts go on.
4. A promise to call at a time holds when the disposition says "call back", or says nothing (the
   wrap-up ran out); any other disposition has overtaken it.
5. A dropped number is locked for as long as the rule profile asks, whatever the retry rule says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.acd.codes import NO_DISPOSITION, Meaning
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.profiles import RuleProfile
from omni.dialer.model import Campaign

CALLBACK_DELAY_S = 4 * 3600  # "call me back later" without a time given


@dataclass(frozen=True, slots=True)
class Again:
    """Dial again from this instant on."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Promised:
    """Dial again at this instant, before anything else."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """Dial no more; `reason` is shown with the contact."""

    reason: str


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The person wants no more calls: onto the do-not-call list."""


FollowUp = Again | Promised | Finished | Forbidden


def after_attempt(
    campaign: Campaign, outcome: AttemptOutcome, times: int, now: datetime
) -> FollowUp:
    """Return what follows an attempt that did not reach an agent.

    Args:
        times: how many of the contact's attempts ended like this, this one included.
    """
    rule = next((rule for rule in campaign.retries if rule.outcome is outcome), None)
    if rule is None or times >= rule.attempts:
        return Finished(outcome.value)
    return Again(now + timedelta(seconds=rule.delay_s))


def lock_s(profile: RuleProfile, outcome: AttemptOutcome) -> int:
    """Return for how long the number may not be dialled at all."""
    if outcome is AttemptOutcome.DROPPED:
        return profile.lock_after_drop_s
    if outcome is AttemptOutcome.MACHINE:
        return profile.lock_after_machine_s
    if outcome is AttemptOutcome.ANSWERED:
        return profile.rest_after_conversation_s
    return 0


def after_conversation(
    meaning: Meaning, disposition: str, now: datetime, promised_at: datetime | None = None
) -> FollowUp:
    """Return what follows a conversation, by the meaning of its disposition.

    Args:
        promised_at: when the agent promised to call, in this conversation.
    """
    if meaning is Meaning.DO_NOT_CALL:
        return Forbidden()
    if promised_at is not None and (meaning is Meaning.CALLBACK or disposition == NO_DISPOSITION):
        return Promised(promised_at)
    if meaning is Meaning.CALLBACK:
        return Promised(now + timedelta(seconds=CALLBACK_DELAY_S))
    if meaning is Meaning.MACHINE:
        return Again(now + timedelta(seconds=CALLBACK_DELAY_S))
    return Finished(disposition or "answered")
