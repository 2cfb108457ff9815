"""Carries out what the exchange wants: on the switch, in the journal, at the ACD.

Rules:
1. A command that the switch refuses is reported back as what it means for the call; what could not
   be said because the switch is away is said again after `SwitchBack`.
2. Writing, and telling the ACD, is tried again until it succeeds: the exchange has already gone
   on, so what happened must get there, whatever the database is doing for the moment. The ACD
   answers `Unavailable` while it is built anew.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from omni.acd.model import Arrival, Queued
from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.ports import Acd, Switch, Target, VoiceStore
from omni.channels.voice.scribe import Scribe
from omni.core.clock import Clock
from omni.core.errors import Conflict, Fault, Unavailable
from omni.core.ids import CallId
from omni.core.journal import Journal
from omni.core.terms import AnswerKind, Direction, Medium

log = logging.getLogger(__name__)

RETRY_S, RETRY_MOST_S = 0.1, 5.0
PATIENCE_S = 300.0  # with the switch; its list of legs is looked at when it is back
CAUSE_NETWORK_OUT_OF_ORDER = 38

TO_ACD = (do.AskAcd, do.Choose, do.TellCustomerLeft, do.EndInteraction, do.TellPhone)

Report = Callable[[on.Input], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the voice service works with."""

    switch: Switch
    store: VoiceStore
    journal: Journal
    acd: Acd
    clock: Clock


class Execution:
    """Does one command at a time of each lane (`Lanes`)."""

    def __init__(self, parts: Parts, report: Report) -> None:
        self._parts = parts
        self._report = report
        self.scribe = Scribe(parts.store, parts.journal, parts.clock)
        switch = parts.switch
        self._doers: dict[type, Callable[[Any], Awaitable[None]]] = {
            do.Write: self._write,
            do.CallNumber: self._call_number,
            do.CallPhone: self._call_phone,
            do.AskAcd: self._ask_acd,
            do.TellCustomerLeft: lambda c: parts.acd.customer_left(c.interaction_id),
            do.EndInteraction: lambda c: parts.acd.end(c.interaction_id),
            do.TellPhone: lambda c: parts.acd.phone_changed(c.agent_id, c.up),
            do.Ring: lambda c: switch.ring(c.leg_id),
            do.Answer: lambda c: switch.answer(c.leg_id),
            do.Park: lambda c: switch.park(c.leg_id),
            do.HangUp: lambda c: switch.hang_up(c.leg_id, c.cause),
            do.OpenDesk: self._open_desk,
            do.CloseDesk: lambda c: switch.close_desk(c.leg_id),
            do.Join: self._join,
            do.Play: self._play,
            do.StopPlaying: lambda c: switch.stop_playing(c.leg_id),
            do.Unpark: lambda c: switch.unpark(c.leg_id),
            do.RecordMessage: self._record_message,
            do.AskPlace: self._ask_place,
            do.Choose: lambda c: parts.acd.choose(c.interaction_id, c.digit),
            do.Detect: self._detect,
            do.AwaitBeep: self._await_beep,
            do.Mute: lambda c: switch.mute(c.leg_id, c.muted),
            do.Digits: lambda c: switch.send_digits(c.leg_id, c.digits),
            do.StartRecording: self._start_recording,
            do.StopRecording: lambda c: switch.stop_recording(c.recording_id),
        }

    async def carry_out(self, command: do.Command) -> None:
        """Carry out one command; returns when it is done or given up."""
        pause_s, waited_s = RETRY_S, 0.0
        while True:
            try:
                await self._doers[type(command)](command)
                return
            except Fault as fault:
                if not (isinstance(fault, Unavailable) and isinstance(command, TO_ACD)):
                    log.info("%s was refused: %s", type(command).__name__, fault.code)
                    return
            except Exception:
                if waited_s >= PATIENCE_S and not isinstance(command, TO_ACD):
                    log.exception("%s is given up", type(command).__name__)
                    return
                log.warning("%s failed, trying again", type(command).__name__, exc_info=True)
            await self._parts.clock.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(pause_s * 2, RETRY_MOST_S)

    async def _write(self, command: do.Write) -> None:
        began, tried_since, pause_s = self._parts.clock.now(), None, RETRY_S
        while True:
            try:
                await self.scribe.write(command, tried_since)
                return
            except Exception:
                log.exception("writing failed, trying again")
            await self._parts.clock.sleep(pause_s)
            tried_since, pause_s = began, min(pause_s * 2, RETRY_MOST_S)

    async def _start_recording(self, command: do.StartRecording) -> None:
        call_id = CallId(command.lane)
        await self._parts.switch.start_recording(command.desk_leg_id, command.recording_id, call_id)
        self._report(on.RecordingBegan(call_id, command.recording_id))

    async def _call_number(self, command: do.CallNumber) -> None:
        target = Target(number=command.number, trunk_id=command.trunk_id)
        await self._call(command.leg_id, target, command.caller_id, command.ring_s)

    async def _call_phone(self, command: do.CallPhone) -> None:
        target = Target(agent_id=command.agent_id)
        await self._call(command.leg_id, target, "omni", command.ring_s)

    async def _call(self, leg_id: str, target: Target, caller_id: str, ring_s: float) -> None:
        try:
            await self._parts.switch.call(leg_id, target, caller_id, ring_s)
        except Conflict:  # the trunk or phone cannot be reached
            self._report(on.LegEnded(leg_id, cause=CAUSE_NETWORK_OUT_OF_ORDER))
        except Fault:
            self._report(on.LegEnded(leg_id, failed=True))

    async def _ask_acd(self, command: do.AskAcd) -> None:
        arrival = Arrival(
            interaction_id=command.interaction_id,
            medium=Medium.VOICE,
            direction=Direction.INBOUND,
            entry_point_id=command.entry_point_id,
            address=command.from_number,
        )
        try:
            result = await self._parts.acd.arrive(arrival)
        except Unavailable:
            raise
        except Fault:
            self._report(on.Admitted(command.call_id, False))
        else:
            if isinstance(result, Queued):
                guide = self._parts.acd.guide(result.queue_id, command.entry_point_id)
                self._report(on.Admitted(command.call_id, True, guide))
            else:
                self._report(on.Admitted(command.call_id, False))

    async def _ask_place(self, command: do.AskPlace) -> None:
        place = self._parts.acd.place(command.interaction_id)
        self._report(on.PlaceTold(command.call_id, place.number, place.expected_wait_s))

    async def _record_message(self, command: do.RecordMessage) -> None:
        call_id = CallId(command.lane)
        switch = self._parts.switch
        try:
            await switch.record_message(
                command.leg_id, command.recording_id, call_id, command.limit_s
            )
        except Unavailable:
            raise
        except Fault:  # the caller has gone, or the switch cannot: there is no message
            self._report(on.RecordingEnded(command.recording_id, call_id, 0.0, failed=True))

    async def _open_desk(self, command: do.OpenDesk) -> None:
        await self._parts.switch.open_desk(command.leg_id)
        self._report(on.DeskOpened(command.leg_id))

    async def _join(self, command: do.Join) -> None:
        try:
            await self._parts.switch.join(command.call_id, command.desk_leg_id)
        except Unavailable:
            return  # SwitchBack begins again
        except Fault:
            self._report(on.JoinFailed(command.call_id, command.desk_leg_id))
        else:
            self._report(on.Joined(command.call_id, command.desk_leg_id))

    async def _detect(self, command: do.Detect) -> None:
        try:
            await self._parts.switch.detect(command.leg_id)
        except Unavailable:
            raise
        except Fault:
            self._report(on.AnswerHeard(command.leg_id, AnswerKind.UNSURE))

    async def _await_beep(self, command: do.AwaitBeep) -> None:
        try:
            await self._parts.switch.await_beep(command.leg_id)
        except Unavailable:
            raise
        except Fault:
            self._report(on.GreetingEnded(command.leg_id))

    async def _play(self, command: do.Play) -> None:
        try:
            await self._parts.switch.play(command.leg_id, command.media)
        except Unavailable:
            raise
        except Fault:
            self._report(on.PlaybackEnded(command.leg_id))
