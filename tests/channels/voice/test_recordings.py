"""Recordings that a part's death left behind: found, put to their calls, once each."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.recordings import Begun, Recordings, close_wav
from omni.channels.voice.simulator import SimulatedSwitch
from omni.channels.voice.store import RecordingFolder
from omni.channels.voice.tapes import Tapes
from omni.core.errors import NotFound
from omni.core.events.voice import RecordingStored, VoicemailBegan
from omni.core.ids import CallId, InteractionId, RecordingId
from tests.channels.voice.doubles import MemoryStore
from tests.channels.voice.rig import START, VirtualClock


def wav(data: bytes, *, closed: bool = True) -> bytes:
    size = len(data) if closed else 0
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVE" + form + b"data" + struct.pack(
        "<I", size
    ) + data  # fmt: skip


class StubAri(AriConnection):
    """Answers as an Asterisk on which `live` recordings go on."""

    def __init__(self, live: set[str]) -> None:
        super().__init__(AriAddress("http://127.0.0.1:1/ari", "u", "s"), (), VirtualClock())
        self.live = live
        self.asked: list[str] = []

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int | float] | None = None,
        body: Any = None,
    ) -> Any:
        self.asked.append(f"{method} {path}")
        parts = path.split("/")
        if parts[:2] == ["recordings", "live"] and parts[2] not in self.live:
            raise NotFound("gone")
        return None


class Place:
    """A switch's folder, what is told of it, and the service behind it."""

    def __init__(self, folder: Path) -> None:
        self.spool = folder / "spool"
        self.spool.mkdir(parents=True, exist_ok=True)
        self.folder = folder / "kept"
        self.store = MemoryStore()
        self.written: list[RecordingStored] = []
        self.left: VoicemailBegan | None = None

    def process(self, live: set[str] | None = None) -> tuple[Tapes, Recordings]:
        """Return what a new process has."""
        tapes = Tapes(StubAri(live or set()), self.spool, None)
        switch = SwitchOf(tapes)
        files = RecordingFolder(self.folder, VirtualClock())
        return tapes, Recordings(switch, self.store, files, self.write, self.message)

    async def message(self, recording_id: RecordingId) -> VoicemailBegan | None:
        return self.left if self.left and self.left.recording_id == recording_id else None

    async def write(self, command: do.Write) -> None:
        for event in command.events:
            assert isinstance(event, RecordingStored)
            self.written.append(event)
            await self.store.save([event], [], START)

    async def search(self, tapes: Tapes, recordings: Recordings) -> list[on.RecordingEnded]:
        """Let a process look for what is there and take it in."""
        told: list[on.Happening] = []
        await tapes.search(told.append)
        ended = [event for event in told if isinstance(event, on.RecordingEnded)]
        for event in ended:
            await recordings.ended(event)
        return ended


class SwitchOf(SimulatedSwitch):
    """A switch whose recordings are files."""

    def __init__(self, tapes: Tapes) -> None:
        super().__init__(VirtualClock())
        self._tapes = tapes

    async def fetch_recording(self, recording_id: RecordingId, path: Path) -> int:
        await self._tapes.fetch(recording_id, path)
        return path.stat().st_size

    async def drop_recording(self, recording_id: RecordingId) -> None:
        await self._tapes.drop(recording_id)


async def test_what_a_dead_process_left_is_put_to_its_call(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (place.spool / "omni-rec1-call1.wav").write_bytes(wav(b"\1\2" * 8000, closed=False))
    (place.spool / "omni-rec2-call2.wav").write_bytes(wav(b""))  # nothing was heard
    (place.spool / "greeting.wav").write_bytes(wav(b"\1\2" * 8000))  # somebody else's
    await place.search(*place.process())
    [stored] = place.written
    assert (stored.recording_id, stored.call_id, stored.incomplete) == ("rec1", "call1", True)
    assert stored.length_s == 1.0
    [file] = place.folder.rglob("*.wav")
    assert file.read_bytes() == wav(b"\1\2" * 8000)  # with a header that fits
    assert [path.name for path in place.spool.iterdir()] == ["greeting.wav"]


async def test_a_process_that_dies_before_the_switch_forgot_makes_no_second_row(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path)
    name = place.spool / "omni-rec1-call1.wav"
    name.write_bytes(wav(b"\1\2" * 8000, closed=False))
    await place.search(*place.process())
    name.write_bytes(b"there still")
    assert len(await place.search(*place.process())) == 1
    assert len(place.written) == 1
    assert list(place.spool.iterdir()) == []


async def test_what_goes_on_for_a_dead_process_is_stopped_and_marked(tmp_path: Path) -> None:
    place, name = Place(tmp_path), "omni-rec1-call1"
    (place.spool / f"{name}.wav").write_bytes(wav(b"\1\2" * 8000))
    ari = StubAri({name})
    tapes, told = Tapes(ari, place.spool, None), list[on.Happening]()
    await tapes.search(told.append)
    assert ari.asked == [f"POST recordings/live/{name}/stop"]
    assert told == []
    tapes.ended({"type": "RecordingFinished", "recording": {"name": name}}, told.append)
    assert told == [on.RecordingEnded(RecordingId("rec1"), CallId("call1"), 0.0, found=True)]


async def test_our_own_goes_on_after_the_line_to_the_switch_broke(tmp_path: Path) -> None:
    place, name = Place(tmp_path), "omni-rec1-call1"
    ari, told = StubAri({name}), list[on.Happening]()
    tapes = Tapes(ari, place.spool, None)
    await tapes.start("room", RecordingId("rec1"), CallId("call1"))
    (place.spool / f"{name}.wav").write_bytes(wav(b"\1\2" * 8000))
    await tapes.search(told.append)
    assert told == []
    ari.live.clear()  # it ends while we are away
    for _ in range(2):
        await tapes.search(told.append)
    assert told == [on.RecordingEnded(RecordingId("rec1"), CallId("call1"), 0.0, found=True)]


async def test_our_own_that_ended_unheard_is_whole_when_its_header_is(tmp_path: Path) -> None:
    place = Place(tmp_path)
    tapes, recordings = place.process()
    for number, closed in ((1, True), (2, False)):
        recording_id, call_id = RecordingId(f"rec{number}"), CallId(f"call{number}")
        await tapes.start("room", recording_id, call_id)
        recordings.began(recording_id, Begun(InteractionId("work")))
        path = place.spool / f"omni-{recording_id}-{call_id}.wav"
        path.write_bytes(wav(b"\1\2" * 8000, closed=closed))
    await place.search(tapes, recordings)
    assert [(e.recording_id, e.incomplete) for e in place.written] == [
        ("rec1", False),
        ("rec2", True),
    ]
    assert {e.interaction_id for e in place.written} == {"work"}


async def test_what_cannot_be_fetched_stays_with_the_switch(tmp_path: Path) -> None:
    place = Place(tmp_path)
    tapes, recordings = place.process()
    await tapes.start("room", RecordingId("rec1"), CallId("call1"))
    await recordings.ended(on.RecordingEnded(RecordingId("rec1"), CallId("call1"), 1.0))
    assert place.written == []  # there is no such file
    (place.spool / "omni-rec1-call1.wav").write_bytes(wav(b"\1\2" * 8000))
    assert len(await place.search(*place.process())) == 1
    assert [event.recording_id for event in place.written] == ["rec1"]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100])
def test_what_is_no_wav_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "it.wav"
    path.write_bytes(content)
    assert close_wav(path)
    assert path.read_bytes() == content


class EndingAri(StubAri):
    """An Asterisk on which a recording ends in the moment in which it is to be stopped."""

    def __init__(self, told: list[on.Happening]) -> None:
        super().__init__(set())
        self.told = told
        self.tapes: Tapes | None = None

    async def request(self, method: str, path: str, *args: Any, **more: Any) -> Any:
        name = path.split("/")[2]
        assert self.tapes is not None
        ended = {"type": "RecordingFinished", "recording": {"name": name}}
        self.tapes.ended(ended, self.told.append)
        raise NotFound("gone")


async def test_what_ends_in_the_moment_of_the_search_is_told_once(tmp_path: Path) -> None:
    place, told = Place(tmp_path), list[on.Happening]()
    (place.spool / "omni-rec1-call1.wav").write_bytes(wav(b"\1\2" * 8000))
    ari = EndingAri(told)
    ari.tapes = Tapes(ari, place.spool, None)
    await ari.tapes.search(told.append)
    assert told == [on.RecordingEnded(RecordingId("rec1"), CallId("call1"), 0.0, found=True)]
