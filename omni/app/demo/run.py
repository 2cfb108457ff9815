"""The demonstration: the whole product with a carrier, a mail server, visitors and robot agents."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import AsyncExitStack

from omni.app import bootstrap, database
from omni.app.composition import Omni
from omni.app.demo import census, seed
from omni.app.demo.carrier import HOST, Carrier, Mood
from omni.app.demo.mail_customers import MailCustomers, addresses
from omni.app.demo.mailserver import MailServer
from omni.app.demo.robots import Pace, Robot
from omni.app.demo.visitors import VisitorPace, Visitors
from omni.app.demo.world import (
    CHAT_SITE,
    INBOUND_NUMBER,
    PASSWORD,
    PEOPLE,
    SUPPORT_MAILBOX,
    Person,
    numbers,
)
from omni.app.embedded.asterisk_install import ensure_installed
from omni.app.embedded.services import running
from omni.app.settings import Settings
from omni.app.switchboard import free_port

log = logging.getLogger(__name__)

Say = Callable[[str], None]
SEED = 20261121
DRAIN_S = 25.0  # an unattended run lets what is open come to its end for so long
QUICK = Mood(ring_s=(1, 4), talk_s=(6, 15))
QUICK_VISITORS = VisitorPace(every_s=(4.0, 10.0), type_s=(1.0, 3.0))
QUICK_PACE = Pace(talk_s=(3.0, 8.0), write_s=(2.0, 5.0), wrap_up_s=(0.5, 2.0))


async def run(
    settings: Settings, seconds: int | None, robots: int, say: Say
) -> dict[str, int | bool] | None:
    """Run for ever, or for some seconds and then return what was counted."""
    async with running(settings, say) as complete:
        say("Bringing the database up to date")
        await database.migrate(complete.database())
        async with bootstrap.running(complete, say) as omni, AsyncExitStack() as stack:
            demo = _Demo(omni, say, robots, quick=seconds is not None)
            await demo.set_up(stack)
            return await demo.play(seconds)


class _Demo:
    """One run."""

    def __init__(self, omni: Omni, say: Say, robots: int, *, quick: bool) -> None:
        self._robot_count = robots
        self._omni = omni
        self._say = say
        self._quick = quick
        self._rng = random.Random(SEED)
        self._robots: list[Person] = []
        self._carrier: Carrier | None = None
        self._mail = MailServer(addresses(SUPPORT_MAILBOX))

    async def set_up(self, stack: AsyncExitStack) -> None:
        """Start the world around the product and make what it needs."""
        settings = self._omni.foundation.settings
        self._say("Starting the demonstration's carrier")
        install = await ensure_installed(settings.cache, self._say, own=settings.asterisk)
        ports = (free_port(HOST), free_port(HOST), self._omni.switchboard.sip_port)
        mood = QUICK if self._quick else Mood()
        carrier = Carrier(install, settings.data / "carrier", ports, mood)
        await carrier.start()
        stack.push_async_callback(carrier.stop)
        self._carrier = carrier
        self._robots = await seed.seed(self._omni, carrier, self._robot_count)
        await self._mail.start()
        stack.push_async_callback(self._mail.stop)
        await seed.mailbox(self._omni, self._mail)

    async def play(self, seconds: int | None) -> dict[str, int | bool] | None:
        """Let the world come to life."""
        omni = self._omni
        began, seq = omni.foundation.clock.now(), await omni.foundation.journal.last_seq()
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as tasks:
            web = tasks.create_task(bootstrap.serve_web(omni, address.set_result))
            world = [
                tasks.create_task(work)
                for work in (
                    self._customers(),
                    self._visitors(await address),
                    *self._colleagues(await address),
                )
            ]
            self._say(_welcome(address.result()))
            if seconds is None:
                return None
            await asyncio.sleep(seconds)
            for customers in world[:2]:
                customers.cancel()
            await self._drain()
            for task in world:
                task.cancel()
            web.cancel()
        return await census.count(omni, began, seq)

    def _colleagues(self, address: str):  # type: ignore[no-untyped-def]
        pace = QUICK_PACE if self._quick else Pace()
        for robot in self._robots:
            rng = random.Random(f"{SEED}{robot.email}")
            yield Robot(address, robot.email, PASSWORD, rng, pace).run()

    async def _visitors(self, address: str) -> None:
        """Those who chat from the shop, until cancelled."""
        pace = QUICK_VISITORS if self._quick else VisitorPace()
        await Visitors(address, CHAT_SITE, random.Random(f"{SEED}visitors"), pace).run()

    async def _customers(self) -> None:
        """Everybody who contacts us, until cancelled; then the campaign is paused."""
        assert self._carrier is not None
        campaign_id = await seed.campaign(self._omni, self._rng)
        every_s = (4.0, 9.0) if self._quick else (20.0, 60.0)
        callers = numbers(40, self._rng)
        await asyncio.sleep(3.0)  # the robots come to their desks
        await self._omni.campaigns.start(campaign_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    MailCustomers(
                        self._mail, SUPPORT_MAILBOX, self._rng, 8.0 if self._quick else 45.0
                    ).run()
                )
                tasks.create_task(
                    self._carrier.keep_calling(
                        INBOUND_NUMBER, callers, every_s=every_s, rng=self._rng
                    )
                )
        finally:
            await self._omni.campaigns.pause(campaign_id)

    def _open(self) -> bool:
        omni = self._omni
        return omni.acd.oldest_open() is not None or bool(omni.voice.live_calls())

    async def _drain(self) -> None:
        """Wait until nothing is open, or long enough."""
        try:
            async with asyncio.timeout(DRAIN_S):
                while self._open():  # noqa: ASYNC110 - none of the parts tells it
                    await asyncio.sleep(0.5)
        except TimeoutError:
            log.warning("some work was still open at the end of the demonstration")
        await asyncio.sleep(1.0)  # the last consumers


def _welcome(address: str) -> str:
    lines = [f"omni is ready: {address}", "Log in as (password for all: " + PASSWORD + ")"]
    lines += [f"  {person.email:<28} {person.name}" for person in PEOPLE]
    lines.append(f"  a shop with the chat widget: {address}/shop")
    return "\n".join(lines)
