"""The telephone network of `omni bench calls`: a small process that answers every call.

It stands for the carrier and for the agents' telephones at once, so that what is measured is omni
and its Asterisk, not a second Asterisk. `sip.Callee` decides; this gives it sockets and time. With
`speak` everybody who is up sends a packet of audio each 20 ms; all hear at one port, where nobody
listens.
"""

import argparse
import asyncio
import os
import socket
import struct
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvloop

from omni.app.bench.sip import Callee, Habits, Place, parse
from omni.app.embedded.child import Child, ChildSpec

USER = "omni"
SECRET = "OMNI_BENCH_SECRET"
READY = "ready"
ROBOT = "robot"
FRAME_S, FRAME_SAMPLES = 0.02, 160
FRAME = b"\xff" * FRAME_SAMPLES  # silence in PCMU
BUFFER_BYTES = 4 * 1024 * 1024  # a burst waits here while the processor is somebody else's


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the network is."""

    host: str
    sip_port: int
    media_port: int


class Network:
    """The network as the bench sees it. `secret`: what it asks callers for ("": nothing)."""

    def __init__(
        self, folder: Path, spot: Spot, *, ring_s: float, speak: bool = False, secret: str = ""
    ) -> None:
        self.spot = spot
        log = folder / "network.log"
        places = (spot.host, str(spot.sip_port), str(spot.media_port), str(ring_s))
        command = (sys.executable, "-m", __name__, *places, *(["--speak"] if speak else []))

        async def ready() -> bool:
            return READY in log.read_text()

        self._child = Child(ChildSpec("network", command, log, env={SECRET: secret}), ready)

    async def start(self) -> None:
        """Start the network; raises ChildFailed."""
        await self._child.start()

    async def stop(self) -> None:
        """End the network, calls and all; nobody is told."""
        await self._child.stop()

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._child.pid

    def robot_uri(self, name: str) -> str:
        """Return the address of a telephone that answers at once."""
        return f"sip:{ROBOT}{name}@{self.spot.host}:{self.spot.sip_port}"


class _Wire(asyncio.DatagramProtocol):
    """SIP over UDP."""

    def __init__(self, callee: Callee) -> None:
        self._callee = callee
        self._transport: asyncio.DatagramTransport | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # uvloop's is of no class

    def datagram_received(self, data: bytes, addr: Place) -> None:
        request = parse(data.decode("utf-8", "replace"))
        if request is not None:
            self._send(self._callee.heard(request, addr, time.monotonic()))

    def _passed(self) -> None:
        self._alarm = None
        self._send(self._callee.passed(time.monotonic()))

    def _send(self, messages: Iterable[tuple[str, Place]]) -> None:
        assert self._transport is not None
        for text, place in messages:
            self._transport.sendto(text.encode(), place)
        due_s = self._callee.next_s()
        if due_s is None:
            return
        loop = asyncio.get_running_loop()
        at_s = loop.time() + max(0.0, due_s - time.monotonic())
        if self._alarm is None or at_s < self._alarm.when() - FRAME_S:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = loop.call_at(at_s, self._passed)


async def _speak(callee: Callee, media: socket.socket) -> None:
    """Let everybody who is up send audio, as RFC 3550 wants it."""
    due_s = time.monotonic()
    for count in range(sys.maxsize):
        stamp = count * FRAME_SAMPLES & 0xFFFFFFFF
        for call_id, place in callee.up.items():
            head = struct.pack("!BBHII", 0x80, 0, count & 0xFFFF, stamp, hash(call_id) & 0xFFFFFFFF)
            with suppress(BlockingIOError):  # a packet is lost, as in any network
                media.sendto(head + FRAME, place)
        due_s += FRAME_S
        await asyncio.sleep(due_s - time.monotonic())


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.setblocking(False)
    bound.bind((host, port))
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    return bound


async def _run(given: argparse.Namespace) -> None:
    callee = Callee(
        Habits(
            given.host,
            given.sip_port,
            given.media_port,
            given.ring_s,
            ROBOT,
            USER,
            os.environ.get(SECRET, ""),
        )
    )
    with _bound(given.host, given.media_port) as media:
        await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Wire(callee), sock=_bound(given.host, given.sip_port)
        )
        print(READY, flush=True)  # noqa: T201 - whoever started it reads this
        await (_speak(callee, media) if given.speak else asyncio.Event().wait())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("sip_port", type=int)
    parser.add_argument("media_port", type=int)
    parser.add_argument("ring_s", type=float)
    parser.add_argument("--speak", action="store_true")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(parser.parse_args()))
