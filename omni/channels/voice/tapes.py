"""The recordings of one Asterisk: their names, what becomes of them, and those left behind.

Rules:
1. A recording's name in Asterisk says whose it is (`omni-<recording>-<call>`): whatever dies, the
   file finds its call. Files of other names are somebody else's.
2. A file stays with Asterisk until `drop`, which is called once its row is committed.
3. After each connection what lies there is looked through (`search`). What we had begun and is
   still going on goes on; what goes on for a process that is gone is stopped; all that has ended
   without our hearing of it is told as `found`.
"""

import asyncio
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from omni.channels.voice.ari import AriConnection
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.ports import Listener
from omni.core.errors import Conflict, NotFound, Unavailable
from omni.core.ids import CallId, RecordingId

FetchFile = Callable[[str, Path], Awaitable[None]]

_NAME = re.compile(r"omni-([0-9A-Za-z]+)-([0-9A-Za-z]+)")


class Tapes:
    """See the module. `folder`: Asterisk's folder when it is on this machine; else give `fetch`."""

    def __init__(self, ari: AriConnection, folder: Path | None, fetch: FetchFile | None) -> None:
        self._ari = ari
        self._folder = folder
        self._fetch = fetch
        self._names: dict[RecordingId, str] = {}  # until `drop`
        self._live: set[str] = set()
        self._cut: set[str] = set()  # stopped because the process that began them is gone

    async def start(self, bridge: str, recording_id: RecordingId, call_id: CallId) -> None:
        """Record a bridge."""
        name = f"omni-{recording_id}-{call_id}"
        query = {"name": name, "format": "wav", "ifExists": "overwrite"}
        await self._ari.request("POST", f"bridges/{bridge}/record", query)
        self._names[recording_id] = name
        self._live.add(name)

    async def take_message(
        self, channel: str, recording_id: RecordingId, call_id: CallId, limit_s: float
    ) -> None:
        """Record what a channel says, after a tone, until the hash key or for so long."""
        name = f"omni-{recording_id}-{call_id}"
        query: dict[str, str | int | float] = {
            "name": name,
            "format": "wav",
            "ifExists": "overwrite",
            "beep": "true",
            "terminateOn": "#",
            "maxDurationSeconds": round(limit_s),
        }
        await self._ari.request("POST", f"channels/{channel}/record", query)
        self._names[recording_id] = name
        self._live.add(name)

    async def stop(self, recording_id: RecordingId) -> None:
        """End a recording. Nothing happens if it has ended."""
        name = self._names.get(recording_id)
        if name is not None:
            await self._stopped(name)

    async def _stopped(self, name: str) -> bool:
        try:
            await self._ari.request("POST", f"recordings/live/{name}/stop")
        except (NotFound, Conflict):
            return False
        return True

    async def fetch(self, recording_id: RecordingId, path: Path) -> None:
        """Copy a finished recording to `path`."""
        name = self._names[recording_id]
        if self._folder is not None:
            await asyncio.to_thread(_copy, self._folder / f"{name}.wav", path)
        elif self._fetch is not None:
            await self._fetch(f"recordings/stored/{name}/file", path)
        else:
            raise Unavailable("recordings_out_of_reach")

    async def drop(self, recording_id: RecordingId) -> None:
        """Remove a recording from Asterisk."""
        name = self._names.pop(recording_id, None)
        if name is None:
            return
        if self._folder is not None:
            path = self._folder / f"{name}.wav"
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return
        try:
            await self._ari.request("DELETE", f"recordings/stored/{name}")
        except (NotFound, Conflict):
            return

    # ---- what Asterisk says

    def ended(self, event: Mapping[str, Any], tell: Listener) -> None:
        """Take in RecordingFinished and RecordingFailed."""
        recording = event["recording"]
        failed = event["type"] == "RecordingFailed"
        self._tell(recording["name"], tell, float(recording.get("duration", 0)), failed=failed)

    def _tell(
        self, name: str, tell: Listener, length_s: float = 0.0, *, failed: bool = False
    ) -> None:
        match = _NAME.fullmatch(name)
        if match is None:
            return
        recording_id, call_id = RecordingId(match[1]), CallId(match[2])
        self._names.setdefault(recording_id, name)
        found = name in self._cut or (name not in self._live and not failed)
        self._live.discard(name)
        self._cut.discard(name)
        if failed:
            self._names.pop(recording_id, None)
        tell(on.RecordingEnded(recording_id, call_id, length_s, failed=failed, found=found))

    async def search(self, tell: Listener) -> None:
        """Look through what lies there, and tell of what has ended unheard."""
        for name in await self._stored():
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            recording_id = RecordingId(match[1])
            if name in self._live:
                if not await self._goes_on(name):
                    self._cut.add(name)
                    self._tell(name, tell)
            elif recording_id not in self._names:  # else it is being stored at this moment
                self._names[recording_id] = name
                self._cut.add(name)
                # If it was stopped, its end is told as any other; so it is if it ended just now.
                if not await self._stopped(name) and name in self._cut:
                    self._tell(name, tell)

    async def _goes_on(self, name: str) -> bool:
        try:
            await self._ari.request("GET", f"recordings/live/{name}")
        except NotFound:
            return False
        return True

    async def _stored(self) -> list[str]:
        if self._folder is not None:
            return await asyncio.to_thread(_listed, self._folder)
        if self._fetch is None:
            return []
        return [one["name"] for one in await self._ari.request("GET", "recordings/stored")]


def _listed(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("omni-*.wav"))


def _copy(source: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    try:
        os.link(source, path)
    except OSError:  # another file system
        shutil.copyfile(source, path)
