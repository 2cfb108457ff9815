"""Demo visitors: people who chat from the shop, over the same WebSocket as the widget.

Like the widget they name each line, send it again until it is taken, and come back with the last
number they have when the connection drops (some drop it on purpose, to show that nothing is lost).
"""

import asyncio
import json
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

log = logging.getLogger(__name__)

RETRY_S = 1.0
PATIENCE_S = 240.0  # a visitor whom nobody answers for so long leaves
GOODBYE_S = 2.0
DROPS = 0.3  # share of the visits whose connection breaks in the middle
TALKS = (
    (
        "en",
        "Hello! Is the Arc lamp in stock?",
        "When will it reach me?",
        "Can I return it if it does not fit?",
        "Thanks, that helps.",
    ),
    (
        "en",
        "My order 20431 has not arrived yet.",
        "I ordered it last Tuesday.",
        "Please send me the tracking number.",
        "Thank you!",
    ),
    (
        "zh-CN",
        "你好，请问落地灯有货吗？",
        "大概几天能送到？",
        "如果不合适可以退吗？",
        "好的，谢谢！",
    ),
    (
        "zh-CN",
        "我的订单还没有收到。",
        "上周二下的单。",
        "麻烦查一下物流信息。",
        "谢谢！",
    ),
)


@dataclass(slots=True)
class VisitorPace:
    """How visitors behave, in seconds (ranges); `at_once`: how many chat at the same time."""

    every_s: tuple[float, float] = (15.0, 45.0)
    type_s: tuple[float, float] = (1.5, 5.0)
    at_once: int = 8


class Disconnected(Exception):
    """The visitor pulled the plug."""


@dataclass(slots=True)
class Visit:
    """One visitor from the first line to the end of the conversation.

    Attributes:
        taken: numbers of the own lines that were taken, by reference.
        lines: every line received, by number.
        ended: why the conversation ended; "" while it goes on.
    """

    url: str
    name: str
    site: str
    talk: tuple[str, ...]
    rng: random.Random
    pace: VisitorPace
    taken: dict[str, int] = field(default_factory=dict)
    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    ended: str = ""
    _token: str = ""
    _conversation: str = ""
    _drop_after: int = 0
    _spoken: bool = False

    async def run(self) -> None:
        """Chat until everything is said and answered, or the conversation ends."""
        if self.rng.random() < DROPS:
            self._drop_after = 2
        try:
            await self._visit()
        except asyncio.CancelledError:
            await self._come_back_for_goodbye()
            raise

    async def _visit(self) -> None:
        while not self.ended:
            try:
                async with asyncio.timeout(PATIENCE_S), connect(self.url) as socket:
                    try:
                        await self._talk(socket)
                    except asyncio.CancelledError:
                        await self._goodbye(socket)
                        raise
            except TimeoutError:
                return
            except (OSError, WebSocketException, Disconnected):
                await asyncio.sleep(RETRY_S)

    async def _greet(self, socket: ClientConnection) -> None:
        hello = {
            "op": "hello",
            "token": self._token,
            "site": self.site,
            "language": self.talk[0],
            "page": "https://shop.demo.example/",
            "conversation": self._conversation,
            "after": max(self.lines, default=0),
        }
        await socket.send(json.dumps(hello))
        await self._hear(socket, "welcome")

    async def _talk(self, socket: ClientConnection) -> None:
        await self._greet(socket)
        await socket.send(json.dumps({"op": "profile", "name": self.name, "email": ""}))
        for number, text in enumerate(self.talk[1:]):
            reference = f"line-{number}"
            if reference not in self.taken:
                await self._say(socket, reference, text)
            if self._drop_after and len(self.taken) == self._drop_after:
                self._drop_after = 0
                socket.transport.abort()
                raise Disconnected
            while not self.ended and self._answers() <= number:
                await self._hear(socket)
            if self.ended:
                return
        await self._end(socket)

    async def _say(self, socket: ClientConnection, reference: str, text: str) -> None:
        await asyncio.sleep(self.rng.uniform(*self.pace.type_s))
        await socket.send(json.dumps({"op": "typing"}))
        self._spoken = True
        await socket.send(json.dumps({"op": "post", "client_ref": reference, "text": text}))
        while reference not in self.taken and not self.ended:
            await self._hear(socket)

    async def _end(self, socket: ClientConnection) -> None:
        """Stay a while for a last word, then close the conversation."""
        try:
            async with asyncio.timeout(self.rng.uniform(*self.pace.type_s) * 2):
                while not self.ended:
                    await self._hear(socket)
        except TimeoutError:
            await self._goodbye(socket)
            self.ended = "visitor"

    async def _goodbye(self, socket: ClientConnection) -> None:
        if not self._spoken or self.ended:
            return
        try:
            async with asyncio.timeout(GOODBYE_S):
                while not self._conversation:  # the first line is still on its way
                    await self._hear(socket)
                await socket.send(json.dumps({"op": "end", "conversation": self._conversation}))
                while not self.ended:
                    await self._hear(socket)
        except (TimeoutError, OSError, WebSocketException):
            return

    async def _come_back_for_goodbye(self) -> None:
        """End what is still open behind a visitor who was cut short while the line was down."""
        if not self._spoken or self.ended:
            return
        try:
            async with asyncio.timeout(GOODBYE_S), connect(self.url) as socket:
                await self._greet(socket)
                await self._goodbye(socket)
        except (TimeoutError, OSError, WebSocketException, Disconnected):
            return

    def _answers(self) -> int:
        return sum(line["author"] == "agent" for line in self.lines.values())

    async def _hear(self, socket: ClientConnection, until: str = "") -> None:
        """Take in the next frame; with `until`, all up to the first of that kind."""
        while True:
            frame = json.loads(await socket.recv())
            await self._on(socket, frame)
            if not until or frame["op"] == until:
                return

    async def _on(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["op"]:
            case "welcome":
                self._token = frame["token"] or self._token
                known = frame["conversation"]
                if known and known["state"] == "ended" and self._conversation:
                    self.ended = known["end_reason"]
            case "message":
                self._conversation = frame["conversation"]
                self.lines[frame["number"]] = frame
            case "posted":
                self._conversation = frame["conversation"]
                self.taken[frame["client_ref"]] = frame["number"]
            case "ended":
                self.ended = frame["reason"]
            case "ping":
                await socket.send('{"op":"pong"}')
            case "error":
                log.info("a demo visitor was told %s", frame["code"])
                await asyncio.sleep(frame["retry_after_s"] or RETRY_S)
                raise Disconnected
            case _:
                pass


@dataclass(slots=True)
class Visitors:
    """Sends visitors to the shop until cancelled; those who chat then say goodbye."""

    base_url: str
    site: str
    rng: random.Random
    pace: VisitorPace = field(default_factory=VisitorPace)
    visits: list[Visit] = field(default_factory=list)

    async def run(self) -> None:
        talking: set[asyncio.Task[None]] = set()
        try:
            for visit in self._visitors():
                if len(talking) < self.pace.at_once:
                    self.visits.append(visit)
                    task = asyncio.create_task(visit.run())
                    talking.add(task)
                    task.add_done_callback(talking.discard)
                await asyncio.sleep(self.rng.uniform(*self.pace.every_s))
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)

    def _visitors(self) -> Iterator[Visit]:
        url = self.base_url.replace("http", "ws", 1) + "/widget/ws"
        number = 0
        while True:
            number += 1
            talk = TALKS[(number - 1) % len(TALKS)]
            name = f"演示访客 {number}" if talk[0].startswith("zh") else f"Demo Visitor {number}"
            rng = random.Random(self.rng.random())
            yield Visit(url, name, self.site, talk, rng, self.pace)
