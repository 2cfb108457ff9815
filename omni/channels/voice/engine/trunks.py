"""The trunks: which one carries a call, and when one that fails is left alone for a while.

Rules:
1. A call takes the cheapest trunk that works and has room; among equally cheap ones the one that is
   least full. Never more calls at a time than `capacity`, nor more dials a second than it allows.
2. A trunk is taken out when it does not answer our probes ("down"), or when calls themselves say so
   ("trouble"): `in_a_row` failures that are its doing, or a `share` of the latest `among` calls, or
   `busy_in_a_row` busy lines one after the other, which no list of numbers has by chance.
3. After `back_off_s` one call tries a trunk in trouble, and no second one before that is decided.
   If it is carried the trunk is back, else it is left alone twice as long, up to
   `back_off_most_s`. A trunk that was down and answers probes again is tried at once.
4. What was dialled before a trunk was taken out or put back says nothing about it any more.

Pure: seconds of one steady clock come in, what others should hear goes out as events.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from omni.channels.voice.model import TrunkLines, TrunkRoom, TrunkSpec
from omni.channels.voice.outcomes import Blame
from omni.core.events.voice import TrunkStateChanged
from omni.core.ids import TrunkId

NO_LIMIT = 10**6
# Refusals, from "nothing can be done" to "in a moment": of several trunks the best one is told.
REFUSALS = (
    "trunk_none",
    "trunk_disabled",
    "trunk_no_caller_id",
    "trunk_down",
    "trunk_full",
    "trunk_too_fast",
)
# Why no call at all can be made over a trunk, in the same order; "" when one can.
CLOSED = ("none", "no_caller_id", "down", "")
ALL_BUSY, SILENT = "all_busy", "silent"


@dataclass(frozen=True, slots=True)
class TroubleRules:
    """When a trunk is taken out, and for how long (rules 2 and 3)."""

    in_a_row: int = 5
    share: float = 0.5
    among: int = 20
    busy_in_a_row: int = 20
    back_off_s: float = 2.0
    back_off_most_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that wants a trunk. `only`: no other will do. `tried`: those that could not."""

    number: str
    only: TrunkId | None = None
    caller_id: str = ""
    caller_id_needed: bool = False
    tried: tuple[TrunkId, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes, and the number that is shown there."""

    trunk_id: TrunkId
    caller_id: str


@dataclass(slots=True)
class _Line:
    """A call on a trunk. `judged`: what it says of the trunk has been counted."""

    trunk_id: TrunkId
    dialled_at_s: float
    judged: bool = False


@dataclass(slots=True)
class _Trunk:
    """A trunk and what is known of it. `out_until_s` None: it is not in trouble."""

    spec: TrunkSpec
    probed: str = "unknown"
    busy: int = 0
    dials_s: deque[float] = field(default_factory=deque)
    failures: int = 0
    busies: int = 0
    latest: deque[bool] = field(default_factory=deque)
    changed_at_s: float = float("-inf")
    out_until_s: float | None = None
    back_off_s: float = 0.0
    reason: str = ""
    trial: str = ""  # the call that tries it
    told: str = ""  # the state that others know

    @property
    def state(self) -> str:
        if self.probed == "down":
            return "down"
        return self.probed if self.out_until_s is None else "trouble"

    def works(self, at_s: float) -> bool:
        if self.probed == "down":
            return False
        return self.out_until_s is None or (at_s >= self.out_until_s and not self.trial)

    def lines(self, at_s: float) -> int:
        free = max(0, self.spec.capacity - self.busy)
        return free if self.out_until_s is None else min(1, free)

    def dials(self, at_s: float) -> int:
        """Return how many numbers may be dialled now, for its calls per second."""
        limit = self.spec.calls_per_second
        if limit <= 0:
            return NO_LIMIT
        window_s, most = (1.0, int(limit)) if limit >= 1 else (1.0 / limit, 1)
        while self.dials_s and self.dials_s[0] <= at_s - window_s:
            self.dials_s.popleft()
        return max(0, most - len(self.dials_s))


def caller_id(spec: TrunkSpec, number: str, wanted: str = "") -> str:
    """Return the number of ours to show to `number`: what is wanted, else that of its area.

    The pool of the longest prefix decides; within it one person always sees the same number.
    """
    if wanted:
        return wanted
    pools = [pool for pool in spec.pools if pool.numbers and number.startswith(pool.prefix)]
    if not pools:
        return spec.caller_id
    nearest = max(pools, key=lambda pool: len(pool.prefix))
    return nearest.numbers[int(number.lstrip("+") or 0) % len(nearest.numbers)]


class TrunkBoard:
    """All trunks. A call is named by its id; it is on one trunk at a time."""

    def __init__(self, rules: TroubleRules | None = None) -> None:
        self._rules = rules or TroubleRules()
        self._trunks: dict[TrunkId, _Trunk] = {}
        self._lines: dict[str, _Line] = {}

    # ---- what there is

    def save(self, spec: TrunkSpec) -> None:
        """A trunk exists as stated from now on."""
        known = self._trunks.get(spec.trunk_id)
        if known is None:
            self._trunks[spec.trunk_id] = _Trunk(spec)
        else:
            known.spec = spec

    def spec(self, trunk_id: TrunkId) -> TrunkSpec | None:
        """Return a trunk, None when there is none of that id."""
        known = self._trunks.get(trunk_id)
        return known.spec if known else None

    def all(self) -> list[TrunkLines]:
        """Return every trunk with what it carries."""
        return [TrunkLines(t.spec, t.state, t.reason, t.busy) for t in self._trunks.values()]

    # ---- choosing

    def choose(self, wish: Wish, at_s: float) -> Route | str:
        """Return the trunk for a call, or why there is none (one of `REFUSALS`)."""
        best: tuple[int, float, str] | None = None
        refused = "trunk_none"
        for trunk in self._candidates(wish):
            refusal = self._refusal(trunk, wish, at_s)
            if refusal:
                refused = max(refused, refusal, key=REFUSALS.index)
                continue
            spec = trunk.spec
            key = (spec.cost, trunk.busy / max(1, spec.capacity), spec.trunk_id)
            best = key if best is None else min(best, key)
        if best is None:
            return refused
        trunk_id = TrunkId(best[2])
        spec = self._trunks[trunk_id].spec
        return Route(trunk_id, caller_id(spec, wish.number, wish.caller_id))

    def room(self, wish: Wish, at_s: float) -> TrunkRoom:
        """Return how many such calls may be dialled now."""
        lines = dials = 0
        closed = CLOSED[0]
        for trunk in self._candidates(wish):
            if not trunk.spec.enabled:
                continue
            why = self._closed(trunk, wish, at_s)
            closed = max(closed, why, key=CLOSED.index)
            if not why:
                free = trunk.lines(at_s)
                lines, dials = lines + free, dials + min(free, trunk.dials(at_s))
        return TrunkRoom(lines, dials, closed)

    def _candidates(self, wish: Wish) -> Iterable[_Trunk]:
        if wish.only is not None:
            trunk = self._trunks.get(wish.only)
            found = [trunk] if trunk else []
        else:
            found = [trunk for trunk in self._trunks.values() if trunk.spec.enabled]
        return [trunk for trunk in found if trunk.spec.trunk_id not in wish.tried]

    @staticmethod
    def _closed(trunk: _Trunk, wish: Wish, at_s: float) -> str:
        """Return why an enabled trunk takes no such call at all, "" when it may (`CLOSED`)."""
        if wish.caller_id_needed and not caller_id(trunk.spec, wish.number, wish.caller_id):
            return "no_caller_id"
        return "" if trunk.works(at_s) else "down"

    def _refusal(self, trunk: _Trunk, wish: Wish, at_s: float) -> str:
        if not trunk.spec.enabled:
            return "trunk_disabled"
        if why := self._closed(trunk, wish, at_s):
            return f"trunk_{why}"
        if trunk.lines(at_s) <= 0:
            return "trunk_full"
        return "trunk_too_fast" if trunk.dials(at_s) <= 0 else ""

    # ---- calls

    def dialled(self, call_id: str, trunk_id: TrunkId, at_s: float) -> None:
        """A call is dialled over a trunk that `choose` gave."""
        self.occupied(call_id, trunk_id, at_s)
        trunk = self._trunks.get(trunk_id)
        if trunk is None:
            return
        if trunk.spec.calls_per_second > 0:
            trunk.dials_s.append(at_s)
        if trunk.out_until_s is not None:
            trunk.trial = call_id

    def occupied(self, call_id: str, trunk_id: TrunkId | None, at_s: float) -> None:
        """A call that nobody chose a trunk for uses one: it came in, or was there before us."""
        trunk = self._trunks.get(trunk_id) if trunk_id else None
        if trunk is None or trunk_id is None or call_id in self._lines:
            return
        trunk.busy += 1
        self._lines[call_id] = _Line(trunk_id, at_s)

    def carried(self, call_id: str, at_s: float) -> list[TrunkStateChanged]:
        """The far end rings or has answered: the trunk works."""
        return self._judge(call_id, Blame.CALLEE, SILENT, at_s)

    def ended(self, call_id: str, whose: Blame, code: int, at_s: float) -> list[TrunkStateChanged]:
        """A call has left its trunk; `code`: of SIP, 0 when there was none."""
        changed = self._judge(call_id, whose, str(code) if code else SILENT, at_s)
        line = self._lines.pop(call_id, None)
        if line is not None:
            trunk = self._trunks[line.trunk_id]
            trunk.busy -= 1
            if trunk.trial == call_id:
                trunk.trial = ""
        return changed

    # ---- health

    def probed(self, trunk_id: TrunkId, state: str, at_s: float) -> list[TrunkStateChanged]:
        """A trunk answers our probes (up), does not (down), or was not asked yet (unknown)."""
        trunk = self._trunks.get(trunk_id)
        if trunk is None or (trunk.told and trunk.probed == state):
            return []
        before, trunk.probed = trunk.state, state
        if state == "down":
            self._forget(trunk, at_s)
        elif before == "down" and trunk.out_until_s is not None:
            trunk.out_until_s = at_s
        return [] if trunk.state == trunk.told else [self._told(trunk, at_s)]

    def _judge(
        self, call_id: str, whose: Blame, reason: str, at_s: float
    ) -> list[TrunkStateChanged]:
        line = self._lines.get(call_id)
        if line is None or line.judged or whose is Blame.OURS:
            return []
        line.judged = True
        trunk = self._trunks[line.trunk_id]
        if trunk.trial == call_id:
            return self._tried(trunk, whose, reason, at_s)
        if trunk.out_until_s is not None or line.dialled_at_s < trunk.changed_at_s:
            return []
        rules, failed = self._rules, whose is Blame.TRUNK
        trunk.failures = trunk.failures + 1 if failed else 0
        trunk.busies = trunk.busies + 1 if whose is Blame.BUSY else 0
        trunk.latest.append(failed)
        if len(trunk.latest) > rules.among:
            trunk.latest.popleft()
        many = len(trunk.latest) == rules.among and sum(trunk.latest) >= rules.share * rules.among
        if trunk.busies >= rules.busy_in_a_row:
            return self._take_out(trunk, ALL_BUSY, rules.back_off_s, at_s)
        if trunk.failures >= rules.in_a_row or (failed and many):
            return self._take_out(trunk, reason, rules.back_off_s, at_s)
        return []

    def _tried(
        self, trunk: _Trunk, whose: Blame, reason: str, at_s: float
    ) -> list[TrunkStateChanged]:
        """The call that tried a trunk in trouble has its result."""
        trunk.trial = ""
        still_busy = whose is Blame.BUSY and trunk.reason == ALL_BUSY
        if whose is Blame.TRUNK or still_busy:
            longer_s = min(2 * trunk.back_off_s, self._rules.back_off_most_s)
            return self._take_out(trunk, ALL_BUSY if still_busy else reason, longer_s, at_s)
        trunk.out_until_s, trunk.back_off_s, trunk.reason = None, 0.0, ""
        self._forget(trunk, at_s)
        return [self._told(trunk, at_s)]

    def _take_out(
        self, trunk: _Trunk, reason: str, pause_s: float, at_s: float
    ) -> list[TrunkStateChanged]:
        trunk.out_until_s, trunk.back_off_s = at_s + pause_s, pause_s
        trunk.reason = reason
        self._forget(trunk, at_s)
        return [self._told(trunk, at_s)]

    @staticmethod
    def _forget(trunk: _Trunk, at_s: float) -> None:
        trunk.failures = trunk.busies = 0
        trunk.latest.clear()
        trunk.changed_at_s = at_s

    @staticmethod
    def _told(trunk: _Trunk, at_s: float) -> TrunkStateChanged:
        trunk.told = trunk.state
        until_s = trunk.out_until_s if trunk.state == "trouble" else None
        return TrunkStateChanged(
            trunk_id=trunk.spec.trunk_id,
            state=trunk.state,
            reason=trunk.reason if trunk.state == "trouble" else "",
            retry_s=max(0.0, round(until_s - at_s, 3)) if until_s is not None else 0.0,
        )
