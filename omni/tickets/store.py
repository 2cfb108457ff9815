"""Tickets in PostgreSQL.

A ticket's number comes from a table of its own whose generated key is the number: a sequence never
gives one twice, whatever runs beside it. A gap is possible (a change rolled back) and harmless.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields as dataclass_fields
from typing import ClassVar

from tortoise import fields
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
WAITING = (TicketState.OPEN.value, TicketState.PENDING.value)


class PostgresTicketStore:
    """`TicketStore` over Tortoise."""

    async def add(self, ticket: Ticket) -> Ticket:
        given = await TicketNumberRecord.create(ticket_id=ticket.ticket_id)
        row = {name: getattr(ticket, name) for name in TICKET_FIELDS}
        record = await TicketRecord.create(**{**row, "number": given.number})
        return _ticket(record)

    async def get(self, ticket_id: TicketId, *, lock: bool = False) -> Ticket | None:
        query = TicketRecord.filter(ticket_id=ticket_id)
        return _maybe(await (query.select_for_update() if lock else query).first())

    async def save(self, ticket: Ticket, audit: Sequence[AuditLine] = ()) -> None:
        row = {name: getattr(ticket, name) for name in TICKET_FIELDS}
        del row["ticket_id"], row["number"]
        await TicketRecord.filter(ticket_id=ticket.ticket_id).update(**row)
        for line in audit:
            await TicketAuditRecord.create(
                ticket_id=ticket.ticket_id,
                at=line.at,
                by_name=line.by_name,
                field=line.field,
                old=line.old,
                new=line.new,
            )

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
        return [_ticket(record) for record in await page], total

    async def of_thread(self, thread_id: str) -> Ticket | None:
        thread = await TicketThreadRecord.get_or_none(thread_id=thread_id)
        return await self.get(TicketId(thread.ticket_id), lock=True) if thread else None

    async def of_campaign(self, customer_id: CustomerId, campaign_id: CampaignId) -> Ticket | None:
        query = TicketRecord.filter(customer_id=customer_id, campaign_id=campaign_id)
        return _maybe(await query.select_for_update().order_by("number").first())

    async def newest_waiting(self, customer_id: CustomerId) -> Ticket | None:
        query = TicketRecord.filter(customer_id=customer_id, state__in=WAITING)
        return _maybe(await query.select_for_update().order_by("-touched_at", "-number").first())

    async def set_thread(self, thread_id: str, ticket_id: TicketId) -> None:
        row = TicketThreadRecord(thread_id=thread_id, ticket_id=ticket_id)
        await TicketThreadRecord.bulk_create([row], ignore_conflicts=True)

    async def rename_customer(self, customer_id: CustomerId, name: str) -> None:
        await TicketRecord.filter(customer_id=customer_id).update(customer_name=name)

    async def contact(self, ids: ContactIds) -> Contact | None:
        named = [
            Q(**{name: value})
            for name in ("interaction_id", "attempt_id")
            if (value := getattr(ids, name))
        ]
        if not named:
            return None
        record = await TicketContactRecord.filter(Q(*named, join_type="OR")).first()
        return _contact(record) if record else None

    async def add_contact(self, contact: Contact) -> None:
        row = {name: getattr(contact, name) for name in CONTACT_FIELDS}
        await TicketContactRecord.create(**row)

    async def save_contact(self, contact: Contact) -> None:
        row = {name: getattr(contact, name) for name in CONTACT_FIELDS}
        await TicketContactRecord.filter(contact_id=row.pop("contact_id")).update(**row)

    async def contacts_of_ticket(self, ticket_id: TicketId) -> Sequence[Contact]:
        records = await TicketContactRecord.filter(ticket_id=ticket_id).order_by(
            "-at", "-contact_id"
        )
        return [_contact(record) for record in records]

    async def contacts_of_customer(self, customer_id: CustomerId, limit: int) -> Sequence[Contact]:
        query = TicketContactRecord.filter(customer_id=customer_id).order_by("-at", "-contact_id")
        return [_contact(record) for record in await query.limit(limit)]

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


def _maybe(record: TicketRecord | None) -> Ticket | None:
    return _ticket(record) if record else None


def _ticket(record: TicketRecord) -> Ticket:
    row = {name: getattr(record, name) for name in TICKET_FIELDS}
    row["state"] = TicketState(record.state)
    row["priority"] = TicketPriority(record.priority)
    return Ticket(**row)


def _contact(record: TicketContactRecord) -> Contact:
    row = {name: getattr(record, name) for name in CONTACT_FIELDS}
    row["medium"] = Medium(record.medium)
    row["direction"] = Direction(record.direction)
    return Contact(**row)
