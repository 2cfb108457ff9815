"""What happens to a call while agent and customer talk, but for hold: mute, digits, recording."""

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.ledger import CallLedger
from omni.channels.voice.engine.state import Call
from omni.channels.voice.model import CallState
from omni.core.events.voice import CallMuted


def mute(call: Call | None, event: on.SetMute) -> list[do.Command]:
    """Keep the agent's voice from the customer, or let it through again."""
    if call is None or call.agent_leg_id is None or call.muted == event.muted:
        return []
    call.muted = event.muted
    muted = CallMuted(interaction_id=call.interaction_id, call_id=call.call_id, muted=event.muted)
    ordered = do.Mute(call.call_id, call.agent_leg_id, event.muted)
    return [ordered, do.Write(call.call_id, (muted,))]


def digits(call: Call | None, event: on.SendDigits) -> list[do.Command]:
    """Send DTMF to the customer's side."""
    if call is None or call.state is not CallState.CONNECTED:
        return []
    return [do.Digits(call.call_id, call.call_id, event.digits)]


def recording_began(call: Call, event: on.RecordingBegan, _: float) -> list[do.Command]:
    """The switch records: now it may be said."""
    if call.ended_by or call.recording_id != event.recording_id:
        return []
    call.recording = True
    return [do.Write(call.call_id, (CallLedger.recorded(call),))]


def recorded_no_longer(call: Call) -> list[do.Command]:
    """Say that it is no longer recorded, if it was."""
    was, call.recording = call.recording, False
    if not was or call.ended_by:
        return []
    return [do.Write(call.call_id, (CallLedger.recorded(call),))]
