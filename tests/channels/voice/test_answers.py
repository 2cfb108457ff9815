"""Answering machines in the exchange: said once what answered, and when a message begins."""

from dataclasses import replace

import pytest

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.answers import MESSAGE_TRIES
from omni.channels.voice.engine.state import Rules
from omni.channels.voice.gateway import _heard
from omni.core.events.voice import AnswerClassified, CallAnswered, CallEnded
from omni.core.ids import CallId
from omni.core.terms import AnswerKind
from tests.channels.voice.test_exchange import REQUEST, World

CALL = CallId("call")


def listening() -> World:
    world = World()
    world.feed(on.Dial(CALL, replace(REQUEST, detect=True)))
    assert do.Detect(CALL, CALL) in world.feed(on.LegAnswered(CALL), 2.0)
    return world


def test_what_answered_is_said_after_the_answer_and_once() -> None:
    world = listening()
    assert isinstance(world.events()[-1], CallAnswered)
    world.feed(on.AnswerHeard(CALL, AnswerKind.HUMAN, 0.8), 1.6)
    world.feed(on.AnswerHeard(CALL, AnswerKind.MACHINE), 0.1)
    world.feed(on.Tick(), 10.0)
    [said] = [e for e in world.events() if isinstance(e, AnswerClassified)]
    assert (said.kind, said.took_s, said.quiet_s) == (AnswerKind.HUMAN, 1.6, 0.8)


def test_a_detector_that_does_not_decide_lets_the_person_through() -> None:
    world = listening()
    assert world.exchange.next_deadline_s() == world.at_s + Rules().detect_s
    world.feed(on.Tick(), Rules().detect_s)
    said = world.events()[-1]
    assert isinstance(said, AnswerClassified)
    assert said.kind is AnswerKind.UNSURE
    world.feed(on.AnswerHeard(CALL, AnswerKind.MACHINE))
    assert world.events()[-1] is said


def test_who_hangs_up_while_we_listen_has_left() -> None:
    world = listening()
    world.feed(on.LegEnded(CALL, 16), 1.0)
    assert isinstance(world.events()[-1], CallEnded)
    assert world.exchange.next_deadline_s() is None


def test_a_message_begins_when_the_greeting_is_over_and_anew_after_a_late_beep() -> None:
    world = listening()
    world.feed(on.AnswerHeard(CALL, AnswerKind.MACHINE), 1.6)
    assert world.feed(on.LeaveMessage(CALL, "sound:m")) == [do.AwaitBeep(CALL, CALL)]
    play = [do.Play(CALL, CALL, "sound:m")]
    assert world.feed(on.GreetingEnded(CALL), 7.0) == play
    anew = [do.StopPlaying(CALL, CALL), *play]
    again = [world.feed(on.FarEndSpoke(CALL), 1.0) for _ in range(4)]
    assert again == [anew] * (MESSAGE_TRIES - 1) + [[]] * (5 - MESSAGE_TRIES)
    for _ in range(MESSAGE_TRIES - 1):  # those that were stopped
        assert world.feed(on.PlaybackEnded(CALL)) == []
    assert world.feed(on.PlaybackEnded(CALL), 3.0) == [do.HangUp(CALL, CALL)]
    world.feed(on.LegEnded(CALL, 16))
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert ended.message_played


def test_a_greeting_without_an_end_is_given_up() -> None:
    world = listening()
    world.feed(on.AnswerHeard(CALL, AnswerKind.MACHINE), 1.6)
    world.feed(on.LeaveMessage(CALL, "sound:m"))
    commands = world.feed(on.Tick(), Rules().machine_s)
    assert do.HangUp(CALL, CALL) in commands


def test_a_drop_message_is_not_begun_anew_by_what_the_person_says() -> None:
    world = listening()
    world.feed(on.AnswerHeard(CALL, AnswerKind.HUMAN), 1.6)
    world.feed(on.PlayDropMessage(CALL, "sound:sorry"), 2.0)
    assert world.feed(on.FarEndSpoke(CALL), 1.0) == []


@pytest.mark.parametrize(
    ("args", "kind", "quiet_s"),
    [
        (["amd", "HUMAN", "HUMAN-820-800"], AnswerKind.HUMAN, 0.82),
        (["amd", "MACHINE", "LONGGREETING-1500-1500"], AnswerKind.MACHINE, 0.0),
        (["amd", "MACHINE", "MAXWORDS-4-4"], AnswerKind.MACHINE, 0.0),
        (["amd", "MACHINE", "INITIALSILENCE-2500-2500"], AnswerKind.UNSURE, 0.0),
        (["amd", "NOTSURE", "TOOLONG-5000"], AnswerKind.UNSURE, 0.0),
        (["amd", "FAX"], AnswerKind.FAX, 0.0),
        (["amd", "", ""], AnswerKind.UNSURE, 0.0),
    ],
)
def test_what_asterisk_s_detector_means(args: list[str], kind: AnswerKind, quiet_s: float) -> None:
    assert _heard("leg", args) == on.AnswerHeard("leg", kind, quiet_s)
