"""Campaigns: made, changed, started, paused, stopped; their contacts, and why they wait."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.outbound import CampaignSaved, CampaignStateChanged
from omni.core.ids import CampaignId, ContactId, QueueId
from omni.core.journal import Journal, Transaction
from omni.dialer.counting import Blocked, Counting
from omni.dialer.engine.gates import (
    Facts,
    Room,
    Situation,
    Verdict,
    choose,
    explain,
    facts_in_turn,
    first_verdict,
)
from omni.dialer.engine.life import FRESH, Order, after
from omni.dialer.engine.profiles import effective_ring_s, newest, profile_of
from omni.dialer.holidays import Holidays
from omni.dialer.list_ports import ListStore
from omni.dialer.model import Attempt, Campaign, Contact, ContactState, Counts, Mode
from omni.dialer.ports import AttemptStore, CampaignStore, ContactStore

NEVER_AGAIN = frozenset({"do_not_call"})


@dataclass(frozen=True, slots=True)
class NumberExplained:
    """What one of a contact's numbers waits for; `stopped` None: it may be dialled."""

    facts: Facts
    stopped: Verdict | None


@dataclass(frozen=True, slots=True)
class Explained:
    """Every gate's answer for one contact, by the number whose turn it is, and for each number."""

    contact_id: ContactId
    at: datetime
    number: str
    verdicts: list[Verdict]
    numbers: list[NumberExplained]


@dataclass(frozen=True, slots=True)
class CampaignParts:
    """What `Campaigns` works with."""

    store: CampaignStore
    contacts: ContactStore
    attempts: AttemptStore
    journal: Journal
    clock: Clock
    identities: Identities
    holidays: Holidays
    lists: ListStore


class Campaigns:
    """The service of campaigns. `changed` is told of every change (the dialing listens)."""

    def __init__(self, parts: CampaignParts) -> None:
        self._store = parts.store
        self._contacts = parts.contacts
        self._attempts = parts.attempts
        self._journal = parts.journal
        self._clock = parts.clock
        self._identities = parts.identities
        self._holidays = parts.holidays
        self._lists = parts.lists
        self._counting = Counting(parts.contacts, parts.clock, self._present)
        self.tend: Callable[[Campaign], Awaitable[None]] | None = None
        self.changed: Callable[[Campaign], Awaitable[None]] | None = None
        self.room: Callable[[Campaign], Room] = lambda _: Room()
        self.can_be_said: Callable[[str], bool] = lambda _: True
        self.free_agents: Callable[[Campaign], frozenset[str]] = lambda _: frozenset()

    def now(self) -> datetime:
        """Return the present instant of the campaigns' clock."""
        return self._clock.now()

    async def all(self) -> list[Campaign]:
        """Return all campaigns, newest first."""
        return await self._store.all()

    async def get(self, campaign_id: CampaignId) -> Campaign:
        """Return a campaign.

        Raises:
            NotFound: there is none of that id.
        """
        campaign = await self._store.get(campaign_id)
        if campaign is None:
            raise NotFound("campaign", "there is no such campaign")
        return campaign

    async def counts(self, campaign_id: CampaignId) -> Counts:
        """Return how the campaign's contacts stand."""
        return await self._contacts.counts(campaign_id)

    async def create(self, *, name: str, queue_id: str, **fields: Any) -> Campaign:
        """Make a campaign, a draft. Fields are those of `Campaign`.

        Raises:
            Invalid: `campaign.profile`: there is no such rule profile. `announcement_unknown`.
        """
        campaign = Campaign(
            campaign_id=CampaignId(self._identities.new()),
            name=name,
            queue_id=QueueId(queue_id),
            created_at=self._clock.now(),
        )
        self._check_said(fields)
        return await self._save(_with(campaign, fields))

    async def change(self, campaign_id: CampaignId, **fields: Any) -> Campaign:
        """Change a campaign, also while it runs. Fields are those of `Campaign`.

        Raises:
            NotFound, Invalid: no such campaign, rule profile or announcement. Conflict:
            `campaign.mode_fixed`: what has begun with agents goes on with agents, and without
            without.
        """
        before = await self.get(campaign_id)
        if fields.get("answer_detection") and not before.answer_detection:
            fields |= {"detection_off": "", "detection_since": self._clock.now()}
        self._check_said(fields)
        campaign = _with(before, fields)
        agentless = [one.mode is Mode.AGENTLESS for one in (before, campaign)]
        if before.started_at is not None and agentless[0] != agentless[1]:
            raise Conflict("campaign.mode_fixed", "the campaign has begun in another way")
        return await self._save(campaign)

    def _check_said(self, fields: dict[str, Any]) -> None:
        for field in ("message", "drop_message"):
            said = fields.get(field, "")
            if said and not self.can_be_said(said):
                raise Invalid("announcement_unknown", "no such announcement", field=field)

    async def order(self, campaign_id: CampaignId, order: Order, reason: str = "") -> Campaign:
        """Start, pause, drain or stop a campaign; `omni.dialer.engine.life` says what may follow.

        A start from rest is under the newest version of the rule profile; otherwise the campaign
        keeps its version until `adopt_rules`.

        Raises:
            NotFound: no such campaign. Conflict: `campaign.state`: not in its present state;
            `campaign.no_message`: an agentless campaign has nothing to say.
        """
        before = await self.get(campaign_id)
        state = after(before.state, order)
        if state is None:
            raise Conflict("campaign.state", "not in this state", state=before.state.value)
        if order is Order.START and before.mode is Mode.AGENTLESS and not before.message:
            raise Conflict("campaign.no_message", "there is no message to play")
        campaign = replace(before, state=state)
        if order is Order.START:
            campaign = replace(campaign, started_at=self._clock.now())
            campaign = _newest_rules(campaign) if before.state in FRESH else campaign
        return await self._save(
            campaign,
            CampaignStateChanged(
                campaign_id=campaign_id, state=state, previous=before.state, reason=reason
            ),
        )

    async def start(self, campaign_id: CampaignId) -> Campaign:
        """Let a campaign dial. Raises as `order`."""
        return await self.order(campaign_id, Order.START)

    async def pause(self, campaign_id: CampaignId) -> Campaign:
        """Dial no more for now; what is in the air goes on. Raises as `order`."""
        return await self.order(campaign_id, Order.PAUSE)

    async def adopt_rules(self, campaign_id: CampaignId) -> Campaign:
        """Go on under the newest version of the campaign's rule profile, also while it runs.

        Raises:
            NotFound: no such campaign.
        """
        return await self._save(_newest_rules(await self.get(campaign_id)))

    async def contacts(
        self,
        campaign_id: CampaignId,
        *,
        q: str = "",
        state: ContactState | None = None,
        page: int = 1,
        page_rows: int = 50,
    ) -> tuple[int, list[Contact]]:
        """Return the total and one page (from 1) of a campaign's contacts, in list order."""
        await self.get(campaign_id)
        skip = (page - 1) * page_rows
        return await self._contacts.page(campaign_id, q=q, state=state, skip=skip, take=page_rows)

    def attempts(self, campaign_id: CampaignId) -> AsyncIterator[Attempt]:
        """Yield a campaign's attempts, oldest first."""
        return self._attempts.of_campaign(campaign_id)

    async def blocked(self, campaign_id: CampaignId) -> Blocked:
        """Count the campaign's contacts by the first gate that is closed for them, now.

        Raises:
            NotFound: no such campaign.
        """
        return await self._counting.at_once(campaign_id)

    async def blocked_lately(self, campaign_id: CampaignId, for_s: float) -> Blocked:
        """Return what `blocked` counts as it was a moment ago, or in part; see `counting`.

        Raises:
            NotFound: no such campaign.
        """
        return await self._counting.within(campaign_id, for_s)

    async def some_left(self, campaign_id: CampaignId) -> bool:
        """Tell whether a contact is talked to, or open and not stopped by the list plan."""
        return await self._contacts.some_left(campaign_id)

    async def contact_blocked(self, contact_id: ContactId) -> Explained:
        """Return every gate's answer for one contact.

        Raises:
            NotFound: no such contact.
        """
        contact = await self._contacts.get(contact_id)
        if contact is None:
            raise NotFound("contact", "there is no such contact")
        campaign, now = await self.get(contact.campaign_id), self._clock.now()
        found = (await self._contacts.facts([contact], now))[contact_id]
        numbers = facts_in_turn(found, contact, campaign)
        situation = await self._with_quotas(campaign, now)
        chosen = choose(numbers, situation)
        each = [NumberExplained(one, first_verdict(one, situation)) for one in numbers]
        return Explained(contact_id, now, chosen.number, explain(chosen, situation), each)

    def situation(self, campaign: Campaign, now: datetime) -> Situation:
        """Return what the gates look at besides the contact."""
        room = self.room(campaign)
        agentless = campaign.mode is Mode.AGENTLESS
        profile = profile_of(campaign.profile, campaign.profile_version)
        return Situation(
            now=now,
            state=campaign.state,
            profile=profile,
            ring_s=effective_ring_s(profile, campaign.ring_s),
            hours=campaign.hours,
            max_attempts=campaign.max_attempts,
            max_attempts_number=campaign.max_attempts_number,
            room=replace(room, agents=max(1, room.agents)) if agentless else room,
            holidays=self._holidays.of(campaign.holiday_region),
            consent_required=campaign.consent_required or agentless,
            free_agents=self.free_agents(campaign),
            callback_wait_s=60.0 * campaign.callback_wait_min,
        )

    async def _present(self, campaign_id: CampaignId) -> Situation:
        return await self._with_quotas(await self.get(campaign_id), self._clock.now())

    async def _with_quotas(self, campaign: Campaign, now: datetime) -> Situation:
        stands = await self._lists.quota_stands(campaign)
        return replace(self.situation(campaign, now), quotas=stands)

    async def finish_reasons(self, campaign_id: CampaignId) -> dict[str, int]:
        """Count the campaign's finished contacts by the reason, the most frequent first.

        Raises:
            NotFound: no such campaign.
        """
        await self.get(campaign_id)
        return await self._contacts.finish_reasons(campaign_id)

    async def recycle(self, campaign_id: CampaignId, reasons: Sequence[str]) -> int:
        """Let contacts that finished for one of these reasons be dialled again; return how many.

        They get the campaign's attempts anew; what the law counts stays counted. Who asked not to
        be called stays finished.

        Raises:
            NotFound: no such campaign.
        """
        campaign = await self.get(campaign_id)
        wanted = [reason for reason in reasons if reason not in NEVER_AGAIN]
        async with self._journal.transaction():
            recycled = await self._contacts.recycle(campaign_id, wanted, self._clock.now())
        if self.changed is not None:
            await self.changed(campaign)
        return recycled

    async def record_consent(
        self, contact_id: ContactId, at: datetime | None, source: str
    ) -> Contact:
        """Note that a contact agreed to be called, or (`at` None) no longer does.

        Raises:
            NotFound: no such contact.
        """
        async with self._journal.transaction():
            await self._contacts.set_consent(contact_id, at, source)
        contact = await self._contacts.get(contact_id)
        if contact is None:
            raise NotFound("contact", "there is no such contact")
        return contact

    async def _save(
        self, campaign: Campaign, transition: CampaignStateChanged | None = None
    ) -> Campaign:
        async with self._journal.transaction() as tx:
            await self._store.save(campaign)
            _announce(tx, campaign)
            if transition is not None:
                tx.emit(transition)
        self._counting.forget(campaign.campaign_id)
        if self.changed is not None:
            await self.changed(campaign)
        return campaign


def _announce(tx: Transaction, campaign: Campaign) -> None:
    tx.emit(
        CampaignSaved(
            campaign_id=campaign.campaign_id,
            name=campaign.name,
            queue_id=campaign.queue_id,
            mode=campaign.mode,
            state=campaign.state,
            drop_limit_pct=campaign.drop_limit_pct,
        )
    )


def _with(campaign: Campaign, fields: dict[str, Any]) -> Campaign:
    if fields.get("profile", campaign.profile) != campaign.profile:
        profile = newest(fields["profile"])
        if profile is None:
            raise Invalid("campaign.profile", "there is no such rule profile", field="profile")
        fields = {**fields, "profile_version": profile.version}
    return replace(campaign, **fields)


def _newest_rules(campaign: Campaign) -> Campaign:
    profile = newest(campaign.profile)
    return replace(campaign, profile_version=profile.version) if profile else campaign
