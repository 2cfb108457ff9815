"""Uploaded files in a folder of the data directory."""

import asyncio
import re
from pathlib import Path

from omni.core.endpoint import Upload
from omni.core.errors import NotFound, TooLarge

_ID = re.compile(r"^[0-9a-z]{1,40}$")  # an upload's id becomes a file name: nothing else may


class FolderUploads:
    """See `omni.dialer.ports.Uploads`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, upload_id: str, upload: Upload, max_bytes: int) -> int:
        """Write a file whole or not at all; return its size in bytes.

        Raises:
            TooLarge: it is over `max_bytes`; nothing is kept.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._where(upload_id)
        partial = target.with_suffix(".part")
        size_bytes = 0
        try:
            with partial.open("wb") as file:
                async for chunk in upload.chunks:
                    size_bytes += len(chunk)
                    if size_bytes > max_bytes:
                        raise TooLarge("list.too_large", "the file is too large", max=max_bytes)
                    await asyncio.to_thread(file.write, chunk)
            target.with_suffix(".name").write_text(upload.file_name, encoding="utf-8")
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)
        return size_bytes

    def path(self, upload_id: str) -> Path:
        """Return where a file is.

        Raises:
            NotFound: there is none of that id.
        """
        where = self._where(upload_id)
        if not where.is_file():
            raise NotFound("list.upload", "there is no such upload; send the file again")
        return where

    def file_name(self, upload_id: str) -> str:
        """Return the name under which the file was sent."""
        named = self._where(upload_id).with_suffix(".name")
        return named.read_text(encoding="utf-8") if named.is_file() else upload_id

    def _where(self, upload_id: str) -> Path:
        if not _ID.match(upload_id):
            raise NotFound("list.upload", "there is no such upload; send the file again")
        return self._folder / f"{upload_id}.csv"
