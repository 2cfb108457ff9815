"""What becomes of recordings: from the switch into our folder, and a row that says whose it is.

Rules:
1. The file comes first, then the row with its event, then the switch may forget it. Whatever dies
   between, the next search of the switch (`tapes`) finds the file again, and the row is made once.
2. A recording whose end nobody of us heard, or whose header was never closed, is `incomplete`: it
   may lack its end. Its header is made to fit, so that it can be heard.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.ports import RecordingFiles, Switch, VoiceStore
from omni.core.errors import Fault
from omni.core.events.voice import RecordingStored, VoicemailBegan
from omni.core.ids import CallId, InteractionId, RecordingId

log = logging.getLogger(__name__)

# 8,000 samples of 16 bits a second behind a header of 44 bytes (Asterisk's `wav`).
WAV_HEADER_BYTES, WAV_BYTES_PER_S = 44, 16000.0

Write = Callable[[do.Write], Awaitable[None]]
FindMessage = Callable[[RecordingId], Awaitable[VoicemailBegan | None]]


@dataclass(frozen=True, slots=True)
class Begun:
    """What a recording is of. `message`: a caller leaves it."""

    interaction_id: InteractionId
    message: VoicemailBegan | None = None


class Recordings:
    """Takes in recordings that have ended. `write` returns when it is committed."""

    def __init__(
        self,
        switch: Switch,
        store: VoiceStore,
        files: RecordingFiles,
        write: Write,
        message: FindMessage,
    ) -> None:
        self._message = message
        self._switch = switch
        self._store = store
        self._files = files
        self._write = write
        self._begun: dict[RecordingId, Begun] = {}
        self._keeping: set[RecordingId] = set()

    def began(self, recording_id: RecordingId, begun: Begun) -> None:
        """Note what a recording is of."""
        self._begun[recording_id] = begun

    async def ended(self, event: on.RecordingEnded) -> None:
        """Store a recording that has ended; it stays with the switch when that fails."""
        begun = self._begun.pop(event.recording_id, None)
        if event.failed:
            log.warning("the switch failed to record")
            return
        if event.recording_id in self._keeping:  # found, and told as ended, at the same time
            return
        self._keeping.add(event.recording_id)
        try:
            await self._keep(event, begun)
            await self._switch.drop_recording(event.recording_id)
        except (Fault, OSError):
            log.exception("a recording could not be fetched; it stays with the switch")
        finally:
            self._keeping.discard(event.recording_id)

    async def _keep(self, event: on.RecordingEnded, begun: Begun | None) -> None:
        if event.found and await self._store.has_recording(event.recording_id):
            return
        path = self._files.place(event.recording_id)
        size_bytes = await self._switch.fetch_recording(event.recording_id, path)
        if size_bytes <= WAV_HEADER_BYTES:  # it ended before it had heard anything
            path.unlink(missing_ok=True)
            return
        whole = await asyncio.to_thread(close_wav, path)
        incomplete = not whole or (event.found and begun is None)
        if incomplete:
            log.warning("a recording without its end was found and kept")
        message = begun.message if begun else await self._message(event.recording_id)
        stored = RecordingStored(
            recording_id=event.recording_id,
            interaction_id=begun.interaction_id
            if begun
            else await self._interaction(event.call_id),
            call_id=event.call_id,
            size_bytes=size_bytes,
            length_s=round((size_bytes - WAV_HEADER_BYTES) / WAV_BYTES_PER_S, 3),
            incomplete=incomplete,
            message_for=message.queue_id if message else None,
            address=message.address if message else "",
        )
        await self._write(do.Write(event.call_id, (stored,)))

    async def _interaction(self, call_id: CallId) -> InteractionId:
        # A call that the database does not know any more: its recording is kept all the same.
        return await self._store.interaction_of(call_id) or InteractionId(call_id)


def close_wav(path: Path) -> bool:
    """Make a file's header fit its length; tell whether it did before.

    Asterisk writes the lengths when it closes the file: 36 + n at byte 4, n at byte 40.
    """
    size_bytes = path.stat().st_size
    with path.open("r+b") as file:
        header = file.read(WAV_HEADER_BYTES)
        if header[:4] != b"RIFF" or header[36:40] != b"data":
            return True  # not as Asterisk writes it: left as it is
        data_bytes = size_bytes - WAV_HEADER_BYTES
        if int.from_bytes(header[40:44], "little") == data_bytes:
            return True
        file.seek(4)
        file.write((36 + data_bytes).to_bytes(4, "little"))
        file.seek(40)
        file.write(data_bytes.to_bytes(4, "little"))
    return False
