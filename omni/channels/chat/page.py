"""One connected page of a visitor, as the gateway holds it."""

import asyncio
from dataclasses import dataclass, field

from omni.channels.chat.engine.allowance import Allowance
from omni.channels.chat.engine.protocol import Failure, Ping, ServerFrame
from omni.channels.chat.ports import Greeting
from omni.core.ids import InteractionId, VisitorId


@dataclass(eq=False, slots=True)
class Page:
    """The conversation it shows, the last line it was sent, and what is on its way to it."""

    greeting: Greeting
    allowance: Allowance
    frames: asyncio.Queue[ServerFrame]
    conversation: InteractionId | None = None
    sent: int = 0
    bad_frames: int = 0
    cut_off: bool = False
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def visitor_id(self) -> VisitorId:
        return self.greeting.visitor.visitor_id

    def put(self, frame: ServerFrame) -> None:
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut_off = True

    def cut(self) -> None:
        """Close the connection as soon as its sender looks."""
        self.cut_off = True
        self.put(Ping())  # wakes the sender


class Over(Exception):
    """The connection is to be closed with this failure's code."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure
