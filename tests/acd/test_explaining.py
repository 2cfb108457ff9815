"""Explanations say what the engine does: checked against its decisions in random traffic."""

import pytest

from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import explain, explain_agent, position
from omni.acd.engine.router import Router
from omni.acd.model import (
    Agent,
    Group,
    GroupLink,
    Plan,
    Queue,
    Skill,
)
from omni.core.errors import NotFound
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium
from tests.acd.test_equivalence import answer
from tests.acd.traffic import Traffic

Q, G, A, B = QueueId("q"), GroupId("g"), AgentId("a"), AgentId("b")
PLAN = Plan(1, (), (Queue(Q, "Q"),), (Group(G, "G"),), (), (GroupLink(Q, G, 2),))


def site() -> Router:
    router = Router(PLAN)
    router.handle(h.AgentPut(0.0, Agent(A, "A", (G,))))
    router.handle(h.AgentPut(0.0, Agent(B, "B", (), (Skill("billing", 2),))))
    return router


def test_every_gate_that_is_shut_is_named() -> None:
    router = site()
    router.handle(h.SignedIn(1.0, A))
    router.handle(h.Arrived(2.0, InteractionId("i"), Medium.VOICE, Q, needs=(Skill("billing", 3),)))
    found = {one.agent_id: one for one in explain(router, InteractionId("i")).candidates}
    assert found[A].gates == ("skill_missing", "on_break", "phone_down")
    assert found[A].missing == (Skill("billing", 3),)
    assert found[A].distribution == 2
    assert found[B].gates == ("not_in_group", "skill_missing", "signed_out", "phone_down")


def test_position_counts_those_before() -> None:
    router = site()
    for number, priority in enumerate((5, 5, 0)):
        interaction_id = InteractionId(f"i{number}")
        router.handle(h.Arrived(float(number), interaction_id, Medium.VOICE, Q, priority=priority))
    assert [position(router, InteractionId(f"i{n}")) for n in range(4)] == [2, 3, 1, 0]


def test_what_is_over_is_not_found() -> None:
    with pytest.raises(NotFound):
        explain(site(), InteractionId("gone"))
    with pytest.raises(NotFound):
        explain_agent(site(), AgentId("nobody"))


def test_an_agent_with_a_call() -> None:
    router = site()
    router.handle(h.PhoneChanged(1.0, A, True))
    router.handle(h.ReadyAsked(1.0, A))
    router.handle(h.Arrived(2.0, InteractionId("i"), Medium.VOICE, Q, auto_accept=True))
    router.handle(h.Arrived(3.0, InteractionId("m"), Medium.EMAIL, Q))
    explained = explain_agent(router, A)
    assert explained.gates[Medium.VOICE] == ("no_capacity",)
    assert explained.gates[Medium.EMAIL] == ("may_not_interrupt",)
    assert explained.next_interaction_id == "m"


@pytest.mark.parametrize("seed", range(5))
def test_explanations_agree_with_decisions(seed: int) -> None:
    traffic = Traffic(seed)
    router = Router()
    for happening in traffic.opening():
        answer(router, happening)
    for _ in range(400):
        commands = answer(router, traffic.next())
        if isinstance(commands, list):
            traffic.heard(commands)
        for interaction_id, work in list(router.works.items()):
            if work.state is InteractionState.WAITING:
                explained = explain(router, interaction_id)
                assert all(one.gates for one in explained.candidates), "free, yet it waits"
                assert explained.position >= 1
