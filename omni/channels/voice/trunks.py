"""How much a trunk may carry: lines at a time and dials a second. Pure; time comes in."""

from collections import deque

from omni.channels.voice.model import TrunkLines, TrunkSpec


class TrunkGate:
    """The limits of one trunk and what is in use of them."""

    def __init__(self, trunk: TrunkSpec) -> None:
        self.trunk = trunk
        self.state = "unknown"
        self.busy = 0
        self._dials_s: deque[float] = deque()

    def refusal(self, at_s: float) -> str:
        """Return why no call may be dialled now, "" when one may."""
        if not self.trunk.enabled:
            return "trunk_disabled"
        if self.state == "down":
            return "trunk_down"
        if self.busy >= self.trunk.capacity:
            return "trunk_full"
        limit = self.trunk.calls_per_second
        while self._dials_s and self._dials_s[0] <= at_s - 1.0:
            self._dials_s.popleft()
        return "trunk_too_fast" if limit > 0 and len(self._dials_s) >= max(1.0, limit) else ""

    def dialled(self, at_s: float) -> None:
        """Count a dial and its line."""
        self._dials_s.append(at_s)
        self.busy += 1

    def lines(self) -> TrunkLines:
        """Return what it carries now."""
        trunk = self.trunk
        return TrunkLines(
            trunk_id=trunk.trunk_id,
            name=trunk.name,
            enabled=trunk.enabled,
            state=self.state,
            capacity=trunk.capacity,
            busy=self.busy,
            calls_per_second=trunk.calls_per_second,
        )
