"""Room: which media an agent could take now.

Rules:
1. Signed in, ready, no break asked for, not resting after a rejection.
2. Fewer interactions of the medium than the capacity; an interaction holds its place from the
   offer to the end of wrap-up.
3. The interruption table allows the medium beside every medium held.
4. Not while an offer of the same medium is open: people are asked one thing at a time.
5. Calls only while the agent's phone is up.
6. Nothing while held for a dialled line, but a call of the campaign that dials it.
7. An own call (`own_calls`) takes a place of a call, unless a call may interrupt it; the policy
   says what may join it, and what it may join. It comes while no offer is open.
"""

from typing import Final

from omni.acd.engine.board import Seat
from omni.acd.engine.states import ON_BREAK, READY, SIGNED_OUT
from omni.acd.model import Policy
from omni.acd.own_call import OwnCall

VOICE_BIT: Final = 1


class Room:
    """Computes masks; remembers them by (held, pending, capacity), of which there are few."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[tuple[int, ...], int] = {}

    def mask(self, seat: Seat) -> int:
        """Return a bit per medium that the agent could take now."""
        if seat.pledge is not None or seat.leaving is not None:
            return 0
        return self.unheld_mask(seat)

    def unheld_mask(self, seat: Seat) -> int:
        """Return what `mask` would be if the agent were not held and did not want to leave."""
        if seat.presence is not READY or seat.resting:
            return 0
        if seat.own_call is not None:
            return self._beside_own_call(seat)
        key = (*seat.held, *seat.pending, *seat.capacity)
        mask = self._known.get(key)
        if mask is None:
            if len(self._known) > 65_536:  # capacities are edited by people: a bound all the same
                self._known.clear()
            mask = self._known[key] = sum(1 << m for m in (0, 1, 2) if not self._full(seat, m))
        return mask if seat.phone else mask & ~VOICE_BIT

    def reasons(self, seat: Seat, medium: int) -> list[str]:
        """Return the gates that keep the agent from this medium now, none when it is free."""
        own, bars = seat.own_call, self._own_call_bars(seat, medium)
        gates = (
            *_away(seat),
            ("held_for_line", seat.pledge is not None),
            (_gate_of(own), bars),
            ("phone_down", medium == 0 and not seat.phone),
            ("no_capacity", seat.held[medium] >= seat.capacity[medium]),
            ("offer_open", seat.pending[medium] > 0),
            ("may_not_interrupt", self._barred(seat, medium)),
        )
        return [name for name, shut in gates if shut]

    def own_call_gates(self, seat: Seat, holder: str) -> list[str]:
        """Return what keeps the agent from a call of their own for the holder (a campaign)."""
        pledge, own = seat.pledge, seat.own_call
        joins = self._policy.own_call_may_join
        gates = (
            *_away(seat),
            ("held_for_line", pledge is not None and (pledge.holder != holder or seat.wanted)),
            (_gate_of(own), own is not None),
            ("phone_down", not seat.phone),
            ("no_capacity", seat.held[0] >= seat.capacity[0]),
            ("offer_open", any(seat.pending)),
            ("may_not_interrupt", any(seat.held[m] and not joins[m] for m in (0, 1, 2))),
        )
        return [name for name, shut in gates if shut]

    def takes_call(self, seat: Seat) -> bool:
        """Tell whether an agent who is held could take a dialled call now."""
        return seat.presence is READY and seat.phone and not self._full(seat, 0)

    def joins(self, held: int, new: int) -> bool:
        """Tell whether an agent who holds work of one medium may get the other."""
        return self._policy.may_join[held][new]

    def _beside_own_call(self, seat: Seat) -> int:
        mask = 0
        for medium in (0, 1, 2) if seat.phone else (1, 2):
            if not self._full(seat, medium) and not self._own_call_bars(seat, medium):
                mask |= 1 << medium
        return mask

    def _own_call_bars(self, seat: Seat, medium: int) -> bool:
        """Tell whether the agent's own call keeps them from this medium."""
        own = seat.own_call
        if own is None:
            return False
        if not self._policy.may_join_own_call[medium]:
            return True
        return own.dialling and not medium and seat.held[0] + 1 >= seat.capacity[0]

    def _full(self, seat: Seat, medium: int) -> bool:
        return (
            seat.held[medium] >= seat.capacity[medium]
            or seat.pending[medium] > 0
            or self._barred(seat, medium)
        )

    def _barred(self, seat: Seat, medium: int) -> bool:
        table = self._policy.may_join
        return any(
            seat.held[other] and not table[other][medium]
            # within one medium the capacity decides, unless the table says none at all
            for other in (0, 1, 2)
            if other != medium
        )


def _gate_of(own: OwnCall | None) -> str:
    return "own_call_dialled" if own is not None and own.dialling else "own_call_shown"


def _away(seat: Seat) -> tuple[tuple[str, bool], ...]:
    """Return the gates of somebody who takes nothing at all."""
    return (
        ("signed_out", seat.presence is SIGNED_OUT),
        ("on_break", seat.presence is ON_BREAK),
        ("leaving", seat.leaving is not None),
        ("resting", seat.resting),
    )
