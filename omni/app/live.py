"""Live push: snapshots and numbered changes of live tables on one WebSocket per browser.

Rules:
1. Frames of a topic form a chain: each names its number (`seq`, from the journal) and the number
   of the frame before it (`prev`). A browser that sees another `prev` than its last `seq` asks
   again with `after`; what the window still has is replayed, else it gets a snapshot, by the same
   path as at the start.
2. A frame is made once, however many browsers watch the topic.
3. A browser that does not keep up is cut off (1013); it comes back and catches up. Nobody waits
   for it.
4. Hints (somebody is typing) carry no number and may be lost.
"""

import asyncio
import json
import logging
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from omni.core.endpoint import Actor, Socket, SocketClosed
from omni.core.events.base import Event, Recorded
from omni.core.ids import UserId
from omni.core.live import Change, View
from omni.core.terms import STAFF, Role

log = logging.getLogger(__name__)

WINDOW_FRAMES = 512
BACKLOG_FRAMES = 1000
PING_S = 15.0
SILENCE_MAX_S = 45.0  # a browser answers pings; one that does not is gone


@dataclass(slots=True)
class _Topic:
    """The end of a topic's chain of frames and who watches it."""

    seq: int
    window: deque[tuple[int, int, str]] = field(
        default_factory=lambda: deque(maxlen=WINDOW_FRAMES)
    )  # prev, seq, frame
    watchers: set["_Browser"] = field(default_factory=set)


class _Browser:
    """One connected socket."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.frames: asyncio.Queue[str] = asyncio.Queue(BACKLOG_FRAMES)
        self.topics: set[str] = set()
        self.too_slow = False

    def put(self, frame: str) -> None:
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.too_slow = True


Presence = Callable[[UserId, bool], Awaitable[None]]


class LiveHub:
    """Feeds views with events and browsers with their changes."""

    def __init__(self, views: Sequence[View], seq: int = 0) -> None:
        self._views = views
        self._seq = seq
        self._topics: dict[str, _Topic] = {}
        self._browsers: dict[UserId, set[_Browser]] = defaultdict(set)
        self.presence: Presence | None = None

    def start_at(self, seq: int) -> None:
        """Say which event the views have been rebuilt up to."""
        self._seq = seq

    async def on_event(self, recorded: Recorded[Event]) -> None:
        """Fold one event into the views and push what changed."""
        if recorded.seq <= self._seq:
            return
        self._seq = recorded.seq
        self.push(change for view in self._views for change in view.apply(recorded))

    def push(self, made: Iterable[Change]) -> None:
        """Push changes that a view made (after an event, or because a day began)."""
        by_topic: dict[str, list[Change]] = {}
        for change in made:
            by_topic.setdefault(change.topic, []).append(change)
        for name, changes in by_topic.items():
            topic = self._topics.get(name)
            if topic is not None:
                self._push(name, topic, changes)

    def _push(self, name: str, topic: _Topic, changes: list[Change]) -> None:
        frame = _frame("changes", name, self._seq, changes, prev=topic.seq)
        topic.window.append((topic.seq, self._seq, frame))
        topic.seq = self._seq
        for browser in topic.watchers:
            browser.put(frame)

    def hint(self, topic: str, data: dict[str, object]) -> None:
        """Push something that is nice to know and need not arrive."""
        watched = self._topics.get(topic)
        if watched is not None:
            frame = json.dumps({"op": "hint", "topic": topic, "data": data})
            for browser in watched.watchers:
                browser.put(frame)

    def online(self, user_id: UserId) -> bool:
        """Tell whether the user has a page open."""
        return bool(self._browsers.get(user_id))

    async def serve(self, actor: Actor, socket: Socket) -> None:
        """Serve one browser until it goes."""
        browser = _Browser(actor)
        first = not self._browsers[actor.user_id]
        self._browsers[actor.user_id].add(browser)
        if first:
            await self._tell_presence(actor.user_id, True)
        try:
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(self._send(browser, socket))
                try:
                    await self._receive(browser, socket)
                finally:
                    sender.cancel()
        except* SocketClosed:
            pass
        finally:
            for name in browser.topics:
                self._topics[name].watchers.discard(browser)
            self._browsers[actor.user_id].discard(browser)
            if not self._browsers[actor.user_id]:
                del self._browsers[actor.user_id]
                await self._tell_presence(actor.user_id, False)

    async def _tell_presence(self, user_id: UserId, online: bool) -> None:
        if self.presence is not None:
            await self.presence(user_id, online)

    async def _send(self, browser: _Browser, socket: Socket) -> None:
        clock = asyncio.get_running_loop()
        ping_at_s = clock.time() + PING_S
        while True:
            try:
                async with asyncio.timeout_at(ping_at_s):
                    frame = await browser.frames.get()
            except TimeoutError:  # also on a page that always has news: it has nothing to say else
                frame = '{"op":"ping"}'
                ping_at_s = clock.time() + PING_S
            if browser.too_slow:
                await socket.close(1013, "live.too_slow")
                raise SocketClosed
            await socket.send(frame)

    async def _receive(self, browser: _Browser, socket: Socket) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_MAX_S):
                    raw = await socket.receive()
            except TimeoutError:
                await socket.close(1001, "live.silent")
                raise SocketClosed from None
            code = self._command(browser, raw)
            if code:
                browser.put(json.dumps({"op": "error", "code": code}))

    def _command(self, browser: _Browser, raw: str | bytes) -> str:
        """Carry out one frame of the browser; return an error code or ""."""
        try:
            command = json.loads(raw)
            op, topic, after = command["op"], command.get("topic", ""), command.get("after", 0)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "live.bad_frame"
        if op == "pong":
            return ""
        known = op in ("subscribe", "unsubscribe")
        if not known or not isinstance(topic, str) or not isinstance(after, int):
            return "live.bad_frame"
        name = _topic_name(topic, browser.actor)
        if name is None:
            return "live.no_such_topic"
        if op == "subscribe":
            self._subscribe(browser, name, after)
        elif name in browser.topics:
            browser.topics.discard(name)
            self._topics[name].watchers.discard(browser)
        return ""

    def _subscribe(self, browser: _Browser, name: str, after: int) -> None:
        topic = self._topics.setdefault(name, _Topic(self._seq))
        browser.topics.add(name)
        topic.watchers.add(browser)
        frames = _since(topic, after) if after else None
        if frames is None:
            rows = [change for view in self._views for change in view.snapshot(name)]
            browser.put(_frame("snapshot", name, topic.seq, rows))
            return
        browser.put(_frame("changes", name, after, [], prev=after))
        for frame in frames:
            browser.put(frame)


def _topic_name(asked: str, actor: Actor) -> str | None:
    """Return the topic that `actor` means and may see, else None."""
    if asked == "desk" and Role.AGENT in actor.roles:
        return f"desk:{actor.user_id}"
    if asked == "floor" and actor.roles & STAFF:
        return "floor"
    return None


def _since(topic: _Topic, after: int) -> list[str] | None:
    """Return the frames after number `after`, None when the window no longer has them."""
    if after == topic.seq:
        return []
    frames = [frame for prev, _, frame in topic.window if prev >= after]
    oldest = next((prev for prev, _, _ in topic.window if prev >= after), None)
    return frames if oldest == after else None


def _frame(
    op: str, topic: str, seq: int, changes: Iterable[Change], prev: int | None = None
) -> str:
    rows = ",".join(
        f'{{"table":"{change.table}","key":{json.dumps(change.key)},'
        f'"row":{change.row.model_dump_json() if change.row else "null"}}}'
        for change in changes
    )
    name = json.dumps(topic.partition(":")[0])
    chain = "" if prev is None else f'"prev":{prev},'
    return f'{{"op":"{op}","topic":{name},"seq":{seq},{chain}"rows":[{rows}]}}'
