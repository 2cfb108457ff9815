"""What people upload becomes what Asterisk plays, or is refused with the reason."""

import io
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from omni.channels.voice.prompts import BUILT_IN, TEXTS
from omni.channels.voice.sound_files import MAX_S, RATE, SoundFiles, SoundFolder
from omni.core.errors import Invalid
from omni.core.ids import AnnouncementId
from tests.channels.voice.tones import pitch, tone

HELLO = AnnouncementId("hello")
WAV = ("WAV", "PCM_16")


def form(wav: bytes) -> tuple[int, int, int]:
    with wave.open(io.BytesIO(wav)) as file:
        return file.getnchannels(), file.getsampwidth(), file.getframerate()


@pytest.mark.parametrize(
    ("kind", "rate", "channels"),
    [
        (WAV, 8_000, 1),
        (WAV, 16_000, 1),
        (WAV, 44_100, 2),
        (WAV, 96_000, 6),
        (("WAV", "PCM_24"), 48_000, 2),
        (("WAV", "FLOAT"), 44_100, 1),
        (("WAV", "ULAW"), 8_000, 1),
        (("FLAC", "PCM_16"), 44_100, 2),
        (("OGG", "VORBIS"), 44_100, 2),
        (("OGG", "OPUS"), 48_000, 1),
        (("MP3", None), 44_100, 2),
        (("MP3", None), 22_050, 1),
    ],
)
def test_every_kind_becomes_what_asterisk_plays(
    kind: tuple[str, str | None], rate: int, channels: int
) -> None:
    sound = SoundFiles().convert(tone(1.0, 700.0, rate=rate, channels=channels, form=kind))
    assert form(sound.wav) == (1, 2, RATE)
    assert sound.length_s == pytest.approx(1.0, abs=0.1)
    assert pitch(sound.wav) == pytest.approx(700.0, abs=5.0)


def test_what_a_telephone_cannot_carry_is_left_out_and_not_folded_back() -> None:
    low, high = tone(1.0, 700.0, rate=44_100), tone(1.0, 7_000.0, rate=44_100)
    mixed = [soundfile.read(io.BytesIO(raw))[0] for raw in (low, high)]
    raw = io.BytesIO()
    soundfile.write(raw, mixed[0] + mixed[1], 44_100, format="WAV")
    samples, _ = soundfile.read(io.BytesIO(SoundFiles().convert(raw.getvalue()).wav))
    power = np.abs(np.fft.rfft(samples))
    folded = power[900:1100].max()  # 7 kHz would come back as 1 kHz
    assert folded < power[690:710].max() / 1000


def broken_numbers() -> bytes:
    raw = io.BytesIO()
    soundfile.write(raw, np.full(8_000, np.nan, np.float32), 8_000, format="WAV", subtype="FLOAT")
    return raw.getvalue()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "sound.not_audio"),
        (b"no sound at all", "sound.not_audio"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "sound.not_audio"),
        (tone()[:20], "sound.not_audio"),
        (tone(form=("MP3", None))[:200], "sound.not_audio"),
        (tone(form=("AIFF", "PCM_16")), "sound.not_audio"),
        (tone(form=WAV, channels=9), "sound.not_audio"),
        (tone(0.0), "sound.too_short"),
        (tone(0.1), "sound.too_short"),
        (tone(level=0.0), "sound.silent"),
        (tone(level=0.001), "sound.silent"),
        (broken_numbers(), "sound.silent"),
        (tone(MAX_S + 1, rate=8_000), "sound.too_long"),
        (tone(900, level=0.0, rate=8_000, form=("FLAC", "PCM_16")), "sound.too_long"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(raw: bytes, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        SoundFiles().convert(raw)
    assert refused.value.code == why


def test_a_file_that_was_cut_off_is_taken_as_far_as_it_goes() -> None:
    whole = tone(2.0, 700.0)
    sound = SoundFiles().convert(whole[: len(whole) // 2])
    assert sound.length_s == pytest.approx(1.0, abs=0.05)


def test_loud_ones_do_not_turn_over() -> None:
    samples, _ = soundfile.read(
        io.BytesIO(SoundFiles().convert(tone(1.0, 300.0, level=3.0, form=("WAV", "FLOAT"))).wav)
    )
    assert np.abs(np.diff(samples)).max() < 0.8  # a turn-over jumps by nearly 2


def test_what_comes_with_omni_can_be_heard() -> None:
    for language in TEXTS:
        for name in BUILT_IN:
            sound = SoundFiles().built_in(name, language)
            assert form(sound.wav) == (1, 2, RATE)
            assert sound.length_s > 1.0


async def test_the_folder_holds_what_was_put_there(tmp_path: Path) -> None:
    folder, sound = SoundFolder(tmp_path / "a"), SoundFiles().convert(tone())
    assert not await folder.has(HELLO, "en", sound.length_s)
    await folder.put(HELLO, "en", sound.wav)
    assert await folder.has(HELLO, "en", sound.length_s)
    assert not await folder.has(HELLO, "en", sound.length_s + 1)  # another recording
    assert (tmp_path / "a" / "en" / "hello.wav").read_bytes() == sound.wav
    (tmp_path / "a" / "en" / "hello.wav").write_bytes(b"cut o")
    assert not await folder.has(HELLO, "en", sound.length_s)
    await folder.take_away(HELLO, "en")
    await folder.take_away(HELLO, "en")  # again: nothing happens
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
