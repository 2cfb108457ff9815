"""Announcements that somebody recorded: kept in the database, laid out for the switch.

Rules:
1. A sound counts once it is converted, stored and where the switch plays from. Another one for the
   same language takes its place; who hears the old one hears it to its end.
2. The database has the truth; what lies with the switch is laid out again at each start.
3. What is said somewhere stays: `uses` (given by omni.app) knows where. Only one whose other
   language stays may lose one.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from omni.channels.voice.model import Announcement
from omni.channels.voice.ports import AnnouncementStore, Recorder, SoundShelf, Use, Uses
from omni.channels.voice.prompts import BUILT_IN, TEXTS, Repertoire
from omni.core.clock import Identities
from omni.core.endpoint import Upload
from omni.core.errors import Conflict, Invalid, NotFound, TooLarge
from omni.core.ids import AnnouncementId
from omni.core.journal import Journal

LANGUAGES = tuple(TEXTS)
MAX_BYTES = 25 * 1024 * 1024  # two minutes at the rate of a compact disc are 21 MB
MOST = 500  # all of them are in every list to choose from


@dataclass(frozen=True, slots=True)
class AnnouncementParts:
    """What `Announcements` works with."""

    store: AnnouncementStore
    recorder: Recorder
    shelf: SoundShelf
    journal: Journal
    identities: Identities


async def _nowhere() -> Mapping[str, Sequence[Use]]:
    return {}


class Announcements:
    """The recorded ones and those that come with omni. `start` it first."""

    def __init__(self, parts: AnnouncementParts, repertoire: Repertoire) -> None:
        self._parts = parts
        self._repertoire = repertoire
        self._own: dict[AnnouncementId, Announcement] = {}
        self._one_at_a_time = asyncio.Lock()  # a conversion takes a core for a second
        self.uses: Uses = _nowhere

    async def start(self) -> None:
        """Learn what there is, and lay out what the switch lacks."""
        for announcement in await self._parts.store.all():
            for language, length_s in announcement.lengths_s.items():
                where = (announcement.announcement_id, language)
                if not await self._parts.shelf.has(*where, length_s):
                    wav = await self._parts.store.sound(*where)
                    if wav is not None:
                        await self._parts.shelf.put(*where, wav)
            self._keep(announcement)

    def all(self) -> list[Announcement]:
        """Return those that come with omni, then the recorded ones by name."""
        built_in = [
            Announcement(AnnouncementId(name), name, dict.fromkeys(LANGUAGES, 0.0), own=False)
            for name in BUILT_IN
        ]
        return [*built_in, *sorted(self._own.values(), key=lambda one: one.name.casefold())]

    def knows(self, announcement_id: str) -> bool:
        """Tell whether it can be said: it is there and has a sound."""
        return self._repertoire.knows(announcement_id)

    def medium(self, announcement_id: str, languages: Sequence[str], usual: str) -> str:
        """Return the medium of an announcement, or of what is `usual` if there is none such."""
        known = self._repertoire.knows(announcement_id)
        return self._repertoire.say(languages, announcement_id if known else usual)

    async def add(self, name: str) -> Announcement:
        """Add an announcement, which has no sound yet.

        Raises:
            Conflict: `announcement_name_taken`, `announcements_full`.
        """
        if len(self._own) >= MOST:
            raise Conflict("announcements_full", "too many announcements", limit=MOST)
        new = Announcement(AnnouncementId(self._parts.identities.new()), name.strip(), {})
        return await self._saved(new)

    async def rename(self, announcement_id: AnnouncementId, name: str) -> Announcement:
        """Give it another name.

        Raises:
            NotFound, Conflict: no such announcement; `announcement_name_taken`.
        """
        return await self._saved(replace(self._get(announcement_id), name=name.strip()))

    async def _saved(self, announcement: Announcement) -> Announcement:
        for other in self._own.values():
            same = other.name.casefold() == announcement.name.casefold()
            if same and other.announcement_id != announcement.announcement_id:
                raise Conflict("announcement_name_taken", "another one has this name")
        async with self._parts.journal.transaction():
            await self._parts.store.save(announcement)
        return self._keep(announcement)

    async def set_sound(
        self, announcement_id: AnnouncementId, language: str, upload: Upload
    ) -> Announcement:
        """Have it said in this language as in the uploaded file.

        Raises:
            NotFound: no such announcement. TooLarge: `sound.too_large`.
            Invalid: `sound.*`, why it cannot be said; nothing was changed.
        """
        self._get(announcement_id)
        _check(language)
        raw = await _read(upload)
        async with self._one_at_a_time:
            sound = await asyncio.to_thread(self._parts.recorder.convert, raw)
        async with self._parts.journal.transaction():
            await self._parts.store.save_sound(announcement_id, language, sound)
        await self._parts.shelf.put(announcement_id, language, sound.wav)
        known = self._get(announcement_id)
        lengths_s = known.lengths_s | {language: sound.length_s}
        return self._keep(replace(known, lengths_s=_in_order(lengths_s)))

    async def sound(self, announcement_id: AnnouncementId, language: str) -> bytes:
        """Return what callers hear, as a WAV file. Raises NotFound."""
        _check(language)
        if announcement_id in BUILT_IN:
            built_in = await asyncio.to_thread(
                self._parts.recorder.built_in, announcement_id, language
            )
            return built_in.wav
        wav = await self._parts.store.sound(self._get(announcement_id).announcement_id, language)
        if wav is None:
            raise NotFound("announcement_unknown", "it is not said in this language")
        return wav

    async def remove_sound(self, announcement_id: AnnouncementId, language: str) -> Announcement:
        """Have it said in this language no more.

        Raises:
            NotFound: no such announcement.
            Conflict: `announcement_in_use`: it would be silent where it is said.
        """
        _check(language)
        known = self._get(announcement_id)
        rest = {key: length for key, length in known.lengths_s.items() if key != language}
        if not rest:
            await self._refuse_in_use(announcement_id)
        async with self._parts.journal.transaction():
            await self._parts.store.remove_sound(announcement_id, language)
        kept = self._keep(replace(known, lengths_s=rest))
        await self._parts.shelf.take_away(announcement_id, language)
        return kept

    async def remove(self, announcement_id: AnnouncementId) -> None:
        """Remove an announcement.

        Raises:
            NotFound: no such announcement. Conflict: `announcement_in_use`.
        """
        known = self._get(announcement_id)
        await self._refuse_in_use(announcement_id)
        async with self._parts.journal.transaction():
            await self._parts.store.remove(announcement_id)
        del self._own[announcement_id]
        self._repertoire.learn(announcement_id, ())
        for language in known.languages:
            await self._parts.shelf.take_away(announcement_id, language)

    async def _refuse_in_use(self, announcement_id: AnnouncementId) -> None:
        uses = (await self.uses()).get(announcement_id, ())
        if uses:
            places = ", ".join(dict.fromkeys(use.name for use in uses))
            raise Conflict("announcement_in_use", "it is said somewhere", places=places)

    def _get(self, announcement_id: AnnouncementId) -> Announcement:
        known = self._own.get(announcement_id)
        if known is None:
            raise NotFound("announcement_unknown", "no such announcement")
        return known

    def _keep(self, announcement: Announcement) -> Announcement:
        self._own[announcement.announcement_id] = announcement
        self._repertoire.learn(announcement.announcement_id, announcement.languages)
        return announcement


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise Invalid("language_unknown", "not a language that is spoken here", field="language")


def _in_order(lengths_s: Mapping[str, float]) -> dict[str, float]:
    return {language: lengths_s[language] for language in LANGUAGES if language in lengths_s}


async def _read(upload: Upload) -> bytes:
    raw = bytearray()
    async for chunk in upload.chunks:
        raw += chunk
        if len(raw) > MAX_BYTES:
            limit_mb = MAX_BYTES // (1024 * 1024)
            raise TooLarge("sound.too_large", "the file is too large", limit_mb=limit_mb)
    return bytes(raw)
