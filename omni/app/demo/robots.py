"""Robot agents: automatic colleagues for the demonstration, plainly named so.

A robot is a client like the browser: it logs in over HTTP, watches its desk on the live socket and
does what a person would click. Its telephone is a SIP endpoint that speaks. What it can do, a
person can do; nothing in the product knows robots but the mark on their account.
"""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

log = logging.getLogger(__name__)

TIMEOUT = httpx.Timeout(15.0)
RETRY_S = 2.0
ALONE_S = 8.0  # after so long a chat whose visitor has gone is ended
DISPOSITIONS = {  # weights: what a day of telemarketing looks like
    "sale": 3,
    "appointment": 4,
    "not_interested": 10,
    "callback": 2,
}
SERVICE_DISPOSITION = "solved"
CHAT_LINES = (
    "Hello, this is a robot colleague of the demonstration. How can I help?",
    "I have looked it up: your order leaves the warehouse tomorrow.",
    "Gladly. Is there anything else?",
    "Thank you, have a good day!",
)
CHAT_LINES_ZH = (
    "您好，我是演示用的机器人坐席，请问有什么可以帮您？",
    "已为您查询，您的订单明天出库。",
    "好的，请问还有其他问题吗？",
    "感谢您的咨询，祝您生活愉快！",
)
MAIL_TEXT = (
    "Hello,\n\nthank you for writing. A robot colleague of the demonstration has read your mail "
    "and has taken care of it.\n\nKind regards\nomni demonstration"
)
MAIL_TEXT_ZH = "您好：\n\n来信已收到，演示用的机器人坐席已为您处理。\n\n此致\nomni 演示"


@dataclass(slots=True)
class Pace:
    """How fast a robot works, in seconds (ranges)."""

    accept_s: tuple[float, float] = (0.3, 1.5)
    talk_s: tuple[float, float] = (8.0, 40.0)
    type_s: tuple[float, float] = (1.0, 4.0)
    write_s: tuple[float, float] = (4.0, 10.0)
    wrap_up_s: tuple[float, float] = (1.0, 5.0)


@dataclass(slots=True)
class Robot:
    """One robot agent. Run it with `run()`; cancel it to send it home."""

    base_url: str
    email: str
    password: str
    rng: random.Random
    pace: Pace = field(default_factory=Pace)
    _work: dict[str, dict[str, Any]] = field(default_factory=dict)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def work(self) -> list[dict[str, Any]]:
        """What is on the desk."""
        return list(self._work.values())

    async def run(self) -> None:
        """Work until cancelled; after a disturbance log in again."""
        while True:
            try:
                await self._shift()
            except (httpx.HTTPError, OSError, WebSocketException) as fault:
                log.info("robot comes back after a disturbance: %s", type(fault).__name__)
            await asyncio.sleep(RETRY_S)

    async def _shift(self) -> None:
        async with httpx.AsyncClient(base_url=self.base_url, timeout=TIMEOUT) as http:
            credentials = {"email": self.email, "password": self.password}
            answer = await http.post("/api/login", json=credentials)
            answer.raise_for_status()
            http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            cookie = f"omni_session={http.cookies['omni_session']}"
            url = self.base_url.replace("http", "ws", 1) + "/api/live"
            async with connect(url, additional_headers={"Cookie": cookie}) as socket:
                await socket.send(json.dumps({"op": "subscribe", "topic": "desk"}))
                await self._post(http, "/api/phone/connect")
                await self._post(http, "/api/agent/state", {"state": "ready", "reason": ""})
                try:
                    await self._watch(http, socket)
                finally:
                    await self._stop_all()

    async def _stop_all(self) -> None:
        tasks = list(self._busy.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._busy.clear()
        self._work.clear()
        self._lines.clear()

    async def _watch(self, http: httpx.AsyncClient, socket: ClientConnection) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            if frame["op"] == "ping":
                await socket.send('{"op":"pong"}')
            for change in frame.get("rows", ()):
                await self._on_row(http, change["table"], change["key"], change["row"])

    async def _on_row(
        self, http: httpx.AsyncClient, table: str, key: str, row: dict[str, Any] | None
    ) -> None:
        if table == "me" and row is not None:
            await self._on_me(http, row)
        elif table == "message" and row is not None:
            self._lines.setdefault(row["interaction_id"], []).append(row)
        elif table == "work":
            self._on_work(http, key, row)

    async def _on_me(self, http: httpx.AsyncClient, row: dict[str, Any]) -> None:
        """Come back from a break that nobody asked for, and lift the phone again."""
        if row["phone"] == "down":
            await self._post(http, "/api/phone/connect")
        if row["state"] == "break" and not row["break_pending"]:
            await asyncio.sleep(1.0)
            await self._post(http, "/api/agent/state", {"state": "ready", "reason": ""})

    def _on_work(self, http: httpx.AsyncClient, key: str, row: dict[str, Any] | None) -> None:
        if row is None:
            self._work.pop(key, None)
            self._lines.pop(key, None)
            task = self._busy.pop(key, None)
            if task is not None:
                task.cancel()
            return
        before = self._work.get(key)
        self._work[key] = row
        if before is None or before["state"] != row["state"]:
            task = self._busy.pop(key, None)
            if task is not None:
                task.cancel()
            step = _STEPS.get((row["state"], row["medium"])) or _STEPS.get((row["state"], ""))
            if step is not None:
                self._busy[key] = asyncio.create_task(self._take(step, http, key))

    async def _take(self, step: "Step", http: httpx.AsyncClient, key: str) -> None:
        """Do a step, again when the server could not; a change of the row ends it."""
        while True:
            try:
                await step(self, http, key)
                return
            except (httpx.HTTPError, OSError) as fault:
                log.info("robot tries a step again: %s", type(fault).__name__)
            await asyncio.sleep(RETRY_S)

    async def _post(
        self, http: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None
    ) -> None:
        """Click. What the server refuses (too late, not mine) is no reason to try again.

        Raises:
            httpx.HTTPStatusError: the server could not do it.
        """
        answer = await http.post(path, json=body)
        if answer.is_server_error:
            log.warning("robot got %s from %s", answer.status_code, path)
            answer.raise_for_status()

    async def _pause(self, span_s: tuple[float, float]) -> None:
        await asyncio.sleep(self.rng.uniform(*span_s))

    # --- what a person would do

    async def _accept(self, http: httpx.AsyncClient, key: str) -> None:
        if not self._work[key]["auto_accept"]:
            await self._pause(self.pace.accept_s)
            await self._post(http, f"/api/interactions/{key}/accept")

    async def _talk(self, http: httpx.AsyncClient, key: str) -> None:
        await self._pause(self.pace.talk_s)
        await self._post(http, f"/api/interactions/{key}/end")

    async def _chat(self, http: httpx.AsyncClient, key: str) -> None:
        answered, alone_s = 0, 0.0
        while answered < len(CHAT_LINES) and alone_s < ALONE_S:
            began_s = asyncio.get_running_loop().time()
            await self._pause(self.pace.type_s)
            lines = [row for row in self._lines.get(key, []) if row["author"] == "visitor"]
            if len(lines) <= answered:
                gone = not self._work[key]["visitor_online"]
                alone_s += asyncio.get_running_loop().time() - began_s if gone else 0.0
                continue
            wording = CHAT_LINES_ZH if _is_chinese(lines[-1]["text"]) else CHAT_LINES
            body = {"text": wording[answered], "client_ref": f"robot-{key}-{answered}"}
            await self._post(http, f"/api/interactions/{key}/messages", body)
            answered = max(answered + 1, len(lines))
        await self._pause(self.pace.type_s)
        await self._post(http, f"/api/interactions/{key}/end")

    async def _mail(self, http: httpx.AsyncClient, key: str) -> None:
        await self._pause(self.pace.write_s)
        answer = await http.get(f"/api/interactions/{key}/mails")
        answer.raise_for_status()
        mails = answer.json()
        last = mails[-1] if mails else None
        if last is not None and last["direction"] == "inbound":  # else answered already
            text = MAIL_TEXT_ZH if _is_chinese(last["subject"]) else MAIL_TEXT
            body = {"text": text, "to": [last["from"]["address"]], "cc": [], "attachment_ids": []}
            await self._post(http, f"/api/interactions/{key}/mails", body)
        await self._post(http, f"/api/interactions/{key}/end")

    async def _wrap_up(self, http: httpx.AsyncClient, key: str) -> None:
        await self._pause(self.pace.wrap_up_s)
        code = SERVICE_DISPOSITION
        if self._work[key]["campaign_id"]:
            [code] = self.rng.choices(list(DISPOSITIONS), list(DISPOSITIONS.values()))
        body = {"disposition": code, "note": ""}
        await self._post(http, f"/api/interactions/{key}/wrap-up", body)


Step = Callable[[Robot, httpx.AsyncClient, str], Awaitable[None]]

_STEPS: dict[tuple[str, str], Step] = {
    ("offered", ""): Robot._accept,
    ("active", "voice"): Robot._talk,
    ("active", "chat"): Robot._chat,
    ("active", "email"): Robot._mail,
    ("wrap_up", ""): Robot._wrap_up,
}


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)
