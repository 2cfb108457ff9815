"""What is taken back before anybody answers: lines that ring, contacts that are shown."""

from datetime import datetime

from omni.core.ids import AttemptId
from omni.dialer.by_hand import ByHand
from omni.dialer.calls import Calls
from omni.dialer.engine.forecast import Crew
from omni.dialer.lines import LineState, Run
from omni.dialer.own_calls import OwnCalls
from omni.dialer.ports import DoNotCallStore

WITHDRAW_AFTER_S = 0.5  # an agent between two states is not an agent who has left


class Withdrawals:
    """Takes it back, by the reason."""

    def __init__(
        self, calls: Calls, by_hand: ByHand, own_calls: OwnCalls, do_not_call: DoNotCallStore
    ) -> None:
        self._calls = calls
        self._by_hand = by_hand
        self._own_calls = own_calls
        self._do_not_call = do_not_call

    async def unpaid(self, run: Run, crew: Crew, now: datetime) -> None:
        """End lines whose worst case is paid no more, because agents have left."""
        unpaid = run.pacer.unpaid(now.timestamp(), crew)
        if not unpaid:
            run.unpaid_since = None
            return
        if run.unpaid_since is None:
            run.unpaid_since = now
        if (now - run.unpaid_since).total_seconds() < WITHDRAW_AFTER_S:
            return
        run.unpaid_since = None
        ringing = self._calls.ringing(run.campaign.campaign_id)
        counted = [line for line in ringing if not (line.announced or line.own)]
        await self._calls.withdraw(counted[-unpaid:])  # the youngest

    async def deserted(self, run: Run) -> None:
        """End lines for which their agents wait no more."""
        waiting = {
            (agent_id, own.contact_id)
            for agent_id, own in self._own_calls.of(run.campaign.campaign_id).items()
        }
        await self._calls.withdraw(
            line
            for line in self._calls.ringing(run.campaign.campaign_id)
            if line.own
            and not line.withdrawn
            and (line.agent_id, line.attempt.contact_id) not in waiting
        )

    async def stale(self, run: Run, now: datetime) -> None:
        """End lines that have rung long enough and stand in the way of better ones."""
        for known in run.pacer.to_give_up(now.timestamp()):
            line = self._calls.lines.get(AttemptId(str(known)))
            # A promised call rings as long as it may: somebody waits for it.
            if line is None or line.agent_id or line.state is not LineState.RINGING:
                continue
            line.given_up = True
            await self._calls.withdraw([line])

    async def forbidden(self, run: Run) -> None:
        """Take back what rings or is shown and may not be dialled any more.

        Only between decisions: what a decision has chosen rings by then.
        """
        campaign_id = run.campaign.campaign_id
        run.hopper.clear()
        ringing = self._calls.ringing(campaign_id)
        shown = self._by_hand.shown(campaign_id)
        numbers = [line.attempt.number for line in ringing] + [one.number for one in shown]
        forbidden = await self._do_not_call.forbidden(numbers, campaign_id)
        await self._calls.withdraw(line for line in ringing if line.attempt.number in forbidden)
        for preview in [one for one in shown if one.number in forbidden]:
            await self._by_hand.take_back(preview)
