"""What the tests of the telephone share: clocks, ids, free ports, a network of two Asterisks."""

import asyncio
import heapq
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from omni.app.demo.carrier import HOST, SECOND_HOST, Carrier, Mood
from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.channels.voice import config
from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.gateway import APPS, AriSwitch
from omni.channels.voice.model import TrunkSpec
from omni.channels.voice.playing import Folders
from omni.core.clock import Clock, Identities
from omni.core.ids import TrunkId

TRUNK, SECOND = TrunkId("trunk1"), TrunkId("trunk2")
START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


class Numbers:
    """Ids that count: `id000001`, …"""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def new(self) -> str:
        return f"id{next(self._next):06d}"


class VirtualClock:
    """A clock that jumps: `pass_time` lets the sleepers wake in order, without waiting."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        if delay_s <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now_s + delay_s, next(self._count), future))
        await future

    async def pass_time(self, seconds: float) -> None:
        """Let `seconds` pass and everything happen that is due in them."""
        end_s = self.now_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            at_s, _, future = heapq.heappop(self._sleepers)
            self.now_s = max(self.now_s, at_s)
            if not future.done():
                future.set_result(None)
                await settle()
        self.now_s = end_s
        await settle()


async def settle() -> None:
    """Let all tasks run until they wait for time or the outside."""
    for _ in range(60):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object], *, within_s: float = 10.0) -> None:
    """Wait in real time until the condition holds."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


def free_port(host: str = "127.0.0.1", kind: int = socket.SOCK_STREAM) -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Line:
    """A switch and a carrier, both running. `trunk` leads from one to the other, `second` also, by
    another line that costs more."""

    switch: AsteriskInstance
    carrier: Carrier
    settings: config.SwitchSettings
    trunk: TrunkSpec
    announcements: Path

    @property
    def second(self) -> TrunkSpec:
        return replace(self.trunk, trunk_id=SECOND, name="second", host=SECOND_HOST, cost=200)

    @property
    def address(self) -> AriAddress:
        """Return where the switch's ARI is."""
        return AriAddress(self.settings.ari_url, config.ARI_USER, self.settings.ari_secret)

    def gateway(self, clock: Clock, identities: Identities) -> AriSwitch:
        """Return a switch port of our own on this Asterisk."""
        ari = AriConnection(self.address, APPS, clock)
        return AriSwitch(
            ari,
            identities,
            media_address="127.0.0.1",
            here=Folders(self.switch.recordings, self.announcements),
        )


@asynccontextmanager
async def line(install: AsteriskInstall, folder: Path, mood: Mood) -> AsyncIterator[Line]:
    """Run the two Asterisks."""
    udp = socket.SOCK_DGRAM
    settings = config.SwitchSettings(
        ari_secret="secret-of-the-test", http_port=free_port(), sip_port=free_port(kind=udp)
    )
    ports = (free_port(HOST, udp), free_port(HOST), settings.sip_port)
    carrier = Carrier(install, folder / "carrier", ports, mood)
    switch = AsteriskInstance(install, folder / "switch", config.render(settings))
    trunk = TrunkSpec(TRUNK, "demo", HOST, ports[0], capacity=1000, calls_per_second=0)
    try:
        await asyncio.gather(switch.start(), carrier.start())
        yield Line(switch, carrier, settings, trunk, folder / "announcements")
    finally:
        await asyncio.gather(switch.stop(), carrier.stop())
