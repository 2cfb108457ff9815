"""Sound files: what people upload, made into what Asterisk plays, in a folder that it reads.

Asterisk plays a WAV file of one channel, 16 bits, 8000 samples a second on every kind of line.
libsndfile reads what comes (WAV, FLAC, Ogg Vorbis or Opus, MP3), libsoxr brings it to that rate.
It is read piece by piece, so that a small file that unpacks into hours is refused, not unpacked.
"""

import asyncio
import io
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from omni.channels.voice.model import Sound
from omni.channels.voice.prompts import FOLDER
from omni.core.errors import Invalid
from omni.core.ids import AnnouncementId

RATE = 8000
MAX_S = 120
KINDS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3"})
RATES = range(4_000, 384_001)
MOST_CHANNELS = 8
SILENT = 0.005  # of full scale (-46 dB): nobody would hear anything on a telephone
SHORTEST_S = 0.2

Samples = NDArray[np.float32]


class SoundFiles:
    """`omni.channels.voice.ports.Recorder`."""

    def convert(self, raw: bytes) -> Sound:
        """Return the sound.

        Raises:
            Invalid: `sound.not_audio`, `sound.too_long`, `sound.too_short`, `sound.silent`.
        """
        try:
            with soundfile.SoundFile(io.BytesIO(raw)) as file:
                if file.format not in KINDS or file.samplerate not in RATES:
                    raise Invalid("sound.not_audio", "not a sound that is understood")
                if file.channels > MOST_CHANNELS:
                    raise Invalid("sound.not_audio", "not a sound that is understood")
                samples = np.concatenate(list(_at_telephone_rate(file)))
        except (soundfile.SoundFileError, ValueError) as fault:
            raise Invalid("sound.not_audio", "not a sound that is understood") from fault
        if len(samples) < SHORTEST_S * RATE:
            raise Invalid("sound.too_short", "there is nothing in it")
        if float(np.max(np.abs(samples))) < SILENT:
            raise Invalid("sound.silent", "nothing can be heard")
        return _sound(samples)

    def built_in(self, name: str, language: str) -> Sound:
        """Return one of the prompts."""
        path = FOLDER / language / f"{name}.ulaw"
        samples, _ = soundfile.read(
            path, samplerate=RATE, channels=1, format="RAW", subtype="ULAW", dtype="float32"
        )
        return _sound(samples)


def _at_telephone_rate(file: soundfile.SoundFile) -> Iterator[Samples]:
    """Yield the sound in one channel at the telephone's rate, about a second at a time."""
    resampler = soxr.ResampleStream(file.samplerate, RATE, 1, dtype="float32", quality="HQ")
    read = 0
    while True:
        piece = file.read(file.samplerate, dtype="float32", always_2d=True)
        read += len(piece)
        if read > MAX_S * file.samplerate:
            raise Invalid("sound.too_long", "it is too long", max_s=MAX_S)
        mono = np.nan_to_num(piece.mean(axis=1, dtype="float32"))
        yield resampler.resample_chunk(mono, last=not len(piece))
        if not len(piece):
            return


def _sound(samples: Samples) -> Sound:
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")
    raw = io.BytesIO()
    with wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())
    return Sound(raw.getvalue(), round(len(samples) / RATE, 2))


class SoundFolder:
    """`omni.channels.voice.ports.SoundShelf`: `<folder>/<language>/<id>.wav`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, announcement_id: AnnouncementId, language: str, wav: bytes) -> None:
        await asyncio.to_thread(_write, self._path(announcement_id, language), wav)

    async def has(self, announcement_id: AnnouncementId, language: str, length_s: float) -> bool:
        path = self._path(announcement_id, language)
        return await asyncio.to_thread(_length_s, path) == length_s

    async def take_away(self, announcement_id: AnnouncementId, language: str) -> None:
        path = self._path(announcement_id, language)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    def _path(self, announcement_id: AnnouncementId, language: str) -> Path:
        return self._folder / language / f"{announcement_id}.wav"


def _write(path: Path, wav: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_bytes(wav)
    partial.replace(path)  # who plays the old one keeps it open


def _length_s(path: Path) -> float | None:
    try:
        with wave.open(str(path), "rb") as file:
            return round(file.getnframes() / RATE, 2)
    except (OSError, EOFError, wave.Error):
        return None
