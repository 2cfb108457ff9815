"""PostgreSQL and Redis are killed in the middle of calls, mails and chats: nothing is lost."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from omni.app.demo import census, seed
from omni.app.demo.carrier import Mood
from omni.app.demo.mail_customers import MailCustomers
from omni.app.demo.robots import Pace, Robot
from omni.app.demo.stage import Stage, stage
from omni.app.demo.visitors import VisitorPace, Visitors
from omni.app.demo.world import CHAT_SITE, INBOUND_NUMBER, PASSWORD, SUPPORT_MAILBOX, numbers
from omni.app.settings import load

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

PACE = Pace(talk_s=(3.0, 6.0), type_s=(0.5, 1.0), write_s=(1.0, 2.0), wrap_up_s=(0.3, 1.0))


async def until(
    condition: Callable[[], bool], seconds: float, what: str, more: Callable[[], str] = str
) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.2)
    except TimeoutError:
        pytest.fail(f"{what} {more()}")


def still_open(on_stage: Stage, robots: list[Robot]) -> str:
    """Say what is not over, and with whom: without it a stuck run cannot be understood."""
    calls = [f"call {call}" for call in on_stage.omni.voice.live_calls()]
    desks = [f"{robot.email}: {work}" for robot in robots for work in robot.work]
    return "\n".join(["", *calls, *desks])


def postgres(folder: Path) -> int:
    """Return the number of the database's first process."""
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


def redis(folder: Path) -> int:
    """Return the number of the Redis whose socket is in this folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "redis-server" in command and str(folder) in command:
            return int(entry.name)
    raise AssertionError("no Redis found")


async def figures(on_stage: Stage) -> dict[str, int | bool]:
    omni = on_stage.omni
    since = omni.foundation.clock.now().replace(year=2000)
    return await census.count(omni, since, 0)


async def test_database_and_redis_are_killed_in_the_middle(data_folder: Path) -> None:
    settings = load({"OMNI_DATA": str(data_folder), "OMNI_PORT": "0"}, data_folder)
    mood = Mood(weights={"person": 80, "busy": 20}, ring_s=(1, 2), talk_s=(5, 10))
    async with stage(settings, mood, 4, lambda step: None) as on_stage:
        omni, rng = on_stage.omni, Random(3)
        campaign_id = await seed.campaign(omni, rng)
        async with asyncio.TaskGroup() as tasks:
            robots = [
                Robot(on_stage.address, person.email, PASSWORD, Random(person.email), PACE)
                for person in on_stage.robots
            ]
            staff = [tasks.create_task(robot.run()) for robot in robots]
            visitors = Visitors(
                on_stage.address, CHAT_SITE, rng, VisitorPace(every_s=(2, 4), type_s=(0.5, 1))
            )
            world = [
                tasks.create_task(visitors.run()),
                tasks.create_task(MailCustomers(on_stage.mail, SUPPORT_MAILBOX, rng, 3).run()),
                tasks.create_task(
                    on_stage.carrier.keep_calling(
                        INBOUND_NUMBER, numbers(20, rng), every_s=(3, 5), rng=rng
                    )
                ),
            ]
            await omni.campaigns.start(campaign_id)
            await until(lambda: len(omni.voice.live_calls()) >= 2, 40, "no calls came up")
            for process in (postgres(data_folder), redis(data_folder)):
                os.kill(process, signal.SIGKILL)
            await asyncio.sleep(3)
            before = await patiently(on_stage)
            await asyncio.sleep(15)
            after = await figures(on_stage)
            for name in ("calls_dialled", "emails_in", "chats_in", "calls_inbound"):
                assert after[name] > before[name], f"{name} stands still after the restart"
            await omni.campaigns.pause(campaign_id)
            for task in world:
                task.cancel()
            await until(
                lambda: omni.acd.oldest_open() is None and not omni.voice.live_calls(),
                60,
                "work is stuck",
                lambda: still_open(on_stage, robots),
            )
            await asyncio.sleep(2)
            for task in staff:
                task.cancel()
        end = await figures(on_stage)
        assert end["invariants_ok"] is True, end
        assert end["contacts_without_ticket"] == 0, end


async def patiently(on_stage: Stage) -> dict[str, int | bool]:
    """Count as soon as the database answers again."""
    for _ in range(60):
        try:
            return await figures(on_stage)
        except Exception:
            await asyncio.sleep(0.5)
    return await figures(on_stage)
