"""What becomes of a contact after an attempt, and after an agent's disposition: two tables.

Rules:
1. A number that is invalid, a fax, a sale: done. A person who was reached is done unless the
   disposition says otherwise.
2. What can be tried again waits as the campaign's retry rule says, for this number or the next
   (`omni.dialer.engine.turns`); without a rule, or when its number of attempts is used up, the
   number is done, and with its last number the contact.
3. The contact's cap on attempts is a gate, not a rule here: raising it lets contacts go on.
4. A promise to call at a time holds when the disposition says "call back", or says nothing (the
   wrap-up ran out); any other disposition has overtaken it.
5. A dropped number is locked for as long as the rule profile asks, whatever the retry rule says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.acd.codes import NO_DISPOSITION, Meaning
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.profiles import RuleProfile
from omni.dialer.engine.turns import is_used_up, others_left
from omni.dialer.model import Campaign, ContactNumber, RetryRule

CALLBACK_DELAY_S = 4 * 3600  # "call me back later" without a time given
OTHER_NUMBER_DELAY_S = 2 * 3600  # for a number that had its turn, when the one after it is done


HEARD = {AttemptOutcome.MESSAGE: "message", AttemptOutcome.OPTED_OUT: "do_not_call"}
"""Who heard the campaign's message is done, whatever other numbers there are."""


@dataclass(frozen=True, slots=True)
class Again:
    """Dial again from this instant on; `number` "": the same."""

    at: datetime
    number: str = ""


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


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt that did not reach an agent.

    `times`: how many attempts of this number ended like this, this one included. `turns`: the
    contact's numbers in turn, the one just dialled first.
    """

    outcome: AttemptOutcome
    times: int
    turns: Sequence[ContactNumber]


def rule_for(campaign: Campaign, outcome: AttemptOutcome) -> RetryRule | None:
    """Return the campaign's retry rule for an outcome."""
    return next((rule for rule in campaign.retries if rule.outcome is outcome), None)


def number_done(campaign: Campaign, tried: Tried) -> bool:
    """Tell whether the number just dialled is not to be dialled any more."""
    return is_used_up(rule_for(campaign, tried.outcome), tried.times)


def after_attempt(campaign: Campaign, tried: Tried, now: datetime) -> FollowUp:
    """Return what follows an attempt that did not reach an agent."""
    if tried.outcome in HEARD:
        return Finished(HEARD[tried.outcome])
    rule = rule_for(campaign, tried.outcome)
    used_up = is_used_up(rule, tried.times)
    others = others_left(tried.turns, campaign.max_attempts_number)
    if used_up and not others:
        return Finished(tried.outcome.value)
    delay_s = rule.delay_s if rule else OTHER_NUMBER_DELAY_S
    if not used_up and not (rule and rule.next_number and others):
        return Again(now + timedelta(seconds=delay_s))
    waiting = [one for one in others if one.attempts < tried.turns[0].attempts]
    if waiting:
        pause_s = min(campaign.next_number_s, delay_s)
        return Again(now + timedelta(seconds=pause_s), waiting[0].number)
    return Again(now + timedelta(seconds=delay_s), others[0].number)


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
