"""What people who watch a campaign are told of its pace."""

from pathlib import Path

from omni.core.events.outbound import CampaignPaced
from omni.core.ids import AgentId
from omni.dialer.model import Mode
from tests.dialer.test_agentless import announcing
from tests.dialer.world import floor


async def test_the_budget_and_the_lines_are_told_when_they_change(
    database: str, tmp_path: Path
) -> None:
    async with floor(tmp_path, agents=2) as world:
        campaign = await world.running_campaign(
            5, mode=Mode.PROGRESSIVE, profile="US-TSR", caller_id="+12125550100"
        )
        first, second = await world.dialled(2)
        await world.until(lambda: world.events(CampaignPaced))
        told = world.events(CampaignPaced)[-1]
        assert (told.campaign_id, told.agents) == (campaign.campaign_id, 2)
        assert (told.lines_max, told.reserved) == (2, 0)
        assert [(one.window, one.answered) for one in told.windows] == [
            ("calendar_day", 0),
            ("rolling_30d", 0),
        ]

        count = len(world.events(CampaignPaced))
        await world.quiet(4.1)
        assert len(world.events(CampaignPaced)) == count, "nothing has changed"

        await world.acd.phone_changed(AgentId("agent1"), False)
        await world.acd.phone_changed(AgentId("agent2"), False)
        await world.telephone.answer(first.attempt_id)
        await world.telephone.answer(second.attempt_id)
        await world.ended(2)
        await world.until(lambda: world.events(CampaignPaced)[-1].windows[0].dropped == 2)
        told = world.events(CampaignPaced)[-1]
        assert (told.windows[0].answered, told.windows[0].allowed) == (2, 0)
        assert told.lines_max == 0


async def test_an_agentless_campaign_tells_its_own_lines(database: str, tmp_path: Path) -> None:
    async with floor(tmp_path, agents=0) as world:
        campaign = await announcing(world, 3, max_lines=2)
        await world.dialled(1)
        await world.until(lambda: world.events(CampaignPaced))
        told = world.events(CampaignPaced)[-1]
        assert (told.campaign_id, told.lines_max) == (campaign.campaign_id, 2)
