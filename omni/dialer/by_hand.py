"""Dialling by hand: numbers that agents type in, and contacts that are shown to them first.

Rules:
1. A call that an agent asks for is a personal callback of this instant: it passes the same gates,
   goes to this agent, and is written down like any other attempt.
2. Only what the campaign asks of itself (attempts, retry delay) does not hold for a number that is
   typed in: an agent may dial a contact again. The law's gates hold.
3. A contact that is shown to an agent is set back until the time is over, so that nobody else gets
   it and no crash loses it. An agent who gets other work sees it no more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, Forbidden, Invalid
from omni.core.events.outbound import PreviewShown
from omni.core.ids import AgentId, CampaignId, ContactId, QueueId
from omni.core.journal import Journal
from omni.dialer.engine.gates import Situation, first_closed
from omni.dialer.engine.numbers import normalise
from omni.dialer.hopper import Hopper
from omni.dialer.list_ports import ImportStore
from omni.dialer.model import (
    REQUESTED,
    Callback,
    Campaign,
    CampaignState,
    Contact,
    ContactState,
    Mode,
    PreviewThen,
)
from omni.dialer.ports import ContactStore
from omni.dialer.service import Campaigns

SKIPPED_FOR = timedelta(hours=1)
MARGIN = timedelta(seconds=5)  # between the end of a preview and the next look at its contact
REST = timedelta(seconds=3)  # an agent who asked for a call is shown nothing while it begins


@dataclass(frozen=True, slots=True)
class Preview:
    """A contact shown to an agent."""

    campaign_id: CampaignId
    contact_id: ContactId
    agent_id: AgentId
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class ByHandParts:
    """What `ByHand` works with."""

    campaigns: Campaigns
    contacts: ContactStore
    imports: ImportStore
    journal: Journal
    clock: Clock
    identities: Identities


class ByHand:
    """What agents dial themselves. `show` is called by the dialling, the rest by agents.

    `serves` says whose campaigns are whose: an agent works for those of the queues they serve.
    """

    def __init__(self, parts: ByHandParts) -> None:
        self._parts = parts
        self._shown: dict[str, Preview] = {}
        self._resting: dict[str, datetime] = {}
        self.serves: Callable[[AgentId, QueueId], bool] = lambda *_: True

    async def open_campaigns(self, agent_id: AgentId) -> list[Campaign]:
        """Return the campaigns for which an agent may dial a number now."""
        running = [
            one
            for one in await self._parts.campaigns.all()
            if one.state is CampaignState.RUNNING and self.serves(agent_id, one.queue_id)
        ]
        return sorted(running, key=lambda one: (one.mode is not Mode.MANUAL, one.name))

    async def dial(self, agent_id: AgentId, campaign_id: CampaignId, text: str, name: str) -> None:
        """Dial a number for an agent, within a second.

        Raises:
            NotFound: no such campaign. Forbidden: `dial.other_queue`: it is not the agent's.
            Invalid: `number.invalid`. Conflict: `dial.stopped`: a gate is closed (`gate` names it);
            nothing will be dialled.
        """
        campaign = await self._parts.campaigns.get(campaign_id)
        if not self.serves(agent_id, campaign.queue_id):
            raise Forbidden("dial.other_queue", "the agent does not work for this campaign")
        number = normalise(text, campaign.default_region)
        if number is None:
            raise Invalid("number.invalid", "this is not a phone number", field="number")
        contact = await self._parts.contacts.with_number(campaign_id, number.e164)
        if contact is None:
            contact = Contact(
                contact_id=ContactId(self._parts.identities.new()),
                campaign_id=campaign_id,
                number=number.e164,
                name=name,
                zones=number.zones,
            )
            async with self._parts.journal.transaction():
                await self._parts.imports.insert_contacts(REQUESTED, [contact])
            contact = await self._parts.contacts.with_number(campaign_id, number.e164) or contact
        await self._check(campaign, contact, agent_id)
        await self._request(contact, agent_id)

    async def dial_shown(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Dial the contact that the agent sees.

        Raises:
            Conflict: `preview.gone`: the agent sees it no more. `dial.stopped`: as `dial`.
        """
        preview = self._seen(agent_id, contact_id)
        contact = await self._parts.contacts.get(contact_id)
        if contact is not None:
            campaign = await self._parts.campaigns.get(preview.campaign_id)
            await self._check(campaign, contact, agent_id)
            await self._request(contact, agent_id, preview)

    async def skip_shown(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Set the contact that the agent sees back by an hour.

        Raises:
            Conflict: as `dial_shown`.
        """
        preview = self._seen(agent_id, contact_id)
        await self._end(preview, self._parts.clock.now() + SKIPPED_FOR)

    async def show(
        self, campaign: Campaign, free: frozenset[str], situation: Situation, hopper: Hopper
    ) -> None:
        """Show contacts to free agents, and end what is over."""
        now = situation.now
        mine = [
            one
            for one in self._shown.values()
            if one.campaign_id == campaign.campaign_id or one.until + MARGIN < now
        ]
        for preview in mine:
            if preview.agent_id not in free:
                await self._end(preview, now)
            elif now >= preview.until:
                await self._ran_out(campaign, preview, now)
        self._resting = {agent: at for agent, at in self._resting.items() if at > now}
        idle = sorted(free - self._shown.keys() - self._resting.keys())
        if not idle or campaign.mode is not Mode.PREVIEW:
            return
        for contact in await hopper.take(campaign, situation, len(idle)):
            await self._show(campaign, contact, AgentId(idle.pop()), now)

    def shown(self, campaign_id: CampaignId) -> list[Preview]:
        """Return which of a campaign's contacts agents see."""
        return [one for one in self._shown.values() if one.campaign_id == campaign_id]

    async def take_back(self, preview: Preview) -> None:
        """Let an agent see a contact no more."""
        await self._end(preview, self._parts.clock.now())

    async def withdraw(self, campaign_id: CampaignId) -> None:
        """The campaign dials no more: nobody sees its contacts, and what was asked for is over."""
        for preview in self.shown(campaign_id):
            await self.take_back(preview)
        async with self._parts.journal.transaction():
            await self._parts.contacts.withdraw_requests(campaign_id)

    async def _ran_out(self, campaign: Campaign, preview: Preview, now: datetime) -> None:
        if campaign.preview_then is PreviewThen.DIAL:
            contact = await self._parts.contacts.get(preview.contact_id)
            if contact is not None and contact.state is ContactState.OPEN:
                await self._request(contact, preview.agent_id, preview)
                return
        await self._end(preview, now + SKIPPED_FOR)

    async def _show(
        self, campaign: Campaign, contact: Contact, agent_id: AgentId, now: datetime
    ) -> None:
        until = now + timedelta(seconds=campaign.preview_s)
        self._shown[agent_id] = Preview(
            campaign.campaign_id, contact.contact_id, agent_id, contact.number, until
        )
        async with self._parts.journal.transaction() as tx:
            await self._parts.contacts.postpone([contact.contact_id], until + MARGIN)
            await self._parts.contacts.turn_to(contact.contact_id, contact.number)
            tx.emit(
                PreviewShown(
                    agent_id=agent_id,
                    campaign_id=campaign.campaign_id,
                    contact_id=contact.contact_id,
                    number=contact.number,
                    name=contact.name,
                    fields=dict(contact.extra),
                    attempts=contact.attempts,
                    until=until,
                )
            )

    async def _end(self, preview: Preview, next_at: datetime) -> None:
        self._shown.pop(preview.agent_id, None)
        async with self._parts.journal.transaction() as tx:
            await self._parts.contacts.postpone([preview.contact_id], next_at)
            tx.emit(PreviewShown(agent_id=preview.agent_id, campaign_id=preview.campaign_id))

    async def _request(
        self, contact: Contact, agent_id: AgentId, preview: Preview | None = None
    ) -> None:
        now = self._parts.clock.now()
        self._resting[agent_id] = now + REST
        async with self._parts.journal.transaction() as tx:
            await self._parts.contacts.turn_to(contact.contact_id, contact.number)
            callback = Callback(now, agent_id, "", REQUESTED)
            await self._parts.contacts.plan_callback(contact.contact_id, callback)
            await self._parts.contacts.promise(contact.contact_id, now)
            if preview is not None:
                tx.emit(PreviewShown(agent_id=agent_id, campaign_id=preview.campaign_id))
        if preview is not None:
            self._shown.pop(agent_id, None)

    async def _check(self, campaign: Campaign, contact: Contact, agent_id: AgentId) -> None:
        now = self._parts.clock.now()
        situation = self._parts.campaigns.situation(campaign, now)
        numbers = (await self._parts.contacts.facts([contact], now))[contact.contact_id]
        facts = next(one for one in numbers if one.number == contact.number)
        done = facts.state is ContactState.DONE
        asked = replace(
            facts,
            state=ContactState.OPEN if done else facts.state,
            next_at=None,
            callback_at=now,
            callback_agent=agent_id,
        )
        gate = first_closed(
            asked, replace(situation, room=replace(situation.room, agents=1), callback_wait_s=60.0)
        )
        if gate is not None:
            raise Conflict("dial.stopped", "this number may not be dialled now", gate=gate.value)

    def _seen(self, agent_id: AgentId, contact_id: ContactId) -> Preview:
        preview = self._shown.get(agent_id)
        if preview is None or preview.contact_id != contact_id:
            raise Conflict("preview.gone", "this contact is not shown any more")
        return preview
