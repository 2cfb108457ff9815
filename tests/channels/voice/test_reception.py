"""Callers who wait: what they hear, what they press, and where a rule of the queue sends them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omni.acd.guide import Guide
from omni.acd.model import Place
from omni.acd.record import CALLBACK, MESSAGE, Errand
from omni.channels.voice.model import CallState, TrunkSpec
from omni.channels.voice.prompts import FOLDER, NUMBERS, TEXTS, place, say
from omni.channels.voice.simulator import SimulatedSwitch
from omni.core.errors import Conflict, Forbidden, NotFound
from omni.core.events.base import Recorded
from omni.core.events.routing import CallbackPromised, InteractionOffered, InteractionOverflowed
from omni.core.events.voice import (
    CallConnected,
    CallEnded,
    CallFailed,
    CallStarted,
    RecordingStored,
    VoicemailBegan,
)
from omni.core.ids import AgentId, AnnouncementId, InteractionId
from omni.core.terms import Direction, Medium, Outcome
from tests.channels.voice.doubles import GROUP, NUMBER, QUEUE, MemoryJournal, MemoryStore, office
from tests.channels.voice.rig import TRUNK, Numbers, VirtualClock, until
from tests.channels.voice.test_service import ANN, Scene

CALL = InteractionId("call")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = VirtualClock()
    switch, store, journal = SimulatedSwitch(clock), MemoryStore(), MemoryJournal(clock)
    store.saved_trunks[TRUNK] = TrunkSpec(TRUNK, "demo", "127.0.0.2", caller_id="+4930999")
    async with office(switch, (store, journal, journal.log), clock, Numbers(), tmp_path) as it:
        await clock.pass_time(0.1)
        await it.open_number()
        yield Scene(it, switch, clock, store, journal)


async def arrive(
    scene: Scene, guide: Guide | None = None, from_number: str = "+4412345678"
) -> None:
    scene.office.acd.heard = guide or Guide()
    scene.switch.arrive(CALL, from_number, NUMBER, TRUNK)
    await scene.clock.pass_time(0.1)


async def overflow(scene: Scene, action: str, **more: object) -> None:
    event = InteractionOverflowed(
        interaction_id=CALL,
        medium=Medium.VOICE,
        queue_id=QUEUE,
        rule=0,
        condition="waited",
        limit=30,
        action=action,
        **more,  # type: ignore[arg-type]
    )
    await scene.office.service.on_routing(Recorded(0, scene.clock.now(), event))


async def stored_messages(scene: Scene, count: int) -> list[RecordingStored]:
    """Wait until so many recordings are stored (files are written in threads)."""
    await until(lambda: len(scene.office.events(RecordingStored)) == count)
    return scene.office.events(RecordingStored)


def state(scene: Scene) -> CallState | None:
    return next((call.state for call in scene.office.service.live_calls()), None)


def heard(scene: Scene) -> list[str]:
    return scene.switch.heard.get(CALL, [])


def test_every_prompt_has_its_sound_in_both_languages() -> None:
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    for language, texts in TEXTS.items():
        for name in (*texts, *map(str, NUMBERS)):
            assert (FOLDER / language / f"{name}.ulaw").stat().st_size > 800, (language, name)


@pytest.mark.parametrize(
    ("number", "wait_s", "said"),
    [
        (3, None, "place 3 in-line"),
        (1, 20.0, "place 1 in-line soon"),
        (2, 61.0, "place 2 in-line wait 2 minutes"),
        (20, 1_260.0, "place 20 in-line wait 25 minutes"),
        (21, 3_600.0, "wait 60 minutes"),
        (99, 3_601.0, "long"),
        (99, None, ""),
    ],
)
def test_place_and_wait_as_a_sentence(number: int, wait_s: float | None, said: str) -> None:
    assert place(("zh",), number, wait_s) == say(("zh",), *said.split())


async def test_greeting_then_place_at_an_interval(scene: Scene) -> None:
    guide = Guide(("en", "zh"), (AnnouncementId("welcome"), AnnouncementId("busy")), 30.0)
    scene.office.acd.places[CALL] = Place(2, 70.0)
    await arrive(scene, guide)
    assert heard(scene) == [say(("en", "zh"), "welcome", "busy")]
    await scene.clock.pass_time(30.0)
    assert heard(scene)[1:] == [place(("en", "zh"), 2, 70.0)]
    await scene.clock.pass_time(31.0)
    assert len(heard(scene)) == 3
    await scene.phone()
    await scene.office.accept(CALL, ANN)
    await scene.clock.pass_time(90.0)
    assert len(heard(scene)) == 3, "no more of it during the conversation"
    assert state(scene) is CallState.CONNECTED


@pytest.mark.parametrize(
    ("action", "said"), [("voicemail", "voicemail"), ("ticket", "unavailable")]
)
async def test_a_rule_that_ends_it_on_arrival_is_carried_out(
    scene: Scene, action: str, said: str
) -> None:
    """The ACD's events may come before its answer that the caller is let in."""
    scene.office.acd.away = True
    await arrive(scene)
    await overflow(scene, action)
    await scene.office.end(CALL, Outcome.OVERFLOWED)
    await scene.clock.pass_time(0.1)
    assert state(scene) is CallState.ARRIVING
    scene.office.acd.away = False
    await scene.clock.pass_time(0.5)
    assert heard(scene) == [say(["en"], said)]
    assert not scene.office.events(CallEnded)
    [call] = scene.office.service.live_calls()
    assert not call.parked, "who hears music cannot be recorded"


async def test_recorded_ones_are_said_and_what_is_gone_is_not_missed(scene: Scene) -> None:
    own, gone = AnnouncementId("own1"), AnnouncementId("gone")
    scene.office.service.repertoire.learn(own, ("zh",))
    await arrive(scene, Guide(("en",), (gone, own, AnnouncementId("busy"))))
    assert heard(scene) == ["prompt:en/busy,own:zh/own1"]
    await scene.clock.pass_time(2.0)
    await overflow(scene, "announce", announcement_id=own)
    await scene.clock.pass_time(1.5)
    assert heard(scene)[1:] == ["own:zh/own1"]
    await overflow(scene, "ticket", announcement_id=gone)
    await scene.office.end(CALL, Outcome.OVERFLOWED)
    await scene.clock.pass_time(0.1)
    assert heard(scene)[2:] == [say(["en"], "unavailable")]


async def test_a_group_says_once_who_is_being_asked(scene: Scene) -> None:
    offered = InteractionOffered(
        interaction_id=CALL,
        agent_id=ANN,
        queue_id=QUEUE,
        group_id=GROUP,
        medium=Medium.VOICE,
        auto_accept=False,
    )

    async def offer() -> None:
        await scene.office.service.on_routing(Recorded(0, scene.clock.now(), offered))
        await scene.clock.pass_time(0.1)

    await arrive(scene)
    await offer()
    assert heard(scene) == [], "the group has nothing to say"
    scene.office.acd.group_says = AnnouncementId("gone")
    await offer()
    assert heard(scene) == []
    scene.office.acd.group_says = AnnouncementId("connecting")
    await offer()
    assert heard(scene) == [say(["en"], "connecting")]
    await offer()
    assert len(heard(scene)) == 1, "the next agent of the group is asked: it is not said again"
    await scene.phone()
    await scene.office.accept(CALL, ANN)
    await scene.clock.pass_time(0.3)
    assert state(scene) is CallState.CONNECTED
    await offer()
    assert len(heard(scene)) == 1, "nothing is said into a conversation"


async def test_a_greeting_that_is_gone_says_nothing(scene: Scene) -> None:
    await arrive(scene, Guide(("en",), (AnnouncementId("gone"),)))
    assert heard(scene) == []
    assert state(scene) is CallState.WAITING


async def test_a_rule_that_holds_on_arrival_waits_for_the_answer(scene: Scene) -> None:
    scene.switch.arrive(CALL, "+4412345678", NUMBER, TRUNK)
    await overflow(scene, "ticket", announcement_id="closed")
    await scene.clock.pass_time(0.3)
    await overflow(scene, "ticket", announcement_id="closed")
    await scene.clock.pass_time(0.1)
    await scene.office.end(CALL, Outcome.OVERFLOWED)
    assert heard(scene) == [say(["en"], "closed")]
    await scene.clock.pass_time(2.0)
    [ended] = scene.office.events(CallEnded)
    assert (ended.by, ended.message_played) == ("system", True)
    assert scene.office.acd.left == []


async def test_press_one_to_be_called_back_at_the_same_place(scene: Scene) -> None:
    await arrive(scene)
    scene.switch.press(CALL, "1")
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.choices == [], "nothing is offered yet"
    await overflow(scene, "callback", digits="1")
    scene.switch.press(CALL, "2")
    scene.switch.press(CALL, "1")
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.choices == [(CALL, "1")]
    promised = CallbackPromised(interaction_id=CALL, queue_id=QUEUE, address="+4412345678")
    await scene.office.service.on_routing(Recorded(0, scene.clock.now(), promised))
    await scene.clock.pass_time(2.0)
    assert heard(scene) == [say(["en"], "callback"), say(["en"], "promised")]
    assert scene.office.acd.left == [], "the place in the line stays"
    assert state(scene) is None
    # It is their turn: the customer is called, the agent is held meanwhile.
    await scene.phone()
    scene.office.acd.errands[CALL] = Errand(CALLBACK, "+9991000000", ANN)
    await scene.office.accept(CALL, ANN)
    await scene.clock.pass_time(1.0)
    [connected] = scene.office.events(CallConnected)
    assert (connected.interaction_id, connected.agent_id) == (CALL, ANN)
    [_, back] = scene.office.events(CallStarted)
    assert (back.direction, back.to_number) == (Direction.OUTBOUND, "+9991000000")
    assert (back.interaction_id, back.from_number) == (CALL, "+4930999")
    await scene.office.service.set_hold(ANN, CALL, True)
    await scene.clock.pass_time(0.1)
    assert state(scene) is CallState.HELD
    scene.switch.customer_hangs_up(back.call_id)
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.left == [CALL]


async def test_an_agent_who_is_free_at_once_gets_them_without_a_second_call(scene: Scene) -> None:
    await arrive(scene)
    await scene.phone()
    await overflow(scene, "callback", digits="1")
    promised = CallbackPromised(interaction_id=CALL, queue_id=QUEUE, address="+4412345678")
    await scene.office.service.on_routing(Recorded(0, scene.clock.now(), promised))
    scene.office.acd.errands[CALL] = Errand(CALLBACK, "+4412345678", ANN)
    await scene.office.accept(CALL, ANN)
    await scene.clock.pass_time(2.0)
    assert state(scene) is CallState.CONNECTED
    assert len(scene.office.events(CallStarted)) == 1


async def test_who_does_not_answer_can_be_called_again(scene: Scene) -> None:
    await scene.phone()
    scene.office.acd.errands[CALL] = Errand(CALLBACK, "+9994000000", ANN)
    await scene.office.accept(CALL, ANN)
    with pytest.raises(Conflict):
        await scene.office.service.call_back(ANN, CALL)
    await scene.clock.pass_time(1.0)
    [failed] = scene.office.events(CallFailed)
    assert failed.outcome == "busy"
    assert scene.office.acd.left == [], "the agent decides"
    with pytest.raises(Forbidden):
        await scene.office.service.call_back(AgentId("bob"), CALL)
    with pytest.raises(NotFound):
        await scene.office.service.call_back(ANN, InteractionId("other"))
    scene.office.acd.errands[CALL] = Errand(CALLBACK, "+9991000000", ANN)
    await scene.office.service.call_back(ANN, CALL)
    await scene.clock.pass_time(1.0)
    assert state(scene) is CallState.CONNECTED
    await scene.office.end(CALL, Outcome.ANSWERED, ANN)
    await scene.clock.pass_time(0.5)
    assert state(scene) is None


async def test_a_message_becomes_work_of_the_queue(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "voicemail")
    await scene.office.end(CALL, Outcome.OVERFLOWED)
    await scene.clock.pass_time(0.6)
    assert heard(scene) == [say(["en"], "voicemail")]
    [began] = scene.office.events(VoicemailBegan)
    await scene.clock.pass_time(5.0)
    scene.switch.press(CALL, "#")
    await scene.clock.pass_time(2.0)
    assert heard(scene)[-1] == say(["en"], "saved")
    [stored] = await stored_messages(scene, 1)
    assert (stored.message_for, stored.address) == (QUEUE, "+4412345678")
    assert (stored.interaction_id, stored.recording_id) == (CALL, began.recording_id)
    assert 4.0 < stored.length_s < 6.0
    for _ in range(2):  # told twice: the ACD knows it by its id
        await scene.office.service.messages.on_stored(Recorded(0, scene.clock.now(), stored))
    work = scene.office.acd.arrivals[-1]
    assert work.interaction_id == InteractionId(stored.recording_id)
    assert work.errand == MESSAGE
    assert (work.queue_id, work.address) == (QUEUE, "+4412345678")
    assert state(scene) is None


async def test_a_message_is_kept_when_the_caller_hangs_up_or_the_limit_comes(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "voicemail")
    await scene.clock.pass_time(3.0)
    scene.switch.customer_hangs_up(CALL)
    await scene.clock.pass_time(1.0)
    await stored_messages(scene, 1)
    await arrive(scene)
    await overflow(scene, "voicemail")
    await scene.clock.pass_time(125.0)
    await stored_messages(scene, 2)
    assert state(scene) is None


async def test_nothing_said_is_no_work(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "voicemail")
    await scene.clock.pass_time(0.7)
    scene.switch.customer_hangs_up(CALL)
    await scene.clock.pass_time(1.0)
    before = len(scene.office.acd.arrivals)
    for stored in await stored_messages(scene, 1):
        await scene.office.service.messages.on_stored(Recorded(0, scene.clock.now(), stored))
    assert len(scene.office.acd.arrivals) == before


async def test_put_through_to_a_number_outside(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "number", number="+9991000000")
    await scene.office.end(CALL, Outcome.OVERFLOWED)
    await scene.clock.pass_time(1.0)
    assert state(scene) is CallState.AWAY
    [other] = scene.switch.legs() - {CALL}
    assert scene.switch.hears(CALL) == {other}
    assert scene.office.service.trunks()[0].busy == 2
    scene.switch.customer_hangs_up(other)
    await scene.clock.pass_time(1.0)
    assert scene.switch.legs() == frozenset()
    assert scene.office.service.trunks()[0].busy == 0
    [ended] = scene.office.events(CallEnded)
    assert ended.by == "system"
    assert "forward" in {leg.kind for leg in scene.store.legs}


async def test_the_caller_hangs_up_on_the_number_outside(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "number", number="+9991000000")
    await scene.clock.pass_time(1.0)
    scene.switch.customer_hangs_up(CALL)
    await scene.clock.pass_time(1.0)
    assert scene.switch.legs() == frozenset()
    assert scene.office.service.trunks()[0].busy == 0


async def test_a_number_outside_that_is_busy(scene: Scene) -> None:
    await arrive(scene)
    await overflow(scene, "number", number="+9994000000")
    await scene.clock.pass_time(3.0)
    assert heard(scene) == [say(["en"], "connecting"), say(["en"], "unavailable")]
    assert scene.switch.legs() == frozenset()


async def test_an_agent_interrupts_what_is_said(scene: Scene) -> None:
    await arrive(scene)
    await scene.phone()
    await overflow(scene, "menu", digits="12")
    await scene.office.accept(CALL, ANN)
    await scene.clock.pass_time(0.1)
    assert state(scene) is CallState.CONNECTED
    scene.switch.press(CALL, "1")
    await scene.clock.pass_time(0.1)
    assert scene.office.acd.choices == []
