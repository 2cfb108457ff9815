"""The benchmarks, by the name that `omni bench` takes.

A benchmark is a function `run(options: list[str]) -> Result | Awaitable[Result]`: it reads its own
options (argparse), says how it goes on standard error, and returns what `--json` prints.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Mapping, Sequence

import uvloop

from omni.core.errors import NotFound

Row = Mapping[str, object]
Result = Row | Sequence[Row]

BENCHES = {
    "acd": "omni.app.bench.acd:run",
    "calls": "omni.app.bench.calls:run",
    "chat": "omni.app.bench.chat:run",
    "day": "omni.app.bench.day:run",
    "dialer": "omni.app.bench.dialer:run",
    "import": "omni.app.bench.imports:run",
    "live": "omni.app.bench.live:run",
    "mail": "omni.app.bench.mail:run",
}


def measure(name: str, options: list[str]) -> Result:
    """Run a benchmark and return its figures; NotFound when there is none of that name."""
    if name not in BENCHES:
        raise NotFound("bench.unknown", f"no benchmark {name}; there are: {', '.join(BENCHES)}")
    module, _, function = BENCHES[name].partition(":")
    run = getattr(importlib.import_module(module), function)
    result: Result | Awaitable[Result] = run(options)
    if not isinstance(result, Awaitable):
        return result
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `omni serve` has
        return runner.run(_awaited(result))


async def _awaited(result: Awaitable[Result]) -> Result:
    return await result
