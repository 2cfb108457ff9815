"""The HTTP API of the ACD: an agent's state and work, and the set-up of routing."""

from dataclasses import replace
from typing import Any

from omni.acd.administration import Administration, Matrix, find_part
from omni.acd.bodies import (
    AgentBody,
    AgentPatch,
    AsideBody,
    BreakDecision,
    BreakReasonBody,
    CodeBody,
    EntryLinkBody,
    GroupLinkBody,
    GuideBody,
    MatrixBody,
    MoreWrapUp,
    OverflowBody,
    QueueBody,
    QueueNew,
    QueuePatch,
    RingBody,
    StateBody,
    Turns,
    WantedState,
    WrapUpBody,
    load_body,
    load_of,
    skill_bodies,
)
from omni.acd.calendar_api import CalendarApi, calendar_endpoints
from omni.acd.caller_api import caller_endpoints
from omni.acd.codes import BREAK_REASON, DISPOSITION, Code
from omni.acd.entry_api import EntryApi, entry_endpoints
from omni.acd.explain_api import explain_endpoints
from omni.acd.group_api import GroupApi, group_endpoints
from omni.acd.guide import Guide
from omni.acd.model import (
    Agent,
    EntryLink,
    GroupLink,
    Queue,
    Ring,
    Skill,
)
from omni.acd.policy_api import PolicyApi, policy_endpoints
from omni.acd.service import Acd
from omni.core.clock import Clock, Identities
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.errors import Invalid
from omni.core.ids import AgentId, InteractionId, QueueId
from omni.core.terms import ADMINS, AGENTS, STAFF


class AcdApi:
    """Handlers; thin: they turn bodies into values and back."""

    def __init__(self, acd: Acd, administration: Administration, identities: Identities) -> None:
        self._acd = acd
        self._administration = administration
        self._identities = identities

    # -- the agent's own ---------------------------------------------------------------------

    async def set_state(self, call: Call) -> None:
        body: StateBody = call.body
        agent_id = call.actor.agent_id
        if body.state is WantedState.READY:
            await self._acd.ready(agent_id)
        elif body.state is WantedState.SIGNED_OUT:
            await self._acd.sign_out(agent_id)
        else:
            if body.reason not in {code.code for code in self._acd.codes(BREAK_REASON)}:
                raise Invalid("break_reason_unknown", "no such break reason", field="reason")
            await self._acd.take_break(agent_id, body.reason)

    async def accept(self, call: Call) -> None:
        await self._acd.accept(call.actor.agent_id, _interaction(call))

    async def reject(self, call: Call) -> None:
        await self._acd.reject(call.actor.agent_id, _interaction(call))

    async def end(self, call: Call) -> None:
        await self._acd.end(_interaction(call), call.actor.agent_id)

    async def wrap_up(self, call: Call) -> None:
        body: WrapUpBody = call.body
        await self._acd.wrap_up(
            call.actor.agent_id, _interaction(call), body.disposition, body.note
        )

    async def extend_wrap_up(self, call: Call) -> None:
        body: MoreWrapUp = call.body
        await self._acd.extend_wrap_up(call.actor.agent_id, _interaction(call), body.extra_s)

    async def set_aside(self, call: Call) -> None:
        body: AsideBody = call.body
        await self._acd.set_aside(call.actor.agent_id, _interaction(call), body.until)

    async def take_up(self, call: Call) -> None:
        await self._acd.take_up(call.actor.agent_id, _interaction(call))

    async def decide_break(self, call: Call) -> None:
        body: BreakDecision = call.body
        await self._acd.decide_break(AgentId(call.path["agent_id"]), body.approve)

    async def save_break_reason(self, call: Call) -> CodeBody:
        body: BreakReasonBody = call.body
        code = Code(BREAK_REASON, call.path["code"], group="break", **dict(body))
        return _code_body(await self._administration.save_break_reason(code))

    async def dispositions(self, call: Call) -> list[CodeBody]:
        return [_code_body(code) for code in self._acd.codes(DISPOSITION)]

    async def break_reasons(self, call: Call) -> list[CodeBody]:
        return [_code_body(code) for code in self._acd.codes(BREAK_REASON)]

    # -- set-up ------------------------------------------------------------------------------

    async def queues(self, call: Call) -> list[QueueBody]:
        return [self._queue_body(queue) for queue in self._acd.plan.queues]

    async def add_queue(self, call: Call) -> QueueBody:
        queue = Queue(QueueId(self._identities.new()), **_changes(call.body))
        await self._administration.save_queue(queue)
        return self._queue_body(queue)

    async def change_queue(self, call: Call) -> QueueBody:
        queue = replace(
            find_part(self._acd.plan.queues, call.path["queue_id"]), **_changes(call.body)
        )
        await self._administration.save_queue(queue)
        return self._queue_body(queue)

    def _queue_body(self, queue: Queue) -> QueueBody:
        return _queue_body(queue, queue.id not in self._acd.unserved)

    async def agents(self, call: Call) -> list[AgentBody]:
        return [_agent_body(agent) for agent in self._acd.agents()]

    async def add_agent(self, call: Call) -> AgentBody:
        values = _changes(call.body)
        agent = Agent(values.pop("agent_id"), **values)
        await self._administration.save_agent(agent)
        return _agent_body(agent)

    async def change_agent(self, call: Call) -> AgentBody:
        agent = self._administration.agent(AgentId(call.path["agent_id"]))
        agent = replace(agent, **_changes(call.body))
        await self._administration.save_agent(agent)
        return _agent_body(agent)

    async def matrix(self, call: Call) -> MatrixBody:
        return _matrix_body(self._administration.matrix())

    async def save_matrix(self, call: Call) -> MatrixBody:
        body: MatrixBody = call.body
        matrix = Matrix(
            body.version,
            tuple(EntryLink(**dict(link)) for link in body.entry_links),
            tuple(
                GroupLink(**dict(link) | {"aid": load_of(link.aid)}) for link in body.group_links
            ),
        )
        return _matrix_body(await self._administration.save_matrix(matrix))


def endpoints(
    acd: Acd, administration: Administration, identities: Identities, clock: Clock
) -> list[Endpoint]:
    """Return the ACD's rows of the API."""
    api = AcdApi(acd, administration, identities)
    return [
        *_work_endpoints(api),
        *_setup_endpoints(api),
        *_people_endpoints(api),
        *caller_endpoints(acd),
        *entry_endpoints(EntryApi(acd, administration, identities)),
        *calendar_endpoints(CalendarApi(administration, identities, clock)),
        *group_endpoints(GroupApi(acd, administration, identities)),
        *policy_endpoints(PolicyApi(acd, administration)),
        *explain_endpoints(acd),
    ]


def _work_endpoints(api: AcdApi) -> list[Endpoint]:
    own = "/api/interactions/{interaction_id}"
    return [
        Endpoint("POST", "/api/agent/state", "Ask for a state.", api.set_state, AGENTS,
                 body=StateBody),
        Endpoint("POST", f"{own}/accept", "Take an offered interaction.", api.accept, AGENTS),
        Endpoint("POST", f"{own}/reject", "Refuse an offered interaction.", api.reject, AGENTS),
        Endpoint("POST", f"{own}/aside", "Go on with a mail later.", api.set_aside, AGENTS,
                 body=AsideBody),
        Endpoint("POST", f"{own}/take-up", "Go on with what was set aside.", api.take_up, AGENTS),
        Endpoint("POST", f"{own}/end", "End a conversation.", api.end, AGENTS),
        Endpoint("POST", f"{own}/wrap-up", "Give disposition and note.", api.wrap_up, AGENTS,
                 body=WrapUpBody),
        Endpoint("POST", f"{own}/wrap-up/more", "Make the wrap-up longer.", api.extend_wrap_up,
                 AGENTS, body=MoreWrapUp),
        Endpoint("GET", "/api/dispositions", "List the dispositions.", api.dispositions,
                 result=list[CodeBody]),
        Endpoint("GET", "/api/break-reasons", "List the break reasons.", api.break_reasons,
                 result=list[CodeBody]),
    ]  # fmt: skip


def _setup_endpoints(api: AcdApi) -> list[Endpoint]:
    return [
        Endpoint("GET", "/api/queues", "List the queues.", api.queues, STAFF,
                 result=list[QueueBody]),
        Endpoint("POST", "/api/queues", "Add a queue.", api.add_queue, ADMINS,
                 body=QueueNew, result=QueueBody),
        Endpoint("PATCH", "/api/queues/{queue_id}", "Change a queue.", api.change_queue, ADMINS,
                 body=QueuePatch, result=QueueBody),
        Endpoint("GET", "/api/matrix", "Read the matrix.", api.matrix, STAFF, result=MatrixBody),
        Endpoint("PUT", "/api/matrix", "Replace the matrix.", api.save_matrix, ADMINS,
                 body=MatrixBody, result=MatrixBody),
    ]  # fmt: skip


def _people_endpoints(api: AcdApi) -> list[Endpoint]:
    return [
        Endpoint("GET", "/api/agents", "List the agents.", api.agents, STAFF,
                 result=list[AgentBody]),
        Endpoint("POST", "/api/agents", "Make a user an agent.", api.add_agent, ADMINS,
                 body=AgentBody, result=AgentBody),
        Endpoint("PATCH", "/api/agents/{agent_id}", "Change an agent.", api.change_agent, ADMINS,
                 body=AgentPatch, result=AgentBody),
        Endpoint("POST", "/api/agents/{agent_id}/break-request",
                 "Allow or deny the break an agent asks for.", api.decide_break, STAFF,
                 body=BreakDecision),
        Endpoint("PUT", "/api/break-reasons/{code}", "Add or change a break reason.",
                 api.save_break_reason, ADMINS, body=BreakReasonBody, result=CodeBody),
    ]  # fmt: skip


# -- bodies and values ---------------------------------------------------------------------------


def _interaction(call: Call) -> InteractionId:
    return InteractionId(call.path["interaction_id"])


def _changes(body: Wire) -> dict[str, Any]:
    """Return the fields that were given, in the model's types."""
    given = {name: getattr(body, name) for name in type(body).model_fields}
    patch = type(body).__name__.endswith("Patch")
    values = {name: value for name, value in given.items() if not (patch and value is None)}
    for name, make in (("needs", Skill), ("skills", Skill), ("rings", Ring)):
        if name in values:
            values[name] = tuple(make(**dict(item)) for item in values[name])
    turns: Turns | None = values.pop("turns", None)
    if turns is not None:
        values["calendar_id"] = turns.calendar_id
        values["guide"] = Guide(**dict(turns.guide))
        values["overflow"] = tuple(rule.value() for rule in turns.overflow)
    return values


def _turns(queue: Queue) -> Turns:
    return Turns(
        calendar_id=queue.calendar_id,
        guide=GuideBody(
            languages=queue.guide.languages,  # type: ignore[arg-type]  # checked when it came in
            announcements=queue.guide.announcements,
            place_every_s=queue.guide.place_every_s,
        ),
        overflow=tuple(OverflowBody.of(rule) for rule in queue.overflow),
    )


def _code_body(code: Code) -> CodeBody:
    return CodeBody(
        code=code.code,
        label_en=code.label_en,
        label_zh=code.label_zh,
        group=code.group,
        meaning=code.meaning,
        limit_s=code.limit_s,
        at_once=code.at_once,
        needs_approval=code.needs_approval,
    )


def _queue_body(queue: Queue, served: bool) -> QueueBody:
    return QueueBody(
        queue_id=queue.id,
        served=served,
        name=queue.name,
        open=queue.open,
        target_answer_s=queue.target_answer_s,
        rule=queue.rule,
        offer_s=queue.offer_s,
        wrap_up_s=queue.wrap_up_s,
        wrap_up_extra_s=queue.wrap_up_extra_s,
        needs=skill_bodies(queue.needs),
        rings=tuple(
            RingBody(after_s=ring.after_s, lower_by=ring.lower_by, drop_all=ring.drop_all)
            for ring in queue.rings
        ),
        owner_wait_s=queue.owner_wait_s,
        turns=_turns(queue),
    )


def _agent_body(agent: Agent) -> AgentBody:
    return AgentBody(
        agent_id=agent.id,
        name=agent.name,
        group_ids=agent.group_ids,
        skills=skill_bodies(agent.skills),
        capacity=agent.capacity,
        auto_accept=agent.auto_accept,
        rank=agent.rank,
        robot=agent.robot,
        active=agent.active,
    )


def _matrix_body(matrix: Matrix) -> MatrixBody:
    return MatrixBody(
        version=matrix.version,
        entry_links=tuple(
            EntryLinkBody(
                entry_point_id=link.entry_point_id,
                queue_id=link.queue_id,
                priority=link.priority,
                open=link.open,
            )
            for link in matrix.entry_links
        ),
        group_links=tuple(
            GroupLinkBody(
                queue_id=link.queue_id,
                group_id=link.group_id,
                distribution=link.distribution,
                selection=link.selection,
                open=link.open,
                aid=load_body(link.aid),
            )
            for link in matrix.group_links
        ),
    )
