"""Lists in the database, as the hopper and the list plan see them.

Rules:
1. What the hopper asks reads an index from its first fitting entry on: the cost is of what is
   returned, whatever the list's length (`tests/dialer/test_list_cost.py`).
2. Who adds contacts or changes a plan does so alone for a campaign: no contact comes in under a
   plan that is not the campaign's any more.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from omni.core.ids import CampaignId
from omni.dialer.contact_store import JOINT, contact_of, zones_of
from omni.dialer.engine.selection import EXTRA, applies, fields_of
from omni.dialer.list_model import Penetration
from omni.dialer.list_ports import Front, ReadyAsked
from omni.dialer.list_sql import (
    LAST_PLACE,
    NOBODY,
    backwards,
    filters_sql,
    lane_sql,
    place_sql,
    quota_sql,
    stop_sql,
)
from omni.dialer.model import Campaign, Contact, ListPlan, Quota, QuotaStand
from omni.dialer.store import QuotaResultRecord, list_plan_json

FIELDS_OF_ROWS = 1000  # the first contacts of a list show its fields
FRONT_ROWS = 5000  # of a list that is being arranged: read in some 20 ms, written in 0.2 s
FRONT_PASSING = 1000  # contacts that may be dialled, before the rest of the list is arranged

_ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
# A loose index scan: from each pair of lane and zones to the next one.
_PLACES = """
WITH RECURSIVE pair AS (
    (SELECT lane, zone_key FROM contact
     WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND stop = 0
     ORDER BY lane, zone_key LIMIT 1)
    UNION ALL
    SELECT next.lane, next.zone_key FROM pair CROSS JOIN LATERAL (
        SELECT lane, zone_key FROM contact
        WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND stop = 0
          AND (lane, zone_key) > (pair.lane, pair.zone_key)
        ORDER BY lane, zone_key LIMIT 1
    ) next
)
SELECT lane, zone_key FROM pair
UNION
SELECT '', zone_key FROM contact WHERE campaign_id = $1 AND state = 'open' AND rank = 0
"""
_READY = """
SELECT found.* FROM unnest($2::text[]) AS asked(lane) CROSS JOIN LATERAL (
    SELECT each.* FROM unnest($3::text[]) AS here(zone_key) CROSS JOIN LATERAL (
        SELECT c.* FROM (
            SELECT * FROM contact
            WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND stop = 0
              AND lane = asked.lane AND zone_key = here.zone_key AND NOT (id = ANY($4))
            ORDER BY place {way} LIMIT $6
        ) c
        WHERE {stop} = 0 ORDER BY c.place {way} LIMIT $5
    ) each
    ORDER BY each.place {way} LIMIT $5
) found
"""
_PROMOTE = """
WITH due AS (
    SELECT id FROM contact
    WHERE campaign_id = $1 AND state = 'open' AND rank = 7 AND next_at <= $2
    ORDER BY next_at LIMIT $3 FOR UPDATE SKIP LOCKED
), promoted AS (
    UPDATE contact c SET rank = 5, lane = {lane}, place = {place}, stop = {stop}
    FROM due WHERE c.id = due.id RETURNING 1
)
SELECT count(*) AS n FROM promoted
"""
# Writing a row costs more than all else here, as each index gets an entry: who is stopped before
# and after is left alone, and gets a place when nothing stops them any more.
_ARRANGE = """
WITH part AS MATERIALIZED (
    SELECT max(id) AS last FROM (
        SELECT id FROM contact WHERE campaign_id = $1 AND id > $2 ORDER BY id LIMIT $3
    ) each
), arranged AS (
    UPDATE contact c SET lane = {lane}, place = {place}, stop = {stop}
    WHERE c.campaign_id = $1 AND c.id > $2 AND c.id <= (SELECT last FROM part)
      AND c.state <> 'done' AND (c.stop <> {stop}
        OR {stop} = 0 AND (c.lane, c.place) IS DISTINCT FROM ({lane}, {place}))
)
SELECT last FROM part
"""
# Their places stay: what may be dialled is still in front when the others have gone.
_STOP_FRONT = """
WITH part AS MATERIALIZED (
    SELECT c.id, c.place, pair.n, {stop} AS stops
    FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY
         AS pair(lane, zone_key, after, n)
    CROSS JOIN LATERAL (
        SELECT * FROM contact
        WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND stop = 0
          AND lane = pair.lane AND zone_key = pair.zone_key AND place {beyond} pair.after
        ORDER BY place {way} LIMIT $5
    ) c
), stopped AS (
    UPDATE contact c SET stop = part.stops FROM part WHERE c.id = part.id AND part.stops <> 0
)
SELECT n, {last}(place) AS last, count(*) FILTER (WHERE stops = 0) AS passing
FROM part GROUP BY n
"""
# An index keeps what is gone until somebody reads past it once: else that is the hopper, with all
# that was stopped since it read last.
_SWEEP = """
SELECT count(*) FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
     AS pair(lane, zone_key, begun, after)
CROSS JOIN LATERAL (
    SELECT FROM contact
    WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND stop = 0
      AND lane = pair.lane AND zone_key = pair.zone_key
      AND place {beyond} pair.begun AND NOT place {beyond} pair.after
) swept
"""
_ARRANGED = """
WITH noted AS (
    UPDATE campaign SET plan = jsonb_set(plan, '{arranging}', 'false')
    WHERE id = $1 AND plan->'list_plan' = $2::jsonb AND plan->'quotas_full' = $3::jsonb
    RETURNING 1
)
SELECT count(*) AS n FROM noted
"""
_STANDS = """
SELECT (SELECT count(*) FROM quota_result WHERE campaign_id = $1 AND quota = $2) AS results,
    (SELECT count(*) FROM contact c
     WHERE c.campaign_id = $1 AND c.state = 'dialing' AND {mine}) AS in_flight
"""
_RECOUNT = """
INSERT INTO quota_result (campaign_id, quota, contact_id)
SELECT $1::text, $2, c.id FROM contact c
WHERE c.campaign_id = $1::text AND c.disposition = $3 AND {mine}
ON CONFLICT (campaign_id, quota, contact_id) DO NOTHING
"""
_FIELD_NAMES = """
SELECT DISTINCT jsonb_object_keys(part.extra) AS name FROM (
    SELECT extra FROM contact WHERE campaign_id = $1 ORDER BY id DESC LIMIT $2
) part ORDER BY 1
"""
_PENETRATION = """
SELECT import_id, count(*) AS contacts,
    count(*) FILTER (WHERE attempts = 0 AND state = 'open') AS untouched,
    count(*) FILTER (WHERE state <> 'done') AS open,
    count(*) FILTER (WHERE state = 'done') AS done,
    count(*) FILTER (WHERE disposition <> '') AS reached,
    count(*) FILTER (WHERE stop > 0 AND state = 'open') AS stopped,
    sum(attempts) AS attempts
FROM contact WHERE campaign_id = $1 GROUP BY import_id ORDER BY import_id DESC
"""


class ListTable:
    """See `omni.dialer.ports.ListStore`."""

    async def places(self, campaign_id: CampaignId) -> list[tuple[str, tuple[str, ...]]]:
        return [
            (row["lane"], zones_of(row["zone_key"])) for row in await _select(_PLACES, campaign_id)
        ]

    async def promote(self, campaign: Campaign, now: datetime, take: int) -> int:
        rows = await _select(with_plan(_PROMOTE, campaign), campaign.campaign_id, now, take)
        return int(rows[0]["n"])

    async def ready(self, campaign: Campaign, asked: ReadyAsked) -> list[Contact]:
        # While a plan is being put into effect, rows may say what the plan before it said: it is
        # looked at as many as cost little, and `stop_front` takes away what stands in their way.
        stop, look_at = NOBODY, asked.take
        if campaign.arranging:
            stop = stop_sql(campaign)
            look_at = max(look_at, FRONT_ROWS // max(1, len(asked.lanes) * len(asked.zones)))
        rows = await _select(
            _READY.format(stop=stop, way=_way(campaign.list_plan)),
            campaign.campaign_id,
            list(asked.lanes),
            [JOINT.join(names) for names in asked.zones],
            list(asked.skip_ids),
            asked.take,
            look_at,
        )
        return [contact_of(row) for row in rows]

    async def quota_stands(self, campaign: Campaign) -> list[QuotaStand]:
        stands: list[QuotaStand] = []
        for quota in campaign.quotas:
            sql = _STANDS.format(mine=quota_sql(quota))
            [row] = await _select(sql, campaign.campaign_id, _digest(quota))
            stands.append(QuotaStand(quota, row["results"], row["in_flight"]))
        return stands

    async def add_result(self, campaign: Campaign, contact: Contact, disposition: str) -> None:
        fields = fields_of(contact)
        mine = [
            quota
            for quota in campaign.quotas
            if quota.disposition == disposition and applies(quota, fields)
        ]
        await QuotaResultRecord.bulk_create(
            [
                QuotaResultRecord(
                    campaign_id=campaign.campaign_id,
                    quota=_digest(quota),
                    contact_id=contact.contact_id,
                )
                for quota in mine
            ],
            ignore_conflicts=True,
        )

    async def recount(self, campaign: Campaign) -> None:
        for quota in campaign.quotas:
            sql = _RECOUNT.format(mine=quota_sql(quota))
            await _select(sql, campaign.campaign_id, _digest(quota), quota.disposition)

    async def alone(self, campaign_id: CampaignId) -> None:
        await _select(_ALONE, campaign_id)

    async def arrange(self, campaign: Campaign, after: str, take: int) -> str:
        rows = await _select(with_plan(_ARRANGE, campaign), campaign.campaign_id, after, take)
        return rows[0]["last"] or ""

    async def fronts(self, campaign: Campaign) -> list[Front]:
        if stop_sql(campaign) == NOBODY:
            return []
        begin = LAST_PLACE if backwards(campaign.list_plan) else ""
        places = await self.places(campaign.campaign_id)
        return [Front(lane, names, begin, begin) for lane, names in places]

    async def stop_front(self, campaign: Campaign, fronts: Sequence[Front]) -> list[Front]:
        lanes = [front.lane for front in fronts]
        zones = [JOINT.join(front.zones) for front in fronts]
        begun, after = [front.begun for front in fronts], [front.after for front in fronts]
        take = FRONT_ROWS // len(fronts)
        campaign_id = campaign.campaign_id
        await _select(with_plan(_SWEEP, campaign), campaign_id, lanes, zones, begun, after)
        stop = with_plan(_STOP_FRONT, campaign)
        rows = await _select(stop, campaign_id, lanes, zones, after, take)
        found = [(fronts[row["n"] - 1], row) for row in rows]
        moved = [
            replace(
                front,
                begun=front.after,
                after=row["last"],
                passing=front.passing + row["passing"],
            )
            for front, row in found
        ]
        return [front for front in moved if front.passing < FRONT_PASSING]

    async def arranged(self, campaign: Campaign) -> bool:
        plan, full = list_plan_json(campaign.list_plan), sorted(campaign.quotas_full)
        rows = await _select(_ARRANGED, campaign.campaign_id, json.dumps(plan), json.dumps(full))
        return bool(rows[0]["n"])

    async def count_matching(self, campaign_id: CampaignId, plan: ListPlan) -> tuple[int, int]:
        passing = f"count(*) FILTER (WHERE {filters_sql(plan)})"
        sql = f"SELECT count(*) AS n, {passing} AS m FROM contact c WHERE c.campaign_id = $1"
        [row] = await _select(sql, campaign_id)
        return int(row["n"]), int(row["m"])

    async def field_names(self, campaign_id: CampaignId) -> list[str]:
        rows = await _select(_FIELD_NAMES, campaign_id, FIELDS_OF_ROWS)
        return [EXTRA + row["name"] for row in rows]

    async def penetration(self, campaign_id: CampaignId) -> list[Penetration]:
        return [Penetration(**dict(row)) for row in await _select(_PENETRATION, campaign_id)]


def with_plan(sql: str, campaign: Campaign) -> str:
    """Return a statement with the campaign's list plan in the places named in braces."""
    plan = campaign.list_plan
    return sql.format(
        lane=lane_sql(plan),
        place=place_sql(plan),
        stop=stop_sql(campaign),
        way=_way(plan),
        beyond="<" if backwards(plan) else ">",
        last="min" if backwards(plan) else "max",
    )


def _way(plan: ListPlan) -> str:
    return "DESC" if backwards(plan) else "ASC"


def _digest(quota: Quota) -> str:
    return hashlib.sha256(quota.key.encode()).hexdigest()[:32]


async def _select(sql: str, *arguments: object) -> Sequence[Any]:
    _, rows = await get_connection("default").execute_query(sql, list(arguments))
    return rows
