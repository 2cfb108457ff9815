"""How a package declares its part of the HTTP API, without knowing the web framework.

An `api.py` returns a list of `Endpoint`s: method, path, who may call it, the pydantic types of
body, query and result, and an async handler. `omni.app.web` turns the table into routes, checks
log-in, role, CSRF token and types, maps errors to statuses, and writes the OpenAPI document from
the same table. Nothing is said twice.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from omni.core.ids import AgentId, UserId
from omni.core.terms import Role


class Wire(BaseModel):
    """Base of bodies, queries and results: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `agent_id` equals the user's id when the user has the agent role."""

    user_id: UserId
    name: str
    roles: frozenset[Role]

    @property
    def agent_id(self) -> AgentId:
        return AgentId(self.user_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent as the request's body, read as it comes; header `X-File-Name` names it."""

    file_name: str
    media_type: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Download:
    """A file as the answer, sent as it is made. `inline`: may be shown instead of saved."""

    file_name: str
    media_type: str
    chunks: AsyncIterator[bytes]
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One request, already authenticated, authorised and validated."""

    actor: Actor
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the API.

    Attributes:
        method: GET, POST, PUT, PATCH or DELETE.
        path: with `{name}` for parameters, e.g. `/api/tickets/{ticket_id}`.
        summary: one English sentence; also the operation's title in OpenAPI.
        roles: who may call it; a user needs one of them. Empty: anybody logged in.
        handler: `async def handler(call: Call) -> result`; raises `Fault`s.
        body, query, result: pydantic types; `body=Upload`, `result=Download` for files;
            `result=None` answers 204. A list result is written `list[Row]`.
        public: needs no log-in (`call.actor` is then an anonymous actor).
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Call], Awaitable[Any]]
    roles: frozenset[Role] = frozenset()
    body: Any = None
    query: type[BaseModel] | None = None
    result: Any = None
    public: bool = False


class Socket(Protocol):
    """A WebSocket as packages see it."""

    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    async def receive(self) -> str | bytes:
        """Return the next frame. Raises `SocketClosed` when the other side has gone."""
        ...

    async def send(self, frame: str | bytes) -> None: ...
    async def close(self, code: int = 1000, reason: str = "") -> None: ...


class SocketClosed(Exception):  # an expected end, not an error
    """The other side has gone."""


@dataclass(frozen=True, slots=True)
class SocketEndpoint:
    """One WebSocket route. `public`: visitors without log-in (the handler authenticates).

    `protocols`: subprotocols we speak (`sip`); the first that the client offers is chosen.
    """

    path: str
    handler: Callable[[Actor, Socket], Awaitable[None]]
    roles: frozenset[Role] = frozenset()
    public: bool = False
    protocols: tuple[str, ...] = ()
