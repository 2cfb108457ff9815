"""The voice service on two real Asterisks and a real database: the main paths, then the faults."""

import array
import asyncio
import hashlib
import itertools
import math
import os
import re
import signal
import wave
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from omni.app.demo.carrier import Mood
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.app.journal import PostgresJournal
from omni.app.keys import KeyRing, new_key
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.channels.voice.model import DialRequest, PhoneKind, PhoneSpec
from omni.channels.voice.siplink import CLOSED_FOREIGN, CLOSED_REPLACED, SipLink
from omni.channels.voice.sound_files import SoundFiles, SoundFolder
from omni.channels.voice.store import (
    CallFilter,
    PostgresVoiceStore,
    legs_of,
    list_calls,
    recordings_of,
)
from omni.core.endpoint import Actor, SocketClosed
from omni.core.errors import Unavailable
from omni.core.events.base import Event, Recorded
from omni.core.events.voice import (
    CallAnswered,
    CallConnected,
    CallEnded,
    CallFailed,
    CallRerouted,
    CallStarted,
    RecordingStored,
    TrunkStateChanged,
)
from omni.core.ids import AgentId, AnnouncementId, AttemptId, CallId, InteractionId, TrunkId, UserId
from omni.core.terms import AttemptOutcome, Role
from tests.channels.voice.doubles import NUMBER, Office, office
from tests.channels.voice.rig import SECOND, TRUNK, Line, line, until
from tests.channels.voice.tones import tone

pytestmark = pytest.mark.asterisk
ROBOT, ANN = AgentId("robot"), AgentId("ann")


@dataclass
class Scene:
    office: Office
    line: Line
    recordings: Path

    async def dial(self, digit: str, attempt: str, ring_s: float = 20.0) -> str:
        request = DialRequest(
            AttemptId(attempt), None, f"+999{digit}00000", TRUNK, "+15550100", ring_s
        )
        return (await self.office.service.dial(request)).call_id

    async def answered(self, call: str) -> None:
        await until(lambda: any(e.call_id == call for e in self.office.events(CallAnswered)))

    async def connected(self, call: str) -> CallConnected:
        def found() -> list[CallConnected]:
            return [e for e in self.office.events(CallConnected) if e.call_id == call]

        await until(found)
        return found()[0]

    async def ended(self, call: str) -> CallEnded:
        def found() -> list[CallEnded]:
            return [e for e in self.office.events(CallEnded) if e.call_id == call]

        await until(found)
        return found()[0]


@pytest.fixture
async def scene(asterisk: AsteriskInstall, database: str, tmp_path: Path) -> AsyncIterator[Scene]:
    clock, identities = SystemClock(), RandomIdentities()
    log: list[Recorded[Event]] = []
    journal, store = (
        PostgresJournal(clock, log.extend),
        PostgresVoiceStore(clock, KeyRing([new_key()])),
    )
    folder = tmp_path / "recordings"
    async with line(asterisk, tmp_path, Mood()) as wire:
        switch = wire.gateway(clock, identities)
        async with office(switch, (store, journal, log), clock, identities, folder) as it:
            await it.service.save_trunk(wire.trunk)
            await it.service.save_phone(
                PhoneSpec(ROBOT, PhoneKind.SIP, wire.carrier.robot_uri("1"))
            )
            await until(lambda: it.service.switch_up)
            await it.service.connect_phone(ROBOT)
            await until(lambda: it.acd.phones.get(ROBOT))
            yield Scene(it, wire, folder)


def loudness(path: Path) -> float:
    """Return the root mean square of a recording's samples."""
    with wave.open(str(path)) as heard:
        samples = array.array("h", heard.readframes(heard.getnframes()))
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))


async def test_a_recorded_announcement_is_heard_to_its_end(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    hello = SoundFiles().convert(tone(3.0, form=("MP3", None)))
    await SoundFolder(scene.line.announcements).put(AnnouncementId("hello"), "zh", hello.wav)
    call = await scene.dial("1", "att1")
    await scene.answered(call)
    began_s = scene.office.clock.monotonic_s()
    await scene.office.service.play_drop_message(CallId(call), "own:zh/hello")
    ended = await scene.ended(call)
    assert (ended.message_played, ended.by) == (True, "system")
    assert scene.office.clock.monotonic_s() - began_s >= hello.length_s - 0.1
    assert "could not be played" not in caplog.text


async def test_a_campaign_call_and_a_caller(scene: Scene) -> None:
    call = await scene.dial("1", "attempt1")
    await scene.answered(call)
    await scene.office.accept(call, ROBOT)
    connected = await scene.connected(call)
    assert connected.connect_ms < 1000
    await asyncio.sleep(2.0)
    await scene.office.end(call, agent_id=ROBOT)
    ended = await scene.ended(call)
    assert (ended.by, ended.cause) == ("agent", 16)
    await until(lambda: scene.office.events(RecordingStored))
    files = list(scene.recordings.rglob("*.wav"))
    assert len(files) == 1
    assert loudness(files[0]) > 50, "both speak: the recording is not silent"

    await scene.office.open_number(NUMBER)
    await scene.line.carrier.call_in(NUMBER, "+4917012345", stay_s=30)
    await until(lambda: scene.office.acd.arrivals)
    inbound = scene.office.acd.arrivals[0]
    assert inbound.address == "+4917012345"
    await scene.answered(inbound.interaction_id)
    await asyncio.sleep(0.5)
    await scene.office.accept(inbound.interaction_id, ROBOT)
    await scene.connected(inbound.interaction_id)
    service = scene.office.service
    await service.set_hold(ROBOT, inbound.interaction_id, True)
    await asyncio.sleep(0.2)
    await service.set_hold(ROBOT, inbound.interaction_id, False)
    await service.set_mute(ROBOT, inbound.interaction_id, True)
    await asyncio.sleep(0.2)
    await scene.office.end(inbound.interaction_id, agent_id=ROBOT)
    await scene.ended(inbound.interaction_id)

    await scene.line.carrier.call_in("word", "+4917012345", stay_s=30)
    await until(lambda: [e for e in scene.office.events(CallEnded) if e.by == "system"])

    registering = replace(
        scene.line.trunk, trunk_id=TrunkId("other"), user="u", secret="s", register=True
    )
    await service.save_trunk(registering)  # Asterisk takes all of its objects
    await service.save_trunk(replace(registering, register=False))

    await until(lambda: len(scene.office.events(RecordingStored)) == 2)
    rows = await list_calls(CallFilter(), page=1, size=10)
    assert {(r.direction.value, r.to_number, r.ended_by) for r in rows} == {
        ("outbound", "+999100000", "agent"),
        ("inbound", NUMBER, "agent"),
        ("inbound", "word", "system"),
    }
    legs = await legs_of([call])
    assert sorted(leg.kind for leg in legs) == ["agent", "customer"]
    assert len(await recordings_of([r.id for r in rows])) == 2


async def test_a_line_of_the_carrier_fails_and_the_other_takes_over(scene: Scene) -> None:
    office, carrier = scene.office, scene.line.carrier
    service = office.service
    await service.save_trunk(scene.line.second)
    await until(lambda: all(one.state == "up" for one in service.trunks()))

    async def dial(attempt: str) -> None:
        request = DialRequest(AttemptId(attempt), None, "+999100000", None, "+15550100", 20.0)
        await service.dial(request)

    await carrier.trouble("congestion")
    for number in range(8):
        await dial(f"a{number}")
    await until(lambda: len(office.events(CallAnswered)) == 8)
    moved = office.events(CallRerouted)
    assert {(one.from_trunk_id, one.trunk_id, one.sip_code) for one in moved} == {
        (TRUNK, SECOND, 503)
    }
    out = [e for e in office.events(TrunkStateChanged) if e.state == "trouble"]
    assert [(one.trunk_id, one.reason, one.retry_s) for one in out] == [(TRUNK, "503", 2.0)]
    legs = await legs_of(["a0"])
    assert [(leg.trunk_id, leg.sip_code) for leg in legs] == [(TRUNK, 503)], "the other still lives"
    await dial("b")  # the first line is not even tried
    await until(lambda: len(office.events(CallAnswered)) == 9)
    assert len(office.events(CallRerouted)) == len(moved)
    await asyncio.sleep(2.0)
    await dial("c")  # it is tried, and fails again
    await until(lambda: len(office.events(CallAnswered)) == 10)
    assert office.events(TrunkStateChanged)[-1].retry_s == 4.0
    await carrier.trouble("")
    await asyncio.sleep(4.0)
    await dial("d")
    await until(lambda: office.events(TrunkStateChanged)[-1].state == "up")
    await until(lambda: len(office.events(CallAnswered)) == 11)
    assert len({e.call_id for e in office.events(CallStarted)}) == 11
    assert not office.events(CallFailed)

    await office.open_number(NUMBER)
    await carrier.call_in(NUMBER, "+4917012345", stay_s=30, second=True)
    await until(lambda: office.acd.arrivals)
    assert office.events(CallStarted)[-1].trunk_id == SECOND, "people call in over any of them"


async def test_the_carrier_s_bad_day(scene: Scene) -> None:
    """Refused, then everybody busy, then silence: each call has its outcome, the trunk recovers."""
    office, carrier = scene.office, scene.line.carrier
    service, dialled = office.service, itertools.count()

    async def dial() -> str:
        """Dial as soon as the trunk may be used (again)."""
        async with asyncio.timeout(40):
            while True:
                number = f"day{next(dialled)}"
                try:
                    return await scene.dial("1", number)
                except Unavailable:
                    await asyncio.sleep(0.1)

    def states() -> list[tuple[str, str]]:
        return [(one.state, one.reason) for one in office.events(TrunkStateChanged)]

    await until(lambda: states()[-1:] == [("up", "")], within_s=15)
    await carrier.trouble("congestion")
    calls = [await dial() for _ in range(5)]
    await until(lambda: states()[-1:] == [("trouble", "503")])
    assert {e.outcome for e in office.events(CallFailed)} == {AttemptOutcome.CONGESTION}

    await carrier.trouble("busy")
    calls += [await dial()]  # the one that tries it: busy is an answer of a trunk that works
    await until(lambda: states()[-1:] == [("up", "")])
    calls += [await dial() for _ in range(20)]
    await until(lambda: states()[-1:] == [("trouble", "all_busy")])

    await carrier.trouble("")
    calls += [await dial()]
    await until(lambda: states()[-1:] == [("up", "")])
    pid = carrier.instance.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        silent = await dial()
        calls.append(silent)
        await until(lambda: states()[-1:] == [("down", "")], within_s=30)
        await until(lambda: any(e.call_id == silent for e in office.events(CallFailed)))
    finally:
        os.kill(pid, signal.SIGCONT)
    [failed] = [e for e in office.events(CallFailed) if e.call_id == silent]
    assert failed.outcome is AttemptOutcome.CONGESTION
    await until(lambda: states()[-1:] == [("up", "")], within_s=30)
    after = await dial()
    await scene.answered(after)
    for call in (*calls, after):
        await service.hang_up(CallId(call))

    def ends() -> list[str]:
        failed = [e.call_id for e in office.events(CallFailed)]
        return sorted(failed + [e.call_id for e in office.events(CallEnded)])

    await until(lambda: len(ends()) >= len(calls) + 1)
    assert ends() == sorted([*calls, after]), "each has one end"


async def test_asterisk_is_killed_in_the_middle_of_a_hundred_calls(scene: Scene) -> None:
    talking = await scene.dial("1", "talking")
    await scene.answered(talking)
    await scene.office.accept(talking, ROBOT)
    await scene.connected(talking)
    attempts = {"talking"} | {
        await scene.dial("13"[n % 2], f"attempt{n:02d}", 60) for n in range(99)
    }
    await until(lambda: len(scene.office.events(CallAnswered)) >= 51, within_s=40)
    spool = scene.line.switch.recordings
    # Asterisk writes what it has heard when it has a few seconds of it.
    await until(lambda: any(path.stat().st_size > 20_000 for path in spool.glob("omni-*.wav")))
    watching = asyncio.ensure_future(scene.line.switch.watch())
    try:
        pid = scene.line.switch.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(lambda: scene.office.acd.phones[ROBOT] is False)
        await until(lambda: scene.office.acd.phones[ROBOT] is True, within_s=40)
        failed = {e.attempt_id: e.outcome for e in scene.office.events(CallFailed)}
        ended = {e.attempt_id: e.by for e in scene.office.events(CallEnded)}
        assert failed.keys() | ended.keys() == attempts
        assert len(failed) + len(ended) == len(attempts)
        assert set(failed.values()) == {AttemptOutcome.FAILED}
        assert set(ended.values()) == {"system"}
        assert {str(left) for left in scene.office.acd.left} == {str(one) for one in ended}
        await until(lambda: scene.office.events(RecordingStored))
        [cut] = scene.office.events(RecordingStored)
        assert (cut.call_id, cut.incomplete) == ("talking", True)
        [file] = scene.recordings.rglob("*.wav")
        assert loudness(file) > 100  # its header was never closed: it is heard all the same
        assert list(spool.iterdir()) == []
        again = await scene.dial("1", "after")
        await scene.answered(again)
        await scene.office.accept(again, ROBOT)
        await scene.connected(again)
        await scene.office.end(again, agent_id=ROBOT)
        await scene.ended(again)
        started = [e.call_id for e in scene.office.events(CallStarted)]
        assert len(started) == len(set(started)) == 101
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_a_new_process_takes_over_the_calls_that_live(
    asterisk: AsteriskInstall, database: str, tmp_path: Path
) -> None:
    """Asterisk stays, omni goes and comes: a waiting caller keeps waiting and is then served."""
    clock, identities = SystemClock(), RandomIdentities()
    store = PostgresVoiceStore(clock, KeyRing([new_key()]))

    async with line(asterisk, tmp_path, Mood()) as wire:
        robot = PhoneSpec(ROBOT, PhoneKind.SIP, wire.carrier.robot_uri("1"))
        log: list[Recorded[Event]] = []
        parts = (store, PostgresJournal(clock, log.extend), log)
        first = wire.gateway(clock, identities)
        async with office(first, parts, clock, identities, tmp_path) as before:
            await before.service.save_trunk(wire.trunk)
            await before.service.save_phone(robot)
            await until(lambda: before.service.switch_up)
            await before.service.connect_phone(ROBOT)
            await until(lambda: before.acd.phones.get(ROBOT))
            await before.open_number(NUMBER)
            await wire.carrier.call_in(NUMBER, "+4917012345", stay_s=60)
            await until(lambda: before.events(CallAnswered))
            waiting = before.events(CallAnswered)[0].call_id
            hung_up = DialRequest(AttemptId("gone"), None, "+999200000", TRUNK, "", 20.0)
            await before.service.dial(hung_up)
            await until(lambda: len(before.events(CallAnswered)) == 2)
            talking = DialRequest(AttemptId("talking"), None, "+999100000", TRUNK, "", 20.0)
            await before.service.dial(talking)
            await until(lambda: len(before.events(CallAnswered)) == 3)
            await before.accept(InteractionId("talking"), ROBOT)
            await until(lambda: before.events(CallConnected))
        assert len(list(wire.switch.recordings.glob("omni-*-talking.wav"))) == 1
        await asyncio.sleep(3.5)  # meanwhile the dialled person hangs up
        second = wire.gateway(clock, identities)
        async with office(second, parts, clock, identities, tmp_path) as after:
            await until(lambda: after.service.switch_up)
            await until(lambda: after.events(CallEnded))
            assert [e.call_id for e in after.events(CallEnded)] == ["gone"]
            await until(lambda: after.events(RecordingStored))
            [cut] = after.events(RecordingStored)
            assert (cut.call_id, cut.incomplete) == ("talking", True)
            await after.end("talking", agent_id=ROBOT)
            await until(lambda: len(after.events(CallEnded)) == 2)
            assert [call.call_id for call in after.service.live_calls()] == [waiting]
            await after.service.connect_phone(ROBOT)
            await until(lambda: after.acd.phones.get(ROBOT))
            await after.accept(waiting, ROBOT)
            await until(lambda: after.events(CallConnected))
            await after.end(waiting, agent_id=ROBOT)
            await until(lambda: len(after.events(CallEnded)) == 3)
            assert not after.service.live_calls()


# ---- a browser's phone, as far as a program without sound can be one


class PageSocket:
    """The server's side of a page's WebSocket, as packages see it."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.query: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise SocketClosed from closed

    async def send(self, frame: str | bytes) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise SocketClosed from closed

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self._connection.close(code, reason)


class SipPage:
    """Registers over WebSocket and sees what comes."""

    def __init__(self, socket: ClientConnection, user: str, password: str) -> None:
        self._socket, self._user, self._password = socket, user, password
        self._count = itertools.count(1)

    def _register(self, extra: str = "") -> str:
        n = next(self._count)
        return (
            "REGISTER sip:omni SIP/2.0\r\n"
            f"Via: SIP/2.0/WS x.invalid;branch=z9hG4bK{self._user}{n}\r\nMax-Forwards: 69\r\n"
            f"To: <sip:{self._user}@omni>\r\nFrom: <sip:{self._user}@omni>;tag=t{id(self)}\r\n"
            f"Call-ID: c{id(self)}\r\nCSeq: {n} REGISTER\r\n"
            f"Contact: <sip:{self._user}@x.invalid;transport=ws>;expires=60\r\n{extra}"
            "Content-Length: 0\r\n\r\n"
        )

    async def read(self) -> str:
        async with asyncio.timeout(10):
            frame = await self._socket.recv()
        return frame if isinstance(frame, str) else frame.decode()

    async def register(self) -> int:
        """Register and return the final status."""
        await self._socket.send(self._register())
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', await self.read()))
        realm, nonce = challenge["realm"], challenge["nonce"]
        first = _md5(f"{self._user}:{realm}:{self._password}")
        proof = _md5(f"{first}:{nonce}:00000001:c:auth:{_md5('REGISTER:sip:omni')}")
        header = (
            f'Authorization: Digest username="{self._user}", realm="{realm}", nonce="{nonce}", '
            f'uri="sip:omni", response="{proof}", algorithm=MD5, qop=auth, nc=00000001, '
            f'cnonce="c", opaque="{challenge.get("opaque", "")}"\r\n'
        )
        await self._socket.send(self._register(header))
        return int((await self.read()).split(" ", 2)[1])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def test_a_page_registers_is_called_and_gives_way_to_a_newer_one(scene: Scene) -> None:
    service = scene.office.service
    link = SipLink(service, scene.line.address.phones)
    actor = Actor(UserId(ANN), "Ann", frozenset({Role.AGENT}))

    async def page(connection: ServerConnection) -> None:
        await link.serve(actor, PageSocket(connection))

    sip = [Subprotocol("sip")]
    async with serve(page, "127.0.0.1", 0, subprotocols=sip) as server:
        port = server.sockets[0].getsockname()[1]
        address = f"ws://127.0.0.1:{port}"
        stranger = await connect(address, subprotocols=sip)
        await stranger.send(SipPage(stranger, ROBOT, "x")._register())
        with pytest.raises(ConnectionClosed):
            await stranger.recv()
        assert stranger.close_code == CLOSED_FOREIGN

        login = await service.phone_login(ANN)
        first = await connect(address, subprotocols=sip)
        phone = SipPage(first, login.username, login.password)
        assert await phone.register() == 200
        await service.connect_phone(ANN)
        assert (await phone.read()).startswith("INVITE ")

        newer = await service.phone_login(ANN)
        second = await connect(address, subprotocols=sip)
        with pytest.raises(ConnectionClosed):
            while True:
                await first.recv()
        assert first.close_code == CLOSED_REPLACED
        stale = SipPage(second, login.username, login.password)
        assert await stale.register() == 401, "the older password is void"
        fresh = SipPage(second, newer.username, newer.password)
        assert await fresh.register() == 200
        await second.close()
