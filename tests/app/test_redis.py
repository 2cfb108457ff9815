"""Our Redis starts, keeps its data, and does not share them."""

import os
import signal
from pathlib import Path

import pytest
from redis.asyncio import Redis

from omni.app.embedded.redis import RedisServer
from omni.core.errors import Unavailable


async def test_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    async with Redis.from_url(await server.start(), protocol=3) as client:
        await client.set("kept", "42")
    await server.stop()
    again = RedisServer(tmp_path)
    try:
        async with Redis.from_url(await again.start(), protocol=3) as client:
            assert await client.get("kept") == b"42"
    finally:
        await again.stop()


async def test_an_orphan_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = RedisServer(tmp_path)
    await first.start()
    monkeypatch.setattr("omni.app.embedded.redis.ORPHAN_S", 0.1)
    with pytest.raises(Unavailable, match="another Redis"):
        await RedisServer(tmp_path).start()
    monkeypatch.setattr("omni.app.embedded.redis.ORPHAN_S", 5.0)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGTERM)
    second = RedisServer(tmp_path)
    await second.start()
    await second.stop()
    await first.stop()
