"""What the chat's service and gateway need from outside, and from each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from omni.acd.model import Arrival, ArrivalResult
from omni.channels.chat.engine.protocol import Hello, Posted, Profile, Welcome
from omni.channels.chat.model import Author, Conversation, Line, Site, Visitor
from omni.core.ids import AgentId, InteractionId, VisitorId


class ChatStore(Protocol):
    """Visitors, conversations and lines. Calls take part in the transaction they are made in."""

    async def add_visitor(self, visitor: Visitor, token_hash: str, at: datetime) -> None: ...
    async def visitor_by_token(self, token_hash: str) -> Visitor | None: ...
    async def visitor(self, visitor_id: VisitorId) -> Visitor | None: ...
    async def save_visitor(self, visitor: Visitor) -> None: ...

    async def open(self, conversation: Conversation) -> Conversation:
        """Store a new conversation, or return the one the visitor has open already.

        Two pages of one visitor at once get the same conversation.
        """
        ...

    async def conversation(
        self, interaction_id: InteractionId, *, lock: bool = False
    ) -> Conversation | None: ...
    async def latest(self, visitor_id: VisitorId) -> Conversation | None:
        """Return the visitor's open conversation, else the one opened last."""
        ...

    async def all_open(self) -> Sequence[Conversation]:
        """Return every conversation that has not ended, opened first first."""
        ...

    async def save(self, conversation: Conversation) -> None: ...

    async def add_line(self, line: Line) -> None: ...
    async def line_by_ref(
        self, interaction_id: InteractionId, author: Author, client_ref: str
    ) -> Line | None: ...
    async def lines(
        self, interaction_id: InteractionId, after: int, limit: int
    ) -> Sequence[Line]: ...

    async def save_site(self, site: Site) -> None: ...
    async def site(self, address: str) -> Site | None:
        """Return the site of this key; with "" the one saved first."""
        ...

    async def save_agent_name(self, agent_id: AgentId, name: str) -> None: ...
    async def agent_name(self, agent_id: AgentId) -> str: ...


class Routing(Protocol):
    """The part of the ACD that the chat uses."""

    async def arrive(self, arrival: Arrival) -> ArrivalResult: ...
    async def customer_left(self, interaction_id: InteractionId) -> None: ...


class Tokens(Protocol):
    """Makes the secrets by which visitors are known."""

    def new(self) -> str:
        """Return a secret of at least 128 random bits, fit for a URL."""
        ...


class Visitors(Protocol):
    """The visitors' open pages, for what is not worth a place in the journal."""

    async def agent_typing(self, interaction_id: InteractionId) -> None: ...
    async def agent_read(self, interaction_id: InteractionId, number: int) -> None: ...


class Desks(Protocol):
    """The agents' open pages, for the same."""

    def visitor_typing(self, agent_id: AgentId, interaction_id: InteractionId) -> None: ...


@dataclass(frozen=True, slots=True)
class Greeting:
    """A page's visitor and what it is to be shown first; lines follow from `after` on."""

    visitor: Visitor
    site: Site
    page: str
    welcome: Welcome
    conversation: Conversation | None
    after: int


class ChatService(Protocol):
    """What the gateway asks of the service. All raise `Fault`s for what does not fit."""

    async def greet(self, hello: Hello) -> Greeting: ...
    async def post(
        self, visitor: Visitor, site: Site, page: str, post: "VisitorPost"
    ) -> Posted: ...
    async def acknowledge(
        self, visitor_id: VisitorId, interaction_id: InteractionId, number: int, read: bool
    ) -> None: ...
    async def introduce(self, visitor: Visitor, profile: Profile) -> Visitor: ...
    async def leave(
        self, visitor_id: VisitorId, interaction_id: InteractionId, reason: str
    ) -> None: ...
    async def typing(self, visitor_id: VisitorId) -> None: ...
    async def seen(self, interaction_id: InteractionId, online: bool) -> None: ...
    async def lines(self, interaction_id: InteractionId, after: int) -> Sequence[Line]: ...
    async def conversation(self, interaction_id: InteractionId) -> Conversation | None: ...
    async def end_reason(self, interaction_id: InteractionId) -> str: ...
    async def all_open(self) -> Sequence[Conversation]: ...
    async def agent_name(self, agent_id: AgentId | None) -> str: ...


@dataclass(frozen=True, slots=True)
class VisitorPost:
    """A line that a visitor posts. `interaction_id` None: into the open conversation, or a new."""

    text: str
    client_ref: str
    interaction_id: InteractionId | None
    topic: str = ""
