"""Why a campaign's contacts are not dialled, counted: slice by slice, however long the list is.

Rules:
1. The gates are those of one instant, `at`, when the count began. Each contact is looked at once,
   then or later: no figure is older than `at`.
2. Whoever asks takes the count on for as long as they have, from where it was left. Until it is
   whole they get the last whole one; when there is none, what has been counted so far.
3. Counting may take but a share of the time: who asks soon after a count that took long gets that
   one again. A changed campaign is counted anew.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omni.core.clock import Clock
from omni.core.ids import CampaignId
from omni.dialer.engine.gates import GATES, Facts, Gate, Situation, tally
from omni.dialer.ports import ContactStore

COST_SHARE = 10  # counting may take a tenth of the time
LEFT = timedelta(minutes=2)  # a count that nobody took on for so long is of another time


@dataclass(frozen=True, slots=True)
class Blocked:
    """How many of a campaign's contacts stop at which gate.

    `whole`: all contacts are in it; else `contacts` are those that were counted so far. `work_s`:
    how long counting took.
    """

    campaign_id: CampaignId
    at: datetime
    contacts: int
    dialable: int
    gates: dict[Gate, int]
    whole: bool = True
    work_s: float = 0.0

    @property
    def renewed_after(self) -> timedelta:
        """How long after `at` it is counted anew at the earliest."""
        return timedelta(seconds=COST_SHARE * self.work_s)


@dataclass(slots=True)
class _Count:
    """A count under way."""

    situation: Situation
    slices: AsyncIterator[list[tuple[Sequence[Facts], int]]]
    contacts: int = 0
    dialable: int = 0
    gates: Counter[Gate] = field(default_factory=Counter)
    whole: bool = False
    work_s: float = 0.0

    async def step(self, clock: Clock) -> None:
        """Count one slice more."""
        begin_s = clock.monotonic_s()
        classes = await anext(self.slices, None)
        if classes is None:
            self.whole = True
        else:
            dialable, gates = tally(classes, self.situation)
            self.contacts += sum(count for _, count in classes)
            self.dialable += dialable
            self.gates.update(gates)
        self.work_s += clock.monotonic_s() - begin_s

    def blocked(self, campaign_id: CampaignId) -> Blocked:
        """Return what has been counted, in the order of the gates."""
        gates = {gate: self.gates[gate] for gate, _ in GATES if self.gates[gate]}
        return Blocked(
            campaign_id,
            self.situation.now,
            self.contacts,
            self.dialable,
            gates,
            self.whole,
            self.work_s,
        )


class Counting:
    """Counts. `situation` says what the gates look at besides the contacts, now."""

    def __init__(
        self,
        contacts: ContactStore,
        clock: Clock,
        situation: Callable[[CampaignId], Awaitable[Situation]],
    ) -> None:
        self._contacts = contacts
        self._clock = clock
        self._situation = situation
        self._begun: dict[CampaignId, _Count] = {}
        self._last: dict[CampaignId, Blocked] = {}
        self._turns: defaultdict[CampaignId, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def at_once(self, campaign_id: CampaignId) -> Blocked:
        """Count all contacts now, however long it takes."""
        count = await self._begin(campaign_id)
        while not count.whole:
            await count.step(self._clock)
        return count.blocked(campaign_id)

    async def within(self, campaign_id: CampaignId, for_s: float) -> Blocked:
        """Count on for some seconds; return the newest figures that there are."""
        async with self._turns[campaign_id]:
            now = self._clock.now()
            last = self._last.get(campaign_id)
            if last is not None and now < last.at + last.renewed_after:
                return last
            count = self._begun.get(campaign_id)
            if count is None or now > count.situation.now + LEFT:
                count = self._begun[campaign_id] = await self._begin(campaign_id)
            end_s = self._clock.monotonic_s() + for_s
            try:
                await count.step(self._clock)
                while not count.whole and self._clock.monotonic_s() < end_s:
                    await count.step(self._clock)
            except BaseException:  # what failed in the middle of a slice is not taken on
                self._begun.pop(campaign_id, None)
                raise
            counted = count.blocked(campaign_id)
            if self._begun.get(campaign_id) is not count:
                return counted  # forgotten meanwhile
            if not count.whole:
                return last or counted
            del self._begun[campaign_id]
            self._last[campaign_id] = counted
            return counted

    def forget(self, campaign_id: CampaignId) -> None:
        """Count anew when asked next: the campaign has changed."""
        self._begun.pop(campaign_id, None)
        self._last.pop(campaign_id, None)

    async def _begin(self, campaign_id: CampaignId) -> _Count:
        situation = await self._situation(campaign_id)
        return _Count(situation, self._contacts.classes(campaign_id, situation.now))
