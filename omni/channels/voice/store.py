"""Tables of the telephone: calls, their legs, recordings, trunks, phones.

The rows of calls are a fold of the call events, written in the transaction that emits them.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.transactions import in_transaction

from omni.channels.voice.engine.commands import LegRecord
from omni.channels.voice.model import CallerPool, PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.ports import OpenCall
from omni.core.clock import Clock
from omni.core.errors import NotFound, Unavailable
from omni.core.events.base import Event
from omni.core.events.voice import (
    CallAnswered,
    CallConnected,
    CallEnded,
    CallFailed,
    CallRerouted,
    CallStarted,
    RecordingStored,
)
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    CampaignId,
    InteractionId,
    RecordingId,
    TrunkId,
)
from omni.core.seal import Seal
from omni.core.terms import AttemptOutcome, Direction

CHUNK_BYTES = 64 * 1024


class TrunkRow(Model):
    """A way to a carrier; `spec` holds the fields of `TrunkSpec` that have no column."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=120)
    host = fields.CharField(max_length=255)
    port = fields.IntField(default=5060)
    user = fields.CharField(max_length=120, default="")
    secret = fields.TextField(default="")  # sealed
    register = fields.BooleanField(default=False)
    match = fields.JSONField[list[str]]()
    caller_id = fields.CharField(max_length=32, default="")
    capacity = fields.IntField()
    calls_per_second = fields.FloatField()
    codecs = fields.JSONField[list[str]]()
    enabled = fields.BooleanField(default=True)
    cost = fields.IntField(default=100, db_default=100)
    pools = fields.JSONField[list[tuple[str, list[str]]]](default=list, db_default="[]")

    class Meta:
        table = "trunk"


class PhoneRow(Model):
    """An agent's phone; `id` is the agent's."""

    id = fields.CharField(max_length=26, primary_key=True)
    kind = fields.CharEnumField(PhoneKind, max_length=10)
    contact_uri = fields.CharField(max_length=255, default="")

    class Meta:
        table = "phone"


class CallRow(Model):
    """One call, from its first sign to its end (`ended_at` is null while it lives)."""

    id = fields.CharField(max_length=26, primary_key=True)
    direction = fields.CharEnumField(Direction, max_length=10)
    trunk_id = fields.CharField(max_length=26, null=True)
    from_number = fields.CharField(max_length=64)
    to_number = fields.CharField(max_length=64)
    interaction_id = fields.CharField(max_length=26, null=True, db_index=True)
    attempt_id = fields.CharField(max_length=26, null=True, db_index=True)
    campaign_id = fields.CharField(max_length=26, null=True, db_index=True)
    agent_id = fields.CharField(max_length=26, null=True, db_index=True)
    started_at = fields.DatetimeField(db_index=True)
    answered_at = fields.DatetimeField(null=True)
    connected_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True, db_index=True)
    ring_s = fields.FloatField(default=0.0)
    talk_s = fields.FloatField(default=0.0)
    outcome = fields.CharField(max_length=20, default="")
    ended_by = fields.CharField(max_length=10, default="")
    cause = fields.IntField(default=0)
    sip_code = fields.IntField(default=0)
    message_played = fields.BooleanField(default=False)

    class Meta:
        table = "call"


class CallLegRow(Model):
    """One leg: the customer's, an agent's part of a call, or an agent's standing leg."""

    id = fields.CharField(max_length=60, primary_key=True)
    kind = fields.CharField(max_length=10)
    call_id = fields.CharField(max_length=26, null=True, db_index=True)
    agent_id = fields.CharField(max_length=26, null=True)
    trunk_id = fields.CharField(max_length=26, null=True)
    started_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField()
    cause = fields.IntField()
    sip_code = fields.IntField()

    class Meta:
        table = "call_leg"


class RecordingRow(Model):
    """A recording whose file is complete (`recordings.RecordingFolder` says where)."""

    id = fields.CharField(max_length=26, primary_key=True)
    interaction_id = fields.CharField(max_length=26, db_index=True)
    call_id = fields.CharField(max_length=26, db_index=True)
    stored_at = fields.DatetimeField()
    size_bytes = fields.BigIntField()
    length_s = fields.FloatField()
    incomplete = fields.BooleanField(default=False, db_default=False)  # it may lack its end

    class Meta:
        table = "recording"


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls to list; None means any."""

    agent_id: AgentId | None = None
    campaign_id: CampaignId | None = None
    interaction_id: InteractionId | None = None
    direction: Direction | None = None
    number: str = ""


# Written many times a second while answers wait for agents: constant statements, which the driver
# prepares once, instead of queries built anew by the ORM (a third of the time of a call).
_START = """
INSERT INTO "call" (id, direction, trunk_id, from_number, to_number, interaction_id, attempt_id,
    campaign_id, started_at, ring_s, talk_s, outcome, ended_by, cause, sip_code, message_played)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', '', 0, 0, false)
"""
_ANSWER = 'UPDATE "call" SET answered_at = $2, ring_s = $3 WHERE id = $1'
_REROUTE = 'UPDATE "call" SET trunk_id = $2, from_number = $3 WHERE id = $1'
_CONNECT = """
UPDATE "call" SET agent_id = $2, connected_at = COALESCE(connected_at, $3) WHERE id = $1
"""
_FAIL = """
UPDATE "call" SET ended_at = $2, outcome = $3, cause = $4, sip_code = $5, ring_s = $6 WHERE id = $1
"""
_END = """
UPDATE "call" SET ended_at = $2, outcome = $3, ended_by = $4, cause = $5, talk_s = $6,
    message_played = $7 WHERE id = $1
"""
_LEG = """
INSERT INTO call_leg (id, kind, call_id, agent_id, trunk_id, started_at, answered_at, ended_at,
    cause, sip_code)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET ended_at = $8, cause = $9, sip_code = $10
"""
_RECORD = """
INSERT INTO recording (id, interaction_id, call_id, stored_at, size_bytes, length_s, incomplete)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO NOTHING
"""


# What is written together is written in this order, in which things happen to a call.
_IN_ORDER = (_START, _REROUTE, _ANSWER, _CONNECT, _FAIL, _END, _LEG, _RECORD)


class PostgresVoiceStore:
    """See `ports.VoiceStore`."""

    def __init__(self, clock: Clock, seal: Seal) -> None:
        self._clock = clock
        self._seal = seal

    async def save(
        self, events: Iterable[Event], legs: Iterable[LegRecord], zero: datetime
    ) -> None:
        """Bring the rows up to these events; write legs, whose times are seconds after `zero`."""
        now = self._clock.now()
        rows: dict[str, list[list[Any]]] = {statement: [] for statement in _IN_ORDER}
        for event in events:
            statement, values = _row(event, now)
            if statement:
                rows[statement].append([*values])
        rows[_LEG] = [[*_leg_row(leg, zero)] for leg in legs]
        connection = get_connection("default")
        for statement, lines in rows.items():
            if len(lines) == 1:
                await connection.execute_query(statement, lines[0])
            elif lines:
                await connection.execute_many(statement, lines)

    async def has_recording(self, recording_id: RecordingId) -> bool:
        """Tell whether a recording has its row."""
        return await RecordingRow.exists(id=recording_id)

    async def interaction_of(self, call_id: CallId) -> InteractionId | None:
        """Return what a call belongs to, None when there is no such call."""
        row = await CallRow.get_or_none(id=call_id)
        return InteractionId(row.interaction_id) if row and row.interaction_id else None

    async def trunks(self) -> Sequence[TrunkSpec]:
        """Return all trunks, by name."""
        return [_trunk(row, self._seal) for row in await TrunkRow.all().order_by("name")]

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        """Insert or replace a trunk."""
        await TrunkRow.update_or_create(
            id=trunk.trunk_id,
            defaults={
                "name": trunk.name,
                "host": trunk.host,
                "port": trunk.port,
                "user": trunk.user,
                "secret": self._seal.close(trunk.secret),
                "register": trunk.register,
                "match": list(trunk.match),
                "caller_id": trunk.caller_id,
                "capacity": trunk.capacity,
                "calls_per_second": trunk.calls_per_second,
                "codecs": list(trunk.codecs),
                "enabled": trunk.enabled,
                "cost": trunk.cost,
                "pools": [(pool.prefix, list(pool.numbers)) for pool in trunk.pools],
            },
        )

    async def reseal(self, *, forget: bool = False) -> int:
        """Seal all passwords of trunks with the present key; return how many no key opens.

        With `forget` those are emptied.
        """
        unreadable = 0
        async with in_transaction():
            for row in await TrunkRow.all().select_for_update():
                try:
                    row.secret = self._seal.renewed(row.secret)
                except Unavailable:
                    unreadable += 1
                    if not forget:
                        continue
                    row.secret = ""
                await row.save(update_fields=["secret"])
        return unreadable

    async def phones(self) -> Sequence[PhoneSpec]:
        """Return all phones."""
        rows = await PhoneRow.all()
        return [PhoneSpec(AgentId(r.id), r.kind, r.contact_uri) for r in rows]

    async def save_phone(self, phone: PhoneSpec) -> None:
        """Insert or replace an agent's phone."""
        values = {"kind": phone.kind, "contact_uri": phone.contact_uri}
        await PhoneRow.update_or_create(id=phone.agent_id, defaults=values)

    async def open_calls(self) -> Sequence[OpenCall]:
        """Return the calls that have no end yet."""
        return [_open_call(row) for row in await CallRow.filter(ended_at=None)]


async def list_calls(which: CallFilter, *, page: int, size: int) -> list[CallRow]:
    """Return a page of calls, newest first. Pages count from 1."""
    rows = CallRow.all()
    for name in ("agent_id", "campaign_id", "interaction_id", "direction"):
        value = getattr(which, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    if which.number:
        rows = rows.filter(to_number=which.number)
    return await rows.order_by("-id").offset((page - 1) * size).limit(size)


async def legs_of(call_ids: Sequence[str]) -> list[CallLegRow]:
    """Return the legs of these calls, oldest first."""
    return await CallLegRow.filter(call_id__in=list(call_ids)).order_by("started_at")


async def recordings_of(call_ids: Sequence[str]) -> list[RecordingRow]:
    """Return the recordings of these calls, oldest first."""
    return await RecordingRow.filter(call_id__in=list(call_ids)).order_by("stored_at")


async def recording_agent(recording_id: RecordingId) -> AgentId | None:
    """Return who spoke in a recording. Raises NotFound when there is none of that id."""
    recording = await RecordingRow.get_or_none(id=recording_id)
    if recording is None:
        raise NotFound("recording_unknown")
    call = await CallRow.get_or_none(id=recording.call_id)
    return AgentId(call.agent_id) if call is not None and call.agent_id else None


def _row(event: Event, now: datetime) -> tuple[str, Sequence[object]]:
    """Return the statement that an event means and its values; "" when it means none."""
    match event:
        case CallStarted():
            return _START, _start_row(event, now)
        case CallRerouted():
            return _REROUTE, (event.call_id, event.trunk_id, event.caller_id[:64])
        case CallAnswered():
            return _ANSWER, (event.call_id, now, event.ring_s)
        case CallConnected():
            return _CONNECT, (event.call_id, event.agent_id, now)
        case CallFailed():
            causes = (event.cause, event.sip_code)
            return _FAIL, (event.call_id, now, event.outcome.value, *causes, event.ring_s)
        case CallEnded():
            how = (AttemptOutcome.ANSWERED.value, event.by, event.cause)
            return _END, (event.call_id, now, *how, event.talk_s, event.message_played)
        case RecordingStored():
            ids = (event.recording_id, event.interaction_id, event.call_id)
            return _RECORD, (*ids, now, event.size_bytes, event.length_s, event.incomplete)
        case _:
            return "", ()


def _start_row(event: CallStarted, now: datetime) -> Sequence[object]:
    return (
        event.call_id,
        event.direction.value,
        event.trunk_id,
        event.from_number[:64],
        event.to_number[:64],
        event.interaction_id,
        event.attempt_id,
        event.campaign_id,
        now,
    )


def _leg_row(leg: LegRecord, zero: datetime) -> Sequence[object]:
    answered_s = leg.answered_at_s
    return (
        leg.leg_id,
        leg.kind,
        leg.call_id,
        leg.agent_id,
        leg.trunk_id,
        zero + timedelta(seconds=leg.started_at_s),
        None if answered_s is None else zero + timedelta(seconds=answered_s),
        zero + timedelta(seconds=leg.ended_at_s),
        leg.cause,
        leg.sip_code,
    )


def _trunk(row: TrunkRow, seal: Seal) -> TrunkSpec:
    return TrunkSpec(
        trunk_id=TrunkId(row.id),
        name=row.name,
        host=row.host,
        port=row.port,
        user=row.user,
        secret=seal.open(row.secret),
        register=row.register,
        match=tuple(row.match),
        caller_id=row.caller_id,
        capacity=row.capacity,
        calls_per_second=row.calls_per_second,
        codecs=tuple(row.codecs),
        enabled=row.enabled,
        cost=row.cost,
        pools=tuple(CallerPool(prefix, tuple(numbers)) for prefix, numbers in row.pools),
    )


def _open_call(row: CallRow) -> OpenCall:
    started = CallStarted(
        call_id=CallId(row.id),
        direction=row.direction,
        trunk_id=TrunkId(row.trunk_id) if row.trunk_id else None,
        from_number=row.from_number,
        to_number=row.to_number,
        attempt_id=AttemptId(row.attempt_id) if row.attempt_id else None,
        campaign_id=CampaignId(row.campaign_id) if row.campaign_id else None,
        interaction_id=InteractionId(row.interaction_id) if row.interaction_id else None,
    )
    return OpenCall(
        started=started,
        started_at=row.started_at,
        answered=row.answered_at is not None,
        agent_id=AgentId(row.agent_id) if row.agent_id else None,
    )


class RecordingFolder:
    """Recordings on disk, a folder a day: `2026/11/21/<id>.wav`. The id begins with its time."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._root = root
        self._clock = clock

    def place(self, recording_id: RecordingId) -> Path:
        """Return where a new recording goes; the folder is made."""
        folder = self._root / f"{self._clock.now():%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{recording_id}.wav"

    def find(self, recording_id: RecordingId, stored_at: datetime) -> Path:
        """Return where a recording lies. Raises NotFound when its file has gone."""
        # Its folder was chosen a moment before it was stored: at midnight that is a day apart.
        for day in (stored_at, stored_at - timedelta(days=1)):
            path = self._root / f"{day:%Y/%m/%d}" / f"{recording_id}.wav"
            if path.exists():
                return path
        raise NotFound("recording_file_missing")


async def recording_row(recording_id: RecordingId) -> RecordingRow:
    """Return a recording's row. Raises NotFound."""
    row = await RecordingRow.get_or_none(id=recording_id)
    if row is None:
        raise NotFound("recording_unknown")
    return row


async def read_file(path: Path) -> AsyncIterator[bytes]:
    """Yield the bytes of a file."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
