"""Calls that agents make themselves: when they get one, what comes beside it, how it ends."""

from dataclasses import replace
from itertools import product

import pytest

from omni.acd.engine import happenings as h
from omni.acd.engine.explaining import explain, explain_agent
from omni.acd.engine.router import Router
from omni.acd.model import MEDIA, Agent, Arrival, Group, GroupLink, Plan, Policy, Queue
from omni.acd.own_call import OwnCall
from omni.core.errors import Conflict
from omni.core.events.routing import AgentStateChanged, InteractionAccepted, OwnCallChanged
from omni.core.ids import AgentId, CampaignId, ContactId, GroupId, InteractionId, QueueId
from omni.core.terms import AgentState, Direction, InteractionState, Medium
from tests.acd.site import BEN, SERVICE, Site, running

SALES, TEAM, ANN = QueueId("sales"), GroupId("team"), AgentId("ann")
SPRING, OTHER = CampaignId("spring"), CampaignId("other")
SHOWN = OwnCall(SPRING, SALES, ContactId("ada"))
DIALLED = replace(SHOWN, dialling=True)
NONE, ALL = (False, False, False), (True, True, True)


class Floor:
    """A router with Ann, ready at her phone."""

    def __init__(self, capacity: tuple[int, int, int] = (1, 2, 2), **policy: object) -> None:
        plan = Plan(
            queues=(Queue(SALES, "Sales"),),
            groups=(Group(TEAM, "Team"),),
            group_links=(GroupLink(SALES, TEAM),),
            policy=Policy(**policy),  # type: ignore[arg-type]
        )
        self.router = Router(plan)
        self.now_s = 0.0
        self.said: list[h.Command] = []
        self.made = 0
        self.tell(h.AgentPut(0.0, Agent(ANN, "Ann", (TEAM,), capacity=capacity)))
        self.tell(h.PhoneChanged(0.0, ANN, True))
        self.tell(h.ReadyAsked(0.0, ANN))

    def tell(self, happening: h.Happening) -> list[h.Command]:
        self.said = self.router.handle(happening)
        return self.said

    def give(self, own: OwnCall = SHOWN, until_s: float = 60.0) -> list[h.Command]:
        return self.tell(h.OwnCallGiven(self.now_s, ANN, own, until_s))

    def arrive(self, medium: Medium, **fields: object) -> InteractionId:
        self.made += 1
        interaction_id = InteractionId(f"i{self.made}")
        arrived = h.Arrived(self.now_s, interaction_id, medium, SALES)
        self.tell(arrived._replace(**fields))  # type: ignore[arg-type]
        return interaction_id

    def accept(self, medium: Medium) -> InteractionId:
        interaction_id = self.arrive(medium)
        self.tell(h.OfferAccepted(self.now_s, ANN, interaction_id))
        return interaction_id

    def answer(self, **fields: object) -> InteractionId:
        """The person that Ann dialled picks up."""
        return self.arrive(Medium.VOICE, holder=SPRING, owner=ANN, auto_accept=True, **fields)

    def state(self, interaction_id: InteractionId) -> InteractionState:
        return self.router.works[interaction_id].state

    @property
    def shown(self) -> tuple[AgentState, str]:
        seat = self.router.matcher.seats[ANN]
        return seat.shown, seat.shown_reason

    @property
    def ends(self) -> list[str]:
        return [command.reason for command in self.said if isinstance(command, h.EndOwnCall)]


def refusal(floor: Floor, own: OwnCall = SHOWN) -> str:
    with pytest.raises(Conflict) as refused:
        floor.give(own)
    assert refused.value.code == "agent_not_free"
    return str(refused.value.data["gate"])


def test_it_is_shown_dialled_becomes_the_call_and_ends_with_wrap_up() -> None:
    floor = Floor()
    floor.give()
    assert floor.shown == (AgentState.DIALING, "preview")
    floor.give(DIALLED)
    assert floor.shown == (AgentState.DIALING, "")
    call = floor.answer()
    kinds = [type(command) for command in floor.said]
    assert kinds == [h.Admit, h.EndOwnCall, h.Offer, h.Connect, h.ShowState]
    assert (floor.ends, floor.shown) == (["connected"], (AgentState.BUSY, ""))
    floor.tell(h.ConversationEnded(1.0, call, ANN))
    assert floor.shown == (AgentState.WRAP_UP, "")
    assert refusal(floor) == "no_capacity"
    floor.tell(h.WrapUpGiven(2.0, ANN, call, "sale"))
    assert floor.shown == (AgentState.READY, "")


@pytest.mark.parametrize(
    ("new", "may", "own"), list(product((0, 1, 2), (False, True), (SHOWN, DIALLED)))
)
def test_what_may_join_it(new: int, may: bool, own: OwnCall) -> None:
    """A cell each: a call, a mail, a chat for who has one shown or dialled."""
    joins = tuple(may and medium == new for medium in (0, 1, 2))
    floor = Floor(may_join_own_call=joins)
    floor.give(own)
    arrived = floor.arrive(MEDIA[new])
    gates = explain_agent(floor.router, ANN).gates[MEDIA[new]]
    reached = may and (new != 0 or own is SHOWN)  # one that is dialled has the only place
    assert (floor.state(arrived) is InteractionState.OFFERED) is reached
    barred = "own_call_shown" if own is SHOWN else "own_call_dialled"
    assert (barred in gates) is not reached
    if not reached:
        assert explain(floor.router, arrived).candidates[0].gates == (barred,)
    interrupts = reached and new == 0
    assert floor.ends == (["interrupted"] if interrupts else [])
    assert floor.shown[0] is (AgentState.READY if interrupts else AgentState.DIALING)


@pytest.mark.parametrize(("held", "may"), list(product((0, 1, 2), (False, True))))
def test_what_it_may_join(held: int, may: bool) -> None:
    """A cell each: for who has a call, a mail, a chat."""
    joins = tuple(may and medium == held for medium in (0, 1, 2))
    floor = Floor(capacity=(2, 2, 2), own_call_may_join=joins)
    floor.accept(MEDIA[held])
    if may:
        floor.give()
        assert floor.shown == (AgentState.DIALING, "preview")
        floor.tell(h.OwnCallOver(0.0, ANN, SHOWN.contact_id))
        assert floor.shown == (AgentState.BUSY, "")
    else:
        assert refusal(floor) == "may_not_interrupt"


def test_it_takes_a_place_of_a_call() -> None:
    floor = Floor(capacity=(1, 2, 2), own_call_may_join=ALL)
    floor.accept(Medium.VOICE)
    assert refusal(floor) == "no_capacity"
    floor = Floor(capacity=(2, 2, 2), own_call_may_join=ALL, may_join_own_call=ALL)
    floor.give(DIALLED)
    first = floor.accept(Medium.VOICE)
    assert floor.state(first) is InteractionState.ACTIVE
    assert floor.ends == []
    second = floor.arrive(Medium.VOICE)
    assert floor.state(second) is InteractionState.WAITING


def test_who_has_no_room_gets_none() -> None:
    floor = Floor()
    offered = floor.arrive(Medium.CHAT)
    assert refusal(floor) == "offer_open"
    floor.tell(h.OfferRejected(0.0, ANN, offered))
    assert refusal(floor) == "resting"
    floor.tell(h.ReadyAsked(0.0, ANN))
    floor.tell(h.CustomerLeft(0.0, offered))
    floor.tell(h.BreakAsked(0.0, ANN, "lunch"))
    assert refusal(floor) == "on_break"
    floor.tell(h.ReadyAsked(0.0, ANN))
    floor.tell(h.LinesTold(0.0, OTHER, SALES, 1, 30.0))
    assert refusal(floor) == "held_for_line"
    floor.tell(h.LinesTold(0.0, OTHER, SALES, 0, 30.0))
    assert refusal(floor, replace(SHOWN, queue_id=QueueId("gone"))) == "not_in_group"
    floor.give()
    assert refusal(floor, replace(SHOWN, contact_id=ContactId("bob"))) == "own_call_shown"
    floor.tell(h.PhoneChanged(0.0, ANN, False))
    assert floor.ends == ["agent_gone"]
    assert refusal(floor) == "phone_down"


def test_who_is_held_for_the_campaign_may_make_its_calls() -> None:
    floor = Floor()
    floor.tell(h.LinesTold(0.0, SPRING, SALES, 1, 30.0))
    floor.give(DIALLED)
    assert floor.router.pledges.held(SPRING) == 0
    assert floor.state(floor.answer()) is InteractionState.ACTIVE


def test_a_line_may_take_the_place_of_what_is_shown() -> None:
    floor = Floor(may_join_own_call=ALL)
    floor.give()
    floor.tell(h.LinesTold(0.0, OTHER, SALES, 1, 30.0))
    assert (floor.ends, floor.shown) == (["interrupted"], (AgentState.READY, ""))
    assert floor.router.pledges.held(OTHER) == 1
    floor = Floor(may_join_own_call=NONE)
    floor.give()
    floor.tell(h.LinesTold(0.0, OTHER, SALES, 1, 30.0))
    assert (floor.ends, floor.router.pledges.held(OTHER)) == ([], 0)


def test_what_is_shown_ends_with_a_break_or_the_shift() -> None:
    for leave, state in (
        (h.BreakAsked(0.0, ANN, "lunch"), AgentState.BREAK),
        (h.SignOutAsked(0.0, ANN), AgentState.SIGNED_OUT),
    ):
        floor = Floor()
        floor.give()
        floor.tell(leave)
        assert (floor.ends, floor.shown[0]) == (["agent_gone"], state)
    floor = Floor()
    mail = floor.accept(Medium.EMAIL)
    floor.give()
    floor.tell(h.BreakAsked(0.0, ANN, "lunch"))  # the break comes after the mail
    assert (floor.ends, floor.shown) == (["agent_gone"], (AgentState.BUSY, "lunch"))
    assert floor.state(mail) is InteractionState.ACTIVE


def test_a_break_comes_after_what_is_dialled() -> None:
    for leave, state in (
        (h.BreakAsked(0.0, ANN, "lunch"), AgentState.BREAK),
        (h.SignOutAsked(0.0, ANN), AgentState.SIGNED_OUT),
    ):
        floor = Floor()
        floor.give(DIALLED)
        floor.tell(leave)
        assert (floor.ends, floor.shown[0]) == ([], AgentState.DIALING)
        floor.tell(h.OwnCallOver(0.0, ANN, DIALLED.contact_id))
        assert floor.shown[0] is state
    floor = Floor()
    floor.give(DIALLED)
    floor.tell(h.BreakAsked(0.0, ANN, "lunch"))
    call = floor.answer()  # she has it all the same
    assert floor.state(call) is InteractionState.ACTIVE
    floor.tell(h.ConversationEnded(1.0, call, ANN))
    floor.tell(h.WrapUpGiven(2.0, ANN, call, "sale"))
    assert floor.shown == (AgentState.BREAK, "lunch")


def test_a_supervisor_ends_it() -> None:
    floor = Floor()
    floor.give(DIALLED)
    floor.tell(h.SignOutAsked(0.0, ANN, "supervisor"))
    assert (floor.ends, floor.shown[0]) == (["agent_gone"], AgentState.SIGNED_OUT)


def test_what_nobody_ends_is_over_at_its_time() -> None:
    floor = Floor()
    floor.give(until_s=10.0)
    floor.tell(h.TimePassed(8.0))
    floor.give(DIALLED, until_s=30.0)  # dialled: it lasts as long as the line may
    floor.tell(h.TimePassed(29.0))
    assert floor.shown == (AgentState.DIALING, "")
    waiting = floor.arrive(Medium.EMAIL)
    floor.tell(h.TimePassed(31.0))
    assert floor.ends == ["expired"]
    assert floor.state(waiting) is InteractionState.OFFERED


def test_who_serves_the_queue_no_more_has_it_no_more() -> None:
    floor = Floor()
    floor.give(DIALLED)
    floor.tell(h.HoursChanged(0.0, frozenset(), frozenset({TEAM})))
    assert floor.ends == ["agent_gone"]


def test_anothers_call_is_not_taken_for_it() -> None:
    floor = Floor()
    floor.give(DIALLED)
    other = floor.arrive(Medium.VOICE, holder=OTHER, owner=ANN, auto_accept=True)
    nobodys = floor.arrive(Medium.VOICE, holder=SPRING, auto_accept=True)
    assert floor.state(other) is floor.state(nobodys) is InteractionState.WAITING
    assert floor.shown == (AgentState.DIALING, "")


# -- the service -----------------------------------------------------------------------------------


async def shown_to_ben(site: Site, own: OwnCall) -> None:
    await site.on_shift(BEN)
    site.events.clear()
    await site.acd.give_own_call(BEN, own, 60.0)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("dialling", [False, True])
async def test_a_restart_keeps_it(dialling: bool) -> None:
    own = OwnCall(SPRING, SERVICE, ContactId("ada"), dialling)
    async with running() as site:
        await shown_to_ben(site, own)
        [told] = [event for event in site.events if isinstance(event, OwnCallChanged)]
        assert told.state == ("dialled" if dialling else "shown")
        [state] = [event for event in site.events if isinstance(event, AgentStateChanged)]
        assert (state.state, state.reason) == (
            AgentState.DIALING,
            "" if dialling else "preview",
        )
        clock = site.clock
        await clock.turn(10.0)
    async with running(clock) as site:
        await site.acd.phone_changed(BEN, True)
        assert "agent.own_call_changed" not in site.types()
        [agent] = site.acd.staffing(SERVICE).agents
        assert agent.free is dialling
        assert site.acd.own_calls() == {BEN: own}
        call = site.call()
        await site.acd.arrive(call)
        assert "interaction.offered" not in site.types()
        await clock.turn(49.0)
        assert "agent.own_call_changed" not in site.types()
        await clock.turn(2.0)
        over = await site.until("agent.own_call_changed")
        assert isinstance(over, OwnCallChanged)
        assert (over.state, over.reason) == ("over", "expired")
        await site.until("interaction.offered")
    async with running(clock) as site:
        [presence] = await site.store.presences()
        assert (presence.own_call, presence.own_call_until) == (None, None)


@pytest.mark.usefixtures("database")
async def test_the_talk_begins_with_the_answer() -> None:
    own = OwnCall(SPRING, SERVICE, ContactId("ada"), True)
    async with running() as site:
        await shown_to_ben(site, own)
        await site.clock.turn(20.0)
        await site.acd.arrive(
            Arrival(
                InteractionId("call"),
                Medium.VOICE,
                Direction.OUTBOUND,
                queue_id=SERVICE,
                campaign_id=SPRING,
                auto_accept=True,
                owner=BEN,
            )
        )
        accepted = await site.until("interaction.accepted")
        assert isinstance(accepted, InteractionAccepted)
        assert accepted.agent_id == BEN
        [agent] = site.acd.staffing(SERVICE).agents
        assert (agent.state, agent.since) == (AgentState.BUSY, site.clock.now())
        assert not site.acd.own_calls()
        assert agent.campaign_id == SPRING
