"""Campaigns' recorded messages, in a folder that the telephone can read, too.

Asterisk plays a WAV file of one channel, 16 bits, 8000 samples a second as it is; nothing else is
taken, so that nobody finds out from a customer that a message is noise.
"""

import asyncio
import re
import wave
from pathlib import Path

from omni.core.endpoint import Upload
from omni.core.errors import Invalid, NotFound, TooLarge

RATE, MAX_S = 8000, 120
MAX_BYTES = 2 * RATE * MAX_S + 4096
_ID = re.compile(r"^[0-9a-zA-Z]{1,40}$")  # an id becomes a file name: nothing else may


class MessageFiles:
    """See `omni.dialer.ports.Messages`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, message_id: str, upload: Upload) -> None:
        target = self._where(message_id)
        raw = bytearray()
        async for chunk in upload.chunks:
            raw += chunk
            if len(raw) > MAX_BYTES:
                raise TooLarge("message.too_long", "the message is too long", max_s=MAX_S)
        await asyncio.to_thread(_write, target, bytes(raw))

    def path(self, message_id: str) -> Path:
        where = self._where(message_id)
        if not where.is_file():
            raise NotFound("campaign.no_message", "there is no message")
        return where

    def media(self, message_id: str) -> str:
        return f"sound:{self._where(message_id).absolute().with_suffix('')}"

    def _where(self, message_id: str) -> Path:
        if not _ID.match(message_id):
            raise NotFound("campaign.no_message", "there is no message")
        return self._folder / f"{message_id}.wav"


def _write(target: Path, raw: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    partial.write_bytes(raw)
    try:
        _check(partial)
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)


def _check(path: Path) -> None:
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            frames = file.getnframes()
    except (wave.Error, EOFError) as fault:
        raise Invalid("message.format", "this is no WAV file") from fault
    if form != (1, 2, RATE) or not frames:
        raise Invalid("message.format", "one channel, 16 bits, 8000 a second are needed")
