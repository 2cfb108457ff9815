"""omni with an Asterisk that it did not start: configured by its own command, found by ARI_URL."""

import asyncio
import socket
from pathlib import Path
from random import Random

import pytest

from omni.app.asterisk_files import asterisk_files, write
from omni.app.demo import seed
from omni.app.demo.carrier import Mood
from omni.app.demo.robots import Pace, Robot
from omni.app.demo.stage import stage
from omni.app.demo.world import PASSWORD
from omni.app.doctor import State, examine
from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.app.settings import load
from omni.app.switchboard import free_port
from omni.channels.voice.store import RecordingRow
from tests.e2e.test_restarts import until

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(200)]
PACE = Pace(talk_s=(2.0, 3.0), wrap_up_s=(0.3, 0.6))


async def test_calls_and_recordings_on_a_given_asterisk(
    asterisk: AsteriskInstall, open_folder: Path, data_folder: Path
) -> None:
    http_port, sip_port = free_port("127.0.0.1"), free_port("127.0.0.1", socket.SOCK_DGRAM)
    environ = {
        "OMNI_DATA": str(data_folder),
        "OMNI_PORT": "0",
        "OMNI_SIP_PORT": str(sip_port),
        "ARI_URL": f"http://boss:p%40ss-word@127.0.0.1:{http_port}",
    }
    settings = load(environ, open_folder)
    made = asterisk_files(settings, "127.0.0.1")
    assert made.ari_url == f"http://boss:p%40ss-word@127.0.0.1:{http_port}/ari"
    write(made.files, open_folder / "conf")
    conf = {path.name: path.read_text() for path in (open_folder / "conf").iterdir()}
    theirs = AsteriskInstance(asterisk, open_folder / "pbx", conf)
    found = {one.name: one for one in await examine(settings)}["Asterisk"]
    assert found.state is State.MISSING
    assert "omni asterisk config" in found.advice
    await theirs.start()
    try:
        found = {one.name: one for one in await examine(settings)}["Asterisk"]
        assert found.state is State.OK, found
        mood = Mood(weights={"person": 100}, ring_s=(1, 1), talk_s=(30, 30))
        async with stage(settings, mood, 1, lambda step: None) as on_stage:
            assert on_stage.omni.switchboard.instance is None
            campaign_id = await seed.campaign(on_stage.omni, Random(1))
            async with asyncio.TaskGroup() as tasks:
                [person] = on_stage.robots
                robot = Robot(on_stage.address, person.email, PASSWORD, Random(1), PACE)
                working = tasks.create_task(robot.run())
                await on_stage.omni.campaigns.start(campaign_id)
                recorded = tasks.create_task(_recorded())
                async with asyncio.timeout(90):
                    size_bytes = await recorded
                await on_stage.omni.campaigns.pause(campaign_id)
                await until(lambda: not on_stage.omni.voice.live_calls(), 60, "a call is stuck")
                working.cancel()
            [kept, *_] = sorted((data_folder / "recordings").rglob("*.wav"))
            assert kept.stat().st_size == size_bytes
            assert size_bytes > 10_000
    finally:
        await theirs.stop()


async def _recorded() -> int:
    """Wait for the first recording and return its bytes."""
    while True:
        row = await RecordingRow.all().order_by("stored_at").first()
        if row is not None:
            assert not row.incomplete
            return int(row.size_bytes)
        await asyncio.sleep(0.3)
