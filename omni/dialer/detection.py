"""The detector of answering machines under watch: scored live, switched off where it harms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.core.ids import CampaignId
from omni.dialer.engine.detection import Score, harm, score_of
from omni.dialer.engine.profiles import effective_drop_limit_pct, profile_of
from omni.dialer.model import Campaign
from omni.dialer.ports import AttemptStore
from omni.dialer.service import Campaigns

LOOK_EVERY_S = 10.0
COST_SHARE = 20  # counting may take a twentieth of the time
MEMORY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of a campaign's detector since an instant, and what the law says of it."""

    campaign: Campaign
    since: datetime
    limit_pct: float
    allowed: bool
    score: Score


class Detection:
    """Keeps the score of all campaigns' detectors."""

    def __init__(self, campaigns: Campaigns, attempts: AttemptStore) -> None:
        self._campaigns = campaigns
        self._attempts = attempts
        self._next: dict[CampaignId, datetime] = {}

    async def score(self, campaign_id: CampaignId) -> Scored:
        """Return how right the detector of a campaign is, since it was switched on last.

        Raises:
            NotFound: no such campaign.
        """
        return await self._scored(await self._campaigns.get(campaign_id))

    async def look(self, campaign: Campaign) -> Score | None:
        """Switch the detector off if it harms; counts every few seconds: then the new score."""
        now = self._campaigns.now()
        due = self._next.get(campaign.campaign_id)
        if not campaign.answer_detection or (due is not None and now < due):
            return None
        found = await self._scored(campaign)
        took_s = (self._campaigns.now() - now).total_seconds()
        wait_s = max(LOOK_EVERY_S, COST_SHARE * took_s)
        self._next[campaign.campaign_id] = now + timedelta(seconds=wait_s)
        why = harm(found.score, found.limit_pct)
        if why is not None:
            await self._campaigns.change(
                campaign.campaign_id, answer_detection=False, detection_off=why.value
            )
        return found.score

    async def _scored(self, campaign: Campaign) -> Scored:
        oldest = self._campaigns.now() - MEMORY
        since = max(campaign.detection_since or oldest, oldest)
        counts = await self._attempts.verdicts(campaign.campaign_id, since)
        profile = profile_of(campaign.profile, campaign.profile_version)
        limit_pct = effective_drop_limit_pct(profile, campaign.drop_limit_pct)
        return Scored(campaign, since, limit_pct, profile.machine_detection, score_of(counts))
