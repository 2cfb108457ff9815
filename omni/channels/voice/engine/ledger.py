"""The events and records that a call leaves behind, made from its state."""

from dataclasses import replace

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine.inputs import LegEnded
from omni.channels.voice.engine.state import Call
from omni.channels.voice.engine.trunks import Route
from omni.channels.voice.outcomes import Ending, classify
from omni.core.errors import Defect
from omni.core.events.base import Event
from omni.core.events.voice import (
    CallAnswered,
    CallConnected,
    CallDigit,
    CallEnded,
    CallFailed,
    CallHeld,
    CallRecorded,
    CallRerouted,
    CallRinging,
    CallStarted,
)
from omni.core.terms import AttemptOutcome, Direction


class CallLedger:
    """What is written about a call, by the stage it has reached."""

    @staticmethod
    def started(call: Call) -> CallStarted:
        return CallStarted(
            call_id=call.call_id,
            direction=call.direction,
            trunk_id=call.trunk_id,
            from_number=call.from_number,
            to_number=call.to_number,
            attempt_id=call.attempt_id,
            campaign_id=call.campaign_id,
            interaction_id=call.interaction_id,
        )

    @staticmethod
    def ringing(call: Call) -> CallRinging:
        return CallRinging(
            call_id=call.call_id, attempt_id=call.attempt_id, campaign_id=call.campaign_id
        )

    @staticmethod
    def answered(call: Call) -> CallAnswered:
        return CallAnswered(
            call_id=call.call_id,
            ring_s=_ring_s(call, call.answered_at_s or call.started_at_s),
            attempt_id=call.attempt_id,
            campaign_id=call.campaign_id,
        )

    @staticmethod
    def digit(call: Call, digit: str) -> CallDigit:
        return CallDigit(
            call_id=call.call_id,
            digit=digit,
            attempt_id=call.attempt_id,
            campaign_id=call.campaign_id,
        )

    @staticmethod
    def connected(call: Call, connect_ms: float) -> CallConnected:
        if call.agent_id is None:
            raise Defect("a call was connected to nobody")
        return CallConnected(
            interaction_id=call.interaction_id,
            call_id=call.call_id,
            agent_id=call.agent_id,
            connect_ms=round(connect_ms, 3),
        )

    @staticmethod
    def agent_leg(call: Call, at_s: float) -> do.LegRecord:
        return do.LegRecord(
            leg_id=f"{call.agent_leg_id}:{call.call_id}",
            kind="agent",
            call_id=call.call_id,
            agent_id=call.agent_id,
            trunk_id=None,
            started_at_s=call.agent_joined_at_s or at_s,
            answered_at_s=call.agent_joined_at_s,
            ended_at_s=at_s,
            cause=call.end_cause,
            sip_code=0,
        )

    @staticmethod
    def held(call: Call, held: bool) -> Event:
        return CallHeld(interaction_id=call.interaction_id, call_id=call.call_id, held=held)

    @staticmethod
    def recorded(call: Call) -> Event:
        return CallRecorded(
            interaction_id=call.interaction_id, call_id=call.call_id, recording=call.recording
        )

    @staticmethod
    def unanswered(call: Call) -> bool:
        return call.direction is Direction.OUTBOUND and not call.answered

    @staticmethod
    def ending(call: Call, end: LegEnded) -> Ending:
        return Ending(
            cause=end.cause,
            sip_code=end.sip_code,
            rang=call.rang_at_s is not None,
            timed_out=end.timed_out,
            cancelled=call.cancelled,
        )

    @staticmethod
    def rerouted(call: Call, end: LegEnded, route: Route, at_s: float) -> do.Write:
        if call.trunk_id is None:
            raise Defect("a call left a trunk that it was not on")
        event = CallRerouted(
            call_id=call.call_id,
            from_trunk_id=call.trunk_id,
            trunk_id=route.trunk_id,
            caller_id=route.caller_id,
            cause=end.cause,
            sip_code=end.sip_code,
            attempt_id=call.attempt_id,
            campaign_id=call.campaign_id,
        )
        leg = replace(_leg(call, end, at_s), leg_id=f"{call.call_id}:{call.trunk_id}")
        return do.Write(call.call_id, (event,), (leg,))

    @staticmethod
    def ended(call: Call, end: LegEnded, at_s: float) -> do.Write:
        leg = _leg(call, end, at_s)
        event = _failed(call, end, at_s) if CallLedger.unanswered(call) else _ended(call, end, at_s)
        return do.Write(call.call_id, (event,), (leg,))


def _leg(call: Call, end: LegEnded, at_s: float) -> do.LegRecord:
    return do.LegRecord(
        leg_id=call.call_id,
        kind="customer",
        call_id=call.call_id,
        agent_id=None,
        trunk_id=call.trunk_id,
        started_at_s=call.leg_at_s,
        answered_at_s=call.answered_at_s,
        ended_at_s=at_s,
        cause=end.cause,
        sip_code=end.sip_code,
    )


def _failed(call: Call, end: LegEnded, at_s: float) -> Event:
    ending = CallLedger.ending(call, end)
    return CallFailed(
        call_id=call.call_id,
        outcome=AttemptOutcome.FAILED if end.failed else classify(ending),
        interaction_id=call.interaction_id,
        cause=end.cause,
        sip_code=end.sip_code,
        ring_s=_ring_s(call, at_s),
        trunk_id=call.trunk_id,
        attempt_id=call.attempt_id,
        campaign_id=call.campaign_id,
    )


def _ended(call: Call, end: LegEnded, at_s: float) -> Event:
    talked_s = at_s - call.connected_at_s if call.connected_at_s is not None else 0.0
    return CallEnded(
        call_id=call.call_id,
        direction=call.direction,
        by=call.ended_by or "customer",
        cause=end.cause,
        talk_s=round(talked_s, 3),
        trunk_id=call.trunk_id,
        interaction_id=call.interaction_id,
        attempt_id=call.attempt_id,
        campaign_id=call.campaign_id,
        message_played=call.message_played,
    )


def _ring_s(call: Call, at_s: float) -> float:
    begun_s = call.rang_at_s if call.rang_at_s is not None else call.started_at_s
    return round(at_s - begun_s, 3)
