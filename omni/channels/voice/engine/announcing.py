"""Recorded messages: that of a drop, and that of a campaign, with keys that may answer it.

Rules:
1. While a campaign's message is heard the call is nobody's work: the ACD learns of it when the
   person wants to wait for an agent (`answered`).
2. Keys are told of while the message is played and for a while after it; never those of a
   conversation, which are nobody's business.
3. Nobody is kept longer than `announcement_s`, whatever becomes of the message.
"""

from collections.abc import Mapping

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.ledger import CallLedger
from omni.channels.voice.engine.state import Call, Deadlines, Rules
from omni.channels.voice.model import CallState

GRACE = "grace:"
"""Name of the deadline at which a call that nobody wants any more is hung up."""


class Announcing:
    """The part of the exchange that plays messages."""

    def __init__(self, rules: Rules, deadlines: Deadlines, calls: Mapping[str, Call]) -> None:
        self._rules = rules
        self._deadlines = deadlines
        self._calls = calls

    def drop(self, event: on.PlayDropMessage, now_s: float) -> list[do.Command]:
        """Play the message for a person whom no agent could take."""
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by or not call.answered or call.agent_id is not None:
            return []
        call.state, call.playing = CallState.MESSAGE, call.playing + 1
        self._deadlines.set(GRACE + call.call_id, now_s + self._rules.message_s)
        return [do.Play(call.call_id, call.call_id, event.media)]

    def play(self, event: on.PlayMessage, now_s: float) -> list[do.Command]:
        """Play the message to a person who waits."""
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by or call.state is not CallState.WAITING:
            return []
        call.state, call.listen_s, call.interaction_over = CallState.MESSAGE, event.listen_s, True
        call.playing += 1
        self._deadlines.set(GRACE + call.call_id, now_s + self._rules.announcement_s)
        return [do.Play(call.call_id, call.call_id, event.media)]

    def listens(self, call: Call, now_s: float) -> bool:
        """The message is over: tell whether a key is still waited for."""
        if not call.listen_s:
            return False
        self._deadlines.set(GRACE + call.call_id, now_s + call.listen_s)
        return True

    def digit(self, event: on.DigitPressed) -> list[do.Command]:
        """Tell of a key that answers a message."""
        call = self._calls.get(event.leg_id)
        if call is None or call.listen_s is None or call.state is not CallState.MESSAGE:
            return []
        return [do.Write(call.call_id, (CallLedger.digit(call, event.digit),))]

    def answered(self, event: on.LetWait) -> Call | None:
        """The person wants an agent; None when there is no message to be answered any more."""
        call = self._calls.get(event.call_id)
        if call is None or call.ended_by or call.state is not CallState.MESSAGE:
            return None
        self._deadlines.clear(GRACE + call.call_id)
        call.state, call.listen_s, call.interaction_over = CallState.WAITING, None, False
        return call
