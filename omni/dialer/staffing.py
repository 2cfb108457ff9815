"""The ACD's staffing as the pacing sees it, shared fairly between campaigns on the same agents."""

from collections.abc import Callable, Iterable

from omni.acd.model import StaffedAgent
from omni.core.ids import InteractionId
from omni.core.terms import AgentState
from omni.dialer.engine.pacing import Crew
from omni.dialer.model import Campaign
from omni.dialer.ports import Queueing


class Desk:
    """Asks the ACD who can take a campaign's calls; remembers nothing."""

    def __init__(self, acd: Queueing) -> None:
        self._acd = acd

    def crew(
        self,
        campaign: Campaign,
        others: Iterable[tuple[Campaign, int]],
        connected: Callable[[InteractionId], None],
    ) -> Crew:
        """Return the crew of a campaign.

        Free agents whom the lines of another campaign may take, or for whom inbound calls wait
        already, are not counted.

        Args:
            others: the other campaigns and how many lines and waiting calls each has.
            connected: told of every interaction that an agent has.
        """
        staffing = self._acd.staffing(campaign.queue_id)
        for agent in staffing.agents:
            if agent.interaction_id is not None:
                connected(agent.interaction_id)
        free = {agent.agent_id for agent in staffing.agents if agent.free}
        taken = sum(min(lines, len(free & self._free(other))) for other, lines in others if lines)
        usable = max(0, len(free) - taken)
        leaving = sum(1 for agent in staffing.agents if agent.free and agent.leaving)
        return Crew(
            free=usable,
            held=max(0, usable - leaving),
            talk_since=_since(staffing.agents, AgentState.BUSY),
            wrap_since=_since(staffing.agents, AgentState.WRAP_UP),
        )

    def _free(self, campaign: Campaign) -> set[str]:
        return {a.agent_id for a in self._acd.staffing(campaign.queue_id).agents if a.free}


def _since(agents: Iterable[StaffedAgent], state: AgentState) -> list[float]:
    return [
        agent.since.timestamp()
        for agent in agents
        if not agent.free and not agent.leaving and agent.state is state
    ]
