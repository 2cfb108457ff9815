"""Trying campaigns out before they dial, replaying a day, and what predicting gains right now.

A trial takes what it is not told from the campaign: its settings, what the pacing has learned while
it runs, else the outcomes of its latest attempts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from omni.core.clock import Clock
from omni.core.errors import Invalid, NotFound
from omni.core.ids import CampaignId
from omni.dialer.engine.pacing import Habits
from omni.dialer.engine.profiles import effective_drop_limit_pct, effective_ring_s, profile_of
from omni.dialer.model import BY_HAND, Campaign, CampaignState, Mode
from omni.dialer.ports import AttemptStore, Laboratory
from omni.dialer.service import Campaigns
from omni.dialer.trial import TrialPlan, TrialResult

# The past of a campaign as a trial sees it: so many attempts, and a first belief worth a few.
LATEST, SHARE, WEIGHT = 2000, 0.3, 20
TALK_MEAN_S, WRAP_UP_MEAN_S = 120.0, 20.0  # where nothing is known (DIALER.md B1)
REPLAYED_HOURS_MAX = 16
GAIN_KEPT = timedelta(minutes=5)
GAIN_HOURS, GAIN_SEEDS = 1.0, 2


@dataclass(frozen=True, slots=True)
class TrialWish:
    """What to try; None: as the campaign has it, or as its past says.

    `replay_from`: replay the 24 hours from then: their length and share of answers, by hour.
    """

    agents: int
    hours: float
    mode: Mode | None = None
    limit_pct: float | None = None
    answer_share: float | None = None
    contacts: int | None = None
    talk_mean_s: float | None = None
    wrap_up_mean_s: float | None = None
    seeds: int = 3
    replay_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gain:
    """What predicting gains in talk time against progressive dialling; None: nothing to compare."""

    at: datetime
    agents: int
    predictive_gain_pct: float | None


class Trials:
    """The service of trials. `habits` is asked what the pacing has learned (the dialing knows)."""

    def __init__(
        self, campaigns: Campaigns, attempts: AttemptStore, laboratory: Laboratory, clock: Clock
    ) -> None:
        self._campaigns = campaigns
        self._attempts = attempts
        self._laboratory = laboratory
        self._clock = clock
        self._gains: dict[CampaignId, Gain] = {}
        self.habits: Callable[[CampaignId], Habits | None] = lambda _: None

    async def try_out(self, campaign_id: CampaignId, wish: TrialWish) -> TrialResult:
        """Simulate a campaign's next shift with its own settings, or those wished for instead.

        Raises:
            NotFound: no such campaign. Unavailable: it takes too long. Invalid: `trial.nothing`:
            nothing was dialled in the hours to replay.
        """
        campaign = await self._campaigns.get(campaign_id)
        shares: tuple[float, ...] = ()
        if wish.replay_from is not None:
            shares = await self._shares(campaign_id, wish.replay_from)
        habits = await self._known(campaign_id)
        contacts = wish.contacts
        if contacts is None and not shares:
            contacts = (await self._campaigns.counts(campaign_id)).open or None
        profile = profile_of(campaign.profile, campaign.profile_version)
        limit_pct = campaign.drop_limit_pct if wish.limit_pct is None else wish.limit_pct
        return await self._laboratory.try_out(
            TrialPlan(
                mode=_simulated(wish.mode or campaign.mode),
                agents=wish.agents,
                hours=float(len(shares)) if shares else wish.hours,
                answer_share=wish.answer_share or habits.answer_share,
                drop_limit_pct=effective_drop_limit_pct(profile, limit_pct),
                ring_s=effective_ring_s(profile, campaign.ring_s),
                lines_per_agent=campaign.lines_per_agent,
                max_lines_per_agent=campaign.max_lines_per_agent,
                talk_mean_s=wish.talk_mean_s or habits.talk_mean_s,
                wrap_up_mean_s=wish.wrap_up_mean_s or habits.wrap_up_mean_s,
                contacts=contacts,
                seeds=wish.seeds,
                hourly_shares=shares,
            )
        )

    async def named(self, name: str) -> CampaignId:
        """Return the id of the newest campaign of this name, or of this id.

        Raises:
            NotFound: there is none.
        """
        for campaign in await self._campaigns.all():
            if name in (campaign.campaign_id, campaign.name):
                return campaign.campaign_id
        raise NotFound("campaign", "there is no such campaign")

    async def gain(self, campaign_id: CampaignId) -> Gain:
        """Return what predicting gains at this moment, at most five minutes old.

        Raises:
            NotFound: no such campaign. Unavailable: it takes too long.
        """
        campaign, now = await self._campaigns.get(campaign_id), self._clock.now()
        agents = self._agents(campaign)
        if not agents or campaign.mode is not Mode.PREDICTIVE:
            return Gain(now, agents, None)
        known = self._gains.get(campaign_id)
        if known is not None and known.agents == agents and now - known.at < GAIN_KEPT:
            return known
        wish = TrialWish(agents, GAIN_HOURS, contacts=10**6, seeds=GAIN_SEEDS)
        result = await self.try_out(campaign_id, wish)
        gain = self._gains[campaign_id] = Gain(now, agents, result.predictive_gain_pct)
        return gain

    def _agents(self, campaign: Campaign) -> int:
        running = campaign.state is CampaignState.RUNNING
        return self._campaigns.room(campaign).agents if running else 0

    async def _known(self, campaign_id: CampaignId) -> Habits:
        learned = self.habits(campaign_id)
        if learned is not None:
            return learned
        dialled, answered = await self._attempts.answers(campaign_id, LATEST)
        share = (answered + SHARE * WEIGHT) / (dialled + WEIGHT)
        return Habits(share, TALK_MEAN_S, WRAP_UP_MEAN_S)

    async def _shares(self, campaign_id: CampaignId, since: datetime) -> tuple[float, ...]:
        """Return the share answered in each hour, from the first hour with a dial to the last."""
        hours = await self._attempts.dialled_hourly(campaign_id, since, since + timedelta(days=1))
        if not hours:
            raise Invalid("trial.nothing", "nothing was dialled on that day", field="replay_from")
        first = hours[0][0]
        shares: dict[int, float] = {}
        for hour, dialled, answered in hours:
            shares[int((hour - first).total_seconds() // 3600)] = answered / dialled
        length = min(REPLAYED_HOURS_MAX, max(shares) + 1)
        mean = sum(shares.values()) / len(shares)
        return tuple(shares.get(hour, mean) for hour in range(length))


def _simulated(mode: Mode) -> Mode:
    """Return what is simulated: of dialling by hand the best case, one line for each agent."""
    return Mode.PROGRESSIVE if mode in (*BY_HAND, Mode.AGENTLESS) else mode
