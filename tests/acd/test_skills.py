"""Skills that are wished for: they order the free agents and keep nobody waiting."""

import pytest

from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import explain
from omni.acd.engine.router import Router
from omni.acd.model import Agent, Group, GroupLink, Plan, Queue, Ring, Rule, Skill
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import Medium

Q, G, FAR = QueueId("q"), GroupId("g"), GroupId("far")
CHINESE = Skill("chinese", 3)
WISH = Skill("chinese", 3, preferred=True)


def site(rule: Rule = Rule.LONGEST_IDLE, **queue: object) -> Router:
    """Have three idle agents: plain (longest idle), able, and able in a less preferred group."""
    plan = Plan(
        1,
        queues=(Queue(Q, "Q", rule=rule, **queue),),  # type: ignore[arg-type]
        groups=(Group(G, "G"), Group(FAR, "Far")),
        group_links=(GroupLink(Q, G, 0), GroupLink(Q, FAR, 1)),
    )
    router = Router(plan)
    agents = (
        Agent(AgentId("plain"), "", (G,)),
        Agent(AgentId("able"), "", (G,), (CHINESE,)),
        Agent(AgentId("far"), "", (FAR,), (CHINESE,)),
    )
    for at_s, agent in enumerate(agents):
        router.handle(h.AgentPut(at_s, agent))
        router.handle(h.ReadyAsked(at_s, agent.id))
    return router


def offered(router: Router, at_s: float, *needs: Skill) -> AgentId | None:
    arrived = h.Arrived(at_s, InteractionId(f"i{at_s}"), Medium.CHAT, Q, needs=needs)
    offers = [c for c in router.handle(arrived) if isinstance(c, h.Offer)]
    return offers[0].agent_id if offers else None


@pytest.mark.parametrize("rule", list(Rule))
def test_a_wish_comes_after_the_group_and_before_the_rule(rule: Rule) -> None:
    router = site(rule)
    assert offered(router, 10.0, WISH) == "able"
    assert offered(router, 11.0, WISH) == "plain"  # nobody waits for the other group
    assert offered(router, 12.0, WISH) == "far"


def test_without_a_wish_the_longest_idle_is_first() -> None:
    assert offered(site(), 10.0) == "plain"


def test_the_queue_wishes_for_all_of_its_work() -> None:
    assert offered(site(needs=(WISH,)), 10.0) == "able"


def test_relaxation_lowers_what_is_required_and_keeps_the_wish() -> None:
    router = site(rings=(Ring(30.0, drop_all=True),))
    wanted = (Skill("legal", 2), WISH)
    assert offered(router, 10.0, *wanted) is None
    commands = router.handle(h.TimePassed(40.0))
    assert [c.agent_id for c in commands if isinstance(c, h.Offer)] == ["able"]


def test_the_explanation_counts_the_wishes() -> None:
    router = site()
    for at_s in (1, 2, 3):
        offered(router, 10.0 + at_s)
    offered(router, 20.0, WISH)
    found = {one.agent_id: one for one in explain(router, InteractionId("i20.0")).candidates}
    assert (found[AgentId("able")].wanted, found[AgentId("plain")].wanted) == (1, 0)
    assert "skill_missing" not in found[AgentId("plain")].gates
