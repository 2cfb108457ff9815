"""A campaign's life: every order in every state, a drain, a stop, changes while it runs."""

from pathlib import Path

import pytest

from omni.core.errors import Conflict
from omni.core.events.outbound import AttemptEnded, CampaignStateChanged, PreviewShown
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import AgentId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.life import Order, after
from omni.dialer.model import CampaignState, Mode
from tests.dialer.calling import Lists, contact
from tests.dialer.world import Floor, floor

S = CampaignState
NEXT = {
    S.DRAFT: {Order.START: S.RUNNING},
    S.RUNNING: {
        Order.PAUSE: S.PAUSED,
        Order.DRAIN: S.DRAINING,
        Order.STOP: S.STOPPED,
        Order.FINISH: S.FINISHED,
    },
    S.PAUSED: {Order.START: S.RUNNING, Order.STOP: S.STOPPED},
    S.DRAINING: {
        Order.START: S.RUNNING,
        Order.PAUSE: S.PAUSED,
        Order.STOP: S.STOPPED,
        Order.DRAINED: S.STOPPED,
    },
    S.STOPPED: {Order.START: S.RUNNING},
    S.FINISHED: {Order.START: S.RUNNING, Order.STOP: S.STOPPED},
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("order", list(Order))
def test_every_order_in_every_state(state: CampaignState, order: Order) -> None:
    assert after(state, order) is NEXT[state].get(order)


async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign()
    for order in (Order.PAUSE, Order.DRAIN, Order.STOP):
        with pytest.raises(Conflict) as refused:
            await lists.campaigns.order(campaign.campaign_id, order)
        assert (refused.value.code, refused.value.data) == ("campaign.state", {"state": "draft"})
    assert await lists.campaigns.get(campaign.campaign_id) == campaign


def states(world: Floor) -> list[str]:
    return [event.state for event in world.events(CampaignStateChanged)]


async def test_a_drain_waits_for_what_is_in_the_air(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(9, mode=Mode.PROGRESSIVE)
        talking, ringing = await world.dialled(2)
        await world.telephone.answer(talking.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        await world.campaigns.order(campaign.campaign_id, Order.DRAIN)
        await world.telephone.fail(ringing.attempt_id, AttemptOutcome.NO_ANSWER)
        await world.ended(2)
        await world.quiet()
        assert states(world) == ["running", "draining"]  # somebody still talks
        assert not world.telephone.hung_up
        accepted = world.events(InteractionAccepted)[0]
        await world.acd.customer_left(accepted.interaction_id)
        await world.quiet()
        assert states(world) == ["running", "draining"]  # and still wraps up
        await world.acd.wrap_up(accepted.agent_id, accepted.interaction_id, "sale")
        await world.until(lambda: states(world)[-1] == "stopped")
        assert world.events(CampaignStateChanged)[-1].reason == "drained"
        assert len(world.telephone.dialled) == 2


async def test_a_drain_that_is_called_off_dials_on(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.campaigns.order(campaign.campaign_id, Order.DRAIN)
        await world.quiet(1.0)
        await world.campaigns.start(campaign.campaign_id)
        await world.telephone.fail(request.attempt_id, AttemptOutcome.NO_ANSWER)
        await world.dialled(2)
        assert states(world) == ["running", "draining", "running"]


async def test_a_drain_goes_on_after_a_crash(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=1) as world:
        campaign = await world.running_campaign(3, mode=Mode.PROGRESSIVE)
        [request] = await world.dialled(1)
        await world.campaigns.order(campaign.campaign_id, Order.DRAIN)
        world.deaf = True  # this process learns nothing any more
        again = world.new_dialing()
        await again.start()
        assert [event.outcome for event in world.events(AttemptEnded)] == [AttemptOutcome.FAILED]
        assert world.telephone.hung_up == [request.attempt_id]
        await again.step(campaign.campaign_id)
        assert states(world)[-1] == "stopped"
        assert len(world.telephone.dialled) == 1


async def test_a_stop_withdraws_what_rings_and_lets_people_talk(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(9, mode=Mode.PROGRESSIVE)
        talking, ringing = await world.dialled(2)
        await world.telephone.answer(talking.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        await world.campaigns.order(campaign.campaign_id, Order.STOP)
        ended = await world.ended(2)
        assert world.telephone.hung_up == [ringing.attempt_id]
        assert [one.outcome for one in ended] == [AttemptOutcome.ANSWERED, AttemptOutcome.CANCELLED]
        await world.quiet()
        assert len(world.telephone.dialled) == 2


async def test_a_pause_takes_shown_contacts_and_asked_calls_back(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(5, mode=Mode.PREVIEW)
        await world.until(lambda: len(world.events(PreviewShown)) >= 2)
        first, second = world.events(PreviewShown)
        assert first.contact_id is not None
        world.telephone.lines = 0  # so that the call is asked for and cannot begin
        await world.by_hand.dial_shown(first.agent_id, first.contact_id)
        await world.campaigns.pause(campaign.campaign_id)
        told = world.events(PreviewShown)[-1]
        assert (told.agent_id, told.contact_id) == (second.agent_id, None)
        world.telephone.lines = 100
        await world.campaigns.start(campaign.campaign_id)
        await world.quiet()
        assert not world.telephone.dialled  # what was asked for before the pause is over


async def open_lines(world: Floor, number: int) -> int:
    await world.dialled(number)
    await world.quiet()
    return len(world.telephone.dialled)


async def test_mode_and_ratio_hold_from_the_next_decision(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(
            30, mode=Mode.PROGRESSIVE, profile="NONE", drop_limit_pct=100.0
        )
        campaign_id = campaign.campaign_id
        assert await open_lines(world, 2) == 2
        await world.campaigns.change(campaign_id, mode=Mode.POWER, lines_per_agent=2.0)
        assert await open_lines(world, 4) == 4
        await world.campaigns.change(campaign_id, lines_per_agent=4.0)
        assert await open_lines(world, 8) == 8
        await world.campaigns.change(campaign_id, mode=Mode.MANUAL)
        await world.until(lambda: len(world.telephone.hung_up) == 6)  # two are covered


async def test_the_limit_holds_from_the_next_decision(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(
            30, mode=Mode.POWER, lines_per_agent=3.0, drop_limit_pct=0.0
        )
        assert await open_lines(world, 2) == 2
        await world.campaigns.change(campaign.campaign_id, drop_limit_pct=100.0)
        assert await open_lines(world, 6) == 6
        await world.campaigns.change(campaign.campaign_id, drop_limit_pct=0.0)
        await world.until(lambda: len(world.telephone.hung_up) == 4)


async def test_the_weight_holds_from_the_next_decision(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=6) as world:
        first = await world.campaign(mode=Mode.PROGRESSIVE)
        second = await world.campaign(mode=Mode.PROGRESSIVE)
        for place, campaign in enumerate((first, second)):
            rows = (
                contact(n + 30 * place, campaign.campaign_id, contact_id=f"c{place}n{n}")
                for n in range(20)
            )
            await world.add_contacts(campaign.campaign_id, *rows)
        world.telephone.lines = 0
        for campaign in (first, second):
            await world.campaigns.start(campaign.campaign_id)
        await world.campaigns.change(first.campaign_id, weight=5)
        world.telephone.lines = 100
        assert await open_lines(world, 6) == 6
        mine = [one for one in world.telephone.dialled if one.campaign_id == first.campaign_id]
        assert len(mine) == 5


async def test_a_campaign_keeps_the_version_of_its_rules_until_told(
    database: str, tmp_path: Path
) -> None:
    lists = Lists(tmp_path)
    campaign = await lists.campaign(profile="CN")
    assert campaign.profile_version == 2
    old = await lists.campaigns.change(campaign.campaign_id, profile_version=1)
    await lists.campaigns.start(campaign.campaign_id)
    running = await lists.campaigns.change(campaign.campaign_id, profile_version=1)
    changed = await lists.campaigns.change(running.campaign_id, profile="CN", weight=3)
    assert (old.profile_version, changed.profile_version) == (1, 1)
    await lists.campaigns.pause(campaign.campaign_id)
    assert (await lists.campaigns.start(campaign.campaign_id)).profile_version == 1
    assert (await lists.campaigns.adopt_rules(campaign.campaign_id)).profile_version == 2


async def test_without_agents_nobody_is_dialled(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await world.running_campaign(3, mode=Mode.PREDICTIVE)
        await world.quiet()
        assert not world.telephone.dialled
        blocked = await world.campaigns.blocked(campaign.campaign_id)
        assert blocked.gates == {"agents": 3}
        await world.comes_to_work(AgentId("late"))
        await world.dialled(1)
