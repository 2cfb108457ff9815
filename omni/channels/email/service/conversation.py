"""Showing a conversation: its mails with clean pages, its files with safe types.

Rules: HTML is cleaned each time it is shown, by the rules of today; a file is shown in the browser
only when it is a picture of a plain kind, everything else is a download.
"""

import asyncio
from dataclasses import dataclass

from omni.channels.email.engine.plain import own_words
from omni.channels.email.model import Cleaned, StoredFile, StoredMail
from omni.channels.email.ports import Cleaner, MailStore
from omni.core.errors import NotFound
from omni.core.ids import InteractionId, MailId

SHOWN_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# Types that no browser runs when they are saved and opened; all others go out as plain bytes.
PLAIN_TYPES = SHOWN_PICTURES | {
    "application/pdf",
    "application/zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "audio/mpeg",
    "audio/wav",
    "image/heic",
    "image/tiff",
    "text/calendar",
    "text/csv",
    "text/plain",
    "video/mp4",
}
_CLEAN_ASIDE_CHARS = 100_000  # longer pages are cleaned in a thread


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as an agent sees it. `own_text`: without what it quotes."""

    mail: StoredMail
    page: Cleaned
    own_text: str


class Conversation:
    """Reads conversations."""

    def __init__(self, store: MailStore, cleaner: Cleaner) -> None:
        self._store = store
        self._cleaner = cleaner

    async def mails(
        self, interaction_id: InteractionId, *, remote_images: bool = False
    ) -> list[ShownMail]:
        """Return the mails of the interaction's thread, oldest first; NotFound when unknown."""
        handling = await self._store.handling(interaction_id)
        if handling is None:
            raise NotFound("interaction.unknown", "there is no such conversation by mail")
        return [
            await self._shown(mail, remote_images=remote_images)
            for mail in await self._store.mails_of_thread(handling.thread_id)
        ]

    async def _shown(self, mail: StoredMail, *, remote_images: bool) -> ShownMail:
        pictures = {
            file.content_id: f"/api/mail-attachments/{file.attachment_id}"
            for file in mail.files
            if file.content_id and file.media_type in SHOWN_PICTURES
        }

        def clean() -> Cleaned:
            return self._cleaner.clean(mail.html, pictures, remote_images=remote_images)

        if not mail.html:
            page = Cleaned("", 0)
        elif len(mail.html) < _CLEAN_ASIDE_CHARS:
            page = clean()
        else:
            page = await asyncio.to_thread(clean)
        return ShownMail(mail, page, own_words(mail.text))

    async def file(self, attachment_id: str) -> tuple[StoredFile, bytes]:
        """Return a file and its content; NotFound when there is none."""
        found = await self._store.file(attachment_id)
        content = await self._store.content(found[0].sha256) if found else None
        if found is None or content is None:
            raise NotFound("mail.no_such_file", "there is no such file")
        return found[0], content

    async def raw(self, mail_id: MailId) -> bytes:
        """Return a mail as it came or went; NotFound when there is none."""
        mail = await self._store.mail(mail_id)
        content = await self._store.content(mail.raw_sha256) if mail else None
        if content is None:
            raise NotFound("mail.unknown", "there is no such mail")
        return content
