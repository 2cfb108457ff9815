"""The exchange by itself: events in, commands out; then any order of events at all.

The state machine below found three bugs of ours (two deadlines in one tick lost a call, an
acceptance said twice recorded twice, one given to a second agent bound both). It was then tried
against six seeded ones and failed for each: a call not forgotten when it ends, an answer said
twice, a phone that keeps a call that is over, a returning switch whose list ends nothing, a lost
agent's leg whose customer is left alone, a customer who waits without a limit.
"""

from collections import Counter
from dataclasses import replace
from typing import get_args

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.exchange import Exchange
from omni.channels.voice.engine.state import Rules
from omni.channels.voice.engine.trunks import Route, Wish
from omni.channels.voice.model import CallState, DialRequest, PhoneKind, PhoneSpec, TrunkSpec
from omni.core.events.base import Event
from omni.core.events.voice import (
    AgentPhoneChanged,
    CallAnswered,
    CallConnected,
    CallDigit,
    CallEnded,
    CallFailed,
    CallHeld,
    CallMuted,
    CallRecorded,
    CallRerouted,
    CallStarted,
)
from omni.core.ids import (
    AgentId,
    AttemptId,
    CallId,
    EntryPointId,
    InteractionId,
    RecordingId,
    TrunkId,
)
from omni.core.terms import AnswerKind, AttemptOutcome, Direction, Outcome
from tests.channels.voice.rig import Numbers
from tests.effort import effort

TRUNK = TrunkId("trunk")
ANN, BOB = AgentId("ann"), AgentId("bob")
REQUEST = DialRequest(AttemptId("attempt"), None, "+4930123456", TRUNK, "+4930999", 25.0)


class World:
    """An exchange, a clock, and all that it wanted."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.exchange = Exchange(rules or Rules(), Numbers().new)
        self.at_s = 100.0
        self.wanted: list[do.Command] = []

    def feed(self, event: on.Input, after_s: float = 0.0) -> list[do.Command]:
        self.at_s += after_s
        commands = self.exchange.handle(event, self.at_s)
        self.wanted += commands
        return commands

    def events(self) -> list[Event]:
        return [e for c in self.wanted if isinstance(c, do.Write) for e in c.events]

    def phone_up(self, agent_id: AgentId, kind: PhoneKind = PhoneKind.SIP) -> str:
        self.feed(on.PhoneSaved(PhoneSpec(agent_id, kind, "sip:x@y")))
        self.feed(on.ConnectPhone(agent_id))
        leg_id = self.leg_of(agent_id)
        self.feed(on.LegAnswered(leg_id))
        self.feed(on.DeskOpened(leg_id))
        return leg_id

    def leg_of(self, agent_id: AgentId) -> str:
        phone = self.exchange.phones.get(agent_id)
        assert phone is not None
        assert phone.leg_id is not None
        return phone.leg_id

    def answered(self, call_id: str = "call") -> CallId:
        call = CallId(call_id)
        self.feed(on.Dial(call, REQUEST))
        self.feed(on.LegRinging(call), 1.0)
        self.feed(on.LegAnswered(call), 4.0)
        return call

    def connected(self) -> tuple[CallId, str]:
        leg_id, call = self.phone_up(ANN), self.answered()
        self.feed(on.Accepted(InteractionId(call), ANN, self.at_s))
        self.feed(on.Joined(call, leg_id), 0.01)
        return call, leg_id


def kinds(commands: list[do.Command]) -> list[type]:
    return [type(command) for command in commands]


def test_every_input_has_its_handler() -> None:
    inputs = {k for union in get_args(on.Input) for k in (get_args(union) or (union,))}
    assert World().exchange._handlers.keys() == inputs


def test_a_dialled_call_that_an_agent_takes() -> None:
    world = World()
    call, desk = world.connected()
    assert do.Join(call, call, desk) in world.wanted
    world.feed(on.InteractionOver(InteractionId(call), Outcome.ANSWERED, ANN), 30.0)
    assert do.HangUp(call, call, 16) in world.wanted
    world.feed(on.LegEnded(call, 16))
    started, answered, connected, ended = [
        e
        for e in world.events()
        if not isinstance(e, AgentPhoneChanged) and e.TYPE != "call.ringing"
    ]
    assert isinstance(started, CallStarted)
    assert isinstance(answered, CallAnswered)
    assert answered.ring_s == 4.0
    assert isinstance(connected, CallConnected)
    assert connected.connect_ms == pytest.approx(10.0)
    assert isinstance(ended, CallEnded)
    assert (ended.by, ended.talk_s) == ("agent", 30.0)
    legs = [leg.kind for c in world.wanted if isinstance(c, do.Write) for leg in c.legs]
    assert legs == ["agent", "customer"]
    assert any(isinstance(c, do.StartRecording) for c in world.wanted)
    assert any(isinstance(c, do.StopRecording) for c in world.wanted)


def test_nothing_is_recorded_where_the_rules_forbid_it() -> None:
    world = World(Rules(record=False))
    call, _ = world.connected()
    world.feed(on.LegEnded(call, 16), 3.0)
    assert isinstance(world.events()[-1], CallEnded)
    assert not {do.StartRecording, do.StopRecording} & set(kinds(world.wanted))


def test_recorded_is_what_the_switch_says_is_recorded() -> None:
    world = World()
    call, _ = world.connected()

    def told() -> list[bool]:
        return [e.recording for e in world.events() if isinstance(e, CallRecorded)]

    [start] = [c for c in world.wanted if isinstance(c, do.StartRecording)]
    assert told() == []  # it was asked to, no more
    world.feed(on.RecordingBegan(CallId(call), RecordingId("another")))
    assert told() == []
    world.feed(on.RecordingBegan(CallId(call), start.recording_id))
    assert told() == [True]
    world.feed(on.RecordingEnded(start.recording_id, CallId(call), 0.0, failed=True))
    assert told() == [True, False]
    world.feed(on.RecordingEnded(start.recording_id, CallId(call), 0.0, failed=True))
    assert told() == [True, False]


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (on.LegEnded("call", 17, 486), AttemptOutcome.BUSY),
        (on.LegEnded("call", 19, 480, timed_out=True), AttemptOutcome.CONGESTION),
        (on.LegEnded("call", failed=True), AttemptOutcome.FAILED),
    ],
)
def test_an_unanswered_call_ends_in_its_outcome(end: on.LegEnded, outcome: AttemptOutcome) -> None:
    world = World()
    world.feed(on.Dial(CallId("call"), REQUEST))
    world.feed(end)
    failed = world.events()[-1]
    assert isinstance(failed, CallFailed)
    assert failed.outcome is outcome
    assert not any(isinstance(c, do.TellCustomerLeft) for c in world.wanted)


def test_a_withdrawn_call_is_cancelled_and_one_answered_meanwhile_is_ended() -> None:
    world = World()
    call = CallId("call")
    world.feed(on.Dial(call, REQUEST))
    world.feed(on.Cancel(call))
    assert do.HangUp(call, call, 16) in world.wanted
    assert kinds(world.feed(on.LegAnswered(call))) == [do.Write, do.HangUp]
    world.feed(on.LegEnded(call, 16))
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert ended.by == "system"


def test_an_inbound_call_waits_with_music_until_an_agent_takes_it() -> None:
    world = World()
    desk = world.phone_up(ANN)
    leg = on.LegArrived("in", TRUNK, "+49170", "+4930")
    assert kinds(world.feed(on.Arrive(leg, EntryPointId("entry")))) == [
        do.Ring,
        do.Write,
        do.AskAcd,
    ]
    admitted = world.feed(on.Admitted(CallId("in"), True))
    assert kinds(admitted) == [do.Answer, do.Write, do.Park]
    joined = world.feed(on.Accepted(InteractionId("in"), ANN, world.at_s))
    assert joined == [do.Join("in", CallId("in"), desk)]


def test_an_agent_may_accept_before_the_caller_is_answered() -> None:
    world = World()
    desk = world.phone_up(ANN)
    world.feed(on.Arrive(on.LegArrived("in", TRUNK, "", "+4930"), EntryPointId("entry")))
    assert world.feed(on.Accepted(InteractionId("in"), ANN, world.at_s)) == []
    answered = world.feed(on.Admitted(CallId("in"), True))
    assert kinds(answered) == [do.Answer, do.Write, do.Join]
    assert isinstance(answered[-1], do.Join)
    assert answered[-1].desk_leg_id == desk


def test_a_caller_of_an_unknown_number_is_told_so() -> None:
    world = World()
    commands = world.feed(on.Arrive(on.LegArrived("in", TRUNK, "+49170", "word"), None))
    assert commands[-1] == do.HangUp("in", "in", 1)
    world.feed(on.LegEnded("in", 1))
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.by, ended.direction) == ("system", Direction.INBOUND)
    assert not any(isinstance(c, do.TellCustomerLeft) for c in world.wanted)


def test_a_refused_caller_hears_busy() -> None:
    world = World()
    world.feed(on.Arrive(on.LegArrived("in", TRUNK, "+49170", "+4930"), EntryPointId("entry")))
    assert world.feed(on.Admitted(CallId("in"), False)) == [do.HangUp("in", "in", 17)]


def test_a_caller_who_leaves_while_the_acd_is_asked_is_reported_afterwards() -> None:
    world = World()
    world.feed(on.Arrive(on.LegArrived("in", TRUNK, "+49170", "+4930"), EntryPointId("entry")))
    assert do.TellCustomerLeft not in kinds(world.feed(on.LegEnded("in", 16)))
    assert kinds(world.feed(on.Admitted(CallId("in"), True))) == [do.TellCustomerLeft]


def test_a_customer_who_hangs_up_ends_the_interaction() -> None:
    world = World()
    call, _ = world.connected()
    commands = world.feed(on.LegEnded(call, 16), 5.0)
    assert do.TellCustomerLeft(call, InteractionId(call)) in commands
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert ended.by == "customer"


def test_an_acceptance_that_comes_too_late_is_answered_to_the_acd() -> None:
    commands = World().feed(on.Accepted(InteractionId("gone"), ANN, 1.0))
    assert commands == [do.TellCustomerLeft("gone", InteractionId("gone"))]


def test_hold_mute_and_digits() -> None:
    world = World()
    call, desk = world.connected()
    interaction = InteractionId(call)
    assert kinds(world.feed(on.SetHold(interaction, True))) == [do.Park, do.Write]
    assert world.feed(on.SendDigits(interaction, "1")) == []
    assert world.feed(on.SetHold(interaction, False)) == [do.Join(call, call, desk)]
    world.feed(on.Joined(call, desk))
    held = [e.held for e in world.events() if isinstance(e, CallHeld)]
    assert held == [True, False]
    assert world.feed(on.SetMute(interaction, True))[0] == do.Mute(call, desk, True)
    assert world.feed(on.SetMute(interaction, True)) == []
    assert world.feed(on.SendDigits(interaction, "1")) == [do.Digits(call, call, "1")]
    ended = world.feed(on.LegEnded(call, 16))
    assert do.Mute(call, desk, False) in ended, "the next customer must hear the agent"
    assert [e.muted for e in world.events() if isinstance(e, CallMuted)] == [True]


def test_a_drop_message_is_played_then_hung_up() -> None:
    world = World()
    call = world.answered()
    world.feed(on.InteractionOver(InteractionId(call), Outcome.DROPPED, None))
    assert world.feed(on.PlayDropMessage(call, "sound:x")) == [do.Play(call, call, "sound:x")]
    assert world.feed(on.PlaybackEnded(call)) == [do.HangUp(call, call, 16)]
    world.feed(on.LegEnded(call, 16))
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert ended.message_played


def test_a_dropped_call_without_a_message_is_hung_up_after_a_grace() -> None:
    world = World()
    call = world.answered()
    world.feed(on.InteractionOver(InteractionId(call), Outcome.DROPPED, None))
    assert world.exchange.next_deadline_s() == world.at_s + Rules().drop_grace_s
    assert world.feed(on.Tick(), Rules().drop_grace_s) == [do.HangUp(call, call, 16)]


def test_a_message_listens_for_keys_and_for_a_while_after_it() -> None:
    world = World()
    call = world.answered()
    assert world.feed(on.DigitPressed(call, "1")) == []  # nothing was asked
    assert world.feed(on.PlayMessage(call, "sound:x", 4.0)) == [do.Play(call, call, "sound:x")]
    world.feed(on.DigitPressed(call, "9"))
    told = world.events()[-1]
    assert isinstance(told, CallDigit)
    assert (told.digit, told.call_id) == ("9", call)
    assert world.feed(on.PlaybackEnded(call), 2.0) == []
    assert world.exchange.next_deadline_s() == world.at_s + 4.0
    assert world.feed(on.Tick(), 4.0) == [do.HangUp(call, call, 16)]  # nothing for the ACD
    assert kinds(world.feed(on.LegEnded(call, 16))) == [do.Write]
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert (ended.message_played, ended.by) == (True, "system")


def test_who_wants_an_agent_waits_and_is_heard_no_more() -> None:
    world = World()
    call = world.answered()
    world.feed(on.PlayMessage(call, "sound:x", 4.0))
    stopped = [do.StopPlaying(call, call), do.Park(call, call)]
    assert world.feed(on.LetWait(call)) == stopped
    assert world.feed(on.LetWait(call)) == []
    assert world.feed(on.PlaybackEnded(call)) == []
    assert world.feed(on.DigitPressed(call, "4")) == []  # keys of a conversation are private
    assert world.exchange.next_deadline_s() is None
    assert kinds(world.feed(on.LegEnded(call, 16)))[0] is do.TellCustomerLeft


def test_no_message_keeps_anybody_for_ever() -> None:
    world = World()
    call = world.answered()
    world.feed(on.PlayMessage(call, "sound:x", 4.0))
    assert world.feed(on.Tick(), Rules().announcement_s) == [do.HangUp(call, call, 16)]


def test_a_lost_agent_leg_gives_the_customer_music_until_it_is_back() -> None:
    world = World()
    call, desk = world.connected()
    lost = world.feed(on.LegEnded(desk, 16), 10.0)
    assert do.Park(call, call) in lost
    assert do.TellPhone(ANN, ANN, False) in lost
    called = world.feed(on.Tick(), Rules().retry_s)
    assert kinds(called) == [do.CallPhone]
    again = world.leg_of(ANN)
    world.feed(on.LegAnswered(again), 0.5)
    back = world.feed(on.DeskOpened(again))
    assert do.TellPhone(ANN, ANN, True) in back
    assert do.Join(call, call, again) in back
    world.feed(on.Joined(call, again))
    assert world.exchange.call(call).state is CallState.CONNECTED  # type: ignore[union-attr]
    joins = [e for e in world.events() if isinstance(e, CallConnected)]
    assert len(joins) == 2


def test_a_lost_agent_leg_that_stays_away_ends_the_conversation() -> None:
    world = World()
    _, desk = world.connected()
    world.feed(on.DisconnectPhone(ANN))
    assert do.HangUp(ANN, desk) in world.wanted
    ended = world.feed(on.Tick(), Rules().rejoin_s)
    assert kinds(ended) == [do.EndInteraction, do.HangUp]


def test_a_join_that_fails_ends_the_conversation() -> None:
    world = World()
    desk, call = world.phone_up(ANN), world.answered()
    world.feed(on.Accepted(InteractionId(call), ANN, world.at_s))
    assert kinds(world.feed(on.JoinFailed(call, desk))) == [do.EndInteraction, do.HangUp]


def test_a_browser_phone_is_called_when_it_registers_and_the_newest_page_wins() -> None:
    world = World()
    world.feed(on.ConnectPhone(ANN))
    assert not any(isinstance(c, do.CallPhone) for c in world.wanted)
    assert do.CallPhone in kinds(world.feed(on.PhoneSeen(ANN, True)))
    first = world.leg_of(ANN)
    world.feed(on.LegAnswered(first))
    world.feed(on.DeskOpened(first))
    anew = world.feed(on.ConnectPhone(ANN, anew=True))
    assert do.HangUp(ANN, first) in anew
    assert world.leg_of(ANN) != first
    assert world.feed(on.LegEnded(first, 16)) == []


def test_a_phone_that_does_not_answer_is_called_again_with_growing_pauses() -> None:
    world = World()
    world.feed(on.PhoneSaved(PhoneSpec(ANN, PhoneKind.SIP, "sip:x@y")))
    world.feed(on.ConnectPhone(ANN))
    pauses = []
    for _ in range(7):
        world.feed(on.LegEnded(world.leg_of(ANN), 19, 480))
        due_s = world.exchange.next_deadline_s()
        assert due_s is not None
        pauses.append(due_s - world.at_s)
        world.feed(on.Tick(), due_s - world.at_s)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_after_the_connection_is_back_only_what_the_switch_has_is_true() -> None:
    world = World()
    call, desk = world.connected()
    ringing = CallId("ringing")
    world.feed(on.Dial(ringing, REQUEST))
    down = world.feed(on.SwitchLost())
    assert do.TellPhone(ANN, ANN, False) in down
    back = world.feed(on.SwitchBack(frozenset({call, desk, "stranger"}), frozenset({ANN})), 3.0)
    assert do.HangUp("stranger", "stranger") in back
    assert do.TellPhone(ANN, ANN, True) in back
    failed = [e for e in world.events() if isinstance(e, CallFailed)]
    assert [e.outcome for e in failed] == [AttemptOutcome.FAILED]
    assert world.exchange.call(call) is not None


def test_a_switch_that_stays_away_ends_its_calls() -> None:
    world = World()
    call, _ = world.connected()
    world.feed(on.SwitchLost())
    ended = world.feed(on.Tick(), Rules().lost_s)
    assert do.TellCustomerLeft(call, InteractionId(call)) in ended
    assert world.feed(on.SwitchBack(frozenset({call}), frozenset({ANN})))[-1] == do.HangUp(
        call, call
    )


def test_two_deadlines_of_a_call_in_one_tick_end_it_once() -> None:
    world = World()
    call = world.answered()
    world.feed(on.Accepted(InteractionId(call), ANN, world.at_s))  # nobody there: rejoin runs
    world.feed(on.SwitchLost())
    world.feed(on.Tick(), 30.0)
    assert [e.call_id for e in world.events() if isinstance(e, CallEnded)] == [call]


@pytest.mark.parametrize("alive", [True, False])
def test_a_call_of_the_process_before_goes_on_or_ends(alive: bool) -> None:
    world = World()
    started = CallStarted(
        call_id=CallId("old"), direction=Direction.OUTBOUND, trunk_id=TRUNK, from_number="",
        to_number="+49301", attempt_id=AttemptId("a"), interaction_id=InteractionId("old"),
    )  # fmt: skip
    world.feed(on.Restored(started, answered=False, agent_id=None, age_s=3.0))
    world.feed(on.SwitchBack(frozenset({"old"} if alive else ()), frozenset()))
    assert (world.exchange.call("old") is not None) is alive
    if alive:
        world.feed(on.LegAnswered("old"))
    assert isinstance(world.events()[-1], CallAnswered if alive else CallFailed)


SECOND = TrunkId("second")


def two_trunks() -> World:
    world = World()
    for trunk_id, cost in ((TRUNK, 1), (SECOND, 2)):
        spec = TrunkSpec(trunk_id, trunk_id, "h", caller_id=f"+4930{cost}", cost=cost)
        world.exchange.trunks.save(spec)
        world.feed(on.TrunkSeen(trunk_id, "up"))
    return world


def dial_by_cost(world: World) -> CallId:
    """Dial as the service does."""
    wish = Wish(REQUEST.number)
    route = world.exchange.trunks.choose(wish, world.at_s)
    assert isinstance(route, Route)
    call_id = CallId(f"call{len(world.wanted)}")
    request = replace(REQUEST, trunk_id=route.trunk_id, caller_id=route.caller_id)
    world.feed(on.Dial(call_id, request, wish))
    return call_id


def test_a_call_that_one_trunk_cannot_carry_goes_to_the_next_as_the_same_call() -> None:
    world = two_trunks()
    call = dial_by_cost(world)
    commands = world.feed(on.LegEnded(call, 34, 503), 0.3)
    again = [c for c in commands if isinstance(c, do.CallNumber)]
    assert again == [do.CallNumber(call, call, REQUEST.number, SECOND, "+49302", 25.0)]
    [moved] = [e for e in world.events() if isinstance(e, CallRerouted)]
    assert (moved.from_trunk_id, moved.trunk_id, moved.sip_code) == (TRUNK, SECOND, 503)
    world.feed(on.LegAnswered(call), 2.0)
    world.feed(on.LegEnded(call, 16), 5.0)
    legs = [leg for c in world.wanted if isinstance(c, do.Write) for leg in c.legs]
    assert [(leg.leg_id, leg.trunk_id, leg.sip_code) for leg in legs] == [
        (f"{call}:{TRUNK}", TRUNK, 503),
        (call, SECOND, 0),
    ]
    assert len([e for e in world.events() if isinstance(e, CallStarted)]) == 1
    [ended] = [e for e in world.events() if isinstance(e, CallEnded)]
    assert ended.trunk_id == SECOND
    assert [one.busy for one in world.exchange.trunks.all()] == [0, 0]


@pytest.mark.parametrize(
    ("before", "end"),
    [
        (None, on.LegEnded("", 17, 486)),
        (None, on.LegEnded("", 1, 404)),
        (None, on.LegEnded("", 34, 503, failed=True)),
        (on.LegRinging(""), on.LegEnded("", 34, 503)),
        (on.Cancel(CallId("")), on.LegEnded("", 34, 503)),
    ],
    ids=["busy", "no such number", "our own loss", "rang", "withdrawn"],
)
def test_what_is_not_the_trunk_s_doing_is_not_dialled_again(
    before: on.LegRinging | on.Cancel | None, end: on.LegEnded
) -> None:
    world = two_trunks()
    call = dial_by_cost(world)
    if isinstance(before, on.LegRinging):
        world.feed(on.LegRinging(call))
    elif before is not None:
        world.feed(on.Cancel(call))
    world.feed(replace(end, leg_id=call), 0.3)
    assert isinstance(world.events()[-1], CallFailed)
    assert not [e for e in world.events() if isinstance(e, CallRerouted)]


def test_a_call_is_not_passed_on_for_ever_nor_late() -> None:
    world = two_trunks()
    call = dial_by_cost(world)
    world.feed(on.LegEnded(call, 34, 503), 0.3)
    world.feed(on.LegEnded(call, 34, 503), 0.3)
    assert isinstance(world.events()[-1], CallFailed)
    late = dial_by_cost(world)
    world.feed(on.LegEnded(late, 34, 503), Rules().failover_s + 0.1)
    assert isinstance(world.events()[-1], CallFailed)


def test_calls_on_a_trunk_that_has_gone_silent_do_not_wait() -> None:
    world = two_trunks()
    call, ringing = dial_by_cost(world), dial_by_cost(world)
    world.feed(on.LegRinging(ringing))
    commands = world.feed(on.TrunkSeen(TRUNK, "down"), 1.0)
    assert [c for c in commands if isinstance(c, do.HangUp)] == [do.HangUp(call, call)]
    commands = world.feed(on.LegEnded(call, 16), 0.1)
    assert [c.trunk_id for c in commands if isinstance(c, do.CallNumber)] == [SECOND]
    answered_late = dial_by_cost(world)
    world.feed(on.TrunkSeen(SECOND, "down"))
    commands = world.feed(on.LegAnswered(answered_late))
    assert do.HangUp(answered_late, answered_late) in commands
    world.feed(on.LegEnded(answered_late, 16))
    ended = world.events()[-1]
    assert isinstance(ended, CallEnded)
    assert ended.by == "system"


SLOTS = st.sampled_from(["call-a", "call-b", "in-c"])
AGENTS = st.sampled_from([ANN, BOB])


class AnyOrder(RuleBasedStateMachine):
    """Whatever comes in whatever order: each call ends once, nobody is in two conversations."""

    def __init__(self) -> None:
        super().__init__()
        self.world = two_trunks()
        self.begun: set[str] = set()
        self.current = {"call-a": "call-a0", "call-b": "call-b0", "in-c": "in-c0"}
        self.joining: set[str] = set()  # moves under way, which will be reported on
        self.alive: set[str] = set()  # legs as the switch has them
        self.rang: set[str] = set()

    @initialize()
    def phones(self) -> None:
        self.world.feed(on.PhoneSaved(PhoneSpec(ANN, PhoneKind.SIP, "sip:a@b")))
        self.world.feed(on.PhoneSaved(PhoneSpec(BOB)))

    def feed(self, event: on.Input, after_s: float = 0.1) -> None:
        for command in self.world.feed(event, after_s):
            if isinstance(command, do.CallNumber | do.CallPhone):
                assert command.leg_id not in self.alive, "dialled twice at the same time"
                assert command.leg_id not in self.rang, "rang and is dialled again"
                self.alive.add(command.leg_id)
            elif isinstance(command, do.Join):
                self.joining.add(command.call_id)

    @rule(slot=SLOTS, known=st.booleans())
    def begins(self, slot: str, known: bool) -> None:
        """A call begins; each slot has one at a time, so that the other rules often meet it."""
        if self.world.exchange.call(self.current[slot]) is not None:
            return
        leg = self.current[slot] = f"{slot}{len(self.begun)}"
        self.begun.add(leg)
        if leg.startswith("call"):
            request = replace(REQUEST, detect=slot == "call-b")
            self.feed(on.Dial(CallId(leg), request, Wish(REQUEST.number)))
        else:
            self.alive.add(leg)
            entry = EntryPointId("entry") if known else None
            self.feed(on.Arrive(on.LegArrived(leg, TRUNK, "+49170", "+4930"), entry))

    @rule(slot=SLOTS, agent=AGENTS, steps=st.integers(2, 5))
    def goes_well(self, slot: str, agent: AgentId, steps: int) -> None:
        """The usual way, so that the others meet calls in every stage of it."""
        self.begins(slot, True)
        for step in range(steps):
            if step < 3:
                self.phone_does(agent, (0, 3, 4)[step])
            elif step == 3:
                self.progresses(slot, False)
                self.feed(on.AnswerHeard(self.current[slot], AnswerKind.HUMAN))
                self.admitted(slot, True)
            else:
                self.accepted(slot, agent)
                self.join_done(slot, agent, True)

    @rule(slot=SLOTS, admitted=st.booleans())
    def admitted(self, slot: str, admitted: bool) -> None:
        leg = self.current[slot]
        self.feed(on.Admitted(CallId(leg), admitted))

    @rule(slot=SLOTS, ringing=st.booleans())
    def progresses(self, slot: str, ringing: bool) -> None:
        leg = self.current[slot]
        if leg in self.alive:
            self.rang.add(leg)
            self.feed(on.LegRinging(leg) if ringing else on.LegAnswered(leg))

    @rule(trunk=st.sampled_from([TRUNK, SECOND]), state=st.sampled_from(["up", "down"]))
    def trunk_seen(self, trunk: TrunkId, state: str) -> None:
        self.feed(on.TrunkSeen(trunk, state))

    @rule(slot=SLOTS, agent=AGENTS)
    def accepted(self, slot: str, agent: AgentId) -> None:
        leg = self.current[slot]
        # The ACD gives an agent one call at a time.
        if not any(call.agent_id == agent for call in self.world.exchange.calls()):
            self.feed(on.Accepted(InteractionId(leg), agent, self.world.at_s))

    @rule(slot=SLOTS, agent=AGENTS, works=st.booleans())
    def join_done(self, slot: str, agent: AgentId, works: bool) -> None:
        leg = self.current[slot]
        call, phone = self.world.exchange.call(leg), self.world.exchange.phones.get(agent)
        if call and phone and phone.leg_id and call.agent_id == agent and phone.up:
            self.joining.discard(call.call_id)
            done = on.Joined if works else on.JoinFailed
            self.feed(done(CallId(leg), phone.leg_id))

    @rule(slot=SLOTS, outcome=st.sampled_from(Outcome), agent=st.none() | AGENTS)
    def over(self, slot: str, outcome: Outcome, agent: AgentId | None) -> None:
        leg = self.current[slot]
        self.feed(on.InteractionOver(InteractionId(leg), outcome, agent))

    @rule(slot=SLOTS, what=st.integers(0, 12), flag=st.booleans())
    def handled(self, slot: str, what: int, flag: bool) -> None:
        leg = self.current[slot]
        interaction, call = InteractionId(leg), CallId(leg)
        inputs: list[on.Input] = [
            on.SetHold(interaction, flag),
            on.SetMute(interaction, flag),
            on.SendDigits(interaction, "1"),
            on.PlayDropMessage(call, "m"),
            on.PlaybackEnded(leg),
            on.Cancel(call),
            on.PlayMessage(call, "m", 3.0),
            on.DigitPressed(leg, "1"),
            on.LetWait(call),
            on.AnswerHeard(leg, AnswerKind.MACHINE if flag else AnswerKind.HUMAN),
            on.LeaveMessage(call, "m"),
            on.GreetingEnded(leg),
            on.FarEndSpoke(leg),
        ]
        self.feed(inputs[what])

    @rule(slot=SLOTS, cause=st.sampled_from([0, 16, 17, 19, 34]))
    def ends(self, slot: str, cause: int) -> None:
        leg = self.current[slot]
        if leg in self.alive:
            self.alive.discard(leg)
            self.feed(on.LegEnded(leg, cause))

    @rule(agent=AGENTS, what=st.integers(0, 6))
    def phone_does(self, agent: AgentId, what: int) -> None:
        phone = self.world.exchange.phones.get(agent)
        assert phone is not None
        leg = phone.leg_id
        if what == 0:
            self.feed(on.ConnectPhone(agent, anew=False))
        elif what == 1:
            self.feed(on.ConnectPhone(agent, anew=True))
        elif what == 2:
            self.feed(on.DisconnectPhone(agent))
        elif what == 3:
            self.feed(on.PhoneSeen(agent, True))
        elif what == 4 and leg and phone.answered_at_s is None:
            self.feed(on.LegAnswered(leg))
            self.feed(on.DeskOpened(leg))
        elif what == 5 and leg:
            self.alive.discard(leg)
            self.feed(on.LegEnded(leg, 16))
        elif what == 6:
            self.feed(on.PhoneLost(agent))

    @rule(away_s=st.sampled_from([0.5, 30.0]), dead=st.booleans())
    def connection_lost(self, away_s: float, dead: bool) -> None:
        self.feed(on.SwitchLost())
        self.feed(on.Tick(), away_s)
        self.alive = set() if dead else self.alive
        self.feed(on.SwitchBack(frozenset(self.alive), frozenset({ANN, BOB})))

    @rule(after_s=st.sampled_from([0.5, 6.0, 61.0]))
    def time_passes(self, after_s: float) -> None:
        self.feed(on.Tick(), after_s)

    @invariant()
    def each_call_ends_at_most_once(self) -> None:
        ends = Counter(e.key for e in self.world.events() if isinstance(e, CallEnded | CallFailed))
        assert all(count == 1 for count in ends.values())
        live = {call.call_id for call in self.world.exchange.calls()}
        assert live | ends.keys() == self.begun
        assert not live & ends.keys()

    @invariant()
    def trunks_carry_the_calls_there_are(self) -> None:
        carried = sum(one.busy for one in self.world.exchange.trunks.all())
        assert carried == len(list(self.world.exchange.calls()))

    @invariant()
    def nobody_is_in_two_conversations(self) -> None:
        talking = [call.agent_leg_id for call in self.world.exchange.calls() if call.agent_leg_id]
        assert len(talking) == len(set(talking))

    @invariant()
    def phones_and_calls_agree(self) -> None:
        calls = {call.call_id: call for call in self.world.exchange.calls()}
        for phone in self.world.exchange.phones:
            assert phone.call_id is None or phone.call_id in calls
        for call in calls.values():
            phone_of = self.world.exchange.phones.get(call.agent_id) if call.agent_id else None
            if call.state in (CallState.CONNECTED, CallState.HELD) and not call.ended_by:
                assert phone_of is not None
                assert phone_of.leg_id == call.agent_leg_id, "the customer talks to nobody"
            if call.state is CallState.JOINING and not call.ended_by:
                waits = f"rejoin:{call.call_id}" in self.world.exchange._deadlines._at
                assert waits or call.call_id in self.joining, "waits without an end"

    def teardown(self) -> None:
        self.feed(on.SwitchLost())
        self.feed(on.SwitchBack(frozenset(), frozenset()))
        assert not list(self.world.exchange.calls())
        self.each_call_ends_at_most_once()
        answered = Counter(e.key for e in self.world.events() if isinstance(e, CallAnswered))
        assert all(count == 1 for count in answered.values())


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = effort(40, 50)
