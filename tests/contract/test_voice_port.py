"""What a switch must do, tried on Asterisk with the carrier and on the simulator."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from omni.app.demo.carrier import HOST, Mood
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.ports import Switch, Target
from omni.channels.voice.prompts import place, say
from omni.channels.voice.simulator import SimulatedSwitch
from omni.core.errors import Conflict, Fault, NotFound
from omni.core.ids import AgentId, CallId, RecordingId
from omni.core.terms import AnswerKind
from tests.channels.voice.rig import TRUNK, line, until

ROBOT, BROWSER = AgentId("robot"), AgentId("browser")
H = TypeVar("H", bound=on.Happening)


@dataclass
class Bench:
    """A switch under test and what it said."""

    switch: Switch
    said: list[on.Happening] = field(default_factory=list)

    def all(self, kind: type[H], leg_id: str) -> list[H]:
        return [e for e in self.said if isinstance(e, kind) and getattr(e, "leg_id", "") == leg_id]

    async def wait(self, kind: type[H], leg_id: str, within_s: float = 10.0) -> H:
        await until(lambda: self.all(kind, leg_id), within_s=within_s)
        return self.all(kind, leg_id)[0]

    async def dial(self, leg_id: str, digit: str, ring_s: float = 5.0) -> None:
        target = Target(number=f"+999{digit}00000", trunk_id=TRUNK)
        await self.switch.call(leg_id, target, "+15550100", ring_s)

    async def talk(self, leg_id: str, desk_leg_id: str) -> None:
        """Bring a dialled person and the robot's phone together."""
        await self.dial(leg_id, "1")
        await self.switch.call(desk_leg_id, Target(agent_id=ROBOT), "omni", 5)
        await self.wait(on.LegAnswered, leg_id)
        await self.wait(on.LegAnswered, desk_leg_id)
        await self.switch.open_desk(desk_leg_id)
        await self.switch.join(leg_id, desk_leg_id)


@asynccontextmanager
async def running(switch: Switch, trunk: TrunkSpec, robot_uri: str) -> AsyncIterator[Bench]:
    bench = Bench(switch)
    switch.listen(bench.said.append)
    await switch.save_trunk(trunk)
    await switch.save_phone(PhoneSpec(ROBOT, PhoneKind.SIP, robot_uri), "")
    await switch.save_phone(PhoneSpec(BROWSER), "secret")
    life = asyncio.ensure_future(switch.run())
    try:
        await until(lambda: any(isinstance(e, on.SwitchBack) for e in bench.said))
        yield bench
    finally:
        life.cancel()
        with suppress(asyncio.CancelledError):
            await life


@pytest.fixture(
    params=["simulator", pytest.param("asterisk", marks=pytest.mark.asterisk)], scope="module"
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def install(kind: str, request: pytest.FixtureRequest) -> AsteriskInstall | None:
    return request.getfixturevalue("asterisk") if kind == "asterisk" else None


@pytest.fixture
async def bench(install: AsteriskInstall | None, tmp_path: Path) -> AsyncIterator[Bench]:
    if install is None:
        trunk = TrunkSpec(TRUNK, "demo", HOST)
        async with running(SimulatedSwitch(SystemClock()), trunk, "sip:x@127.0.0.2") as it:
            yield it
        return
    async with line(install, tmp_path, Mood()) as wire:
        switch = wire.gateway(SystemClock(), RandomIdentities())
        async with running(switch, wire.trunk, wire.carrier.robot_uri("1")) as it:
            yield it


async def test_each_outcome_of_a_dialled_number(bench: Bench) -> None:
    for digit in "1234567890":
        await bench.dial(f"leg{digit}", digit, ring_s=8.0 if digit == "0" else 2.0)
    ends = {digit: await bench.wait(on.LegEnded, f"leg{digit}") for digit in "23456790"}
    answered = {d for d in "1234567890" if bench.all(on.LegAnswered, f"leg{d}")}
    rang = {d for d in "1234567890" if bench.all(on.LegRinging, f"leg{d}")}
    assert answered == {"1", "2", "8"}
    assert rang == {"1", "2", "3", "8"}
    assert (ends["2"].cause, ends["2"].timed_out) == (16, False)
    assert (ends["3"].cause, ends["3"].timed_out) == (19, True)
    codes = {digit: ends[digit].sip_code for digit in "456790"}
    assert codes == {"4": 486, "5": 603, "6": 404, "7": 503, "9": 480, "0": 404}
    assert not any(ends[digit].timed_out for digit in "456790")
    assert not bench.all(on.LegEnded, "leg1")
    for leg_id in ("leg1", "leg8"):
        await bench.switch.hang_up(leg_id, 16)
        await bench.wait(on.LegEnded, leg_id)


async def test_a_call_that_is_withdrawn_while_ringing(bench: Bench) -> None:
    await bench.dial("leg", "3", ring_s=30)
    await bench.wait(on.LegRinging, "leg")
    await bench.switch.hang_up("leg", 16)
    await bench.wait(on.LegEnded, "leg")
    assert not bench.all(on.LegAnswered, "leg")
    await bench.switch.hang_up("leg", 16)  # again: nothing happens


async def test_agent_and_customer_talk_and_are_recorded(bench: Bench, tmp_path: Path) -> None:
    switch, recording = bench.switch, RecordingId("recording1")
    await bench.talk("customer", "agent")
    await switch.start_recording("agent", recording, CallId("customer"))
    await switch.mute("agent", True)
    await switch.mute("agent", False)
    await switch.send_digits("customer", "12#")
    await switch.park("customer")
    await switch.join("customer", "agent")
    await asyncio.sleep(1.0)
    await switch.hang_up("customer", 16)
    await bench.wait(on.LegEnded, "customer")
    await switch.stop_recording(recording)
    await until(lambda: any(isinstance(e, on.RecordingEnded) for e in bench.said))
    [ended] = [e for e in bench.said if isinstance(e, on.RecordingEnded)]
    assert (ended.recording_id, ended.call_id) == (recording, "customer")
    assert not ended.failed
    assert not ended.found
    size_bytes = await switch.fetch_recording(recording, tmp_path / "it.wav")
    with wave.open(str(tmp_path / "it.wav")) as heard:
        assert heard.getframerate() == 8000
        assert 0.5 < heard.getnframes() / 8000 < 8
    assert size_bytes == (tmp_path / "it.wav").stat().st_size
    for _ in range(2):  # again: nothing happens
        await switch.drop_recording(recording)
    assert not bench.all(on.LegEnded, "agent"), "the standing leg stays up"
    await switch.stop_recording(recording)  # again: nothing happens
    await switch.hang_up("agent", 16)
    await bench.wait(on.LegEnded, "agent")
    await switch.close_desk("agent")
    with pytest.raises(Fault):
        await switch.join("customer", "agent")


async def test_what_answers_is_told(bench: Bench) -> None:
    for leg_id, digits in (("person", "1"), ("machine", "8"), ("fax", "89")):
        target = Target(number=f"+999{digits}0000", trunk_id=TRUNK)
        await bench.switch.call(leg_id, target, "+15550100", 5.0)
        await bench.wait(on.LegAnswered, leg_id)
        await bench.switch.detect(leg_id)
    heard = {
        leg_id: (await bench.wait(on.AnswerHeard, leg_id)).kind
        for leg_id in ("person", "machine", "fax")
    }
    assert heard == {
        "person": AnswerKind.HUMAN,
        "machine": AnswerKind.MACHINE,
        "fax": AnswerKind.FAX,
    }
    await bench.switch.park("person")  # it can be used like any other leg
    await bench.switch.await_beep("machine")
    await bench.wait(on.GreetingEnded, "machine", within_s=20.0)
    await bench.switch.play("machine", "sound:vm-intro")
    await asyncio.sleep(0.1)
    await bench.switch.stop_playing("machine")
    await bench.switch.play("machine", "sound:beep")
    await until(lambda: len(bench.all(on.PlaybackEnded, "machine")) == 2)
    for leg_id in ("person", "machine", "fax"):
        await bench.switch.hang_up(leg_id, 16)
        await bench.wait(on.LegEnded, leg_id)


async def test_a_message_is_played_to_its_end(bench: Bench) -> None:
    await bench.dial("leg", "1")
    await bench.wait(on.LegAnswered, "leg")
    began_s = SystemClock().monotonic_s()
    await bench.switch.play("leg", say(["en"], "unavailable"))
    await bench.wait(on.PlaybackEnded, "leg")
    assert SystemClock().monotonic_s() - began_s > 0.4, "it was not heard"


async def test_a_key_is_heard_and_a_message_can_be_stopped(bench: Bench) -> None:
    await bench.dial("leg", "19")
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.stop_playing("leg")  # nothing to stop
    await bench.switch.play("leg", "sound:vm-intro")  # several seconds
    pressed = await bench.wait(on.DigitPressed, "leg")
    assert pressed.digit == "9"
    await bench.switch.stop_playing("leg")
    await bench.wait(on.PlaybackEnded, "leg", within_s=2.0)
    await bench.switch.park("leg")
    await bench.switch.play("leg", "sound:beep")
    await until(lambda: len(bench.all(on.PlaybackEnded, "leg")) == 2)


async def test_a_phone_that_is_not_there_cannot_be_called(bench: Bench) -> None:
    with pytest.raises(Conflict):
        await bench.switch.call("leg", Target(agent_id=BROWSER), "omni", 5)


async def test_a_leg_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.switch.park("nobody")
    await bench.switch.hang_up("nobody", 16)


async def test_a_disabled_trunk_carries_nothing(bench: Bench) -> None:
    await bench.switch.save_trunk(TrunkSpec(TRUNK, "demo", HOST, enabled=False))
    with pytest.raises(Fault):
        await bench.dial("leg", "1")


async def test_what_waits_is_told_something_and_goes_on_waiting(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.dial("leg", "1")
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.park("leg")
    await bench.switch.play("leg", place(("en", "zh"), 2, 90.0))
    await bench.wait(on.PlaybackEnded, "leg", within_s=20.0)
    assert "could not be played" not in caplog.text
    await bench.switch.unpark("leg")
    await bench.switch.unpark("leg")  # again: nothing happens
    await bench.switch.park("leg")
    assert not bench.all(on.LegEnded, "leg")


async def test_what_is_said_can_be_stopped(bench: Bench) -> None:
    await bench.dial("leg", "1")
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.park("leg")
    await bench.switch.play("leg", say(["en"], "closed", "voicemail", "closed"))
    await bench.switch.play("leg", say(["en"], "closed"))
    await asyncio.sleep(0.1)
    await bench.switch.stop_playing("leg")
    await until(lambda: len(bench.all(on.PlaybackEnded, "leg")) == 2, within_s=3.0)
    await bench.switch.stop_playing("leg")  # again: nothing happens
    assert not bench.all(on.LegEnded, "leg")


async def test_a_message_is_recorded_until_its_limit(bench: Bench, tmp_path: Path) -> None:
    recording = RecordingId("message1")
    await bench.dial("leg", "1")
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.park("leg")
    await bench.switch.unpark("leg")
    await bench.switch.record_message("leg", recording, CallId("leg"), 2.0)
    await until(lambda: any(isinstance(e, on.RecordingEnded) for e in bench.said))
    [ended] = [e for e in bench.said if isinstance(e, on.RecordingEnded)]
    assert (ended.recording_id, ended.call_id, ended.failed) == (recording, "leg", False)
    size_bytes = await bench.switch.fetch_recording(recording, tmp_path / "it.wav")
    # Asterisk looks at a clock of whole seconds: two may be three, and a frame.
    assert 1.0 < (size_bytes - 44) / 16000 < 3.2
    assert not bench.all(on.LegEnded, "leg"), "the caller is still there, to be thanked"


async def test_a_message_ends_with_its_caller(bench: Bench) -> None:
    recording = RecordingId("message2")
    await bench.dial("leg", "1")
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.record_message("leg", recording, CallId("leg"), 60.0)
    await asyncio.sleep(1.0)
    await bench.switch.hang_up("leg", 16)
    await until(lambda: any(isinstance(e, on.RecordingEnded) for e in bench.said))


async def test_a_message_ends_when_the_caller_hangs_up_and_is_kept(
    bench: Bench, tmp_path: Path
) -> None:
    recording = RecordingId("message3")
    await bench.dial("leg", "2")  # talks for 3 s, hangs up
    await bench.wait(on.LegAnswered, "leg")
    await bench.switch.record_message("leg", recording, CallId("leg"), 60.0)
    await until(lambda: any(isinstance(e, on.RecordingEnded) for e in bench.said))
    [ended] = [e for e in bench.said if isinstance(e, on.RecordingEnded)]
    assert (ended.recording_id, ended.failed) == (recording, False)
    assert ended.length_s > 1.0
    assert await bench.switch.fetch_recording(recording, tmp_path / "it.wav") > 16_000


async def test_two_people_outside_are_brought_together(bench: Bench) -> None:
    """A call that is put through: the other number's leg has the room, the caller joins it."""
    await bench.dial("caller", "1")
    await bench.wait(on.LegAnswered, "caller")
    await bench.switch.park("caller")
    await bench.dial("other", "1")
    await bench.wait(on.LegAnswered, "other")
    await bench.switch.open_desk("other")
    await bench.switch.join("caller", "other")
    await bench.switch.hang_up("other", 16)
    await bench.wait(on.LegEnded, "other")
    await bench.switch.close_desk("other")
    assert not bench.all(on.LegEnded, "caller")
