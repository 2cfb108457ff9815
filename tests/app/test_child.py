"""Children start, are watched, and never outlive us. The children here are real processes."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from omni.app.embedded import child as child_module
from omni.app.embedded.child import Child, ChildFailed, ChildSpec

PARENT = """
import asyncio, sys
from pathlib import Path
from omni.app.embedded.child import Child, ChildSpec

async def ready():
    return True

async def main():
    child = Child(ChildSpec("sleeper", ("sleep", "1000"), Path(sys.argv[1])), ready)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


async def at_once() -> bool:
    return True


async def never() -> bool:
    return False


def sleeper(folder: Path, *, start_s: float = 5.0) -> ChildSpec:
    return ChildSpec("sleeper", ("sleep", "1000"), folder / "log", start_s=start_s)


async def gone(pid: int) -> bool:
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # A process whose parent died is reaped by init, which some containers do not have.
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        await asyncio.sleep(0.02)
    return False


async def test_starts_and_stops(tmp_path: Path) -> None:
    child = Child(sleeper(tmp_path), at_once)
    await child.start()
    pid = child.pid
    assert pid is not None
    await child.stop()
    assert not child.running
    assert await gone(pid)
    await child.stop()


async def test_a_failed_start_shows_the_log(tmp_path: Path) -> None:
    command = ("sh", "-c", "echo no such luck; exit 3")
    child = Child(ChildSpec("grump", command, tmp_path / "log"), never)
    with pytest.raises(ChildFailed, match="no such luck"):
        await child.start()


async def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    child = Child(ChildSpec("ghost", ("/no/such/program",), tmp_path / "log"), never)
    with pytest.raises(ChildFailed, match="/no/such/program"):
        await child.start()


async def test_a_child_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    child = Child(sleeper(tmp_path, start_s=0.1), never)
    with pytest.raises(ChildFailed, match="not ready"):
        await child.start()
    assert not child.running


async def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    command = ("sh", "-c", "trap '' TERM; touch armed; while :; do sleep 0.05; done")
    spec = ChildSpec("mule", command, tmp_path / "log", stop_s=0.2, cwd=tmp_path)

    async def armed() -> bool:
        return (tmp_path / "armed").exists()

    child = Child(spec, armed)
    await child.start()
    await child.stop()
    assert await child.wait_exit() == -signal.SIGKILL


async def test_a_child_that_dies_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "RESTART_PAUSES_S", (0.0,))
    child = Child(sleeper(tmp_path), at_once)
    await child.start()
    first = child.pid
    assert first is not None
    codes: asyncio.Queue[int] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(child.watch(codes.put))
        os.kill(first, signal.SIGKILL)
        assert await codes.get() == -signal.SIGKILL
        assert child.pid not in (None, first)
        await child.stop()  # ends the watch too


async def test_a_child_that_keeps_dying_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "RESTART_PAUSES_S", (0.0, 0.0))
    command = ("sh", "-c", "echo started >> starts; exit 7")
    starts = tmp_path / "starts"

    async def first_start() -> bool:
        return starts.exists() and len(starts.read_text().splitlines()) == 1

    child = Child(ChildSpec("mayfly", command, tmp_path / "log", cwd=tmp_path), first_start)
    await child.start()
    with pytest.raises(ChildFailed, match="given up"):
        await child.watch()
    assert len(starts.read_text().splitlines()) == 3


async def test_nothing_is_left_when_we_are_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not await gone_now(pid)
        parent.kill()
    assert await gone(pid)


async def gone_now(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()
