"""Announcements of one's own, on a real database and folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from omni.app.journal import PostgresJournal
from omni.channels.voice import announcements as module
from omni.channels.voice.announcement_api import announcement_endpoints
from omni.channels.voice.announcement_store import AnnouncementTable
from omni.channels.voice.announcements import AnnouncementParts, Announcements
from omni.channels.voice.ports import Use
from omni.channels.voice.prompts import BUILT_IN, Repertoire, say
from omni.channels.voice.sound_files import SoundFiles, SoundFolder
from omni.core.endpoint import Actor, Call, Download
from omni.core.errors import Conflict, Fault, Invalid, NotFound, TooLarge
from omni.core.ids import AnnouncementId, UserId
from omni.core.terms import Role
from tests.channels.voice.rig import Numbers, VirtualClock
from tests.channels.voice.tones import pitch, tone, upload

BOSS = Actor(UserId("boss"), "Boss", frozenset({Role.MANAGER}))


def build(folder: Path) -> tuple[Announcements, Repertoire]:
    repertoire = Repertoire()
    parts = AnnouncementParts(
        AnnouncementTable(),
        SoundFiles(),
        SoundFolder(folder),
        PostgresJournal(VirtualClock()),
        Numbers(),
    )
    return Announcements(parts, repertoire), repertoire


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("wanted", "names", "said"),
    [
        (("en",), ("both",), "own:en/both"),
        (("zh", "en"), ("both",), "own:zh/both,own:en/both"),
        (("en", "zh"), ("english",), "own:en/english"),
        (("zh",), ("english",), "own:en/english"),  # better than silence
        (("zh",), ("english", "busy"), "prompt:zh/busy,own:en/english"),
        (("en", "zh"), ("both", "busy"), "own:en/both,prompt:en/busy,own:zh/both,prompt:zh/busy"),
        (("en", "zh"), ("welcome", "busy"), say(("en", "zh"), "welcome", "busy")),
    ],
)
def test_what_is_said_in_which_language(
    wanted: tuple[str, ...], names: tuple[str, ...], said: str
) -> None:
    repertoire = Repertoire()
    repertoire.learn("both", ("en", "zh"))
    repertoire.learn("english", ("en",))
    assert repertoire.say(wanted, *names) == said


async def test_it_is_recorded_heard_replaced_and_there_after_a_restart(
    database: str, tmp_path: Path
) -> None:
    announcements, repertoire = build(tmp_path)
    await announcements.start()
    new = await announcements.add("  Christmas ")
    assert (new.name, new.languages) == ("Christmas", ())
    assert not announcements.knows(new.announcement_id)  # it has no sound yet
    key = new.announcement_id
    await announcements.set_sound(key, "zh", upload(tone(1.0, 500.0)))
    await announcements.set_sound(key, "en", upload(tone(2.0, 600.0, form=("MP3", None))))
    await announcements.set_sound(key, "en", upload(tone(1.5, 900.0)))
    assert announcements.knows(key)
    assert pitch(await announcements.sound(key, "en")) == pytest.approx(900, abs=5)
    assert files(tmp_path) == [f"en/{key}.wav", f"zh/{key}.wav"]
    renamed = await announcements.rename(key, "Xmas")
    assert renamed.lengths_s == {"en": 1.5, "zh": 1.0}

    (tmp_path / "en" / f"{key}.wav").unlink()  # a machine that has not got it
    again, repertoire = build(tmp_path)
    await again.start()
    assert [one for one in again.all() if one.own] == [renamed]
    assert repertoire.say(("zh",), key) == f"own:zh/{key}"
    assert files(tmp_path) == [f"en/{key}.wav", f"zh/{key}.wav"]
    assert (tmp_path / "en" / f"{key}.wav").read_bytes() == await again.sound(key, "en")


async def test_what_is_said_somewhere_stays(database: str, tmp_path: Path) -> None:
    announcements, _ = build(tmp_path)
    key = (await announcements.add("Closed")).announcement_id
    for language in ("en", "zh"):
        await announcements.set_sound(key, language, upload(tone()))

    async def uses() -> Mapping[str, Sequence[Use]]:
        return {key: [Use("queue", "Sales"), Use("campaign", "Spring"), Use("group", "Sales")]}

    announcements.uses = uses
    assert (await announcements.remove_sound(key, "en")).languages == ("zh",)
    for refused in (announcements.remove_sound(key, "zh"), announcements.remove(key)):
        with pytest.raises(Conflict) as fault:
            await refused
        assert fault.value.code == "announcement_in_use"
        assert fault.value.data["places"] == "Sales, Spring"
    announcements.uses = module._nowhere
    await announcements.remove(key)
    assert not announcements.knows(key)
    assert files(tmp_path) == []
    assert await AnnouncementTable().all() == []
    assert await AnnouncementTable().sound(key, "zh") is None


async def test_a_bad_file_changes_nothing(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcements, _ = build(tmp_path)
    key = (await announcements.add("Hello")).announcement_id
    kept = await announcements.set_sound(key, "en", upload(tone(1.0, 500.0)))
    with pytest.raises(Invalid, match="understood"):
        await announcements.set_sound(key, "en", upload(b"no sound"))
    monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    with pytest.raises(TooLarge) as large:
        await announcements.set_sound(key, "en", upload(tone(5.0)))
    assert large.value.code == "sound.too_large"
    assert [one for one in announcements.all() if one.own] == [kept]
    assert pitch(await announcements.sound(key, "en")) == pytest.approx(500, abs=5)


async def test_what_makes_no_sense_is_refused(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    announcements, _ = build(tmp_path)
    key = (await announcements.add("Hello")).announcement_id
    unknown = AnnouncementId("unknown")
    asked = [
        (announcements.add("hello"), Conflict, "announcement_name_taken"),
        (announcements.rename(unknown, "x"), NotFound, "announcement_unknown"),
        (announcements.set_sound(unknown, "en", upload(b"")), NotFound, "announcement_unknown"),
        (announcements.set_sound(key, "fr", upload(b"")), Invalid, "language_unknown"),
        (announcements.sound(key, "../en"), Invalid, "language_unknown"),
        (announcements.sound(key, "en"), NotFound, "announcement_unknown"),
        (announcements.remove(AnnouncementId("busy")), NotFound, "announcement_unknown"),
        (announcements.remove_sound(unknown, "en"), NotFound, "announcement_unknown"),
    ]
    for asking, kind, code in asked:
        with pytest.raises(Fault) as refused:
            await asking
        assert (type(refused.value), refused.value.code) == (kind, code)
    assert (await announcements.rename(key, "HELLO")).name == "HELLO"
    monkeypatch.setattr(module, "MOST", 1)
    with pytest.raises(Conflict) as full:
        await announcements.add("another")
    assert full.value.code == "announcements_full"


async def test_the_api(database: str, tmp_path: Path) -> None:
    announcements, _ = build(tmp_path)
    table = {(row.method, row.path): row for row in announcement_endpoints(announcements)}

    async def ask(method: str, path: str, body: object = None, **names: str) -> Any:
        endpoint = table[method, f"/api/announcements{path}"]
        if isinstance(body, dict):
            body = endpoint.body(**body)
        return await endpoint.handler(Call(BOSS, names, None, body))

    listed = await ask("GET", "")
    assert [row.announcement_id for row in listed] == list(BUILT_IN)
    item = await ask("POST", "", {"name": "Hello"})
    names = {"announcement_id": item.announcement_id}
    sound = {**names, "language": "en"}
    at, of_it = "/{announcement_id}", "/{announcement_id}/sounds/{language}"
    item = await ask("POST", of_it, upload(tone(1.0, 500.0)), **sound)
    assert item.model_dump()["sounds"] == [{"language": "en", "length_s": 1.0}]
    for key, hertz in ((names["announcement_id"], 500.0), ("busy", None)):
        download = await ask("GET", of_it, announcement_id=key, language="en")
        assert isinstance(download, Download)
        assert (download.media_type, download.inline) == ("audio/wav", True)
        wav = b"".join([chunk async for chunk in download.chunks])
        assert hertz is None or pitch(wav) == pytest.approx(hertz, abs=5)
    item = await ask("PATCH", at, {"name": "Bye"}, **names)
    assert item.model_dump()["name"] == "Bye"
    item = await ask("DELETE", of_it, **sound)
    assert item.model_dump()["sounds"] == []
    await ask("DELETE", at, **names)
    assert len(await ask("GET", "")) == len(BUILT_IN)
    for (method, _), row in table.items():
        changers = {Role.MANAGER, Role.ADMIN}
        assert row.roles == (changers | {Role.SUPERVISOR} if method == "GET" else changers)
