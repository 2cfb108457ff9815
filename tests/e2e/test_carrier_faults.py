"""A carrier's bad day, and Asterisk killed under a hundred calls, with the whole product."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from omni.app.demo.carrier import Mood
from omni.app.demo.stage import Stage, stage
from omni.app.settings import load
from omni.core.events.voice import TrunkStateChanged
from omni.core.ids import CampaignId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.life import Order
from omni.dialer.model import Mode, RetryRule
from tests.e2e.campaigning import (
    all_over,
    announcement,
    at_work,
    attempts_of,
    books,
    make,
    some_numbers,
)
from tests.e2e.test_restarts import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]

RETRIES = tuple(
    RetryRule(outcome, 5, 6)
    for outcome in (
        AttemptOutcome.BUSY,
        AttemptOutcome.NO_ANSWER,
        AttemptOutcome.UNREACHABLE,
        AttemptOutcome.CONGESTION,
        AttemptOutcome.FAILED,
        AttemptOutcome.CANCELLED,
        AttemptOutcome.HUNG_UP,
    )
)
RECOVERS_S = 60  # the longest back-off of a trunk is 30 s
AGREED_CALLS = 104


async def trouble(on_stage: Stage, what: str) -> None:
    """Let both lines of the carrier do this with every call."""
    await on_stage.carrier.trouble(what)
    await on_stage.carrier.trouble(what, second=True)


async def answered(campaign_id: CampaignId) -> int:
    return sum(one.outcome is AttemptOutcome.ANSWERED for one in await attempts_of(campaign_id))


async def more_answered(campaign_id: CampaignId, count: int, seconds: float) -> None:
    """Wait until so many more people have talked to an agent."""
    wanted = await answered(campaign_id) + count
    async with asyncio.timeout(seconds):
        while await answered(campaign_id) < wanted:
            await asyncio.sleep(0.3)


async def trunk_states(on_stage: Stage) -> list[tuple[str, str]]:
    """Return what was told of the trunks."""
    read = on_stage.omni.foundation.journal.read(0, types=[TrunkStateChanged.TYPE])
    told = [recorded.event async for recorded in read]
    return [(one.state, one.reason) for one in told if isinstance(one, TrunkStateChanged)]


@pytest.mark.parametrize(
    ("refused_s", "others_s"),
    [
        pytest.param(6, 5, id="short"),
        pytest.param(60, 60, id="a minute", marks=[pytest.mark.soak, pytest.mark.timeout(600)]),
    ],
)
async def test_the_carrier_s_bad_day(data_folder: Path, refused_s: int, others_s: int) -> None:
    """503 for a while, then everybody busy, then nobody answers, then no word at all."""
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(20, 30), silent=True)
    async with stage(settings, mood, 4, lambda step: None) as on_stage, at_work(on_stage):
        omni = on_stage.omni
        campaign_id = await make(
            omni, "Bad day", some_numbers(900), ring_s=5, retries=RETRIES, max_attempts=8
        )
        never = some_numbers(900)[7]
        await omni.do_not_call.add(never, reason="asked for it")
        await omni.campaigns.start(campaign_id)
        await more_answered(campaign_id, 2, 60)
        for what, seconds in (
            ("congestion", refused_s),
            ("busy", others_s),
            ("ringout", others_s),
            ("silent", others_s),
        ):
            await trouble(on_stage, what)
            await asyncio.sleep(seconds)
        await trouble(on_stage, "")
        await more_answered(campaign_id, 3, RECOVERS_S)
        await all_over(on_stage, [campaign_id])
        done = await books(omni, campaign_id)
        seen = set(done.outcomes)
        assert {AttemptOutcome.CONGESTION, AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER} <= seen
        assert never not in {one.number for one in done.attempts}
        assert ("trouble", "503") in await trunk_states(on_stage)


async def test_asterisk_is_killed_under_a_hundred_calls(data_folder: Path) -> None:
    """Ringing, hearing a message, with agents: each has one outcome, and dialling goes on."""
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(60, 90), silent=True)
    async with stage(settings, mood, 4, lambda step: None) as on_stage, at_work(on_stage):
        omni = on_stage.omni
        phones = some_numbers(700)
        sold = await make(omni, "Sales", phones[:300], ring_s=10, retries=RETRIES)
        said = await make(
            omni,
            "Message",
            phones[300:],
            mode=Mode.AGENTLESS,
            retries=RETRIES,
            calls_per_second=15,
            max_lines=AGREED_CALLS,
            message=await announcement(omni, 60),
        )
        await omni.campaigns.start(said)
        await omni.campaigns.start(sold)
        await until(
            lambda: sum(one.answered for one in omni.voice.live_calls()) >= 100,
            60,
            "no hundred calls came up",
            lambda: f"{len(omni.voice.live_calls())}",
        )
        up = len(omni.voice.live_calls())
        instance = omni.switchboard.instance
        assert instance is not None
        assert instance.pid is not None
        os.kill(instance.pid, signal.SIGKILL)
        await until(lambda: len(omni.voice.live_calls()) < up // 2, 30, "the dead calls live")
        await more_answered(sold, 2, 60)
        async with asyncio.timeout(60):
            before = len(await attempts_of(said))
            while len(await attempts_of(said)) < before + 10:
                await asyncio.sleep(0.3)
        await omni.campaigns.order(said, Order.STOP)
        for call in omni.voice.live_calls():
            if call.campaign_id == said:
                await omni.voice.hang_up(call.call_id)
        await all_over(on_stage, [sold])
        for campaign_id in (sold, said):
            await books(omni, campaign_id)
