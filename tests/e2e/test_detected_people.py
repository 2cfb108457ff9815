"""From the detector's verdict to the agent, with the whole product, by Asterisk's own clock."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from omni.app.demo.carrier import Mood
from omni.app.demo.stage import stage
from omni.app.settings import load
from omni.channels.voice.gateway import AriSwitch
from omni.core.terms import AttemptOutcome
from tests.e2e.campaigning import all_over, at_work, attempts_of, books, make, some_numbers

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(200)]

PEOPLE = 6
HEARS_S = 0.2


class Clockwork:
    """When Asterisk said that a person answered, and when their leg came to an agent."""

    def __init__(self) -> None:
        self.known: dict[str, datetime] = {}
        self.joined: dict[str, datetime] = {}

    def hear(self, event: Mapping[str, Any]) -> None:
        leg_id, at = event.get("channel", {}).get("id"), event.get("timestamp")
        if leg_id is None or at is None:
            return
        when = datetime.fromisoformat(at)
        if event["type"] == "StasisStart" and event["args"][:2] == ["amd", "HUMAN"]:
            self.known[leg_id] = when
        mixing = event.get("bridge", {}).get("bridge_type") == "mixing"
        if event["type"] == "ChannelEnteredBridge" and mixing:
            self.joined.setdefault(leg_id, when)

    def took_s(self) -> list[float]:
        """Return how long each person had waited, the shortest first."""
        both = self.known.keys() & self.joined.keys()
        return sorted((self.joined[leg] - self.known[leg]).total_seconds() for leg in both)


async def test_an_agent_hears_a_person_a_moment_after_the_verdict(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    clockwork, plain = Clockwork(), AriSwitch.event

    def listening(switch: AriSwitch, event: Mapping[str, Any]) -> None:
        clockwork.hear(event)
        plain(switch, event)

    monkeypatch.setattr(AriSwitch, "event", listening)
    settings = load({"OMNI_DATA": str(open_folder), "OMNI_PORT": "0"}, open_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(30, 40))
    async with stage(settings, mood, 3, lambda step: None) as on_stage, at_work(on_stage):
        omni = on_stage.omni
        campaign_id = await make(
            omni, "People", some_numbers(200), answer_detection=True, drop_limit_pct=100.0
        )
        await omni.campaigns.start(campaign_id)
        async with asyncio.timeout(100):
            while len(clockwork.took_s()) < PEOPLE:
                await asyncio.sleep(0.3)
        await all_over(on_stage, [campaign_id])
        done = await books(omni, campaign_id)
        assert done.outcomes[AttemptOutcome.ANSWERED] >= PEOPLE
        assert any(one.answered_at for one in await attempts_of(campaign_id))
        took_s = clockwork.took_s()
        record_property("verdict_to_agent_ms", [round(1000 * one) for one in took_s])
        assert median(took_s) < HEARS_S, took_s
