"""The widget in a real browser, on a page of another origin with a strict policy of its own."""

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from omni.app.widget_pages import STATIC
from omni.channels.chat.gateway import WidgetLimits
from omni.channels.chat.store import ConversationRecord, LineRecord
from tests.channels.chat.rig import Rig, running

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium"),
    pytest.mark.skipif(
        not (STATIC / "widget.js").is_file(), reason="the widget is not built: make setup"
    ),
]


@pytest.fixture
async def rig(database: str) -> AsyncIterator[Rig]:
    async with running(WidgetLimits(sweep_s=0.05)) as rig:
        yield rig


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def somebodys_site(omni: str) -> AsyncIterator[str]:
    """Serve a page that has nothing to do with us but the tag and the policy the README names."""

    async def page(request: Request) -> Response:
        language = request.query_params.get("lang", "en")
        tag = f'<script src="http://{omni}/widget.js" data-site="shop" data-lang="{language}">'
        policy = f"default-src 'none'; script-src http://{omni}; connect-src ws://{omni}"
        body = f"<!doctype html><title>Site</title><h1>Somebody's site</h1>{tag}</script>"
        return HTMLResponse(body, headers={"Content-Security-Policy": policy})

    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/", page)])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server._serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await serving


@dataclass
class Widget:
    """The panel as a visitor uses it."""

    page: Page

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def input(self) -> Locator:
        return self.page.get_by_role("textbox", name="Write a message…")

    async def open(self) -> None:
        await self.page.locator(".launch").click()

    async def write(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")

    async def shows(self, text: str) -> None:
        await expect(self.log).to_contain_text(text)

    async def texts(self) -> list[str]:
        return await self.page.locator("li .text").all_inner_texts()


async def visit(browser: Browser | BrowserContext, url: str) -> Widget:
    page = await browser.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(url)
    return Widget(page)


async def conversation() -> str:
    return (await ConversationRecord.all().order_by("-opened_at").first()).interaction_id  # type: ignore[union-attr]


async def read_to(number: int) -> None:
    async with asyncio.timeout(10):
        while not await ConversationRecord.filter(visitor_read=number).exists():
            await asyncio.sleep(0.05)


async def test_a_visitor_chats_reloads_and_goes_on(rig: Rig, browser: Browser) -> None:
    async with somebodys_site(rig.address) as site:
        widget = await visit(browser, site)
        assert rig.gateway.pages == 0  # nobody chats: no connection
        await widget.open()
        await expect(widget.input).to_be_focused()
        await widget.write("Is the lamp <b>in stock</b>?")
        await widget.shows("You are next in line.")
        await rig.acd.accept(await conversation())
        await widget.shows("Ann Li is with you.")
        await rig.answer(await conversation(), "Yes: https://shop.example/lamp.")
        await widget.shows("Yes:")
        link = widget.page.get_by_role("link", name="https://shop.example/lamp")
        assert await link.get_attribute("href") == "https://shop.example/lamp"
        await read_to(2)
        await widget.page.reload()
        badge = widget.page.locator(".badge")
        await expect(badge).to_be_hidden()
        await rig.answer(await conversation(), "Shall I reserve one?", "a2")
        await expect(badge).to_have_text("1")
        await widget.open()
        await widget.shows("Shall I reserve one?")
        assert await widget.texts() == [
            "Is the lamp <b>in stock</b>?",
            "Yes: https://shop.example/lamp.",
            "Shall I reserve one?",
        ]
        await widget.write("Yes please")
        await expect(widget.page.locator(".state").last).to_have_text("sent")
        await widget.page.keyboard.press("Escape")
        await expect(widget.page.locator(".launch")).to_be_focused()
        await rig.acd.end(await conversation())
    assert await ConversationRecord.all().count() == 1


async def test_nothing_is_lost_when_the_connection_drops(rig: Rig, browser: Browser) -> None:
    async with somebodys_site(rig.address) as site:
        context = await browser.new_context()
        widget = await visit(context, site)
        await widget.open()
        await widget.write("one")
        await expect(widget.page.locator(".state").last).to_have_text("sent")
        await rig.acd.accept(await conversation())
        await widget.shows("Ann Li is with you.")
        await context.set_offline(True)
        rig.drop_all()
        await expect(widget.page.locator(".banner")).to_contain_text("No connection")
        await widget.write("two, written offline")
        await widget.write("three, written offline")
        await expect(widget.page.locator("li.sending")).to_have_count(2)
        await rig.answer(await conversation(), "said meanwhile")
        await context.set_offline(False)
        await expect(widget.page.locator("li.sending")).to_have_count(0)
        await widget.shows("said meanwhile")
        assert await widget.texts() == [
            "one",
            "said meanwhile",
            "two, written offline",
            "three, written offline",
        ]
    assert [line.text for line in await LineRecord.all().order_by("number")] == [
        "one",
        "said meanwhile",
        "two, written offline",
        "three, written offline",
    ]


async def test_a_line_written_offline_survives_the_closing_of_the_page(
    rig: Rig, browser: Browser
) -> None:
    async with somebodys_site(rig.address) as site:
        context = await browser.new_context()
        widget = await visit(context, site)
        await widget.open()
        await widget.write("one")
        await expect(widget.page.locator(".state").last).to_have_text("sent")
        await context.set_offline(True)
        rig.drop_all()
        await widget.write("two")
        await widget.page.close()
        await context.set_offline(False)
        widget = await visit(context, site)
        async with asyncio.timeout(10):
            while await LineRecord.all().count() < 2:
                await asyncio.sleep(0.05)
        await widget.open()
        await widget.shows("two")
        await expect(widget.page.locator("li.sending")).to_have_count(0)


async def test_two_tabs_show_the_same(rig: Rig, browser: Browser) -> None:
    async with somebodys_site(rig.address) as site:
        context = await browser.new_context()
        left = await visit(context, site)
        await left.open()
        await left.write("from left")
        await expect(left.page.locator(".state").last).to_have_text("sent")
        right = await visit(context, site)
        await right.open()
        await right.shows("from left")
        await right.write("from right")
        await left.shows("from right")
        assert await left.texts() == await right.texts() == ["from left", "from right"]


async def test_when_closed_the_visitor_leaves_an_address(rig: Rig, browser: Browser) -> None:
    rig.acd.refuse = "queue_closed"
    async with somebodys_site(rig.address) as site:
        widget = await visit(browser, f"{site}?lang=zh-CN")
        await widget.page.get_by_role("button", name="在线咨询").click()
        await widget.page.get_by_role("textbox", name="请输入消息…").fill("请回电")
        await widget.page.get_by_role("button", name="发送").click()
        await widget.shows("您的留言已保存")
        await widget.page.get_by_label("您的邮箱").fill("wang@example.org")
        await widget.page.get_by_role("button", name="保存").click()
        await expect(widget.page.get_by_role("button", name="谢谢")).to_be_visible()
