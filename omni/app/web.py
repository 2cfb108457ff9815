"""HTTP and WebSocket: turns the tables of `Endpoint`s into routes.

Every request goes the same way: log-in, CSRF token, role, body and query against their types, the
handler, the answer. An error becomes `{"code", "text", "data"}` with the status of its class; what
we did not expect is logged and answered as 500 `internal` without details. While the database is
away everything is answered as 503 `database_away`: the same request may succeed later.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from omni.app.auth import Accounts, Session
from omni.app.database import AWAY
from omni.core.endpoint import (
    Actor,
    Call,
    Download,
    Endpoint,
    Socket,
    SocketClosed,
    SocketEndpoint,
    Upload,
)
from omni.core.errors import (
    Fault,
    Forbidden,
    Invalid,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from omni.core.ids import UserId

log = logging.getLogger(__name__)

COOKIE = "omni_session"
SAFE_METHODS = {"GET", "HEAD"}
BODY_MAX_BYTES = 1_000_000  # JSON bodies; uploads are streamed and limited by their receiver
NOBODY = Actor(UserId(""), "", frozenset())


def routes(
    endpoints: Iterable[Endpoint], sockets: Iterable[SocketEndpoint], accounts: Accounts
) -> list[Route | WebSocketRoute]:
    """Return Starlette routes for the tables, literal and longer paths first."""
    ordered = sorted(endpoints, key=lambda row: ("{" in row.path, -len(row.path)))
    http = [
        Route(row.path, _http(row, accounts), methods=[row.method], name=row.summary)
        for row in ordered
    ]
    return [*http, *(WebSocketRoute(row.path, _socket(row, accounts)) for row in sockets)]


def error_response(fault: Fault) -> JSONResponse:
    """Return the answer for an expected error."""
    body = {"code": fault.code, "text": str(fault), "data": fault.data}
    headers = {}
    if "retry_after_s" in fault.data:
        headers["Retry-After"] = str(fault.data["retry_after_s"])
    return JSONResponse(body, status_code=fault.status, headers=headers)


def _http(row: Endpoint, accounts: Accounts) -> Callable[[Request], Awaitable[Response]]:
    body_type = None if row.body in (None, Upload) else TypeAdapter(row.body)
    result_type = None if row.result in (None, Download) else TypeAdapter(row.result)

    async def handle(request: Request) -> Response:
        try:
            actor = await _actor(row, request, accounts)
            call = Call(
                actor=actor,
                path=request.path_params,
                query=_query(row.query, request.query_params.multi_items()),
                body=await _body(row, body_type, request),
            )
            result = await row.handler(call)
        except Fault as fault:
            return error_response(fault)
        except ClientDisconnect:
            return Response(status_code=499)
        except AWAY as fault:
            log.warning("the database is away", extra={"fault": type(fault).__name__})
            return error_response(Unavailable("database_away", "try again in a moment"))
        except Exception:
            log.exception("request failed", extra={"route": row.path})
            return JSONResponse({"code": "internal", "text": "", "data": {}}, status_code=500)
        if isinstance(result, Response):
            return result
        if isinstance(result, Download):
            return _download(result)
        if result_type is None:
            return Response(status_code=204)
        return Response(result_type.dump_json(result), media_type="application/json")

    return handle


async def _actor(row: Endpoint, request: Request, accounts: Accounts) -> Actor:
    if row.public:
        return NOBODY
    session = await accounts.session(request.cookies.get(COOKIE))
    if session is None:
        raise Unauthenticated("session.none", "log in first")
    if row.method not in SAFE_METHODS:
        sent = request.headers.get("x-csrf-token", "")
        if sent != session.csrf_token:
            raise Forbidden("session.csrf", "the X-CSRF-Token header is missing or wrong")
    _check_role(row, session)
    return session.actor


def _check_role(row: Endpoint | SocketEndpoint, session: Session) -> None:
    if row.roles and not row.roles & session.actor.roles:
        raise Forbidden("role.missing", "this needs another role", needs=", ".join(row.roles))


def _query(kind: type[BaseModel] | None, items: list[tuple[str, str]]) -> BaseModel | None:
    if kind is None:
        return None
    values: dict[str, Any] = {}
    for name, value in items:
        if name in values:
            earlier = values[name]
            values[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            values[name] = value
    validated: BaseModel = _validated(lambda: kind.model_validate(values))
    return validated


async def _body(row: Endpoint, kind: TypeAdapter[Any] | None, request: Request) -> Any:
    if row.body is Upload:
        name = request.headers.get("x-file-name", "upload")
        media_type = request.headers.get("content-type", "application/octet-stream")
        return Upload(name, media_type, request.stream())
    if kind is None:
        return None
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > BODY_MAX_BYTES:
            raise TooLarge("body.too_large", "the body is too large", max_bytes=BODY_MAX_BYTES)
    return _validated(lambda: kind.validate_json(bytes(raw)))


def _validated(check: Callable[[], Any]) -> Any:
    try:
        return check()
    except ValidationError as error:
        raise _refusal(error.errors(include_url=False)[0]) from None


_LIMITS = ("max_length", "min_length", "le", "ge", "lt", "gt")


def _refusal(first: ErrorDetails) -> Invalid:
    """Say what is wrong with the first field, so that a page can say it in any language.

    A number is named as it was given; a text never is, it may be personal.
    """
    where = ".".join(str(part) for part in first["loc"])
    limits = (first.get("ctx", {}).get(name) for name in _LIMITS)
    limit = next((value for value in limits if isinstance(value, int | float)), None)
    given = first["input"]
    number = given if isinstance(given, int | float) else None
    reason = first["type"]
    return Invalid("invalid", first["msg"], field=where, reason=reason, limit=limit, given=number)


def _download(result: Download) -> StreamingResponse:
    kind = "inline" if result.inline else "attachment"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(result.file_name, safe='')}",
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(result.chunks, media_type=result.media_type, headers=headers)


class _StarletteSocket:
    """A Starlette WebSocket in the shape of our port."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket

    @property
    def query(self) -> Mapping[str, str]:
        return self._socket.query_params

    @property
    def headers(self) -> Mapping[str, str]:
        return self._socket.headers

    async def receive(self) -> str | bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise SocketClosed
        frame: str | bytes = message["bytes"] if message.get("text") is None else message["text"]
        return frame

    async def send(self, frame: str | bytes) -> None:
        try:
            if isinstance(frame, str):
                await self._socket.send_text(frame)
            else:
                await self._socket.send_bytes(frame)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise SocketClosed from None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        try:
            await self._socket.close(code, reason)
        except (WebSocketDisconnect, RuntimeError, OSError):
            raise SocketClosed from None


def _socket(row: SocketEndpoint, accounts: Accounts) -> Callable[[WebSocket], Awaitable[None]]:
    async def handle(websocket: WebSocket) -> None:
        actor = NOBODY
        if not row.public:
            session = await accounts.session(websocket.cookies.get(COOKIE))
            if session is None or not _same_origin(websocket):
                await websocket.close(4401, "session.none")
                return
            if row.roles and not row.roles & session.actor.roles:
                await websocket.close(4403, "role.missing")
                return
            actor = session.actor
        offered = websocket.scope.get("subprotocols", [])
        chosen = next((name for name in row.protocols if name in offered), None)
        await websocket.accept(chosen)
        socket: Socket = _StarletteSocket(websocket)
        try:
            await row.handler(actor, socket)
        except SocketClosed:
            return
        except Exception:
            log.exception("socket failed", extra={"route": row.path})
            await _close_quietly(socket, 1011)
        else:
            await _close_quietly(socket, 1000)

    return handle


def _same_origin(websocket: WebSocket) -> bool:
    """Tell whether a page of ours opened the socket: cookies alone would let any site do it.

    Programs send no Origin and have no cookies that somebody else could use.
    """
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


async def _close_quietly(socket: Socket, code: int) -> None:
    try:
        await socket.close(code)
    except SocketClosed:
        return
