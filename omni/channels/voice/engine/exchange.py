"""The exchange: which leg belongs to which call, and what is to be done when something happens.

Rules:
1. A call is one customer's leg; its id is the leg's and the interaction's. The agent is on a
   *standing leg* in a room of its own (its desk); connecting is one move of the customer's leg.
2. The ACD alone decides who talks to whom (`Accepted`) and when it is over (`InteractionOver`);
   the exchange tells it what the network did (`TellCustomerLeft`, `TellPhone`, `EndInteraction`).
3. Every dialled call ends in exactly one CallFailed (never answered) or CallEnded.
4. A trunk that cannot carry a dialled call is followed by the next (`outgoing.py`): one call all
   the same, one leg at a time, and never when the far end was heard to ring.
5. What is true is what the switch says: after a lost connection its list of legs decides. If it
   stays away for `lost_s`, its calls count as ended, and legs that show up later are hung up.
6. A customer whose agent's leg is lost waits with music and is joined again when the leg is back;
   after `rejoin_s` the conversation ends.

`handle` is synchronous and pure: time and ids come in, commands and deadlines go out. After each
call you must carry out the commands (those of one lane in order) and see to it that `Tick` is
handled at `next_deadline_s`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine import talking
from omni.channels.voice.engine.announcing import GRACE, Announcing
from omni.channels.voice.engine.answers import DETECT, Answers
from omni.channels.voice.engine.ledger import CallLedger
from omni.channels.voice.engine.outgoing import Outgoing
from omni.channels.voice.engine.phones import RETRY, PhoneBook
from omni.channels.voice.engine.reception import PLACE, Reception
from omni.channels.voice.engine.state import (
    Call,
    Deadlines,
    Rules,
    arriving_call,
    dialled_call,
    restored_call,
)
from omni.channels.voice.engine.trunks import TrunkBoard
from omni.channels.voice.model import CallState
from omni.core.ids import AgentId, CallId, InteractionId, RecordingId
from omni.core.terms import Direction, Outcome

SENT_ON = (CallState.MESSAGE, CallState.GREETING, CallState.VOICEMAIL, CallState.AWAY)
REJOIN, LOST = "rejoin:", "lost"
CAUSE_UNKNOWN_NUMBER, CAUSE_NORMAL, CAUSE_BUSY = 1, 16, 17


class Exchange:
    """The state machine of all calls and phones of one switch."""

    def __init__(self, rules: Rules, new_id: Callable[[], str]) -> None:
        self._rules = rules
        self._new_id = new_id
        self._deadlines = Deadlines()
        self.phones = PhoneBook(rules, new_id, self._deadlines)
        self._calls: dict[str, Call] = {}
        self._announcing = Announcing(rules, self._deadlines, self._calls)
        self.trunks = TrunkBoard()
        self._outgoing = Outgoing(self.trunks, rules)
        self._called_back: dict[InteractionId, CallId] = {}
        self.reception = Reception(rules, self._deadlines, new_id, self.trunks)
        self._answers = Answers(self._deadlines, rules)
        self._now_s = 0.0
        self._handlers: dict[type, Callable[[Any], list[do.Command]]] = {
            on.LegArrived: lambda _: [],  # the service turns it into Arrive
            on.LegRinging: self._leg_ringing,
            on.LegAnswered: self._leg_answered,
            on.LegEnded: self._leg_ended,
            on.PlaybackEnded: self._about("leg_id", self._playback_ended),
            on.DigitPressed: self._about("leg_id", self._digit_pressed),
            on.RecordingBegan: self._about("call_id", talking.recording_began),
            on.AnswerHeard: self._about("leg_id", self._answers.heard),
            on.GreetingEnded: self._about("leg_id", self._answers.greeting_ended),
            on.FarEndSpoke: self._about("leg_id", self._answers.far_end_spoke),
            on.RecordingEnded: self._recording_ended,
            on.TrunkSeen: lambda e: self._outgoing.trunk_seen(e, self._calls.values(), self._now_s),
            on.PhoneSeen: lambda e: self.phones.seen(e.agent_id, e.registered, self._now_s),
            on.SwitchLost: self._switch_lost,
            on.SwitchBack: self._switch_back,
            on.Dial: self._dial,
            on.Cancel: self._cancel,
            on.Arrive: self._arrive,
            on.Admitted: self._admitted,
            on.Overflowed: self._about("interaction_id", self.reception.overflowed),
            on.Offered: self._about("interaction_id", self.reception.offered),
            on.Promised: self._about("interaction_id", self.reception.promised),
            on.PlaceTold: self._about("call_id", self.reception.place_told),
            on.Accepted: self._accepted,
            on.InteractionOver: self._interaction_over,
            on.PlayDropMessage: lambda e: self._announcing.drop(e, self._now_s),
            on.PlayMessage: lambda e: self._announcing.play(e, self._now_s),
            on.LetWait: self._let_wait,
            on.LeaveMessage: self._about("call_id", self._answers.leave),
            on.SetHold: self._set_hold,
            on.SetMute: lambda e: talking.mute(self.call(e.interaction_id), e),
            on.SendDigits: lambda e: talking.digits(self.call(e.interaction_id), e),
            on.PhoneSaved: lambda e: self.phones.saved(e.phone),
            on.ConnectPhone: self._connect_phone,
            on.DisconnectPhone: self._disconnect_phone,
            on.PhoneLost: self._phone_lost,
            on.Restored: self._restored,
            on.DeskOpened: self._desk_opened,
            on.Joined: self._joined,
            on.JoinFailed: self._join_failed,
            on.Tick: self._tick,
        }

    def _about(
        self, key: str, act: Callable[[Call, Any, float], list[do.Command]]
    ) -> Callable[[Any], list[do.Command]]:
        """Return a handler of events that name a call: nothing happens when it is over."""

        def handler(event: Any) -> list[do.Command]:
            call = self._calls.get(getattr(event, key))
            return [] if call is None else act(call, event, self._now_s)

        return handler

    def handle(self, event: on.Input, at_s: float) -> list[do.Command]:
        """Take in what happened at `at_s`; return what is to be done."""
        self._now_s = at_s
        return self._handlers[type(event)](event)

    def next_deadline_s(self) -> float | None:
        """Return when `Tick` is to be handled next."""
        return self._deadlines.next_s()

    def call(self, call_id: str) -> Call | None:
        """Return a call that is not over, by its id or its interaction's (read it only)."""
        return self._calls.get(self._called_back.get(InteractionId(call_id), call_id))

    def calls(self) -> Iterator[Call]:
        """Return all calls that are not over (read them only)."""
        return iter(self._calls.values())

    # ---- outbound

    def _dial(self, event: on.Dial) -> list[do.Command]:
        call = self._calls[event.call_id] = dialled_call(event, self._now_s)
        if event.interaction_id is not None:
            self._called_back[event.interaction_id] = call.call_id
        started = do.Write(call.call_id, (CallLedger.started(call),))
        return [started, *self._outgoing.dial(call, self._now_s)]

    def _cancel(self, event: on.Cancel) -> list[do.Command]:
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by:
            return []
        call.cancelled = not call.answered
        return self._hang_up(call, "system")

    def _leg_ringing(self, event: on.LegRinging) -> list[do.Command]:
        call = self._calls.get(event.leg_id)
        if call is None or call.state is not CallState.DIALLING:
            return []
        call.state, call.rang_at_s = CallState.RINGING, self._now_s
        told = self._outgoing.carried(call, self._now_s)
        return [do.Write(call.call_id, (CallLedger.ringing(call),)), *told]

    def _leg_answered(self, event: on.LegAnswered) -> list[do.Command]:
        if self.phones.by_leg(event.leg_id) is not None:
            return self.phones.answered(event.leg_id, self._now_s)
        sent = self.reception.through(event.leg_id)
        if sent is not None:
            return self.reception.other_answered(sent, event.leg_id, self._now_s)
        call = self._calls.get(event.leg_id)
        if call is None:
            return [do.HangUp(event.leg_id, event.leg_id)]  # a leg we had given up
        if call.direction is Direction.INBOUND or call.answered:
            return []
        call.state, call.answered_at_s = CallState.WAITING, self._now_s
        done: list[do.Command] = [do.Write(call.call_id, (CallLedger.answered(call),))]
        done += self._outgoing.carried(call, self._now_s)
        if call.ended_by:
            return [*done, *self._hang_up(call, call.ended_by)]
        if call.agent_id is not None:  # called back by an agent
            return [*done, *self._bring_together(call)]
        return [*done, *self._answers.answered(call, self._now_s)] if call.detect else done

    # ---- inbound

    def _arrive(self, event: on.Arrive) -> list[do.Command]:
        leg, call_id = event.leg, CallId(event.leg.leg_id)
        call = self._calls[call_id] = arriving_call(leg, self._now_s)
        self.trunks.occupied(call_id, leg.trunk_id, self._now_s)
        written = do.Write(call_id, (CallLedger.started(call),))
        if event.entry_point_id is None:
            call.interaction_over = True
            return [written, *self._hang_up(call, "system", CAUSE_UNKNOWN_NUMBER)]
        ask = do.AskAcd(
            call_id, call_id, call.interaction_id, event.entry_point_id, leg.from_number
        )
        return [do.Ring(call_id, call_id), written, ask]

    def _admitted(self, event: on.Admitted) -> list[do.Command]:
        call = self._calls.get(event.call_id)
        if call is None:
            # The caller hung up while the ACD was being asked: now it can be told.
            left = do.TellCustomerLeft(event.call_id, InteractionId(event.call_id))
            return [left] if event.admitted else []
        if call.ended_by or call.state is not CallState.ARRIVING:
            return []
        if not event.admitted:
            call.interaction_over = True
            return self._hang_up(call, "system", CAUSE_BUSY)
        call.answered_at_s = self._now_s
        answered: list[do.Command] = [
            do.Answer(call.call_id, call.call_id),
            do.Write(call.call_id, (CallLedger.answered(call),)),
        ]
        if call.agent_id is not None:
            return [*answered, *self._bring_together(call)]
        call.state = CallState.WAITING
        welcome = self.reception.welcome(call, event.guide, self._now_s)
        waits = call.state in (CallState.WAITING, CallState.AWAY)  # else sent on by a rule
        return [*answered, *(self._park(call) if waits else []), *welcome]

    # ---- agent and customer

    def _accepted(self, event: on.Accepted) -> list[do.Command]:
        call = self.call(event.interaction_id)
        if call is None:  # the customer left before the ACD knew of the call
            return [do.TellCustomerLeft(event.interaction_id, event.interaction_id)]
        if call.promised and not call.ended_by:
            # It is their turn before they have heard that they will be called back.
            call.promised = call.interaction_over = False
            call.state = CallState.WAITING
        if call.ended_by or call.interaction_over or call.agent_id == event.agent_id:
            return []  # too late, or said twice
        if call.state in (CallState.MESSAGE, CallState.GREETING):
            return self._end_interaction(call)  # the ACD could not be told in time
        left = [*self.reception.hush(call), *self._release(call)]
        call.agent_id, call.accepted_at_s = event.agent_id, event.accepted_at_s
        return [*left, *(self._bring_together(call) if call.answered else [])]

    def _release(self, call: Call) -> list[do.Command]:
        """Take the agent, if any, out of the call."""
        phone = self.phones.get(call.agent_id) if call.agent_id else None
        if phone is not None and phone.call_id == call.call_id:
            phone.call_id = None
        return self._agent_left(call)

    def _bring_together(self, call: Call) -> list[do.Command]:
        call.state = CallState.JOINING
        phone = self.phones.get(call.agent_id) if call.agent_id else None
        if phone is not None:
            phone.call_id = call.call_id
        if phone is None or not phone.up or phone.leg_id is None:
            self._deadlines.set(REJOIN + call.call_id, self._now_s + self._rules.rejoin_s)
            return [] if call.parked else self._park(call)
        return [do.Join(call.call_id, call.call_id, phone.leg_id)]

    def _joined(self, event: on.Joined) -> list[do.Command]:
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by or call.state is CallState.AWAY:
            return []
        phone = self.phones.by_leg(event.desk_leg_id)
        if phone is None or call.agent_id != phone.spec.agent_id:
            return self._bring_together(call)  # that leg was lost while the move was under way
        self._deadlines.clear(REJOIN + call.call_id)
        held = call.state is CallState.HELD
        call.state, call.parked = CallState.CONNECTED, False
        if held:
            return [do.Write(call.call_id, (CallLedger.held(call, False),))]
        return self._talk_begins(call, event.desk_leg_id)

    def _talk_begins(self, call: Call, desk_leg_id: str) -> list[do.Command]:
        first = call.connected_at_s is None
        call.connected_at_s = self._now_s if first else call.connected_at_s
        call.agent_leg_id, call.agent_joined_at_s = desk_leg_id, self._now_s
        wait_ms = (self._now_s - call.accepted_at_s) * 1000 if first else 0.0
        connected = do.Write(call.call_id, (CallLedger.connected(call, max(0.0, wait_ms)),))
        if not self._rules.record:
            return [connected]
        call.recording_id = RecordingId(self._new_id())
        return [connected, do.StartRecording(call.call_id, desk_leg_id, call.recording_id)]

    def _join_failed(self, event: on.JoinFailed) -> list[do.Command]:
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by:
            return []
        if self.phones.by_leg(event.desk_leg_id) is None and call.state is not CallState.AWAY:
            return self._bring_together(call)
        return [*self._end_interaction(call), *self._hang_up(call, "system")]

    def _interaction_over(self, event: on.InteractionOver) -> list[do.Command]:
        if (call := self.call(event.interaction_id)) is None:
            return []
        call.interaction_over = True
        if call.state in SENT_ON or call.ended_by or call.pending:
            return []  # pending: a rule has sent it on before it was let in
        if event.outcome is not Outcome.DROPPED:
            return self._hang_up(call, "agent" if event.agent_id else "system")
        self._deadlines.set(GRACE + call.call_id, self._now_s + self._rules.drop_grace_s)
        return []

    def _playback_ended(self, call: Call, event: on.PlaybackEnded, at_s: float) -> list[do.Command]:
        last = call.playing <= 1 and call.state is CallState.MESSAGE and not call.ended_by
        if last and self._announcing.listens(call, at_s):
            call.playing, call.message_played = 0, True
            return []
        return self.reception.playback_ended(call)

    def _digit_pressed(self, call: Call, event: on.DigitPressed, _: float) -> list[do.Command]:
        return [*self._announcing.digit(event), *self.reception.pressed(call, event.digit)]

    def _let_wait(self, event: on.LetWait) -> list[do.Command]:
        call = self._announcing.answered(event)
        return [*self.reception.hush(call), *self._park(call)] if call else []

    # ---- during the conversation

    def _set_hold(self, event: on.SetHold) -> list[do.Command]:
        call = self.call(event.interaction_id)
        if call is None or call.ended_by:
            return []
        if event.held and call.state is CallState.CONNECTED:
            call.state = CallState.HELD
            return [*self._park(call), do.Write(call.call_id, (CallLedger.held(call, True),))]
        if not event.held and call.state is CallState.HELD and call.agent_leg_id:
            return [do.Join(call.call_id, call.call_id, call.agent_leg_id)]
        return []

    # ---- phones

    def _connect_phone(self, event: on.ConnectPhone) -> list[do.Command]:
        waiting = self._customer_waits(event.agent_id) if event.anew else []
        return [*waiting, *self.phones.connect(event.agent_id, event.anew, self._now_s)]

    def _disconnect_phone(self, event: on.DisconnectPhone) -> list[do.Command]:
        waiting = self._customer_waits(event.agent_id)
        return [*waiting, *self.phones.disconnect(event.agent_id, event.reason, self._now_s)]

    def _phone_lost(self, event: on.PhoneLost) -> list[do.Command]:
        waiting = self._customer_waits(event.agent_id)
        return [*waiting, *self.phones.lose(event.agent_id, self._now_s)]

    def _desk_opened(self, event: on.DeskOpened) -> list[do.Command]:
        sent = self.reception.through(event.leg_id)
        if sent is not None:
            return self.reception.other_ready(sent, event.leg_id)
        done = self.phones.desk_opened(event.leg_id)
        phone = self.phones.by_leg(event.leg_id)
        call = self._calls.get(phone.call_id) if phone and phone.call_id else None
        if call is None or call.state is not CallState.JOINING or call.ended_by:
            return done
        return [*done, *self._bring_together(call)]

    def _customer_waits(self, agent_id: AgentId) -> list[do.Command]:
        """The agent's leg is (being) lost: its customer gets music until it is back."""
        phone = self.phones.get(agent_id)
        call = self._calls.get(phone.call_id) if phone and phone.call_id else None
        if call is None or phone is None or call.ended_by or call.agent_leg_id != phone.leg_id:
            return []
        left = self._agent_left(call)
        if call.state is CallState.HELD:
            left.append(do.Write(call.call_id, (CallLedger.held(call, False),)))
        call.state = CallState.JOINING
        self._deadlines.set(REJOIN + call.call_id, self._now_s + self._rules.rejoin_s)
        return [*left, *([] if call.parked else self._park(call))]

    def _agent_left(self, call: Call) -> list[do.Command]:
        """Close the agent's part of the call: its leg record, its recording, its mute."""
        if call.agent_leg_id is None or call.agent_joined_at_s is None:
            return []
        record = CallLedger.agent_leg(call, self._now_s)
        done: list[do.Command] = [do.Write(call.call_id, (), (record,))]
        if call.recording_id is not None:
            done.append(do.StopRecording(call.call_id, call.recording_id))
            done += talking.recorded_no_longer(call)
        if call.muted:
            done.append(do.Mute(call.call_id, call.agent_leg_id, False))
        call.agent_leg_id, call.agent_joined_at_s = None, None
        call.recording_id, call.muted = None, False
        return done

    def _recording_ended(self, event: on.RecordingEnded) -> list[do.Command]:
        """Say that it is no longer recorded, when the switch failed; files are the service's."""
        call = self._calls.get(event.call_id)
        if call is not None and call.state is CallState.VOICEMAIL:
            return self.reception.message_ended(call)
        if call is None or not event.failed or call.recording_id != event.recording_id:
            return []
        call.recording_id = None
        return talking.recorded_no_longer(call)

    # ---- ends

    def _leg_ended(self, event: on.LegEnded) -> list[do.Command]:
        phone = self.phones.by_leg(event.leg_id)
        if phone is not None:
            waiting = self._customer_waits(phone.spec.agent_id)
            ended = self.phones.ended(event.leg_id, self._now_s, event.cause, event.sip_code)
            return [*waiting, *ended]
        sent = self.reception.through(event.leg_id)
        if sent is not None:
            return self.reception.other_ended(sent, event, self._now_s)
        call = self._calls.get(event.leg_id)
        return [] if call is None else self._customer_leg_ended(call, event)

    def _customer_leg_ended(self, call: Call, event: on.LegEnded) -> list[do.Command]:
        over, done = self._outgoing.ended(call, event, self._now_s)
        return done if over is None else [*done, *self._call_ended(call, over)]

    def _call_ended(self, call: Call, event: on.LegEnded) -> list[do.Command]:
        del self._calls[call.call_id]
        for name in (REJOIN, GRACE, DETECT):
            self._deadlines.clear(name + call.call_id)
        self._called_back.pop(call.interaction_id, None)
        left = [*self._release(call), *self.reception.ended(call, self._now_s)]
        # While the ACD is being asked it cannot be told: `_admitted` does it then. A dialled call
        # that nobody answered never was an interaction.
        unknown = call.state is CallState.ARRIVING or CallLedger.unanswered(call)
        told: list[do.Command] = []
        if not call.interaction_over and not unknown:
            told.append(do.TellCustomerLeft(call.call_id, call.interaction_id))
        call.state = CallState.ENDED
        written = CallLedger.ended(call, event, self._now_s)
        return [*told, *left, written]

    def _hang_up(self, call: Call, by: str, cause: int = CAUSE_NORMAL) -> list[do.Command]:
        call.ended_by, call.end_cause = by, cause
        return [do.HangUp(call.call_id, call.call_id, cause)]

    def _end_interaction(self, call: Call) -> list[do.Command]:
        if call.interaction_over:
            return []
        call.interaction_over = True
        return [do.EndInteraction(call.call_id, call.interaction_id)]

    def _park(self, call: Call) -> list[do.Command]:
        call.parked = True
        return [do.Park(call.call_id, call.call_id)]

    # ---- the switch comes and goes, time passes

    def _switch_lost(self, _: on.SwitchLost) -> list[do.Command]:
        self._deadlines.set(LOST, self._now_s + self._rules.lost_s)
        return self.phones.switch_lost()

    def _switch_back(self, event: on.SwitchBack) -> list[do.Command]:
        self._deadlines.clear(LOST)
        done: list[do.Command] = []
        for phone in self.phones:
            if phone.leg_id is not None and phone.leg_id not in event.legs:
                done += self._customer_waits(phone.spec.agent_id)
        done += self._end_calls_without(event.legs)
        done += self.phones.switch_back(event.legs, event.phones, self._now_s)
        for call in self._calls.values():
            done += self._resume(call)
        known = {phone.leg_id for phone in self.phones} | self._calls.keys()
        strange = sorted(event.legs - known)
        return done + [do.HangUp(leg, leg) for leg in strange if not self.reception.through(leg)]

    def _resume(self, call: Call) -> list[do.Command]:
        """Order again what may have been lost with the connection."""
        if call.ended_by:
            return [do.HangUp(call.call_id, call.call_id, call.end_cause)]
        if call.state is CallState.JOINING:
            return self._bring_together(call)
        return []

    def _end_calls_without(self, legs: frozenset[str]) -> list[do.Command]:
        done: list[do.Command] = []
        for call in [c for c in self._calls.values() if c.call_id not in legs]:
            call.ended_by = call.ended_by or "system"
            done += self._customer_leg_ended(call, on.LegEnded(call.call_id, failed=True))
        return done

    def _tick(self, _: on.Tick) -> list[do.Command]:
        done: list[do.Command] = []
        for name in self._deadlines.due(self._now_s):
            if name == LOST:
                done += self._end_calls_without(frozenset())
            elif name.startswith(RETRY):
                done += self.phones.retry(AgentId(name.removeprefix(RETRY)), self._now_s)
            elif name.startswith(PLACE):
                call = self._calls.get(name.removeprefix(PLACE))
                done += self.reception.place_due(call, self._now_s) if call else []
            elif name.startswith(DETECT):
                done += self.handle(self._answers.unsure(name), self._now_s)
            else:
                done += self._call_due(self._calls.get(name.split(":", 1)[1]))
        return done

    def _call_due(self, call: Call | None) -> list[do.Command]:
        if call is None or call.ended_by:  # ended by a deadline of the same instant
            return []
        return [*self._end_interaction(call), *self._hang_up(call, "system")]

    def _restored(self, event: on.Restored) -> list[do.Command]:
        call = restored_call(event, self._now_s)
        self._calls[call.call_id] = call
        self.trunks.occupied(call.call_id, call.trunk_id, self._now_s)
        if str(call.interaction_id) != str(call.call_id):
            self._called_back[call.interaction_id] = call.call_id
        return []
