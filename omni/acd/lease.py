"""The lease: one process owns the routing of a site.

The owner renews it; whoever finds it gone (stopped, or cut off, for longer than `LEASE_S`) writes
nothing more. The fencing number makes sure of that in every transaction (`hold`).
"""

import logging

from omni.acd.ports import AcdStore
from omni.core.clock import Clock
from omni.core.errors import Unavailable

LEASE_S = 2.5  # after a crash, another takes over within this and a poll
RENEW_S = 0.5
_POLL_S = 0.25

_log = logging.getLogger(__name__)


class LeaseLost(Unavailable):
    """Another process routes now; this one must end."""


class Lease:
    """The right to route. `acquire` it, then keep `keep` running."""

    def __init__(self, store: AcdStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._fence = 0

    async def acquire(self) -> None:
        """Wait until no other process has it, and take it."""
        told = False
        while (fence := await self._store.acquire(LEASE_S)) is None:
            if not told:
                _log.info("another process routes; waiting to take over")
                told = True
            await self._clock.sleep(_POLL_S)
        self._fence = fence

    async def keep(self) -> None:
        """Renew it until cancelled; LeaseLost when another has taken over."""
        while True:
            await self._clock.sleep(RENEW_S)
            try:
                ours = await self._store.renew(self._fence, LEASE_S)
            except Exception:
                _log.exception("the lease could not be renewed yet")
                continue
            if not ours:
                raise LeaseLost("lease_lost", "another process routes now")

    async def check(self) -> None:
        """Make sure that it is ours; LeaseLost when it is not."""
        if not await self._store.renew(self._fence, LEASE_S):
            raise LeaseLost("lease_lost", "another process routes now")

    async def hold(self) -> None:
        """Inside a transaction: make sure that it is ours until the commit."""
        if not await self._store.hold(self._fence):
            raise LeaseLost("lease_lost", "another process routes now")

    async def release(self) -> None:
        """Let another have it at once."""
        await self._store.release(self._fence)
