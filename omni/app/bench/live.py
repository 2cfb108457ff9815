"""`omni bench live`: the whole service under a floor of agents who are all signed in.

1,800 agents have a socket each, as their browsers would; 93 chats and mails a second arrive for two
minutes. Everything that the product does for a contact is done: routing and journal on a PostgreSQL
that syncs, customers, tickets, reports, the desks and the supervisors' tables, the push. Offers
are accepted at once, conversations are ended and wrapped up by the program that brings them.

The sockets belong to a process of their own. An offer's delay runs from the moment at which the
contact is handed to the ACD to the moment at which the agent's process has read the frame; both
processes share the machine's clock.

`lost`: contacts of which no socket ever heard; `doubled`: contacts offered to two agents.
`main_busy`: the share of one core that the service used; near 1, it is the bottleneck.
"""

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import random
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from websockets.asyncio.client import connect

from omni.acd.administration import Matrix
from omni.acd.model import Agent, Arrival, Group, GroupLink, Queue
from omni.app import bootstrap, database
from omni.app.auth_store import UserAccount, UserSession
from omni.app.composition import Omni
from omni.app.embedded.services import running
from omni.app.settings import Settings
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import InteractionAccepted
from omni.core.ids import AgentId, GroupId, InteractionId, QueueId
from omni.core.terms import Direction, Medium, Role

QUEUE, GROUP = QueueId("bench-queue"), GroupId("bench-group")
SUPERVISORS = 5
OPENING_AT_ONCE = 50
OPENING_S, DRAIN_S = 240.0, 30.0
DISPOSITION = "solved"
READY, GO_HOME = "ready", "go home"

Heard = list[tuple[str, str, float]]  # interaction, agent's number, instant


# ---- the agents' process


def agents_process(address: str, tokens: Sequence[str], line: Connection) -> None:
    """Hold a socket for each token; tell `line` when all are open, at the end what was heard."""
    line.send(asyncio.run(_agents(address, tokens, line)))


async def _agents(address: str, tokens: Sequence[str], line: Connection) -> Heard:
    heard: Heard = []
    gate, opened = asyncio.Semaphore(OPENING_AT_ONCE), asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as tasks:
        sockets = [
            tasks.create_task(_agent(address, token, str(number), heard, (gate, opened)))
            for number, token in enumerate(tokens)
        ]
        for _ in tokens:
            await opened.acquire()
        line.send(READY)
        await asyncio.to_thread(line.recv)  # GO_HOME
        for socket in sockets:
            socket.cancel()
    return heard


async def _agent(
    address: str,
    token: str,
    number: str,
    heard: Heard,
    gates: tuple[asyncio.Semaphore, asyncio.Semaphore],
) -> None:
    gate, opened = gates
    async with gate:
        socket = await connect(
            address,
            additional_headers={"Cookie": f"omni_session={token}"},
            compression=None,
            ping_interval=None,
        )
        topic = "floor" if int(number) < SUPERVISORS else "desk"
        await socket.send(json.dumps({"op": "subscribe", "topic": topic}))
        await socket.recv()
    opened.release()
    while True:  # raises when the service closes: an agent must not go unheard
        raw = await socket.recv()
        came_at = time.time()
        frame = json.loads(raw)
        if frame["op"] == "ping":
            await socket.send('{"op":"pong"}')
        elif topic == "desk":
            for change in frame.get("rows", ()):
                if change["table"] == "work" and change["row"] is not None:
                    heard.append((change["key"], number, came_at))


# ---- the service's process


@dataclass(slots=True)
class Floor:
    """What happened, by interaction."""

    arrived_at: dict[InteractionId, float] = field(default_factory=dict)
    decided_ms: list[float] = field(default_factory=list)
    failed: int = 0


class Bench:
    """One run on a running omni."""

    def __init__(self, omni: Omni, seed: int) -> None:
        self._omni = omni
        self._draw = random.Random(seed)
        self._tasks: asyncio.TaskGroup | None = None
        self._hold_s = 0.0
        self.floor = Floor()

    async def set_up(self, agents: int) -> list[str]:
        """Make a queue and agents who are ready; return the tokens of their sessions."""
        omni = self._omni
        administration = omni.administration
        await administration.seed_codes()
        await administration.save_group(Group(GROUP, "bench"))
        await administration.save_queue(Queue(QUEUE, "bench"))
        await administration.save_matrix(
            Matrix(administration.matrix().version, (), (GroupLink(QUEUE, GROUP),))
        )
        tokens = await self._accounts(agents)
        ids = [AgentId(f"bench-agent-{n:04d}") for n in range(SUPERVISORS, agents)]
        await asyncio.gather(
            *(
                administration.save_agent(
                    Agent(one, f"Robot {one[-4:]}", (GROUP,), auto_accept=(True, True, True))
                )
                for one in ids
            )
        )
        await asyncio.gather(*(omni.acd.ready(one) for one in ids))
        return tokens

    async def _accounts(self, agents: int) -> list[str]:
        """Make log-ins beside the password: hashing so many would take longer than the run."""
        now = self._omni.foundation.clock.now()
        tokens = [secrets.token_urlsafe(32) for _ in range(agents)]
        users = [
            UserAccount(
                id=f"bench-agent-{n:04d}",
                email=f"bench{n}@demo.example",
                name=f"Robot {n}",
                roles=[Role.SUPERVISOR.value if n < SUPERVISORS else Role.AGENT.value],
                password_hash="",
                robot=True,
                created_at=now,
            )
            for n in range(agents)
        ]
        await UserAccount.bulk_create(users)
        await UserSession.bulk_create(
            [
                UserSession(
                    id=hashlib.sha256(token.encode()).hexdigest(),
                    user_id=user.id,
                    csrf_token="",
                    created_at=now,
                    expires_at=now + timedelta(hours=1),
                )
                for user, token in zip(users, tokens, strict=True)
            ]
        )
        return tokens

    async def offer(self, rate: float, seconds: float, hold_s: float) -> float:
        """Let contacts arrive and be handled; return the share of a core that was used."""
        self._hold_s = hold_s
        journal = self._omni.foundation.journal
        publish = journal.published

        def listen(batch: list[Recorded[Event]]) -> None:
            publish(batch)
            for recorded in batch:
                if isinstance(recorded.event, InteractionAccepted):
                    self._start(recorded.event)

        journal.published = listen
        new = self._omni.foundation.identities.new
        async with asyncio.TaskGroup() as self._tasks:
            began_s, cpu_s = time.monotonic(), time.process_time()
            while (passed_s := time.monotonic() - began_s) < seconds:
                for _ in range(int(passed_s * rate) - len(self.floor.arrived_at)):
                    interaction_id = InteractionId(new())
                    self.floor.arrived_at[interaction_id] = time.time()
                    self._tasks.create_task(self._arrive(interaction_id))
                await asyncio.sleep(0.005)
            used = (time.process_time() - cpu_s) / (time.monotonic() - began_s)
        return used

    async def _arrive(self, interaction_id: InteractionId) -> None:
        began_s = time.monotonic()
        number = len(self.floor.arrived_at)
        medium = Medium.CHAT if number % 2 else Medium.EMAIL
        arrival = Arrival(
            interaction_id=interaction_id,
            medium=medium,
            direction=Direction.INBOUND,
            queue_id=QUEUE,
            address=f"visitor{number % 5000}@customers.example",
            subject="Where is my order?",
        )
        await self._omni.acd.arrive(arrival)
        self.floor.decided_ms.append(1000 * (time.monotonic() - began_s))

    def _start(self, accepted: InteractionAccepted) -> None:
        assert self._tasks is not None
        self._tasks.create_task(self._handle(accepted.interaction_id, accepted.agent_id))

    async def _handle(self, interaction_id: InteractionId, agent_id: AgentId) -> None:
        await asyncio.sleep(self._draw.uniform(0.5, 1.5) * self._hold_s)
        await self._omni.acd.end(interaction_id, agent_id)
        await asyncio.sleep(1.0)
        await self._omni.acd.wrap_up(agent_id, interaction_id, DISPOSITION)

    async def settle(self) -> int:
        """Wait until the consumers have caught up; return how many events wait when it ends."""
        bus = self._omni.foundation.bus
        end_s = time.monotonic() + DRAIN_S
        while bus.waiting() and time.monotonic() < end_s:  # noqa: ASYNC110 - a bench may look
            await asyncio.sleep(0.1)
        return bus.waiting()


async def run(options: list[str]) -> dict[str, object]:
    """Measure; see `--help`."""
    parser = argparse.ArgumentParser(prog="omni bench live", description=__doc__)
    parser.add_argument("--agents", type=int, default=1800)
    parser.add_argument("--rate", type=float, default=93.0, help="contacts a second")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--hold", type=float, default=10.0, help="seconds of a conversation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(options)
    _allow_files(given.agents * 2 + 1000)
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o711)  # the database's account passes through
        settings = Settings(data=Path(folder), port=0)
        async with running(settings, _say) as complete:
            await database.migrate(complete.database())
            async with bootstrap.running(complete, _say, jobs=False) as omni:
                return await _measure(omni, given)


async def _measure(omni: Omni, given: argparse.Namespace) -> dict[str, object]:
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as tasks:
        web = tasks.create_task(bootstrap.serve_web(omni, address.set_result))
        bench = Bench(omni, given.seed)
        _say(f"{given.agents} agents sign in")
        tokens = await bench.set_up(given.agents)
        url = (await address).replace("http", "ws", 1) + "/api/live"
        ours, theirs = multiprocessing.Pipe()
        spawn = multiprocessing.get_context("spawn")
        process = spawn.Process(target=agents_process, args=(url, tokens, theirs), daemon=True)
        await asyncio.to_thread(process.start)
        try:
            async with asyncio.timeout(OPENING_S):
                await asyncio.to_thread(ours.recv)  # READY
            _say(f"{given.rate:g} contacts/s for {given.seconds:g} s")
            used = await bench.offer(given.rate, given.seconds, given.hold)
            behind = await bench.settle()
            ours.send(GO_HOME)
            heard: Heard = await asyncio.to_thread(ours.recv)
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
        web.cancel()
    return figures(bench.floor, heard, used, behind, given)


def figures(
    floor: Floor, heard: Heard, used: float, behind: int, given: argparse.Namespace
) -> dict[str, object]:
    """Return what `--json` prints."""
    first: dict[str, float] = {}
    agents: dict[str, set[str]] = {}
    for interaction_id, agent, came_at in heard:
        first.setdefault(interaction_id, came_at)
        agents.setdefault(interaction_id, set()).add(agent)
    delays_ms = [
        1000 * (first[one] - arrived_at)
        for one, arrived_at in floor.arrived_at.items()
        if one in first
    ]
    return {
        "agents": given.agents,
        "arrived": len(floor.arrived_at),
        "arrived_per_s": round(len(floor.arrived_at) / given.seconds, 1),
        "lost": sum(one not in first for one in floor.arrived_at),
        "doubled": sum(len(several) > 1 for several in agents.values()),
        "offer_p50_ms": _at(delays_ms, 0.5),
        "offer_p99_ms": _at(delays_ms, 0.99),
        "decided_p50_ms": _at(floor.decided_ms, 0.5),
        "decided_p99_ms": _at(floor.decided_ms, 0.99),
        "main_busy": round(used, 2),
        "events_behind_at_end": behind,
    }


def _at(values: Sequence[float], part: float) -> float | None:
    ordered = sorted(values)
    return round(ordered[int(part * (len(ordered) - 1))], 1) if ordered else None


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def _say(step: str) -> None:
    print(step, file=sys.stderr, flush=True)  # noqa: T201 - a bench speaks on standard error
