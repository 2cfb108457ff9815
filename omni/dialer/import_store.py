"""List imports in the database. Contacts go in by whole batches: one statement, no row by row."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tortoise.connection import get_connection

from omni.core.ids import CampaignId, ContactId
from omni.dialer.engine.intake import merged, numbers_of, sort_out
from omni.dialer.list_model import ImportMode, ImportState, ListImport, Rejection
from omni.dialer.list_store import ListTable, with_plan
from omni.dialer.model import Campaign, Contact
from omni.dialer.store import NEVER, CampaignTable, ImportRejectionRecord, ListImportRecord

PAGE_ROWS = 2000

_OWNERS = """
SELECT number, contact_id FROM contact_number WHERE campaign_id = $1 AND number = ANY($2)
"""
_INSERT = """
WITH fresh AS (
    INSERT INTO contact (id, campaign_id, import_id, number, name, external_id, zone_key, extra,
                         state, finish_reason, rank, attempts, next_at, last_outcome, disposition,
                         consent_at, consent_source, callback_agent, callback_attempt,
                         callback_note, lane, place, stop)
    SELECT c.id, $1, $2, c.number, c.name, c.external_id, c.zone_key, c.extra,
           'open', '', 5, 0, $3, '', '', c.consent_at, c.consent_source,
           '', '', '', {lane}, {place}, {stop}
    FROM (
        SELECT new.id, new.number, new.name, new.external_id, new.zone_key,
               new.extra::jsonb AS extra, new.consent_at, new.consent_source,
               $2::text AS import_id, 0 AS attempts, NULL::timestamptz AS last_at
        FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                    $10::timestamptz[], $11::text[])
             AS new(id, number, name, external_id, zone_key, extra, consent_at, consent_source)
    ) c
)
INSERT INTO contact_number (campaign_id, contact_id, place, number, kind)
SELECT $1, * FROM unnest($12::text[], $13::int[], $14::text[], $15::text[])
"""
# Calls are allowed where all zones allow them: what the list adds can only make it stricter.
_MERGE = """
UPDATE contact c SET name = coalesce(nullif(m.name, ''), c.name),
    external_id = coalesce(nullif(m.external_id, ''), c.external_id),
    zone_key = (SELECT string_agg(DISTINCT zone, '|' ORDER BY zone) FROM unnest(
        string_to_array(c.zone_key, '|') || string_to_array(m.zone_key, '|')) zone),
    extra = c.extra || m.extra::jsonb, consent_at = coalesce(m.consent_at, c.consent_at),
    consent_source = coalesce(nullif(m.consent_source, ''), c.consent_source),
    import_id = CASE WHEN $2::text = '' THEN c.import_id ELSE $2::text END
FROM unnest($1::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
            $8::text[])
     AS m(id, name, external_id, zone_key, extra, consent_at, consent_source)
WHERE c.id = m.id
"""
_MORE_NUMBERS = """
INSERT INTO contact_number (campaign_id, contact_id, place, number, kind)
SELECT $1, new.contact_id, new.place + (
    SELECT max(n.place) + 1 FROM contact_number n WHERE n.contact_id = new.contact_id
), new.number, new.kind
FROM unnest($2::text[], $3::int[], $4::text[], $5::text[]) AS new(contact_id, place, number, kind)
ON CONFLICT (campaign_id, number) DO NOTHING
"""
_ARRANGE = """
UPDATE contact c SET lane = {lane}, place = {place}, stop = {stop}
WHERE c.id = ANY($1) AND c.state <> 'done'
"""
_END_OTHERS = """
WITH part AS (
    SELECT id FROM contact WHERE campaign_id = $1 AND id > $3 ORDER BY id LIMIT $4
), ended AS (
    UPDATE contact c SET state = 'done', finish_reason = 'replaced'
    FROM part WHERE c.id = part.id AND c.state = 'open' AND c.import_id <> $2
      AND c.callback_at IS NULL
)
SELECT max(id) AS last FROM part
"""
_REJECT = """
INSERT INTO import_rejection (import_id, line, reason, row)
SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[])
ON CONFLICT (import_id, line) DO NOTHING
"""


class ImportTable:
    """See `omni.dialer.ports.ImportStore`."""

    async def add(self, item: ListImport, upload_id: str, mapping: Mapping[str, object]) -> None:
        await ListImportRecord.create(
            id=item.import_id,
            campaign_id=item.campaign_id,
            upload_id=upload_id,
            file_name=item.file_name,
            plan=dict(mapping),
            state=item.state.value,
            mode=item.mode.value,
            reason="",
            started_at=item.started_at,
        )

    async def get(self, import_id: str) -> ListImport | None:
        row = await ListImportRecord.get_or_none(id=import_id)
        return _item(row) if row else None

    async def plan(self, import_id: str) -> tuple[str, Mapping[str, object]]:
        row = await ListImportRecord.get(id=import_id)
        return row.upload_id, row.plan

    async def of_campaign(self, campaign_id: CampaignId) -> list[ListImport]:
        rows = await ListImportRecord.filter(campaign_id=campaign_id).order_by("-id")
        return [_item(row) for row in rows]

    async def unfinished(self) -> list[str]:
        rows = await ListImportRecord.filter(state=ImportState.RUNNING.value).order_by("id")
        return [row.id for row in rows]

    async def insert_contacts(
        self,
        import_id: str,
        contacts: Sequence[Contact],
        mode: ImportMode = ImportMode.APPEND,
    ) -> int:
        if not contacts:
            return 0
        campaign_id = contacts[0].campaign_id
        connection = get_connection("default")
        await ListTable().alone(campaign_id)
        _, rows = await connection.execute_query(_OWNERS, [campaign_id, numbers_of(contacts)])
        owners = {row["number"]: ContactId(row["contact_id"]) for row in rows}
        found = sort_out(contacts, owners)
        campaign = await CampaignTable().get(campaign_id)
        assert campaign is not None
        if found.fresh:
            columns = [*_columns(found.fresh), *_number_columns(found.fresh)]
            arguments = [campaign_id, import_id, NEVER, *columns]
            await connection.execute_query(with_plan(_INSERT, campaign), arguments)
        if found.known and mode is not ImportMode.APPEND:
            moved_to = import_id if mode is ImportMode.REPLACE else ""
            await _merge(campaign, moved_to, merged(found.known))
        return len(found.fresh)

    async def end_others(
        self, campaign_id: CampaignId, import_id: str, after: str, take: int
    ) -> str:
        arguments = [campaign_id, import_id, after, take]
        _, rows = await get_connection("default").execute_query(_END_OTHERS, arguments)
        return rows[0]["last"] or ""

    async def insert_rejections(self, import_id: str, rejections: Sequence[Rejection]) -> None:
        if not rejections:
            return
        arguments: list[Any] = [
            import_id,
            [rejection.line for rejection in rejections],
            [rejection.reason for rejection in rejections],
            [rejection.row for rejection in rejections],
        ]
        await get_connection("default").execute_query(_REJECT, arguments)

    async def save(self, item: ListImport) -> None:
        await ListImportRecord.filter(id=item.import_id).update(
            state=item.state.value,
            rows_read=item.rows_read,
            imported=item.imported,
            duplicates=item.duplicates,
            rejected=item.rejected,
            incomplete=item.incomplete,
            reason=item.reason,
            finished_at=item.finished_at,
        )

    async def count_anew(self) -> None:
        await get_connection("default").execute_script("ANALYZE contact, contact_number")

    async def rejections(self, import_id: str) -> AsyncIterator[Rejection]:
        line = 0
        while True:
            rows = (
                await ImportRejectionRecord.filter(import_id=import_id, line__gt=line)
                .order_by("line")
                .limit(PAGE_ROWS)
            )
            for row in rows:
                yield Rejection(row.line, row.reason, row.row)
            if len(rows) < PAGE_ROWS:
                return
            line = rows[-1].line


async def _merge(
    campaign: Campaign, moved_to: str, known: Sequence[tuple[ContactId, Contact]]
) -> None:
    connection = get_connection("default")
    contacts = [replace(contact, contact_id=contact_id) for contact_id, contact in known]
    ids, _, *columns = _columns(contacts)
    await connection.execute_query(_MERGE, [ids, moved_to, *columns])
    numbers = [campaign.campaign_id, *_number_columns(contacts)]
    await connection.execute_query(_MORE_NUMBERS, numbers)
    await connection.execute_query(with_plan(_ARRANGE, campaign), [ids])


def _columns(contacts: Sequence[Contact]) -> list[list[Any]]:
    return [
        [contact.contact_id for contact in contacts],
        [contact.number for contact in contacts],
        [contact.name for contact in contacts],
        [contact.external_id for contact in contacts],
        ["|".join(contact.zones) for contact in contacts],
        [json.dumps(dict(contact.extra), ensure_ascii=False) for contact in contacts],
        [contact.consent_at for contact in contacts],
        [contact.consent_source for contact in contacts],
    ]


def _number_columns(contacts: Sequence[Contact]) -> list[list[Any]]:
    numbers = [
        (contact.contact_id, place, one)
        for contact in contacts
        for place, one in enumerate(contact.all_numbers)
    ]
    return [
        [contact_id for contact_id, _, _ in numbers],
        [place for _, place, _ in numbers],
        [one.number for _, _, one in numbers],
        [one.kind.value for _, _, one in numbers],
    ]


def _item(row: ListImportRecord) -> ListImport:
    return ListImport(
        import_id=row.id,
        campaign_id=CampaignId(row.campaign_id),
        file_name=row.file_name,
        state=ImportState(row.state),
        started_at=row.started_at,
        rows_read=row.rows_read,
        imported=row.imported,
        duplicates=row.duplicates,
        rejected=row.rejected,
        incomplete=row.incomplete,
        mode=ImportMode(row.mode),
        reason=row.reason,
        finished_at=row.finished_at,
    )
