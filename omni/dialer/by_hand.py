"""Dialling by hand: numbers that agents type in, and contacts that are shown to them first.

Rules:
1. A call that an agent asks for is a personal callback of this instant: it passes the same gates,
   goes to this agent, and is written down like any other attempt.
2. Only what the campaign asks of itself (attempts, retry delay) does not hold for a number that is
   typed in: an agent may dial a contact again. The law's gates hold.
3. A contact that is shown to an agent is set back until the time is over, so that nobody else gets
   it and no crash loses it.
4. What is shown or asked for is the agent's own call (`own_calls`). When the ACD says that they
   have it no more, it is shown no more, and not dialled for them.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, Forbidden, Invalid
from omni.core.events.outbound import PreviewShown
from omni.core.ids import AgentId, CampaignId, ContactId
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
from omni.dialer.own_calls import OwnCalls
from omni.dialer.ports import ContactStore, Queueing
from omni.dialer.service import Campaigns

SKIPPED_FOR = timedelta(hours=1)
MARGIN = timedelta(seconds=5)  # between the end of a preview and the next look at its contact
ASKED_S = 30.0  # how long a call that was asked for may wait for a line


@dataclass(frozen=True, slots=True)
class Preview:
    """A contact shown to an agent."""

    campaign_id: CampaignId
    contact_id: ContactId
    agent_id: AgentId
    number: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A contact that an agent wants dialled."""

    campaign_id: CampaignId
    contact_id: ContactId


@dataclass(frozen=True, slots=True)
class ByHandParts:
    """What `ByHand` works with."""

    campaigns: Campaigns
    contacts: ContactStore
    imports: ImportStore
    journal: Journal
    clock: Clock
    identities: Identities
    acd: Queueing


class ByHand:
    """What agents dial themselves, for the campaigns of the queues that they serve.

    `dial`, `dial_shown` and `skip_shown` are called for agents, the rest by the dialling.
    """

    def __init__(self, parts: ByHandParts) -> None:
        self._parts = parts
        self._own_calls = OwnCalls(parts.acd, parts.clock)
        self._shown: dict[AgentId, Preview] = {}
        self._asked: dict[AgentId, Asked] = {}

    async def open_campaigns(self, agent_id: AgentId) -> list[Campaign]:
        """Return the campaigns for which an agent may dial a number now."""
        running = [
            one
            for one in await self._parts.campaigns.all()
            if one.state is CampaignState.RUNNING
            and self._parts.acd.serves(agent_id, one.queue_id, one.needs)
        ]
        return sorted(running, key=lambda one: (one.mode is not Mode.MANUAL, one.name))

    async def dial(self, agent_id: AgentId, campaign_id: CampaignId, text: str, name: str) -> None:
        """Dial a number for an agent, within a second.

        Raises:
            NotFound: no such campaign. Forbidden: `dial.other_queue`: it is not the agent's.
            Invalid: `number.invalid`. Conflict: `dial.stopped`: a gate is closed (`gate` names it),
            `agent_not_free`: the agent has no room for a call; nothing will be dialled.
        """
        campaign = await self._parts.campaigns.get(campaign_id)
        if not self._parts.acd.serves(agent_id, campaign.queue_id, campaign.needs):
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
        await self._request(campaign, contact, agent_id)

    async def dial_shown(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Dial the contact that the agent sees.

        Raises:
            Conflict: `preview.gone`: the agent sees it no more. The others: as `dial`.
        """
        preview = self._seen(agent_id, contact_id)
        contact = await self._parts.contacts.get(contact_id)
        if contact is not None:
            campaign = await self._parts.campaigns.get(preview.campaign_id)
            await self._check(campaign, contact, agent_id)
            await self._request(campaign, contact, agent_id)

    async def skip_shown(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Set the contact that the agent sees back by an hour.

        Raises:
            Conflict: `preview.gone`.
        """
        preview = self._seen(agent_id, contact_id)
        await self._end(preview, self._parts.clock.now() + SKIPPED_FOR)

    async def look(self, campaign: Campaign, now: datetime) -> None:
        """End what is over: its time has passed, or the ACD has taken the own call away."""
        own_calls = self._own_calls.of(campaign.campaign_id)
        for preview in list(self._shown.values()):
            if preview.campaign_id != campaign.campaign_id:
                if preview.until + MARGIN < now:
                    await self._end(preview, now)
                continue
            own = own_calls.get(preview.agent_id)
            stands = own is not None and own.contact_id == preview.contact_id
            if not stands or campaign.mode is not Mode.PREVIEW:
                await self._end(preview, now)
            elif now >= preview.until:
                await self._ran_out(campaign, preview, now)
        for agent_id, contact_id in self.asked(campaign.campaign_id).items():
            own = own_calls.get(agent_id)
            if own is None or own.contact_id != contact_id:
                await self.give_up(agent_id)

    async def show(self, campaign: Campaign, situation: Situation, hopper: Hopper) -> None:
        """Show contacts to free agents."""
        free = situation.free_agents - self._shown.keys() - self._asked.keys()
        idle = [AgentId(agent) for agent in sorted(free)]
        for contact in await hopper.take(campaign, situation, len(idle)) if idle else []:
            await self._show(campaign, contact, idle.pop(), situation.now)

    def shown(self, campaign_id: CampaignId) -> list[Preview]:
        """Return which of a campaign's contacts agents see."""
        return [one for one in self._shown.values() if one.campaign_id == campaign_id]

    def asked(self, campaign_id: CampaignId) -> dict[AgentId, ContactId]:
        """Return which of a campaign's contacts are to be dialled because an agent says so."""
        return {
            agent_id: asked.contact_id
            for agent_id, asked in self._asked.items()
            if asked.campaign_id == campaign_id
        }

    def begun(self, agent_id: AgentId) -> None:
        """What the agent asked for is being dialled."""
        self._asked.pop(agent_id, None)

    async def give_up(self, agent_id: AgentId) -> None:
        """What the agent asked for is not dialled."""
        asked = self._asked.pop(agent_id, None)
        if asked is not None:
            await self._own_calls.over(agent_id, asked.contact_id)
            async with self._parts.journal.transaction():
                await self._parts.contacts.requested_over(asked.contact_id)

    async def take_back(self, preview: Preview) -> None:
        """Let an agent see a contact no more."""
        await self._end(preview, self._parts.clock.now())

    async def withdraw(self, campaign_id: CampaignId) -> None:
        """The campaign dials no more: nobody sees its contacts, and what was asked for is over."""
        for preview in self.shown(campaign_id):
            await self.take_back(preview)
        for agent_id in self.asked(campaign_id):
            await self.give_up(agent_id)
        async with self._parts.journal.transaction():
            await self._parts.contacts.withdraw_requests(campaign_id)

    async def recover(self, campaign: Campaign) -> None:
        """Take up what an earlier process has shown; what it was asked for is over."""
        for agent_id, own in self._own_calls.of(campaign.campaign_id).items():
            contact = await self._parts.contacts.get(own.contact_id)
            if own.dialling or contact is None or contact.next_at is None:
                await self._own_calls.over(agent_id, own.contact_id)
                continue
            self._shown[agent_id] = Preview(
                campaign.campaign_id,
                own.contact_id,
                agent_id,
                contact.number,
                contact.next_at - MARGIN,
            )

    async def _ran_out(self, campaign: Campaign, preview: Preview, now: datetime) -> None:
        if campaign.preview_then is PreviewThen.DIAL:
            contact = await self._parts.contacts.get(preview.contact_id)
            if contact is not None and contact.state is ContactState.OPEN:
                with contextlib.suppress(Conflict):  # the agent has gone
                    await self._request(campaign, contact, preview.agent_id)
                    return
        await self._end(preview, now + SKIPPED_FOR)

    async def _show(
        self, campaign: Campaign, contact: Contact, agent_id: AgentId, now: datetime
    ) -> None:
        until = now + timedelta(seconds=campaign.preview_s)
        life_s = campaign.preview_s + MARGIN.total_seconds()
        if not await self._own_calls.show(campaign, contact.contact_id, agent_id, life_s):
            return
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
        await self._own_calls.over(preview.agent_id, preview.contact_id)

    async def _request(self, campaign: Campaign, contact: Contact, agent_id: AgentId) -> None:
        """Have the contact dialled for the agent, who sees it no more."""
        await self._own_calls.dial(campaign, contact.contact_id, agent_id, ASKED_S)
        now = self._parts.clock.now()
        preview = self._shown.get(agent_id)
        async with self._parts.journal.transaction() as tx:
            await self._parts.contacts.turn_to(contact.contact_id, contact.number)
            callback = Callback(now, agent_id, "", REQUESTED)
            await self._parts.contacts.plan_callback(contact.contact_id, callback)
            await self._parts.contacts.promise(contact.contact_id, now)
            if preview is not None:
                tx.emit(PreviewShown(agent_id=agent_id, campaign_id=campaign.campaign_id))
        self._shown.pop(agent_id, None)
        self._asked[agent_id] = Asked(campaign.campaign_id, contact.contact_id)

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
        room = replace(situation.room, agents=1)
        gate = first_closed(asked, replace(situation, room=room, free_agents=frozenset({agent_id})))
        if gate is not None:
            raise Conflict("dial.stopped", "this number may not be dialled now", gate=gate.value)

    def _seen(self, agent_id: AgentId, contact_id: ContactId) -> Preview:
        preview = self._shown.get(agent_id)
        if preview is None or preview.contact_id != contact_id:
            raise Conflict("preview.gone", "this contact is not shown any more")
        return preview
