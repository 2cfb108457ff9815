"""The keys of an installation: they seal passwords of mailboxes and trunks (ADR 0035), and sign.

Rules:
1. The keys are those of the setting `secret_key`, else the lines of `secret.key` in the data
   folder, which the first start makes with mode 0600. The first key seals; all of them open.
2. What is found unsealed or sealed with a later key is sealed anew at start. So a key is changed by
   putting a new one in front, starting omni, and taking the old one away.
3. A sealed text is `sealed1:` and a Fernet token: AES-128-CBC with HMAC-SHA256, a random IV and a
   version of its own (https://github.com/fernet/spec).
4. A signature is HMAC-SHA256 with a key that is derived from ours for nothing but this (`SIGNS`):
   who may choose what is sealed, and sees it, can have nothing signed that way. What was signed
   with a key that was taken away is known no more.
5. No key and no sealed text is ever logged or shown.
"""

import hmac
import os
import stat
import tempfile
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from omni.app.settings import Settings, key_list
from omni.core.errors import Unavailable

FILE = "secret.key"
MARK = "sealed1:"
SIGNS = b"omni signature 1"


class KeyRing:
    """See `omni.core.seal.Seal` and `Signer`."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._present = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])
        self._signing = [hmac.digest(urlsafe_b64decode(key), SIGNS, "sha256") for key in keys]

    def close(self, text: str) -> str:
        return MARK + self._present.encrypt(text.encode()).decode() if text else ""

    def open(self, stored: str) -> str:
        if not stored.startswith(MARK):
            return stored
        try:
            return self._all.decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            raise Unavailable("secret.unreadable", "no key opens a stored password") from None

    def renewed(self, stored: str) -> str:
        if stored.startswith(MARK):
            try:
                self._present.decrypt(stored.removeprefix(MARK))
            except InvalidToken:
                return self.close(self.open(stored))
            return stored
        return self.close(stored)

    def sign(self, text: str) -> str:
        return _signature(self._signing[0], text)

    def signed(self, text: str, signature: str) -> bool:
        given = signature.encode()
        return any(
            hmac.compare_digest(_signature(key, text).encode(), given) for key in self._signing
        )


def _signature(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(), "sha256").hex()


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()


def key_ring(settings: Settings) -> KeyRing:
    """Return the keys of an installation; the first start makes its key.

    Raises:
        Unavailable: `secret.key`, the file cannot be read, or holds something else.
    """
    if settings.secret_key is not None:
        return KeyRing(key_list(settings.secret_key.get_secret_value()))
    path = settings.data / FILE
    if not path.exists():
        _make(path)
    return KeyRing(read(path))


def known_keys(settings: Settings) -> KeyRing | None:
    """Return the keys of an installation, None where there are none.

    Raises:
        Unavailable: as `key_ring`.
    """
    there = settings.secret_key is not None or (settings.data / FILE).exists()
    return key_ring(settings) if there else None


def read(path: Path) -> list[str]:
    """Return the keys in a file, one a line.

    Raises:
        Unavailable: `secret.key`, it cannot be read, or holds something else.
    """
    advice = "put the file of this installation back, or set OMNI_SECRET_KEY"
    try:
        return key_list(path.read_text(encoding="ascii"))
    except OSError as fault:
        text = f"the key file {path} cannot be read ({fault.strerror}): {advice}"
        raise Unavailable("secret.key", text) from None
    except ValueError:
        text = f"the key file {path} holds no keys, one a line: {advice}"
        raise Unavailable("secret.key", text) from None


def open_to_others(path: Path) -> bool:
    """Tell whether other accounts may read a key file."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def _make(path: Path) -> None:
    """Make the key file whole or not at all; one that came meanwhile stays."""
    number, made = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # of mode 0600
    try:
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            Path(made).rename(path)
    finally:
        Path(made).unlink(missing_ok=True)
