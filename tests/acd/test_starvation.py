"""Nothing starves: however much better work keeps arriving, ours is served within the bound."""

import pytest

from omni.acd.engine import happenings as h
from omni.acd.engine.router import Router
from omni.acd.model import Agent, Group, GroupLink, Plan, Policy, Queue
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import Medium

WORST, BEST = QueueId("worst"), QueueId("best")
GROUP, AGENT, OURS = GroupId("g"), AgentId("a"), InteractionId("ours")
HANDLE_S = 30.0


def overloaded(medium: Medium) -> tuple[Router, Policy]:
    """One agent; two queues of which ours is the last in every number."""
    plan = Plan(
        1,
        queues=(Queue(WORST, "Worst"), Queue(BEST, "Best")),
        groups=(Group(GROUP, "G"),),
        group_links=(GroupLink(WORST, GROUP, 9, 9), GroupLink(BEST, GROUP, 0, 0)),
    )
    router = Router(plan)
    router.handle(h.AgentPut(0.0, Agent(AGENT, "A", (GROUP,), capacity=(1, 1, 1))))
    router.handle(h.PhoneChanged(0.0, AGENT, True))
    router.handle(h.ReadyAsked(0.0, AGENT))
    return router, plan.policy


@pytest.mark.parametrize("medium", [Medium.VOICE, Medium.EMAIL, Medium.CHAT])
def test_the_least_of_all_is_served_within_the_bound(medium: Medium) -> None:
    router, policy = overloaded(medium)
    head_start_s = max(policy.head_start_s)
    bound_s = 9 * policy.priority_step_s + 9 * policy.selection_step_s + head_start_s
    now_s, number, holding, ours_at_s = 0.0, 0, None, None
    while ours_at_s is None:
        # Twice as much of the best work as the agent can do, for ever.
        for _ in range(2):
            number += 1
            arrived = h.Arrived(
                now_s, InteractionId(f"b{number}"), Medium.VOICE, BEST, priority=0, auto_accept=True
            )
            for command in router.handle(arrived):
                if isinstance(command, h.Connect):
                    holding = command.interaction_id
        if number == 2:
            router.handle(h.Arrived(now_s, OURS, medium, WORST, priority=9, auto_accept=True))
        now_s += HANDLE_S
        assert holding is not None
        router.handle(h.ConversationEnded(now_s, holding))
        for command in router.handle(h.WrapUpGiven(now_s, AGENT, holding, "done")):
            if isinstance(command, h.Connect):
                holding = command.interaction_id
                if holding == OURS:
                    ours_at_s = now_s
    # Only what arrived within the bound may go first: two a round, one handled a round.
    before = 2 * (bound_s / HANDLE_S + 1)
    assert ours_at_s <= before * HANDLE_S
    handled = ours_at_s / HANDLE_S
    assert handled <= before


def test_a_rejection_costs_no_place() -> None:
    router, _ = overloaded(Medium.VOICE)
    router.handle(h.Arrived(1.0, OURS, Medium.VOICE, BEST))
    for number in range(5):
        now_s = 2.0 + number * 6.0
        router.handle(h.Arrived(now_s, InteractionId(f"b{number}"), Medium.VOICE, BEST))
        router.handle(h.OfferRejected(now_s + 0.1, AGENT, OURS))
        offers = router.handle(h.TimePassed(now_s + 5.5))
        assert [c.interaction_id for c in offers if isinstance(c, h.Offer)] == [OURS]
