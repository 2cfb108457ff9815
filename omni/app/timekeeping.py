"""The only place that reads the machine's clock and its randomness for ids."""

import asyncio
import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, delay_s: float) -> None:
        await asyncio.sleep(delay_s)


class RandomIdentities:
    """Ids of 26 characters: 48 bits of milliseconds, then 82 random bits (the layout of a ULID).

    They sort by time of making to the millisecond, which keeps new rows together in an index.
    """

    def new(self) -> str:
        value = (time.time_ns() // 1_000_000) << 82 | secrets.randbits(82)
        letters = []
        for _ in range(26):
            value, digit = divmod(value, 32)
            letters.append(_ALPHABET[digit])
        return "".join(reversed(letters))
