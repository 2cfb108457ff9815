"""What the chat knows: visitors of a website, their conversations, the numbered lines of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omni.core.events.routing import TopicOffered
from omni.core.ids import AgentId, EntryPointId, InteractionId, QueueId, VisitorId


class ChatState(StrEnum):
    """The life of a conversation, in this order."""

    OPENING = "opening"  # the first line is there, the ACD has not answered yet
    WAITING = "waiting"
    ACTIVE = "active"  # an agent has it
    ENDED = "ended"


class Author(StrEnum):
    """Who wrote a line."""

    VISITOR = "visitor"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that has spoken to us, known by its secret token."""

    visitor_id: VisitorId
    name: str = ""
    email: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation of one visitor.

    Attributes:
        last_number: of the newest line; lines are numbered 1, 2, 3 … without holes.
        visitor_acked: the visitor's page has all lines up to this one.
        visitor_read, agent_read: that person has seen all lines up to this one.
        page: address of the page on which it began.
        topic: what the visitor chose of the site's topics, "" nothing.
        end_reason: refused | visitor | offline | agent; "" while it goes on.
    """

    interaction_id: InteractionId
    visitor_id: VisitorId
    entry_point_id: EntryPointId | None
    opened_at: datetime
    page: str = ""
    topic: str = ""
    state: ChatState = ChatState.OPENING
    queue_id: QueueId | None = None
    agent_id: AgentId | None = None
    last_number: int = 0
    visitor_acked: int = 0
    visitor_read: int = 0
    agent_read: int = 0
    ended_at: datetime | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line before it has a number. `client_ref`: the writer's own name for it, unique to them."""

    author: Author
    text: str
    client_ref: str
    agent_id: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation."""

    interaction_id: InteractionId
    number: int
    author: Author
    agent_id: AgentId | None
    text: str
    at: datetime
    client_ref: str


@dataclass(frozen=True, slots=True)
class Site:
    """A chat entry point: where a widget's conversations enter. `address` is the site's key.

    `topics`: what a visitor may say that it is about before the first line.
    """

    entry_point_id: EntryPointId
    address: str
    name: str
    open: bool
    topics: tuple[TopicOffered, ...] = ()
