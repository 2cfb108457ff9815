"""Tickets in PostgreSQL.

A ticket's number comes from a table of its own whose generated key is the number: a sequence never
gives one twice, whatever runs beside it. A gap is possible (a change rolled back) and harmless.

What every event of every contact needs is written as SQL: building such a statement costs the ORM
a millisecond each time, more than all the rest of the consumer's work.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from typing import Any, ClassVar

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.models import Model

from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    CustomerId,
    InteractionId,
    TicketId,
)
from omni.core.terms import Direction, Medium
from omni.tickets.engine.contacts import ContactIds
from omni.tickets.model import (
    AuditLine,
    Contact,
    Note,
    Ticket,
    TicketPriority,
    TicketSearch,
    TicketState,
)

NUMBER_MAX = 2**31 - 1


class TicketNumberRecord(Model):
    """Gives ticket numbers."""

    number = fields.IntField(primary_key=True)
    ticket_id = fields.CharField(max_length=26)

    class Meta:
        table = "ticket_number"


class TicketRecord(Model):
    """One ticket."""

    ticket_id = fields.CharField(max_length=26, primary_key=True)
    number = fields.IntField(unique=True)
    customer_id = fields.CharField(max_length=26)
    customer_name = fields.CharField(max_length=200, default="")
    subject = fields.CharField(max_length=300, default="")
    state = fields.CharField(max_length=8)
    priority = fields.CharField(max_length=8)
    owner_id = fields.CharField(max_length=26, null=True)
    campaign_id = fields.CharField(max_length=26, null=True)
    opened_at = fields.DatetimeField()
    touched_at = fields.DatetimeField()

    class Meta:
        table = "ticket"
        indexes: ClassVar = [
            ("customer_id", "touched_at"),
            ("state", "touched_at"),
            ("touched_at",),
        ]


class TicketThreadRecord(Model):
    """Which ticket a mail thread belongs to."""

    thread_id = fields.CharField(max_length=255, primary_key=True)
    ticket_id = fields.CharField(max_length=26)

    class Meta:
        table = "ticket_thread"


class TicketContactRecord(Model):
    """One contact; the fields are those of `model.Contact`."""

    contact_id = fields.CharField(max_length=26, primary_key=True)
    interaction_id = fields.CharField(max_length=26, null=True, unique=True)
    attempt_id = fields.CharField(max_length=26, null=True, unique=True)
    medium = fields.CharField(max_length=8)
    direction = fields.CharField(max_length=8)
    at = fields.DatetimeField()
    address = fields.CharField(max_length=320, default="")
    subject = fields.TextField(default="")
    thread_id = fields.CharField(max_length=255, default="")
    queue_id = fields.CharField(max_length=26, null=True)
    queue_name = fields.CharField(max_length=200, default="")
    campaign_id = fields.CharField(max_length=26, null=True)
    campaign_name = fields.CharField(max_length=200, default="")
    agent_id = fields.CharField(max_length=26, null=True)
    agent_name = fields.CharField(max_length=200, default="")
    outcome = fields.CharField(max_length=20, default="")
    waited_s = fields.FloatField(default=0.0)
    handled_s = fields.FloatField(default=0.0)
    disposition = fields.CharField(max_length=64, default="")
    note = fields.TextField(default="")
    recording_id = fields.CharField(max_length=26, null=True)
    customer_id = fields.CharField(max_length=26, null=True)
    ticket_id = fields.CharField(max_length=26, null=True)
    ticket_number = fields.IntField(default=0)

    class Meta:
        table = "ticket_contact"
        indexes: ClassVar = [("customer_id", "at"), ("ticket_id", "at")]


class TicketNoteRecord(Model):
    """Something a person wrote on a ticket."""

    note_id = fields.CharField(max_length=26, primary_key=True)
    ticket_id = fields.CharField(max_length=26, db_index=True)
    at = fields.DatetimeField()
    by_id = fields.CharField(max_length=26)
    by_name = fields.CharField(max_length=200)
    text = fields.TextField()

    class Meta:
        table = "ticket_note"


class TicketAuditRecord(Model):
    """One change of one field."""

    id = fields.BigIntField(primary_key=True)
    ticket_id = fields.CharField(max_length=26, db_index=True)
    at = fields.DatetimeField()
    by_name = fields.CharField(max_length=200, default="")
    field = fields.CharField(max_length=32)
    old = fields.TextField(default="")
    new = fields.TextField(default="")

    class Meta:
        table = "ticket_audit"


class TicketNameRecord(Model):
    """How an agent, queue or campaign is called."""

    thing_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=200)

    class Meta:
        table = "ticket_name"


CONTACT_FIELDS = tuple(field.name for field in dataclass_fields(Contact))
TICKET_FIELDS = tuple(field.name for field in dataclass_fields(Ticket))


def _insert(table: str, names: Sequence[str]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"


def _update(table: str, names: Sequence[str]) -> str:
    """Return an update of all other columns where the first one, the key, is $1."""
    changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(names[1:], start=2))
    return f"UPDATE {table} SET {changes} WHERE {names[0]} = $1"


# Columns are the fields of our own dataclasses; values are always parameters.
_ADD_CONTACT = _insert("ticket_contact", CONTACT_FIELDS)
_SAVE_CONTACT = _update("ticket_contact", CONTACT_FIELDS)
_CONTACT = f"SELECT {', '.join(CONTACT_FIELDS)} FROM ticket_contact WHERE "
_CONTACTS = _CONTACT + "interaction_id = ANY($1) OR attempt_id = ANY($2)"
_NUMBER = "INSERT INTO ticket_number (ticket_id) VALUES ($1) RETURNING number"
_ADD_TICKET = _insert("ticket", TICKET_FIELDS)
_SAVE_TICKET = _update("ticket", [name for name in TICKET_FIELDS if name != "number"])
_AUDIT = """
INSERT INTO ticket_audit (ticket_id, at, by_name, field, old, new)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
"""
_TICKET = f"SELECT {', '.join(TICKET_FIELDS)} FROM ticket WHERE "
_BY_ID = _TICKET + "ticket_id = $1"
_LOCKED = _TICKET + "ticket_id = ANY($1) ORDER BY ticket_id FOR UPDATE"
_OF_THREAD = f"""
{_TICKET} ticket_id = (SELECT ticket_id FROM ticket_thread WHERE thread_id = $1) FOR UPDATE
"""
_OF_CAMPAIGN = f"""
{_TICKET} customer_id = $1 AND campaign_id = $2 ORDER BY number LIMIT 1 FOR UPDATE
"""
_NEWEST_WAITING = f"""
{_TICKET} customer_id = $1 AND state IN ('{TicketState.OPEN.value}', '{TicketState.PENDING.value}')
ORDER BY touched_at DESC, number DESC LIMIT 1 FOR UPDATE
"""
_SET_THREAD = """
INSERT INTO ticket_thread (thread_id, ticket_id) VALUES ($1, $2) ON CONFLICT DO NOTHING
"""


async def _rows(statement: str, *values: object) -> list[dict[str, Any]]:
    # `execute_query` gives no rows for a statement that begins with INSERT.
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(
        statement, list(values)
    )
    return rows


async def _each(statement: str, things: Sequence[object], names: Sequence[str]) -> None:
    """Run a statement for each of the things, with these of its fields, in one round trip."""
    values = [[getattr(thing, name) for name in names] for thing in things]
    if len(values) == 1:
        await _rows(statement, *values[0])
    elif values:
        await get_connection("default").execute_many(statement, values)


class PostgresTicketStore:
    """`TicketStore` over Tortoise."""

    async def add(self, ticket: Ticket) -> Ticket:
        [given] = await _rows(_NUMBER, ticket.ticket_id)
        numbered = replace(ticket, number=given["number"])
        await _rows(_ADD_TICKET, *(getattr(numbered, name) for name in TICKET_FIELDS))
        return numbered

    async def get(self, ticket_id: TicketId, *, lock: bool = False) -> Ticket | None:
        return _maybe(await _rows(f"{_BY_ID} FOR UPDATE" if lock else _BY_ID, ticket_id))

    async def locked(self, ticket_ids: Collection[TicketId]) -> Sequence[Ticket]:
        rows = await _rows(_LOCKED, list(ticket_ids)) if ticket_ids else []
        return [_ticket(row) for row in rows]

    async def save(self, ticket: Ticket, audit: Sequence[AuditLine] = ()) -> None:
        await self.save_all([ticket])
        await self.add_audit([(ticket.ticket_id, line) for line in audit])

    async def save_all(self, tickets: Sequence[Ticket]) -> None:
        await _each(_SAVE_TICKET, tickets, [name for name in TICKET_FIELDS if name != "number"])

    async def add_audit(self, lines: Sequence[tuple[TicketId, AuditLine]]) -> None:
        if lines:
            columns = [
                [getattr(line, name) for _, line in lines]
                for name in ("at", "by_name", "field", "old", "new")
            ]
            await _rows(_AUDIT, [ticket_id for ticket_id, _ in lines], *columns)

    async def search(self, wanted: TicketSearch) -> tuple[Sequence[Ticket], int]:
        query = TicketRecord.all()
        if wanted.state is not None:
            query = query.filter(state=wanted.state.value)
        text = wanted.text.strip().lstrip("#")
        if text:
            matching = Q(subject__icontains=text) | Q(customer_name__icontains=text)
            if text.isascii() and text.isdigit() and int(text) <= NUMBER_MAX:
                matching |= Q(number=int(text))
            query = query.filter(matching)
        total = await query.count()
        page = query.order_by("-touched_at", "-number").offset(wanted.offset).limit(wanted.limit)
        return [_ticket(row) for row in await page.values(*TICKET_FIELDS)], total

    async def of_thread(self, thread_id: str) -> Ticket | None:
        return _maybe(await _rows(_OF_THREAD, thread_id))

    async def of_campaign(self, customer_id: CustomerId, campaign_id: CampaignId) -> Ticket | None:
        return _maybe(await _rows(_OF_CAMPAIGN, customer_id, campaign_id))

    async def newest_waiting(self, customer_id: CustomerId) -> Ticket | None:
        return _maybe(await _rows(_NEWEST_WAITING, customer_id))

    async def set_thread(self, thread_id: str, ticket_id: TicketId) -> None:
        await _rows(_SET_THREAD, thread_id, ticket_id)

    async def rename_customer(self, customer_id: CustomerId, name: str) -> None:
        await TicketRecord.filter(customer_id=customer_id).update(customer_name=name)

    async def contacts(self, ids: Collection[ContactIds]) -> Sequence[Contact]:
        interactions = [one.interaction_id for one in ids if one.interaction_id]
        attempts = [one.attempt_id for one in ids if one.attempt_id]
        return [_contact(row) for row in await _rows(_CONTACTS, interactions, attempts)]

    async def save_contacts(self, new: Sequence[Contact], changed: Sequence[Contact]) -> None:
        await _each(_ADD_CONTACT, new, CONTACT_FIELDS)
        await _each(_SAVE_CONTACT, changed, CONTACT_FIELDS)

    async def contacts_of_ticket(self, ticket_id: TicketId) -> Sequence[Contact]:
        query = TicketContactRecord.filter(ticket_id=ticket_id).order_by("-at", "-contact_id")
        return [_contact(row) for row in await query.values(*CONTACT_FIELDS)]

    async def contacts_of_customer(self, customer_id: CustomerId, limit: int) -> Sequence[Contact]:
        query = TicketContactRecord.filter(customer_id=customer_id).order_by("-at", "-contact_id")
        return [_contact(row) for row in await query.limit(limit).values(*CONTACT_FIELDS)]

    async def linked(
        self, interaction_ids: Collection[InteractionId], attempt_ids: Collection[AttemptId]
    ) -> set[str]:
        linked: set[str] = set()
        for column, ids in (("interaction_id", interaction_ids), ("attempt_id", attempt_ids)):
            if ids:
                query = TicketContactRecord.filter(
                    **{f"{column}__in": list(ids)}, ticket_id__isnull=False
                )
                linked.update(str(row[column]) for row in await query.values(column))
        return linked

    async def add_note(self, ticket_id: TicketId, note: Note) -> None:
        await TicketNoteRecord.create(
            note_id=note.note_id,
            ticket_id=ticket_id,
            at=note.at,
            by_id=note.by_id,
            by_name=note.by_name,
            text=note.text,
        )

    async def notes(self, ticket_id: TicketId) -> Sequence[Note]:
        records = await TicketNoteRecord.filter(ticket_id=ticket_id).order_by("at", "note_id")
        return [Note(r.note_id, r.at, AgentId(r.by_id), r.by_name, r.text) for r in records]

    async def audit(self, ticket_id: TicketId) -> Sequence[AuditLine]:
        records = await TicketAuditRecord.filter(ticket_id=ticket_id).order_by("id")
        return [AuditLine(r.at, r.by_name, r.field, r.old, r.new) for r in records]

    async def set_name(self, thing_id: str, name: str) -> None:
        row = TicketNameRecord(thing_id=thing_id, name=name[:200])
        await TicketNameRecord.bulk_create([row], update_fields=["name"], on_conflict=["thing_id"])

    async def names(self, thing_ids: Collection[str]) -> Mapping[str, str]:
        records = await TicketNameRecord.filter(thing_id__in=list(thing_ids))
        return {record.thing_id: record.name for record in records}


def _maybe(rows: Sequence[Mapping[str, Any]]) -> Ticket | None:
    return _ticket(rows[0]) if rows else None


def _ticket(row: Mapping[str, Any]) -> Ticket:
    kinds = {"state": TicketState(row["state"]), "priority": TicketPriority(row["priority"])}
    return Ticket(**{**row, **kinds})


def _contact(row: Mapping[str, Any]) -> Contact:
    kinds = {"medium": Medium(row["medium"]), "direction": Direction(row["direction"])}
    return Contact(**{**row, **kinds})
