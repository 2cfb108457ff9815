"""The do-not-call list in the database. What is matched against many numbers is written in SQL."""

from collections.abc import Sequence
from typing import Any, TypeVar

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet

from omni.core.ids import CampaignId, ContactId
from omni.dialer.model import DoNotCall, DoNotCallSearch, Removal
from omni.dialer.store import DoNotCallRecord, RemovedDoNotCallRecord

R = TypeVar("R", DoNotCallRecord, RemovedDoNotCallRecord)

_ADD = """
WITH added AS (
    INSERT INTO do_not_call (id, number, campaign_id, reason, added_at, added_by)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                         $6::text[])
    ON CONFLICT (number, campaign_id) DO NOTHING RETURNING 1
)
SELECT count(*) AS added FROM added
"""
# An entry that forbids the number: itself, or one of its beginnings with a star.
_FORBIDS = """EXISTS (
    SELECT FROM do_not_call d WHERE d.campaign_id IN ('', {campaign}) AND d.number = ANY(
        {number} || ARRAY(SELECT left({number}, l) || '*'
                          FROM generate_series(2, length({number})) l)))"""
_FORBIDDEN = f"""
SELECT n.number FROM unnest($1::text[]) AS n(number)
WHERE {_FORBIDS.format(campaign="$2", number="n.number")}
"""
_GIVE_UP = f"""
WITH over AS (
    UPDATE contact c SET state = 'done', finish_reason = 'do_not_call', rank = 5,
        callback_at = NULL, callback_agent = '', callback_note = '', callback_attempt = ''
    WHERE c.callback_at IS NOT NULL AND c.state = 'open' AND EXISTS (
        SELECT FROM contact_number n WHERE n.contact_id = c.id AND n.number LIKE $1
    ) AND NOT EXISTS (
        SELECT FROM contact_number n WHERE n.contact_id = c.id AND n.finished = ''
          AND NOT {_FORBIDS.format(campaign="n.campaign_id", number="n.number")}
    )
    RETURNING c.id, c.campaign_id
)
SELECT id, campaign_id FROM over
"""


class DoNotCallTable:
    """See `omni.dialer.ports.DoNotCallStore`."""

    async def add(self, entries: Sequence[DoNotCall]) -> int:
        columns: list[list[Any]] = [
            [entry.entry_id for entry in entries],
            [entry.number for entry in entries],
            [entry.campaign_id for entry in entries],
            [entry.reason for entry in entries],
            [entry.added_at for entry in entries],
            [entry.added_by for entry in entries],
        ]
        _, rows = await get_connection("default").execute_query(_ADD, columns)
        return int(rows[0]["added"])

    async def give_up_promises(self, number: str) -> list[tuple[ContactId, CampaignId]]:
        pattern = number.replace("*", "%") if number else "%"
        _, rows = await get_connection("default").execute_query(_GIVE_UP, [pattern])
        return [(ContactId(row["id"]), CampaignId(row["campaign_id"])) for row in rows]

    async def forbidden(self, numbers: Sequence[str], campaign_id: CampaignId) -> frozenset[str]:
        arguments = [list(numbers), campaign_id]
        _, rows = await get_connection("default").execute_query(_FORBIDDEN, arguments)
        return frozenset(row["number"] for row in rows)

    async def find(self, number: str, campaign_id: str) -> DoNotCall | None:
        row = await DoNotCallRecord.get_or_none(number=number, campaign_id=campaign_id)
        return _entry(row) if row else None

    async def remove(self, entry_id: str, removal: Removal) -> DoNotCall | None:
        row = await DoNotCallRecord.get_or_none(id=entry_id)
        if row is None or not await DoNotCallRecord.filter(id=entry_id).delete():
            return None
        await RemovedDoNotCallRecord.create(
            id=row.id,
            number=row.number,
            campaign_id=row.campaign_id,
            reason=row.reason,
            added_at=row.added_at,
            added_by=row.added_by,
            removed_at=removal.at,
            removed_by=removal.by,
            removed_reason=removal.reason,
        )
        return _entry(row)

    async def page(
        self, search: DoNotCallSearch, skip: int, take: int
    ) -> tuple[int, list[DoNotCall]]:
        found = _found(DoNotCallRecord.all(), search)
        rows = await found.order_by("-added_at", "-id").offset(skip).limit(take)
        return await found.count(), [_entry(row) for row in rows]

    async def removed(
        self, search: DoNotCallSearch, skip: int, take: int
    ) -> tuple[int, list[tuple[DoNotCall, Removal]]]:
        found = _found(RemovedDoNotCallRecord.all(), search)
        rows = await found.order_by("-removed_at", "-id").offset(skip).limit(take)
        return await found.count(), [
            (_entry(row), Removal(row.removed_at, row.removed_by, row.removed_reason))
            for row in rows
        ]


def _found(rows: QuerySet[R], search: DoNotCallSearch) -> QuerySet[R]:
    if search.q:
        rows = rows.filter(number__contains=search.q)
    if search.campaign_id is not None:
        rows = rows.filter(campaign_id=search.campaign_id)
    return rows


def _entry(row: DoNotCallRecord | RemovedDoNotCallRecord) -> DoNotCall:
    return DoNotCall(row.id, row.number, row.added_at, row.campaign_id, row.reason, row.added_by)
