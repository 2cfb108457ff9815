"""Answered people on their way into the ACD, also while it is being built anew.

When the database fails, routing is built anew and answers `Unavailable` until then. Somebody may be
on the line meanwhile: what has to be said to the ACD is said again, but nobody is kept waiting for
it longer than the law allows.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from omni.acd.model import Arrival, Queued
from omni.core.clock import Clock
from omni.core.errors import Unavailable
from omni.core.ids import InteractionId
from omni.dialer.ports import Queueing

log = logging.getLogger(__name__)

AGAIN_S = 0.1


class Handover:
    """Gives people to the ACD and takes them back."""

    def __init__(self, acd: Queueing, clock: Clock) -> None:
        self._acd = acd
        self._clock = clock

    async def arrive(self, arrival: Arrival, until: datetime, there: Callable[[], bool]) -> bool:
        """Let a person into the ACD; tries until `until` and while they are `there`.

        False when it did not take them. It may know them all the same, when it could not say so:
        whoever ends the call tells it.
        """
        while True:
            try:
                return isinstance(await self._acd.arrive(arrival), Queued)
            except Unavailable:
                if not there() or self._clock.now() >= until:
                    return False
                await self._clock.sleep(AGAIN_S)
            except Exception:
                log.exception("the ACD did not take a call")
                return False

    async def drop(self, interaction_id: InteractionId) -> bool:
        """Give a person up; False when an agent got them, or they have left."""
        try:
            return await self._acd.drop(interaction_id)
        except Unavailable:
            return True  # nobody gets them now, and the end of the call tells the ACD

    async def left(self, interaction_id: InteractionId) -> None:
        """Say that a person hung up."""
        while True:
            try:
                await self._acd.customer_left(interaction_id)
                return
            except Unavailable:
                await self._clock.sleep(AGAIN_S)
