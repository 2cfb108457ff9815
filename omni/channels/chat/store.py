"""Chats in PostgreSQL.

What must not be is refused by constraints: two open conversations of a visitor
(`open_visitor_id`, null once ended), two lines with one number, two lines of one side with one
reference.
"""

from collections.abc import Sequence
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, ClassVar

from tortoise import fields
from tortoise.models import Model

from omni.channels.chat.model import Author, ChatState, Conversation, Line, Site, Visitor
from omni.core.ids import AgentId, EntryPointId, InteractionId, VisitorId


class VisitorRecord(Model):
    """One visitor; the token itself is kept only in their browser."""

    visitor_id = fields.CharField(max_length=26, primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=200, default="")
    email = fields.CharField(max_length=320, default="")
    language = fields.CharField(max_length=35, default="en")
    created_at = fields.DatetimeField()

    class Meta:
        table = "chat_visitor"


class ConversationRecord(Model):
    """One conversation; the fields are those of `model.Conversation`."""

    interaction_id = fields.CharField(max_length=26, primary_key=True)
    visitor_id = fields.CharField(max_length=26)
    open_visitor_id = fields.CharField(max_length=26, null=True, unique=True)
    entry_point_id = fields.CharField(max_length=26, null=True)
    opened_at = fields.DatetimeField()
    page = fields.TextField(default="")
    state = fields.CharField(max_length=8)
    queue_id = fields.CharField(max_length=26, null=True)
    agent_id = fields.CharField(max_length=26, null=True)
    last_number = fields.IntField(default=0)
    visitor_acked = fields.IntField(default=0)
    visitor_read = fields.IntField(default=0)
    agent_read = fields.IntField(default=0)
    ended_at = fields.DatetimeField(null=True)
    end_reason = fields.CharField(max_length=16, default="")

    class Meta:
        table = "chat_conversation"
        indexes: ClassVar = [("visitor_id", "opened_at")]


class LineRecord(Model):
    """One line."""

    id = fields.BigIntField(primary_key=True)
    interaction_id = fields.CharField(max_length=26)
    number = fields.IntField()
    author = fields.CharField(max_length=8)
    agent_id = fields.CharField(max_length=26, null=True)
    text = fields.TextField()
    at = fields.DatetimeField()
    client_ref = fields.CharField(max_length=64)

    class Meta:
        table = "chat_line"
        unique_together: ClassVar = [
            ("interaction_id", "number"),
            ("interaction_id", "author", "client_ref"),
        ]


class SiteRecord(Model):
    """One chat entry point. `id` keeps the order in which they were made."""

    id = fields.IntField(primary_key=True)
    entry_point_id = fields.CharField(max_length=26, unique=True)
    address = fields.CharField(max_length=320, db_index=True)
    name = fields.CharField(max_length=200)
    open = fields.BooleanField(default=True)

    class Meta:
        table = "chat_site"


class ChatAgentRecord(Model):
    """How an agent is called."""

    agent_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=200)

    class Meta:
        table = "chat_agent"


CONVERSATION_FIELDS = tuple(field.name for field in dataclass_fields(Conversation))
LINE_FIELDS = tuple(field.name for field in dataclass_fields(Line))


class PostgresChatStore:
    """`ChatStore` over Tortoise."""

    async def add_visitor(self, visitor: Visitor, token_hash: str, at: datetime) -> None:
        await VisitorRecord.create(
            visitor_id=visitor.visitor_id,
            token_hash=token_hash,
            name=visitor.name,
            email=visitor.email,
            language=visitor.language,
            created_at=at,
        )

    async def visitor_by_token(self, token_hash: str) -> Visitor | None:
        return _visitor(await VisitorRecord.get_or_none(token_hash=token_hash))

    async def visitor(self, visitor_id: VisitorId) -> Visitor | None:
        return _visitor(await VisitorRecord.get_or_none(visitor_id=visitor_id))

    async def save_visitor(self, visitor: Visitor) -> None:
        await VisitorRecord.filter(visitor_id=visitor.visitor_id).update(
            name=visitor.name, email=visitor.email, language=visitor.language
        )

    async def open(self, conversation: Conversation) -> Conversation:
        row = ConversationRecord(**_row(conversation))
        await ConversationRecord.bulk_create([row], ignore_conflicts=True)
        return _conversation(await ConversationRecord.get(open_visitor_id=conversation.visitor_id))

    async def conversation(
        self, interaction_id: InteractionId, *, lock: bool = False
    ) -> Conversation | None:
        query = ConversationRecord.filter(interaction_id=interaction_id)
        record = await (query.select_for_update() if lock else query).first()
        return _conversation(record) if record else None

    async def latest(self, visitor_id: VisitorId) -> Conversation | None:
        query = ConversationRecord.filter(visitor_id=visitor_id)
        record = await query.order_by("-opened_at", "-interaction_id").first()
        return _conversation(record) if record else None

    async def all_open(self) -> Sequence[Conversation]:
        query = ConversationRecord.filter(open_visitor_id__isnull=False)
        return [_conversation(record) for record in await query.order_by("opened_at")]

    async def save(self, conversation: Conversation) -> None:
        row = _row(conversation)
        await ConversationRecord.filter(interaction_id=row.pop("interaction_id")).update(**row)

    async def add_line(self, line: Line) -> None:
        await LineRecord.create(**{name: getattr(line, name) for name in LINE_FIELDS})

    async def line_by_ref(
        self, interaction_id: InteractionId, author: Author, client_ref: str
    ) -> Line | None:
        record = await LineRecord.get_or_none(
            interaction_id=interaction_id, author=author.value, client_ref=client_ref
        )
        return _line(record) if record else None

    async def lines(self, interaction_id: InteractionId, after: int, limit: int) -> Sequence[Line]:
        query = LineRecord.filter(interaction_id=interaction_id, number__gt=after)
        return [_line(record) for record in await query.order_by("number").limit(limit)]

    async def save_site(self, site: Site) -> None:
        row = SiteRecord(
            entry_point_id=site.entry_point_id, address=site.address, name=site.name, open=site.open
        )
        await SiteRecord.bulk_create(
            [row], update_fields=["address", "name", "open"], on_conflict=["entry_point_id"]
        )

    async def site(self, address: str) -> Site | None:
        query = SiteRecord.filter(address=address) if address else SiteRecord.all()
        record = await query.order_by("id").first()
        if record is None:
            return None
        return Site(EntryPointId(record.entry_point_id), record.address, record.name, record.open)

    async def save_agent_name(self, agent_id: AgentId, name: str) -> None:
        row = ChatAgentRecord(agent_id=agent_id, name=name[:200])
        await ChatAgentRecord.bulk_create([row], update_fields=["name"], on_conflict=["agent_id"])

    async def agent_name(self, agent_id: AgentId) -> str:
        record = await ChatAgentRecord.get_or_none(agent_id=agent_id)
        return record.name if record else ""


def _row(conversation: Conversation) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(conversation, name) for name in CONVERSATION_FIELDS}
    over = conversation.state is ChatState.ENDED
    return {
        **row,
        "state": conversation.state.value,
        "open_visitor_id": None if over else conversation.visitor_id,
    }


def _conversation(record: ConversationRecord) -> Conversation:
    row = {name: getattr(record, name) for name in CONVERSATION_FIELDS}
    row["state"] = ChatState(record.state)
    return Conversation(**row)


def _line(record: LineRecord) -> Line:
    row = {name: getattr(record, name) for name in LINE_FIELDS}
    row["author"] = Author(record.author)
    return Line(**row)


def _visitor(record: VisitorRecord | None) -> Visitor | None:
    if record is None:
        return None
    return Visitor(VisitorId(record.visitor_id), record.name, record.email, record.language)
