"""A process beside ours for long calculations: the event loop also carries calls.

Made when it is first needed, at low priority, one calculation at a time.
"""

import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from omni.core.errors import Unavailable
from omni.dialer.trial import TrialPlan, TrialResult, simulate

NICE = 10
TIME_LIMIT_S = 120.0


class ProcessLaboratory:
    """`omni.dialer.ports.Laboratory` in a process of its own."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def try_out(self, plan: TrialPlan) -> TrialResult:
        """Simulate a plan.

        Raises:
            Unavailable: it took too long, or the process died.
        """
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, spawn, initializer=os.nice, initargs=(NICE,))
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                return await asyncio.get_running_loop().run_in_executor(self._pool, simulate, plan)
        except (TimeoutError, BrokenProcessPool) as fault:
            self.close()
            raise Unavailable("trial.too_long", "ask for fewer agents, hours or seeds") from fault

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
