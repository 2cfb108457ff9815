"""Who may serve a queue with voice, as the pacing of campaigns needs it: read from the router."""

from omni.acd.bookkeeping import Books
from omni.acd.engine.board import Seat
from omni.acd.engine.router import Router
from omni.acd.model import Skill, StaffedAgent, Staffing
from omni.core.ids import QueueId
from omni.core.terms import AgentState, InteractionState

_SHIFT = (AgentState.READY, AgentState.DIALING, AgentState.BUSY, AgentState.WRAP_UP)


class Roster:
    """Remembers which agents belong to a queue until plan, people or open groups change."""

    def __init__(self) -> None:
        self._turn = 0
        self._seats: dict[tuple[QueueId, tuple[Skill, ...]], list[Seat]] = {}

    def forget(self) -> None:
        """Plan or agents have changed."""
        self._seats.clear()

    def staffing(
        self, router: Router, books: Books, queue_id: QueueId, needs: tuple[Skill, ...]
    ) -> Staffing:
        """Return the agents on shift with a phone who may serve the queue and have these skills."""
        grid = router.matcher.grid
        if grid.turn != self._turn:
            self._turn = grid.turn
            self.forget()
        seats = self._seats.get((queue_id, needs))
        if seats is None:
            seats = self._seats[queue_id, needs] = [
                seat
                for seat in router.matcher.seats.values()
                if grid.serves(queue_id, seat.profile.groups)
                and seat.profile.has(needs)
                and seat.capacity[0]
            ]
        agents = tuple(
            self._agent(seat, books)
            for seat in seats
            if seat.phone and seat.shown in _SHIFT and seat.id in books.presences
        )
        return Staffing(agents, router.matcher.waiting(queue_id, 0))

    def _agent(self, seat: Seat, books: Books) -> StaffedAgent:
        call = next((work for work in seat.works.values() if work.medium == 0), None)
        row = books.rows.get(call.id) if call else None
        presence = books.presences[seat.id]
        own = seat.own_call
        dialled_for = own.campaign_id if own is not None and own.dialling else ""
        return StaffedAgent(
            agent_id=seat.id,
            state=presence.state,
            since=presence.since,
            free=bool(seat.mask & 1) or seat.pledge is not None or bool(dialled_for),
            leaving=seat.leaving is not None,
            held_for=seat.pledge.holder if seat.pledge is not None else dialled_for,
            spoken_for=seat.leaving is not None or seat.wanted,
            interaction_id=call.id if call and call.state is not InteractionState.OFFERED else None,
            campaign_id=row.campaign_id if row else None,
        )
