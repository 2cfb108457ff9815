"""What the dialling tells of running campaigns, beside the dialling itself.

Rules:
1. How lists stand (`standing.py`) and whether a detector harms is looked at in one task: on a large
   list that takes a while.
2. What may be dialled at this moment is told in another one, every `PACE_EVERY_S` when it changed,
   for people who watch: nothing is decided by it.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from omni.core.clock import Clock
from omni.core.events.outbound import CampaignPaced, DropWindow
from omni.core.ids import CampaignId
from omni.core.journal import Journal
from omni.dialer.detection import Detection
from omni.dialer.engine.detection import lost_share
from omni.dialer.lines import Run
from omni.dialer.model import CampaignState, Mode

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0  # at which list is due
PACE_EVERY_S = 2.0


class Telling:
    """Tells of the campaigns in `runs`, which the dialling keeps.

    `announced`: how many lines of a campaign hear its message, or are to.
    """

    def __init__(
        self,
        runs: dict[CampaignId, Run],
        announced: Callable[[CampaignId], int],
        detection: Detection,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._runs = runs
        self._announced = announced
        self._detection = detection
        self._journal = journal
        self._clock = clock
        self._told: dict[CampaignId, CampaignPaced] = {}

    async def standings(self) -> None:
        """Tell how the lists stand, and watch the detectors, until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            for run in self._running():
                try:
                    await run.standing.look(run.campaign, idle=run.hopper.empty())
                    score = await self._detection.look(run.campaign)
                    if score is not None:
                        run.pacer.believe(lost_share(score))
                except Exception:
                    log.exception("looking at a list failed")

    async def paces(self) -> None:
        """Tell what campaigns may dial, until cancelled."""
        while True:
            await self._clock.sleep(PACE_EVERY_S)
            try:
                await self.tell_paces()
            except Exception:
                log.exception("what may be dialled could not be told")

    async def tell_paces(self) -> None:
        """Tell of the campaigns whose pace has changed since it was told last."""
        now = self._clock.now()
        paces = {run.campaign.campaign_id: self._pace(run, now) for run in self._running()}
        changed = [pace for key, pace in paces.items() if self._told.get(key) != pace]
        if changed:
            async with self._journal.transaction() as tx:
                for pace in changed:
                    tx.emit(pace)
        self._told = paces

    def _running(self) -> list[Run]:
        return [run for run in self._runs.values() if run.campaign.state is CampaignState.RUNNING]

    def _pace(self, run: Run, now: datetime) -> CampaignPaced:
        pacer, crew, now_s = run.pacer, run.crew, now.timestamp()
        campaign_id = run.campaign.campaign_id
        if run.campaign.mode is Mode.AGENTLESS:
            going_on, most = self._announced(campaign_id), run.campaign.max_lines
        else:
            going_on, most = pacer.ringing, pacer.ringing + pacer.spare(now_s, crew)
        return CampaignPaced(
            campaign_id=campaign_id,
            agents=crew.size,
            lines_max=min(most, going_on + run.room.lines),
            reserved=pacer.reserved(crew),
            windows=tuple(
                DropWindow(
                    window=one.window.value,
                    answered=one.answered,
                    dropped=one.dropped,
                    allowed=one.allowed,
                    lost=one.lost,
                )
                for one in pacer.budget(now_s)
            ),
        )
