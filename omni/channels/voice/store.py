"""Tables of the telephone: calls, their legs, recordings, trunks, phones.

The rows of calls are a fold of the call events, written in the transaction that emits them.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tortoise import fields
from tortoise.models import Model

from omni.channels.voice.engine.commands import LegRecord
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.ports import OpenCall
from omni.core.clock import Clock
from omni.core.errors import NotFound
from omni.core.events.base import Event
from omni.core.events.voice import (
    CallAnswered,
    CallConnected,
    CallEnded,
    CallFailed,
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
from omni.core.terms import AttemptOutcome, Direction

CHUNK_BYTES = 64 * 1024


class TrunkRow(Model):
    """A way to a carrier; `spec` holds the fields of `TrunkSpec` that have no column."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=120)
    host = fields.CharField(max_length=255)
    port = fields.IntField(default=5060)
    user = fields.CharField(max_length=120, default="")
    secret = fields.CharField(max_length=255, default="")
    register = fields.BooleanField(default=False)
    match = fields.JSONField[list[str]]()
    caller_id = fields.CharField(max_length=32, default="")
    capacity = fields.IntField()
    calls_per_second = fields.FloatField()
    codecs = fields.JSONField[list[str]]()
    enabled = fields.BooleanField(default=True)

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


class PostgresVoiceStore:
    """See `ports.VoiceStore`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def apply(self, event: Event) -> None:
        """Bring the rows up to this event."""
        match event:
            case CallStarted():
                await self._started(event)
            case CallAnswered():
                now = self._clock.now()
                await self._update(event.call_id, answered_at=now, ring_s=event.ring_s)
            case CallConnected():
                await self._connected(event)
            case CallFailed():
                await self._failed(event)
            case CallEnded():
                await self._ended(event)
            case RecordingStored():
                await self._recorded(event)
            case _:
                pass

    async def _started(self, event: CallStarted) -> None:
        await CallRow.create(
            id=event.call_id,
            direction=event.direction,
            trunk_id=event.trunk_id,
            from_number=event.from_number[:64],
            to_number=event.to_number[:64],
            interaction_id=event.interaction_id,
            attempt_id=event.attempt_id,
            campaign_id=event.campaign_id,
            started_at=self._clock.now(),
        )

    async def _connected(self, event: CallConnected) -> None:
        now = self._clock.now()
        await self._update(event.call_id, agent_id=event.agent_id)
        await CallRow.filter(id=event.call_id, connected_at=None).update(connected_at=now)

    async def _failed(self, event: CallFailed) -> None:
        await self._update(
            event.call_id,
            ended_at=self._clock.now(),
            outcome=event.outcome.value,
            cause=event.cause,
            sip_code=event.sip_code,
            ring_s=event.ring_s,
        )

    async def _ended(self, event: CallEnded) -> None:
        await self._update(
            event.call_id,
            ended_at=self._clock.now(),
            outcome=AttemptOutcome.ANSWERED.value,
            ended_by=event.by,
            cause=event.cause,
            talk_s=event.talk_s,
            message_played=event.message_played,
        )

    async def _recorded(self, event: RecordingStored) -> None:
        await RecordingRow.create(
            id=event.recording_id,
            interaction_id=event.interaction_id,
            call_id=event.call_id,
            stored_at=self._clock.now(),
            size_bytes=event.size_bytes,
            length_s=event.length_s,
        )

    @staticmethod
    async def _update(call_id: CallId, **values: Any) -> None:
        await CallRow.filter(id=call_id).update(**values)

    async def save_leg(self, leg: LegRecord, zero: datetime) -> None:
        """Write a leg's record; its times are seconds after `zero`."""
        answered_s = leg.answered_at_s
        await CallLegRow.create(
            id=leg.leg_id,
            kind=leg.kind,
            call_id=leg.call_id,
            agent_id=leg.agent_id,
            trunk_id=leg.trunk_id,
            started_at=zero + timedelta(seconds=leg.started_at_s),
            answered_at=None if answered_s is None else zero + timedelta(seconds=answered_s),
            ended_at=zero + timedelta(seconds=leg.ended_at_s),
            cause=leg.cause,
            sip_code=leg.sip_code,
        )

    async def trunks(self) -> Sequence[TrunkSpec]:
        """Return all trunks, by name."""
        return [_trunk(row) for row in await TrunkRow.all().order_by("name")]

    async def save_trunk(self, trunk: TrunkSpec) -> None:
        """Insert or replace a trunk."""
        await TrunkRow.update_or_create(
            id=trunk.trunk_id,
            defaults={
                "name": trunk.name,
                "host": trunk.host,
                "port": trunk.port,
                "user": trunk.user,
                "secret": trunk.secret,
                "register": trunk.register,
                "match": list(trunk.match),
                "caller_id": trunk.caller_id,
                "capacity": trunk.capacity,
                "calls_per_second": trunk.calls_per_second,
                "codecs": list(trunk.codecs),
                "enabled": trunk.enabled,
            },
        )

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


def _trunk(row: TrunkRow) -> TrunkSpec:
    return TrunkSpec(
        trunk_id=TrunkId(row.id),
        name=row.name,
        host=row.host,
        port=row.port,
        user=row.user,
        secret=row.secret,
        register=row.register,
        match=tuple(row.match),
        caller_id=row.caller_id,
        capacity=row.capacity,
        calls_per_second=row.calls_per_second,
        codecs=tuple(row.codecs),
        enabled=row.enabled,
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
