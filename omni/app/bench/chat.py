"""`omni bench chat`: many open widgets, some of which talk; how soon the other side has each line.

The real thing from socket to socket: uvicorn, protocol, one transaction per line on a PostgreSQL
that syncs, journal, bus, and the socket of a second page of the same conversation, which stands for
"the other side" (an agent's page is fed from the same event). Visitors and server share one process
and its core, so the server alone is faster. Only the ACD is left out: it has its own benchmark.

`lost`: lines that were taken but never came; `doubled`: lines that came twice on one page.
`cpu_ms_per_line`: processor time of visitors and server together without PostgreSQL's; unlike the
delays it does not depend on what else the machine does.
"""

import argparse
import asyncio
import json
import resource
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from omni.acd.model import Arrival, ArrivalResult, Queued
from omni.app import database
from omni.app.auth import Accounts
from omni.app.bus import JournalBus
from omni.app.embedded.postgres import PostgresServer
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.app.web import routes
from omni.channels.chat import gateway as widget
from omni.channels.chat.gateway import RandomTokens, WidgetGateway
from omni.channels.chat.service import ROUTING, ChatParts, Chats
from omni.channels.chat.store import PostgresChatStore
from omni.core.events.routing import EntryPointSaved
from omni.core.ids import AgentId, EntryPointId, InteractionId, QueueId
from omni.core.terms import Medium

OPENING_AT_ONCE = 40
PERCENTILES = 100
SETTLE_S = 15.0


class OpenDoors:
    """Stands for the ACD: everybody is let in. And for the desks: nobody looks."""

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        return Queued(QueueId("bench"))

    async def customer_left(self, interaction_id: InteractionId) -> None:
        return None

    def visitor_typing(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        return None


@dataclass(slots=True)
class Meter:
    """What was sent and when it came."""

    sent_at_s: dict[str, float] = field(default_factory=dict)
    delays_ms: list[float] = field(default_factory=list)
    doubled: int = 0

    def came(self, reference: str) -> None:
        sent_s = self.sent_at_s.pop(reference, None)
        if sent_s is None:
            self.doubled += 1
        else:
            self.delays_ms.append((time.perf_counter() - sent_s) * 1000)


@dataclass(slots=True)
class Talker:
    """One visitor with two pages: the first writes, the second is the other side."""

    writing: ClientConnection
    number: int
    lines: int = 0

    async def write(self, meter: Meter) -> None:
        self.lines += 1
        reference = f"{self.number}.{self.lines}"
        meter.sent_at_s[reference] = time.perf_counter()
        frame = {
            "op": "post",
            "client_ref": reference,
            "text": f"line {self.lines} 第{self.lines}行",
        }
        await self.writing.send(json.dumps(frame))


class House:
    """Opens pages; each is listened to from the start, as a browser does."""

    def __init__(self, address: str, meter: Meter, tasks: asyncio.TaskGroup) -> None:
        self._address = address
        self._meter = meter
        self._tasks = tasks
        self._gate = asyncio.Semaphore(OPENING_AT_ONCE)
        self.listening: list[asyncio.Task[None]] = []

    async def talker(self, number: int) -> Talker:
        writing, token = await self.page()
        await self.page(token, measured=True)
        return Talker(writing, number)

    async def page(
        self, token: str = "", *, measured: bool = False
    ) -> tuple[ClientConnection, str]:
        async with self._gate:
            connection = await connect(self._address, compression=None, ping_interval=None)
            await connection.send(json.dumps({"op": "hello", "token": token}))
            welcome = json.loads(await connection.recv())
        self.listening.append(self._tasks.create_task(self._listen(connection, measured)))
        return connection, welcome["token"] or token

    async def _listen(self, connection: ClientConnection, measured: bool) -> None:
        async for raw in connection:
            frame = json.loads(raw)
            if frame["op"] == "ping":
                await connection.send('{"op":"pong"}')
            elif measured and frame["op"] == "message":
                self._meter.came(frame["client_ref"])


async def run(options: list[str]) -> dict[str, object]:
    """Open the sockets, let the talkers talk, and return the figures."""
    wanted = _options(options)
    _allow_files(wanted.sockets * 2 + 1000)
    with _folder() as folder:
        server = PostgresServer(folder)
        url = await server.start()
        try:
            await database.migrate(url)
            async with database.opened(url), _serving() as address:
                return await _measure(address, wanted)
        finally:
            await server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that another account can pass through (PostgreSQL does not run as root)."""
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def _options(options: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="omni bench chat")
    parser.add_argument("--sockets", type=int, default=5000, help="open pages")
    parser.add_argument("--talkers", type=int, default=500, help="conversations among them")
    parser.add_argument("--per-second", type=float, default=50.0, help="lines per second in all")
    parser.add_argument("--seconds", type=float, default=20.0)
    return parser.parse_args(options)


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


@asynccontextmanager
async def _serving() -> AsyncIterator[str]:
    clock, identities = SystemClock(), RandomIdentities()
    journal = PostgresJournal(clock)
    bus, doors = JournalBus(journal), OpenDoors()
    chats = Chats(
        ChatParts(PostgresChatStore(), journal, doors, doors, RandomTokens(), clock, identities)
    )
    pages = WidgetGateway(chats, clock)
    bus.consume("chat.routing", ROUTING, chats.on_routing)
    bus.subscribe("chat.pages", widget.EVENTS, pages.on_event)
    accounts = Accounts(clock, identities, PasswordHasher(), timedelta(hours=1))
    app = Starlette(routes=routes([], pages.sockets(), accounts))
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(bus.run()), tasks.create_task(pages.run())]
        await bus.running.wait()
        serving = tasks.create_task(server.serve(sockets=[listener]))
        async with journal.transaction() as tx:
            site = EntryPointId("bench")
            tx.emit(
                EntryPointSaved(
                    entry_point_id=site, name="Bench", medium=Medium.CHAT, address="bench"
                )
            )
        await clock.sleep(1.0)  # the consumer has the site then
        try:
            yield f"ws://127.0.0.1:{listener.getsockname()[1]}/widget/ws"
        finally:
            server.force_exit = server.should_exit = True
            await serving
            for task in background:
                task.cancel()


async def _measure(address: str, wanted: argparse.Namespace) -> dict[str, object]:
    meter = Meter()
    async with asyncio.TaskGroup() as tasks:
        house = House(address, meter, tasks)
        began_s = time.perf_counter()
        talkers = await asyncio.gather(*(house.talker(n) for n in range(wanted.talkers)))
        await asyncio.gather(*(house.page() for _ in range(wanted.sockets - 2 * len(talkers))))
        opened_s = time.perf_counter() - began_s
        sys.stderr.write(f"{wanted.sockets} sockets open after {opened_s:.1f} s\n")
        for talker in talkers:  # opens the conversations, not measured
            await talker.write(meter)
            await asyncio.sleep(0.01)
        await _settle(meter)
        meter.delays_ms.clear()
        spent_s = time.process_time()
        lines = await _talk(talkers, meter, wanted)
        await _settle(meter)
        spent_s = time.process_time() - spent_s
        for task in house.listening:
            task.cancel()
    cuts = quantiles(meter.delays_ms, n=PERCENTILES)
    return {
        "sockets": wanted.sockets,
        "conversations": len(talkers),
        "lines": lines,
        "lines_per_s": wanted.per_second,
        "p50_ms": round(cuts[PERCENTILES // 2 - 1], 2),
        "p99_ms": round(cuts[-1], 2),
        "cpu_ms_per_line": round(spent_s * 1000 / lines, 2),
        "lost": len(meter.sent_at_s),
        "doubled": meter.doubled,
        "opened_per_s": round(wanted.sockets / opened_s),
    }


async def _talk(talkers: list[Talker], meter: Meter, wanted: argparse.Namespace) -> int:
    """Write at an even rate, whatever the answers do; return how many lines."""
    began_s, lines = time.perf_counter(), int(wanted.seconds * wanted.per_second)
    for number, talker in zip(range(lines), cycle(talkers), strict=False):
        due_s = began_s + number / wanted.per_second
        await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
        await talker.write(meter)
    return lines


async def _settle(meter: Meter) -> None:
    """Wait for what is on its way."""
    end_s = time.perf_counter() + SETTLE_S
    while meter.sent_at_s and time.perf_counter() < end_s:  # noqa: ASYNC110 - no hurry here
        await asyncio.sleep(0.05)
