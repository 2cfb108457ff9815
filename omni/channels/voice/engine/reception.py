"""What a caller hears while waiting, and where a rule of the queue sends them.

Rules:
1. A waiting caller has music; what is said to them interrupts it and ends when an agent takes them.
2. The ACD decides what becomes of them (`Overflowed`, `Promised`); what they press goes to it.
3. Sent on, the interaction is over for the ACD before the call is: the caller leaves a message, is
   put through to another number (the other leg is theirs: when one hangs up, so does the other), or
   hears why nobody comes, and is let go.
4. A promised call back ends the call without the ACD being told: the place in the line stays.
"""

from collections.abc import Callable

from omni.acd.guide import Guide
from omni.acd.overflow import Action
from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.state import Call, Deadlines, Rules
from omni.channels.voice.engine.trunks import Route, TrunkBoard, Wish
from omni.channels.voice.model import CallState
from omni.channels.voice.outcomes import Blame, Ending, blame
from omni.channels.voice.prompts import Repertoire, place
from omni.core.events.voice import VoicemailBegan
from omni.core.ids import RecordingId

PLACE, SENT = "place:", "sent:"
_ASKED = {Action.CALLBACK: "callback", Action.VOICEMAIL: "voicemail", Action.TICKET: "unavailable"}


class Reception:
    """The part of the exchange for callers whom nobody of ours talks with."""

    def __init__(
        self,
        rules: Rules,
        deadlines: Deadlines,
        new_id: Callable[[], str],
        trunks: TrunkBoard,
    ) -> None:
        self._trunks = trunks
        self.repertoire = Repertoire()
        self._rules = rules
        self._deadlines = deadlines
        self._new_id = new_id
        self._through: dict[str, Call] = {}  # by the other leg of a call put through

    # ---- waiting

    def welcome(self, call: Call, guide: Guide, at_s: float) -> list[do.Command]:
        """The call waits with music now: say what is said on entering."""
        call.guide = guide
        self._tell_place_later(call, at_s)
        known = [name for name in guide.announcements if self.repertoire.knows(name)]
        said = self._announce(call, *known) if known else []
        pending, call.pending = call.pending, ()
        for event in pending:
            said += self.overflowed(call, event, at_s)
        return said

    def _tell_place_later(self, call: Call, at_s: float) -> None:
        if call.guide.place_every_s > 0:
            self._deadlines.set(PLACE + call.call_id, at_s + call.guide.place_every_s)

    def place_due(self, call: Call, at_s: float) -> list[do.Command]:
        """It is time to tell the caller the place in the line."""
        if call.state is not CallState.WAITING or call.ended_by:
            return []
        self._tell_place_later(call, at_s)
        return [do.AskPlace(call.call_id, call.call_id, call.interaction_id)]

    def place_told(self, call: Call, event: on.PlaceTold, _: float) -> list[do.Command]:
        """The ACD knows the place: say it, unless something else is being said."""
        if call.state is not CallState.WAITING or call.playing or event.number < 1:
            return []
        medium = place(call.guide.languages, event.number, event.expected_wait_s)
        return self._play(call, medium) if medium else []

    def offered(self, call: Call, event: on.Offered, _: float) -> list[do.Command]:
        """An agent is asked: say what the group says, once; it ends when the agent accepts."""
        name = event.announcement_id
        waits = call.state is CallState.WAITING and not call.ended_by
        if not waits or name in call.presented or not self.repertoire.knows(name):
            return []
        call.presented = (*call.presented, name)
        return self._announce(call, name)

    def pressed(self, call: Call, digit: str) -> list[do.Command]:
        """The caller pressed a digit: it counts while something is offered."""
        offered = call.state is CallState.WAITING and digit in call.digits
        if not offered or call.ended_by:
            return []
        call.digits = ""
        return [*self.hush(call), do.Choose(call.call_id, call.interaction_id, digit)]

    def hush(self, call: Call) -> list[do.Command]:
        """Stop what is being said."""
        return [do.StopPlaying(call.call_id, call.call_id)] if call.playing else []

    def playback_ended(self, call: Call) -> list[do.Command]:
        """Something was said to its end, or stopped."""
        call.playing = max(0, call.playing - 1)
        if call.playing or call.ended_by:
            return []
        if call.state is CallState.MESSAGE:
            call.message_played = True
            return self._hang_up(call)
        if call.state is CallState.VOICEMAIL and call.recording_id is None:
            return self._record(call)
        return []

    # ---- sent on by a rule

    def overflowed(self, call: Call, event: on.Overflowed, at_s: float) -> list[do.Command]:
        """Do what a rule of the queue says."""
        if call.state is CallState.ARRIVING:
            call.pending = (*call.pending, event)
            return []
        if call.state is not CallState.WAITING or call.ended_by:
            return []
        call.digits = event.digits
        match event.action:
            case Action.ANNOUNCE | Action.MENU:
                return self._announce(call, self._chosen(event, "busy"))
            case Action.CALLBACK if not event.chosen and call.from_number:
                return self._announce(call, self._chosen(event, "callback"))
            case Action.VOICEMAIL:
                call.state, call.message_for = CallState.VOICEMAIL, event.queue_id
            case Action.NUMBER:
                return self._put_through(call, event, at_s)
            case Action.TICKET:
                call.state = CallState.MESSAGE
            case _:
                call.digits = ""
                return []
        call.interaction_over = True
        self._sent(call, at_s)
        return [
            *self.hush(call),
            *self._unpark(call),
            *self._announce(call, self._chosen(event, _ASKED[event.action])),
        ]

    def promised(self, call: Call, _: on.Promised, at_s: float) -> list[do.Command]:
        """The caller will be called back: say so and let them go."""
        if call.state is not CallState.WAITING or call.ended_by:
            return []
        call.state, call.interaction_over, call.promised = CallState.MESSAGE, True, True
        self._sent(call, at_s)
        return [*self.hush(call), *self._unpark(call), *self._announce(call, "promised")]

    def _sent(self, call: Call, at_s: float) -> None:
        """See to it that the call ends some time, whatever the switch says."""
        self._deadlines.clear(PLACE + call.call_id)
        self._deadlines.set(SENT + call.call_id, at_s + self._rules.sent_s)

    # ---- leaving a message

    def _record(self, call: Call) -> list[do.Command]:
        call.recording_id = RecordingId(self._new_id())
        assert call.message_for is not None
        began = VoicemailBegan(
            interaction_id=call.interaction_id,
            call_id=call.call_id,
            recording_id=call.recording_id,
            queue_id=call.message_for,
            address=call.from_number,
        )
        written = do.Write(call.call_id, (began,))
        limit_s = self._rules.voicemail_s
        return [written, do.RecordMessage(call.call_id, call.call_id, call.recording_id, limit_s)]

    def message_ended(self, call: Call) -> list[do.Command]:
        """The message is complete (by the hash key, silence or its limit): thank for it."""
        if call.state is not CallState.VOICEMAIL or call.ended_by:
            return []
        call.state = CallState.MESSAGE
        return self._announce(call, "saved")

    # ---- put through to another number

    def _put_through(self, call: Call, event: on.Overflowed, at_s: float) -> list[do.Command]:
        call.interaction_over = True
        route = self._trunks.choose(Wish(event.number), at_s)
        if not isinstance(route, Route):
            return [*self.hush(call), *self._nobody(call, at_s)]
        call.state = CallState.AWAY
        self._deadlines.clear(PLACE + call.call_id)
        call.other_leg_id = other = self._new_id()
        call.other_trunk_id, call.other_at_s = route.trunk_id, at_s
        self._through[other] = call
        self._trunks.dialled(other, route.trunk_id, at_s)
        dial = do.CallNumber(
            lane=call.call_id,
            leg_id=other,
            number=event.number,
            trunk_id=route.trunk_id,
            caller_id=route.caller_id,
            ring_s=self._rules.away_s,
        )
        return [
            *self.hush(call),
            *self._announce(call, self._chosen(event, "connecting")),
            dial,
        ]

    def _nobody(self, call: Call, at_s: float) -> list[do.Command]:
        """Say that nobody can take the call, and end it."""
        call.state = CallState.MESSAGE
        self._sent(call, at_s)
        return [*self._unpark(call), *self._announce(call, "unavailable")]

    def through(self, leg_id: str) -> Call | None:
        """Return the call that was put through to this leg."""
        return self._through.get(leg_id)

    def other_answered(self, call: Call, leg_id: str, at_s: float) -> list[do.Command]:
        """The other number has answered."""
        call.other_answered_at_s = at_s
        self._trunks.carried(leg_id, at_s)
        return [*self.hush(call), do.OpenDesk(call.call_id, leg_id)]

    def other_ready(self, call: Call, leg_id: str) -> list[do.Command]:
        """The other leg has its room."""
        return [] if call.ended_by else [do.Join(call.call_id, call.call_id, leg_id)]

    def other_ended(self, call: Call, end: on.LegEnded, at_s: float) -> list[do.Command]:
        """The other number hung up, or could not be reached."""
        answered = call.other_answered_at_s is not None
        done = self._forget_other(call, end, at_s)
        if call.ended_by:
            return done
        if answered:
            return [*done, *self._hang_up(call)]
        return [*done, *self._nobody(call, at_s)]

    def ended(self, call: Call, at_s: float) -> list[do.Command]:
        """The caller's own leg is gone."""
        for name in (PLACE, SENT):
            self._deadlines.clear(name + call.call_id)
        other = call.other_leg_id
        if other is None:
            return []
        gone = self._forget_other(call, on.LegEnded(other, cause=16), at_s)
        return [*gone, do.HangUp(call.call_id, other)]

    def _forget_other(self, call: Call, end: on.LegEnded, at_s: float) -> list[do.Command]:
        other = call.other_leg_id
        assert other is not None
        del self._through[other]
        call.other_leg_id = None
        ending = Ending(end.cause, end.sip_code, call.other_answered_at_s is not None)
        whose = Blame.OURS if end.failed else blame(ending)
        self._trunks.ended(other, whose, end.sip_code, at_s)
        record = do.LegRecord(
            leg_id=other,
            kind="forward",
            call_id=call.call_id,
            agent_id=None,
            trunk_id=call.other_trunk_id,
            started_at_s=call.other_at_s,
            answered_at_s=call.other_answered_at_s,
            ended_at_s=at_s,
            cause=end.cause,
            sip_code=end.sip_code,
        )
        done: list[do.Command] = [do.Write(call.call_id, (), (record,))]
        if call.other_answered_at_s is not None:
            done.append(do.CloseDesk(call.call_id, other))
        return done

    # ---- small things

    def _chosen(self, event: on.Overflowed, usual: str) -> str:
        """Return what the rule wants said, or what is usual if that is nothing (any more)."""
        name = event.announcement_id or usual
        return name if self.repertoire.knows(name) else usual

    def _announce(self, call: Call, *names: str) -> list[do.Command]:
        return self._play(call, self.repertoire.say(call.guide.languages, *names))

    @staticmethod
    def _play(call: Call, medium: str) -> list[do.Command]:
        call.playing += 1
        return [do.Play(call.call_id, call.call_id, medium)]

    @staticmethod
    def _unpark(call: Call) -> list[do.Command]:
        was, call.parked = call.parked, False
        return [do.Unpark(call.call_id, call.call_id)] if was else []

    @staticmethod
    def _hang_up(call: Call) -> list[do.Command]:
        call.ended_by = "system"
        return [do.HangUp(call.call_id, call.call_id, call.end_cause)]
