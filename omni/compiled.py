"""The routing engine as machine code, on machines that have compiled it (ADR 0036).

`scripts/compile-engine` makes it of the sources and puts it into a folder that is named by their
digest. `prefer` lets it take their place in this process. The sources stay the truth: the tests
run on them, and what was compiled of other sources is not used.
"""

import hashlib
import importlib
import sys
import sysconfig
from pathlib import Path

PACKAGE = "omni.acd.engine"
ROOT = Path(__file__).parent
ENGINE = tuple(sorted(path for path in (ROOT / "acd/engine").glob("*.py") if path.stem[0] != "_"))
# What the engine imports is not compiled, but its types are built in.
IMPORTED = ("acd/model.py", "acd/overflow.py", "core/errors.py", "core/ids.py", "core/terms.py")


def folder() -> Path:
    """Return where the code compiled of these sources for this Python belongs."""
    digest = hashlib.sha256(str(sysconfig.get_config_var("EXT_SUFFIX")).encode())
    for path in (*ENGINE, *(ROOT / name for name in IMPORTED)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return ROOT / "_compiled" / digest.hexdigest()[:20]


def prefer() -> bool:
    """Let the compiled engine be imported if there is one; to be called before any import of it."""
    found = folder()
    if not found.is_dir():
        return False
    sys.path.append(str(found))
    importlib.import_module(PACKAGE).__path__.insert(0, str(found / PACKAGE.replace(".", "/")))
    return True


def used() -> bool:
    """Tell whether the engine of this process is compiled."""
    board = importlib.import_module(f"{PACKAGE}.board")
    return not str(board.__file__).endswith(".py")
