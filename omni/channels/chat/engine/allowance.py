"""How fast a page may speak: a token bucket. Pure; the caller says what time it is."""


class Allowance:
    """`rate_per_s` on average, `burst` at once."""

    def __init__(self, rate_per_s: float, burst: float, at_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._left = burst
        self._at_s = at_s

    def take(self, at_s: float) -> float:
        """Use up one and return 0, or return after how many seconds there will be one."""
        self._left = min(self._burst, self._left + max(0.0, at_s - self._at_s) * self._rate_per_s)
        self._at_s = max(at_s, self._at_s)
        if self._left >= 1.0:
            self._left -= 1.0
            return 0.0
        return (1.0 - self._left) / self._rate_per_s
