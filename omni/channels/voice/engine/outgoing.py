"""Dialled calls and their trunks: onto one, on to the next when it fails, off it at the end.

Rules:
1. A call that a trunk could not carry goes to the next one (`trunks.TrunkBoard.choose`) when its
   leg has ended, not before: nobody is dialled twice at the same time.
2. Who was heard to ring, or may have been (a call of the process before this one), is not dialled
   again; nor is anybody when `failover_s` have gone by.
"""

from collections.abc import Iterable
from dataclasses import replace

from omni.channels.voice.engine import commands as do
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.engine.ledger import CallLedger
from omni.channels.voice.engine.state import Call, Rules
from omni.channels.voice.engine.trunks import Route, TrunkBoard
from omni.channels.voice.model import CallState
from omni.channels.voice.outcomes import Blame, blame
from omni.core.errors import Defect
from omni.core.events.voice import TrunkStateChanged

CAUSE_NETWORK_OUT_OF_ORDER = 38


class Outgoing:
    """The part of the exchange that knows trunks."""

    def __init__(self, trunks: TrunkBoard, rules: Rules) -> None:
        self._trunks = trunks
        self._rules = rules

    def dial(self, call: Call, now_s: float) -> list[do.Command]:
        """Dial the call's number over its trunk."""
        if call.trunk_id is None:
            raise Defect("a call was dialled over no trunk")
        call.leg_at_s = now_s
        self._trunks.dialled(call.call_id, call.trunk_id, now_s)
        originate = do.CallNumber(
            lane=call.call_id,
            leg_id=call.call_id,
            number=call.to_number,
            trunk_id=call.trunk_id,
            caller_id=call.from_number,
            ring_s=call.ring_s,
        )
        return [originate]

    def carried(self, call: Call, now_s: float) -> list[do.Command]:
        """The far end rings or has answered."""
        if call.trunk_lost and call.answered:
            call.ended_by = call.ended_by or "system"  # it is being hung up
        return _told(self._trunks.carried(call.call_id, now_s))

    def trunk_seen(
        self, event: on.TrunkSeen, calls: Iterable[Call], now_s: float
    ) -> list[do.Command]:
        """A trunk that does not answer lets nobody's telephone ring: its calls need not wait."""
        done = _told(self._trunks.probed(event.trunk_id, event.state, now_s))
        if event.state != "down":
            return done
        for call in calls:
            dialling = call.state is CallState.DIALLING and not call.ended_by
            if dialling and call.trunk_id == event.trunk_id:
                call.trunk_lost = True
                done.append(do.HangUp(call.call_id, call.call_id))
        return done

    def ended(
        self, call: Call, event: on.LegEnded, now_s: float
    ) -> tuple[on.LegEnded | None, list[do.Command]]:
        """A customer's leg is over; return how the call ended, None when the next trunk tries."""
        if call.trunk_lost and not call.answered:
            event = on.LegEnded(event.leg_id, CAUSE_NETWORK_OUT_OF_ORDER, failed=event.failed)
        whose = Blame.OURS if event.failed else blame(CallLedger.ending(call, event))
        done = _told(self._trunks.ended(call.call_id, whose, event.sip_code, now_s))
        route = self._next_route(call, whose, now_s) if CallLedger.unanswered(call) else None
        if route is None:
            return event, done
        done.append(CallLedger.rerouted(call, event, route, now_s))
        call.trunk_id, call.from_number = route.trunk_id, route.caller_id
        call.state, call.trunk_lost = CallState.DIALLING, False
        return None, [*done, *self.dial(call, now_s)]

    def _next_route(self, call: Call, whose: Blame, now_s: float) -> Route | None:
        if whose not in (Blame.ROUTE, Blame.TRUNK) or call.wish is None or call.trunk_id is None:
            return None
        if call.ended_by or now_s - call.started_at_s > self._rules.failover_s:
            return None
        call.wish = replace(call.wish, tried=(*call.wish.tried, call.trunk_id))
        route = self._trunks.choose(call.wish, now_s)
        return route if isinstance(route, Route) else None


def _told(changes: Iterable[TrunkStateChanged]) -> list[do.Command]:
    return [do.Write(change.trunk_id, (change,)) for change in changes]
