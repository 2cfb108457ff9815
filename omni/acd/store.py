"""The ACD's tables in PostgreSQL.

The plan is kept as one document per version: it is always read and replaced whole, and the history
of the matrix comes for free.
"""

from collections.abc import Sequence
from dataclasses import fields as dataclass_fields
from typing import Any, ClassVar

from pydantic import TypeAdapter
from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model

from omni.acd.callers import CallerRule, Listing
from omni.acd.codes import Code, Meaning
from omni.acd.model import Agent, Plan, Skill
from omni.acd.own_call import OwnCall
from omni.acd.record import InteractionRow, OpeningsRow, PresenceRow
from omni.core.ids import (
    AgentId,
    AttemptId,
    CampaignId,
    ContactId,
    EntryPointId,
    GroupId,
    InteractionId,
    QueueId,
)
from omni.core.terms import AgentState, Direction, InteractionState, Medium, Outcome

_OVER = InteractionState.ENDED.value
_PLAN = TypeAdapter(Plan)
_AGENT = TypeAdapter(Agent)
_OPENINGS = TypeAdapter(OpeningsRow)
_SKILLS = TypeAdapter(tuple[Skill, ...])
_OWN_CALL: TypeAdapter[OwnCall | None] = TypeAdapter(OwnCall | None)


class InteractionRecord(Model):
    """One interaction, open or over."""

    id = fields.CharField(max_length=26, primary_key=True)
    medium = fields.CharField(max_length=8)
    direction = fields.CharField(max_length=8)
    state = fields.CharField(max_length=8)
    queue_id = fields.CharField(max_length=26, null=True)
    entry_point_id = fields.CharField(max_length=26, null=True)
    priority = fields.SmallIntField(default=5)
    address = fields.CharField(max_length=320, default="")
    name = fields.TextField(default="")
    subject = fields.TextField(default="")
    campaign_id = fields.CharField(max_length=26, null=True)
    contact_id = fields.CharField(max_length=26, null=True)
    attempt_id = fields.CharField(max_length=26, null=True)
    auto_accept = fields.BooleanField(default=False)
    needs = fields.JSONField[list[dict[str, Any]]](default=list)
    used = fields.JSONField[list[list[Any]]](default=list, db_default=[])
    errand = fields.CharField(max_length=8, default="", db_default="")
    owner_id = fields.CharField(max_length=26, null=True)
    agent_id = fields.CharField(max_length=26, null=True)
    group_id = fields.CharField(max_length=26, null=True)
    arrived_at = fields.DatetimeField()
    offered_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    wrapped_up_at = fields.DatetimeField(null=True)
    until_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=10, null=True)
    reason = fields.CharField(max_length=40, default="")
    disposition = fields.CharField(max_length=40, default="")
    note = fields.TextField(default="")
    waited_s = fields.FloatField(default=0.0)
    handled_s = fields.FloatField(default=0.0)
    wrap_up_s = fields.FloatField(default=0.0)

    class Meta:
        table = "interaction"
        indexes: ClassVar = [
            ("state",),
            ("arrived_at",),
            ("agent_id", "arrived_at"),
            ("queue_id", "arrived_at"),
            ("address", "arrived_at"),
        ]


class PresenceRecord(Model):
    """The last state of an agent: a checkpoint of the fold of AgentStateChanged."""

    agent_id = fields.CharField(max_length=26, primary_key=True)
    state = fields.CharField(max_length=10)
    reason = fields.CharField(max_length=40, default="")
    since = fields.DatetimeField()
    break_pending = fields.BooleanField(default=False)
    requested = fields.CharField(max_length=40, default="", db_default="")
    own_call = fields.JSONField[dict[str, Any]](null=True)
    own_call_until = fields.DatetimeField(null=True)

    class Meta:
        table = "agent_presence"


class AgentRecord(Model):
    """An agent's settings for routing."""

    agent_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=200)
    active = fields.BooleanField(default=True)
    settings = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "agent"


class PlanRecord(Model):
    """One version of the plan."""

    version = fields.IntField(primary_key=True, generated=False)
    document = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "acd_plan"


class OpeningsRecord(Model):
    """Which groups opened, closed or help by themselves: one row."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    document = fields.JSONField[dict[str, Any]]()

    class Meta:
        table = "acd_openings"


class LeaseRecord(Model):
    """Who owns the routing of the site: one row. `fence` grows with every new owner."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    fence = fields.BigIntField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "acd_lease"


class CallerRecord(Model):
    """An entry of the black list or the VIP list."""

    pattern = fields.CharField(max_length=320, primary_key=True)
    listing = fields.CharField(max_length=8)
    priority = fields.SmallIntField(default=0)
    queue_id = fields.CharField(max_length=26, null=True)
    note = fields.CharField(max_length=200, default="")

    class Meta:
        table = "acd_caller"


class CodeRecord(Model):
    """A disposition or break reason."""

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(max_length=12)
    code = fields.CharField(max_length=40)
    label_en = fields.CharField(max_length=80)
    label_zh = fields.CharField(max_length=80)
    group_name = fields.CharField(max_length=40)
    meaning = fields.CharField(max_length=20)
    active = fields.BooleanField(default=True)
    position = fields.IntField(default=0)
    limit_s = fields.IntField(default=0, db_default=0)
    at_once = fields.IntField(default=0, db_default=0)
    needs_approval = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "acd_code"
        unique_together: ClassVar = [("kind", "code")]


_CHANGING = (
    "state", "queue_id", "used", "errand", "agent_id", "group_id", "offered_at", "accepted_at",
    "ended_at", "wrapped_up_at", "until_at", "outcome", "disposition", "note", "waited_s",
    "handled_s", "wrap_up_s",
)  # fmt: skip


# The database's clock decides, so that two machines need not agree on the time.
_ACQUIRE = """
INSERT INTO acd_lease (id, fence, expires_at)
VALUES (1, 1, clock_timestamp() + make_interval(secs => $1))
ON CONFLICT (id) DO UPDATE SET fence = acd_lease.fence + 1, expires_at = excluded.expires_at
WHERE acd_lease.expires_at < clock_timestamp()
RETURNING fence
"""
_RENEW = """
UPDATE acd_lease SET expires_at = clock_timestamp() + make_interval(secs => $2)
WHERE id = 1 AND fence = $1 RETURNING fence
"""
# The shared lock makes a new owner wait for our commit: no write of ours comes after its first. So
# that a process that freezes in the middle cannot keep the lock, the server ends its transaction.
_HOLD = """
SELECT fence, set_config('idle_in_transaction_session_timeout', '2000', true)
FROM acd_lease WHERE id = 1 AND fence = $1 FOR SHARE
"""
_RELEASE = "UPDATE acd_lease SET expires_at = clock_timestamp() WHERE id = 1 AND fence = $1"

# Rows come as one JSON text, read by the tables' own types: building such statements with the ORM
# costs a millisecond a row, and these are written several times for each interaction.
_INTERACTIONS = TypeAdapter(list[InteractionRow])
_PRESENCES = TypeAdapter(list[PresenceRow])
_COLUMNS = [field.name for field in dataclass_fields(InteractionRow)]
_INSERT = f"""
INSERT INTO interaction ({", ".join(_COLUMNS)})
SELECT {", ".join(_COLUMNS)} FROM jsonb_populate_recordset(NULL::interaction, $1::jsonb)
"""
_UPDATE = f"""
UPDATE interaction AS old SET {", ".join(f"{name} = new.{name}" for name in _CHANGING)}
FROM jsonb_populate_recordset(NULL::interaction, $1::jsonb) AS new WHERE old.id = new.id
"""
_PRESENCE = [field.name for field in dataclass_fields(PresenceRow)]
_SAVE_PRESENCES = f"""
INSERT INTO agent_presence ({", ".join(_PRESENCE)})
SELECT {", ".join(_PRESENCE)} FROM jsonb_populate_recordset(NULL::agent_presence, $1::jsonb)
ON CONFLICT (agent_id) DO UPDATE
SET {", ".join(f"{name} = excluded.{name}" for name in _PRESENCE[1:])}
"""


class PostgresAcdStore:
    """`AcdStore` over Tortoise."""

    async def acquire(self, ttl_s: float) -> int | None:
        rows = await get_connection("default").execute_query_dict(_ACQUIRE, [ttl_s])
        return int(rows[0]["fence"]) if rows else None

    async def renew(self, fence: int, ttl_s: float) -> bool:
        rows = await get_connection("default").execute_query_dict(_RENEW, [fence, ttl_s])
        return bool(rows)

    async def hold(self, fence: int) -> bool:
        rows = await get_connection("default").execute_query_dict(_HOLD, [fence])
        return bool(rows)

    async def release(self, fence: int) -> None:
        await get_connection("default").execute_query(_RELEASE, [fence])

    async def insert(self, rows: Sequence[InteractionRow]) -> None:
        await get_connection("default").execute_query(_INSERT, [_as_json(_INTERACTIONS, rows)])

    async def update(self, rows: Sequence[InteractionRow]) -> None:
        await get_connection("default").execute_query(_UPDATE, [_as_json(_INTERACTIONS, rows)])

    async def save_presences(self, rows: Sequence[PresenceRow]) -> None:
        await get_connection("default").execute_query(_SAVE_PRESENCES, [_as_json(_PRESENCES, rows)])

    async def open_interactions(self) -> list[InteractionRow]:
        records = await InteractionRecord.exclude(state=_OVER).order_by("arrived_at", "id")
        return [_row(record) for record in records]

    async def recently_over(self, limit: int) -> list[InteractionId]:
        query = InteractionRecord.filter(state=_OVER).order_by("-arrived_at").limit(limit)
        ids = await query.values_list("id", flat=True)
        return [InteractionId(str(text)) for text in reversed(ids)]

    async def find(self, interaction_id: InteractionId) -> InteractionRow | None:
        record = await InteractionRecord.get_or_none(id=interaction_id)
        return None if record is None else _row(record)

    async def presences(self) -> list[PresenceRow]:
        return [
            PresenceRow(
                AgentId(record.agent_id),
                AgentState(record.state),
                record.reason,
                record.since,
                record.break_pending,
                record.requested,
                _OWN_CALL.validate_python(record.own_call),
                record.own_call_until,
            )
            for record in await PresenceRecord.all()
        ]

    async def openings(self) -> OpeningsRow:
        record = await OpeningsRecord.get_or_none(id=1)
        return OpeningsRow() if record is None else _OPENINGS.validate_python(record.document)

    async def save_openings(self, row: OpeningsRow) -> None:
        document = _OPENINGS.dump_python(row, mode="json")
        await OpeningsRecord.update_or_create({"document": document}, id=1)

    async def plan(self) -> Plan:
        record = await PlanRecord.all().order_by("-version").first()
        return Plan() if record is None else _PLAN.validate_python(record.document)

    async def save_plan(self, plan: Plan) -> None:
        document = _PLAN.dump_python(plan, mode="json")
        await PlanRecord.create(version=plan.version, document=document)

    async def agents(self) -> list[Agent]:
        records = await AgentRecord.all().order_by("name", "agent_id")
        return [_AGENT.validate_python(record.settings) for record in records]

    async def save_agent(self, agent: Agent) -> None:
        await AgentRecord.bulk_create(
            [
                AgentRecord(
                    agent_id=agent.id,
                    name=agent.name,
                    active=agent.active,
                    settings=_AGENT.dump_python(agent, mode="json"),
                )
            ],
            on_conflict=["agent_id"],
            update_fields=["name", "active", "settings"],
        )

    async def last_agent(self, address: str) -> AgentId | None:
        record = (
            await InteractionRecord.filter(address=address, accepted_at__not_isnull=True)
            .order_by("-arrived_at")
            .first()
        )
        return AgentId(record.agent_id) if record and record.agent_id else None

    async def callers(self) -> list[CallerRule]:
        return [
            CallerRule(
                record.pattern,
                Listing(record.listing),
                record.priority,
                QueueId(record.queue_id) if record.queue_id else None,
                record.note,
            )
            for record in await CallerRecord.all()
        ]

    async def save_caller(self, rule: CallerRule) -> None:
        values = {
            "listing": rule.listing.value,
            "priority": rule.priority,
            "queue_id": rule.queue_id,
            "note": rule.note,
        }
        await CallerRecord.update_or_create(values, pattern=rule.pattern)

    async def remove_caller(self, pattern: str) -> bool:
        return bool(await CallerRecord.filter(pattern=pattern).delete())

    async def codes(self, kind: str) -> list[Code]:
        records = await CodeRecord.filter(kind=kind).order_by("position", "id")
        return [
            Code(
                record.kind,
                record.code,
                record.label_en,
                record.label_zh,
                record.group_name,
                Meaning(record.meaning),
                record.active,
                record.limit_s,
                record.at_once,
                record.needs_approval,
            )
            for record in records
        ]

    async def save_code(self, code: Code, position: int) -> None:
        values = {
            "label_en": code.label_en,
            "label_zh": code.label_zh,
            "group_name": code.group,
            "meaning": code.meaning.value,
            "active": code.active,
            "position": position,
            "limit_s": code.limit_s,
            "at_once": code.at_once,
            "needs_approval": code.needs_approval,
        }
        await CodeRecord.update_or_create(values, kind=code.kind, code=code.code)


def _as_json(kind: TypeAdapter[Any], rows: Sequence[object]) -> str:
    return kind.dump_json(rows).decode()


def _row(record: InteractionRecord) -> InteractionRow:
    return InteractionRow(
        id=InteractionId(record.id),
        medium=Medium(record.medium),
        direction=Direction(record.direction),
        state=InteractionState(record.state),
        queue_id=QueueId(record.queue_id) if record.queue_id else None,
        arrived_at=record.arrived_at,
        entry_point_id=EntryPointId(record.entry_point_id) if record.entry_point_id else None,
        priority=record.priority,
        address=record.address,
        name=record.name,
        subject=record.subject,
        campaign_id=CampaignId(record.campaign_id) if record.campaign_id else None,
        contact_id=ContactId(record.contact_id) if record.contact_id else None,
        attempt_id=AttemptId(record.attempt_id) if record.attempt_id else None,
        auto_accept=record.auto_accept,
        needs=_SKILLS.validate_python(record.needs),
        used=tuple((QueueId(queue_id), number) for queue_id, number in record.used),
        errand=record.errand,
        owner_id=AgentId(record.owner_id) if record.owner_id else None,
        agent_id=AgentId(record.agent_id) if record.agent_id else None,
        group_id=GroupId(record.group_id) if record.group_id else None,
        offered_at=record.offered_at,
        accepted_at=record.accepted_at,
        ended_at=record.ended_at,
        wrapped_up_at=record.wrapped_up_at,
        until_at=record.until_at,
        outcome=Outcome(record.outcome) if record.outcome else None,
        reason=record.reason,
        disposition=record.disposition,
        note=record.note,
        waited_s=record.waited_s,
        handled_s=record.handled_s,
        wrap_up_s=record.wrap_up_s,
    )
