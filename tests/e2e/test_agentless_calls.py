"""Agentless campaigns with the whole product: people, keys, machines, on real Asterisks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from omni.app.demo.carrier import Mood
from omni.app.demo.stage import Stage, stage
from omni.app.settings import load
from omni.core.events.voice import CallAnswered, CallEnded
from omni.core.ids import CampaignId
from omni.core.terms import AttemptOutcome
from omni.dialer.model import Attempt, DoNotCallSearch, Mode, OnMachine
from tests.e2e.campaigning import (
    all_over,
    announcement,
    at_work,
    attempts_of,
    books,
    make,
    some_numbers,
)

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(200)]

MESSAGE_S = 2.0
GREETING_S = 4.0  # the carrier's machine speaks longer than that before its beep
EACH = 1


async def everybody(on_stage: Stage, what: str) -> None:
    """Let both lines of the carrier answer every call like this."""
    await on_stage.carrier.trouble(what)
    await on_stage.carrier.trouble(what, second=True)


async def so_many(
    campaign_id: CampaignId, wanted: Callable[[Attempt], bool], count: int
) -> list[Attempt]:
    """Wait for so many attempts of a kind; return them."""
    async with asyncio.timeout(60):
        while True:
            found = [one for one in await attempts_of(campaign_id) if wanted(one)]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.3)


def ended_as(outcome: AttemptOutcome) -> Callable[[Attempt], bool]:
    return lambda attempt: attempt.outcome is outcome


@dataclass(frozen=True, slots=True)
class Call:
    """How an answered call ended; `up_s`: how long it was up."""

    up_s: float
    by: str
    message_played: bool


async def calls(on_stage: Stage) -> dict[str, Call]:
    """Return the answered calls that are over, attempt by attempt."""
    answered_at: dict[str, datetime] = {}
    found: dict[str, Call] = {}
    types = [CallAnswered.TYPE, CallEnded.TYPE]
    async for recorded in on_stage.omni.foundation.journal.read(0, types=types):
        event = recorded.event
        if isinstance(event, CallAnswered):
            answered_at[event.call_id] = recorded.at
        elif isinstance(event, CallEnded) and event.call_id in answered_at:
            up_s = (recorded.at - answered_at[event.call_id]).total_seconds()
            found[event.call_id] = Call(up_s, event.by, event.message_played)
    return found


async def test_people_hear_the_message_press_keys_and_machines_get_it_after_the_beep(
    data_folder: Path,
) -> None:
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    async with stage(settings, Mood(), 1, lambda step: None) as on_stage, at_work(on_stage):
        omni = on_stage.omni
        message = await announcement(omni, MESSAGE_S)
        phones = some_numbers(200)
        keys = await make(
            omni, "Keys", phones[:100], mode=Mode.AGENTLESS, connect_key=True, message=message
        )
        machines = await make(
            omni,
            "Machines",
            phones[100:],
            mode=Mode.AGENTLESS,
            answer_detection=True,
            on_machine=OnMachine.MESSAGE,
            message=message,
        )
        # A person who listens to the end: the line is hung up by us, after a while for a key.
        await everybody(on_stage, "person")
        await omni.campaigns.start(keys)
        heard = await so_many(keys, ended_as(AttemptOutcome.MESSAGE), EACH)
        # Who presses 9 is on the list for all campaigns; who presses 1 gets an agent.
        await everybody(on_stage, "presses_9")
        refused = await so_many(keys, ended_as(AttemptOutcome.OPTED_OUT), EACH)
        await everybody(on_stage, "presses_1")
        talked = await so_many(keys, ended_as(AttemptOutcome.ANSWERED), EACH)
        await omni.campaigns.pause(keys)
        await everybody(on_stage, "machine")
        await omni.campaigns.start(machines)
        left = await so_many(machines, ended_as(AttemptOutcome.MACHINE), EACH)
        await everybody(on_stage, "person")
        await so_many(machines, ended_as(AttemptOutcome.MESSAGE), EACH)
        await all_over(on_stage, [machines])

        for campaign_id in (keys, machines):
            await books(omni, campaign_id)
        over = await calls(on_stage)
        for attempt in heard:
            call = over[attempt.attempt_id]
            assert (call.by, call.message_played) == ("system", True)
            assert call.up_s > MESSAGE_S
        forbidden = (await omni.do_not_call.page(DoNotCallSearch(), 1, 100))[1]
        assert {one.number for one in forbidden} >= {one.number for one in refused}
        assert all(one.answered_at is not None for one in talked)
        for attempt in left:
            call = over[attempt.attempt_id]
            assert (call.by, call.message_played) == ("system", True)
            assert call.up_s > GREETING_S + MESSAGE_S, "it was spoken after the greeting"
