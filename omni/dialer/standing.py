"""How a campaign's list stands: told every few seconds, and the end of the list noticed."""

from datetime import datetime, timedelta

from omni.core.errors import Conflict
from omni.core.events.outbound import DialableChanged
from omni.core.journal import Journal
from omni.dialer.engine.gates import Gate
from omni.dialer.engine.life import Order
from omni.dialer.model import Campaign
from omni.dialer.service import Campaigns

TELL_EVERY_S = 5.0
LOOK_S = 0.5  # at once: a large list is counted in several looks, and told of less often


class Standing:
    """Watches one campaign's list."""

    def __init__(self, campaigns: Campaigns, journal: Journal) -> None:
        self._campaigns = campaigns
        self._journal = journal
        self._next: datetime | None = None
        self._counted_at: datetime | None = None
        self._told: DialableChanged | None = None

    async def look(self, campaign: Campaign, *, idle: bool) -> None:
        """Tell what has changed since the last look, if one is due.

        Args:
            idle: nothing was left to dial when the list was asked last; when indeed no contact is
                open or being talked to any more, the campaign finishes.
        """
        now = self._campaigns.now()
        if self._next is not None and now < self._next:
            return
        if self._campaigns.tend is not None:
            await self._campaigns.tend(campaign)
        blocked = await self._campaigns.blocked_lately(campaign.campaign_id, LOOK_S)
        if not blocked.whole or blocked.at == self._counted_at:
            return
        self._counted_at = blocked.at
        self._next = now + timedelta(seconds=TELL_EVERY_S)
        finished = blocked.gates.get(Gate.FINISHED, 0)
        slow = blocked.renewed_after.total_seconds() > TELL_EVERY_S
        event = DialableChanged(
            campaign_id=campaign.campaign_id,
            contacts=blocked.contacts,
            dialable=blocked.dialable,
            finished=finished,
            waiting={gate.value: count for gate, count in blocked.gates.items()},
            counted_at=blocked.at if slow else None,
        )
        if event != self._told:
            async with self._journal.transaction() as tx:
                tx.emit(event)
            self._told = event
        left_out = blocked.gates.get(Gate.FILTER, 0) + blocked.gates.get(Gate.QUOTA, 0)
        exhausted = idle and 0 < blocked.contacts == finished + left_out
        # Somebody may have opened contacts again since they were counted.
        if exhausted and not await self._campaigns.some_left(campaign.campaign_id):
            await self._finish(campaign)

    async def _finish(self, campaign: Campaign) -> None:
        try:
            await self._campaigns.order(campaign.campaign_id, Order.FINISH, "list_exhausted")
        except Conflict:
            return  # somebody stopped it a moment ago
