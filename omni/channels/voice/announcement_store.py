"""Tables of recorded announcements: their names, and the sound in each language."""

from collections.abc import Sequence

from tortoise import fields
from tortoise.models import Model

from omni.channels.voice.model import Announcement, Sound
from omni.core.ids import AnnouncementId


class AnnouncementRow(Model):
    """Something that somebody recorded for callers."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=120, unique=True)

    class Meta:
        table = "announcement"


class AnnouncementSoundRow(Model):
    """What is heard in one language: a WAV file as the switch plays it."""

    id = fields.CharField(max_length=40, primary_key=True)  # announcement and language
    announcement_id = fields.CharField(max_length=26, db_index=True)
    language = fields.CharField(max_length=8)
    wav = fields.BinaryField()
    length_s = fields.FloatField()

    class Meta:
        table = "announcement_sound"


class AnnouncementTable:
    """`AnnouncementStore` over Tortoise."""

    async def all(self) -> Sequence[Announcement]:
        lengths = AnnouncementSoundRow.all().order_by("language")
        columns = ("announcement_id", "language", "length_s")
        found: dict[str, dict[str, float]] = {}
        for announcement_id, language, length_s in await lengths.values_list(*columns):
            found.setdefault(str(announcement_id), {})[str(language)] = float(str(length_s))
        return [
            Announcement(AnnouncementId(row.id), row.name, found.get(row.id, {}))
            for row in await AnnouncementRow.all().order_by("name")
        ]

    async def save(self, announcement: Announcement) -> None:
        await AnnouncementRow.update_or_create(
            {"name": announcement.name}, id=announcement.announcement_id
        )

    async def save_sound(
        self, announcement_id: AnnouncementId, language: str, sound: Sound
    ) -> None:
        values = {
            "announcement_id": announcement_id,
            "language": language,
            "wav": sound.wav,
            "length_s": sound.length_s,
        }
        await AnnouncementSoundRow.update_or_create(values, id=_key(announcement_id, language))

    async def sound(self, announcement_id: AnnouncementId, language: str) -> bytes | None:
        row = await AnnouncementSoundRow.get_or_none(id=_key(announcement_id, language))
        return None if row is None else bytes(row.wav)

    async def remove_sound(self, announcement_id: AnnouncementId, language: str) -> None:
        await AnnouncementSoundRow.filter(id=_key(announcement_id, language)).delete()

    async def remove(self, announcement_id: AnnouncementId) -> None:
        await AnnouncementSoundRow.filter(announcement_id=announcement_id).delete()
        await AnnouncementRow.filter(id=announcement_id).delete()


def _key(announcement_id: AnnouncementId, language: str) -> str:
    return f"{announcement_id}-{language}"
