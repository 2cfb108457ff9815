"""The ACD's staffing as the pacing sees it; agents held for other campaigns are not counted."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from omni.acd.model import StaffedAgent
from omni.core.ids import InteractionId
from omni.core.terms import AgentState
from omni.dialer.engine.forecast import Crew
from omni.dialer.model import Campaign
from omni.dialer.ports import Queueing


class Desk:
    """Asks the ACD who can take a campaign's calls; remembers nothing."""

    def __init__(self, acd: Queueing) -> None:
        self._acd = acd

    def crew(self, campaign: Campaign, connected: Callable[[InteractionId], None]) -> Crew:
        """Return the crew of a campaign.

        Free agents count before they are held: `Dialing` holds them before it dials. Who makes a
        call of their own for the campaign is free for it, as is who waits for a line.

        Args:
            connected: told of every interaction that an agent has.
        """
        staffing = self._acd.staffing(campaign.queue_id, campaign.needs)
        for agent in staffing.agents:
            if agent.interaction_id is not None:
                connected(agent.interaction_id)
        mine = ("", campaign.campaign_id)
        free = [agent for agent in staffing.agents if agent.free and agent.held_for in mine]
        leaving = sum(agent.spoken_for for agent in free)
        return Crew(
            free=len(free) - leaving,
            held=len(free) - leaving,
            leaving=leaving,
            talk_since=_since(staffing.agents, AgentState.BUSY),
            wrap_since=_since(staffing.agents, AgentState.WRAP_UP),
        )

    def part(self, campaign: Campaign, crew: Crew, share: float) -> Crew:
        """Return a campaign's part of its crew while others want the same agents.

        Args:
            share: of all agents at work, 0 … 1; what the campaign has in conversations counts.
        """
        agents = self._acd.staffing(campaign.queue_id, campaign.needs).agents
        own = [one for one in agents if one.campaign_id == campaign.campaign_id and not one.free]
        allowed = max(0, math.ceil(share * len(agents)) - len(own))
        return replace(
            crew,
            free=min(crew.free, allowed),
            held=min(crew.held, allowed),
            talk_since=_since(own, AgentState.BUSY),
            wrap_since=_since(own, AgentState.WRAP_UP),
        )

    def at_work(self, campaign: Campaign) -> bool:
        """Tell whether an agent talks, or wraps up, for the campaign."""
        agents = self._acd.staffing(campaign.queue_id, campaign.needs).agents
        return any(agent.campaign_id == campaign.campaign_id for agent in agents)

    def free_agents(self, campaign: Campaign) -> frozenset[str]:
        """Return who could take, or make, a call of the campaign this instant."""
        mine = ("", campaign.campaign_id)
        staffing = self._acd.staffing(campaign.queue_id, campaign.needs)
        return frozenset(
            agent.agent_id
            for agent in staffing.agents
            if agent.free
            and agent.held_for in mine
            and not agent.spoken_for
            and agent.state is not AgentState.DIALING
        )


def _since(agents: Iterable[StaffedAgent], state: AgentState) -> list[float]:
    return [
        agent.since.timestamp()
        for agent in agents
        if not agent.free and not agent.leaving and agent.state is state
    ]
