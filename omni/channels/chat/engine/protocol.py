"""The language between the widget and us: JSON frames with an `op`, and what happens to bad ones.

Rules:
1. The first frame is `hello`; it names the visitor by a secret token, or gets a new one.
2. `post` carries the page's own reference; it is answered by `posted` with the line's number, also
   when it comes again. Until then the page keeps it and sends it again after a reconnect.
3. Lines of a conversation reach each page in order without holes; a page that comes back says which
   it has (`conversation`, `after`) and gets the rest.
4. A bad frame is answered by `error` with a code of `FAILURES`, which also says whether the
   connection ends. What is the page's own business (an unknown field) is refused, not guessed.

Source: F1, F2; the numbering is that of the journal's live tables, one conversation for a topic.
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from omni.channels.chat.engine.conversation import REF_MAX
from omni.channels.chat.model import Author, ChatState

FRAME_MAX_BYTES = 32_768  # 4,000 signs of text at 4 bytes, escaped, with room for the rest
BAD_FRAMES_MAX = 20  # a page of ours makes none; a person trying things out makes few
TOKEN_MAX = 200
URL_MAX = 2_000
NUMBER_MAX = 2**31 - 1


class Frame(BaseModel):
    """Base of all frames: an undeclared field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(Frame):
    """A page presents itself. `site`: key of the chat entry point ("": the only one)."""

    op: Literal["hello"]
    token: str = Field(default="", max_length=TOKEN_MAX)
    site: str = Field(default="", max_length=200)
    language: str = Field(default="en", max_length=35)
    page: str = Field(default="", max_length=URL_MAX)
    conversation: str = Field(default="", max_length=26)
    after: int = Field(default=0, ge=0, le=NUMBER_MAX)


class Post(Frame):
    """A line. `conversation` "": the open one, or a new one when there is none.

    `topic`: of a new one; one that the site does not offer (any more) is none.
    """

    op: Literal["post"]
    client_ref: str = Field(min_length=1, max_length=REF_MAX)
    text: str
    conversation: str = Field(default="", max_length=26)
    topic: str = Field(default="", max_length=40)


class Ack(Frame):
    """The page has all lines up to this number; with `read` the visitor has seen them."""

    op: Literal["ack"]
    conversation: str = Field(max_length=26)
    number: int = Field(ge=0, le=NUMBER_MAX)
    read: bool = False


class Typing(Frame):
    """The visitor is writing."""

    op: Literal["typing"]


class Profile(Frame):
    """The visitor says who they are."""

    op: Literal["profile"]
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=320)


class End(Frame):
    """The visitor ends the conversation."""

    op: Literal["end"]
    conversation: str = Field(max_length=26)


class Pong(Frame):
    """Answer to `ping`."""

    op: Literal["pong"]


ClientFrame = Annotated[
    Hello | Post | Ack | Typing | Profile | End | Pong, Field(discriminator="op")
]
_CLIENT: TypeAdapter[Hello | Post | Ack | Typing | Profile | End | Pong] = TypeAdapter(ClientFrame)


class ConversationState(Frame):
    """A conversation as a page needs to show it. `agent`: the agent's name, "" while nobody."""

    conversation: str
    state: ChatState
    agent: str
    last_number: int
    visitor_read: int
    agent_read: int
    end_reason: str


class TopicChoice(Frame):
    """What a new conversation may be about, in the page's language."""

    key: str
    label: str


class Welcome(Frame):
    """Answer to `hello`; the lines follow as `message`s. `token` only when it is a new one.

    `open`: conversations are taken in now.
    """

    op: Literal["welcome"] = "welcome"
    token: str | None
    open: bool
    conversation: ConversationState | None
    topics: tuple[TopicChoice, ...] = ()


class Message(Frame):
    """A line. `name`: of the agent who wrote it."""

    op: Literal["message"] = "message"
    conversation: str
    number: int
    author: Author
    name: str
    text: str
    at: datetime
    client_ref: str


class Posted(Frame):
    """A line of this page has been taken."""

    op: Literal["posted"] = "posted"
    conversation: str
    number: int
    client_ref: str


class Waiting(Frame):
    """Place in the waiting room, from 1."""

    op: Literal["waiting"] = "waiting"
    conversation: str
    position: int


class Joined(Frame):
    """An agent has the conversation now."""

    op: Literal["joined"] = "joined"
    conversation: str
    agent: str


class Ended(Frame):
    """The conversation is over. `reason`: visitor | offline | agent | refused."""

    op: Literal["ended"] = "ended"
    conversation: str
    reason: str


class AgentTyping(Frame):
    """The agent is writing."""

    op: Literal["typing"] = "typing"
    conversation: str


class AgentRead(Frame):
    """The agent has seen all lines up to this one."""

    op: Literal["read"] = "read"
    conversation: str
    number: int


class Ping(Frame):
    """Are you there?"""

    op: Literal["ping"] = "ping"


class Error(Frame):
    """A frame was refused. `client_ref`: of the post it was, else ""."""

    op: Literal["error"] = "error"
    code: str
    client_ref: str = ""
    retry_after_s: float | None = None


ServerFrame = (
    Welcome | Message | Posted | Waiting | Joined | Ended | AgentTyping | AgentRead | Ping | Error
)


class Failure(StrEnum):
    """What can be wrong with a frame or a connection. Codes of the service stand beside these."""

    NOT_TEXT = "frame.not_text"
    TOO_LARGE = "frame.too_large"
    NOT_JSON = "frame.not_json"
    INVALID = "frame.invalid"
    HELLO_EXPECTED = "frame.hello_expected"
    HELLO_REPEATED = "frame.hello_repeated"
    TOO_FAST = "frame.too_fast"
    TOO_MANY_BAD = "frame.too_many_bad"
    FULL = "server.full"
    TOO_SLOW = "server.too_slow"
    UNAVAILABLE = "server.unavailable"


# Failure → code with which the connection is closed (RFC 6455 §7.4.1); None: it goes on.
FAILURES: dict[Failure, int | None] = {
    Failure.NOT_TEXT: 1003,
    Failure.TOO_LARGE: 1009,
    Failure.NOT_JSON: None,
    Failure.INVALID: None,
    Failure.HELLO_EXPECTED: 1008,
    Failure.HELLO_REPEATED: None,
    Failure.TOO_FAST: None,
    Failure.TOO_MANY_BAD: 1008,
    Failure.FULL: 1013,
    Failure.TOO_SLOW: 1013,
    Failure.UNAVAILABLE: None,
}


class Refused(Exception):
    """A frame cannot be taken; `client_ref` when it was a post whose reference could be read."""

    def __init__(self, failure: Failure, client_ref: str = "") -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.client_ref = client_ref


def parse(raw: str | bytes) -> Hello | Post | Ack | Typing | Profile | End | Pong:
    """Return the frame that a page sent.

    Raises:
        Refused: NOT_TEXT, TOO_LARGE, NOT_JSON or INVALID.
    """
    if isinstance(raw, bytes):
        raise Refused(Failure.NOT_TEXT)
    # Counting signs first spares encoding a frame that is too large in any case.
    if len(raw) > FRAME_MAX_BYTES or len(raw.encode(errors="replace")) > FRAME_MAX_BYTES:
        raise Refused(Failure.TOO_LARGE)
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(Failure.NOT_JSON) from None
    try:
        return _CLIENT.validate_python(value)
    except ValidationError:
        raise Refused(Failure.INVALID, _reference(value)) from None


def _reference(value: object) -> str:
    found = value.get("client_ref") if isinstance(value, dict) else None
    return found[:REF_MAX] if isinstance(found, str) else ""
