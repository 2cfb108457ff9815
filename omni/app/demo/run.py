"""The demonstration: the whole product with a carrier, a mail server, visitors and robot agents."""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Iterator

from omni.app.demo import census, seed
from omni.app.demo.carrier import Mood
from omni.app.demo.mail_customers import MailCustomers
from omni.app.demo.robots import Pace, Robot
from omni.app.demo.stage import Stage, stage
from omni.app.demo.visitors import VisitorPace, Visitors
from omni.app.demo.world import (
    CHAT_SITE,
    INBOUND_NUMBER,
    PASSWORD,
    PEOPLE,
    SUPPORT_MAILBOX,
    numbers,
)
from omni.app.settings import Settings

log = logging.getLogger(__name__)

Say = Callable[[str], None]
SEED = 20261121
# An unattended run lets what is open come to its end: a call that rings out and rings again at
# another agent, the talk, the wrap-up.
DRAIN_S = 60.0
QUICK = Mood(ring_s=(1, 4), talk_s=(6, 15))
QUICK_VISITORS = VisitorPace(every_s=(4.0, 10.0), type_s=(1.0, 3.0))
QUICK_PACE = Pace(talk_s=(3.0, 8.0), write_s=(2.0, 5.0), wrap_up_s=(0.5, 2.0))


async def run(
    settings: Settings, seconds: int | None, robots: int, say: Say
) -> dict[str, int | bool] | None:
    """Run for ever, or for some seconds and then return what was counted."""
    mood = Mood() if seconds is None else QUICK
    async with stage(settings, mood, robots, say) as on_stage:
        return await _Demo(on_stage, quick=seconds is not None).play(seconds, say)


class _Demo:
    """One run."""

    def __init__(self, on_stage: Stage, *, quick: bool) -> None:
        self._stage = on_stage
        self._omni = on_stage.omni
        self._quick = quick
        self._rng = random.Random(SEED)

    async def play(self, seconds: int | None, say: Say) -> dict[str, int | bool] | None:
        """Let the world come to life."""
        omni, address = self._omni, self._stage.address
        began, seq = omni.foundation.clock.now(), await omni.foundation.journal.last_seq()
        async with asyncio.TaskGroup() as tasks:
            coming = [
                tasks.create_task(work) for work in (self._customers(), self._visitors(address))
            ]
            staying = [tasks.create_task(work) for work in self._colleagues(address)]
            say(_welcome(address))
            if seconds is None:
                return None
            await asyncio.sleep(seconds)
            for task in coming:
                task.cancel()
            await self._drain()
            for task in staying:
                task.cancel()
        return await census.count(omni, began, seq)

    def _colleagues(self, address: str) -> Iterator[Coroutine[None, None, None]]:
        pace = QUICK_PACE if self._quick else Pace()
        for robot in self._stage.robots:
            rng = random.Random(f"{SEED}{robot.email}")
            yield Robot(address, robot.email, PASSWORD, rng, pace).run()

    async def _visitors(self, address: str) -> None:
        """Those who chat from the shop, until cancelled."""
        pace = QUICK_VISITORS if self._quick else VisitorPace()
        await Visitors(address, CHAT_SITE, random.Random(f"{SEED}visitors"), pace).run()

    async def _customers(self) -> None:
        """Everybody who contacts us, until cancelled; then the campaign is paused."""
        campaign_id = await seed.campaign(self._omni, self._rng)
        every_s = (4.0, 9.0) if self._quick else (20.0, 60.0)
        callers = numbers(40, self._rng)
        await asyncio.sleep(3.0)  # the robots come to their desks
        await self._omni.campaigns.start(campaign_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(
                    MailCustomers(
                        self._stage.mail, SUPPORT_MAILBOX, self._rng, 8.0 if self._quick else 45.0
                    ).run()
                )
                tasks.create_task(
                    self._stage.carrier.keep_calling(
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
            calls = len(self._omni.voice.live_calls())
            log.warning("work was still open at the demonstration's end", extra={"calls": calls})
        await asyncio.sleep(1.0)  # the last consumers


def _welcome(address: str) -> str:
    lines = [f"omni is ready: {address}", "Log in as (password for all: " + PASSWORD + ")"]
    lines += [f"  {person.email:<28} {person.name}" for person in PEOPLE]
    lines.append(f"  a shop with the chat widget: {address}/shop")
    return "\n".join(lines)
