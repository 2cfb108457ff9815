"""Work that must be done in order per key, and side by side across keys.

A lane lives as long as it has work: idle calls cost nothing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


def begin(group: asyncio.TaskGroup, work: Coroutine[None, None, None]) -> None:
    """Start work in a group; when the group is ending already, it is not begun.

    What is told on the way down (a connection that ends) must not disturb the ending; the next
    start finds in the database what was left open.
    """
    try:
        group.create_task(work)
    except RuntimeError:
        work.close()


class Lanes(Generic[T]):
    """Gives each item to `do`, one after the other within a lane."""

    def __init__(self, do: Callable[[T], Awaitable[None]]) -> None:
        self._do = do
        self._waiting: dict[str, deque[T]] = {}
        self._group: asyncio.TaskGroup | None = None

    def open(self, group: asyncio.TaskGroup) -> None:
        """Work in this task group from now on, also on what was put in before."""
        self._group = group
        for lane in self._waiting:
            begin(group, self._run(lane))

    def put(self, lane: str, items: Iterable[T]) -> None:
        """Add items to the end of a lane."""
        queue = self._waiting.get(lane)
        if queue is not None:
            queue.extend(items)
            return
        self._waiting[lane] = deque(items)
        if self._group is not None:
            begin(self._group, self._run(lane))

    def __len__(self) -> int:
        return len(self._waiting)

    async def _run(self, lane: str) -> None:
        queue = self._waiting[lane]
        while queue:
            await self._do(queue.popleft())
        del self._waiting[lane]
