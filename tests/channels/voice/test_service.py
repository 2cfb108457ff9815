"""The voice service on the simulated switch and a clock that jumps."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from omni.channels.voice.model import DialRequest, PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.ports import OpenCall
from omni.channels.voice.simulator import SimulatedSwitch
from omni.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from omni.core.events.voice import (
    AgentPhoneChanged,
    CallConnected,
    CallEnded,
    CallFailed,
    CallHeld,
    CallStarted,
    RecordingStored,
    TrunkSaved,
    TrunkStateChanged,
)
from omni.core.ids import AgentId, AttemptId, CallId, InteractionId, TrunkId
from omni.core.terms import AttemptOutcome, Direction, Outcome
from tests.channels.voice.doubles import (
    ENTRY,
    NUMBER,
    MemoryJournal,
    MemoryStore,
    Office,
    office,
)
from tests.channels.voice.rig import START, TRUNK, Numbers, VirtualClock, settle

ANN = AgentId("ann")


@dataclass
class Scene:
    office: Office
    switch: SimulatedSwitch
    clock: VirtualClock
    store: MemoryStore
    journal: MemoryJournal

    async def dial(self, digit: str = "1", attempt: str = "attempt") -> str:
        request = DialRequest(AttemptId(attempt), None, f"+999{digit}00000", TRUNK, "", 20.0)
        return (await self.office.service.dial(request)).call_id

    async def phone(self, agent_id: AgentId = ANN) -> None:
        spec = PhoneSpec(agent_id, PhoneKind.SIP, "sip:robot@127.0.0.2")
        await self.office.service.save_phone(spec)
        await self.office.service.connect_phone(agent_id)
        await self.clock.pass_time(0.5)

    async def talk(self) -> str:
        await self.phone()
        call = await self.dial()
        await self.clock.pass_time(1.0)
        await self.office.accept(call, ANN)
        await self.clock.pass_time(0.1)
        return call


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = VirtualClock()
    switch, store, journal = SimulatedSwitch(clock), MemoryStore(), MemoryJournal(clock)
    store.saved_trunks[TRUNK] = TrunkSpec(
        TRUNK, "demo", "127.0.0.2", capacity=3, calls_per_second=2
    )
    parts = (store, journal, journal.log)
    async with office(switch, parts, clock, Numbers(), tmp_path) as it:
        await settle()
        yield Scene(it, switch, clock, store, journal)


async def test_a_campaign_call_from_dial_to_recording(scene: Scene, tmp_path: Path) -> None:
    call = await scene.talk()
    assert scene.switch.hears(call) == scene.switch.legs() - {call}
    connected = scene.journal.events(CallConnected)[0]
    assert connected.interaction_id == call
    assert connected.connect_ms == 0.0
    await scene.clock.pass_time(10.0)
    await scene.office.end(call, agent_id=ANN)
    await scene.clock.pass_time(1.0)
    async with asyncio.timeout(20):  # a thread writes the file
        while not scene.journal.events(RecordingStored):
            await settle()
    ended = scene.journal.events(CallEnded)[0]
    assert (ended.by, round(ended.talk_s)) == ("agent", 10)
    stored = scene.journal.events(RecordingStored)[0]
    assert (stored.interaction_id, round(stored.length_s)) == (call, 10)
    assert len(list(tmp_path.rglob("*.wav"))) == 1
    assert [leg.kind for leg in scene.store.legs] == ["agent", "customer"]
    assert scene.office.service.trunks()[0].busy == 0


async def test_the_call_of_an_attempt_has_its_id_and_is_made_once(scene: Scene) -> None:
    assert await scene.dial(attempt="a1") == "a1"
    with pytest.raises(Conflict):
        await scene.dial(attempt="a1")


@pytest.mark.parametrize(
    "number", ["word", "", "12345", "+4930x", "+49301234567890123456", "sip:a@b"]
)
async def test_what_is_no_number_is_not_dialled(scene: Scene, number: str) -> None:
    request = DialRequest(AttemptId("a"), None, number, TRUNK, "", 20.0)
    with pytest.raises(Invalid) as fault:
        await scene.office.service.dial(request)
    assert fault.value.code == "number_invalid"
    assert not scene.journal.events(CallStarted)


async def test_a_trunk_carries_what_it_may_and_no_more(scene: Scene) -> None:
    await scene.dial("3", "a1")
    await scene.dial("3", "a2")
    with pytest.raises(Unavailable) as fast:
        await scene.dial("3", "a3")
    assert fast.value.code == "trunk_too_fast"
    await scene.clock.pass_time(1.1)
    await scene.dial("3", "a3")
    await scene.clock.pass_time(1.1)
    with pytest.raises(Unavailable) as full:
        await scene.dial("3", "a4")
    assert full.value.code == "trunk_full"
    assert len(scene.journal.events(CallStarted)) == 3
    await scene.clock.pass_time(20.0)
    assert [f.outcome for f in scene.journal.events(CallFailed)] == [AttemptOutcome.NO_ANSWER] * 3
    await scene.dial("3", "a4")


async def test_unknown_and_disabled_trunks(scene: Scene) -> None:
    with pytest.raises(NotFound):
        await scene.office.service.dial(
            DialRequest(None, None, "+9991000000", TrunkId("none"), "", 20.0)
        )
    spec = scene.office.service.trunk(TRUNK)
    await scene.office.service.save_trunk(replace(spec, enabled=False))
    with pytest.raises(Unavailable) as fault:
        await scene.dial()
    assert fault.value.code == "trunk_disabled"
    assert scene.journal.events(TrunkSaved)[-1].enabled is False
    assert scene.journal.events(TrunkStateChanged)[0].state == "up"


async def test_an_inbound_call_is_routed_by_its_number(scene: Scene) -> None:
    await scene.office.open_number("+49 30 12345")
    await scene.phone()
    scene.switch.arrive("in1", "+4917012345", "004930" + "12345", TRUNK)
    await scene.clock.pass_time(0.1)
    arrival = scene.office.acd.arrivals[0]
    assert (arrival.entry_point_id, arrival.address) == (ENTRY, "+4917012345")
    await scene.office.accept("in1", ANN)
    await scene.clock.pass_time(0.1)
    assert scene.switch.hears("in1")
    scene.switch.customer_hangs_up("in1")
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.left == ["in1"]
    assert scene.journal.events(CallEnded)[0].by == "customer"


async def test_an_unknown_number_of_ours_is_refused_and_recorded(scene: Scene) -> None:
    await scene.office.open_number()
    scene.switch.arrive("in1", "+4917012345", "word", TRUNK)
    await scene.clock.pass_time(0.1)
    ended = scene.journal.events(CallEnded)[0]
    assert (ended.by, ended.cause, ended.direction) == ("system", 1, Direction.INBOUND)
    assert not scene.office.acd.arrivals
    assert not scene.switch.legs()


async def test_a_closed_entry_point_is_busy(scene: Scene) -> None:
    await scene.office.open_number()
    scene.office.acd.closed = True
    scene.switch.arrive("in1", "", NUMBER, TRUNK)
    await scene.clock.pass_time(0.1)
    assert scene.journal.events(CallEnded)[0].cause == 17


async def test_hold_is_only_for_the_agent_on_the_call(scene: Scene) -> None:
    call = InteractionId(await scene.talk())
    service = scene.office.service
    with pytest.raises(Forbidden):
        await service.set_hold(AgentId("bob"), call, True)
    with pytest.raises(NotFound):
        await service.set_hold(ANN, InteractionId("other"), True)
    with pytest.raises(Invalid):
        await service.send_digits(ANN, call, "12x")
    await service.set_hold(ANN, call, True)
    await scene.clock.pass_time(0.1)
    assert not scene.switch.hears(call)
    await service.set_hold(ANN, call, False)
    await scene.clock.pass_time(0.1)
    assert scene.switch.hears(call)
    assert [e.held for e in scene.journal.events(CallHeld)] == [True, False]


async def test_a_dropped_person_hears_the_message(scene: Scene) -> None:
    call = CallId(await scene.dial())
    await scene.clock.pass_time(2.5)
    await scene.office.end(call, Outcome.DROPPED)
    await scene.office.service.play_drop_message(call, "prompt:en/unavailable")
    await scene.clock.pass_time(2.0)
    ended = scene.journal.events(CallEnded)[0]
    assert (ended.message_played, ended.by) == (True, "system")


async def test_a_phone_that_comes_back_gets_its_customer_back(scene: Scene) -> None:
    call = await scene.talk()
    standing = next(iter(scene.switch.hears(call)))
    scene.switch.customer_hangs_up(standing)
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.phones[ANN] is False
    assert not scene.switch.hears(call)
    await scene.clock.pass_time(3.0)
    assert scene.office.acd.phones[ANN] is True
    assert scene.switch.hears(call)
    assert not scene.office.acd.left


async def test_a_page_that_goes_away_for_good_loses_its_leg_after_a_grace(scene: Scene) -> None:
    service = scene.office.service
    login = await service.phone_login(ANN)
    assert login.username == ANN
    number = service.page_opened(ANN)
    scene.switch.register(ANN)
    await service.connect_phone(ANN)
    await scene.clock.pass_time(1.0)
    assert scene.office.acd.phones[ANN] is True
    service.page_closed(ANN, number)
    await scene.clock.pass_time(2.0)
    again = service.page_opened(ANN)  # a reload: the leg stays until the page asks for a new one
    await scene.clock.pass_time(10.0)
    assert scene.office.acd.phones[ANN] is True
    service.page_closed(ANN, again)
    scene.switch.register(ANN, False)
    await scene.clock.pass_time(6.0)
    assert scene.office.acd.phones[ANN] is False
    assert [e.reason for e in scene.journal.events(AgentPhoneChanged)][-1] == "page_gone"


async def test_a_browser_closed_in_the_middle_of_a_call_leaves_the_customer_with_music(
    scene: Scene,
) -> None:
    service = scene.office.service
    await service.phone_login(ANN)
    page = service.page_opened(ANN)
    scene.switch.register(ANN)
    await service.connect_phone(ANN)
    await scene.clock.pass_time(0.5)
    back = await scene.dial("1", "a1")
    await scene.clock.pass_time(1.0)
    await scene.office.accept(back, ANN)
    await scene.clock.pass_time(5.0)
    service.page_closed(ANN, page)
    scene.switch.register(ANN, False)
    await scene.clock.pass_time(6.0)
    assert scene.office.acd.phones[ANN] is False
    assert not scene.switch.hears(back)
    await service.phone_login(ANN)  # the agent opens the page again
    page = service.page_opened(ANN)
    scene.switch.register(ANN)
    await service.connect_phone(ANN)
    await scene.clock.pass_time(1.0)
    assert scene.switch.hears(back), "the conversation goes on"
    assert not scene.office.acd.ended
    service.page_closed(ANN, page)  # and now for good
    scene.switch.register(ANN, False)
    await scene.clock.pass_time(30.0)
    assert scene.office.acd.ended == [back]
    assert scene.journal.events(CallEnded)[0].by == "system"
    assert not scene.switch.legs()


async def test_a_login_expires(scene: Scene) -> None:
    await scene.office.service.phone_login(ANN)
    await scene.clock.pass_time(13 * 3600.0)
    assert not scene.office.service._logins


async def test_a_sip_phone_has_no_login_and_needs_an_address(scene: Scene) -> None:
    await scene.phone()
    with pytest.raises(Conflict):
        await scene.office.service.phone_login(ANN)
    with pytest.raises(Invalid):
        await scene.office.service.save_phone(PhoneSpec(ANN, PhoneKind.SIP, "mailto:x"))


async def test_the_switch_dies_in_the_middle_of_twenty_calls(scene: Scene) -> None:
    spec = replace(scene.office.service.trunk(TRUNK), capacity=100, calls_per_second=0)
    await scene.office.service.save_trunk(spec)
    await scene.phone()
    for n in range(20):
        await scene.dial("13"[n % 2], f"a{n}")
    await scene.clock.pass_time(1.0)
    await scene.office.accept("a0", ANN)
    await scene.clock.pass_time(1.0)
    scene.switch.lose(legs_too=True)
    await scene.clock.pass_time(1.0)
    assert scene.office.acd.phones[ANN] is False
    with pytest.raises(Unavailable):
        await scene.dial("1", "late")
    scene.switch.come_back()
    await scene.clock.pass_time(2.0)
    failed = {e.attempt_id: e.outcome for e in scene.journal.events(CallFailed)}
    ended = {e.attempt_id: e.by for e in scene.journal.events(CallEnded)}
    assert failed.keys() | ended.keys() == {f"a{n}" for n in range(20)}
    assert set(failed.values()) == {AttemptOutcome.FAILED}
    assert set(ended.values()) == {"system"}
    assert len(scene.office.acd.left) == 10
    assert scene.office.acd.phones[ANN] is True, "the standing leg is back"
    assert scene.office.service.trunks()[0].busy == 0
    await scene.dial("1", "after")


async def test_a_switch_that_stays_away_ends_its_calls(scene: Scene) -> None:
    await scene.dial("1", "a1")
    await scene.clock.pass_time(1.0)
    scene.switch.lose(legs_too=False)
    await scene.clock.pass_time(16.0)
    assert [e.by for e in scene.journal.events(CallEnded)] == ["system"]
    scene.switch.come_back()
    await scene.clock.pass_time(1.0)
    assert not scene.switch.legs(), "a call that was given up is hung up"


async def test_what_happens_while_the_database_is_away_is_written_later(scene: Scene) -> None:
    call = await scene.dial("2", "a1")
    await scene.clock.pass_time(0.2)
    scene.journal.broken = True
    await scene.clock.pass_time(10.0)
    scene.journal.broken = False
    await scene.clock.pass_time(10.0)
    names = [r.event.TYPE for r in scene.journal.log if r.event.key == call]
    assert names == ["call.started", "call.ringing", "call.answered", "call.ended"]


async def test_a_commit_whose_answer_is_lost_is_not_written_twice(scene: Scene) -> None:
    scene.journal.answers_lost = 1
    first = await scene.dial("2", "a1")
    await scene.clock.pass_time(0.3)
    scene.journal.answers_lost = 1
    second = await scene.dial("2", "a2")
    await scene.clock.pass_time(20.0)
    for call in (first, second):
        names = [r.event.TYPE for r in scene.journal.log if r.event.key == call]
        assert names == ["call.started", "call.ringing", "call.answered", "call.ended"]


async def test_what_the_acd_must_know_is_said_until_it_hears(scene: Scene) -> None:
    """While the ACD is built anew a caller arrives and waits, another one hangs up."""
    await scene.office.open_number("+49 30 12345")
    call = await scene.talk()
    scene.office.acd.away = True
    scene.switch.customer_hangs_up(call)
    scene.switch.arrive("in1", "+4917012345", "004930" + "12345", TRUNK)
    await scene.clock.pass_time(400.0)
    assert not scene.office.acd.left
    assert not scene.office.acd.arrivals
    scene.office.acd.away = False
    await scene.clock.pass_time(6.0)
    assert scene.office.acd.left == [call]
    assert [a.interaction_id for a in scene.office.acd.arrivals] == ["in1"]
    assert scene.office.service.live_calls()[0].answered


async def test_calls_of_the_process_before_end_when_the_switch_has_them_no_more(
    tmp_path: Path,
) -> None:
    clock = VirtualClock()
    switch, store, journal = SimulatedSwitch(clock), MemoryStore(), MemoryJournal(clock)
    started = CallStarted(
        call_id=CallId("old"), direction=Direction.OUTBOUND, trunk_id=None, from_number="",
        to_number="+49301", attempt_id=AttemptId("old"), interaction_id=InteractionId("old"),
    )  # fmt: skip
    store.left_open = [OpenCall(started, START, answered=True, agent_id=None)]
    async with office(switch, (store, journal, journal.log), clock, Numbers(), tmp_path) as it:
        await clock.pass_time(1.0)
        assert [e.call_id for e in journal.events(CallEnded)] == ["old"]
        assert it.acd.left == ["old"]
