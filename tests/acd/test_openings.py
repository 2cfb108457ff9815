"""Groups that open, close and help: by load, by hours, by hand, and after a restart."""

from dataclasses import replace

import pytest

from omni.acd.administration import Administration
from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import explain
from omni.acd.engine.hours import business_week
from omni.acd.engine.openings import Cause
from omni.acd.engine.router import Router
from omni.acd.model import (
    Agent,
    Calendar,
    Group,
    GroupLink,
    Load,
    Plan,
    Queue,
    Refused,
)
from omni.acd.overflow import Action, Condition, OverflowRule, Step
from omni.core.errors import Invalid
from omni.core.events.base import Event
from omni.core.events.routing import (
    AidChanged,
    GroupOpeningChanged,
    InteractionOffered,
    QueueServedChanged,
)
from omni.core.ids import AgentId, CalendarId, GroupId, InteractionId, QueueId
from omni.core.terms import InteractionState, Medium, Outcome
from tests.acd.site import BEN, FIRST, PLAN, SECOND, SERVICE, Site, running

OWN, OTHER = GroupId("own"), GroupId("other")
SALES, CARE = QueueId("sales"), QueueId("care")
ANN, BOB = AgentId("ann"), AgentId("bob")
AID = Load(over_s=30.0, under_s=10.0)


def plan(aid: Load | None = AID, **group: object) -> Plan:
    return Plan(
        queues=(Queue(SALES, "Sales"), Queue(CARE, "Care")),
        groups=(Group(OWN, "Own"), replace(Group(OTHER, "Other"), **group)),  # type: ignore[arg-type]
        group_links=(GroupLink(SALES, OWN), GroupLink(SALES, OTHER, 2, aid=aid)),
    )


class Floor:
    """A router with Ann of the queue's own group and Bob of the other."""

    def __init__(self, plan: Plan, *ready: AgentId) -> None:
        self.router = Router(plan)
        self.said: list[h.Command] = []
        self.made = 0
        for agent_id, group_id in ((ANN, OWN), (BOB, OTHER)):
            self.tell(h.AgentPut(0.0, Agent(agent_id, agent_id, (group_id,))))
            self.tell(h.PhoneChanged(0.0, agent_id, True))
        for agent_id in ready:
            self.tell(h.ReadyAsked(0.0, agent_id))

    def tell(self, happening: h.Happening) -> list[h.Command]:
        said = self.router.handle(happening)
        self.said += said
        return said

    def call(self, at_s: float, queue_id: QueueId = SALES) -> InteractionId:
        self.made += 1
        interaction_id = InteractionId(f"i{self.made}")
        self.tell(h.Arrived(at_s, interaction_id, Medium.VOICE, queue_id, auto_accept=True))
        return interaction_id

    def holder(self, interaction_id: InteractionId) -> AgentId | None:
        seat = self.router.works[interaction_id].seat
        return seat.id if seat else None

    def gates(self, interaction_id: InteractionId, agent_id: AgentId) -> tuple[str, ...]:
        found = explain(self.router, interaction_id).candidates
        return next(one.gates for one in found if one.agent_id == agent_id)

    def aids(self) -> list[h.ShowAid]:
        return [one for one in self.said if isinstance(one, h.ShowAid)]


def test_a_group_helps_from_the_upper_limit_until_the_lower_one() -> None:
    floor = Floor(plan(), BOB)
    first = floor.call(0.0)
    floor.tell(h.TimePassed(29.0))
    assert floor.holder(first) is None
    assert floor.gates(first, BOB) == ("aid_not_needed",)
    floor.tell(h.TimePassed(31.0))
    assert floor.holder(first) == BOB
    offer = next(one for one in floor.said if isinstance(one, h.Offer))
    assert (offer.group_id, offer.why.borrowed_s, offer.why.distribution) == (OTHER, 31.0, 2)
    second = floor.call(31.5)
    floor.tell(h.ConversationEnded(31.6, first))
    floor.tell(h.WrapUpGiven(31.6, BOB, first, "sale"))
    assert floor.holder(second) == BOB  # nothing has waited over 10 s since, but nobody looked yet
    floor.tell(h.TimePassed(33.0))
    assert [one.since_s for one in floor.aids()] == [31.0, None]
    third = floor.call(33.5)
    floor.tell(h.ConversationEnded(34.0, second))
    floor.tell(h.WrapUpGiven(34.0, BOB, second, "sale"))
    assert floor.holder(third) is None


def test_between_the_limits_all_stays_as_it_is() -> None:
    floor = Floor(plan(Load(over_waiting=2, under_waiting=0)))
    calls = [floor.call(float(number)) for number in range(2)]
    floor.tell(h.TimePassed(5.0))
    assert floor.aids() == []
    calls.append(floor.call(5.5))
    floor.tell(h.TimePassed(7.0))
    assert len(floor.aids()) == 1
    for at_s, call in enumerate(calls, start=8):
        assert len(floor.aids()) == 1
        floor.tell(h.CustomerLeft(float(at_s), call))
    floor.tell(h.TimePassed(12.0))
    assert [one.since_s for one in floor.aids()] == [7.0, None]


def test_mails_count_only_where_they_are_meant_to() -> None:
    floor = Floor(plan(), BOB)
    floor.tell(h.Arrived(0.0, InteractionId("m"), Medium.EMAIL, SALES))
    floor.tell(h.TimePassed(100.0))
    assert floor.aids() == []


def test_a_group_opens_while_its_queues_need_it() -> None:
    needed = Plan(
        queues=(Queue(SALES, "Sales"), Queue(CARE, "Care")),
        groups=(Group(OWN, "Own"), Group(OTHER, "Other", load=Load(over_waiting=1))),
        group_links=(GroupLink(SALES, OWN), GroupLink(SALES, OTHER), GroupLink(CARE, OTHER)),
    )
    floor = Floor(needed, BOB)
    first = floor.call(0.0)
    floor.tell(h.TimePassed(10.0))
    assert floor.holder(first) is None
    assert floor.gates(first, BOB) == ("group_closed",)
    floor.call(10.0, CARE)  # its queues together
    floor.tell(h.TimePassed(12.0))
    assert floor.holder(first) == BOB
    causes = [one.cause for one in floor.said if isinstance(one, h.ShowGroup)]
    assert causes == [Cause.NOT_NEEDED, Cause.NEEDED]


def test_by_hand_counts_before_hours_and_load() -> None:
    never = Load(over_waiting=1_000)
    floor = Floor(plan(None, load=never), BOB)
    call = floor.call(0.0)
    floor.tell(h.PlanChanged(1.0, plan(None, load=never, kept_open=True)))
    assert floor.holder(call) == BOB
    floor.tell(h.PlanChanged(2.0, plan(None, load=never, kept_open=True, open=False)))
    assert floor.holder(call) == BOB  # what was taken stays
    causes = [one.cause for one in floor.said if isinstance(one, h.ShowGroup)]
    assert causes == [Cause.NOT_NEEDED, Cause.KEPT_OPEN, Cause.CLOSED_BY_HAND]


def test_a_closed_group_helps_nobody() -> None:
    floor = Floor(plan(), ANN)
    floor.call(0.0), floor.call(0.0)
    floor.tell(h.TimePassed(31.0))
    floor.tell(h.HoursChanged(32.0, frozenset(), frozenset({OTHER})))
    assert [one.since_s for one in floor.aids()] == [31.0, None]
    floor.tell(h.TimePassed(60.0))
    assert len(floor.aids()) == 2


def test_who_waits_for_an_agent_of_a_closed_group_waits_for_anybody() -> None:
    owned = plan(None)
    owned = replace(owned, queues=(replace(owned.queues[0], owner_wait_s=600.0), owned.queues[1]))
    floor = Floor(owned, ANN, BOB)
    taken = floor.call(0.0)
    assert floor.holder(taken) == ANN
    one, other = InteractionId("one"), InteractionId("other")
    floor.tell(h.Arrived(1.0, other, Medium.VOICE, SALES, auto_accept=True))
    assert floor.holder(other) == BOB
    floor.tell(h.Arrived(2.0, one, Medium.VOICE, SALES, owner=BOB, auto_accept=True))
    floor.tell(h.ConversationEnded(3.0, taken))
    floor.tell(h.WrapUpGiven(3.0, ANN, taken, "sale"))
    assert floor.holder(one) is None  # Ann is free, but it waits for Bob
    told = explain(floor.router, one)
    assert (told.owner_id, told.owner_left_s) == (BOB, 599.0)
    floor.tell(h.HoursChanged(4.0, frozenset(), frozenset({OTHER})))
    assert floor.holder(one) == ANN
    assert explain(floor.router, one).owner_id is None


@pytest.mark.parametrize(
    ("load", "fault"),
    [
        (Load(), "limits_missing"),
        (Load((False, False, False), over_s=1.0), "limits_of_nothing"),
        (Load(over_s=10.0, under_s=10.0), "limits_crossed"),
        (Load(over_waiting=3, under_waiting=4), "limits_crossed"),
    ],
)
def test_limits_that_contradict_themselves_are_refused(load: Load, fault: str) -> None:
    floor = Floor(plan(), BOB)
    before = floor.router.matcher.grid.plan
    for wrong in (plan(load), plan(load=load)):
        with pytest.raises(Invalid) as refusal:
            floor.router.handle(h.PlanChanged(1.0, wrong))
        assert refusal.value.data["fault"] == fault
    assert floor.router.matcher.grid.plan is before


# -- the service -----------------------------------------------------------------------------------


async def replan(site: Site, **parts: object) -> None:
    def edit(plan: Plan) -> tuple[Plan, list[Event]]:
        return replace(plan, version=plan.version + 1, **parts), []  # type: ignore[arg-type]

    await site.acd.edit_plan(edit)


@pytest.mark.usefixtures("database")
async def test_aid_goes_on_after_a_restart() -> None:
    async with running() as site:
        clock = site.clock
        links = (GroupLink(SERVICE, FIRST), GroupLink(SERVICE, SECOND, 1, aid=AID))
        await replan(site, group_links=links)
        await site.acd.arrive(site.call())
        await clock.turn(32.0)
        begun = await site.until(AidChanged.TYPE)
        assert isinstance(begun, AidChanged)
        assert (begun.queue_id, begun.group_id) == (SERVICE, SECOND)
    async with running(clock) as site:
        assert [row.since for row in site.acd.openings.aids] == [begun.since]
        assert begun in site.acd.openings_told()
        await site.on_shift(BEN)
        offered = await site.until(InteractionOffered.TYPE)
        assert isinstance(offered, InteractionOffered)
        assert offered.borrowed_since == begun.since
        explained = site.acd.explain_agent(BEN)
        assert explained.gates[Medium.VOICE] == ("offer_open",) or explained.gates


@pytest.mark.usefixtures("database")
async def test_hours_of_a_group_close_it_and_the_queue_is_told_unserved() -> None:
    async with running() as site:
        clock = site.clock
        calendar = Calendar(CalendarId("office"), "Office", business_week("UTC"))
        administration = Administration(site.acd, site.store)
        leave = OverflowRule(Condition.NOBODY, Step(Action.VOICEMAIL), waiting_too=True)
        links = (GroupLink(SERVICE, SECOND),)
        queues = (PLAN.queues[0], replace(PLAN.queues[1], overflow=(leave,)))
        groups = (PLAN.groups[0], replace(PLAN.groups[1], calendar_id=calendar.id))
        await replan(site, calendars=(calendar,), groups=groups, group_links=links, queues=queues)
        waiting = site.call()
        mail = site.call(medium=Medium.EMAIL)
        await site.acd.arrive(waiting)
        await site.acd.arrive(mail)
        site.events.clear()
        await clock.turn(9 * 3600.0 + 2.0)
        closed = await site.until(GroupOpeningChanged.TYPE)
        assert isinstance(closed, GroupOpeningChanged)
        assert (closed.group_id, closed.open, closed.cause) == (SECOND, False, "out_of_hours")
        served = await site.until(QueueServedChanged.TYPE)
        assert served == QueueServedChanged(queue_id=SERVICE, served=False)
        row = await site.store.find(waiting.interaction_id)
        assert row is not None
        assert row.outcome is Outcome.OVERFLOWED
        row = await site.store.find(mail.interaction_id)
        assert row is not None
        assert row.state is InteractionState.WAITING
        chat = site.call(medium=Medium.CHAT)
        assert await site.acd.arrive(chat) == Refused("unserved")
        await administration.save_group(replace(groups[1], kept_open=True))
        assert site.acd.unserved == frozenset({PLAN.queues[0].id})
