"""The API of announcements: what can be said to callers, recorded and heard in the browser."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from omni.channels.voice.announcements import Announcements
from omni.channels.voice.model import Announcement
from omni.channels.voice.ports import Use
from omni.core.endpoint import Call, Download, Endpoint, Upload, Wire
from omni.core.ids import AnnouncementId
from omni.core.terms import MANAGERS, STAFF

AT = "/api/announcements"
ONE = f"{AT}/{{announcement_id}}"
SOUND = f"{ONE}/sounds/{{language}}"


class AnnouncementNew(Wire):
    """The name of an announcement; its sounds are uploaded after this."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]


class AnnouncementSound(Wire):
    """In which language it can be said. `length_s` 0: it came with omni, and is short."""

    language: str
    length_s: float


class AnnouncementUse(Wire):
    """Where it is said. `kind`: entry_point | queue | group | campaign."""

    kind: str
    name: str


class AnnouncementItem(Wire):
    """An announcement. Not `own`: it comes with omni, and its id says what it is."""

    announcement_id: AnnouncementId
    name: str
    own: bool
    sounds: list[AnnouncementSound]
    uses: list[AnnouncementUse]


class AnnouncementApi:
    """Handlers."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements

    async def all(self, _: Call) -> list[AnnouncementItem]:
        uses = await self._announcements.uses()
        return [_item(one, uses) for one in self._announcements.all()]

    async def add(self, call: Call) -> AnnouncementItem:
        return await self._shown(await self._announcements.add(call.body.name))

    async def rename(self, call: Call) -> AnnouncementItem:
        return await self._shown(await self._announcements.rename(_id(call), call.body.name))

    async def remove(self, call: Call) -> None:
        await self._announcements.remove(_id(call))

    async def set_sound(self, call: Call) -> AnnouncementItem:
        language = call.path["language"]
        return await self._shown(
            await self._announcements.set_sound(_id(call), language, call.body)
        )

    async def sound(self, call: Call) -> Download:
        language = call.path["language"]
        wav = await self._announcements.sound(_id(call), language)
        return Download(f"{_id(call)}-{language}.wav", "audio/wav", _whole(wav), inline=True)

    async def remove_sound(self, call: Call) -> AnnouncementItem:
        return await self._shown(
            await self._announcements.remove_sound(_id(call), call.path["language"])
        )

    async def _shown(self, announcement: Announcement) -> AnnouncementItem:
        return _item(announcement, await self._announcements.uses())


def announcement_endpoints(announcements: Announcements) -> list[Endpoint]:
    """Return the rows of the API."""
    api = AnnouncementApi(announcements)
    return [
        Endpoint("GET", AT, "List what can be said to callers.", api.all, STAFF,
                 result=list[AnnouncementItem]),
        Endpoint("POST", AT, "Add an announcement.", api.add, MANAGERS,
                 body=AnnouncementNew, result=AnnouncementItem),
        Endpoint("PATCH", ONE, "Rename an announcement.", api.rename, MANAGERS,
                 body=AnnouncementNew, result=AnnouncementItem),
        Endpoint("DELETE", ONE, "Remove an announcement that is said nowhere.", api.remove,
                 MANAGERS),
        Endpoint("POST", SOUND, "Upload how it sounds in a language (WAV, MP3, Ogg, FLAC).",
                 api.set_sound, MANAGERS, body=Upload, result=AnnouncementItem),
        Endpoint("GET", SOUND, "Hear it as callers do.", api.sound, STAFF, result=Download),
        Endpoint("DELETE", SOUND, "Have it said in this language no more.", api.remove_sound,
                 MANAGERS, result=AnnouncementItem),
    ]  # fmt: skip


def _id(call: Call) -> AnnouncementId:
    return AnnouncementId(call.path["announcement_id"])


async def _whole(wav: bytes) -> AsyncIterator[bytes]:
    yield wav


def _item(announcement: Announcement, uses: Mapping[str, Sequence[Use]]) -> AnnouncementItem:
    return AnnouncementItem(
        announcement_id=announcement.announcement_id,
        name=announcement.name,
        own=announcement.own,
        sounds=[
            AnnouncementSound(language=language, length_s=length_s)
            for language, length_s in announcement.lengths_s.items()
        ],
        uses=[
            AnnouncementUse(kind=use.kind, name=use.name)
            for use in uses.get(announcement.announcement_id, ())
        ],
    )
