"""The wire to Asterisk: one WebSocket that carries ARI's events and our requests.

Rules:
1. Requests go over the event WebSocket (`RESTRequest` / `RESTResponse`): about 1 ms each, and no
   second connection that could stall under load.
2. Every request has a number of its own and a time limit; when the connection ends, all open
   requests fail with `Unavailable` at once.
3. A lost connection is tried again for ever, with pauses that double up to `RETRY_MOST_S`. After
   each connection the caller's `up` runs first; nothing of before is assumed.

Source: Asterisk 22 documentation, "ARI REST over WebSockets"; res/ari/ari_websocket_requests.c.
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from omni.core.clock import Clock
from omni.core.errors import Conflict, Fault, Invalid, NotFound, Unavailable

log = logging.getLogger(__name__)

REQUEST_S = 10.0
CONNECT_S = 5.0
RETRY_S = 0.2
RETRY_MOST_S = 5.0
# Statuses of ARI that tell of a state which the caller expects to meet.
FAULTS: dict[int, type[NotFound | Conflict | Invalid]] = {
    400: Invalid,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    422: Conflict,
    500: Conflict,  # "Allocation failed": the phone or trunk cannot be reached
}


@dataclass(frozen=True, slots=True)
class AriAddress:
    """Where ARI is and as whom. `url` like `http://127.0.0.1:8088/ari`."""

    url: str
    user: str
    secret: str

    @classmethod
    def of(cls, url: str) -> "AriAddress":
        """Return the address that a URL with user and password names; its path is /ari if none."""
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        path = parts.path.rstrip("/") or "/ari"
        return cls(
            urlunsplit((parts.scheme, place, path, "", "")),
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    def events(self, apps: Sequence[str]) -> str:
        """Return the address of the event WebSocket of these applications."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        query = urlencode({"app": ",".join(apps), "api_key": f"{self.user}:{self.secret}"})
        return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/events", query, ""))

    def phones(self) -> str:
        """Return the address of SIP over WebSocket on the same server."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, "/ws", "", ""))


class AriListener(Protocol):
    """Who is told what comes over the wire."""

    async def up(self) -> None:
        """The connection stands: put things in order. Raising drops it and tries again."""
        ...

    def event(self, event: Mapping[str, Any]) -> None: ...

    def down(self) -> None:
        """The connection is gone."""
        ...


class AriConnection:
    """Keeps one connection and sends requests over it."""

    def __init__(self, address: AriAddress, apps: Sequence[str], clock: Clock) -> None:
        self._url = address.events(apps)
        self._clock = clock
        self._socket: ClientConnection | None = None
        self._open: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._numbers = itertools.count(1)

    @property
    def connected(self) -> bool:
        """Tell whether requests can be sent."""
        return self._socket is not None

    async def run(self, listener: AriListener) -> None:
        """Keep connected until cancelled."""
        pause_s = RETRY_S
        while True:
            try:
                async with connect(
                    self._url, open_timeout=CONNECT_S, max_size=None, max_queue=None,
                    compression=None, proxy=None,
                ) as socket:  # fmt: skip
                    await self._serve(socket, listener)
                    pause_s = RETRY_S
            except (OSError, WebSocketException, TimeoutError, Fault) as error:
                # The text of a Fault is ours and names no person.
                what = str(error) if isinstance(error, Fault) else type(error).__name__
                log.warning("no connection to the switch: %s", what)
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2, RETRY_MOST_S)

    async def _serve(self, socket: ClientConnection, listener: AriListener) -> None:
        self._socket = socket
        reading = asyncio.ensure_future(self._read(socket, listener.event))
        try:
            ready = asyncio.ensure_future(listener.up())
            await asyncio.wait((reading, ready), return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                ready.cancel()
            else:
                ready.result()
            await reading
        finally:
            self._socket = None
            reading.cancel()
            self._fail_all()
            listener.down()

    async def _read(
        self, socket: ClientConnection, event: Callable[[Mapping[str, Any]], None]
    ) -> None:
        try:
            async for frame in socket:
                message = json.loads(frame)
                if message["type"] == "RESTResponse":
                    waiting = self._open.pop(message["request_id"], None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message)
                else:
                    event(message)
        except ConnectionClosed:
            return

    def _fail_all(self) -> None:
        waiting, self._open = self._open, {}
        for future in waiting.values():
            if not future.done():
                future.set_exception(Unavailable("switch_down"))

    async def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int | float] | None = None,
        body: Any = None,
    ) -> Any:
        """Send one request and return its parsed answer (None when it has no body).

        Raises:
            Unavailable: no connection, or no answer within `REQUEST_S`.
            NotFound, Conflict, Invalid: ARI's 404, 409/412/422/500, 400.
        """
        socket = self._socket
        if socket is None:
            raise Unavailable("switch_down")
        number = str(next(self._numbers))
        message: dict[str, Any] = {
            "type": "RESTRequest",
            "request_id": number,
            "method": method,
            "uri": path,
        }
        if query:
            message["query_strings"] = [{"name": k, "value": str(v)} for k, v in query.items()]
        if body is not None:
            message["content_type"] = "application/json"
            message["message_body"] = json.dumps(body)
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            await socket.send(json.dumps(message))
            async with asyncio.timeout(REQUEST_S):
                response = await answer
        except (ConnectionClosed, TimeoutError) as error:
            raise Unavailable("switch_down") from error
        finally:
            self._open.pop(number, None)
        return _result(method, path, response)


def _result(method: str, path: str, response: Mapping[str, Any]) -> Any:
    status, text = response["status_code"], response.get("message_body")
    if status >= 300:
        # Ids in the path are ours, but the text could name a number: it is left out.
        fault = FAULTS.get(status)
        place = f"{method} {path.split('/')[0]} answered {status}"
        if fault is None:
            raise Unavailable("switch_error", place)
        raise fault("switch_refused", place, status=status)
    return json.loads(text) if text else None


Request = Callable[..., Awaitable[Any]]
