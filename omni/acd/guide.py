"""What callers hear of a queue while they wait."""

from dataclasses import dataclass

from omni.core.ids import AnnouncementId

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Guide:
    """Announcements of a queue, each in all of `languages`, one after the other.

    `announcements`: on entering, before the music. `place_every_s`: how often place and expected
    wait are told; 0: never.
    """

    languages: tuple[str, ...] = ("en",)
    announcements: tuple[AnnouncementId, ...] = ()
    place_every_s: float = 0.0
