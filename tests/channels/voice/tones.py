"""Sounds for tests: tones in any form, and which tone is in a sound."""

import io
import wave
from collections.abc import AsyncIterator

import numpy as np
import soundfile

from omni.core.endpoint import Upload


def tone(
    seconds: float = 1.0,
    hertz: float = 440.0,
    *,
    rate: int = 44_100,
    channels: int = 1,
    form: tuple[str, str | None] = ("WAV", "PCM_16"),
    level: float = 0.3,
) -> bytes:
    """Return a file with a tone."""
    times = np.arange(round(seconds * rate)) / rate
    samples = (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    raw = io.BytesIO()
    kind, subtype = form
    soundfile.write(raw, np.stack([samples] * channels, 1), rate, format=kind, subtype=subtype)
    return raw.getvalue()


def pitch(wav: bytes) -> float:
    """Return which tone is loudest in a WAV file of 16 bits, in hertz."""
    with wave.open(io.BytesIO(wav)) as file:
        rate: int = file.getframerate()
        raw = file.readframes(file.getnframes())
    samples = np.frombuffer(raw, "<i2").astype(float)
    loudest = int(np.argmax(np.abs(np.fft.rfft(samples))))
    return loudest * rate / len(samples)


def upload(raw: bytes) -> Upload:
    """Return a file as the API hands it on."""

    async def chunks() -> AsyncIterator[bytes]:
        for begin in range(0, len(raw), 65_536):
            yield raw[begin : begin + 65_536]

    return Upload("sound", "application/octet-stream", chunks())
