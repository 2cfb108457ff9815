"""The drop budget: before a line is dialled, its worst case is paid for in every window.

Let A be the answered and D the dropped calls of a window, L the limit (share of answered calls that
may be dropped), r the ringing lines, w the answered calls that still wait, c the agents who are
free and held for these calls. The worst that can come is that every ringing line is answered while
nobody else gets free: then r + w - c calls are dropped. Rule:

    r + w <= c      or      D + (r + w - c) <= L * (A + r)     (A counts the waiting ones already)

Rules:
1. A line may be dialled only when the rule holds, with it, in every window of the profile. Any
   order of outcomes then leaves D <= L * A: fewer answers take away more on the left than on the
   right, and an agent who gets free only helps. What is ringing has paid already: nothing that
   happens later takes the payment back, as long as the c agents stay (they are held).
2. A call is counted where it was answered. A line that may ring past the end of a day or month may
   be answered in the new, empty window: near the end only covered lines are dialled.
3. Rolling windows move in steps of an hour, to the careful side: answers leave them early (by an
   hour and a line's life), drops late. They are kept at the moment of every answer and drop; that
   answers leave a window while nobody dials is no new drop.
4. Shares are integers (parts per million): no rounding decides about a call.
5. A person taken for a machine and ended is a dropped call of the law. Of the m machines that were
   ended a share s is believed to have been persons: D + s * m <= L * (A + s * m) is kept, too. A
   line is listened to only when what it may cost is there for all that are being listened to, in
   every window; else whoever answers it goes to an agent unheard. The worst that can come of lines
   is either that all are persons (the rule above) or that all that are listened to are machines:
   what lies between costs less than the one or the other. `s` is an estimate (`detection.py`):
   when it rises nothing is listened to, and nothing is dialled beyond the free agents, until calls
   have earned it.
6. A campaign without agents is under the same rule: who hears its message is not dropped, who is
   hung up on as a machine is. With nobody to say who was a person, A counts there only whom the
   detector found to be one, and calls that an agent had. Until they pay, machines hear the message.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from omni.dialer.engine.profiles import Window

MILLION = 1_000_000
HOUR_S = 3600
ROLLING_HOURS = {Window.ROLLING_24H: 24, Window.ROLLING_30D: 30 * 24}
NO_WINDOW = 10**9  # more lines than anybody has


@dataclass(frozen=True, slots=True)
class HourCount:
    """Answered and dropped calls of one hour (by the hour of the answer), and ended machines."""

    hour_start_s: float
    answered: int
    dropped: int
    machines: int = 0


@dataclass(frozen=True, slots=True)
class WindowStand:
    """What one window has seen; `allowed`: the drops that its answered calls pay for.

    `lost`: persons believed to be among the machines that were ended.
    """

    window: Window
    answered: int
    dropped: int
    allowed: int
    lost: float = 0.0


class DropBudget:
    """Counts a campaign's answered and dropped calls, and says how many lines may ring."""

    def __init__(
        self,
        limit_pct: float,
        windows: tuple[Window, ...],
        zone: ZoneInfo,
        line_life_s: float,
        history: Iterable[HourCount] = (),
    ) -> None:
        """`line_life_s`: the longest time from dialling until a call is connected or dropped."""
        self._limit_ppm = round(limit_pct * MILLION / 100)
        self._zone = zone
        self._life_s = line_life_s
        self._hours: dict[int, list[int]] = {}
        for count in history:
            cell = self._hours.setdefault(int(count.hour_start_s // HOUR_S), [0, 0, 0])
            cell[0] += count.answered
            cell[1] += count.dropped
            cell[2] += count.machines
        self._windows = windows
        self._ends_s: dict[Window, float] = {}
        self._sums: dict[Window, list[int]] = {}
        self._hour = -1
        self._lost_ppm = 0

    def counted(self) -> list[HourCount]:
        """Return all that was counted, for a budget of other rules that takes over."""
        return [HourCount(hour * HOUR_S, *cell) for hour, cell in self._hours.items()]

    def believe(self, lost_share: float) -> None:
        """Take this share of ended machines for persons from now on, also of those before."""
        self._lost_ppm = min(MILLION, math.ceil(lost_share * MILLION))

    def answered(self, at_s: float) -> None:
        """A person answered at `at_s` (epoch seconds)."""
        self._count(at_s, 0, 1)

    def dropped(self, answered_at_s: float) -> None:
        """The call that was answered then found no agent in time."""
        self._count(answered_at_s, 1, 1)

    def machine(self, at_s: float) -> None:
        """A call was ended at `at_s` as that of a machine."""
        self._count(at_s, 2, 1)

    @property
    def balance(self) -> float:
        """How many drops the budget still allows, in the window that allows the fewest."""
        return min(map(self._left, self._sums.values()), default=0) / MILLION

    def _left(self, sums: list[int]) -> int:
        """Return what a window's calls have paid beyond what they cost, in millionths of a drop."""
        answered, dropped, machines = sums
        lost = -(-machines * self._lost_ppm * (MILLION - self._limit_ppm) // MILLION)
        return self._limit_ppm * answered - MILLION * dropped - lost

    def listening_max(self, now_s: float) -> int:
        """Return how many lines that ring may be listened to when they are answered (rule 5)."""
        self._turn(now_s)
        cost = -(-self._lost_ppm * (MILLION - self._limit_ppm) // MILLION)
        if not cost:
            return NO_WINDOW
        room = NO_WINDOW
        for window, sums in self._sums.items():
            if now_s + self._life_s >= self._ends_s[window]:
                return 0
            room = min(room, self._left(sums) // cost)
        return max(0, room)

    def stands(self, now_s: float) -> list[WindowStand]:
        """Return how every window of the profile stands."""
        self._turn(now_s)
        return [
            WindowStand(
                window,
                answered,
                dropped,
                self._limit_ppm * answered // MILLION,
                round(machines * self._lost_ppm / MILLION, 2),
            )
            for window, (answered, dropped, machines) in self._sums.items()
        ]

    def ringing_max(self, now_s: float, covered: int, waiting: int) -> int:
        """Return how many lines may ring at once, by the rule above.

        Args:
            covered: free agents that are held for these calls.
            waiting: answered calls that have no agent yet.
        """
        self._turn(now_s)
        safe = max(0, covered - waiting)
        room = NO_WINDOW
        for window, sums in self._sums.items():
            if now_s + self._life_s >= self._ends_s[window]:
                return safe
            paid = self._left(sums) - MILLION * (waiting - covered)
            room = min(room, paid // max(1, MILLION - self._limit_ppm))
        return max(safe, room)

    def _count(self, at_s: float, column: int, by: int) -> None:
        self._turn(at_s)
        hour = int(at_s // HOUR_S)
        self._hours.setdefault(hour, [0, 0, 0])[column] += by
        for window, sums in self._sums.items():
            if self._counts_in(window, at_s):
                sums[column] += by

    def _counts_in(self, window: Window, at_s: float) -> bool:
        """Tell whether a call answered just now or a moment ago falls into the present window."""
        if window in ROLLING_HOURS:
            return True
        return at_s >= self._start_s(window, self._hour * HOUR_S)

    def _turn(self, now_s: float) -> None:
        """Bring the sums to the present hour; cheap while the hour is the same."""
        hour = int(now_s // HOUR_S)
        if hour <= self._hour:
            return
        self._hour = hour
        for window in self._windows:
            first = self._first_hours(window, now_s, hour)
            late = first[1]  # drops, and persons taken for machines
            self._sums[window] = [self._sum(first[0], 0), self._sum(late, 1), self._sum(late, 2)]
            self._ends_s[window] = self._end_s(window, now_s)
        horizon = hour - max(ROLLING_HOURS.values()) - 32 * 24
        for old in [key for key in self._hours if key < horizon]:
            del self._hours[old]

    def _first_hours(self, window: Window, now_s: float, hour: int) -> tuple[int, int]:
        """Return the first hour whose answers count and the first whose drops count."""
        length = ROLLING_HOURS.get(window)
        if length is None:
            first = int(self._start_s(window, now_s) // HOUR_S)
            return first, first
        leaving = 2 + int(self._life_s // HOUR_S)
        return hour - length + leaving, hour - length

    def _sum(self, first_hour: int, column: int) -> int:
        return sum(cell[column] for hour, cell in self._hours.items() if hour >= first_hour)

    def _start_s(self, window: Window, now_s: float) -> float:
        local = datetime.fromtimestamp(now_s, self._zone)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        return (day.replace(day=1) if window is Window.CALENDAR_MONTH else day).timestamp()

    def _end_s(self, window: Window, now_s: float) -> float:
        if window in ROLLING_HOURS:
            return float("inf")
        start = datetime.fromtimestamp(self._start_s(window, now_s), self._zone)
        days = 32 if window is Window.CALENDAR_MONTH else 1
        later = (start.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=self._zone)
        if window is Window.CALENDAR_MONTH:
            later = later.replace(day=1)
        return later.timestamp()
