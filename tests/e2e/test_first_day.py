"""A first day in the browser: an agent's calls, mail and chat, seen live, reported right.

The product runs as `omni demo` with a carrier and a mail server but without robots, so that all
work comes to the one agent. Chromium has a fake microphone that beeps: real audio both ways.
"""

import asyncio
import io
import re
import wave
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from omni.app.demo import seed
from omni.app.demo.carrier import Mood
from omni.app.demo.mail_customers import MailCustomers
from omni.app.demo.stage import Stage, stage
from omni.app.demo.world import PASSWORD, SUPPORT_MAILBOX
from omni.app.settings import load
from omni.core.ids import CampaignId

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.timeout(240)]

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
SILENT_RMS = 50  # of 32,768; line noise is below, speech and beeps are far above


@pytest.fixture
async def site(data_folder: Path) -> AsyncIterator[Stage]:
    """The whole product on an empty folder, and a world in which nothing happens by itself."""
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 100}, ring_s=(1, 2), talk_s=(60, 90))
    async with stage(settings, mood, 0, lambda step: None) as on_stage:
        yield on_stage


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


class Desk:
    """A person at a browser of their own."""

    def __init__(self, context: BrowserContext, page: Page, address: str) -> None:
        self.context = context
        self.page = page
        self.address = address

    @classmethod
    async def open(
        cls, browser: Browser, address: str, person: str, *, microphone: bool = True
    ) -> "Desk":
        """Log in through the page, as people do."""
        context = await browser.new_context(
            viewport={"width": 1440, "height": 900},
            locale="en",
            permissions=["microphone"] if microphone else [],
        )
        context.set_default_timeout(30_000)
        await context.add_init_script("localStorage.setItem('omni.test', '1')")
        page = await context.new_page()
        await page.goto(address)
        await page.get_by_label(re.compile("e-?mail", re.I)).fill(f"{person}@demo.example")
        await page.get_by_label("Password", exact=False).first.fill(PASSWORD)
        await page.get_by_role("button", name="Log in").click()
        await page.wait_for_url(lambda url: "/login" not in url)
        return cls(context, page, address)

    async def get(self, path: str) -> Any:
        """Read from the API with this person's log-in."""
        answer = await self.page.request.get(self.address + path)
        assert answer.ok, f"{path}: {answer.status} {await answer.text()}"
        return await answer.json()

    async def speak(self, language: str) -> None:
        """Set the person's language and load the page again."""
        me = await self.get("/api/me")
        await self.page.request.patch(
            f"{self.address}/api/me",
            data={"language": language},
            headers={"X-CSRF-Token": me["csrf_token"]},
        )
        await self.page.reload()

    def offer(self, medium: str) -> Locator:
        """The card of an offer."""
        return self.page.get_by_role("group", name=re.compile(f"^{medium} from", re.I)).first

    async def finish(self, disposition: str) -> None:
        """Choose the result and finish the wrap-up."""
        form = self.page.get_by_test_id("result-form")
        await form.get_by_text(disposition, exact=True).click()
        await form.get_by_role("button", name="Finish").click()
        await expect(form).to_be_hidden()


async def test_first_day(site: Stage, browser: Browser) -> None:
    agent = await Desk.open(browser, site.address, "agent")
    supervisor = await Desk.open(browser, site.address, "supervisor")
    manager = await Desk.open(browser, site.address, "manager")

    await agent.page.get_by_role("button", name="Start the shift").last.click()
    await expect(agent.page.get_by_test_id("phone-status")).to_have_text("Phone is ready")
    await expect(agent.page.get_by_test_id("agent-state")).to_have_text("Ready")
    await supervisor.page.goto(f"{site.address}/supervisor")
    row = supervisor.page.get_by_role("row", name=re.compile("Demo Agent"))
    await expect(row).to_contain_text("Ready")

    campaign_id = await seed.campaign(site.omni, Random(1))
    await site.omni.campaigns.start(campaign_id)
    interaction_id = await take_a_campaign_call(agent, row, site, campaign_id)
    await the_recording_is_not_silent(agent, interaction_id)
    await answer_a_mail(agent, site)
    await answer_a_chat(agent, browser)
    await the_report_is_right(manager, campaign_id)
    await the_phone_is_where_it_was_opened_last(agent, browser)
    await without_a_microphone_the_agent_reads_what_to_do(agent)


async def take_a_campaign_call(
    agent: Desk, row: Locator, site: Stage, campaign_id: CampaignId
) -> str:
    """Take a call, hear and be heard, hang up, give the result; the supervisor sees it at once."""
    page = agent.page
    item = page.locator("[data-testid^=work-]").first
    await expect(item).to_be_visible(timeout=60_000)
    seen_s = asyncio.get_running_loop().time()
    await expect(row).to_contain_text("Busy")
    assert asyncio.get_running_loop().time() - seen_s < 1.0, "live means within a second"
    await site.omni.campaigns.pause(campaign_id)  # no second one after it
    interaction_id = (await item.get_attribute("data-testid") or "").removeprefix("work-")
    await item.click()
    hang_up = page.get_by_role("button", name="Hang up")
    await expect(hang_up).to_be_visible()
    before = await page.evaluate("window.__phoneStats()")
    await page.wait_for_timeout(3000)
    after = await page.evaluate("window.__phoneStats()")
    for way in ("packetsReceived", "packetsSent"):
        assert after[way] - before[way] > 75, f"{way}: {before} … {after}"
    assert after["energyReceived"] > before["energyReceived"], "silence"
    await hang_up.click()
    await agent.finish("Sale")
    await expect(row).to_contain_text("Ready")
    return interaction_id


async def the_recording_is_not_silent(agent: Desk, interaction_id: str) -> None:
    """Fetch the call's recording and measure it."""
    async with asyncio.timeout(20):
        while True:
            calls = await agent.get("/api/calls")
            recorded = [
                recording
                for call in calls
                if call["interaction_id"] == interaction_id
                for recording in call["recordings"]
            ]
            if recorded:
                break
            await asyncio.sleep(0.3)
    path = f"/api/recordings/{recorded[0]['recording_id']}"
    content = await (await agent.page.request.get(agent.address + path)).body()
    with wave.open(io.BytesIO(content)) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
    rms = (sum(sample * sample for sample in samples) / max(1, len(samples))) ** 0.5
    assert rms > SILENT_RMS, f"silent: {rms}"


async def answer_a_mail(agent: Desk, site: Stage) -> None:
    """Read a customer's mail, reply, finish; the customer has the answer in their thread."""
    writer = MailCustomers(site.mail, SUPPORT_MAILBOX, Random(1))
    await writer.write()
    await agent.offer("E-?mail").get_by_role("button", name="Accept").click()
    await agent.page.get_by_placeholder("Write your reply…").fill(
        "Thank you, we have taken care of it."
    )
    await agent.page.get_by_role("button", name="Send and finish").click()
    await agent.finish("Solved")


async def answer_a_chat(agent: Desk, browser: Browser) -> None:
    """A visitor writes on the shop's page; the agent's answer appears there."""
    context = await browser.new_context(locale="en")
    page = await context.new_page()
    await page.goto(f"{agent.address}/shop")
    await page.get_by_role("button", name=re.compile("chat", re.I)).first.click()
    line = page.get_by_placeholder("Write a message…")
    await line.fill("Is my order on its way?")
    await line.press("Enter")
    await agent.offer("Chat").get_by_role("button", name="Accept").click()
    conversation = agent.page.get_by_test_id("conversation")
    await expect(conversation).to_contain_text("Is my order on its way?")
    answer = agent.page.get_by_label("Write a message")
    await answer.fill("Yes, it left the warehouse today.")
    await answer.press("Enter")
    await expect(page.get_by_text("Yes, it left the warehouse today.")).to_be_visible()
    await agent.page.get_by_role("button", name="End chat").click()
    await agent.finish("Solved")
    await context.close()


async def the_phone_is_where_it_was_opened_last(agent: Desk, browser: Browser) -> None:
    """A second window takes the phone over; the first one says so, and takes it back on a click."""
    status, alert = agent.page.get_by_test_id("phone-status"), agent.page.get_by_role("alert")
    await expect(status).to_have_text("Phone is ready")
    newer = await Desk.open(browser, agent.address, "agent")
    await expect(newer.page.get_by_test_id("phone-status")).to_have_text("Phone is ready")
    await expect(status).to_have_text("Phone does not work")
    await expect(alert).to_contain_text("opened in another window")
    await alert.get_by_role("button", name="Use the phone here").click()
    await expect(status).to_have_text("Phone is ready")
    await expect(newer.page.get_by_role("alert")).to_contain_text("opened in another window")
    await newer.context.close()


async def without_a_microphone_the_agent_reads_what_to_do(agent: Desk) -> None:
    """The browser asks, and the person says no: the page says what to do, and tries again."""
    await agent.context.close()
    async with async_playwright() as playwright:
        # Without the flag that says yes, and with nobody there to say it, the answer is no.
        flags = [flag for flag in FLAGS if "fake-ui" not in flag]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        for language, said, again in (
            ("zh-CN", "浏览器未允许", "重试"),
            ("en", "does not let this page use the microphone", "Try again"),
        ):
            deaf = await Desk.open(browser, agent.address, "agent", microphone=False)
            await deaf.speak(language)
            alert = deaf.page.get_by_role("alert")
            await expect(alert).to_contain_text(said)
            button = alert.get_by_role("button", name=again)
            if language == "en":
                await deaf.context.grant_permissions(["microphone"])
                await button.click()
                await expect(deaf.page.get_by_test_id("phone-status")).to_have_text(
                    "Phone is ready"
                )
            await deaf.context.close()
        await browser.close()


async def the_report_is_right(manager: Desk, campaign_id: CampaignId) -> None:
    """Download the Excel file; its totals are the page's and the API's."""
    page = manager.page
    await page.goto(f"{manager.address}/reports?campaign={campaign_id}")
    async with page.expect_download() as starting:
        await (
            page.get_by_role("link", name=re.compile("Excel"))
            .or_(page.get_by_role("button", name=re.compile("Excel")))
            .first.click()
        )
    path = await (await starting.value).path()
    book = load_workbook(io.BytesIO(await asyncio.to_thread(Path(path).read_bytes)))
    report = await manager.get(f"/api/reports/campaigns/{campaign_id}")
    cells = {
        str(row[0]): row[1]
        for sheet in book.worksheets
        for row in sheet.iter_rows(values_only=True, max_col=2)
        if row and row[0] is not None
    }
    for name in ("dialled", "answered"):
        assert report["totals"][name] in cells.values(), (name, report["totals"], cells)
        await expect(page.locator("body")).to_contain_text(str(report["totals"][name]))
    assert report["totals"]["dialled"] >= 1
