"""The wire by itself, against a server that misbehaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from omni.app.timekeeping import SystemClock
from omni.channels.voice.ari import AriAddress, AriConnection
from omni.core.errors import Conflict, Invalid, NotFound, Unavailable
from tests.channels.voice.rig import until


class Ears:
    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self.ups = self.downs = 0
        self.fail_up = 0

    async def up(self) -> None:
        self.ups += 1
        if self.ups <= self.fail_up:
            raise Unavailable("switch_down")

    def event(self, event: Mapping[str, Any]) -> None:
        self.events.append(event)

    def down(self) -> None:
        self.downs += 1


async def answer(socket: ServerConnection) -> None:
    """Answer each request by its path: a status, silence, or the end of the connection."""
    async for frame in socket:
        request = json.loads(frame)
        path = request["uri"]
        if path == "close":
            await socket.close()
        elif path != "silence":
            reply = {
                "type": "RESTResponse",
                "request_id": request["request_id"],
                "status_code": int(path),
                "message_body": json.dumps({"method": request["method"]}),
            }
            await socket.send(json.dumps({"type": "Noise"}))
            await socket.send(json.dumps(reply))


@asynccontextmanager
async def connected(ears: Ears) -> AsyncIterator[AriConnection]:
    async with serve(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        ari = AriConnection(AriAddress(f"http://127.0.0.1:{port}", "u", "p"), ("a",), SystemClock())
        life = asyncio.ensure_future(ari.run(ears))
        try:
            await until(lambda: ari.connected and ears.ups > ears.fail_up)
            yield ari
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life


async def test_requests_and_events_share_the_wire() -> None:
    ears = Ears()
    async with connected(ears) as ari:
        got, put = await asyncio.gather(
            ari.request("GET", "200"), ari.request("PUT", "201", {"q": 1}, body={"b": 2})
        )
        assert (got["method"], put["method"]) == ("GET", "PUT")
        assert [e["type"] for e in ears.events] == ["Noise", "Noise"]
    assert ears.downs == 1


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (400, Invalid), (404, NotFound), (409, Conflict), (412, Conflict), (422, Conflict),
        (500, Conflict), (503, Unavailable),
    ],
)  # fmt: skip
async def test_refusals_are_faults(status: int, fault: type[Exception]) -> None:
    async with connected(Ears()) as ari:
        with pytest.raises(fault):
            await ari.request("GET", str(status))


async def test_a_lost_connection_fails_what_is_open_and_comes_back() -> None:
    ears = Ears()
    async with connected(ears) as ari:
        waiting = asyncio.ensure_future(ari.request("GET", "silence"))
        await asyncio.sleep(0.05)
        with pytest.raises(Unavailable):
            await ari.request("GET", "close")
        with pytest.raises(Unavailable):
            await waiting
        await until(lambda: ears.ups == 2)
        assert ears.downs == 1
        assert await ari.request("GET", "200") == {"method": "GET"}


async def test_a_failing_start_is_tried_again() -> None:
    ears = Ears()
    ears.fail_up = 1
    async with connected(ears):
        assert ears.ups == 2
        assert ears.downs == 1


async def test_without_a_connection_nothing_is_waited_for() -> None:
    ari = AriConnection(AriAddress("http://127.0.0.1:1", "u", "p"), ("a",), SystemClock())
    with pytest.raises(Unavailable):
        await ari.request("GET", "200")
