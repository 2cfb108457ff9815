"""Chats in PostgreSQL.

What must not be is refused by constraints: two open conversations of a visitor
(`open_visitor_id`, null once ended), two lines with one number, two lines of one side with one
reference.

The statements that every line of a chat needs are written out: building them anew for each call
costs more than running them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from datetime import datetime
from typing import Any, ClassVar

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model

from omni.channels.chat.model import Author, ChatState, Conversation, Line, Site, Visitor
from omni.core.events.routing import TopicOffered
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
    topic = fields.CharField(max_length=40, default="", db_default="")
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
    topics = fields.JSONField[list[dict[str, Any]]](default=list, db_default=[])

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
CONVERSATION_COLUMNS = (*CONVERSATION_FIELDS, "open_visitor_id")


_ASSIGNED = ", ".join(f"{name} = ${n}" for n, name in enumerate(CONVERSATION_COLUMNS, start=1))
_PLACES = ", ".join(f"${n}" for n in range(1, len(LINE_FIELDS) + 1))
_BY_ID = "SELECT * FROM chat_conversation WHERE interaction_id = $1"
_BY_ID_LOCKED = f"{_BY_ID} FOR UPDATE"
_LATEST = """
SELECT * FROM chat_conversation WHERE visitor_id = $1
ORDER BY opened_at DESC, interaction_id DESC LIMIT 1
"""
_SAVE = f"UPDATE chat_conversation SET {_ASSIGNED} WHERE interaction_id = $1"
_BY_REF = "SELECT * FROM chat_line WHERE interaction_id = $1 AND author = $2 AND client_ref = $3"
_ADD_LINE = f"INSERT INTO chat_line ({', '.join(LINE_FIELDS)}) VALUES ({_PLACES})"


async def _rows(statement: str, *values: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(
        statement, list(values)
    )
    return rows


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
        opened = await ConversationRecord.filter(open_visitor_id=conversation.visitor_id).values()
        return _conversation(opened[0])

    async def conversation(
        self, interaction_id: InteractionId, *, lock: bool = False
    ) -> Conversation | None:
        rows = await _rows(_BY_ID_LOCKED if lock else _BY_ID, interaction_id)
        return _conversation(rows[0]) if rows else None

    async def latest(self, visitor_id: VisitorId) -> Conversation | None:
        rows = await _rows(_LATEST, visitor_id)
        return _conversation(rows[0]) if rows else None

    async def all_open(self) -> Sequence[Conversation]:
        query = ConversationRecord.filter(open_visitor_id__isnull=False)
        return [_conversation(row) for row in await query.order_by("opened_at").values()]

    async def save(self, conversation: Conversation) -> None:
        row = _row(conversation)
        await _rows(_SAVE, *(row[name] for name in CONVERSATION_COLUMNS))

    async def add_line(self, line: Line) -> None:
        await _rows(_ADD_LINE, *(getattr(line, name) for name in LINE_FIELDS))

    async def line_by_ref(
        self, interaction_id: InteractionId, author: Author, client_ref: str
    ) -> Line | None:
        rows = await _rows(_BY_REF, interaction_id, author.value, client_ref)
        return _line(rows[0]) if rows else None

    async def lines(self, interaction_id: InteractionId, after: int, limit: int) -> Sequence[Line]:
        query = LineRecord.filter(interaction_id=interaction_id, number__gt=after)
        return [_line(row) for row in await query.order_by("number").limit(limit).values()]

    async def save_site(self, site: Site) -> None:
        row = SiteRecord(
            entry_point_id=site.entry_point_id,
            address=site.address,
            name=site.name,
            open=site.open,
            topics=[topic.model_dump() for topic in site.topics],
        )
        changed = ["address", "name", "open", "topics"]
        await SiteRecord.bulk_create([row], update_fields=changed, on_conflict=["entry_point_id"])

    async def site(self, address: str) -> Site | None:
        query = SiteRecord.filter(address=address) if address else SiteRecord.all()
        record = await query.order_by("id").first()
        if record is None:
            return None
        return Site(
            entry_point_id=EntryPointId(record.entry_point_id),
            address=record.address,
            name=record.name,
            open=record.open,
            topics=tuple(TopicOffered.model_validate(topic) for topic in record.topics),
        )

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


def _conversation(row: Mapping[str, Any]) -> Conversation:
    values = {name: row[name] for name in CONVERSATION_FIELDS}
    return Conversation(**{**values, "state": ChatState(row["state"])})


def _line(row: Mapping[str, Any]) -> Line:
    values = {name: row[name] for name in LINE_FIELDS}
    return Line(**{**values, "author": Author(row["author"])})


def _visitor(record: VisitorRecord | None) -> Visitor | None:
    if record is None:
        return None
    return Visitor(VisitorId(record.visitor_id), record.name, record.email, record.language)
