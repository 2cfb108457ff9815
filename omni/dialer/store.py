"""Tables of the dialer, and the stores that are simple: campaigns, holidays."""

from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from omni.acd.model import Skill
from omni.core.ids import CampaignId, QueueId, TrunkId
from omni.core.terms import AttemptOutcome
from omni.dialer.model import (
    Campaign,
    CampaignState,
    Condition,
    Holiday,
    HoursRule,
    ListOrder,
    ListPlan,
    Mode,
    NumberKind,
    OnMachine,
    Operator,
    PreviewThen,
    Quota,
    RetryRule,
)

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # `next_at` of a contact that was never tried: sorts first


class CampaignRecord(Model):
    """A campaign; what is not searched for stands in `plan`."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.TextField()
    queue_id = fields.CharField(max_length=26, db_index=True)
    state = fields.CharField(max_length=16, db_index=True)
    plan = fields.JSONField[dict[str, Any]]()
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)

    class Meta:
        table = "campaign"


class ContactRecord(Model):
    """A contact of a campaign's list. `zone_key`: zones joined with `|`.

    `number`: as in `omni.dialer.model.Contact`. `fresh_at`: attempts before it do not count.
    `rank` of open ones: 0 is promised a call at `next_at`, 5 is ready, 7 waits for `next_at`.
    `lane`, `place`, `stop`: what the campaign's list plan makes of it (`omni.dialer.list_sql`).
    """

    id = fields.CharField(max_length=26, primary_key=True)
    campaign_id = fields.CharField(max_length=26)
    import_id = fields.CharField(max_length=26)
    number = fields.CharField(max_length=20, db_index=True)
    name = fields.TextField()
    external_id = fields.TextField()
    zone_key = fields.TextField()
    extra = fields.JSONField[dict[str, str]]()
    state = fields.CharField(max_length=8)
    finish_reason = fields.CharField(max_length=32, default="")
    rank = fields.SmallIntField(default=5)
    attempts = fields.IntField(default=0)
    next_at = fields.DatetimeField()
    last_at = fields.DatetimeField(null=True)
    last_outcome = fields.CharField(max_length=16, default="")
    disposition = fields.CharField(max_length=64, default="")
    consent_at = fields.DatetimeField(null=True)
    consent_source = fields.TextField(default="", db_default="")
    callback_at = fields.DatetimeField(null=True)
    callback_agent = fields.CharField(max_length=26, default="", db_default="")
    callback_attempt = fields.CharField(max_length=26, default="", db_default="")
    callback_note = fields.TextField(default="", db_default="")
    fresh_at = fields.DatetimeField(null=True)
    lane = fields.CharField(max_length=26, default="", db_default="")
    place = fields.TextField(default="", db_default="")
    stop = fields.SmallIntField(default=0, db_default=0)

    class Meta:
        table = "contact"
        indexes = (
            ("campaign_id", "state", "rank", "next_at", "id"),
            ("campaign_id", "state", "rank", "stop", "lane", "zone_key", "place"),
            ("campaign_id", "id"),
        )


class ContactNumberRecord(Model):
    """A number of a contact; a campaign has each number once. `place`: where the list has it."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.CharField(max_length=26)
    number = fields.CharField(max_length=20)
    contact_id = fields.CharField(max_length=26, db_index=True)
    place = fields.SmallIntField()
    kind = fields.CharField(max_length=8)
    attempts = fields.IntField(default=0, db_default=0)
    finished = fields.CharField(max_length=16, default="", db_default="")

    class Meta:
        table = "contact_number"
        unique_together = (("campaign_id", "number"),)


class QuotaResultRecord(Model):
    """A contact that counts for a quota. `quota`: digest of its key."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.CharField(max_length=26)
    quota = fields.CharField(max_length=32)
    contact_id = fields.CharField(max_length=26)

    class Meta:
        table = "quota_result"
        unique_together = (("campaign_id", "quota", "contact_id"),)


class AttemptRecord(Model):
    """One dialling of one number. `outcome` "": still going on."""

    id = fields.CharField(max_length=26, primary_key=True)
    campaign_id = fields.CharField(max_length=26)
    contact_id = fields.CharField(max_length=26, db_index=True)
    number = fields.CharField(max_length=20)
    name = fields.TextField()
    attempt_no = fields.IntField()
    trunk_id = fields.CharField(max_length=26, null=True)
    profile = fields.CharField(max_length=16)
    profile_version = fields.IntField()
    started_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=16, default="")
    ring_s = fields.FloatField(default=0.0)
    interaction_id = fields.CharField(max_length=26, null=True, db_index=True)
    kind = fields.CharField(max_length=8, default="other", db_default="other")
    on_machine = fields.CharField(max_length=8, default="", db_default="")  # "": not listened to
    verdict = fields.CharField(max_length=8, default="", db_default="")  # of the detector
    truth = fields.CharField(max_length=8, default="", db_default="")  # of the agent

    class Meta:
        table = "attempt"
        indexes = (
            ("campaign_id", "answered_at"),
            ("number", "started_at"),
            ("outcome", "campaign_id"),
        )


class NumberLockRecord(Model):
    """A number that may not be dialled until an instant (after a dropped call, a machine)."""

    number = fields.CharField(max_length=20, primary_key=True)
    until = fields.DatetimeField()
    reason = fields.CharField(max_length=32)

    class Meta:
        table = "number_lock"


class DoNotCallRecord(Model):
    """A number nobody may dial; `campaign_id` "" = for every campaign."""

    id = fields.CharField(max_length=26, primary_key=True)
    number = fields.CharField(max_length=20)
    campaign_id = fields.CharField(max_length=26, default="")
    reason = fields.TextField()
    added_at = fields.DatetimeField(db_index=True)
    added_by = fields.CharField(max_length=26)

    class Meta:
        table = "do_not_call"
        unique_together = (("number", "campaign_id"),)


class RemovedDoNotCallRecord(Model):
    """An entry that was taken off the do-not-call list."""

    id = fields.CharField(max_length=26, primary_key=True)
    number = fields.CharField(max_length=20)
    campaign_id = fields.CharField(max_length=26)
    reason = fields.TextField()
    added_at = fields.DatetimeField()
    added_by = fields.CharField(max_length=26)
    removed_at = fields.DatetimeField(db_index=True)
    removed_by = fields.CharField(max_length=26)
    removed_reason = fields.TextField()

    class Meta:
        table = "do_not_call_removed"


class HolidayRecord(Model):
    """A day on which a region's people are not called."""

    id = fields.CharField(max_length=26, primary_key=True)
    region = fields.CharField(max_length=6)
    day = fields.DateField()
    name = fields.TextField()

    class Meta:
        table = "holiday"
        unique_together = (("region", "day"),)


class ListImportRecord(Model):
    """A list on its way into a campaign."""

    id = fields.CharField(max_length=26, primary_key=True)
    campaign_id = fields.CharField(max_length=26, db_index=True)
    upload_id = fields.CharField(max_length=26)
    file_name = fields.TextField()
    plan = fields.JSONField[dict[str, Any]]()
    state = fields.CharField(max_length=16, db_index=True)
    rows_read = fields.IntField(default=0)
    imported = fields.IntField(default=0)
    duplicates = fields.IntField(default=0)
    rejected = fields.IntField(default=0)
    incomplete = fields.IntField(default=0, db_default=0)
    mode = fields.CharField(max_length=8, default="append", db_default="append")
    reason = fields.TextField()
    started_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "list_import"


class ListMappingRecord(Model):
    """A mapping of a list's columns, kept by name."""

    id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    mapping = fields.JSONField[dict[str, Any]]()
    region = fields.CharField(max_length=2)
    mode = fields.CharField(max_length=8)
    saved_at = fields.DatetimeField()

    class Meta:
        table = "list_mapping"


class ImportRejectionRecord(Model):
    """A row of a list that was not imported, and why."""

    id = fields.BigIntField(primary_key=True)
    import_id = fields.CharField(max_length=26)
    line = fields.IntField()
    reason = fields.CharField(max_length=32)
    row = fields.TextField()

    class Meta:
        table = "import_rejection"
        unique_together = (("import_id", "line"),)


class CampaignTable:
    """See `omni.dialer.ports.CampaignStore`."""

    async def all(self) -> list[Campaign]:
        return [_campaign(row) for row in await CampaignRecord.all().order_by("-id")]

    async def get(self, campaign_id: CampaignId) -> Campaign | None:
        row = await CampaignRecord.get_or_none(id=campaign_id)
        return _campaign(row) if row else None

    async def save(self, campaign: Campaign) -> None:
        await CampaignRecord.update_or_create(
            id=campaign.campaign_id,
            defaults={
                "name": campaign.name,
                "queue_id": campaign.queue_id,
                "state": campaign.state.value,
                "plan": _plan(campaign),
                "created_at": campaign.created_at,
                "started_at": campaign.started_at,
            },
        )


class HolidayTable:
    """See `omni.dialer.ports.HolidayStore`."""

    async def all(self) -> list[Holiday]:
        rows = await HolidayRecord.all().order_by("day", "region")
        return [Holiday(row.id, row.region, row.day, row.name) for row in rows]

    async def save(self, holiday: Holiday) -> None:
        row = await HolidayRecord.get_or_none(region=holiday.region, day=holiday.day)
        if row is None:
            await HolidayRecord.create(
                id=holiday.holiday_id, region=holiday.region, day=holiday.day, name=holiday.name
            )
            return
        await HolidayRecord.filter(id=row.id).update(name=holiday.name)

    async def remove(self, holiday_id: str) -> bool:
        return bool(await HolidayRecord.filter(id=holiday_id).delete())


def _plan(campaign: Campaign) -> dict[str, Any]:
    return {
        "mode": campaign.mode.value,
        "drop_limit_pct": campaign.drop_limit_pct,
        "profile": campaign.profile,
        "profile_version": campaign.profile_version,
        "needs": [[need.name, need.level, need.preferred] for need in campaign.needs],
        "trunk_id": campaign.trunk_id,
        "caller_id": campaign.caller_id,
        "ring_s": campaign.ring_s,
        "lines_per_agent": campaign.lines_per_agent,
        "max_lines_per_agent": campaign.max_lines_per_agent,
        "max_attempts": campaign.max_attempts,
        "retries": [
            [rule.outcome.value, rule.delay_s, rule.attempts, rule.next_number]
            for rule in campaign.retries
        ],
        "hours": [
            [sorted(rule.weekdays), rule.from_minute, rule.to_minute] for rule in campaign.hours
        ],
        "default_region": campaign.default_region,
        "holiday_region": campaign.holiday_region,
        "consent_required": campaign.consent_required,
        "callback_wait_min": campaign.callback_wait_min,
        "weight": campaign.weight,
        "preview_s": campaign.preview_s,
        "preview_then": campaign.preview_then.value,
        "message": campaign.message,
        "drop_message": campaign.drop_message,
        "connect_key": campaign.connect_key,
        "forbid_key": campaign.forbid_key,
        "calls_per_second": campaign.calls_per_second,
        "max_lines": campaign.max_lines,
        "answer_detection": campaign.answer_detection,
        "on_machine": campaign.on_machine.value,
        "detection_off": campaign.detection_off,
        "detection_since": _text(campaign.detection_since),
        "number_order": [kind.value for kind in campaign.number_order],
        "max_attempts_number": campaign.max_attempts_number,
        "next_number_s": campaign.next_number_s,
        "list_plan": list_plan_json(campaign.list_plan),
        "quotas": [
            [quota.field, quota.value, quota.disposition, quota.limit] for quota in campaign.quotas
        ],
        "quotas_full": sorted(campaign.quotas_full),
        "arranging": campaign.arranging,
    }


def list_plan_json(plan: ListPlan) -> dict[str, Any]:
    """Return a list plan as it is kept."""
    return {
        "order": plan.order.value,
        "by_field": plan.by_field,
        "descending": plan.descending,
        "seed": plan.seed,
        "retries_first": plan.retries_first,
        "weights": dict(plan.weights),
        "filters": [[each.field, each.operator.value, each.value] for each in plan.filters],
    }


def _list_plan(plan: dict[str, Any]) -> ListPlan:
    if not plan:
        return ListPlan()
    filters = tuple(
        Condition(name, Operator(operator), value) for name, operator, value in plan["filters"]
    )
    return ListPlan(**{**plan, "order": ListOrder(plan["order"]), "filters": filters})


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _campaign(row: CampaignRecord) -> Campaign:
    plan = dict(row.plan)
    trunk_id, since = plan.pop("trunk_id"), plan.pop("detection_since", None)
    return Campaign(
        campaign_id=CampaignId(row.id),
        name=row.name,
        queue_id=QueueId(row.queue_id),
        created_at=row.created_at,
        started_at=row.started_at,
        state=CampaignState(row.state),
        mode=Mode(plan.pop("mode")),
        preview_then=PreviewThen(plan.pop("preview_then", PreviewThen.SKIP)),
        on_machine=OnMachine(plan.pop("on_machine", OnMachine.HANG_UP)),
        detection_since=datetime.fromisoformat(since) if since else None,
        trunk_id=TrunkId(trunk_id) if trunk_id else None,
        needs=tuple(Skill(*need) for need in plan.pop("needs", ())),
        retries=tuple(
            RetryRule(AttemptOutcome(outcome), *rule) for outcome, *rule in plan.pop("retries")
        ),
        list_plan=_list_plan(plan.pop("list_plan", {})),
        quotas=tuple(Quota(*each) for each in plan.pop("quotas", ())),
        quotas_full=frozenset(plan.pop("quotas_full", ())),
        number_order=tuple(NumberKind(kind) for kind in plan.pop("number_order", ())),
        hours=tuple(
            HoursRule(frozenset(weekdays), start, end) for weekdays, start, end in plan.pop("hours")
        ),
        **plan,
    )
