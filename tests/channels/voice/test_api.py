"""The handlers of the API and the store behind them, on a real database and a simulated switch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from omni.app.journal import PostgresJournal
from omni.app.keys import KeyRing, new_key
from omni.channels.voice import api
from omni.channels.voice.engine.commands import LegRecord
from omni.channels.voice.model import CallerPool, PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.simulator import SimulatedSwitch
from omni.channels.voice.siplink import SipLink
from omni.channels.voice.store import PostgresVoiceStore, RecordingFolder
from omni.core.endpoint import Actor, Call, Download, Endpoint
from omni.core.errors import Forbidden, NotFound
from omni.core.events.base import Event, Recorded
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
    UserId,
)
from omni.core.terms import AttemptOutcome, Direction, Role
from tests.channels.voice.doubles import Office, office
from tests.channels.voice.rig import START, TRUNK, Numbers, VirtualClock, settle

ANN = Actor(UserId("ann"), "Ann", frozenset({Role.AGENT}))
BOB = Actor(UserId("bob"), "Bob", frozenset({Role.AGENT}))
BOSS = Actor(UserId("boss"), "Boss", frozenset({Role.SUPERVISOR}))
ADMIN = Actor(UserId("root"), "Root", frozenset({Role.ADMIN}))


def events_of(call_id: str) -> tuple[list[Event], list[LegRecord]]:
    """Return what is told of a call of Ann's, and its leg."""
    call, interaction = CallId(call_id), InteractionId(call_id)
    leg = LegRecord(f"leg-{call}", "customer", call, None, TRUNK, 1.0, 2.0, 3.0, 16, 200)
    return [
        CallStarted(
            call_id=call, direction=Direction.OUTBOUND, trunk_id=TRUNK, from_number="+4930",
            to_number="+49170", attempt_id=AttemptId(call_id), campaign_id=CampaignId("c"),
            interaction_id=interaction,
        ),
        CallAnswered(call_id=call, ring_s=4.5),
        CallConnected(
            interaction_id=interaction, call_id=call, agent_id=ANN.agent_id, connect_ms=3.0
        ),
        CallEnded(
            call_id=call, direction=Direction.OUTBOUND, by="agent", cause=16, talk_s=30.0
        ),
        RecordingStored(
            recording_id=RecordingId(f"rec-{call_id}"), interaction_id=interaction,
            call_id=call, size_bytes=44, length_s=0.0,
        ),
    ], [leg]  # fmt: skip


@dataclass
class Scene:
    office: Office
    table: dict[tuple[str, str], Endpoint]
    store: PostgresVoiceStore
    folder: RecordingFolder
    clock: VirtualClock
    switch: SimulatedSwitch

    async def ask(self, actor: Actor, place: str, body: Any = None, **path: str) -> Any:
        method, pattern = place.split(" ")
        endpoint = self.table[method, pattern]
        if isinstance(body, dict):
            body = endpoint.body(**body)
        query = endpoint.query() if endpoint.query is not None else None
        return await endpoint.handler(Call(actor, path, query, body))

    async def a_call(self, call_id: str = "call1") -> None:
        """Write a call of Ann's as the service does."""
        await self.store.save(*events_of(call_id), START)


@pytest.fixture
async def scene(database: str, tmp_path: Path) -> AsyncIterator[Scene]:
    clock, identities = VirtualClock(), Numbers()
    log: list[Recorded[Event]] = []
    store, journal = (
        PostgresVoiceStore(clock, KeyRing([new_key()])),
        PostgresJournal(clock, log.extend),
    )
    switch, folder = SimulatedSwitch(clock), RecordingFolder(tmp_path, clock)
    async with office(switch, (store, journal, log), clock, identities, tmp_path) as it:
        rows = api.endpoints(it.service, identities, folder, ("stun:stun.example:3478",))
        table = {(row.method, row.path): row for row in rows}
        await settle()
        yield Scene(it, table, store, folder, clock, switch)


async def test_a_call_record_has_every_leg_and_recording(scene: Scene) -> None:
    await scene.a_call()
    (item,) = await scene.ask(BOSS, "GET /api/calls")
    assert (item.direction, item.to_number, item.ended_by) == ("outbound", "+49170", "agent")
    assert (item.ring_s, item.talk_s, item.outcome, item.agent_id) == (4.5, 30.0, "answered", "ann")
    assert [(leg.kind, leg.cause, leg.sip_code) for leg in item.legs] == [("customer", 16, 200)]
    assert item.legs[0].ended_at == START + timedelta(seconds=3)
    assert [r.recording_id for r in item.recordings] == ["rec-call1"]


async def test_calls_written_together_are_as_calls_written_alone(scene: Scene) -> None:
    first, second, alone = (events_of(f"call{n}") for n in range(3))
    mixed = [event for pair in zip(first[0], second[0], strict=True) for event in pair]
    await scene.store.save(mixed, [*first[1], *second[1]], START)
    for event in alone[0]:
        await scene.store.save([event], [], START)
    await scene.store.save([], alone[1], START)
    items = await scene.ask(BOSS, "GET /api/calls")
    assert len(items) == 3
    told = [str(item).replace(item.call_id, "call") for item in items]
    assert told == [told[0]] * 3


async def test_a_failed_call_is_recorded_with_its_cause(scene: Scene) -> None:
    started = CallStarted(
        call_id=CallId("c1"), direction=Direction.OUTBOUND, trunk_id=None, from_number="",
        to_number="+49170",
    )  # fmt: skip
    await scene.store.save([started], [], START)
    (open_call,) = await scene.store.open_calls()
    assert open_call.started == started
    failed = CallFailed(
        call_id=CallId("c1"), outcome=AttemptOutcome.BUSY, cause=17, sip_code=486, ring_s=0.0
    )
    await scene.store.save([failed], [], START)
    assert not await scene.store.open_calls()
    (item,) = await scene.ask(BOSS, "GET /api/calls")
    assert (item.outcome, item.cause, item.sip_code) == ("busy", 17, 486)


async def test_an_agent_sees_and_hears_their_own_calls_only(scene: Scene) -> None:
    await scene.a_call()
    assert len(await scene.ask(ANN, "GET /api/calls")) == 1
    assert await scene.ask(BOB, "GET /api/calls") == []
    place = "GET /api/recordings/{recording_id}"
    with pytest.raises(NotFound):  # its file is missing
        await scene.ask(ANN, place, recording_id="rec-call1")
    scene.folder.place(RecordingId("rec-call1")).write_bytes(b"RIFF")
    for listener in (ANN, BOSS):
        heard: Download = await scene.ask(listener, place, recording_id="rec-call1")
        assert b"".join([chunk async for chunk in heard.chunks]) == b"RIFF"
        assert (heard.media_type, heard.inline) == ("audio/wav", True)
    with pytest.raises(Forbidden):
        await scene.ask(BOB, place, recording_id="rec-call1")
    with pytest.raises(NotFound):
        await scene.ask(BOSS, place, recording_id="../../etc/passwd")


async def test_credentials_for_a_browser_phone(scene: Scene) -> None:
    first = await scene.ask(ANN, "POST /api/phone/credentials")
    second = await scene.ask(ANN, "POST /api/phone/credentials")
    assert first.username == "ann"
    assert first.password != second.password
    assert first.ws_path == "/api/phone/ws"
    assert first.expires_at > scene.clock.now()
    assert [server.urls for server in first.ice_servers] == [["stun:stun.example:3478"]]
    scene.switch.register(AgentId("ann"))
    await scene.ask(ANN, "POST /api/phone/connect")
    async with asyncio.timeout(10):  # the database takes real time
        while not scene.office.acd.phones.get(AgentId("ann")):
            await scene.clock.pass_time(0.1)
            await asyncio.sleep(0.01)
    await scene.ask(ANN, "POST /api/phone/disconnect")
    assert not await scene.ask(ANN, "GET /api/calls")


@pytest.mark.parametrize(
    "what", [("hold", {"held": True}), ("mute", {"muted": True}), ("dtmf", {"digits": "1"})]
)
async def test_a_call_that_is_not_there(scene: Scene, what: tuple[str, dict[str, Any]]) -> None:
    place = f"POST /api/calls/{{interaction_id}}/{what[0]}"
    with pytest.raises(NotFound):
        await scene.ask(ANN, place, what[1], interaction_id="none")


async def test_trunks_are_kept_and_their_secrets_not_shown(scene: Scene) -> None:
    body = {"name": "Carrier", "host": "sip.example.com", "user": "u", "secret": "hush-hush"}
    made = await scene.ask(ADMIN, "POST /api/trunks", body)
    assert "hush" not in made.model_dump_json()
    changed = await scene.ask(
        ADMIN, "PATCH /api/trunks/{trunk_id}", {"capacity": 7}, trunk_id=made.trunk_id
    )
    assert (changed.capacity, changed.host) == (7, "sip.example.com")
    pools = [{"prefix": "+49", "numbers": ["+4930123456"]}]
    changed = await scene.ask(
        ADMIN, "PATCH /api/trunks/{trunk_id}", {"pools": pools, "cost": 5}, trunk_id=made.trunk_id
    )
    assert (changed.cost, changed.pools[0].numbers) == (5, ["+4930123456"])
    (kept,) = await scene.store.trunks()
    assert kept.pools == (CallerPool("+49", ("+4930123456",)),)
    assert (kept.secret, kept.capacity, kept.codecs) == ("hush-hush", 7, ("ulaw", "alaw"))
    assert [t.name for t in await scene.ask(BOSS, "GET /api/trunks")] == ["Carrier"]
    with pytest.raises(NotFound):
        await scene.ask(ADMIN, "PATCH /api/trunks/{trunk_id}", {"capacity": 7}, trunk_id="none")


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "a b"},
        {"host": "x\nmatch=0.0.0.0/0"},
        {"secret": "a\nb"},
        {"capacity": 0},
        {"port": 70000},
        {"codecs": ["mp3"]},
        {"match": ["x y"]},
        {"caller_id": "me <1>"},
    ],
)
def test_a_trunk_that_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        api.TrunkBody(**{"name": "x", "host": "x", **wrong})


async def test_a_sip_phone_is_stated_by_an_administrator(scene: Scene) -> None:
    body = {"kind": "sip", "contact_uri": "sip:200@10.0.0.5:5062"}
    await scene.ask(ADMIN, "PUT /api/phones/{agent_id}", body, agent_id="ann")
    assert list(await scene.store.phones()) == [
        PhoneSpec(AgentId("ann"), PhoneKind.SIP, "sip:200@10.0.0.5:5062")
    ]
    with pytest.raises(ValidationError):
        api.PhoneBody(kind=PhoneKind.SIP, contact_uri="sip:a@b\nc")


async def test_trunks_survive_a_restart(scene: Scene, tmp_path: Path) -> None:
    await scene.office.service.save_trunk(
        TrunkSpec(TrunkId("t"), "T", "127.0.0.2", match=("10.0.0.0/8",))
    )
    (kept,) = await scene.store.trunks()
    assert kept.match == ("10.0.0.0/8",)


def test_only_agents_get_a_phone() -> None:
    link = SipLink.__new__(SipLink)
    (socket,) = api.sockets(link)
    assert (socket.path, socket.protocols) == ("/api/phone/ws", ("sip",))
    assert socket.roles == frozenset({Role.AGENT})
