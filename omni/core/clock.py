"""Time as a dependency: only `omni.app` reads a real clock, tests own theirs."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time and wait for it."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start that never jump."""
        ...

    async def sleep(self, delay_s: float) -> None:
        """Wait `delay_s` seconds of this clock."""
        ...


class Identities(Protocol):
    """Make new ids."""

    def new(self) -> str:
        """Return 26 characters, unique, sorting by time of making."""
        ...
