"""Agents whose page has gone: what happens when a browser is closed or a network drops.

A short absence (reload, tunnel) changes nothing. After `GRACE_S` without any page the agent gets
no new work (break, reason `page_gone`); what they hold stays theirs. Coming back does not end the
break: the agent says when they are ready.
"""

import asyncio
import logging
from typing import Protocol

from omni.core.clock import Clock
from omni.core.errors import Fault
from omni.core.ids import AgentId, UserId

log = logging.getLogger(__name__)

GRACE_S = 20.0
REASON = "page_gone"


class Breaks(Protocol):
    """The part of the ACD that is needed here."""

    async def take_break(self, agent_id: AgentId, reason: str, source: str = "agent") -> None: ...


class Attendance:
    """Watches who has a page open."""

    def __init__(self, acd: Breaks, clock: Clock) -> None:
        self._acd = acd
        self._clock = clock
        self._leaving: dict[UserId, asyncio.Task[None]] = {}

    async def presence(self, user_id: UserId, online: bool) -> None:
        """Hear that the first page of a user opened or the last one closed."""
        waiting = self._leaving.pop(user_id, None)
        if waiting is not None:
            waiting.cancel()
        if not online:
            self._leaving[user_id] = asyncio.create_task(self._leave(user_id))

    async def _leave(self, user_id: UserId) -> None:
        await self._clock.sleep(GRACE_S)
        self._leaving.pop(user_id, None)
        try:
            await self._acd.take_break(AgentId(user_id), REASON, "system")
        except Fault:
            return  # not an agent, or signed out: nothing to take away
        except Exception:
            log.exception("could not set an absent agent to break")
