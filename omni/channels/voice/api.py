"""The API of the telephone: agents' phones, the call in hand, call records, recordings, trunks."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from omni.channels.voice.model import CallerPool, PhoneKind, PhoneSpec, TrunkLines, TrunkSpec
from omni.channels.voice.service import VoiceService
from omni.channels.voice.siplink import SipLink
from omni.channels.voice.store import (
    CallFilter,
    CallLegRow,
    CallRow,
    RecordingFolder,
    RecordingRow,
    legs_of,
    list_calls,
    read_file,
    recording_agent,
    recording_row,
    recordings_of,
)
from omni.core.clock import Identities
from omni.core.endpoint import Call, Download, Endpoint, SocketEndpoint, Wire
from omni.core.errors import Forbidden
from omni.core.ids import AgentId, CampaignId, InteractionId, RecordingId, TrunkId
from omni.core.terms import ADMINS, AGENTS, STAFF, Direction

PAGE_SIZE = 50
HOST = r"[A-Za-z0-9.\-]{1,253}"
NETWORK = r"[A-Za-z0-9.:\-/]{1,253}"
PLAIN = r"[^\s\[\];=\"<>]{0,120}"  # nothing that could end a field of the switch


Network = Annotated[str, Field(pattern=f"^{NETWORK}$")]
ShownNumber = Annotated[str, Field(pattern=r"^\+?[0-9]{2,15}$")]
Codec = Literal["ulaw", "alaw", "g722", "opus", "gsm"]
CODECS: tuple[Codec, ...] = ("ulaw", "alaw")


class IceServer(Wire):
    """A STUN or TURN server for the browser."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class PhoneCredentials(Wire):
    """With what the page's SIP phone registers; `ws_path` is on this server."""

    uri: str
    ws_path: str
    username: str
    password: str
    expires_at: datetime
    ice_servers: list[IceServer]


class Hold(Wire):
    """Put the customer on hold or take them back."""

    held: bool


class Mute(Wire):
    """Close or open the agent's microphone."""

    muted: bool


class Dtmf(Wire):
    """Digits to send."""

    digits: str = Field(pattern=r"^[0-9*#A-D]{1,32}$")


class LegItem(Wire):
    """One leg of a call. `kind`: customer | agent."""

    leg_id: str
    kind: str
    agent_id: str | None
    trunk_id: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    cause: int
    sip_code: int


class RecordingItem(Wire):
    """A recording that can be heard at `/api/recordings/{recording_id}`.

    `incomplete`: a part that died cut it off.
    """

    recording_id: str
    length_s: float
    size_bytes: int
    incomplete: bool


class CallItem(Wire):
    """One call with its legs and recordings."""

    call_id: str
    direction: Direction
    trunk_id: str | None
    from_number: str
    to_number: str
    interaction_id: str | None
    attempt_id: str | None
    campaign_id: str | None
    agent_id: str | None
    started_at: datetime
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    ring_s: float
    talk_s: float
    outcome: str
    ended_by: str
    cause: int
    sip_code: int
    message_played: bool
    legs: list[LegItem]
    recordings: list[RecordingItem]


class CallQuery(Wire):
    """Which calls; pages of 50 count from 1, newest first."""

    page: int = Field(1, ge=1, le=10_000)
    agent_id: str | None = None
    campaign_id: str | None = None
    interaction_id: str | None = None
    direction: Direction | None = None
    number: str = ""


class PoolBody(Wire):
    """Which of our numbers are shown to people whose number begins with `prefix` ("": to all)."""

    prefix: str = Field(pattern=r"^(\+[0-9]{1,14})?$")
    numbers: list[ShownNumber] = Field(min_length=1, max_length=1000)


class TrunkBody(Wire):
    """A trunk as an administrator states it."""

    name: str = Field(min_length=1, max_length=120)
    host: str = Field(pattern=f"^{HOST}$")
    port: int = Field(5060, ge=1, le=65535)
    user: str = Field("", pattern=f"^{PLAIN}$")
    secret: str = Field("", pattern=f"^{PLAIN}$")
    register_there: bool = False
    match: list[Network] = Field(default_factory=list, max_length=32)
    caller_id: str = Field("", pattern=r"^(\+?[0-9]{2,15})?$")
    capacity: int = Field(30, ge=1, le=10_000)
    calls_per_second: float = Field(10.0, ge=0, le=1000)
    codecs: list[Codec] = Field(default_factory=lambda: list(CODECS), min_length=1)
    enabled: bool = True
    cost: int = Field(100, ge=0, le=1000)
    pools: list[PoolBody] = Field(default_factory=list, max_length=200)


class TrunkChanges(Wire):
    """What to change about a trunk; what is absent stays."""

    name: str | None = Field(None, min_length=1, max_length=120)
    host: str | None = Field(None, pattern=f"^{HOST}$")
    port: int | None = Field(None, ge=1, le=65535)
    user: str | None = Field(None, pattern=f"^{PLAIN}$")
    secret: str | None = Field(None, pattern=f"^{PLAIN}$")
    register_there: bool | None = None
    match: list[Network] | None = Field(None, max_length=32)
    caller_id: str | None = Field(None, pattern=r"^(\+?[0-9]{2,15})?$")
    capacity: int | None = Field(None, ge=1, le=10_000)
    calls_per_second: float | None = Field(None, ge=0, le=1000)
    codecs: list[Codec] | None = Field(None, min_length=1)
    enabled: bool | None = None
    cost: int | None = Field(None, ge=0, le=1000)
    pools: list[PoolBody] | None = Field(None, max_length=200)


class TrunkItem(Wire):
    """A trunk and what it carries now. The secret is never shown.

    `state`: up | down | unknown | trouble. `reason` of trouble: the SIP code of the failures, or
    `silent`, or `all_busy`.
    """

    trunk_id: str
    name: str
    host: str
    port: int
    user: str
    register_there: bool
    match: list[str]
    caller_id: str
    capacity: int
    calls_per_second: float
    codecs: list[str]
    enabled: bool
    cost: int
    pools: list[PoolBody]
    state: str
    reason: str
    busy: int


class PhoneBody(Wire):
    """An agent's phone: the browser, or a SIP phone at a fixed address."""

    kind: PhoneKind
    contact_uri: str = Field(
        "", pattern=r"^(sip:[A-Za-z0-9._+\-]{1,64}@[A-Za-z0-9.\-]{1,200}(:\d{1,5})?)?$"
    )


class VoiceApi:
    """The handlers."""

    def __init__(
        self,
        service: VoiceService,
        identities: Identities,
        folder: RecordingFolder,
        ice_servers: tuple[str, ...] = (),
    ) -> None:
        self._service = service
        self._identities = identities
        self._folder = folder
        self._ice = [IceServer(urls=[url]) for url in ice_servers]

    async def credentials(self, call: Call) -> PhoneCredentials:
        login = await self._service.phone_login(call.actor.agent_id)
        return PhoneCredentials(
            uri=f"sip:{login.username}@omni",
            ws_path="/api/phone/ws",
            username=login.username,
            password=login.password,
            expires_at=login.expires_at,
            ice_servers=self._ice,
        )

    async def connect(self, call: Call) -> None:
        await self._service.connect_phone(call.actor.agent_id)

    async def disconnect(self, call: Call) -> None:
        await self._service.disconnect_phone(call.actor.agent_id)

    async def hold(self, call: Call) -> None:
        await self._service.set_hold(call.actor.agent_id, _interaction(call), call.body.held)

    async def mute(self, call: Call) -> None:
        await self._service.set_mute(call.actor.agent_id, _interaction(call), call.body.muted)

    async def call_back(self, call: Call) -> None:
        await self._service.call_back(call.actor.agent_id, _interaction(call))

    async def dtmf(self, call: Call) -> None:
        await self._service.send_digits(call.actor.agent_id, _interaction(call), call.body.digits)

    async def calls(self, call: Call) -> list[CallItem]:
        query: CallQuery = call.query
        agent_id = AgentId(query.agent_id) if query.agent_id else None
        if not call.actor.roles & STAFF:
            agent_id = call.actor.agent_id  # an agent sees their own
        which = CallFilter(
            agent_id=agent_id,
            campaign_id=CampaignId(query.campaign_id) if query.campaign_id else None,
            interaction_id=InteractionId(query.interaction_id) if query.interaction_id else None,
            direction=query.direction,
            number=query.number,
        )
        rows = await list_calls(which, page=query.page, size=PAGE_SIZE)
        ids = [row.id for row in rows]
        legs, recordings = await legs_of(ids), await recordings_of(ids)
        return [
            _call_item(
                row,
                [leg for leg in legs if leg.call_id == row.id],
                [recording for recording in recordings if recording.call_id == row.id],
            )
            for row in rows
        ]

    async def recording(self, call: Call) -> Download:
        recording_id = RecordingId(call.path["recording_id"])
        owner = await recording_agent(recording_id)
        # In a message nobody of ours speaks: it is for every agent.
        if not call.actor.roles & STAFF and owner not in (None, call.actor.agent_id):
            raise Forbidden("recording_of_another_agent")
        row = await recording_row(recording_id)
        path = self._folder.find(recording_id, row.stored_at)
        return Download(f"{recording_id}.wav", "audio/wav", read_file(path), inline=True)

    async def trunks(self, _: Call) -> list[TrunkItem]:
        return [_trunk_item(lines) for lines in self._service.trunks()]

    async def add_trunk(self, call: Call) -> TrunkItem:
        trunk_id = TrunkId(self._identities.new())
        spec = _changed(TrunkSpec(trunk_id, "", ""), call.body.model_dump())
        return await self._saved(spec)

    async def change_trunk(self, call: Call) -> TrunkItem:
        trunk_id = TrunkId(call.path["trunk_id"])
        changes = call.body.model_dump(exclude_none=True)
        return await self._saved(_changed(self._service.trunk(trunk_id), changes))

    async def put_phone(self, call: Call) -> None:
        agent_id = AgentId(call.path["agent_id"])
        await self._service.save_phone(PhoneSpec(agent_id, call.body.kind, call.body.contact_uri))

    async def _saved(self, spec: TrunkSpec) -> TrunkItem:
        await self._service.save_trunk(spec)
        trunks = self._service.trunks()
        return next(_trunk_item(one) for one in trunks if one.spec.trunk_id == spec.trunk_id)


def endpoints(
    service: VoiceService,
    identities: Identities,
    folder: RecordingFolder,
    ice_servers: tuple[str, ...] = (),
) -> list[Endpoint]:
    """Return the HTTP part of the API."""
    api = VoiceApi(service, identities, folder, ice_servers)
    anybody = AGENTS | STAFF
    call = "/api/calls/{interaction_id}"
    return [
        Endpoint(
            "POST", "/api/phone/credentials", "Make a password for my browser phone",
            api.credentials, AGENTS, result=PhoneCredentials,
        ),
        Endpoint("POST", "/api/phone/connect", "Call my phone and keep it up", api.connect, AGENTS),
        Endpoint("POST", "/api/phone/disconnect", "Let my phone go", api.disconnect, AGENTS),
        Endpoint("POST", f"{call}/hold", "Hold or retrieve", api.hold, AGENTS, body=Hold),
        Endpoint("POST", f"{call}/mute", "Mute or unmute", api.mute, AGENTS, body=Mute),
        Endpoint("POST", f"{call}/dtmf", "Send digits", api.dtmf, AGENTS, body=Dtmf),
        Endpoint(
            "POST", f"{call}/call-back", "Call who left a message or was promised a call",
            api.call_back, AGENTS,
        ),
        Endpoint(
            "GET", "/api/calls", "List calls with legs and recordings",
            api.calls, anybody, query=CallQuery, result=list[CallItem],
        ),
        Endpoint(
            "GET", "/api/recordings/{recording_id}", "Hear a recording",
            api.recording, anybody, result=Download,
        ),
        Endpoint("GET", "/api/trunks", "List trunks", api.trunks, STAFF,
                 result=list[TrunkItem]),
        Endpoint("POST", "/api/trunks", "Add a trunk", api.add_trunk, ADMINS,
                 body=TrunkBody, result=TrunkItem),
        Endpoint("PATCH", "/api/trunks/{trunk_id}", "Change a trunk", api.change_trunk, ADMINS,
                 body=TrunkChanges, result=TrunkItem),
        Endpoint("PUT", "/api/phones/{agent_id}", "State an agent's phone", api.put_phone, ADMINS,
                 body=PhoneBody),
    ]  # fmt: skip


def sockets(link: SipLink) -> list[SocketEndpoint]:
    """Return the WebSocket part of the API."""
    return [SocketEndpoint("/api/phone/ws", link.serve, AGENTS, protocols=("sip",))]


def _interaction(call: Call) -> InteractionId:
    return InteractionId(call.path["interaction_id"])


def _changed(trunk: TrunkSpec, changes: dict[str, Any]) -> TrunkSpec:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()
    }
    if "register_there" in values:
        values["register"] = values.pop("register_there")
    if "pools" in values:
        pools = (CallerPool(one["prefix"], tuple(one["numbers"])) for one in values["pools"])
        values["pools"] = tuple(pools)
    return replace(trunk, **values)


def _trunk_item(lines: TrunkLines) -> TrunkItem:
    spec = lines.spec
    return TrunkItem(
        trunk_id=spec.trunk_id, name=spec.name, host=spec.host, port=spec.port, user=spec.user,
        register_there=spec.register, match=list(spec.match), caller_id=spec.caller_id,
        capacity=spec.capacity, calls_per_second=spec.calls_per_second, codecs=list(spec.codecs),
        enabled=spec.enabled, cost=spec.cost,
        pools=[PoolBody(prefix=one.prefix, numbers=list(one.numbers)) for one in spec.pools],
        state=lines.state, reason=lines.reason, busy=lines.busy,
    )  # fmt: skip


def _call_item(row: CallRow, legs: list[CallLegRow], recordings: list[RecordingRow]) -> CallItem:
    return CallItem(
        call_id=row.id, direction=row.direction, trunk_id=row.trunk_id,
        from_number=row.from_number, to_number=row.to_number, interaction_id=row.interaction_id,
        attempt_id=row.attempt_id, campaign_id=row.campaign_id, agent_id=row.agent_id,
        started_at=row.started_at, answered_at=row.answered_at, connected_at=row.connected_at,
        ended_at=row.ended_at, ring_s=row.ring_s, talk_s=row.talk_s, outcome=row.outcome,
        ended_by=row.ended_by, cause=row.cause, sip_code=row.sip_code,
        message_played=row.message_played,
        legs=[
            LegItem(
                leg_id=leg.id, kind=leg.kind, agent_id=leg.agent_id, trunk_id=leg.trunk_id,
                started_at=leg.started_at, answered_at=leg.answered_at, ended_at=leg.ended_at,
                cause=leg.cause, sip_code=leg.sip_code,
            )
            for leg in legs
        ],
        recordings=[
            RecordingItem(
                recording_id=r.id, length_s=r.length_s, size_bytes=r.size_bytes,
                incomplete=r.incomplete,
            )
            for r in recordings
        ],
    )  # fmt: skip
