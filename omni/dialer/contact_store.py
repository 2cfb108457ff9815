"""Contacts in the database: pages, what may be dialled next, and the facts the gates ask for.

What runs while dialling is written in SQL, because the whole work is set-wise.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tortoise.connection import get_connection
from tortoise.expressions import Q

from omni.core.ids import CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.gates import Facts, own_facts
from omni.dialer.model import REQUESTED, Callback, Contact, ContactState, Counts
from omni.dialer.ports import PromisesAsked
from omni.dialer.store import NEVER, AttemptRecord, ContactRecord, NumberLockRecord

JOINT = "|"
# `rank` 0: promised for a time, comes before the list (5).

_COUNTS = "SELECT state, count(*) AS n FROM contact WHERE campaign_id = $1 GROUP BY state"
_ZONES = "SELECT DISTINCT zone_key FROM contact WHERE campaign_id = $1 AND state = 'open'"
_DUE = """
SELECT * FROM contact
WHERE campaign_id = $1 AND state = 'open' AND rank = 5 AND next_at <= $2
  AND zone_key = ANY($3) AND NOT (id = ANY($4))
ORDER BY next_at, id LIMIT $5
"""
_PROMISED = """
SELECT * FROM contact
WHERE campaign_id = $1 AND state = 'open' AND rank = 0 AND next_at <= $2
  AND zone_key = ANY($3)
  AND (callback_agent = '' OR callback_agent = ANY($4) OR callback_at <= $5)
ORDER BY next_at, id LIMIT $6
"""
_FACTS = """
SELECT c.id,
    EXISTS (SELECT FROM do_not_call d
            WHERE d.campaign_id IN ('', c.campaign_id) AND d.number = ANY(
                c.number || ARRAY(SELECT left(c.number, n) || '*'
                                  FROM generate_series(2, length(c.number)) n)
            )) AS do_not_call,
    (SELECT count(*) FROM attempt a
     WHERE a.number = c.number AND a.started_at > $2) AS attempts_24h,
    (SELECT count(*) FROM attempt a
     WHERE a.number = c.number AND a.started_at > $3) AS attempts_7d,
    (SELECT until FROM number_lock l WHERE l.number = c.number) AS locked_until,
    EXISTS (SELECT FROM contact o WHERE o.number = c.number AND o.id <> c.id
            AND o.state = 'dialing') AS number_busy
FROM contact c WHERE c.id = ANY($1)
"""
_CLASSES = """
WITH recent AS (
    SELECT number, count(*) FILTER (WHERE started_at > $3) AS day, count(*) AS week
    FROM attempt WHERE started_at > $4
      AND number IN (SELECT number FROM contact WHERE campaign_id = $1)
    GROUP BY number
), busy AS (
    SELECT number, id FROM contact WHERE state = 'dialing' AND campaign_id <> $1
), forbidden AS MATERIALIZED (
    SELECT DISTINCT number FROM do_not_call WHERE campaign_id IN ('', $1)
), prefix AS MATERIALIZED (
    SELECT number, length(number) - 1 AS digits FROM forbidden WHERE number LIKE '%*'
)
SELECT c.state, c.finish_reason, c.zone_key, c.attempts, count(*) AS n,
    CASE WHEN c.next_at > $2 THEN $2 + interval '1 second' END AS next_at,
    CASE WHEN l.until > $2 THEN $2 + interval '1 second' END AS locked_until,
    (d.number IS NOT NULL OR EXISTS (
        SELECT FROM (SELECT DISTINCT digits FROM prefix) l
        WHERE left(c.number, l.digits) || '*' IN (SELECT number FROM prefix)
    )) AS do_not_call, b.number IS NOT NULL AS number_busy,
    coalesce(r.day, 0) AS attempts_24h, coalesce(r.week, 0) AS attempts_7d,
    CASE WHEN c.consent_at <= $2 THEN $2 END AS consent_at, c.callback_agent,
    CASE WHEN c.callback_at > $2 THEN $2 + interval '1 second' ELSE c.callback_at END AS callback_at
FROM contact c
LEFT JOIN number_lock l ON l.number = c.number
LEFT JOIN forbidden d ON d.number = c.number
LEFT JOIN recent r ON r.number = c.number
LEFT JOIN (SELECT DISTINCT number FROM busy) b ON b.number = c.number
WHERE c.campaign_id = $1
GROUP BY c.state, c.finish_reason, c.zone_key, c.attempts, 6, 7, 8, 9, 10, 11, 12, 13, 14
"""
_SET_DIALING = """
WITH taken AS (
    UPDATE contact SET state = 'dialing', attempts = attempts + 1, last_at = $2
    WHERE id = ANY($1) AND state = 'open' RETURNING id
)
SELECT id FROM taken
"""
# A contact that is being talked to keeps its state: the disposition arms the promise.
_PLAN_CALLBACK = """
UPDATE contact SET callback_at = $2, callback_agent = $3, callback_note = $4, callback_attempt = $5
WHERE id = $1
"""
_PROMISE = """
UPDATE contact SET state = 'open', rank = 0, next_at = $2, finish_reason = '', callback_at = $2
WHERE id = $1
"""
_FINISH = """
WITH before AS (SELECT callback_at FROM contact WHERE id = $1 FOR UPDATE), after AS (
    UPDATE contact SET state = 'done', finish_reason = $2, rank = 5, callback_at = NULL,
        callback_agent = '', callback_note = '', callback_attempt = '',
        last_outcome = CASE WHEN $3::text = '' THEN last_outcome ELSE $3::text END
    WHERE id = $1
)
SELECT callback_at IS NOT NULL AS promised FROM before
"""
_KEPT = """
WITH before AS (SELECT callback_at FROM contact WHERE id = $1 FOR UPDATE), after AS (
    UPDATE contact SET rank = 5, callback_at = NULL, callback_agent = '', callback_note = '',
        callback_attempt = ''
    WHERE id = $1 AND callback_at IS NOT NULL
)
SELECT callback_at IS NOT NULL AS promised FROM before
"""
_REQUESTED_OVER = """
WITH after AS (
    UPDATE contact SET rank = 5, callback_at = NULL, callback_agent = '', callback_note = '',
        callback_attempt = ''
    WHERE id = $1 AND callback_attempt = $2 RETURNING 1
)
SELECT 1 FROM after
"""
_WITHDRAW_REQUESTS = """
UPDATE contact SET rank = 5, callback_at = NULL, callback_agent = '', callback_note = '',
    callback_attempt = ''
WHERE campaign_id = $1 AND state = 'open' AND rank = 0 AND callback_attempt = $2
"""
_FINISH_REASONS = """
SELECT finish_reason, count(*) AS n FROM contact
WHERE campaign_id = $1 AND state = 'done' GROUP BY finish_reason ORDER BY n DESC, finish_reason
"""
_RECYCLE = """
WITH again AS (
    UPDATE contact SET state = 'open', finish_reason = '', attempts = 0, next_at = $3
    WHERE campaign_id = $1 AND state = 'done' AND finish_reason = ANY($2) RETURNING 1
)
SELECT count(*) AS recycled FROM again
"""
_CALLBACKS = """
SELECT * FROM contact
WHERE callback_at IS NOT NULL AND state <> 'done' AND callback_attempt <> 'requested'
ORDER BY callback_at
"""
_LOCK = """
INSERT INTO number_lock (number, until, reason) VALUES ($1, $2, $3)
ON CONFLICT (number) DO UPDATE SET until = greatest(number_lock.until, $2), reason = $3
"""


class ContactTable:
    """See `omni.dialer.ports.ContactStore`."""

    async def counts(self, campaign_id: CampaignId) -> Counts:
        by_state = {row["state"]: int(row["n"]) for row in await _select(_COUNTS, campaign_id)}
        return Counts(
            contacts=sum(by_state.values()),
            open=by_state.get("open", 0),
            dialing=by_state.get("dialing", 0),
            done=by_state.get("done", 0),
        )

    async def get(self, contact_id: ContactId) -> Contact | None:
        rows = await _select("SELECT * FROM contact WHERE id = $1", contact_id)
        return _contact(rows[0]) if rows else None

    async def page(
        self, campaign_id: CampaignId, *, q: str, state: ContactState | None, skip: int, take: int
    ) -> tuple[int, list[Contact]]:
        found = ContactRecord.filter(campaign_id=campaign_id)
        if state is not None:
            found = found.filter(state=state.value)
        if q:
            found = found.filter(Q(number__contains=q) | Q(name__icontains=q))
        rows = await found.order_by("id").offset(skip).limit(take).values()
        return await found.count(), [_contact(row) for row in rows]

    async def zone_keys(self, campaign_id: CampaignId) -> list[tuple[str, ...]]:
        return [_zones(row["zone_key"]) for row in await _select(_ZONES, campaign_id)]

    async def due(
        self,
        campaign_id: CampaignId,
        now: datetime,
        zones: Sequence[tuple[str, ...]],
        skip_ids: Sequence[ContactId],
        take: int,
    ) -> list[Contact]:
        keys = [JOINT.join(names) for names in zones]
        rows = await _select(_DUE, campaign_id, now, keys, list(skip_ids), take)
        return [_contact(row) for row in rows]

    async def promised(self, campaign_id: CampaignId, asked: PromisesAsked) -> list[Contact]:
        keys = [JOINT.join(names) for names in asked.zones]
        agents = sorted(asked.agents)
        rows = await _select(
            _PROMISED, campaign_id, asked.now, keys, agents, asked.waited_since, asked.take
        )
        return [_contact(row) for row in rows]

    async def callbacks(self) -> list[Contact]:
        return [_contact(row) for row in await _select(_CALLBACKS)]

    async def plan_callback(self, contact_id: ContactId, callback: Callback) -> None:
        await _select(
            _PLAN_CALLBACK,
            contact_id,
            callback.at,
            callback.agent_id,
            callback.note,
            callback.attempt_id,
        )

    async def promise(self, contact_id: ContactId, at: datetime) -> None:
        await _select(_PROMISE, contact_id, at)

    async def finish_reasons(self, campaign_id: CampaignId) -> dict[str, int]:
        rows = await _select(_FINISH_REASONS, campaign_id)
        return {row["finish_reason"]: int(row["n"]) for row in rows}

    async def recycle(self, campaign_id: CampaignId, reasons: Sequence[str]) -> int:
        rows = await _select(_RECYCLE, campaign_id, list(reasons), NEVER)
        return int(rows[0]["recycled"])

    async def requested_over(self, contact_id: ContactId) -> bool:
        rows = await _select(_REQUESTED_OVER, contact_id, REQUESTED)
        return bool(rows)

    async def withdraw_requests(self, campaign_id: CampaignId) -> None:
        await _select(_WITHDRAW_REQUESTS, campaign_id, REQUESTED)

    async def with_number(self, campaign_id: CampaignId, number: str) -> Contact | None:
        sql = "SELECT * FROM contact WHERE campaign_id = $1 AND number = $2"
        rows = await _select(sql, campaign_id, number)
        return _contact(rows[0]) if rows else None

    async def kept(self, contact_id: ContactId) -> bool:
        rows = await _select(_KEPT, contact_id)
        return bool(rows and rows[0]["promised"])

    async def facts(self, contacts: Sequence[Contact], now: datetime) -> dict[ContactId, Facts]:
        by_id = {contact.contact_id: contact for contact in contacts}
        day, week = now - timedelta(hours=24), now - timedelta(days=7)
        rows = await _select(_FACTS, list(by_id), day, week)
        return {ContactId(row["id"]): _facts(by_id[ContactId(row["id"])], row) for row in rows}

    async def classes(self, campaign_id: CampaignId, now: datetime) -> list[tuple[Facts, int]]:
        day, week = now - timedelta(hours=24), now - timedelta(days=7)
        rows = await _select(_CLASSES, campaign_id, now, day, week)
        return [(_class_facts(row), int(row["n"])) for row in rows]

    async def set_dialing(self, contact_ids: Sequence[ContactId], now: datetime) -> list[ContactId]:
        return [ContactId(row["id"]) for row in await _select(_SET_DIALING, list(contact_ids), now)]

    async def reopen(
        self, contact_id: ContactId, outcome: AttemptOutcome | None, next_at: datetime
    ) -> None:
        changes: dict[str, Any] = {"state": ContactState.OPEN.value, "next_at": next_at}
        if outcome is not None:
            changes["last_outcome"] = outcome.value
        await ContactRecord.filter(id=contact_id).update(**changes)

    async def postpone(self, contact_ids: Sequence[ContactId], until: datetime) -> None:
        open_ones = ContactRecord.filter(id__in=list(contact_ids), state=ContactState.OPEN.value)
        await open_ones.update(next_at=until)

    async def finish(
        self, contact_id: ContactId, reason: str, outcome: AttemptOutcome | None = None
    ) -> bool:
        rows = await _select(_FINISH, contact_id, reason, outcome.value if outcome else "")
        return bool(rows and rows[0]["promised"])

    async def outcome_count(self, contact_id: ContactId, outcome: AttemptOutcome) -> int:
        return await AttemptRecord.filter(contact_id=contact_id, outcome=outcome.value).count()

    async def set_disposition(self, contact_id: ContactId, disposition: str) -> None:
        await ContactRecord.filter(id=contact_id).update(disposition=disposition)

    async def set_consent(self, contact_id: ContactId, at: datetime | None, source: str) -> bool:
        found = ContactRecord.filter(id=contact_id)
        return bool(await found.update(consent_at=at, consent_source=source))

    async def lock_number(self, number: str, until: datetime, reason: str) -> None:
        await get_connection("default").execute_query(_LOCK, [number, until, reason])

    async def locked_until(self, number: str) -> datetime | None:
        """Return until when a number may not be dialled, None when it is not locked."""
        row = await NumberLockRecord.get_or_none(number=number)
        return row.until if row else None


async def _select(sql: str, *arguments: object) -> Sequence[Any]:
    _, rows = await get_connection("default").execute_query(sql, list(arguments))
    return rows


def _zones(zone_key: str) -> tuple[str, ...]:
    return tuple(zone_key.split(JOINT)) if zone_key else ()


def _contact(row: Any) -> Contact:
    extra = row["extra"]
    return Contact(
        contact_id=ContactId(row["id"]),
        campaign_id=CampaignId(row["campaign_id"]),
        number=row["number"],
        name=row["name"],
        external_id=row["external_id"],
        zones=_zones(row["zone_key"]),
        extra=json.loads(extra) if isinstance(extra, str) else extra,
        state=ContactState(row["state"]),
        finish_reason=row["finish_reason"],
        attempts=row["attempts"],
        next_at=None if row["next_at"] == NEVER else row["next_at"],
        last_at=row["last_at"],
        last_outcome=AttemptOutcome(row["last_outcome"]) if row["last_outcome"] else None,
        disposition=row["disposition"],
        consent_at=row["consent_at"],
        consent_source=row["consent_source"],
        callback_at=row["callback_at"],
        callback_agent=row["callback_agent"],
        callback_attempt=row["callback_attempt"],
        callback_note=row["callback_note"],
    )


def _facts(contact: Contact, row: Any) -> Facts:
    return replace(
        own_facts(contact),
        do_not_call=row["do_not_call"],
        attempts_24h=row["attempts_24h"],
        attempts_7d=row["attempts_7d"],
        locked_until=row["locked_until"],
        number_busy=row["number_busy"],
    )


def _class_facts(row: Any) -> Facts:
    return Facts(
        state=ContactState(row["state"]),
        zones=_zones(row["zone_key"]),
        attempts=row["attempts"],
        next_at=row["next_at"],
        do_not_call=row["do_not_call"],
        attempts_24h=row["attempts_24h"],
        attempts_7d=row["attempts_7d"],
        locked_until=row["locked_until"],
        number_busy=row["number_busy"],
        finish_reason=row["finish_reason"],
        consent_at=row["consent_at"],
        callback_at=row["callback_at"],
        callback_agent=row["callback_agent"],
    )
