"""The chat behind a real uvicorn, with the real journal and bus; only the ACD is a stand-in."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from omni.acd.model import Arrival, ArrivalResult, Queued, Refused
from omni.app.auth import Accounts
from omni.app.bus import JournalBus
from omni.app.journal import PostgresJournal
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.app.web import routes
from omni.app.widget_pages import widget_routes
from omni.channels.chat import gateway as widget
from omni.channels.chat.gateway import RandomTokens, WidgetGateway, WidgetLimits
from omni.channels.chat.service import ROUTING, ChatParts, Chats
from omni.channels.chat.store import PostgresChatStore
from omni.core.events.routing import (
    AgentSaved,
    EntryPointSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
    InteractionRefused,
)
from omni.core.ids import AgentId, EntryPointId, GroupId, InteractionId, QueueId
from omni.core.terms import Direction, Medium, Outcome

ANN = AgentId("ann")
QUEUE = QueueId("q1")


class StandInAcd:
    """Lets everybody in (or nobody), idempotently, and tells the journal."""

    def __init__(self, journal: PostgresJournal) -> None:
        self._journal = journal
        self.refuse = ""
        self.turn_away = False
        self.broken = False
        self.arrivals: list[Arrival] = []
        self.left: list[InteractionId] = []

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        if self.broken:
            raise ConnectionError
        if any(known.interaction_id == arrival.interaction_id for known in self.arrivals):
            return Queued(QUEUE)
        self.arrivals.append(arrival)
        common = {
            "interaction_id": arrival.interaction_id,
            "medium": arrival.medium,
            "direction": arrival.direction,
            "address": arrival.address,
            "subject": arrival.subject,
        }
        async with self._journal.transaction() as tx:
            if self.refuse:
                tx.emit(InteractionRefused.model_validate({**common, "reason": self.refuse}))
                return Refused(self.refuse)
            tx.emit(InteractionArrived.model_validate({**common, "queue_id": QUEUE}))
            if self.turn_away:  # a rule of the queue
                tx.emit(_over(arrival.interaction_id, Outcome.OVERFLOWED))
        return Queued(QUEUE)

    async def customer_left(self, interaction_id: InteractionId) -> None:
        if interaction_id not in self.left:
            self.left.append(interaction_id)
            await self.end(interaction_id)

    async def accept(self, interaction_id: str, agent_id: AgentId = ANN) -> None:
        async with self._journal.transaction() as tx:
            tx.emit(
                InteractionAccepted(
                    interaction_id=InteractionId(interaction_id),
                    agent_id=agent_id,
                    queue_id=QUEUE,
                    group_id=GroupId("g"),
                    medium=Medium.CHAT,
                    direction=Direction.INBOUND,
                    waited_s=1.0,
                )
            )

    async def end(self, interaction_id: str) -> None:
        async with self._journal.transaction() as tx:
            tx.emit(_over(interaction_id, Outcome.ANSWERED))


def _over(interaction_id: str, outcome: Outcome) -> InteractionEnded:
    return InteractionEnded(
        interaction_id=InteractionId(interaction_id),
        medium=Medium.CHAT,
        direction=Direction.INBOUND,
        queue_id=QUEUE,
        outcome=outcome,
    )


class NoDesks:
    """Remembers whom the visitors' typing was shown to."""

    def __init__(self) -> None:
        self.typing: list[tuple[AgentId, InteractionId]] = []

    def visitor_typing(self, agent_id: AgentId, interaction_id: InteractionId) -> None:
        self.typing.append((agent_id, interaction_id))


@dataclass
class Page:
    """A visitor's page as a test holds it."""

    socket: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, op: str, **fields: object) -> None:
        await self.socket.send(json.dumps({"op": op, **fields}))

    async def next(self) -> dict[str, Any]:
        """Return the next frame of any kind."""
        async with asyncio.timeout(30):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
        self.frames.append(frame)
        return frame

    async def until(self, op: str, **fields: object) -> dict[str, Any]:
        """Return the next frame of this kind, keeping all that came before it."""
        wanted = {"op": op, **fields}
        while True:
            frame = await self.next()
            if all(frame.get(name) == value for name, value in wanted.items()):
                return frame

    async def ever(self, op: str, **fields: object) -> dict[str, Any]:
        """Like `until`, but one that has come already counts."""
        wanted = {"op": op, **fields}
        for frame in self.frames:
            if all(frame.get(name) == value for name, value in wanted.items()):
                return frame
        return await self.until(op, **fields)

    async def post(self, text: str, ref: str, **fields: object) -> dict[str, Any]:
        await self.send("post", text=text, client_ref=ref, **fields)
        return await self.until("posted", client_ref=ref)

    async def closed(self) -> int:
        """Return the code with which the server closes."""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    self.frames.append(json.loads(await self.socket.recv()))
        return self.socket.close_code or 0

    def texts(self) -> list[tuple[int, str]]:
        """Return the lines received so far, in the order in which they came."""
        return [(f["number"], f["text"]) for f in self.frames if f["op"] == "message"]


class Rig:
    """Everything that runs, and doors into it."""

    def __init__(self, limits: WidgetLimits) -> None:
        self.journal = PostgresJournal(SystemClock())
        self.bus = JournalBus(self.journal)
        self.acd = StandInAcd(self.journal)
        self.desks = NoDesks()
        self.store = PostgresChatStore()
        parts = ChatParts(
            store=self.store,
            journal=self.journal,
            routing=self.acd,
            desks=self.desks,
            tokens=RandomTokens(),
            clock=SystemClock(),
            identities=RandomIdentities(),
        )
        self.chats = Chats(parts)
        self.gateway = WidgetGateway(self.chats, SystemClock(), limits)
        self.bus.consume("chat", ROUTING, self.chats.on_routing)
        self.bus.subscribe("widget", widget.EVENTS, self.gateway.on_event)
        self.address = ""
        self.server: uvicorn.Server | None = None
        self.url = ""

    async def answer(self, interaction_id: str, text: str, ref: str = "a1") -> None:
        await self.chats.agent_post(ANN, InteractionId(interaction_id), text, ref)

    def drop_all(self) -> None:
        """Break every connection without a word, as a network does."""
        assert self.server is not None
        for connection in list(self.server.server_state.connections):
            transport = connection.transport
            assert isinstance(transport, asyncio.Transport)
            transport.abort()

    @contextlib.asynccontextmanager
    async def page(self, **hello: object) -> AsyncIterator[Page]:
        """Open a page and present it; its first frame (welcome or error) is read."""
        async with connect(self.url) as socket:
            page = Page(socket)
            await page.send("hello", **hello)
            page.frames.append(json.loads(await socket.recv()))
            yield page


@contextlib.asynccontextmanager
async def running(limits: WidgetLimits | None = None) -> AsyncIterator[Rig]:
    """Start it all on a free port of the loopback."""
    rig = Rig(limits or WidgetLimits(sweep_s=0.05))
    sockets = routes([], rig.gateway.sockets(), cast(Accounts, None))
    app = Starlette(routes=[*sockets, *widget_routes()])
    listener = socket.create_server(("127.0.0.1", 0))
    rig.address = f"127.0.0.1:{listener.getsockname()[1]}"
    rig.url = f"ws://{rig.address}/widget/ws"
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="websockets-sansio")
    server = rig.server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as tasks:
        bus = tasks.create_task(rig.bus.run())
        await rig.bus.running.wait()
        gateway = tasks.create_task(rig.gateway.run())
        serving = tasks.create_task(server._serve([listener]))
        async with rig.journal.transaction() as tx:
            tx.emit(AgentSaved(agent_id=ANN, name="Ann Li"))
            tx.emit(
                EntryPointSaved(
                    entry_point_id=EntryPointId("shop"),
                    name="Shop",
                    medium=Medium.CHAT,
                    address="shop",
                )
            )
        while await rig.store.site("shop") is None or not server.started:
            await asyncio.sleep(0.01)
        try:
            yield rig
        finally:
            server.should_exit = True
            await serving
            bus.cancel()
            gateway.cancel()
