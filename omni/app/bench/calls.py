"""`omni bench calls`: calls through a real Asterisk, the ACD, the journal and PostgreSQL.

Every call goes the way of a campaign call: dialled over the trunk, answered by the telephone
network of `network.py` after `--ring` seconds, given to the ACD, joined with an agent whose
standing leg is up, hung up by the agent after `--hold` seconds, wrapped up. Agents are SIP phones
in that network. Asterisk, the database, the network and this program share the machine; what each
used of the processor is told, since that hardly depends on what else the machine does.

Conversations are recorded with `--record`, and heard with `--speak`: else nobody says a word.

`answer_to_agent` runs from the journaled answer to the journaled join: the ACD's two transactions
and the move into the agent's room lie between. `failed`: calls that did not reach an agent.
"""

import argparse
import asyncio
import os
import secrets
import socket
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from omni.acd.administration import Matrix
from omni.acd.model import Agent, Arrival, Group, GroupLink, Queue
from omni.app import bootstrap, database
from omni.app.bench.network import USER, Network, Spot
from omni.app.bench.processor import used_s
from omni.app.composition import Omni
from omni.app.embedded.services import running
from omni.app.settings import Settings
from omni.app.switchboard import free_port
from omni.channels.voice.model import DialRequest, PhoneKind, PhoneSpec, TrunkSpec
from omni.core.errors import Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.voice import AgentPhoneChanged, CallAnswered, CallConnected
from omni.core.ids import AgentId, AttemptId, CallId, GroupId, InteractionId, QueueId, TrunkId
from omni.core.terms import Direction, Medium

TRUNK, QUEUE, GROUP = TrunkId("bench-trunk"), QueueId("bench-queue"), GroupId("bench-group")
TALKER = "+12025550100"
HOST = "127.0.0.2"
LINES = 5000
PHONES_S = 60.0
# The way of a call through the journal; the time between two of them is told on standard error.
STAGES = (
    "call.started",
    "call.ringing",
    "call.answered",
    "interaction.arrived",
    "interaction.accepted",
    "call.connected",
    "call.ended",
)
DRAIN_S = 20.0


@dataclass
class Tally:
    """What was measured."""

    answered_s: dict[str, float] = field(default_factory=dict)
    waits_ms: list[float] = field(default_factory=list)
    offered: int = 0
    refused: int = 0
    in_flight_max: int = 0
    phones_up: set[str] = field(default_factory=set)
    stages: dict[str, dict[str, float]] = field(default_factory=dict)


class Bench:
    """One run on a running omni."""

    def __init__(self, omni: Omni, hold_s: float) -> None:
        self._omni = omni
        self._hold_s = hold_s
        self.tally = Tally()
        self._talks: asyncio.TaskGroup | None = None

    async def set_up(self, network: Network, agents: int, secret: str) -> None:
        """Make a trunk, a queue and agents with telephones, and bring them to work."""
        omni = self._omni
        # The bus is running: whoever comes now listens beside it.
        journal = omni.foundation.journal
        bus_publish = journal.published

        def publish(batch: list[Recorded[Event]]) -> None:
            bus_publish(batch)
            for recorded in batch:
                self._heard(recorded)

        journal.published = publish
        await omni.administration.save_group(Group(GROUP, "bench"))
        await omni.administration.save_queue(Queue(QUEUE, "bench", wrap_up_s=(0.0, 0.0, 0.0)))
        matrix = Matrix(
            version=omni.administration.matrix().version,
            entry_links=(),
            group_links=(GroupLink(QUEUE, GROUP),),
        )
        await omni.administration.save_matrix(matrix)
        spot = network.spot
        trunk = TrunkSpec(
            TRUNK, "bench", spot.host, spot.sip_port, capacity=LINES, calls_per_second=0
        )
        if secret:
            trunk = replace(trunk, user=USER, secret=secret)
        await omni.voice.save_trunk(trunk)
        for n in range(agents):
            agent_id = AgentId(f"bench-agent-{n:04d}")
            made = Agent(
                agent_id, f"Robot {n}", group_ids=(GROUP,), auto_accept=(True, False, False)
            )
            await omni.administration.save_agent(made)
            phone = PhoneSpec(agent_id, PhoneKind.SIP, network.robot_uri(str(n)))
            await omni.voice.save_phone(phone)
            await omni.voice.connect_phone(agent_id)
            await omni.acd.sign_in(agent_id)
            await omni.acd.ready(agent_id)
        async with asyncio.timeout(PHONES_S):
            while len(self.tally.phones_up) < agents:  # noqa: ASYNC110 - a bench may look
                await asyncio.sleep(0.1)

    def _heard(self, recorded: Recorded[Event]) -> None:
        event = recorded.event
        if event.TYPE in STAGES:
            self.tally.stages.setdefault(event.key, {})[event.TYPE] = recorded.at.timestamp()
        if isinstance(event, AgentPhoneChanged):
            (self.tally.phones_up.add if event.state == "up" else self.tally.phones_up.discard)(
                event.agent_id
            )
        elif isinstance(event, CallAnswered):
            self.tally.answered_s[event.call_id] = recorded.at.timestamp()
            assert self._talks is not None
            self._talks.create_task(self._give(event.call_id))
        elif isinstance(event, CallConnected):
            waited_s = recorded.at.timestamp() - self.tally.answered_s[event.call_id]
            self.tally.waits_ms.append(waited_s * 1000)
            assert self._talks is not None
            self._talks.create_task(self._talk(event))

    async def _give(self, call_id: CallId) -> None:
        await self._omni.acd.arrive(
            Arrival(
                interaction_id=InteractionId(call_id),
                medium=Medium.VOICE,
                direction=Direction.OUTBOUND,
                queue_id=QUEUE,
                address=TALKER,
                auto_accept=True,
            )
        )

    async def _talk(self, event: CallConnected) -> None:
        await asyncio.sleep(self._hold_s)
        await self._omni.acd.end(event.interaction_id, event.agent_id)

    async def offer(self, rate: float, seconds: float) -> float:
        """Dial `rate` calls a second for so long; return how many a second were dialled."""
        identities, voice = self._omni.foundation.identities, self._omni.voice
        async with asyncio.TaskGroup() as self._talks:
            began_s = time.monotonic()
            while (passed_s := time.monotonic() - began_s) < seconds:
                for _ in range(int(passed_s * rate) - self.tally.offered):
                    attempt = AttemptId(identities.new())
                    self.tally.offered += 1
                    try:
                        await voice.dial(DialRequest(attempt, None, TALKER, TRUNK, "", 20.0))
                    except Unavailable:
                        self.tally.refused += 1
                live = len(voice.live_calls())
                self.tally.in_flight_max = max(self.tally.in_flight_max, live)
                await asyncio.sleep(0.01)
            offered_s = time.monotonic() - began_s
            end_s = time.monotonic() + DRAIN_S
            while voice.live_calls() and time.monotonic() < end_s:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return self.tally.offered / offered_s


async def run(options: list[str]) -> dict[str, object]:
    """Measure; see `--help`."""
    parser = argparse.ArgumentParser(prog="omni bench calls", description=__doc__)
    parser.add_argument("--rate", type=float, default=60.0, help="calls dialled a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--agents", type=int, default=300)
    parser.add_argument("--ring", type=float, default=4.5, help="seconds until a person answers")
    parser.add_argument("--hold", type=float, default=4.0, help="seconds of conversation")
    parser.add_argument("--record", action="store_true", help="record the conversations")
    parser.add_argument("--speak", action="store_true", help="everybody sends audio")
    parser.add_argument("--digest", action="store_true", help="the carrier asks for a password")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(options)
    with tempfile.TemporaryDirectory(prefix="omni-bench-") as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o711)  # the database's account passes through
        settings = Settings(
            data=Path(folder), rtp_first=20000, rtp_last=29999, record_calls=given.record
        )
        async with running(settings, _say) as complete:
            await database.migrate(complete.database())
            async with bootstrap.running(complete, _say) as omni:
                tally, offered_per_s = await _measured(omni, given)
    for step in _stages(tally):
        _say(step)
    return _figures(tally, offered_per_s)


async def _measured(omni: Omni, given: argparse.Namespace) -> tuple[Tally, float]:
    secret = secrets.token_urlsafe(12) if given.digest else ""
    ports = (free_port(HOST, socket.SOCK_DGRAM) for _ in range(2))
    data = omni.foundation.settings.data
    network = Network(data, Spot(HOST, *ports), ring_s=given.ring, speak=given.speak, secret=secret)
    await network.start()
    try:
        bench = Bench(omni, given.hold)
        _say(f"{given.agents} telephones are being called")
        await bench.set_up(network, given.agents, secret)
        recorded = "recorded" if given.record else "not recorded"
        _say(f"{given.rate:g} calls/s for {given.seconds:g} s, {recorded}")
        programs = _programs(omni, network)
        before_s = used_s(programs)
        offered_per_s = await bench.offer(given.rate, given.seconds)
        after_s = used_s(programs)
    finally:
        await network.stop()
    for name in programs:
        each_ms = 1000 * (after_s[name] - before_s[name]) / max(1, bench.tally.offered)
        _say(f"{name}: {each_ms:.2f} ms of a core for each call")
    return bench.tally, offered_per_s


def _programs(omni: Omni, network: Network) -> dict[str, int]:
    """Return the number of each process, for `processor.used_s`."""
    board, data = omni.switchboard, omni.foundation.settings.data
    assert board.instance is not None
    postmaster = (data / "postgres" / "postmaster.pid").read_text().split()[0]
    found = {"PostgreSQL": int(postmaster), "Asterisk": board.instance.pid, "network": network.pid}
    return {"omni": os.getpid(), **{name: pid for name, pid in found.items() if pid}}


def _stages(tally: Tally) -> list[str]:
    lines = []
    for first, then in pairwise(STAGES):
        took_ms = sorted(
            1000 * (at[then] - at[first])
            for at in tally.stages.values()
            if {first, then} <= at.keys()
        )
        if took_ms:
            p50, p99 = took_ms[len(took_ms) // 2], took_ms[int(0.99 * (len(took_ms) - 1))]
            lines.append(f"{first} → {then}: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return lines


def _figures(tally: Tally, offered_per_s: float) -> dict[str, object]:
    waits_ms = sorted(tally.waits_ms)

    def at(part: float) -> float | None:
        return round(waits_ms[int(part * (len(waits_ms) - 1))], 1) if waits_ms else None

    return {
        "offered_per_s": round(offered_per_s, 2),
        "bridged": len(waits_ms),
        "failed": tally.offered - len(waits_ms),
        "answer_to_agent_p50_ms": at(0.5),
        "answer_to_agent_p99_ms": at(0.99),
        "in_flight_max": tally.in_flight_max,
    }


def _say(step: str) -> None:
    print(step, file=sys.stderr, flush=True)  # noqa: T201 - a bench speaks on standard error
