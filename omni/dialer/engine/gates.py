"""The gates a contact passes before it is dialled: one ordered table for three questions.

    may this contact be dialled now?          `first_closed(facts, situation) is None`
    why is this contact not dialled?          `explain(facts, situation)`
    why are this campaign's not dialled?      the counts of `first_closed` over all contacts

Rules:
1. The order is the order of `GATES`; a contact is counted at the first gate that is closed for it.
2. A gate looks only at its `Facts` (of the contact) and the `Situation` (of the campaign); it
   answers None (open) or `Closed` with the instant at which time alone opens it, when there is one.
3. Counting over a million contacts is grouping: contacts with equal facts pass the table once.
4. A contact with several numbers has facts for each; `choose` says which number speaks for it: the
   first in turn that is open, else the one that opens first, else (none ever will) the first.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from omni.dialer.engine.hours import (
    Hours,
    after_holidays,
    next_opening,
    on_holiday,
    open_in,
)
from omni.dialer.engine.profiles import RuleProfile
from omni.dialer.engine.selection import applies, fields_of
from omni.dialer.engine.turns import in_turn
from omni.dialer.model import (
    Campaign,
    CampaignState,
    Contact,
    ContactNumber,
    ContactState,
    ListStop,
    NumberKind,
    QuotaStand,
)

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
IN_FLIGHT = timedelta(minutes=1)  # a conversation that may fill a quota ends some time


class Gate(StrEnum):
    """The gates' names on the wire."""

    FINISHED = "finished"
    IN_PROGRESS = "in_progress"
    CAMPAIGN_ACTIVE = "campaign_active"
    CALLING_HOURS = "calling_hours"
    HOLIDAY = "holiday"
    DO_NOT_CALL = "do_not_call"
    CONSENT = "consent"
    FILTER = "filter"
    QUOTA = "quota"
    ATTEMPTS_CONTACT = "attempts_contact"
    ATTEMPTS_NUMBER = "attempts_number"
    ATTEMPTS_24H = "attempts_24h"
    ATTEMPTS_7D = "attempts_7d"
    LOCKED_OUT = "locked_out"
    CALLBACK = "callback"
    RETRY_DELAY = "retry_delay"
    TRUNK = "trunk"
    TRUNK_CAPACITY = "trunk_capacity"
    TRUNK_RATE = "trunk_rate"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gates need to know of a contact and one of its numbers.

    `number_attempts`: for this contact; `number_finished`: why this number is not dialled any more.
    `attempts_24h`, `attempts_7d`: in all campaigns, to the person's numbers together (`of_person`).
    `number_busy`: another contact with one of them is being dialled or talked to right now.
    `stop`, `fields`: for the campaign's filters and quotas.
    """

    state: ContactState = ContactState.OPEN
    zones: tuple[str, ...] = ()
    attempts: int = 0
    next_at: datetime | None = None
    do_not_call: bool = False
    attempts_24h: int = 0
    attempts_7d: int = 0
    locked_until: datetime | None = None
    number_busy: bool = False
    finish_reason: str = ""
    consent_at: datetime | None = None
    callback_at: datetime | None = None
    callback_agent: str = ""
    number: str = ""
    kind: NumberKind = NumberKind.OTHER
    number_attempts: int = 0
    number_finished: str = ""
    stop: ListStop = ListStop.NONE
    fields: Mapping[str, str] = field(default_factory=dict)


def own_facts(contact: Contact) -> Facts:
    """Return what the contact itself says; nothing of its number."""
    return Facts(
        number=contact.number,
        stop=contact.stop,
        fields=fields_of(contact),
        state=contact.state,
        zones=contact.zones,
        attempts=contact.attempts,
        next_at=contact.next_at,
        finish_reason=contact.finish_reason,
        consent_at=contact.consent_at,
        callback_at=contact.callback_at,
        callback_agent=contact.callback_agent,
    )


@dataclass(frozen=True, slots=True)
class Room:
    """What a campaign has to dial with. `lines` free and `dials` allowed now: of its trunks.

    `closed`: why no trunk can be used at all: none | down | no_caller_id; "" when one can.
    """

    lines: int = 1
    dials: int = 1
    agents: int = 1
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the gates need to know of the campaign.

    `ring_s`: a phone rings so long at most. `holidays`: the dates on which nobody of the list is
    called. `free_agents`: who could take a call this instant; `callback_wait_s`: after so long
    anybody may do another's callback.
    """

    now: datetime
    state: CampaignState
    profile: RuleProfile
    hours: Hours
    max_attempts: int
    max_attempts_number: int = 0
    room: Room = Room()
    ring_s: float = 0.0
    holidays: frozenset[date] = frozenset()
    consent_required: bool = False
    free_agents: frozenset[str] = frozenset()
    callback_wait_s: float = 0.0
    quotas: Sequence[QuotaStand] = ()

    @property
    def hour_sets(self) -> tuple[Hours, Hours]:
        return self.profile.hours, self.hours

    @property
    def ringing(self) -> tuple[datetime, datetime]:
        """The first and the last moment at which a phone that is dialled now rings."""
        return self.now, self.now + timedelta(seconds=self.ring_s)


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate is closed; `until`: when time alone opens it, None when time alone does not."""

    until: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One gate's answer for one contact."""

    gate: Gate
    closed: Closed | None


Check = Callable[[Facts, Situation], Closed | None]


def _finished(facts: Facts, _: Situation) -> Closed | None:
    return Closed(detail=facts.finish_reason) if facts.state is ContactState.DONE else None


def _in_progress(facts: Facts, _: Situation) -> Closed | None:
    busy = facts.state is ContactState.DIALING or facts.number_busy
    return Closed() if busy else None


def _campaign_active(_: Facts, situation: Situation) -> Closed | None:
    running = situation.state is CampaignState.RUNNING
    return None if running else Closed(detail=situation.state)


def _calling_hours(facts: Facts, situation: Situation) -> Closed | None:
    for at in situation.ringing:  # no phone rings on when the hours are over
        if not open_in(facts.zones, situation.hour_sets, at):
            until = next_opening(facts.zones, situation.hour_sets, at)
            return Closed(until, ", ".join(facts.zones))
    return None


def _holiday(facts: Facts, situation: Situation) -> Closed | None:
    for at in situation.ringing:
        if on_holiday(facts.zones, situation.holidays, at):
            return Closed(after_holidays(facts.zones, situation.holidays, at))
    return None


def _do_not_call(facts: Facts, _: Situation) -> Closed | None:
    return Closed() if facts.do_not_call else None


def _consent(facts: Facts, situation: Situation) -> Closed | None:
    if not (situation.consent_required or situation.profile.consent_needed):
        return None
    given_at = facts.consent_at
    if given_at is None:
        return Closed()
    return Closed(given_at) if given_at > situation.now else None


def _filter(facts: Facts, _: Situation) -> Closed | None:
    if facts.callback_at is not None or facts.stop not in (ListStop.FILTER, ListStop.LIST):
        return None  # whom we promised a call is called
    return Closed(detail="list" if facts.stop is ListStop.LIST else "")


def _quota(facts: Facts, situation: Situation) -> Closed | None:
    if facts.callback_at is not None:
        return None
    for stand in situation.quotas:
        if not applies(stand.quota, facts.fields):
            continue
        detail = f"{stand.results}/{stand.quota.limit}"
        if stand.full:
            return Closed(detail=detail)
        if stand.results + stand.in_flight >= stand.quota.limit:
            return Closed(situation.now + IN_FLIGHT, detail)
    return Closed() if facts.stop is ListStop.QUOTA else None


def _attempts_contact(facts: Facts, situation: Situation) -> Closed | None:
    promised = facts.callback_at is not None  # the person asked for it
    if promised or facts.attempts < situation.max_attempts:
        return None
    return Closed(detail=f"{facts.attempts}/{situation.max_attempts}")


def _attempts_number(facts: Facts, situation: Situation) -> Closed | None:
    if facts.callback_at is not None:  # the person asked for it
        return None
    if facts.number_finished:
        return Closed(detail=facts.number_finished)
    return _capped(facts.number_attempts, situation.max_attempts_number or None)


def _attempts_24h(facts: Facts, situation: Situation) -> Closed | None:
    return _capped(facts.attempts_24h, situation.profile.attempts_per_number_24h)


def _attempts_7d(facts: Facts, situation: Situation) -> Closed | None:
    return _capped(facts.attempts_7d, situation.profile.attempts_per_number_7d)


def _capped(count: int, cap: int | None) -> Closed | None:
    return None if cap is None or count < cap else Closed(detail=f"{count}/{cap}")


def _locked_out(facts: Facts, situation: Situation) -> Closed | None:
    locked = facts.locked_until is not None and facts.locked_until > situation.now
    return Closed(facts.locked_until) if locked else None


def _callback(facts: Facts, situation: Situation) -> Closed | None:
    at = facts.callback_at
    if at is None:
        return None
    if at > situation.now:
        return Closed(at)
    if not facts.callback_agent or facts.callback_agent in situation.free_agents:
        return None
    anybody_from = at + timedelta(seconds=situation.callback_wait_s)
    return Closed(anybody_from, "agent") if anybody_from > situation.now else None


def _retry_delay(facts: Facts, situation: Situation) -> Closed | None:
    waits = facts.next_at is not None and facts.next_at > situation.now
    return Closed(facts.next_at) if waits else None


def _trunk(_: Facts, situation: Situation) -> Closed | None:
    return Closed(detail=situation.room.closed) if situation.room.closed else None


def _trunk_capacity(_: Facts, situation: Situation) -> Closed | None:
    return None if situation.room.lines > 0 else Closed()


def _trunk_rate(_: Facts, situation: Situation) -> Closed | None:
    return None if situation.room.dials > 0 else Closed(situation.now + timedelta(seconds=1))


def _agents(_: Facts, situation: Situation) -> Closed | None:
    return None if situation.room.agents > 0 else Closed()


GATES: tuple[tuple[Gate, Check], ...] = (
    (Gate.FINISHED, _finished),
    (Gate.IN_PROGRESS, _in_progress),
    (Gate.CAMPAIGN_ACTIVE, _campaign_active),
    (Gate.CALLING_HOURS, _calling_hours),
    (Gate.HOLIDAY, _holiday),
    (Gate.DO_NOT_CALL, _do_not_call),
    (Gate.CONSENT, _consent),
    (Gate.FILTER, _filter),
    (Gate.QUOTA, _quota),
    (Gate.ATTEMPTS_CONTACT, _attempts_contact),
    (Gate.ATTEMPTS_NUMBER, _attempts_number),
    (Gate.ATTEMPTS_24H, _attempts_24h),
    (Gate.ATTEMPTS_7D, _attempts_7d),
    (Gate.LOCKED_OUT, _locked_out),
    (Gate.CALLBACK, _callback),
    (Gate.RETRY_DELAY, _retry_delay),
    (Gate.TRUNK, _trunk),
    (Gate.TRUNK_CAPACITY, _trunk_capacity),
    (Gate.TRUNK_RATE, _trunk_rate),
    (Gate.AGENTS, _agents),
)


def may_ring(zones: tuple[str, ...], situation: Situation) -> bool:
    """Tell whether a phone may ring now as far as the hours and holidays of its zones go."""
    facts = Facts(zones=zones)
    return not (_calling_hours(facts, situation) or _holiday(facts, situation))


def first_closed(facts: Facts, situation: Situation) -> Gate | None:
    """Return the first closed gate, None when the contact may be dialled now."""
    return next((gate for gate, check in GATES if check(facts, situation) is not None), None)


def first_verdict(facts: Facts, situation: Situation) -> Verdict | None:
    """Return the first closed gate with its answer, None when the contact may be dialled now."""
    return next((row for row in explain(facts, situation) if row.closed is not None), None)


def explain(facts: Facts, situation: Situation) -> list[Verdict]:
    """Return every gate's answer, in order."""
    return [Verdict(gate, check(facts, situation)) for gate, check in GATES]


STAYS_CLOSED = {
    Gate.FINISHED: "",
    Gate.DO_NOT_CALL: "do_not_call",
    Gate.ATTEMPTS_CONTACT: "attempts",
    Gate.ATTEMPTS_NUMBER: "attempts",
}
"""Gates that nothing opens but a person, and the reason with which their contacts are done."""


def of_person(numbers: Sequence[Facts]) -> list[Facts]:
    """Return the facts of a person's numbers with what the law counts by person.

    Calls to any of the numbers count for each, and each rests after a drop or a conversation on
    any: 12 CFR 1006.14(b)(2) counts calls to "a particular person", Florida 501.616(6)(b) those
    "regardless of the phone number". Where a law counts by number this is stricter.
    """
    locks = [facts.locked_until for facts in numbers if facts.locked_until is not None]
    day = sum(facts.attempts_24h for facts in numbers)
    week = sum(facts.attempts_7d for facts in numbers)
    locked_until = max(locks, default=None)
    busy = any(facts.number_busy for facts in numbers)
    return [
        replace(
            facts,
            attempts_24h=day,
            attempts_7d=week,
            locked_until=locked_until,
            number_busy=busy,
        )
        for facts in numbers
    ]


def facts_in_turn(numbers: Iterable[Facts], contact: Contact, campaign: Campaign) -> list[Facts]:
    """Return the facts of a contact's numbers in the order of their turns."""
    by_number = {facts.number: facts for facts in numbers}
    listed = [
        ContactNumber(one.number, one.kind, one.number_attempts, one.number_finished)
        for one in by_number.values()
    ]
    # A contact that nobody tried or promised anything has no turn yet: the campaign's order holds.
    begun = contact.attempts > 0 or contact.callback_at is not None
    turns = in_turn(listed, campaign.number_order, contact.number if begun else "")
    return [by_number[one.number] for one in turns]


def choose(numbers: Sequence[Facts], situation: Situation) -> Facts:
    """Return the facts of the number that speaks for a contact.

    Args:
        numbers: the facts of its numbers, the one whose turn it is first; at least one.
    """
    waits: list[tuple[datetime, Facts]] = []
    for facts in numbers:
        closed = {row.gate for row in explain(facts, situation) if row.closed}
        if not closed:
            return facts
        if closed.isdisjoint(STAYS_CLOSED):
            waits.append((opens_at(facts, situation) or datetime.max.replace(tzinfo=UTC), facts))
    return min(waits, key=lambda each: each[0])[1] if waits else numbers[0]


def opens_at(facts: Facts, situation: Situation) -> datetime | None:
    """Return when time alone opens all gates that time can open, None when there is none."""
    opens = [row.closed.until for row in explain(facts, situation) if row.closed]
    return max((at for at in opens if at is not None), default=None)


def tally(
    classes: Iterable[tuple[Sequence[Facts], int]], situation: Situation
) -> tuple[int, dict[Gate, int]]:
    """Count contacts by their first closed gate.

    Args:
        classes: the facts of a contact's numbers, and how many contacts have these.

    Returns:
        How many may be dialled, and the counts of the others in the order of the gates.
    """
    dialable = 0
    counts = dict.fromkeys((gate for gate, _ in GATES), 0)
    for numbers, count in classes:
        gate = first_closed(choose(numbers, situation), situation)
        if gate is None:
            dialable += count
        else:
            counts[gate] += count
    return dialable, {gate: count for gate, count in counts.items() if count}
