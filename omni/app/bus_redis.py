"""Redis Streams between processes: makes other processes' events quick to arrive.

Each event is added under its own number (`<seq>-0`), so the stream keeps the journal's order and
refuses repeats. Late ones (a process that was slow to send) are refused too: readers see the hole
and fill it from the journal, which is the truth. The stream is cut to about `KEEP` entries.
"""

import asyncio
import logging
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from omni.app.bus import JournalBus
from omni.core.events.base import Event, Recorded
from omni.core.events.catalogue import parse_event

log = logging.getLogger(__name__)

STREAM = "omni:journal"
KEEP = 100_000
BLOCK_MS = 1000
PAUSE_S = 1.0  # after a failure; meanwhile the bus looks at the journal each second
READ_COUNT = 500


class RedisTransport:
    """Carries events through a Redis stream."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._outgoing: asyncio.Queue[list[Recorded[Event]]] = asyncio.Queue()

    def send(self, batch: list[Recorded[Event]]) -> None:
        self._outgoing.put_nowait(batch)

    async def run(self, bus: JournalBus) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._send_all())
            tasks.create_task(self._receive_all(bus))

    async def _send_all(self) -> None:
        while True:
            batch = await self._outgoing.get()
            try:
                for recorded in batch:
                    await self._add(recorded)
            except (RedisError, OSError):
                log.warning("the event stream cannot be written; readers use the journal")

    async def _add(self, recorded: Recorded[Event]) -> None:
        fields: dict[Any, Any] = {
            "at": recorded.at.isoformat(),
            "type": recorded.event.TYPE,
            "payload": recorded.event.model_dump_json(),
        }
        try:
            await self._redis.xadd(
                STREAM, fields, id=f"{recorded.seq}-0", maxlen=KEEP, approximate=True
            )
        except ResponseError:
            return  # a later number is already there

    async def _receive_all(self, bus: JournalBus) -> None:
        last = "$"
        while True:
            try:
                answer = await self._redis.xread({STREAM: last}, READ_COUNT, BLOCK_MS)
            except (RedisError, OSError):
                log.warning("the event stream cannot be read; using the journal")
                await asyncio.sleep(PAUSE_S)
                continue
            for _, entries in answer:
                bus.receive([_recorded(name, fields) for name, fields in entries])
                last = entries[-1][0]


def _recorded(name: bytes, fields: dict[bytes, bytes]) -> Recorded[Event]:
    return Recorded(
        int(name.partition(b"-")[0]),
        datetime.fromisoformat(fields[b"at"].decode()),
        parse_event(fields[b"type"].decode(), fields[b"payload"]),
    )
