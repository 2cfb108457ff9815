"""The end of attempts: one outcome each, and what it means for the contact and its number."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.acd.codes import DISPOSITION, NO_DISPOSITION, Meaning
from omni.core.clock import Clock, Identities
from omni.core.errors import Fault
from omni.core.events.outbound import AttemptEnded, CallbackSet
from omni.core.events.routing import InteractionWrappedUp
from omni.core.events.voice import CallDigit
from omni.core.ids import AttemptId, InteractionId
from omni.core.journal import Bus, Journal, Transaction
from omni.core.terms import AttemptOutcome
from omni.dialer.callbacks import callback_set
from omni.dialer.do_not_call import forbid
from omni.dialer.engine.detection import Truth
from omni.dialer.engine.followup import (
    Again,
    Finished,
    FollowUp,
    Forbidden,
    Promised,
    Tried,
    after_attempt,
    after_conversation,
    lock_s,
    number_done,
)
from omni.dialer.engine.profiles import profile_of
from omni.dialer.engine.trace import EVENTS, traced
from omni.dialer.engine.turns import in_turn
from omni.dialer.list_ports import ListStore
from omni.dialer.model import (
    BY_HAND,
    FORBID_KEY,
    Attempt,
    Campaign,
    ContactNumber,
    DoNotCall,
    Mode,
)
from omni.dialer.ports import (
    AttemptStore,
    CampaignStore,
    ContactStore,
    DoNotCallStore,
    Queueing,
    Telephone,
)

log = logging.getLogger(__name__)

_TRACES = [kind.TYPE for kind in EVENTS]
PERSON_ANSWERED = {AttemptOutcome.ANSWERED, AttemptOutcome.DROPPED, AttemptOutcome.HUNG_UP}


@dataclass(frozen=True, slots=True)
class AttemptParts:
    """What `Attempts` works with."""

    store: AttemptStore
    contacts: ContactStore
    campaigns: CampaignStore
    do_not_call: DoNotCallStore
    telephone: Telephone
    acd: Queueing
    journal: Journal
    bus: Bus
    clock: Clock
    identities: Identities
    lists: ListStore


class Attempts:
    """Ends attempts."""

    def __init__(self, parts: AttemptParts) -> None:
        self._parts = parts

    async def end(self, attempt: Attempt, outcome: AttemptOutcome, ring_s: float) -> None:
        """Give an attempt its outcome; nothing happens when it has one."""
        now = self._parts.clock.now()
        person = outcome in PERSON_ANSWERED
        interaction_id = InteractionId(attempt.attempt_id) if person else None
        async with self._parts.journal.transaction() as tx:
            first = await self._parts.store.end(
                attempt.attempt_id, now, outcome, interaction_id, ring_s
            )
            if not first:
                return
            await self._follow(tx, attempt, outcome, now)
            tx.emit(
                AttemptEnded(
                    attempt_id=attempt.attempt_id,
                    campaign_id=attempt.campaign_id,
                    contact_id=attempt.contact_id,
                    number=attempt.number,
                    name=attempt.name,
                    outcome=outcome,
                    ring_s=ring_s,
                    interaction_id=interaction_id,
                )
            )

    async def disposed(self, event: InteractionWrappedUp, at: datetime) -> None:
        """Let an agent's disposition decide about the contact. Repeating changes nothing."""
        assert event.attempt_id is not None
        attempt = await self._parts.store.get(event.attempt_id)
        if attempt is None:
            return
        contacts = self._parts.contacts
        await contacts.talked(attempt.contact_id, event.disposition)
        contact = await contacts.get(attempt.contact_id)
        if contact is None:
            return
        campaign = await self._parts.campaigns.get(attempt.campaign_id)
        if campaign is not None and campaign.quotas:
            await self._parts.lists.add_result(campaign, contact, event.disposition)
        in_this_one = contact.callback_attempt == attempt.attempt_id
        meaning = self._meaning(event.disposition)
        promised_at = contact.callback_at if in_this_one else None
        agentless = campaign is not None and campaign.mode is Mode.AGENTLESS
        if event.disposition != NO_DISPOSITION and not agentless:  # no machine asks for an agent
            truth = Truth.MACHINE if meaning is Meaning.MACHINE else Truth.PERSON
            await self._parts.store.judged(attempt.attempt_id, truth)
        follow = after_conversation(meaning, event.disposition, at, promised_at)
        if isinstance(follow, Forbidden):
            numbers = {attempt.number, *(one.number for one in contact.numbers)}
            await self._forbid(sorted(numbers), "disposition", event.agent_id, at)
        if contact.last_at == attempt.started_at:
            tx = self._parts.bus.current_transaction()
            if not in_this_one and await contacts.kept(contact.contact_id):
                tx.emit(callback_over(attempt))
            await self._apply(tx, attempt, follow, None)

    async def key_pressed(self, event: CallDigit, at: datetime) -> None:
        """Put who pressed the key for it on the do-not-call list. Repeating changes nothing."""
        attempt = await self._parts.store.get(event.attempt_id) if event.attempt_id else None
        if attempt is None or event.digit != FORBID_KEY:
            return
        campaign = await self._parts.campaigns.get(attempt.campaign_id)
        if campaign is not None and campaign.offers(event.digit):
            contact = await self._parts.contacts.get(attempt.contact_id)
            others = {one.number for one in contact.all_numbers} if contact else set()
            await self._forbid(sorted(others | {attempt.number}), "key_pressed", "", at)

    async def recover(self, known: Collection[AttemptId] = ()) -> None:
        """Bring every open attempt that nobody works on (`known`) to its outcome.

        A dead process left it, or a database that failed while saving it.

        What the journal knows of its call decides. An answered call whose end nobody saw counts as
        dropped: the careful side. A call that still rings is withdrawn.
        """
        live = await self._parts.telephone.live_attempts()
        for attempt in await self._parts.store.open():
            if attempt.attempt_id in known:
                continue
            campaign = await self._parts.campaigns.get(attempt.campaign_id)
            read = self._parts.journal.read(0, types=_TRACES, keys=[attempt.attempt_id])
            trace = traced(campaign, [recorded async for recorded in read])
            if trace.answered_at is not None:
                await self._parts.store.answered(
                    attempt.attempt_id, trace.answered_at, trace.ring_s
                )
            await self.end(attempt, trace.outcome, trace.ring_s)
            if attempt.attempt_id in live and trace.outcome is not AttemptOutcome.ANSWERED:
                await self._withdraw(attempt.attempt_id)

    async def _withdraw(self, attempt_id: AttemptId) -> None:
        try:
            await self._parts.telephone.hang_up(attempt_id)
        except Fault:
            log.warning("a call of an earlier process could not be withdrawn")

    async def _follow(
        self, tx: Transaction, attempt: Attempt, outcome: AttemptOutcome, now: datetime
    ) -> None:
        profile = profile_of(attempt.profile, attempt.profile_version)
        seconds = lock_s(profile, outcome)
        if seconds:
            until = now + timedelta(seconds=seconds)
            await self._parts.contacts.lock_number(attempt.number, until, outcome.value)
        if outcome is AttemptOutcome.ANSWERED:
            return  # the disposition decides
        campaign = await self._parts.campaigns.get(attempt.campaign_id)
        if campaign is None:
            return
        follow = await self._next(campaign, attempt, outcome, now)
        if campaign.mode in BY_HAND:
            asked = await self._parts.contacts.requested_over(attempt.contact_id)
            if asked and campaign.mode is Mode.MANUAL:
                follow = Finished(outcome.value)  # the agent decides whether to dial again
        await self._apply(tx, attempt, follow, outcome)

    async def _next(
        self, campaign: Campaign, attempt: Attempt, outcome: AttemptOutcome, now: datetime
    ) -> FollowUp:
        contacts = self._parts.contacts
        contact = await contacts.get(attempt.contact_id)
        numbers = contact.all_numbers if contact else (ContactNumber(attempt.number),)
        tried = Tried(
            outcome,
            await contacts.outcome_count(attempt.contact_id, attempt.number, outcome),
            in_turn(numbers, campaign.number_order, attempt.number),
        )
        if number_done(campaign, tried):
            await contacts.finish_number(attempt.contact_id, attempt.number, outcome.value)
        return after_attempt(campaign, tried, now)

    async def _apply(
        self, tx: Transaction, attempt: Attempt, follow: FollowUp, outcome: AttemptOutcome | None
    ) -> None:
        contacts, contact_id = self._parts.contacts, attempt.contact_id
        match follow:
            case Again(at, number):
                await contacts.reopen(contact_id, outcome, at, number)
            case Promised(at):
                await contacts.promise(contact_id, at)
                contact = await contacts.get(contact_id)
                if contact is not None:
                    tx.emit(callback_set(contact))
            case Finished(reason):
                if await contacts.finish(contact_id, reason, outcome):
                    tx.emit(callback_over(attempt))
            case Forbidden():
                if await contacts.finish(contact_id, "do_not_call", outcome):
                    tx.emit(callback_over(attempt))

    async def _forbid(self, numbers: Sequence[str], reason: str, by: str, at: datetime) -> None:
        """The person wants no more calls: none of their numbers is dialled again."""
        tx = self._parts.bus.current_transaction()
        for number in numbers:
            entry_id = self._parts.identities.new()
            entry = DoNotCall(entry_id, number, at, "", reason, by)
            await forbid(self._parts.do_not_call, tx, entry)

    def _meaning(self, disposition: str) -> Meaning:
        codes = self._parts.acd.codes(DISPOSITION)
        found = (code.meaning for code in codes if code.code == disposition)
        return next(found, Meaning.NEUTRAL)


def callback_over(attempt: Attempt) -> CallbackSet:
    """Return the event that the promise to the attempt's contact is kept or given up."""
    return CallbackSet(contact_id=attempt.contact_id, campaign_id=attempt.campaign_id)
