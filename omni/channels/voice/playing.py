"""What one Asterisk plays to its legs: by playback, so that all of it can be stopped.

An Asterisk on this machine plays the sounds where they lie. One elsewhere has the prompts in the
folder `SOUNDS` among its own sounds, and the recorded announcements in `OWN_SOUNDS`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omni.channels.voice.ari import AriConnection
from omni.channels.voice.prompts import FOLDER as PROMPTS
from omni.core.clock import Identities
from omni.core.errors import Conflict, Fault, NotFound

log = logging.getLogger(__name__)

SOUNDS, OWN_SOUNDS = "omni", "omni-own"


@dataclass(frozen=True, slots=True)
class Folders:
    """Of an Asterisk on this machine: where it records, and where announcements are laid out."""

    recordings: Path
    announcements: Path


class Playing:
    """Starts and stops playbacks."""

    def __init__(self, ari: AriConnection, identities: Identities, here: Folders | None) -> None:
        self._ari = ari
        self._identities = identities
        self._prompts = SOUNDS if here is None else str(PROMPTS)
        self._own = OWN_SOUNDS if here is None else str(here.announcements.absolute())
        self._going_on: dict[str, set[str]] = {}  # by leg

    async def start(self, leg_id: str, channel: str, media: str) -> None:
        """Play media to a leg."""
        going_on = self._going_on.setdefault(leg_id, set())
        playback = self._identities.new()
        going_on.add(playback)
        query = {"media": self._as_known(media), "playbackId": playback}
        try:
            await self._ari.request("POST", f"channels/{channel}/play", query)
        except Fault:
            going_on.discard(playback)
            raise

    def _as_known(self, media: str) -> str:
        prompts = media.replace("prompt:", f"sound:{self._prompts}/")
        return prompts.replace("own:", f"sound:{self._own}/")

    async def stop(self, leg_id: str) -> None:
        """End all that is played to a leg."""
        for playback in sorted(self._going_on.get(leg_id, ())):
            try:
                await self._ari.request("DELETE", f"playbacks/{playback}")
            except (NotFound, Conflict):
                continue  # it has just ended

    def ended(self, leg_id: str, playback: Mapping[str, Any]) -> None:
        """Take in that a playback is over."""
        self._going_on.get(leg_id, set()).discard(playback["id"])
        if playback["state"] == "failed":
            log.warning("a sound could not be played: %s", playback["media_uri"])

    def forget(self, leg_id: str) -> None:
        """A leg has ended."""
        self._going_on.pop(leg_id, None)
