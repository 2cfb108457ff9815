"""The visitors' pages: one WebSocket each, fed from the journal.

Rules:
1. What a page is sent of a conversation is decided by the last number it was sent: an event only
   says how far it should be by now, and what is missing between is read from the store. A repeated
   or a lost event therefore changes nothing.
2. A page that does not keep up, or that we cannot bring up to date, is cut off (1013); it comes
   back and says what it has.
3. A bad frame is that page's own affair (`engine.protocol.FAILURES`).
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from dataclasses import dataclass, replace

from omni.channels.chat.engine.absence import Absences, Overdue, Unseen
from omni.channels.chat.engine.allowance import Allowance
from omni.channels.chat.engine.conversation import end_reason
from omni.channels.chat.engine.protocol import (
    BAD_FRAMES_MAX,
    FAILURES,
    Ack,
    AgentRead,
    AgentTyping,
    End,
    Ended,
    Error,
    Failure,
    Hello,
    Joined,
    Message,
    Ping,
    Pong,
    Post,
    Profile,
    Refused,
    Typing,
    Waiting,
    parse,
)
from omni.channels.chat.engine.waiting import WaitingRoom
from omni.channels.chat.model import Author, ChatState, Conversation, Line
from omni.channels.chat.page import Over, Page
from omni.channels.chat.ports import ChatService, VisitorPost
from omni.core.clock import Clock
from omni.core.endpoint import Actor, Socket, SocketClosed, SocketEndpoint
from omni.core.errors import Fault
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import ChatMessagePosted
from omni.core.events.routing import (
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
)
from omni.core.ids import InteractionId, VisitorId
from omni.core.terms import Medium

log = logging.getLogger(__name__)

EVENTS: tuple[type[Event], ...] = (
    ChatMessagePosted,
    InteractionArrived,
    InteractionAccepted,
    InteractionEnded,
)


@dataclass(frozen=True, slots=True)
class WidgetLimits:
    """What one process and one page may use.

    A person types a few frames a second at most; typing notes and acknowledgements add some.
    """

    pages: int = 20_000
    hello_s: float = 10.0
    ping_s: float = 20.0
    silence_s: float = 65.0  # three pings unanswered
    frames_per_s: float = 8.0
    frames_burst: float = 30.0
    backlog_frames: int = 2_000
    grace_s: float = 5.0
    offline_end_s: float = 300.0
    sweep_s: float = 1.0


class RandomTokens:
    """`ports.Tokens` from the system's randomness."""

    def new(self) -> str:
        return secrets.token_urlsafe(32)


class WidgetGateway:
    """All pages of this process."""

    def __init__(
        self, chats: ChatService, clock: Clock, limits: WidgetLimits | None = None
    ) -> None:
        self._chats = chats
        self._clock = clock
        self._limits = limits or WidgetLimits()
        self._pages: dict[VisitorId, set[Page]] = defaultdict(set)
        self._visitor_of: dict[InteractionId, VisitorId] = {}  # of the pages connected here
        self._count = 0
        self._absences = Absences(self._limits.grace_s, self._limits.offline_end_s)
        self._room = WaitingRoom()

    @property
    def pages(self) -> int:
        """Return how many pages are connected."""
        return self._count

    def sockets(self) -> list[SocketEndpoint]:
        """Return the rows of the WebSocket table that this package serves."""
        return [SocketEndpoint("/widget/ws", self.serve, public=True)]

    # --- one connection

    async def serve(self, _: Actor, socket: Socket) -> None:
        """Serve one page until it goes."""
        try:
            if self._count >= self._limits.pages:
                raise Over(Failure.FULL)
            self._count += 1
            try:
                await self._serve(socket)
            finally:
                self._count -= 1
        except Over as over:
            await socket.send(Error(code=over.failure.value).model_dump_json())
            await socket.close(FAILURES[over.failure] or 1000, over.failure.value)

    async def _serve(self, socket: Socket) -> None:
        page = await self._greeted(socket)
        await self._enter(page)
        over: Over | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send(page, socket))
                try:
                    await self._receive(page, socket)
                finally:
                    sending.cancel()
        except* Over as group:
            over = next(e for e in group.exceptions if isinstance(e, Over))
        except* SocketClosed:
            pass
        finally:
            await self._leave(page)
        if over is not None:
            raise over

    async def _greeted(self, socket: Socket) -> Page:
        try:
            async with asyncio.timeout(self._limits.hello_s):
                hello = parse(await socket.receive())
        except TimeoutError:
            raise Over(Failure.HELLO_EXPECTED) from None
        except Refused as refused:
            fatal = FAILURES[refused.failure] is not None
            raise Over(refused.failure if fatal else Failure.HELLO_EXPECTED) from None
        if not isinstance(hello, Hello):
            raise Over(Failure.HELLO_EXPECTED)
        try:
            greeting = await self._chats.greet(hello)
        except Fault as fault:
            await socket.send(Error(code=fault.code).model_dump_json())
            await socket.close(1008, fault.code)
            raise SocketClosed from None
        return Page(
            greeting,
            Allowance(
                self._limits.frames_per_s, self._limits.frames_burst, self._clock.monotonic_s()
            ),
            asyncio.Queue(self._limits.backlog_frames),
        )

    async def _enter(self, page: Page) -> None:
        greeting = page.greeting
        page.put(greeting.welcome)
        self._pages[page.visitor_id].add(page)
        told = self._absences.back(page.visitor_id)
        conversation = greeting.conversation
        if conversation is None:
            return
        page.conversation, page.sent = conversation.interaction_id, greeting.after
        self._visitor_of[conversation.interaction_id] = page.visitor_id
        await self._catch_up(page, conversation.interaction_id, conversation.last_number)
        self._show_place(page, conversation.interaction_id)
        if told:
            await self._quietly_seen(conversation.interaction_id, online=True)

    async def _leave(self, page: Page) -> None:
        visitor_id = page.visitor_id
        self._pages[visitor_id].discard(page)
        if self._pages[visitor_id]:
            return
        del self._pages[visitor_id]
        if page.conversation is not None:
            self._visitor_of.pop(page.conversation, None)
            # Whether it has ended is looked at when the absence has consequences.
            self._absences.left(visitor_id, page.conversation, self._clock.monotonic_s())

    async def _send(self, page: Page, socket: Socket) -> None:
        clock = asyncio.get_running_loop()
        ping_at_s = clock.time() + self._limits.ping_s
        while True:
            try:
                async with asyncio.timeout_at(ping_at_s):
                    frame = await page.frames.get()
            except TimeoutError:  # also on a page that always has news: it has nothing to say else
                frame = Ping()
                ping_at_s = clock.time() + self._limits.ping_s
            if page.cut_off:
                raise Over(Failure.TOO_SLOW)
            await socket.send(frame.model_dump_json())

    async def _receive(self, page: Page, socket: Socket) -> None:
        while True:
            try:
                async with asyncio.timeout(self._limits.silence_s):
                    raw = await socket.receive()
            except TimeoutError:
                raise SocketClosed from None
            await self._frame(page, raw)

    async def _frame(self, page: Page, raw: str | bytes) -> None:
        """Act on one frame; what is wrong with it is answered, and counted."""
        try:
            wait_s = page.allowance.take(self._clock.monotonic_s())
            frame = parse(raw)
            reference = frame.client_ref if isinstance(frame, Post) else ""
            if wait_s:
                self._bad(page)
                code = Failure.TOO_FAST.value
                page.put(Error(code=code, client_ref=reference, retry_after_s=round(wait_s, 3)))
                return
        except Refused as refused:
            if FAILURES[refused.failure] is not None:
                raise Over(refused.failure) from None
            self._bad(page)
            page.put(Error(code=refused.failure.value, client_ref=refused.client_ref))
            return
        try:
            await self._act(page, frame)
        except Fault as fault:
            page.put(Error(code=fault.code, client_ref=reference))
        except (SocketClosed, Over):
            raise
        except Exception:
            log.exception("a visitor's frame failed", extra={"op": frame.op})
            page.put(Error(code=Failure.UNAVAILABLE.value, client_ref=reference, retry_after_s=2.0))

    def _bad(self, page: Page) -> None:
        page.bad_frames += 1
        if page.bad_frames > BAD_FRAMES_MAX:
            raise Over(Failure.TOO_MANY_BAD)

    async def _act(
        self, page: Page, frame: Hello | Post | Ack | Typing | Profile | End | Pong
    ) -> None:
        match frame:
            case Post():
                await self._post(page, frame)
            case Ack():
                await self._chats.acknowledge(
                    page.visitor_id, InteractionId(frame.conversation), frame.number, frame.read
                )
            case Typing():
                await self._chats.typing(page.visitor_id)
            case Profile():
                visitor = await self._chats.introduce(page.greeting.visitor, frame)
                for other in self._pages[page.visitor_id]:
                    other.greeting = replace(other.greeting, visitor=visitor)
            case End():
                interaction_id = InteractionId(frame.conversation)
                await self._chats.leave(page.visitor_id, interaction_id, "visitor")
            case Hello():
                self._bad(page)
                page.put(Error(code=Failure.HELLO_REPEATED.value))
            case Pong():
                pass

    async def _post(self, page: Page, frame: Post) -> None:
        named = InteractionId(frame.conversation) if frame.conversation else None
        greeting = page.greeting
        posted = await self._chats.post(
            greeting.visitor,
            greeting.site,
            greeting.page,
            VisitorPost(frame.text, frame.client_ref, named, frame.topic),
        )
        page.put(posted)
        interaction_id = InteractionId(posted.conversation)
        self._visitor_of[interaction_id] = page.visitor_id
        if posted.number > 1:
            return
        try:  # the line is taken: what fails from here on is not the post
            if await self._chats.end_reason(interaction_id) == "refused":
                await self._tell_end(interaction_id, "refused")
        except Exception:
            log.exception("whether a conversation was refused could not be told")
            page.cut()

    async def _catch_up(self, page: Page, interaction_id: InteractionId, number: int) -> None:
        """Send a page what it lacks of a conversation up to line `number`."""
        async with page.catching_up:
            if page.conversation is not None and interaction_id < page.conversation:
                return  # an earlier conversation: ids sort by time of making
            if page.conversation != interaction_id:
                page.conversation, page.sent = interaction_id, 0
                self._show_place(page, interaction_id)
            while page.sent < number:
                lines = await self._chats.lines(interaction_id, page.sent)
                if not lines:
                    return
                for line in lines:
                    page.put(await self._message(line))
                    page.sent = line.number

    def _show_place(self, page: Page, interaction_id: InteractionId) -> None:
        """Tell a page that has just come to a conversation its place; later ones are swept."""
        position = self._room.place(interaction_id)
        if position:
            page.put(Waiting(conversation=interaction_id, position=position))

    async def _message(self, line: Line) -> Message:
        return Message(
            conversation=line.interaction_id,
            number=line.number,
            author=line.author,
            name=await self._chats.agent_name(line.agent_id),
            text=line.text,
            at=line.at,
            client_ref=line.client_ref if line.author is Author.VISITOR else "",
        )

    # --- what happens elsewhere

    async def on_event(self, recorded: Recorded[Event]) -> None:
        """Push one event to the pages it concerns. For `bus.subscribe(…, EVENTS, …)`.

        If that fails, the pages are cut off: what they are shown when they come back is whole.
        """
        try:
            await self._push(recorded)
        except Exception:
            log.exception("an event did not reach its pages")
            visitor_id = self._visitor_of.get(InteractionId(recorded.event.key))
            for page in self._pages.get(visitor_id, ()) if visitor_id else ():
                page.cut()

    async def _push(self, recorded: Recorded[Event]) -> None:
        event = recorded.event
        match event:
            case ChatMessagePosted():
                for page in await self._pages_of(event.interaction_id):
                    await self._news(page, event, recorded)
            case InteractionArrived(medium=Medium.CHAT):
                self._room.enter(event.interaction_id, event.queue_id)
            case InteractionAccepted(medium=Medium.CHAT):
                self._room.leave(event.interaction_id)
                agent = await self._chats.agent_name(event.agent_id)
                for page in await self._pages_of(event.interaction_id):
                    page.put(Joined(conversation=event.interaction_id, agent=agent))
            case InteractionEnded(medium=Medium.CHAT):
                self._room.leave(event.interaction_id)
                reason = end_reason(event.outcome)
                if reason != "refused":
                    reason = await self._chats.end_reason(event.interaction_id)
                await self._tell_end(event.interaction_id, reason)
            case _:
                pass

    async def _news(self, page: Page, event: ChatMessagePosted, recorded: Recorded[Event]) -> None:
        """Send a page one line: directly when it is the next, else with what lies between."""
        async with page.catching_up:
            if page.conversation == event.interaction_id and page.sent == event.number - 1:
                line = Line(
                    event.interaction_id,
                    event.number,
                    Author(event.author),
                    event.agent_id,
                    event.text,
                    recorded.at,
                    event.client_ref,
                )
                page.put(await self._message(line))
                page.sent = event.number
                return
        await self._catch_up(page, event.interaction_id, event.number)

    async def _pages_of(self, interaction_id: InteractionId) -> list[Page]:
        if not self._pages:
            return []
        visitor_id = self._visitor_of.get(interaction_id)
        if visitor_id is None:
            conversation = await self._chats.conversation(interaction_id)
            if conversation is None or conversation.visitor_id not in self._pages:
                return []
            visitor_id = self._visitor_of[interaction_id] = conversation.visitor_id
        return list(self._pages.get(visitor_id, ()))

    async def _tell_end(self, interaction_id: InteractionId, reason: str) -> None:
        for page in await self._pages_of(interaction_id):
            page.put(Ended(conversation=interaction_id, reason=reason))

    async def agent_typing(self, interaction_id: InteractionId) -> None:
        """Show the visitor that the agent is writing."""
        for page in await self._pages_of(interaction_id):
            page.put(AgentTyping(conversation=interaction_id))

    async def agent_read(self, interaction_id: InteractionId, number: int) -> None:
        """Show the visitor how far the agent has read."""
        for page in await self._pages_of(interaction_id):
            page.put(AgentRead(conversation=interaction_id, number=number))

    # --- time

    async def run(self) -> None:
        """Look after absences and the waiting room until cancelled."""
        for conversation in await self._chats.all_open():
            self._resume(conversation)
        while True:
            await self._clock.sleep(self._limits.sweep_s)
            try:
                await self.sweep()
            except Exception:
                log.exception("the sweep of the chats failed; the next one goes on")

    def _resume(self, conversation: Conversation) -> None:
        """Take up a conversation that was open before we started."""
        if conversation.state is ChatState.WAITING and conversation.queue_id is not None:
            self._room.enter(conversation.interaction_id, conversation.queue_id)
        if conversation.visitor_id not in self._pages:
            at_s = self._clock.monotonic_s()
            self._absences.left(conversation.visitor_id, conversation.interaction_id, at_s)

    async def sweep(self) -> None:
        """Do what has become due."""
        for command in self._absences.due(self._clock.monotonic_s()):
            if isinstance(command, Unseen):
                await self._quietly_seen(command.interaction_id, online=False)
            else:
                await self._end_absent(command)
        for interaction_id, position in self._room.changes():
            visitor_id = self._visitor_of.get(interaction_id)
            for page in self._pages.get(visitor_id, ()) if visitor_id else ():
                page.put(Waiting(conversation=interaction_id, position=position))

    async def _end_absent(self, command: Overdue) -> None:
        """End the conversation of a visitor who did not come back; if it fails, later again."""
        try:
            await self._chats.leave(command.visitor_id, command.interaction_id, "offline")
        except Exception:
            log.exception("an absent visitor's conversation was not ended")
            at_s = self._clock.monotonic_s()
            self._absences.left(command.visitor_id, command.interaction_id, at_s)

    async def _quietly_seen(self, interaction_id: InteractionId, online: bool) -> None:
        """Tell of presence; that it cannot be told now must not end anything."""
        try:
            await self._chats.seen(interaction_id, online)
        except Exception:
            log.exception("a visitor's presence was not told")
