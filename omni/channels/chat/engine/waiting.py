"""The waiting room: who waits for an agent, in which place. Pure.

The place is that among the chats of the same queue in the order of their arrival. The ACD weighs
priorities and other media too, so the place is a fair picture for the visitor, not a promise.
"""

from collections.abc import Iterator

from omni.core.ids import InteractionId, QueueId


class WaitingRoom:
    """Chats that wait, by queue; an insertion-ordered dict is the order of arrival."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, dict[InteractionId, None]] = {}
        self._queue_of: dict[InteractionId, QueueId] = {}
        self._changed: set[QueueId] = set()

    def enter(self, interaction_id: InteractionId, queue_id: QueueId) -> None:
        """Add a chat at the end of a queue; one that waits already keeps its place."""
        if interaction_id in self._queue_of:
            return
        self._queue_of[interaction_id] = queue_id
        self._queues.setdefault(queue_id, {})[interaction_id] = None
        self._changed.add(queue_id)

    def leave(self, interaction_id: InteractionId) -> None:
        """Take a chat out; one that does not wait is left alone."""
        queue_id = self._queue_of.pop(interaction_id, None)
        if queue_id is not None:
            del self._queues[queue_id][interaction_id]
            self._changed.add(queue_id)

    def place(self, interaction_id: InteractionId) -> int:
        """Return a chat's place, from 1; 0 when it does not wait. Looks through its queue."""
        queue_id = self._queue_of.get(interaction_id)
        if queue_id is None:
            return 0
        return list(self._queues[queue_id]).index(interaction_id) + 1

    def changes(self) -> Iterator[tuple[InteractionId, int]]:
        """Yield each chat with its place in all queues that changed since the last call."""
        changed, self._changed = self._changed, set()
        for queue_id in changed:
            for place, interaction_id in enumerate(self._queues[queue_id], start=1):
                yield interaction_id, place
            if not self._queues[queue_id]:
                del self._queues[queue_id]
