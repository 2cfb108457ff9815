"""The switch: an Asterisk of our own as a child process, or the one that ARI_URL names."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from omni.app.asterisk_files import SIP_PORT
from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import ensure_installed
from omni.app.settings import Settings
from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.config import ARI_USER, SwitchSettings, render
from omni.channels.voice.gateway import APPS, AriSwitch
from omni.channels.voice.playing import Folders
from omni.core.clock import Clock, Identities
from omni.core.errors import Unavailable

Say = Callable[[str], None]
FETCH_TIMEOUT = httpx.Timeout(60.0)


@dataclass(frozen=True, slots=True)
class Switchboard:
    """The switch as the voice service takes it, and where it is."""

    switch: AriSwitch
    address: AriAddress
    sip_port: int
    instance: AsteriskInstance | None


@asynccontextmanager
async def switchboard(
    settings: Settings, clock: Clock, identities: Identities, say: Say
) -> AsyncIterator[Switchboard]:
    """Have a switch for as long as the block lasts."""
    if settings.ari_url is not None:
        yield _given(settings, clock, identities)
        return
    say("Starting Asterisk")
    install = await ensure_installed(settings.cache, say, own=settings.asterisk)
    where = SwitchSettings(
        ari_secret=secrets.token_urlsafe(24),
        http_port=settings.asterisk_http_port or free_port(settings.voice_host),
        sip_port=settings.sip_port or free_port(settings.voice_host, socket.SOCK_DGRAM),
        bind=settings.voice_host,
        media_address=settings.media_address,
        rtp_first=settings.rtp_first,
        rtp_last=settings.rtp_last,
    )
    instance = AsteriskInstance(install, settings.data / "asterisk", render(where))
    await instance.start()
    try:
        address = AriAddress(where.ari_url, ARI_USER, where.ari_secret)
        switch = AriSwitch(
            AriConnection(address, APPS, clock),
            identities,
            # On loopback the audio of trunks stays there too.
            media_address=settings.media_address or _only(settings.voice_host),
            here=Folders(instance.recordings, settings.announcements),
        )
        yield Switchboard(switch, address, where.sip_port, instance)
    finally:
        await instance.stop()


def _given(settings: Settings, clock: Clock, identities: Identities) -> Switchboard:
    assert settings.ari_url is not None
    address = AriAddress.of(settings.ari_url.get_secret_value())

    async def fetch(place: str, path: Path) -> None:
        credentials = (address.user, address.secret)
        try:
            async with (
                httpx.AsyncClient(timeout=FETCH_TIMEOUT, auth=credentials) as client,
                client.stream("GET", f"{address.url}/{place}") as answer,
            ):
                answer.raise_for_status()
                with path.open("wb") as file:
                    async for chunk in answer.aiter_bytes():
                        await asyncio.to_thread(file.write, chunk)
        except httpx.HTTPError as exc:
            raise Unavailable("recording_not_fetched") from exc

    switch = AriSwitch(
        AriConnection(address, APPS, clock),
        identities,
        media_address=settings.media_address,
        fetch=fetch,
    )
    return Switchboard(switch, address, settings.sip_port or SIP_PORT, None)


def _only(host: str) -> str:
    return "" if host in {"0.0.0.0", "::"} else host


def free_port(host: str, kind: int = socket.SOCK_STREAM) -> int:
    """Return a port that is free at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
