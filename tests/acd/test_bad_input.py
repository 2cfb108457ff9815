"""Bad input, row by row: refused with a reason and no change of state, or absorbed as documented.

Rows that stand elsewhere: a matrix that refers to what does not exist (`test_api`), calendars that
contradict themselves (`test_hours`), limits that do (`test_openings`), commits that fail
(`test_faults`), steps of the wall clock (`test_service`).
"""

import random
from dataclasses import replace
from typing import NamedTuple

import pytest
from pydantic import ValidationError

from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import explain
from omni.acd.engine.router import Router
from omni.acd.model import Agent, Group, GroupLink, Plan, Queue, Skill
from omni.core.errors import Defect, Fault
from omni.core.events.catalogue import BY_TYPE
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import Medium

QUEUE, GROUP, ANN = QueueId("q"), GroupId("g"), AgentId("ann")
FRENCH = Skill("french", 3)
ANN_WITH = Agent(ANN, "Ann", (GROUP,), (FRENCH,))
MANY = 1_000


class MoonRose(NamedTuple):
    """Nothing the router knows of."""

    at_s: float


def plan(*needs: Skill) -> Plan:
    return Plan(
        queues=(Queue(QUEUE, "Queue", needs=needs, wrap_up_s=(0.0, 0.0, 0.0)),),
        groups=(Group(GROUP, "Group"),),
        group_links=(GroupLink(QUEUE, GROUP),),
    )


def call(number: int) -> InteractionId:
    return InteractionId(f"i{number:04}")


def crowd(needed: Plan) -> Router:
    """A thousand calls wait for a skill, and the one who has it is on break."""
    router = Router(needed)
    router.handle(h.AgentPut(0.0, ANN_WITH))
    router.handle(h.PhoneChanged(0.0, ANN, True))
    router.handle(h.SignedIn(0.0, ANN))
    for number in range(MANY):
        router.handle(h.Arrived(float(number), call(number), Medium.VOICE, QUEUE, auto_accept=True))
    return router


def served_in_turn(router: Router) -> list[InteractionId]:
    """Let Ann serve whatever she gets until nothing waits for her; return it in order."""
    now_s = float(MANY)
    commands = router.handle(h.ReadyAsked(now_s, ANN))
    served: list[InteractionId] = []
    while offers := [one for one in commands if isinstance(one, h.Offer)]:
        served += [one.interaction_id for one in offers]
        commands = router.handle(h.ConversationEnded(now_s, served[-1]))
    return served


def test_an_agent_loses_the_skill_for_which_a_thousand_wait() -> None:
    router = crowd(plan(FRENCH))
    router.handle(h.AgentPut(float(MANY), replace(ANN_WITH, skills=())))
    assert served_in_turn(router) == []
    assert len(router.works) == MANY  # nobody is lost
    [candidate] = explain(router, call(0)).candidates
    assert candidate.gates == ("skill_missing",)
    router.handle(h.BreakAsked(float(MANY), ANN, "lunch"))
    router.handle(h.AgentPut(float(MANY), ANN_WITH))
    assert served_in_turn(router) == [call(number) for number in range(MANY)]


def test_a_queue_needs_a_skill_no_more_for_which_a_thousand_wait() -> None:
    router = crowd(plan(FRENCH))
    router.handle(h.AgentPut(float(MANY), replace(ANN_WITH, skills=())))
    router.handle(h.PlanChanged(float(MANY), plan()))
    assert explain(router, call(0)).needs == ()
    assert served_in_turn(router) == [call(number) for number in range(MANY)]


def test_a_skill_of_the_contact_itself_stays_when_its_queue_needs_none() -> None:
    router = Router(plan(FRENCH))
    own = Skill("billing", 2)
    router.handle(h.Arrived(0.0, call(0), Medium.VOICE, QUEUE, needs=(own,)))
    router.handle(h.PlanChanged(1.0, plan()))
    assert explain(router, call(0)).needs == (own,)


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0])
def test_a_step_of_the_clock_loses_and_overtakes_nobody(step_s: float) -> None:
    router = crowd(plan())
    now_s = router.now_s
    router.handle(h.TimePassed(now_s + step_s))
    assert router.now_s == max(now_s, now_s + step_s)  # it never runs back
    assert served_in_turn(router) == [call(number) for number in range(MANY)]


def test_an_unknown_happening_changes_nothing() -> None:
    router = crowd(plan())
    now_s, deadline_s = router.now_s, router.next_deadline_s()
    with pytest.raises(Defect):
        router.handle(MoonRose(now_s + 3600.0))  # type: ignore[arg-type]
    assert (router.now_s, router.next_deadline_s()) == (now_s, deadline_s)
    assert served_in_turn(router) == [call(number) for number in range(MANY)]


def test_an_unknown_or_broken_event_is_not_read_as_another() -> None:
    assert "interaction.teleported" not in BY_TYPE
    with pytest.raises(ValidationError):
        BY_TYPE["group.saved"].model_validate({"group_id": "g", "name": "G", "colour": "red"})
    with pytest.raises(ValidationError):
        BY_TYPE["aid.changed"].model_validate({"group_id": "g"})


LIFE: list[h.Happening] = [
    h.ReadyAsked(1.0, ANN),
    h.Arrived(2.0, call(0), Medium.VOICE, QUEUE),
    h.OfferAccepted(3.0, ANN, call(0)),
    h.ConversationEnded(4.0, call(0), ANN),
]


def told(happenings: list[h.Happening]) -> tuple[list[h.Command], Router]:
    """Tell all of it; what does not fit is refused with a code."""
    router = Router(plan())
    said: list[h.Command] = []
    for happening in [h.AgentPut(0.0, ANN_WITH), h.PhoneChanged(0.0, ANN, True), *happenings]:
        try:
            said += router.handle(happening)
        except Fault:
            said += router.handle(h.TimePassed(happening.at_s))
    return said, router


def test_each_happening_told_twice_changes_nothing_more() -> None:
    once, _ = told(LIFE)
    twice, router = told([happening for one in LIFE for happening in (one, one)])
    assert twice == once
    assert not router.works


@pytest.mark.parametrize("seed", range(24))
def test_happenings_out_of_order_lose_and_double_nothing(seed: int) -> None:
    shuffled = LIFE.copy()
    random.Random(seed).shuffle(shuffled)
    said, router = told(shuffled)
    finished = [one for one in said if isinstance(one, h.Finish)]
    assert len(finished) + len(router.works) == 1
    offers = sum(isinstance(one, h.Offer) for one in said)
    ended = sum(isinstance(one, h.EndOffer) for one in said)
    connected = sum(isinstance(one, h.Connect) for one in said)
    held = sum(len(seat.works) for seat in router.matcher.seats.values())
    assert offers - ended == max(connected, held)
