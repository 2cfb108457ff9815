"""Where things lie on this machine: the user's data and cache folders, short places for sockets.

Follows the XDG base directory specification on Linux and Apple's layout on macOS.
"""

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

# A Unix socket's address holds 107 bytes (sun_path in unix(7), less its zero); macOS has 103.
SOCKET_PATH_BYTES = 103
# The longest name that a program puts in a socket folder: "redis.sock", ".s.PGSQL.5432", ...
SOCKET_NAME_BYTES = 20


def default_data() -> Path:
    """Return the folder for what must not be lost: /var/lib/omni for root, else the user's own."""
    if os.geteuid() == 0 and sys.platform == "linux":
        return Path("/var/lib/omni")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "omni"
    return _xdg("XDG_DATA_HOME", ".local/share") / "omni"


def default_cache() -> Path:
    """Return the user's folder for what can be fetched again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "omni"
    return _xdg("XDG_CACHE_HOME", ".cache") / "omni"


def socket_folder(wanted: Path) -> Path:
    """Make and return `wanted`, or a short folder in its stead if its path is too long.

    Raises PermissionError when somebody else holds the short one's name.
    """
    if len(os.fsencode(wanted.absolute())) + 1 + SOCKET_NAME_BYTES <= SOCKET_PATH_BYTES:
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted.absolute())).hexdigest()[:12]
    ours = Path(tempfile.gettempdir()) / f"omni-{os.geteuid()}-{digest}"
    ours.mkdir(mode=0o700, exist_ok=True)
    state = ours.lstat()
    if state.st_uid != os.geteuid() or not stat.S_ISDIR(state.st_mode):
        raise PermissionError(f"{ours} exists and is not ours")
    # Others may pass, for the account that PostgreSQL has under root; what is inside is closed.
    ours.chmod(0o711)
    folder = ours / wanted.name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _xdg(variable: str, below_home: str) -> Path:
    # The specification: a relative path in the variable is to be ignored.
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / below_home
