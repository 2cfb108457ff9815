"""A real Asterisk starts from given files, answers on its command line, ends and comes back."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import (
    MAJOR,
    AsteriskInstall,
    AsteriskMissing,
    asterisk_version,
)
from omni.app.embedded.child import ChildFailed

CONF = {
    "modules.conf": "[modules]\nautoload = no\nload = pbx_config.so\n",
    "extensions.conf": "[one]\nexten => 1,1,NoOp(first)\n",
    "logger.conf": "[general]\n[logfiles]\nconsole => notice,warning,error\n",
}

pytestmark = pytest.mark.asterisk


async def test_starts_answers_and_ends(asterisk: AsteriskInstall, tmp_path: Path) -> None:
    instance = AsteriskInstance(asterisk, tmp_path / "a", CONF)
    await instance.start()
    try:
        assert f"Asterisk {MAJOR}" in await instance.cli("core show version")
        assert "No such command" in await instance.cli("no such thing")
        instance.write({"extensions.conf": "[two]\nexten => 1,1,NoOp(first)\n"})
        await instance.cli("dialplan reload")
        assert "[ Context 'two'" in await instance.cli("dialplan show two")
        assert (instance.sounds / "en").is_dir()
    finally:
        await instance.stop()
    with pytest.raises(OSError, match=r"No such file|refused"):
        await instance.cli("core show version")


async def test_two_run_side_by_side(asterisk: AsteriskInstall, tmp_path: Path) -> None:
    deep = tmp_path / ("a folder whose name is too long for a socket" * 3)
    instances = [AsteriskInstance(asterisk, place, CONF) for place in (tmp_path / "b", deep)]
    try:
        for instance in instances:
            await instance.start()
        assert len({instance.pid for instance in instances}) == 2
        for instance in instances:
            assert "uptime" in await instance.cli("core show uptime")
    finally:
        for instance in instances:
            await instance.stop()


async def test_comes_back_after_a_crash(asterisk: AsteriskInstall, tmp_path: Path) -> None:
    instance = AsteriskInstance(asterisk, tmp_path, CONF)
    await instance.start()
    back = asyncio.Event()

    async def restarted(code: int) -> None:
        assert code == -signal.SIGKILL
        back.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(instance.watch(restarted))
        assert instance.pid is not None
        os.kill(instance.pid, signal.SIGKILL)
        await back.wait()
        assert "uptime" in await instance.cli("core show uptime")
        await instance.stop()


async def test_a_broken_configuration_is_shown(asterisk: AsteriskInstall, tmp_path: Path) -> None:
    conf = {"modules.conf": "[modules]\nautoload = no\nrequire = no_such_module.so\n"}
    with pytest.raises(ChildFailed, match="no_such_module"):
        await AsteriskInstance(asterisk, tmp_path, CONF | conf).start()


async def test_another_major_version_is_refused(tmp_path: Path) -> None:
    program = tmp_path / "asterisk"
    program.write_text("#!/bin/sh\necho Asterisk 20.1.0\n")
    program.chmod(0o755)
    with pytest.raises(AsteriskMissing, match=f"Asterisk {MAJOR} is needed"):
        await asterisk_version((str(program),))
