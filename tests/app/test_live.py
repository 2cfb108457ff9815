"""Live push: snapshot, chain of frames, replay, window, rights, slow browsers."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from omni.app import live
from omni.app.live import LiveHub
from omni.core.endpoint import Actor, SocketClosed
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import QueueSaved
from omni.core.ids import QueueId, UserId
from omni.core.live import Change, Row
from omni.core.terms import Role

NOW = datetime(2026, 1, 5, tzinfo=UTC)


class NameRow(Row):
    name: str


class Names:
    """A view with one table of one topic."""

    def __init__(self) -> None:
        self.rows: dict[str, NameRow] = {}

    def apply(self, recorded: Recorded[Event]) -> Iterable[Change]:
        event = recorded.event
        assert isinstance(event, QueueSaved)
        self.rows[event.queue_id] = NameRow(name=event.name)
        return [Change("floor", "queue", event.queue_id, self.rows[event.queue_id])]

    def snapshot(self, topic: str) -> Iterable[Change]:
        return [Change("floor", "queue", key, row) for key, row in self.rows.items()]


class FakeSocket:
    """Both ends of a socket in memory."""

    def __init__(self) -> None:
        self.to_server: asyncio.Queue[str | None] = asyncio.Queue()
        self.to_browser: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.closed_with: int | None = None
        self.query: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    async def receive(self) -> str | bytes:
        frame = await self.to_server.get()
        if frame is None:
            raise SocketClosed
        return frame

    async def send(self, frame: str | bytes) -> None:
        self.to_browser.put_nowait(json.loads(frame))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed_with = code


def saved(seq: int, key: str = "q", name: str = "") -> Recorded[Event]:
    return Recorded(seq, NOW, QueueSaved(queue_id=QueueId(key), name=name or f"n{seq}"))


def actor(*roles: Role) -> Actor:
    return Actor(UserId("u1"), "U", frozenset(roles))


class Page:
    """A browser page talking to a hub."""

    def __init__(self, hub: LiveHub, *roles: Role) -> None:
        self.socket = FakeSocket()
        self.task = asyncio.create_task(hub.serve(actor(*roles), self.socket))

    async def say(self, **frame: Any) -> dict[str, Any]:
        self.socket.to_server.put_nowait(json.dumps(frame))
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(20):
            return await self.socket.to_browser.get()

    async def leave(self) -> None:
        self.socket.to_server.put_nowait(None)
        await self.task


async def test_snapshot_then_changes_in_a_chain() -> None:
    hub = LiveHub([Names()])
    await hub.on_event(saved(1))
    page = Page(hub, Role.SUPERVISOR)
    snapshot = await page.say(op="subscribe", topic="floor")
    assert snapshot["op"] == "snapshot"
    assert snapshot["rows"] == [{"table": "queue", "key": "q", "row": {"name": "n1"}}]
    await hub.on_event(saved(4))
    first = await page.hear()
    await hub.on_event(saved(5))
    second = await page.hear()
    assert (first["prev"], first["seq"]) == (snapshot["seq"], 4)
    assert (second["prev"], second["seq"]) == (4, 5)
    await page.leave()


async def test_a_repeated_event_changes_nothing() -> None:
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    await hub.on_event(saved(1))
    await hub.on_event(saved(1, name="again"))
    await hub.on_event(saved(2))
    assert [(await page.hear())["seq"] for _ in range(2)] == [1, 2]
    await page.leave()


async def test_after_unsubscribing_nothing_more_comes() -> None:
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    page.socket.to_server.put_nowait('{"op":"unsubscribe","topic":"floor"}')
    page.socket.to_server.put_nowait('{"op":"nonsense"}')
    assert (await page.hear())["code"] == "live.bad_frame", "the first command was fine"
    await hub.on_event(saved(1))
    assert page.socket.to_browser.empty()
    await page.leave()


async def test_reconnect_replays_what_was_missed() -> None:
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    await hub.on_event(saved(1))
    await page.hear()
    await page.leave()
    await hub.on_event(saved(2))
    await hub.on_event(saved(3))
    again = Page(hub, Role.SUPERVISOR)
    resumed = await again.say(op="subscribe", topic="floor", after=1)
    assert (resumed["op"], resumed["prev"], resumed["seq"]) == ("changes", 1, 1)
    assert [(await again.hear())["seq"] for _ in range(2)] == [2, 3]
    await again.leave()


async def test_past_the_window_there_is_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WINDOW_FRAMES", 2)
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    for seq in range(1, 6):
        await hub.on_event(saved(seq))
        await page.hear()
    assert (await page.say(op="subscribe", topic="floor", after=1))["op"] == "snapshot"
    assert (await page.say(op="subscribe", topic="floor", after=3))["op"] == "changes"
    await page.leave()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", "live.bad_frame"),
        ("[]", "live.bad_frame"),
        ('{"op":"dance"}', "live.bad_frame"),
        ('{"op":"subscribe","topic":7}', "live.bad_frame"),
        ('{"op":"subscribe","topic":"floor"}', "live.no_such_topic"),
        ('{"op":"subscribe","topic":"desk:u2"}', "live.no_such_topic"),
    ],
)
async def test_bad_or_forbidden_frames_get_a_code(frame: str, code: str) -> None:
    page = Page(LiveHub([Names()]), Role.AGENT)
    page.socket.to_server.put_nowait(frame)
    assert (await page.hear())["code"] == code
    await page.leave()


async def test_a_browser_that_does_not_keep_up_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BACKLOG_FRAMES", 3)
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    for seq in range(1, 20):
        await hub.on_event(saved(seq))
    async with asyncio.timeout(20):
        while page.socket.closed_with is None:
            await asyncio.sleep(0)
    assert page.socket.closed_with == 1013
    await page.task


async def test_a_page_with_much_news_is_asked_whether_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it says nothing, and is taken for gone."""
    monkeypatch.setattr(live, "PING_S", 0.1)
    monkeypatch.setattr(live, "SILENCE_MAX_S", 1.5)
    hub = LiveHub([Names()])
    page = Page(hub, Role.SUPERVISOR)
    await page.say(op="subscribe", topic="floor")
    for seq in range(1, 201):
        await hub.on_event(saved(seq))
        await asyncio.sleep(0.01)
        while not page.socket.to_browser.empty():
            if page.socket.to_browser.get_nowait()["op"] == "ping":
                page.socket.to_server.put_nowait('{"op":"pong"}')
    assert page.socket.closed_with is None
    await page.leave()


async def test_a_page_that_is_silent_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PING_S", 0.02)
    monkeypatch.setattr(live, "SILENCE_MAX_S", 0.1)
    page = Page(LiveHub([Names()]), Role.SUPERVISOR)
    await page.task
    assert page.socket.closed_with == 1001


async def test_presence_is_told_for_the_first_and_the_last_page() -> None:
    told: list[bool] = []

    async def presence(user_id: UserId, online: bool) -> None:
        told.append(online)

    hub = LiveHub([Names()])
    hub.presence = presence
    pages = [Page(hub, Role.AGENT), Page(hub, Role.AGENT)]
    for page in pages:
        await page.say(op="subscribe", topic="desk")
    await pages[0].leave()
    assert told == [True]
    await pages[1].leave()
    assert told == [True, False]
