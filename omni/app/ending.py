"""How the process ends: in order, named where it hangs, and in any case soon.

Rules:
1. A signal cancels the work once; further ones change nothing. What is under way gets `PATIENCE_S`.
2. A part that did not take its cancellation (a library that answers it with a fault of its own, a
   handler that goes on) is named and asked again, every `AGAIN_S`.
3. `LAST_S` after the signal the process ends, whatever still runs: a thread that cannot be
   interrupted, a part that waits for ever. That loses nothing: children end with us (ADR 0030), and
   what was not committed is brought to its end at the next start, as after a crash.
"""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Coroutine
from typing import Any

log = logging.getLogger(__name__)

PATIENCE_S = 6.0  # a mail under way has 5 s
AGAIN_S = 1.0
LAST_S = 14.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Task = asyncio.Task[Any]


async def until_signal(
    work: Coroutine[Any, Any, Any], stopping: Callable[[], None], last_s: float = LAST_S
) -> Any:
    """Run to its end and return the result, or None after a signal; `stopping` is told of it.

    After a signal this must be the last work of the process: that ends by itself, or is ended.
    """
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    asked = False

    def stop() -> None:
        nonlocal asked
        if not asked:
            asked = True
            stopping()
            last = threading.Timer(last_s, _give_up, (loop,))
            last.daemon = True
            last.start()
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        return None


async def end(tasks: Collection[Task], patience_s: float = PATIENCE_S) -> None:
    """Cancel these tasks and wait until they have ended, asking again those that do not."""
    left: Collection[Task] = [task for task in tasks if not task.done()]
    pause_s = patience_s
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=pause_s)
        if left:
            log.warning("parts do not end and are asked again: %s", _names(left))
        pause_s = AGAIN_S


def _names(tasks: Collection[Task]) -> str:
    return ", ".join(sorted(task.get_name() for task in tasks))


def _give_up(loop: asyncio.AbstractEventLoop) -> None:
    """End the process from a thread of its own; say what hung."""
    try:
        running = [task for task in asyncio.all_tasks(loop) if not task.done()]
        threads = [one.name for one in threading.enumerate() if not one.daemon]
        log.error("omni did not end; tasks: %s; threads: %s", _names(running), ", ".join(threads))
        sys.stderr.write("omni did not end in time and is ended; the log says what hung\n")
        sys.stderr.flush()
    finally:
        os._exit(1)
