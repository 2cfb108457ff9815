"""What is dialled before the list: what agents ask for, and what people were promised.

An agent who is to have the call waits for it: it is their own call (`own_calls`) from here on,
until the line has its outcome. If they have no room for it, it is not dialled now: a promise waits,
and what was asked for is given up.
"""

from collections.abc import Collection
from dataclasses import replace

from omni.core.errors import Conflict
from omni.core.ids import AgentId, ContactId
from omni.dialer.by_hand import ByHand
from omni.dialer.engine.gates import Situation
from omni.dialer.lines import Run, line_life_s
from omni.dialer.model import Contact
from omni.dialer.own_calls import OwnCalls


class Promised:
    """Chooses it."""

    def __init__(self, by_hand: ByHand, own_calls: OwnCalls) -> None:
        self._by_hand = by_hand
        self._own_calls = own_calls

    async def due(
        self, run: Run, situation: Situation, most: int
    ) -> tuple[list[Contact], list[Contact]]:
        """Return up to `most` contacts: those whose agent waits for them from now on, and others.

        After this you must dial the first or say `over`.
        """
        if most <= 0:
            return [], []
        asked = await self._asked(run, situation, most)
        found = await run.hopper.promised(run.campaign, situation, most - len(asked))
        free = situation.free_agents
        personal = [one for one in found if one.callback_agent in free]
        others = [one for one in found if one.callback_agent not in free]
        return await self._with_agent(run, [*asked, *personal]), others

    async def over(self, contacts: list[Contact], on_line: Collection[ContactId]) -> None:
        """End the agents' waiting for those of the contacts that were not dialled after all."""
        for contact in contacts:
            agent_id = AgentId(contact.callback_agent)
            self._by_hand.begun(agent_id)
            if contact.contact_id not in on_line:
                await self._own_calls.over(agent_id, contact.contact_id)

    async def _asked(self, run: Run, situation: Situation, most: int) -> list[Contact]:
        """Return what agents asked for and may still have."""
        asked = dict(list(self._by_hand.asked(run.campaign.campaign_id).items())[:most])
        theirs = replace(situation, free_agents=frozenset(asked))
        found = await run.hopper.asked(run.campaign, asked.values(), theirs)
        dialable = {contact.contact_id for contact in found}
        for agent_id, contact_id in asked.items():
            if contact_id not in dialable:
                await self._by_hand.give_up(agent_id)
        return found

    async def _with_agent(self, run: Run, contacts: list[Contact]) -> list[Contact]:
        life_s = line_life_s(run.campaign, run.profile)
        waited_for = []
        for contact in contacts:
            agent_id = AgentId(contact.callback_agent)
            try:
                await self._own_calls.dial(run.campaign, contact.contact_id, agent_id, life_s)
            except Conflict:
                await self._by_hand.give_up(agent_id)
            else:
                waited_for.append(contact)
        return waited_for
