"""Who answered a dialled call: found out before anybody is told, where the caller asked for it.

Rules:
1. A call that is to be listened to is answered (`CallAnswered`), and what answered is said once
   (`AnswerClassified`): at the latest after `detect_s`, then as unsure. What follows is up to
   whoever asked.
2. A message for a machine begins when its greeting has ended in silence. What the far end says
   while the message plays was still its greeting (a late beep): the message begins anew, at most
   `MESSAGE_TRIES` times.
"""

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.announcing import GRACE
from omni.channels.voice.engine.state import Call, Deadlines, Rules
from omni.channels.voice.model import CallState
from omni.core.events.voice import AnswerClassified
from omni.core.terms import AnswerKind

DETECT = "detect:"
MESSAGE_TRIES = 3


class Answers:
    """The part of the exchange that knows answering machines."""

    def __init__(self, deadlines: Deadlines, rules: Rules) -> None:
        self._deadlines = deadlines
        self._rules = rules

    def answered(self, call: Call, now_s: float) -> list[do.Command]:
        """A call that is to be listened to was answered."""
        call.state = CallState.DETECTING
        self._deadlines.set(DETECT + call.call_id, now_s + self._rules.detect_s)
        return [do.Detect(call.call_id, call.call_id)]

    @staticmethod
    def unsure(deadline: str) -> on.AnswerHeard:
        """Return what is heard when the time of a detector is up."""
        return on.AnswerHeard(deadline.removeprefix(DETECT), AnswerKind.UNSURE)

    def heard(self, call: Call, event: on.AnswerHeard, now_s: float) -> list[do.Command]:
        """The detector has decided, or its time is up."""
        if call.state is not CallState.DETECTING or call.ended_by:
            return []
        self._deadlines.clear(DETECT + call.call_id)
        call.state = CallState.WAITING
        said = AnswerClassified(
            call_id=call.call_id,
            kind=event.kind,
            took_s=round(now_s - (call.answered_at_s or now_s), 3),
            quiet_s=event.quiet_s,
            attempt_id=call.attempt_id,
            campaign_id=call.campaign_id,
        )
        return [do.Write(call.call_id, (said,))]

    def leave(self, call: Call, event: on.LeaveMessage, now_s: float) -> list[do.Command]:
        """Wait for the end of the greeting, then play a message."""
        if call.ended_by or call.state is not CallState.WAITING or call.agent_id:
            return []
        call.state, call.message = CallState.GREETING, event.media
        self._deadlines.set(GRACE + call.call_id, now_s + self._rules.machine_s)
        return [do.AwaitBeep(call.call_id, call.call_id)]

    def greeting_ended(self, call: Call, _: on.GreetingEnded, __: float) -> list[do.Command]:
        """The machine is silent: it records."""
        if call.ended_by or call.state is not CallState.GREETING:
            return []
        call.state, call.message_tries = CallState.MESSAGE, 1
        return [self._play(call)]

    def far_end_spoke(self, call: Call, _: on.FarEndSpoke, __: float) -> list[do.Command]:
        """The far end said something while our message plays, and is silent again."""
        speaks = call.state is CallState.MESSAGE and not call.ended_by
        if not speaks or not 0 < call.message_tries < MESSAGE_TRIES:
            return []
        call.message_tries += 1
        return [do.StopPlaying(call.call_id, call.call_id), self._play(call)]

    @staticmethod
    def _play(call: Call) -> do.Command:
        call.playing += 1
        return do.Play(call.call_id, call.call_id, call.message)
