"""However it hangs, omni ends: parts are asked again and named, and time is up at last."""

import asyncio
import logging
import signal
import subprocess
import sys
import time

import pytest

from omni.app.ending import end


async def stubborn(times: int) -> None:
    """Go on after being cancelled, so many times."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if not times:
                raise
            times -= 1


async def test_a_part_that_swallows_its_end_is_named_and_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("omni.app.ending.AGAIN_S", 0.01)
    tasks = [asyncio.create_task(stubborn(times), name=f"part{times}") for times in (0, 1, 2)]
    await asyncio.sleep(0)
    with caplog.at_level(logging.WARNING):
        await end(tasks, 0.05)
    assert all(task.cancelled() for task in tasks)
    assert [record.args for record in caplog.records] == [("part1, part2",), ("part2",)]


async def test_what_has_ended_is_not_asked(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("ours")

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    await end([task])
    assert isinstance(task.exception(), ValueError)
    assert not caplog.records


HANGS = {
    "task": "await stubborn()",
    "thread": "await asyncio.to_thread(time.sleep, 60)",
    "end": "await asyncio.sleep(60)",
}
PROGRAM = """
import asyncio, logging, sys, time
from omni.app.ending import until_signal

logging.basicConfig(stream=sys.stderr)

async def stubborn():
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

async def work():
    print("ready", flush=True)
    {hang}

with asyncio.Runner() as runner:
    runner.run(until_signal(work(), lambda: print("stopping", flush=True), 0.5))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("hang", HANGS)
def test_a_process_ends_soon_after_its_signal(hang: str, number: signal.Signals) -> None:
    """A task that goes on, a thread that nobody can interrupt, and one without trouble."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(hang=HANGS[hang])],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        process.send_signal(number)  # changes nothing
        began_s = time.monotonic()
        try:
            code = process.wait(20)
        finally:
            process.kill()
        took_s = time.monotonic() - began_s
        said = process.stderr.read()
        assert process.stdout.read() == "stopping\n"
    assert took_s < 10
    if hang == "end":
        assert (code, said) == (0, "")
    else:
        assert code == 1
        assert "did not end in time" in said
        assert ("asyncio_0" in said) is (hang == "thread"), "the thread is named"
