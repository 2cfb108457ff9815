"""Room: which media an agent could take now.

Rules:
1. Signed in, ready, no break asked for, not resting after a rejection.
2. Fewer interactions of the medium than the capacity; an interaction holds its place from the
   offer to the end of wrap-up.
3. The interruption table allows the medium beside every medium held.
4. Not while an offer of the same medium is open: people are asked one thing at a time.
5. Calls only while the agent's phone is up.
6. Nothing while held for a dialled line, but a call of the campaign that dials it.
"""

from typing import Final

from omni.acd.engine.board import Seat
from omni.acd.engine.states import ON_BREAK, READY, SIGNED_OUT
from omni.acd.model import Policy

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
        key = (*seat.held, *seat.pending, *seat.capacity)
        mask = self._known.get(key)
        if mask is None:
            if len(self._known) > 65_536:  # capacities are edited by people: a bound all the same
                self._known.clear()
            mask = self._known[key] = sum(1 << m for m in (0, 1, 2) if not self._full(seat, m))
        return mask if seat.phone else mask & ~VOICE_BIT

    def reasons(self, seat: Seat, medium: int) -> list[str]:
        """Return the gates that keep the agent from this medium now, none when it is free."""
        gates = (
            ("signed_out", seat.presence is SIGNED_OUT),
            ("on_break", seat.presence is ON_BREAK),
            ("leaving", seat.leaving is not None),
            ("resting", seat.resting),
            ("held_for_line", seat.pledge is not None),
            ("phone_down", medium == 0 and not seat.phone),
            ("no_capacity", seat.held[medium] >= seat.capacity[medium]),
            ("offer_open", seat.pending[medium] > 0),
            ("may_not_interrupt", self._barred(seat, medium)),
        )
        return [name for name, shut in gates if shut]

    def takes_call(self, seat: Seat) -> bool:
        """Tell whether an agent who is held could take a dialled call now."""
        return seat.presence is READY and seat.phone and not self._full(seat, 0)

    def joins(self, held: int, new: int) -> bool:
        """Tell whether an agent who holds work of one medium may get the other."""
        return self._policy.may_join[held][new]

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
