"""Fixtures that several packages' tests share: a database, Redis, Asterisk."""

import asyncio

import pytest

from omni.app.embedded.asterisk_install import AsteriskInstall, ensure_installed
from omni.app.embedded.places import default_cache


@pytest.fixture(scope="session")
def asterisk() -> AsteriskInstall:
    """Asterisk 22, unpacked into the user's cache on first use."""
    return asyncio.run(ensure_installed(default_cache(), lambda step: None))
