"""The engines as machine code, on machines that have compiled them (ADR 0036, 0038).

Of the dialer it is the sums: what a decision spends its time with.

`scripts/compile-engine` makes it of the sources and puts it into a folder that is named by their
digest. `prefer` lets it take their place in this process. The sources stay the truth: the tests
run on them, and what was compiled of other sources is not used.
"""

import hashlib
import importlib
import re
import sys
import sysconfig
from pathlib import Path

MODULES, SHARED = "modules", "shared"
"""The folders of the modules, by package, and of the library that they share: on the import path of
this process and its children, so there must be nothing else in it, least of all an `omni`."""
ROOT = Path(__file__).parent
ROUTING = tuple(sorted(path for path in (ROOT / "acd/engine").glob("*.py") if path.stem[0] != "_"))
SUMS = tuple(
    ROOT / f"dialer/engine/{name}.py" for name in ("ages", "answering", "learning", "odds", "risk")
)
ENGINE = (*ROUTING, *SUMS)
PACKAGES = ("acd.engine", "dialer.engine")
IMPORTS = re.compile(r"^from omni\.([\w.]+) import", re.MULTILINE)


def folder() -> Path:
    """Return where the code compiled of these sources for this Python belongs.

    What the engine imports counts too: it is not compiled, but its types are built in.
    """
    digest = hashlib.sha256(str(sysconfig.get_config_var("EXT_SUFFIX")).encode())
    imported: set[str] = set()
    for path in ENGINE:
        source = path.read_text()
        digest.update(f"{path.name}\n{source}".encode())
        imported.update(IMPORTS.findall(source))
    for module in sorted(imported):
        digest.update((ROOT / f"{module.replace('.', '/')}.py").read_bytes())
    return ROOT / "_compiled" / digest.hexdigest()[:20]


def prefer() -> bool:
    """Let the compiled code be imported if there is any; to be called before any import of it."""
    found = folder()
    if not found.is_dir():
        return False
    sys.path.append(str(found / SHARED))
    for package in PACKAGES:
        path = importlib.import_module(f"omni.{package}").__path__
        path.insert(0, str(found / MODULES / package))
    return True


def used() -> bool:
    """Tell whether the engines of this process are compiled."""
    modules = map(importlib.import_module, ("omni.acd.engine.board", "omni.dialer.engine.risk"))
    return not any(str(module.__file__).endswith(".py") for module in modules)
