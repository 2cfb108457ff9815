"""List plans: which contacts of a campaign are dialled in which order, and up to which quotas.

Rules:
1. A plan holds from the moment it is saved: the hopper leaves out whom it stops. The contacts' rows
   follow in the background (`Arranging`), batch by batch, so that nobody waits for a long list.
   Until then the hopper looks no further than a fixed number of rows, out of which the arranging
   takes first of all whom the plan stops: those who pass a rare filter come to the front.
2. A quota that is full stops its contacts by itself within seconds; a raised limit frees them.
3. The work in the background can be done twice, and is taken up again after a crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from omni.core.errors import Invalid
from omni.core.ids import CampaignId
from omni.core.journal import Journal
from omni.dialer.engine.selection import FIXED_FIELDS, is_field
from omni.dialer.list_model import Penetration
from omni.dialer.list_ports import ImportStore, ListStore
from omni.dialer.model import Campaign, Condition, ListOrder, ListPlan, Quota, QuotaStand
from omni.dialer.ports import CampaignStore, Jobs
from omni.dialer.service import Campaigns

JOB = "dialer.arrange"
BATCH = 5000  # about 0.2 s of writing: the dialling gets its turn in between


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign's list plan, and how far its quotas are filled."""

    plan: ListPlan
    arranging: bool
    quotas: list[QuotaStand]


@dataclass(frozen=True, slots=True)
class Worked:
    """How far a list has been worked through. `file_name` "": contacts added by hand."""

    file_name: str
    weight: int | None
    penetration: Penetration


class ListPlans:
    """The service of list plans."""

    def __init__(
        self, campaigns: Campaigns, lists: ListStore, imports: ImportStore, jobs: Jobs
    ) -> None:
        self._campaigns = campaigns
        self._lists = lists
        self._imports = imports
        self._jobs = jobs
        campaigns.tend = self.tend

    async def get(self, campaign_id: CampaignId) -> Planned:
        """Return a campaign's plan.

        Raises:
            NotFound: no such campaign.
        """
        campaign = await self._campaigns.get(campaign_id)
        stands = await self._lists.quota_stands(campaign)
        return Planned(campaign.list_plan, campaign.arranging, stands)

    async def put(
        self, campaign_id: CampaignId, plan: ListPlan, quotas: Sequence[Quota]
    ) -> Planned:
        """Change a campaign's plan, also while it runs.

        Raises:
            NotFound: no such campaign. Invalid: `list.field`: contacts have no such field;
            `list.quota`: the same quota twice.
        """
        _check_fields(plan, quotas)
        if len({quota.key for quota in quotas}) < len(quotas):
            raise Invalid("list.quota", "the same quota twice", field="quotas")
        before = await self._campaigns.get(campaign_id)
        after = replace(before, list_plan=plan, quotas=tuple(quotas))
        stands = await self._lists.quota_stands(after)
        await self._change(replace(after, quotas_full=_full(stands)))
        return await self.get(campaign_id)

    async def tend(self, campaign: Campaign) -> None:
        """Set the contacts of full quotas aside, and take those back that are not full any more."""
        if not campaign.quotas and not campaign.quotas_full:
            return
        stands = await self._lists.quota_stands(campaign)
        full = _full(stands)
        if full != campaign.quotas_full:
            await self._change(replace(campaign, quotas_full=full))

    async def resume(self) -> None:
        """Take up what a crash or restart interrupted."""
        for campaign in await self._campaigns.all():
            if campaign.arranging:
                await self._jobs.enqueue(JOB, campaign.campaign_id)

    async def count(self, campaign_id: CampaignId, filters: Sequence[Condition]) -> tuple[int, int]:
        """Return (all contacts, those that pass these filters).

        Raises:
            NotFound: no such campaign. Invalid: `list.field`.
        """
        await self._campaigns.get(campaign_id)
        plan = ListPlan(filters=tuple(filters))
        _check_fields(plan, ())
        return await self._lists.count_matching(campaign_id, plan)

    async def fields(self, campaign_id: CampaignId) -> list[str]:
        """Return the fields that plans can name. Raises `NotFound`."""
        await self._campaigns.get(campaign_id)
        return [*FIXED_FIELDS, *await self._lists.field_names(campaign_id)]

    async def penetration(self, campaign_id: CampaignId) -> list[Worked]:
        """Return how far each list has been worked through, newest first. Raises `NotFound`."""
        weights = (await self._campaigns.get(campaign_id)).list_plan.weights
        files = {
            item.import_id: item.file_name for item in await self._imports.of_campaign(campaign_id)
        }
        return [
            Worked(files.get(one.import_id, ""), weights.get(one.import_id), one)
            for one in await self._lists.penetration(campaign_id)
        ]

    async def _change(self, after: Campaign) -> None:
        await self._campaigns.change(
            after.campaign_id,
            list_plan=after.list_plan,
            quotas=after.quotas,
            quotas_full=after.quotas_full,
            arranging=True,
        )
        await self._jobs.enqueue(JOB, after.campaign_id)


class Arranging:
    """Puts list plans into effect, in the background."""

    def __init__(self, campaigns: CampaignStore, lists: ListStore, journal: Journal) -> None:
        self._campaigns = campaigns
        self._lists = lists
        self._journal = journal

    async def run(self, campaign_id: str) -> None:
        """Let all contacts of a campaign be as its plan says; called by the job."""
        while True:
            campaign = await self._campaigns.get(CampaignId(campaign_id))
            if campaign is None or not campaign.arranging:
                return
            async with self._journal.transaction():
                # Whoever adds contacts under the plan before is done after this.
                await self._lists.alone(campaign.campaign_id)
                await self._lists.recount(campaign)
            await self._clear_front(campaign)
            after = ""
            while True:
                async with self._journal.transaction():
                    after = await self._lists.arrange(campaign, after, BATCH)
                if not after:
                    break
            async with self._journal.transaction():
                await self._lists.arranged(campaign)

    async def _clear_front(self, campaign: Campaign) -> None:
        """Let those stand first who pass: the dialling finds them, however few they are."""
        fronts = await self._lists.fronts(campaign)
        while fronts:
            async with self._journal.transaction():
                fronts = await self._lists.stop_front(campaign, fronts)


def _full(stands: Sequence[QuotaStand]) -> frozenset[str]:
    return frozenset(stand.quota.key for stand in stands if stand.full)


def _check_fields(plan: ListPlan, quotas: Sequence[Quota]) -> None:
    named = [each.field for each in plan.filters] + [each.field for each in quotas]
    if plan.order is ListOrder.FIELD:
        named.append(plan.by_field)
    for name in named:
        if not is_field(name):
            raise Invalid("list.field", "contacts have no such field", field=name)
