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
COST_SHARE = 20  # looking may take a twentieth of the time: large lists are told of less often


class Standing:
    """Watches one campaign's list."""

    def __init__(self, campaigns: Campaigns, journal: Journal) -> None:
        self._campaigns = campaigns
        self._journal = journal
        self._next: datetime | None = None
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
        blocked = await self._campaigns.blocked(campaign.campaign_id)
        finished = blocked.gates.get(Gate.FINISHED, 0)
        took_s = (self._campaigns.now() - now).total_seconds()
        self._next = now + timedelta(seconds=max(TELL_EVERY_S, COST_SHARE * took_s))
        event = DialableChanged(
            campaign_id=campaign.campaign_id,
            contacts=blocked.contacts,
            dialable=blocked.dialable,
            finished=finished,
            waiting={gate.value: count for gate, count in blocked.gates.items()},
        )
        if event != self._told:
            async with self._journal.transaction() as tx:
                tx.emit(event)
            self._told = event
        left_out = blocked.gates.get(Gate.FILTER, 0) + blocked.gates.get(Gate.QUOTA, 0)
        if idle and 0 < blocked.contacts == finished + left_out:
            await self._finish(campaign)

    async def _finish(self, campaign: Campaign) -> None:
        try:
            await self._campaigns.order(campaign.campaign_id, Order.FINISH, "list_exhausted")
        except Conflict:
            return  # somebody stopped it a moment ago
