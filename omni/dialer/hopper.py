"""The hopper: contacts of one campaign that passed the gates and are dialled next.

Rules:
1. A contact passes the gates twice, both times with what is known of its numbers then: when it
   enters the hopper and when it leaves, as anything may have changed in between (another campaign
   called the number, the person took the consent back).
2. What was promised is asked for by itself and comes before all that is ready.
3. A contact leaves with the number that is to be dialled: of those in turn the first that is open.
4. What a gate stops at the hopper leaves the way of the others: it waits until the gate can open
   again, or is done when it never will.
5. Of contacts that share a number one at a time is dialled: what the law counts of the others is
   known only then.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from omni.core.ids import ContactId
from omni.dialer.engine.gates import (
    STAYS_CLOSED,
    Facts,
    Gate,
    Room,
    Situation,
    choose,
    facts_in_turn,
    first_closed,
    may_ring,
    opens_at,
    own_facts,
)
from omni.dialer.engine.selection import Mix, spend
from omni.dialer.list_ports import ListStore, ReadyAsked
from omni.dialer.model import REQUESTED, Campaign, Contact, ContactNumber, ContactState
from omni.dialer.ports import ContactStore, PromisesAsked

REFILL_MIN = 50
PROMOTED_AT_ONCE = 2000  # contacts whose time has come: some milliseconds
PROMISES_EVERY_S = 1.0
REFILL_EMPTY_S = 2.0  # an empty list is asked again after so long
LOOK_AGAIN = timedelta(minutes=10)  # at a gate that time does not open by itself
PASSING = {Gate.FINISHED, Gate.CALLBACK}  # done meanwhile; the agent is there in a moment


class Hopper:
    """Contacts ready to dial. `take` them; it fills itself, list by list as they are mixed."""

    def __init__(self, contacts: ContactStore, lists: ListStore) -> None:
        self._contacts = contacts
        self._lists = lists
        self._mix = Mix()
        self._ready: deque[Contact] = deque()
        self._ask_after: datetime | None = None
        self._promises_after: datetime | None = None

    @property
    def size(self) -> int:
        return len(self._ready)

    def clear(self) -> None:
        """Forget what is ready: the campaign has changed."""
        self._ready.clear()
        self._promises_after = None
        self._ask_after = None

    def empty(self) -> bool:
        """Tell whether there was nothing to dial when the database was asked last."""
        return not self._ready and self._ask_after is not None

    async def take(self, campaign: Campaign, situation: Situation, count: int) -> list[Contact]:
        """Return up to `count` contacts that may be dialled now."""
        if len(self._ready) < count:
            await self._refill(campaign, situation, max(REFILL_MIN, 2 * count))
        if campaign.quotas:
            stands = await self._lists.quota_stands(campaign)
            situation = replace(situation, quotas=stands)
        # Whom the room or a quota that fills meanwhile stops is left in the list, not set aside.
        calm = replace(situation, room=Room())
        taken: list[Contact] = []
        while self._ready and len(taken) < count:
            wanted = min(count - len(taken), len(self._ready))
            leaving = [self._ready.popleft() for _ in range(wanted)]
            for contact in await self._checked(campaign, leaving, calm):
                if first_closed(own_facts(contact), situation) is None:
                    taken.append(contact)
                    situation = replace(situation, quotas=spend(situation.quotas, contact))
        return taken

    def asks_promises(self, now: datetime) -> bool:
        """Tell whether it is time to ask for promises."""
        return self._promises_after is None or now >= self._promises_after

    async def promised(self, campaign: Campaign, situation: Situation, count: int) -> list[Contact]:
        """Return up to `count` contacts that were promised a call by now, one for each agent.

        The database is asked once a second; it answers from the promises alone.
        """
        now = situation.now
        if count <= 0 or not self.asks_promises(now):
            return []
        self._promises_after = now + timedelta(seconds=PROMISES_EVERY_S)
        asked = PromisesAsked(
            now,
            sorted({names for _, names in await self._open_places(campaign, situation)}),
            situation.free_agents,
            now - timedelta(seconds=situation.callback_wait_s),
            count,
        )
        found = await self._contacts.promised(campaign.campaign_id, asked)
        busy: set[str] = set()
        chosen: list[Contact] = []
        for contact in await self._checked(campaign, found, situation) if found else []:
            agent = contact.callback_agent
            if agent in situation.free_agents:
                if agent in busy:
                    continue
                busy.add(agent)
            chosen.append(contact)
        return chosen

    async def asked(
        self, campaign: Campaign, contact_ids: Iterable[ContactId], situation: Situation
    ) -> list[Contact]:
        """Return those of the contacts that agents asked for which may be dialled now."""
        found = [await self._contacts.get(contact_id) for contact_id in contact_ids]
        open_ones = [one for one in found if one is not None and one.state is ContactState.OPEN]
        return await self._checked(campaign, open_ones, situation) if open_ones else []

    async def _refill(self, campaign: Campaign, situation: Situation, wanted: int) -> None:
        now = situation.now
        if self._ask_after is not None and now < self._ask_after:
            return
        promoted = await self._lists.promote(campaign, now, PROMOTED_AT_ONCE)
        places = await self._open_places(campaign, situation)
        asked = ReadyAsked(
            lanes=sorted({lane for lane, _ in places}),
            zones=sorted({zones for _, zones in places}),
            skip_ids=[contact.contact_id for contact in self._ready],
            take=wanted,
        )
        found = await self._lists.ready(campaign, asked) if places else []
        lanes: dict[str, list[Contact]] = {}
        for contact in found:
            lanes.setdefault(contact.lane, []).append(contact)
        chosen = self._mix.interleave(lanes, campaign.list_plan.weights, wanted)
        # Room on the trunk and agents are looked at when the contact leaves, not here.
        calm = replace(situation, room=Room())
        if campaign.quotas and chosen:
            calm = replace(calm, quotas=await self._lists.quota_stands(campaign))
        self._ready.extend(await self._checked(campaign, chosen, calm) if chosen else [])
        starved = len(chosen) < wanted and promoted < PROMOTED_AT_ONCE
        self._ask_after = now + timedelta(seconds=REFILL_EMPTY_S) if starved else None

    async def _checked(
        self, campaign: Campaign, found: list[Contact], situation: Situation
    ) -> list[Contact]:
        """Return those that no gate stops, with the number to dial; set the others aside."""
        facts = await self._contacts.facts(found, situation.now)
        passed: list[Contact] = []
        chosen: set[str] = set()  # all numbers of those
        for contact in found:
            numbers = facts_in_turn(facts[contact.contact_id], contact, campaign)
            theirs = {one.number for one in numbers}
            if not chosen.isdisjoint(theirs):
                continue
            if contact.callback_attempt == REQUESTED:  # an agent asked for this number
                numbers = numbers[:1]
            own = choose(numbers, situation)
            gate = first_closed(own, situation)
            if gate is None:
                chosen |= theirs
                passed.append(_on_number(contact, own))
            elif gate not in PASSING:
                await self._set_aside(contact.contact_id, gate, own, situation)
        return passed

    async def _open_places(
        self, campaign: Campaign, situation: Situation
    ) -> list[tuple[str, tuple[str, ...]]]:
        """Return the lanes and sets of zones that have contacts who may be called now."""
        return [
            (lane, names)
            for lane, names in await self._lists.places(campaign.campaign_id)
            if may_ring(names, situation)
        ]

    async def _set_aside(
        self, contact_id: ContactId, gate: Gate, facts: Facts, situation: Situation
    ) -> None:
        if gate in STAYS_CLOSED:
            await self._contacts.finish(contact_id, STAYS_CLOSED[gate])
            return
        until = opens_at(facts, situation) or situation.now + LOOK_AGAIN
        await self._contacts.postpone([contact_id], until)


def _on_number(contact: Contact, facts: Facts) -> Contact:
    number = ContactNumber(facts.number, facts.kind, facts.number_attempts, facts.number_finished)
    return replace(contact, number=facts.number, numbers=(number,))
