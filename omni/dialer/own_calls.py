"""Own calls: what an agent is to call is work of the ACD, so that nothing else gets in between.

Rules (those of the ACD stand in `omni.acd.engine.own_calls`):
1. A contact is shown, a number typed in is asked for, and a personal promise is dialled, only when
   the ACD has given the agent the own call. It decides alone whether the agent has room for it.
2. The ACD ends an own call by itself when the agent goes or other work interrupts it. What stands
   here (a preview, something asked for, a ringing line) follows: see `ByHand.look`, `Dialing`.
3. When it does not become a call, we say that it is over.
"""

from omni.acd.own_call import OwnCall
from omni.core.clock import Clock
from omni.core.errors import Conflict, NotFound, Unavailable
from omni.core.ids import AgentId, CampaignId, ContactId
from omni.dialer.model import Campaign
from omni.dialer.ports import Queueing

AGAIN_S = 0.1


class OwnCalls:
    """Asks the ACD; remembers nothing."""

    def __init__(self, acd: Queueing, clock: Clock) -> None:
        self._acd = acd
        self._clock = clock

    def of(self, campaign_id: CampaignId) -> dict[AgentId, OwnCall]:
        """Return the own calls of a campaign by their agents."""
        found = self._acd.own_calls()
        return {agent: own for agent, own in found.items() if own.campaign_id == campaign_id}

    async def show(
        self, campaign: Campaign, contact_id: ContactId, agent_id: AgentId, life_s: float
    ) -> bool:
        """Give an agent a contact to look at; False: they have no room for a call."""
        own = OwnCall(campaign.campaign_id, campaign.queue_id, contact_id)
        try:
            await self._acd.give_own_call(agent_id, own, life_s)
        except Conflict:
            return False
        return True

    async def dial(
        self, campaign: Campaign, contact_id: ContactId, agent_id: AgentId, life_s: float
    ) -> None:
        """Give an agent a contact that is dialled (also one that was shown to them).

        Raises:
            Conflict: `agent_not_free`: they have no room for a call (`gate` says why).
        """
        own = OwnCall(campaign.campaign_id, campaign.queue_id, contact_id, dialling=True)
        await self._acd.give_own_call(agent_id, own, life_s)

    async def over(self, agent_id: AgentId, contact_id: ContactId) -> None:
        """Say that nothing came of it, as often as it takes."""
        while True:
            try:
                await self._acd.own_call_over(agent_id, contact_id)
                return
            except Unavailable:
                await self._clock.sleep(AGAIN_S)
            except NotFound:
                return
