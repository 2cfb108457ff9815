"""From the verdict of Asterisk's detector to the agent, with the whole product."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from omni.app.demo.carrier import Mood
from omni.app.demo.stage import Stage, stage
from omni.app.settings import load
from omni.channels.voice.gateway import AriSwitch
from omni.core.events.voice import CallConnected
from omni.core.terms import AttemptOutcome
from tests.e2e.campaigning import all_over, at_work, books, make, some_numbers

# A measurement, and minutes long: in `make soak`.
pytestmark = [pytest.mark.asterisk, pytest.mark.soak, pytest.mark.timeout(200)]

PEOPLE = 6
HEARS_S = 1.0  # 0.2 is asked for, on a machine that does nothing else


async def took_s(on_stage: Stage, known: Mapping[str, datetime]) -> list[float]:
    """Return how long people had waited when the join was written down, the shortest first.

    Args:
        known: when Asterisk said that a person answered, call by call.
    """
    read = on_stage.omni.foundation.journal.read(0, types=[CallConnected.TYPE])
    joined = {recorded.event.key: recorded.at async for recorded in read}
    both = known.keys() & joined.keys()
    return sorted((joined[call] - known[call]).total_seconds() for call in both)


async def test_an_agent_hears_a_person_a_moment_after_the_verdict(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    known: dict[str, datetime] = {}
    plain = AriSwitch.event

    def listening(switch: AriSwitch, event: Mapping[str, Any]) -> None:
        if event["type"] == "StasisStart" and event["args"][:2] == ["amd", "HUMAN"]:
            known[event["channel"]["id"]] = datetime.fromisoformat(event["timestamp"])
        plain(switch, event)

    monkeypatch.setattr(AriSwitch, "event", listening)
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(30, 40))
    async with stage(settings, mood, 3, lambda step: None) as on_stage, at_work(on_stage):
        omni = on_stage.omni
        campaign_id = await make(
            omni, "People", some_numbers(200), answer_detection=True, drop_limit_pct=100.0
        )
        await omni.campaigns.start(campaign_id)
        async with asyncio.timeout(100):
            while len(await took_s(on_stage, known)) < PEOPLE:
                await asyncio.sleep(0.3)
        await all_over(on_stage, [campaign_id])
        done = await books(omni, campaign_id)
        assert done.outcomes[AttemptOutcome.ANSWERED] >= PEOPLE
        waited_s = await took_s(on_stage, known)
        record_property("verdict_to_agent_ms", [round(1000 * one) for one in waited_s])
        assert median(waited_s) < HEARS_S, waited_s
