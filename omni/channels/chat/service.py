"""Visitors' conversations: take in lines from both sides, and let the ACD decide who answers.

The journal carries every line (`ChatMessagePosted`); pages are fed from there, not from here.

The first line opens the interaction in three steps that may be broken off anywhere: the
conversation is stored (`opening`), the ACD takes it in, the line is stored. The page keeps its line
until the last step is done and sends it again otherwise; a conversation found `opening` without
somebody at work on it is taken to the ACD again.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from omni.acd.model import Arrival, Refused
from omni.channels.chat.engine import conversation as rules
from omni.channels.chat.engine.protocol import (
    ConversationState,
    Hello,
    Posted,
    Profile,
    TopicChoice,
    Welcome,
)
from omni.channels.chat.model import (
    Author,
    ChatState,
    Conversation,
    Draft,
    Line,
    Site,
    Visitor,
)
from omni.channels.chat.ports import (
    ChatStore,
    Desks,
    Greeting,
    Routing,
    Tokens,
    VisitorPost,
)
from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, NotFound
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import ChatMessagePosted, ChatVisitorSeen
from omni.core.events.routing import (
    AgentSaved,
    EntryPointSaved,
    InteractionAccepted,
    InteractionArrived,
    InteractionEnded,
)
from omni.core.ids import AgentId, InteractionId, VisitorId
from omni.core.journal import Journal
from omni.core.terms import Direction, Medium

ROUTING: tuple[type[Event], ...] = (
    InteractionArrived,
    InteractionAccepted,
    InteractionEnded,
    EntryPointSaved,
    AgentSaved,
)
HISTORY = timedelta(hours=24)  # an ended conversation is still shown for so long
LINES_MAX = 500
NEWS_TRIES, NEWS_PAUSE_S = 40, 0.05  # how long an agent's act waits for the news of acceptance


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What the service is built from."""

    store: ChatStore
    journal: Journal
    routing: Routing
    desks: Desks
    tokens: Tokens
    clock: Clock
    identities: Identities


def token_hash(token: str) -> str:
    """Return under what a visitor's token is stored: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class Chats:
    """All conversations."""

    def __init__(self, parts: ChatParts) -> None:
        self._parts = parts
        self._store = parts.store
        self._opening: dict[InteractionId, asyncio.Event] = {}
        self._leaving: dict[InteractionId, str] = {}
        # Conversations whose first line is on its way; whether a rule has turned them away already.
        self._entering: dict[InteractionId, bool] = {}
        self._names: dict[AgentId, str] = {}

    # --- the visitor's side

    async def greet(self, hello: Hello) -> Greeting:
        """Recognise a page's visitor, or make a new one, and say what the page shall show.

        Raises:
            NotFound: `chat.site_unknown`.
        """
        site = await self._store.site(hello.site)
        if site is None:
            raise NotFound("chat.site_unknown", "There is no such site.")
        visitor, token = await self._visitor(hello)
        latest = await self._store.latest(visitor.visitor_id)
        if latest is not None and self._forgotten(latest):
            latest = None
        after = 0
        if latest is not None and hello.conversation == latest.interaction_id:
            after = hello.after if hello.after <= latest.last_number else 0
        state = await self.state(latest) if latest else None
        topics = _choices(site, hello.language)
        welcome = Welcome(token=token, open=site.open, conversation=state, topics=topics)
        return Greeting(visitor, site, hello.page, welcome, latest, after)

    def _forgotten(self, conversation: Conversation) -> bool:
        ended_at = conversation.ended_at
        return ended_at is not None and ended_at + HISTORY < self._parts.clock.now()

    async def _visitor(self, hello: Hello) -> tuple[Visitor, str | None]:
        if hello.token:
            known = await self._store.visitor_by_token(token_hash(hello.token))
            if known is not None:
                return known, None
        token = self._parts.tokens.new()
        visitor = Visitor(
            VisitorId(self._parts.identities.new()), language=_plain(hello.language, 35)
        )
        await self._store.add_visitor(visitor, token_hash(token), self._parts.clock.now())
        return visitor, token

    async def state(self, conversation: Conversation) -> ConversationState:
        """Return a conversation as a page shows it."""
        return ConversationState(
            conversation=conversation.interaction_id,
            state=conversation.state,
            agent=await self.agent_name(conversation.agent_id),
            last_number=conversation.last_number,
            visitor_read=conversation.visitor_read,
            agent_read=conversation.agent_read,
            end_reason=conversation.end_reason,
        )

    async def post(self, visitor: Visitor, site: Site, page: str, post: VisitorPost) -> Posted:
        """Take a visitor's line, opening a conversation when none is open. Idempotent by reference.

        Raises:
            NotFound: `chat.conversation_unknown`: not this visitor's (or nobody's).
            Conflict: `chat.ended`.
            Invalid: see `engine.conversation.post`.
        """
        draft = Draft(Author.VISITOR, rules.readable(post.text), post.client_ref)
        conversation = await self._target(visitor, post)
        if conversation is None:
            topic = post.topic if post.topic in {one.key for one in site.topics} else ""
            conversation = await self._open(visitor, site, _plain(page, 2_000), topic)
        if conversation.state is ChatState.OPENING:
            opening = self._opening.get(conversation.interaction_id)
            if opening is not None:  # another page of the visitor is at it: its line comes first
                await opening.wait()
            else:
                return await self._enter(conversation, visitor, draft)
        return _posted(await self._append(conversation.interaction_id, draft))

    async def _enter(self, conversation: Conversation, visitor: Visitor, draft: Draft) -> Posted:
        """Take a conversation to the ACD with its first line, which is kept in any case.

        One page of the visitor at a time: the others wait until this one is done.
        """
        interaction_id = conversation.interaction_id
        opened = self._opening[interaction_id] = asyncio.Event()
        self._entering[interaction_id] = False
        try:
            refusal = await self._take_to_acd(conversation, visitor, draft)
            line = await self._append(interaction_id, draft)
        finally:
            turned_away = self._entering.pop(interaction_id)
            del self._opening[interaction_id]
            opened.set()
        if refusal or turned_away:
            await self._end(interaction_id, "refused")
        return _posted(line)

    async def _target(self, visitor: Visitor, post: VisitorPost) -> Conversation | None:
        """Return the conversation the line belongs to, None when a new one must be opened."""
        if post.interaction_id is not None:
            return await self._own(visitor.visitor_id, post.interaction_id)
        latest = await self._store.latest(visitor.visitor_id)
        if latest is None or latest.state is not ChatState.ENDED:
            return latest
        # A page that never heard of its first line's success sends it again.
        said = await self._store.line_by_ref(latest.interaction_id, Author.VISITOR, post.client_ref)
        return latest if said else None

    async def _open(self, visitor: Visitor, site: Site, page: str, topic: str) -> Conversation:
        candidate = Conversation(
            interaction_id=InteractionId(self._parts.identities.new()),
            visitor_id=visitor.visitor_id,
            entry_point_id=site.entry_point_id,
            opened_at=self._parts.clock.now(),
            page=page,
            topic=topic,
        )
        async with self._parts.journal.transaction():
            return await self._store.open(candidate)

    async def _take_to_acd(self, conversation: Conversation, visitor: Visitor, draft: Draft) -> str:
        """Let the conversation into the ACD (again, if need be: that changes nothing).

        Returns why it was refused, "" when it was not.
        """
        interaction_id = conversation.interaction_id
        result = await self._parts.routing.arrive(
            Arrival(
                interaction_id=interaction_id,
                medium=Medium.CHAT,
                direction=Direction.INBOUND,
                entry_point_id=conversation.entry_point_id,
                address=visitor.visitor_id,
                name=visitor.name,
                subject=rules.title(draft.text),
                topic=conversation.topic,
            )
        )
        if isinstance(result, Refused):
            return result.reason
        async with self._parts.journal.transaction():
            locked = await self._locked(interaction_id)
            await self._store.save(rules.waiting(locked, result.queue_id))
        return ""

    async def _append(self, interaction_id: InteractionId, draft: Draft) -> Line:
        """Store a line and tell of it, or return the one that has its reference already."""
        async with self._parts.journal.transaction() as tx:
            conversation = await self._locked(interaction_id)
            said = await self._store.line_by_ref(interaction_id, draft.author, draft.client_ref)
            if said is not None:
                return said
            changed, line = rules.post(conversation, draft, self._parts.clock.now())
            await self._store.add_line(line)
            await self._store.save(changed)
            tx.emit(
                ChatMessagePosted(
                    interaction_id=interaction_id,
                    number=line.number,
                    author=line.author.value,
                    agent_id=line.agent_id,
                    text=line.text,
                    client_ref=line.client_ref,
                )
            )
        return line

    async def acknowledge(
        self, visitor_id: VisitorId, interaction_id: InteractionId, number: int, read: bool
    ) -> None:
        """Note that the visitor's page has the lines up to `number` (`read`: they saw them).

        Raises:
            NotFound: `chat.conversation_unknown`.
            Invalid: `chat.number_ahead`.
        """
        await self._own(visitor_id, interaction_id)
        async with self._parts.journal.transaction():
            conversation = await self._locked(interaction_id)
            changed = rules.acknowledge(conversation, Author.VISITOR, number, read=read)
            if changed != conversation:
                await self._store.save(changed)

    async def introduce(self, visitor: Visitor, profile: Profile) -> Visitor:
        """Note who the visitor says they are."""
        named = replace(
            visitor, name=_plain(profile.name, 200), email=_plain(profile.email, 320).lower()
        )
        await self._store.save_visitor(named)
        return named

    async def leave(
        self, visitor_id: VisitorId, interaction_id: InteractionId, reason: str
    ) -> None:
        """End a conversation for the visitor (`reason`: visitor | offline). Idempotent."""
        conversation = await self._own(visitor_id, interaction_id)
        if conversation.state is ChatState.ENDED:
            return
        self._leaving[interaction_id] = reason
        try:
            await self._parts.routing.customer_left(interaction_id)
            await self._end(interaction_id, reason)
        finally:
            del self._leaving[interaction_id]

    async def typing(self, visitor_id: VisitorId) -> None:
        """Tell the agent that the visitor is writing."""
        conversation = await self._store.latest(visitor_id)
        if conversation is None or conversation.state is not ChatState.ACTIVE:
            return
        if conversation.agent_id is not None:
            self._parts.desks.visitor_typing(conversation.agent_id, conversation.interaction_id)

    async def seen(self, interaction_id: InteractionId, online: bool) -> None:
        """Tell whether the visitor of an open conversation is there."""
        conversation = await self._store.conversation(interaction_id)
        if conversation is not None and conversation.state is not ChatState.ENDED:
            async with self._parts.journal.transaction() as tx:
                tx.emit(ChatVisitorSeen(interaction_id=interaction_id, online=online))

    async def lines(self, interaction_id: InteractionId, after: int) -> Sequence[Line]:
        """Return the next lines after `after`, at most `LINES_MAX`."""
        return await self._store.lines(interaction_id, after, LINES_MAX)

    async def conversation(self, interaction_id: InteractionId) -> Conversation | None:
        """Return a conversation, None when there is none of that id."""
        return await self._store.conversation(interaction_id)

    async def existing(self, interaction_id: InteractionId) -> Conversation:
        """Return a conversation. Raises `NotFound`."""
        conversation = await self._store.conversation(interaction_id)
        if conversation is None:
            raise NotFound("chat.conversation_unknown", "There is no such conversation.")
        return conversation

    async def end_reason(self, interaction_id: InteractionId) -> str:
        """Return why a conversation ended, also while its end is being written down."""
        if interaction_id in self._leaving:
            return self._leaving[interaction_id]
        conversation = await self._store.conversation(interaction_id)
        return (conversation.end_reason if conversation else "") or "agent"

    async def all_open(self) -> Sequence[Conversation]:
        """Return every conversation that has not ended."""
        return await self._store.all_open()

    async def agent_name(self, agent_id: AgentId | None) -> str:
        """Return an agent's name, "" for nobody."""
        if agent_id is None:
            return ""
        if agent_id not in self._names:
            self._names[agent_id] = await self._store.agent_name(agent_id)
        return self._names[agent_id]

    # --- the agent's side

    async def agent_post(
        self, agent_id: AgentId, interaction_id: InteractionId, text: str, client_ref: str
    ) -> Line:
        """Take an agent's line. Idempotent by reference.

        Raises:
            NotFound: `chat.conversation_unknown`.
            Conflict: `chat.not_yours` or `chat.ended`.
            Invalid: see `engine.conversation.post`.
        """
        await self.agents_own(agent_id, interaction_id)
        return await self._append(interaction_id, Draft(Author.AGENT, text, client_ref, agent_id))

    async def agents_own(self, agent_id: AgentId, interaction_id: InteractionId) -> Conversation:
        """Return a conversation that this agent has, waiting for the news if it is on its way.

        Raises:
            NotFound: `chat.conversation_unknown`.
            Conflict: `chat.not_yours`.
        """
        for _ in range(NEWS_TRIES):
            conversation = await self._store.conversation(interaction_id)
            if conversation is None:
                raise NotFound("chat.conversation_unknown", "There is no such conversation.")
            if conversation.agent_id == agent_id:
                return conversation
            if conversation.agent_id is not None or conversation.state is ChatState.ENDED:
                break
            await self._parts.clock.sleep(NEWS_PAUSE_S)
        raise Conflict("chat.not_yours", "The conversation is not this agent's.")

    async def agent_read(self, agent_id: AgentId, interaction_id: InteractionId) -> int | None:
        """Note that the agent has seen all; return the number if the visitor should hear of it."""
        async with self._parts.journal.transaction():
            conversation = await self._locked(interaction_id)
            if conversation.agent_id != agent_id:
                return None
            last = conversation.last_number
            changed = rules.acknowledge(conversation, Author.AGENT, last, read=True)
            if changed == conversation:
                return None
            await self._store.save(changed)
        return last

    # --- what the ACD and others decide

    async def on_routing(self, recorded: Recorded[Event]) -> None:
        """Follow the ACD's decisions. For `bus.consume(…, ROUTING, …)`."""
        event = recorded.event
        match event:
            case EntryPointSaved(medium=Medium.CHAT):
                await self._store.save_site(
                    Site(event.entry_point_id, event.address, event.name, event.open, event.topics)
                )
            case AgentSaved():
                await self._store.save_agent_name(event.agent_id, event.name)
                self._names.pop(event.agent_id, None)
            case InteractionArrived(medium=Medium.CHAT):
                conversation = await self._followed(event.interaction_id)
                if conversation is not None:
                    await self._store.save(rules.waiting(conversation, event.queue_id))
            case InteractionAccepted(medium=Medium.CHAT):
                conversation = await self._followed(event.interaction_id)
                if conversation is not None:
                    await self._store.save(rules.accepted(conversation, event.agent_id))
            case InteractionEnded(medium=Medium.CHAT):
                if event.interaction_id in self._entering:
                    self._entering[event.interaction_id] = True  # its line comes first
                    return
                conversation = await self._followed(event.interaction_id)
                if conversation is not None:
                    reason = self._leaving.get(
                        event.interaction_id, rules.end_reason(event.outcome)
                    )
                    await self._store.save(rules.ended(conversation, reason, recorded.at))
            case _:
                pass

    async def _followed(self, interaction_id: InteractionId) -> Conversation | None:
        return await self._store.conversation(interaction_id, lock=True)

    async def _end(self, interaction_id: InteractionId, reason: str) -> None:
        async with self._parts.journal.transaction():
            conversation = await self._locked(interaction_id)
            ended = rules.ended(conversation, reason, self._parts.clock.now())
            if ended != conversation:
                await self._store.save(ended)

    async def _locked(self, interaction_id: InteractionId) -> Conversation:
        conversation = await self._store.conversation(interaction_id, lock=True)
        if conversation is None:
            raise NotFound("chat.conversation_unknown", "There is no such conversation.")
        return conversation

    async def _own(self, visitor_id: VisitorId, interaction_id: InteractionId) -> Conversation:
        conversation = await self._store.conversation(interaction_id)
        if conversation is None or conversation.visitor_id != visitor_id:
            raise NotFound("chat.conversation_unknown", "There is no such conversation.")
        return conversation


def _posted(line: Line) -> Posted:
    return Posted(conversation=line.interaction_id, number=line.number, client_ref=line.client_ref)


def _choices(site: Site, language: str) -> tuple[TopicChoice, ...]:
    chinese = language.lower().startswith("zh")
    return tuple(
        TopicChoice(key=topic.key, label=topic.label_zh if chinese else topic.label_en)
        for topic in site.topics
    )


def _plain(text: str, limit: int) -> str:
    """Return text of a page that is stored beside the conversation: one line, no control signs."""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:limit]
