"""Callers who do not stay on the line: a call back at their place, and a message, in the browser.

Two real Asterisks, the whole product, and an agent at a Chromium with a telephone of their own.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from omni.acd.guide import Guide
from omni.acd.overflow import Action, Condition, OverflowRule, Step
from omni.app.demo.carrier import Mood
from omni.app.demo.seed import CALLS
from omni.app.demo.stage import Stage, stage
from omni.app.demo.world import INBOUND_NUMBER
from omni.app.settings import load
from omni.core.events.base import Event
from omni.core.events.routing import CallbackPromised, InteractionEnded
from omni.core.events.voice import CallConnected, CallEnded, CallStarted, RecordingStored
from omni.core.ids import AnnouncementId
from omni.core.terms import Direction, Outcome
from tests.channels.voice.tones import tone, upload
from tests.e2e.test_first_day import Desk, browser

__all__ = ["browser"]  # the fixture
pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.timeout(240)]

FIRST, SECOND, THIRD = "+12025550171", "+12025550172", "+12025550173"


@pytest.fixture
async def site(data_folder: Path) -> AsyncIterator[Stage]:
    """The whole product, nobody at work, and a network in which everybody answers and talks."""
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(60, 90))
    async with stage(settings, mood, 0, lambda step: None) as on_stage:
        yield on_stage


async def rules(site: Stage, *overflow: OverflowRule, guide: Guide | None = None) -> None:
    """Give the queue of calls these rules."""
    queue = next(one for one in site.omni.acd.plan.queues if one.id == CALLS)
    changed = replace(queue, overflow=overflow, guide=guide or queue.guide)
    await site.omni.administration.save_queue(changed)


async def happened(site: Stage, kind: type[Event], count: int = 1, within_s: float = 40) -> Any:
    """Wait until so many events of a kind are in the journal; return them."""
    journal = site.omni.foundation.journal
    deadline_s = asyncio.get_running_loop().time() + within_s
    while True:
        all_of_it = [recorded.event async for recorded in journal.read(0)]
        found = [event for event in all_of_it if isinstance(event, kind)]
        if len(found) >= count:
            return found
        late = asyncio.get_running_loop().time() > deadline_s
        assert not late, (kind.TYPE, [event.model_dump(mode="json") for event in all_of_it[-25:]])
        await asyncio.sleep(0.2)


async def take(agent: Desk, number: str) -> str:
    """Accept the offered work, which must be this caller's; return its id."""
    card = agent.offer("Call")
    await expect(card).to_be_visible(timeout=30_000)
    digits = re.sub(r"\D", "", number)
    name = re.sub(r"\D", "", await card.get_attribute("aria-label") or "")
    assert name.endswith(digits[-7:]), f"offered first: {name}, not {digits}"
    await card.get_by_role("button", name="Accept").click()
    item = agent.page.locator("[data-testid^=work-]").first
    await expect(item).to_be_visible()
    await item.click()
    return (await item.get_attribute("data-testid") or "").removeprefix("work-")


async def hears_and_is_heard(page: Page) -> None:
    """Sound flows both ways for three seconds."""
    before = await page.evaluate("window.__phoneStats()")
    await page.wait_for_timeout(3000)
    after = await page.evaluate("window.__phoneStats()")
    for way in ("packetsReceived", "packetsSent"):
        assert after[way] - before[way] > 75, f"{way}: {before} … {after}"
    assert after["energyReceived"] > before["energyReceived"], "silence"


async def plays(page: Page, name: str) -> None:
    """Play what is there under this name; it has a length, and its time goes on."""
    sound = page.get_by_label(name).first
    await expect(sound).to_be_visible()
    await sound.evaluate("sound => sound.play()")
    await page.wait_for_function(
        "sound => sound.duration > 2 && sound.currentTime > 1",
        arg=await sound.element_handle(),
        timeout=15_000,
    )
    await sound.evaluate("sound => sound.pause()")


async def the_ticket_of(agent: Desk, interaction_id: str) -> str:
    """Return the id of the ticket to which this contact belongs."""
    async with asyncio.timeout(20):
        while True:
            for ticket in (await agent.get("/api/tickets"))["tickets"]:
                whole = await agent.get(f"/api/tickets/{ticket['ticket_id']}")
                if any(one["interaction_id"] == interaction_id for one in whole["contacts"]):
                    return str(ticket["ticket_id"])
            await asyncio.sleep(0.3)


async def test_a_caller_is_called_back_at_their_place_and_another_leaves_a_message(
    site: Stage, browser: Browser
) -> None:
    announcements = site.omni.announcements
    own = (await announcements.add("Greeting")).announcement_id
    await announcements.set_sound(own, "en", upload(tone(1.0, form=("MP3", None))))
    agent = await Desk.open(browser, site.address, "agent")
    reader = await Desk.open(browser, site.address, "supervisor")

    called_back = await a_call_back(site, agent, own)
    await on_its_ticket(reader, called_back)
    message = await a_message(site, agent, own)
    await on_its_ticket(reader, message)
    await plays(reader.page, "Recording of the call")


async def a_call_back(site: Stage, agent: Desk, own: AnnouncementId) -> str:
    """Two callers wait; the first leaves for a call back, and is still served first."""
    page = agent.page
    offered = OverflowRule(Condition.WAITED, Step(Action.CALLBACK), limit=1)
    await rules(site, offered, guide=Guide(announcements=(own,)))
    await site.carrier.call_in(INBOUND_NUMBER, FIRST, stay_s=60, keys="WWWWW1")
    await asyncio.sleep(1.0)
    await site.carrier.call_in(INBOUND_NUMBER, SECOND, stay_s=120)
    [promised] = await happened(site, CallbackPromised)
    assert promised.address == FIRST
    [left] = [one for one in await happened(site, CallEnded) if one.call_id]
    assert left.by == "system"  # thanked, then let go

    await page.get_by_role("button", name="Start the shift").last.click()
    await expect(page.get_by_test_id("phone-status")).to_have_text("Phone is ready")
    interaction_id = await take(agent, FIRST)
    assert interaction_id == promised.interaction_id
    hang_up = page.get_by_role("button", name="Hang up")
    await expect(hang_up).to_be_visible()
    calls = [one for one in await happened(site, CallStarted, 3) if one.to_number == FIRST]
    assert [one.direction for one in calls] == [Direction.OUTBOUND]
    await happened(site, CallConnected)
    await hears_and_is_heard(page)
    await hang_up.click()
    await agent.finish("Solved")
    ended = [
        one
        for one in await happened(site, InteractionEnded)
        if one.interaction_id == interaction_id
    ]
    assert [one.outcome for one in ended] == [Outcome.ANSWERED]
    await take(agent, SECOND)
    await hang_up.click()
    await agent.finish("Solved")
    return interaction_id


async def a_message(site: Stage, agent: Desk, own: AnnouncementId) -> str:
    """Nobody is there; what the caller says is work for the agent who comes back."""
    page = agent.page
    taken = Step(Action.VOICEMAIL, announcement_id=own)
    await rules(site, OverflowRule(Condition.NOBODY, taken, waiting_too=True))
    await site.omni.acd.take_break(await the_agent(agent), "lunch")
    await expect(page.get_by_test_id("agent-state")).to_contain_text("Break")
    before = len(await happened(site, RecordingStored))
    await site.carrier.call_in(INBOUND_NUMBER, THIRD, stay_s=20)
    stored = (await happened(site, RecordingStored, before + 1))[-1]
    assert stored.message_for == CALLS
    assert stored.length_s > 3
    await page.get_by_role("button", name="Back to work").last.click()
    interaction_id = await take(agent, THIRD)
    assert interaction_id == stored.recording_id
    await plays(page, "Hear the message")
    await page.get_by_role("button", name="Call back").click()
    hang_up = page.get_by_role("button", name="Hang up")
    await happened(site, CallConnected, 3)
    await hears_and_is_heard(page)
    await hang_up.click()
    await agent.finish("Solved")
    return interaction_id


async def the_agent(agent: Desk) -> Any:
    return (await agent.get("/api/me"))["user_id"]


async def on_its_ticket(agent: Desk, interaction_id: str) -> None:
    """The ticket's page shows the contact with its result."""
    ticket_id = await the_ticket_of(agent, interaction_id)
    await agent.page.goto(f"{agent.address}/tickets/{ticket_id}")
    await expect(agent.page.get_by_role("main")).to_contain_text("Solved")
