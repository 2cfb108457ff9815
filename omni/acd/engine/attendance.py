"""In which queues nobody is there: looked at by the service every second, told as `StaffSeen`."""

from omni.acd.engine.router import Router
from omni.acd.overflow import Condition
from omni.core.ids import QueueId
from omni.core.terms import AgentState


def deserted(router: Router) -> frozenset[QueueId]:
    """Return the queues with a rule for it which no agent serves who is at work.

    At work: signed in and not on break; who asked for a break still is. Linear in the agents.
    """
    grid = router.matcher.grid
    asked = [
        queue.id
        for queue in grid.queues.values()
        if any(rule.when is Condition.NOBODY for rule in queue.overflow)
    ]
    if not asked:
        return frozenset()
    profiles = {
        seat.profile for seat in router.matcher.seats.values() if seat.presence is AgentState.READY
    }
    return frozenset(
        queue_id
        for queue_id in asked
        if not any(grid.serves(queue_id, profile.groups) for profile in profiles)
    )
