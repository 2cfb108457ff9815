"""The configuration of an Asterisk that omni does not start itself: `omni asterisk config`.

They are the files of the Asterisk that omni starts, with the addresses and the password of ARI_URL.
Such an Asterisk serves omni alone: trunks, phones and calls are told to it over ARI.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from omni.app.settings import Settings
from omni.channels.voice.ari import AriAddress
from omni.channels.voice.config import ARI_USER, SwitchSettings, ari, render
from omni.core.errors import Conflict, Invalid

HTTP_PORT, SIP_PORT = 8088, 5060
_WORD = re.compile(r"[^\s;\[\]\"]+")  # nothing that could end a line of ari.conf


@dataclass(frozen=True, slots=True)
class AsteriskFiles:
    """Files by name, and the settings with which omni finds that Asterisk."""

    files: Mapping[str, str]
    ari_url: str
    sip_port: int


def asterisk_files(settings: Settings, bind: str) -> AsteriskFiles:
    """Return the configuration of an Asterisk that listens on `bind`.

    Without ARI_URL a password is made.

    Raises:
        Invalid: `asterisk.ari_url`, its user or password cannot stand in Asterisk's files.
    """
    if settings.ari_url is None:
        address = AriAddress(f"http://{bind}:{HTTP_PORT}/ari", ARI_USER, secrets.token_urlsafe(24))
    else:
        address = AriAddress.of(settings.ari_url.get_secret_value())
    if not (_WORD.fullmatch(address.user) and _WORD.fullmatch(address.secret)):
        text = "ARI_URL needs a user and a password, without spaces, quotes, brackets, semicolons"
        raise Invalid("asterisk.ari_url", text)
    parts = urlsplit(address.url)
    where = SwitchSettings(
        ari_secret=address.secret,
        http_port=parts.port or HTTP_PORT,
        sip_port=settings.sip_port or SIP_PORT,
        bind=bind,
        rtp_first=settings.rtp_first,
        rtp_last=settings.rtp_last,
    )
    files = {**render(where), "ari.conf": ari(address.user, address.secret)}
    credentials = f"{quote(address.user, safe='')}:{quote(address.secret, safe='')}"
    url = f"{parts.scheme}://{credentials}@{parts.netloc}{parts.path}"
    return AsteriskFiles(files, url, where.sip_port)


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write the files into a folder; those of the same name and text may be there.

    Raises:
        Conflict: `asterisk.file_exists`, a file of another text is there; nothing was written.
    """
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text() != text:
            raise Conflict("asterisk.file_exists", f"{path} exists: choose an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.touch(mode=0o600)  # ari.conf holds a password
        path.write_text(text)
