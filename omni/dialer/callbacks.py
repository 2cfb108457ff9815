"""Promises to call at a time: made by agents in conversations, or by managers.

Rules:
1. A promise made in a conversation is noted at once and armed by the disposition
   (`omni.dialer.engine.followup`), so that it cannot be dialled while the agent still talks.
2. A contact has at most one promise; a new one takes its place.
3. A promise stands with the contact: what keeps contacts from being dialled twice or lost keeps
   promises, too.
"""

from datetime import datetime, timedelta

from omni.core.clock import Clock
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.outbound import CallbackSet
from omni.core.ids import AttemptId, ContactId, InteractionId
from omni.core.journal import Journal
from omni.dialer.model import Callback, CallbackSearch, Contact, ContactState
from omni.dialer.ports import AttemptStore, ContactStore

AHEAD = timedelta(days=366)
ALL = 10**9
BEHIND = timedelta(minutes=5)  # the form was filled in a while ago: that means "now"


def callback_set(contact: Contact) -> CallbackSet:
    """Return the event that a promise stands as the contact says."""
    return CallbackSet(
        contact_id=contact.contact_id,
        campaign_id=contact.campaign_id,
        number=contact.number,
        name=contact.name,
        agent_id=contact.callback_agent,
        at=contact.callback_at,
        note=contact.callback_note,
    )


class Callbacks:
    """The service of callbacks."""

    def __init__(
        self, contacts: ContactStore, attempts: AttemptStore, journal: Journal, clock: Clock
    ) -> None:
        self._contacts = contacts
        self._attempts = attempts
        self._journal = journal
        self._clock = clock

    async def promise(
        self, interaction_id: InteractionId, at: datetime, agent_id: str, note: str
    ) -> None:
        """Promise the person of a conversation a call; the disposition arms it.

        Args:
            agent_id: who is to call, "" = anybody of the campaign.

        Raises:
            NotFound: no attempt of a campaign. Invalid: `callback.time`: in the past, or too far.
        """
        attempt = await self._attempts.get(AttemptId(interaction_id))
        if attempt is None:
            raise NotFound("attempt", "this is no conversation of a campaign")
        callback = Callback(self._checked(at), agent_id, note, attempt.attempt_id)
        async with self._journal.transaction():
            await self._contacts.plan_callback(attempt.contact_id, callback)

    async def put(self, contact_id: ContactId, at: datetime, agent_id: str, note: str) -> Contact:
        """Promise a contact a call, or move the promise.

        Raises:
            NotFound: no such contact. Invalid: `callback.time`. Conflict: `callback.dialing`: the
            contact is being called at this moment.
        """
        contact = await self._idle(contact_id)
        callback = Callback(self._checked(at), agent_id, note)
        async with self._journal.transaction() as tx:
            await self._contacts.plan_callback(contact.contact_id, callback)
            await self._contacts.promise(contact.contact_id, callback.at)
            after = await self._contacts.get(contact_id)
            assert after is not None
            tx.emit(callback_set(after))
        return after

    async def cancel(self, contact_id: ContactId) -> Contact:
        """Give a promise up; the contact is done.

        Raises:
            NotFound, Conflict: as `put`.
        """
        contact = await self._idle(contact_id)
        if contact.callback_at is None:
            return contact
        async with self._journal.transaction() as tx:
            await self._contacts.finish(contact_id, "callback_cancelled")
            after = await self._contacts.get(contact_id)
            assert after is not None
            tx.emit(callback_set(after))
        return after

    async def standing(self) -> list[CallbackSet]:
        """Return all promises that are not kept yet, as events."""
        _, contacts = await self._contacts.callback_page(CallbackSearch(), 0, ALL)
        return [callback_set(contact) for contact in contacts]

    async def page(
        self, search: CallbackSearch, page: int, page_rows: int
    ) -> tuple[int, list[Contact]]:
        """Return the total and one page (from 1) of promises, the earliest first."""
        return await self._contacts.callback_page(search, (page - 1) * page_rows, page_rows)

    def now(self) -> datetime:
        """Return the present instant of the promises' clock."""
        return self._clock.now()

    async def _idle(self, contact_id: ContactId) -> Contact:
        contact = await self._contacts.get(contact_id)
        if contact is None:
            raise NotFound("contact", "there is no such contact")
        if contact.state is ContactState.DIALING:
            raise Conflict("callback.dialing", "the contact is being called at this moment")
        return contact

    def _checked(self, at: datetime) -> datetime:
        now = self._clock.now()
        if not now - BEHIND <= at <= now + AHEAD:
            raise Invalid("callback.time", "this is not a time to come", field="at")
        return max(at, now)
