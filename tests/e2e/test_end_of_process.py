"""`omni serve` as a whole process: it comes up, and however it ends nothing is left running."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.voice.test_recordings import wav

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(240)]

UP_S = 90.0
DOWN_S = 30.0


class Serving:
    """A running `omni serve` with its data in `data`."""

    def __init__(self, data: Path) -> None:
        self._errors = (data.parent / "stderr").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omni", "serve", "--port", "0"],
            env={**os.environ, "OMNI_DATA": str(data), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )

    def address(self) -> str:
        """Wait until it is ready and return where."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"http://\S+", line)
            if found:
                return found[0]
        raise AssertionError(Path(self._errors.name).read_text()[-3000:])

    def close(self) -> None:
        """End it for good, and let its children go before their data are deleted."""
        below = descendants(self.process.pid)
        self.process.kill()
        self.process.wait()
        left_after(below)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._errors.close()


@pytest.fixture
def serving(open_folder: Path) -> Iterator[Serving]:
    """It starts for the first time, unless the test has asked for the `data_folder` before."""
    started = Serving(open_folder / "data")
    yield started
    started.close()


def descendants(pid: int) -> dict[int, str]:
    """Return all processes below one, each with the name of its program."""
    parents: dict[int, tuple[int, str]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (place / "stat").read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(place.name)] = (int(rest.split()[1]), name.partition("(")[2])
    below: dict[int, str] = {}
    frontier = {pid}
    while frontier:
        children = {child for child, (parent, _) in parents.items() if parent in frontier}
        below |= {child: parents[child][1] for child in children}
        frontier = children
    return below


def left_after(pids: dict[int, str]) -> dict[int, str]:
    """Return which of the processes are still there after a while."""
    deadline_s = time.monotonic() + DOWN_S
    left = pids
    while left and time.monotonic() < deadline_s:
        time.sleep(0.1)
        left = {pid: name for pid, name in left.items() if _alive(pid)}
    return left


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def found(folder: Path, name: str) -> Path:
    """Wait until a file is there with all that belongs to it."""
    deadline_s = time.monotonic() + DOWN_S
    while time.monotonic() < deadline_s:
        for path in folder.rglob(name):
            time.sleep(1.0)
            return path
        time.sleep(0.1)
    raise AssertionError(f"{name} was not kept")


def test_ctrl_c_leaves_nothing_running(serving: Serving) -> None:
    address = serving.address()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/api/me", timeout=20)
    below = descendants(serving.process.pid)
    names = " ".join(below.values())
    assert "postgres" in names
    assert "redis" in names
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(DOWN_S) == 0
    assert left_after(below) == {}


def test_a_kill_leaves_nothing_running_and_it_starts_again(
    data_folder: Path, serving: Serving
) -> None:
    serving.address()
    below = descendants(serving.process.pid)
    serving.process.kill()
    serving.process.wait()
    # As Asterisk leaves what it was recording: without its lengths.
    cut = wav(b"\1\2" * 8000, closed=False)
    spool = data_folder / "asterisk" / "spool" / "recording"
    (spool / "omni-cut-call.wav").write_bytes(cut)
    again = Serving(data_folder)
    try:
        again.address()
        kept = found(data_folder / "recordings", "cut.wav")
        assert kept.read_bytes() == wav(b"\1\2" * 8000)
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(DOWN_S) == 0
    finally:
        again.close()
    assert left_after(below) == {}
