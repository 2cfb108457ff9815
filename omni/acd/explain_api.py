"""The HTTP API of "why": who waits and why, what went to whom and why, what agents could take."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from omni.acd.bodies import SkillBody, skill_bodies
from omni.acd.engine.explaining import Candidate
from omni.acd.model import Rule
from omni.acd.record import InteractionRow
from omni.acd.service import Acd
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.errors import NotFound
from omni.core.events.base import Event, Recorded
from omni.core.ids import AgentId, CampaignId, GroupId, InteractionId, QueueId
from omni.core.terms import STAFF, Direction, InteractionState, Medium

OPEN_MAX = 500
_TOLD = (
    "queue_id", "agent_id", "group_id", "reason", "chosen", "way", "distribution", "relaxed",
    "wanted", "waiting", "borrowed_since", "waited_s", "outcome",
    "rule", "condition", "limit", "action", "to_queue_id", "to_group_id", "number",
)  # fmt: skip


class CandidateBody(Wire):
    """An agent as seen from one interaction; `gates` empty: could take it now."""

    agent_id: AgentId
    name: str
    gates: tuple[str, ...]
    missing: tuple[SkillBody, ...]
    group_id: GroupId | None
    distribution: int | None
    borrowed_since: datetime | None
    wanted: int
    score: int
    rule_rank: float
    idle_order: int


class ExplanationBody(Wire):
    """Why an interaction is where it is; see `omni.acd.engine.explaining.Explanation`.

    `served`: whether anybody may come to its queue. `owner_name`: the agent for whom alone it waits
    for `owner_left_s` more, "" for none.
    """

    interaction_id: InteractionId
    state: InteractionState
    queue_id: QueueId
    medium: Medium
    position: int
    expected_wait_s: float | None
    waited_s: float
    priority: int
    needs: tuple[SkillBody, ...]
    relaxed: int
    agent_id: AgentId | None
    owner_name: str
    owner_left_s: float
    served: bool
    rule: Rule
    candidates: tuple[CandidateBody, ...]


class AgentExplanationBody(Wire):
    """What keeps an agent from each medium (nothing: free for it), and what comes first."""

    agent_id: AgentId
    gates: dict[Medium, tuple[str, ...]]
    next_interaction_id: InteractionId | None


class OpenBody(Wire):
    """An interaction that is not over."""

    interaction_id: InteractionId
    medium: Medium
    direction: Direction
    state: InteractionState
    queue_id: QueueId | None
    agent_id: AgentId | None
    campaign_id: CampaignId | None
    priority: int
    address: str
    name: str
    arrived_at: datetime


class HistoryStep(Wire):
    """What became of an interaction at one instant; `what` is the event's name.

    Of an offer: the numbers that decided, see `omni.acd.engine.happenings.Why`. Of an overflow: the
    queue's rule (0 first) and what it did, see `omni.acd.overflow`.
    """

    at: datetime
    what: str
    queue_id: QueueId | None = None
    agent_id: AgentId | None = None
    agent_name: str = ""
    group_id: GroupId | None = None
    reason: str = ""
    chosen: str = ""
    way: str = ""
    distribution: int | None = None
    relaxed: int = 0
    wanted: int = 0
    waiting: int = 0
    borrowed_since: datetime | None = None
    waited_s: float = 0.0
    outcome: str = ""
    rule: int | None = None
    condition: str = ""
    limit: float = 0.0
    action: str = ""
    to_queue_id: QueueId | None = None
    to_group_id: GroupId | None = None
    number: str = ""


class ExplainApi:
    """Handlers."""

    def __init__(self, acd: Acd) -> None:
        self._acd = acd

    async def open(self, call: Call) -> list[OpenBody]:
        return [_open_body(row) for row in self._acd.open_work(OPEN_MAX)]

    async def history(self, call: Call) -> list[HistoryStep]:
        found = await self._acd.history(_interaction(call))
        if not found:
            raise NotFound("interaction_unknown", "no such interaction")
        names = self._names()
        return [_step_body(recorded, names) for recorded in found]

    def _names(self) -> dict[AgentId, str]:
        return {agent.id: agent.name for agent in self._acd.agents()}

    async def explain(self, call: Call) -> ExplanationBody:
        interaction_id = _interaction(call)
        found = self._acd.explain(interaction_id)
        names = self._names()
        rules = {queue.id: queue.rule for queue in self._acd.plan.queues}
        helping = {
            row.group_id: row.since
            for row in self._acd.openings.aids
            if row.queue_id == found.queue_id
        }
        return ExplanationBody(
            interaction_id=found.interaction_id,
            state=found.state,
            queue_id=found.queue_id,
            medium=found.medium,
            position=found.position,
            expected_wait_s=self._acd.place(interaction_id).expected_wait_s,
            waited_s=found.waited_s,
            priority=found.priority,
            needs=skill_bodies(found.needs),
            relaxed=found.relaxed,
            agent_id=found.agent_id,
            owner_name=names.get(found.owner_id, "") if found.owner_id else "",
            owner_left_s=found.owner_left_s,
            served=found.queue_id not in self._acd.unserved,
            rule=rules[found.queue_id],
            candidates=tuple(_candidate_body(one, names, helping) for one in found.candidates),
        )

    async def explain_agent(self, call: Call) -> AgentExplanationBody:
        found = self._acd.explain_agent(AgentId(call.path["agent_id"]))
        return AgentExplanationBody(
            agent_id=found.agent_id,
            gates=found.gates,
            next_interaction_id=found.next_interaction_id,
        )


def explain_endpoints(acd: Acd) -> list[Endpoint]:
    """Return the rows of the API."""
    api = ExplainApi(acd)
    return [
        Endpoint("GET", "/api/open-interactions", "List who waits and what is being worked on.",
                 api.open, STAFF, result=list[OpenBody]),
        Endpoint("GET", "/api/agents/{agent_id}/explanation", "Why an agent gets what they get.",
                 api.explain_agent, STAFF, result=AgentExplanationBody),
        Endpoint("GET", "/api/interactions/{interaction_id}/explanation",
                 "Why an interaction waits, and who could take it.", api.explain, STAFF,
                 result=ExplanationBody),
        Endpoint("GET", "/api/interactions/{interaction_id}/decisions",
                 "What became of an interaction, and what decided it.", api.history, STAFF,
                 result=list[HistoryStep]),
    ]  # fmt: skip


def _interaction(call: Call) -> InteractionId:
    return InteractionId(call.path["interaction_id"])


def _open_body(row: InteractionRow) -> OpenBody:
    return OpenBody(
        interaction_id=row.id,
        medium=row.medium,
        direction=row.direction,
        state=row.state,
        queue_id=row.queue_id,
        agent_id=row.agent_id,
        campaign_id=row.campaign_id,
        priority=row.priority,
        address=row.address,
        name=row.name,
        arrived_at=row.arrived_at,
    )


def _step_body(recorded: Recorded[Event], names: Mapping[AgentId, str]) -> HistoryStep:
    event = recorded.event
    told: dict[str, Any] = {name: getattr(event, name) for name in _TOLD if hasattr(event, name)}
    agent_id = told.get("agent_id")
    return HistoryStep(
        at=recorded.at,
        what=event.TYPE,
        agent_name=names.get(agent_id, "") if agent_id else "",
        **told,
    )


def _candidate_body(
    candidate: Candidate, names: Mapping[AgentId, str], helping: Mapping[GroupId, datetime]
) -> CandidateBody:
    return CandidateBody(
        agent_id=candidate.agent_id,
        name=names.get(candidate.agent_id, ""),
        gates=candidate.gates,
        missing=skill_bodies(candidate.missing),
        group_id=candidate.group_id,
        distribution=candidate.distribution,
        borrowed_since=helping.get(candidate.group_id) if candidate.group_id else None,
        wanted=candidate.wanted,
        score=candidate.score,
        rule_rank=candidate.rule_rank,
        idle_order=candidate.idle_order,
    )
