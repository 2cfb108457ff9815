"""Skills that a campaign asks for: who lacks them gets none of its calls and is not counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from omni.acd.model import Skill
from omni.core.errors import Forbidden
from omni.core.events.outbound import PreviewShown
from omni.core.events.routing import InteractionAccepted, InteractionOffered
from omni.core.ids import AgentId
from omni.dialer.model import Mode
from tests.dialer.world import QUEUE, Floor, floor

ONE, TWO, THREE = (AgentId(f"agent{number}") for number in (1, 2, 3))
GERMAN = Skill("german", 3)


async def learns(world: Floor, agent_id: AgentId, *skills: Skill) -> None:
    agent = next(one for one in world.acd.agents() if one.id == agent_id)
    await world.acd.put_agent(replace(agent, skills=skills), [])


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
async def test_only_who_has_them_counts_and_gets_the_calls(
    database: str, tmp_path: Path, mode: Mode
) -> None:
    async with floor(tmp_path, agents=3) as world:
        await learns(world, ONE, Skill("german", 2))
        await learns(world, TWO, Skill("german", 5))
        campaign = await world.running_campaign(9, mode=mode, needs=(GERMAN,), drop_limit_pct=0.0)
        [request] = await world.dialled(1)
        await world.quiet()
        assert len(world.telephone.dialled) == 1  # a line for the one agent who counts
        staff = {one.agent_id: one.held_for for one in world.acd.staffing(QUEUE).agents}
        assert staff == {ONE: "", TWO: campaign.campaign_id, THREE: ""}
        assert [one.agent_id for one in world.acd.staffing(QUEUE, (GERMAN,)).agents] == [TWO]
        await world.telephone.answer(request.attempt_id)
        await world.until(lambda: world.events(InteractionAccepted))
        assert world.events(InteractionAccepted)[0].agent_id == TWO
        await world.quiet()
        assert len(world.telephone.dialled) == 1  # the others could not have another
        assert {event.agent_id for event in world.events(InteractionOffered)} == {TWO}


async def test_who_loses_the_skill_is_held_no_more(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        await learns(world, ONE, GERMAN)
        await world.running_campaign(9, mode=Mode.PROGRESSIVE, needs=(GERMAN,))
        [request] = await world.dialled(1)
        await learns(world, ONE)
        await world.ended(1)
        assert world.telephone.hung_up == [request.attempt_id]
        await world.quiet()
        assert len(world.telephone.dialled) == 1


async def test_contacts_are_shown_to_who_has_them(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        await learns(world, TWO, GERMAN)
        campaign = await world.running_campaign(9, mode=Mode.PREVIEW, needs=(GERMAN,))
        await world.until(lambda: world.events(PreviewShown))
        await world.quiet()
        assert [event.agent_id for event in world.events(PreviewShown)] == [TWO]
        assert [one.name for one in await world.by_hand.open_campaigns(TWO)] == ["Spring"]
        assert not await world.by_hand.open_campaigns(ONE)
        with pytest.raises(Forbidden):
            await world.by_hand.dial(ONE, campaign.campaign_id, "+12125550188", "")


async def test_they_may_be_changed_while_it_runs(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(9, mode=Mode.PROGRESSIVE, needs=(GERMAN,))
        await world.quiet()
        assert not world.telephone.dialled
        assert (await world.campaigns.get(campaign.campaign_id)).needs == (GERMAN,)
        await world.campaigns.change(campaign.campaign_id, needs=(replace(GERMAN, preferred=True),))
        await world.dialled(2)  # wished for only: nobody waits for it
