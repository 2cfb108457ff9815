"""Contacts in the database: pages, what may be dialled next, and the facts the gates ask for.

What runs while dialling is written in SQL, because the whole work is set-wise.
"""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tortoise.connection import get_connection

from omni.core.ids import CampaignId, ContactId
from omni.core.terms import AttemptOutcome
from omni.dialer.engine.gates import Facts, of_person, own_facts
from omni.dialer.model import (
    REQUESTED,
    Callback,
    CallbackSearch,
    Contact,
    ContactNumber,
    ContactState,
    Counts,
    ListStop,
    NumberKind,
)
from omni.dialer.ports import PromisesAsked
from omni.dialer.store import NEVER, ContactNumberRecord, ContactRecord, NumberLockRecord

JOINT = "|"
# Counted in some 10 ms, so that the dialling gets its turn in between; and estimated below the
# cost from which PostgreSQL, as it comes, would compile the statement each time.
SLICE_CONTACTS = 1000
# `rank`: see `omni.dialer.store.ContactRecord`.

_WHOLE = """
SELECT c.*, (
    SELECT json_agg(json_build_array(n.number, n.kind, n.attempts, n.finished) ORDER BY n.place)
    FROM contact_number n WHERE n.contact_id = c.id
) AS numbers
FROM contact c"""
_FOUND = """
WHERE c.campaign_id = $1 AND ($2 = '' OR c.state = $2) AND ($3 = '' OR c.name ILIKE $3 OR EXISTS (
    SELECT FROM contact_number n WHERE n.contact_id = c.id AND n.number LIKE $3))
"""
_COUNTS = "SELECT state, count(*) AS n FROM contact WHERE campaign_id = $1 GROUP BY state"
_PROMISED = """
SELECT * FROM contact
WHERE campaign_id = $1 AND state = 'open' AND rank = 0 AND next_at <= $2
  AND zone_key = ANY($3)
  AND (callback_agent = '' OR callback_agent = ANY($4) OR callback_at <= $5)
ORDER BY next_at, id LIMIT $6
"""
# Looked up by contact and by number, never joined: without statistics, as after an import, a join
# reads whole tables.
_FACTS = """
SELECT n.contact_id AS id, n.number, n.kind, n.attempts AS number_attempts,
    n.finished AS number_finished,
    EXISTS (SELECT FROM do_not_call d
            WHERE d.campaign_id IN ('', n.campaign_id) AND d.number = ANY(
                n.number || ARRAY(SELECT left(n.number, l) || '*'
                                  FROM generate_series(2, length(n.number)) l)
            )) AS do_not_call,
    (SELECT count(*) FROM attempt a
     WHERE a.number = n.number AND a.started_at > $2) AS attempts_24h,
    (SELECT count(*) FROM attempt a
     WHERE a.number = n.number AND a.started_at > $3) AS attempts_7d,
    (SELECT until FROM number_lock l WHERE l.number = n.number) AS locked_until,
    EXISTS (SELECT FROM contact o WHERE o.number = n.number AND o.id <> n.contact_id
            AND o.state = 'dialing') AS number_busy,
    c.state, c.consent_at
FROM unnest($1::text[]) AS asked(id)
    CROSS JOIN LATERAL (SELECT state, consent_at FROM contact WHERE id = asked.id OFFSET 0) c
    CROSS JOIN LATERAL (SELECT * FROM contact_number WHERE contact_id = asked.id OFFSET 0) n
ORDER BY n.contact_id, n.place
"""
# What is small whatever the list's length: looked up once for all its slices.
_AROUND = """
SELECT ARRAY(
    SELECT DISTINCT number FROM do_not_call WHERE campaign_id IN ('', $1) AND number LIKE '%*'
) AS prefixes, ARRAY(
    SELECT DISTINCT busy.number FROM campaign k CROSS JOIN LATERAL (
        SELECT number FROM contact WHERE campaign_id = k.id AND state = 'dialing' OFFSET 0
    ) busy WHERE k.id <> $1
) AS busy
"""
# Done contacts need no facts but that; the numbers of the others become one text each. All is
# looked up by contact, never joined: a join of a slice may read whole tables.
_SLICE = """
WITH part AS MATERIALIZED (
    SELECT id, state, zone_key, attempts, stop, next_at, consent_at, callback_agent, callback_at
    FROM contact WHERE campaign_id = $1 AND id > $5 ORDER BY id LIMIT $6
), digits AS MATERIALIZED (
    SELECT DISTINCT length(prefix) - 1 AS digits FROM unnest($7::text[]) prefix
), told AS (
    SELECT c.*, ARRAY(
        SELECT concat_ws('|',
            ((SELECT 1 FROM do_not_call d
              WHERE d.number = n.number AND d.campaign_id IN ('', $1) LIMIT 1) IS NOT NULL
             OR EXISTS (SELECT FROM digits l
                        WHERE left(n.number, l.digits) || '*' = ANY($7::text[])))::int,
            n.attempts, n.finished, r.day, r.week,
            coalesce((SELECT l.until > $2 FROM number_lock l WHERE l.number = n.number),
                     false)::int,
            (n.number = ANY($8::text[]))::int)
        FROM contact_number n CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE a.started_at > $3) AS day, count(*) AS week
            FROM attempt a WHERE a.number = n.number AND a.started_at > $4
        ) r
        WHERE n.contact_id = c.id ORDER BY n.place
    ) AS numbers
    FROM part c WHERE c.state <> 'done'
)
SELECT c.state, c.zone_key, c.attempts, c.stop, c.numbers, count(*) AS n,
    CASE WHEN c.next_at > $2 THEN $2 + interval '1 second' END AS next_at,
    CASE WHEN c.consent_at <= $2 THEN $2 END AS consent_at, c.callback_agent,
    CASE WHEN c.callback_at > $2 THEN $2 + interval '1 second'
         ELSE c.callback_at END AS callback_at,
    (SELECT max(id) FROM part) AS last
FROM told c
GROUP BY c.state, c.zone_key, c.attempts, c.stop, c.numbers, 7, 8, 9, 10
UNION ALL
SELECT 'done', '', 0, 0, NULL, count(*), NULL, NULL, '', NULL, (SELECT max(id) FROM part)
FROM part WHERE state = 'done' HAVING count(*) > 0
"""
_SOME_LEFT = """
SELECT EXISTS (SELECT FROM contact WHERE campaign_id = $1 AND state = 'dialing')
    OR EXISTS (SELECT FROM contact WHERE campaign_id = $1 AND state = 'open' AND rank = 0)
    OR EXISTS (SELECT FROM contact WHERE campaign_id = $1 AND state = 'open' AND rank IN (5, 7)
               AND stop = 0) AS some_left
"""
# No number rings twice at a time, whichever contacts it belongs to.
_SET_DIALING = """
WITH asked AS (
    SELECT DISTINCT ON (number) id, number
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a(id, number, place)
    WHERE (
        SELECT 1 FROM contact o
        WHERE o.number = a.number AND o.id <> a.id AND o.state = 'dialing' LIMIT 1
    ) IS NULL ORDER BY number, place
), taken AS (
    UPDATE contact c
    SET state = 'dialing', attempts = attempts + 1, last_at = $3, number = a.number
    FROM asked a WHERE c.id = a.id AND c.state = 'open' RETURNING c.id, c.number
), counted AS (
    UPDATE contact_number n SET attempts = n.attempts + 1
    FROM taken t WHERE n.contact_id = t.id AND n.number = t.number
)
SELECT id FROM taken
"""
_REOPEN = """
WITH after AS (
    UPDATE contact SET state = 'open', next_at = $2, rank = CASE rank WHEN 0 THEN 0 ELSE 7 END,
        number = CASE WHEN $3::text = '' THEN number ELSE $3::text END,
        last_outcome = CASE WHEN $4::text = '' THEN last_outcome ELSE $4::text END
    WHERE id = $1
)
SELECT 1
"""
_POSTPONE = """
UPDATE contact SET next_at = $2, rank = CASE rank WHEN 0 THEN 0 ELSE 7 END
WHERE id = ANY($1) AND state = 'open'
"""
_OUTCOME_COUNT = """
SELECT count(*) AS n FROM attempt a JOIN contact c ON c.id = a.contact_id
WHERE a.contact_id = $1 AND a.number = $2 AND a.outcome = $3
  AND (c.fresh_at IS NULL OR a.started_at >= c.fresh_at)
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
    UPDATE contact SET state = 'done', finish_reason = $2, rank = 7, callback_at = NULL,
        callback_agent = '', callback_note = '', callback_attempt = '',
        last_outcome = CASE WHEN $3::text = '' THEN last_outcome ELSE $3::text END
    WHERE id = $1
)
SELECT callback_at IS NOT NULL AS promised FROM before
"""
_KEPT = """
WITH before AS (SELECT callback_at FROM contact WHERE id = $1 FOR UPDATE), after AS (
    UPDATE contact SET rank = 7, callback_at = NULL, callback_agent = '', callback_note = '',
        callback_attempt = ''
    WHERE id = $1 AND callback_at IS NOT NULL
)
SELECT callback_at IS NOT NULL AS promised FROM before
"""
_REQUESTED_OVER = """
WITH after AS (
    UPDATE contact SET rank = 7, callback_at = NULL, callback_agent = '', callback_note = '',
        callback_attempt = ''
    WHERE id = $1 AND callback_attempt = $2 RETURNING 1
)
SELECT 1 FROM after
"""
_WITHDRAW_REQUESTS = """
UPDATE contact SET rank = 7, callback_at = NULL, callback_agent = '', callback_note = '',
    callback_attempt = ''
WHERE campaign_id = $1 AND state = 'open' AND rank = 0 AND callback_attempt = $2
"""
_FINISH_REASONS = """
SELECT finish_reason, count(*) AS n FROM contact
WHERE campaign_id = $1 AND state = 'done' GROUP BY finish_reason ORDER BY n DESC, finish_reason
"""
_RECYCLE = """
WITH again AS (
    UPDATE contact SET state = 'open', finish_reason = '', attempts = 0, rank = 7,
        next_at = $3, fresh_at = $4
    WHERE campaign_id = $1 AND state = 'done' AND finish_reason = ANY($2) RETURNING id
), numbers AS (
    UPDATE contact_number n SET attempts = 0, finished = ''
    FROM again a WHERE n.contact_id = a.id
)
SELECT count(*) AS recycled FROM again
"""
_CALLBACKS_FOUND = """
FROM contact
WHERE callback_at IS NOT NULL AND state <> 'done' AND callback_attempt <> 'requested'
  AND ($1::text IS NULL OR campaign_id = $1) AND ($2::text IS NULL OR callback_agent = $2)
  AND ($3::timestamptz IS NULL OR callback_at < $3)
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
        rows = await _select(f"{_WHOLE} WHERE c.id = $1", contact_id)
        return contact_of(rows[0]) if rows else None

    async def page(
        self, campaign_id: CampaignId, *, q: str, state: ContactState | None, skip: int, take: int
    ) -> tuple[int, list[Contact]]:
        wanted = [campaign_id, state.value if state else "", _like(q)]
        page = f"{_WHOLE}{_FOUND} ORDER BY c.id OFFSET $4 LIMIT $5"
        rows = await _select(page, *wanted, skip, take)
        count = await _select(f"SELECT count(*) AS n FROM contact c{_FOUND}", *wanted)
        return int(count[0]["n"]), [contact_of(row) for row in rows]

    async def promised(self, campaign_id: CampaignId, asked: PromisesAsked) -> list[Contact]:
        keys = [JOINT.join(names) for names in asked.zones]
        agents = sorted(asked.agents)
        rows = await _select(
            _PROMISED, campaign_id, asked.now, keys, agents, asked.waited_since, asked.take
        )
        return [contact_of(row) for row in rows]

    async def callback_page(
        self, search: CallbackSearch, skip: int, take: int
    ) -> tuple[int, list[Contact]]:
        wanted = (search.campaign_id, search.agent_id, search.before)
        count = await _select(f"SELECT count(*) AS n {_CALLBACKS_FOUND}", *wanted)
        page = f"SELECT * {_CALLBACKS_FOUND} ORDER BY callback_at, id OFFSET $4 LIMIT $5"
        rows = await _select(page, *wanted, skip, take)
        return int(count[0]["n"]), [contact_of(row) for row in rows]

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

    async def recycle(self, campaign_id: CampaignId, reasons: Sequence[str], now: datetime) -> int:
        rows = await _select(_RECYCLE, campaign_id, list(reasons), NEVER, now)
        return int(rows[0]["recycled"])

    async def requested_over(self, contact_id: ContactId) -> bool:
        rows = await _select(_REQUESTED_OVER, contact_id, REQUESTED)
        return bool(rows)

    async def withdraw_requests(self, campaign_id: CampaignId) -> None:
        await _select(_WITHDRAW_REQUESTS, campaign_id, REQUESTED)

    async def with_number(self, campaign_id: CampaignId, number: str) -> Contact | None:
        sql = f"{_WHOLE} JOIN contact_number m ON m.contact_id = c.id"
        where = "WHERE m.campaign_id = $1 AND m.number = $2"
        rows = await _select(f"{sql} {where}", campaign_id, number)
        return replace(contact_of(rows[0]), number=number) if rows else None

    async def turn_to(self, contact_id: ContactId, number: str) -> None:
        idle = ContactRecord.filter(id=contact_id).exclude(state=ContactState.DIALING.value)
        await idle.update(number=number)

    async def kept(self, contact_id: ContactId) -> bool:
        rows = await _select(_KEPT, contact_id)
        return bool(rows and rows[0]["promised"])

    async def facts(
        self, contacts: Sequence[Contact], now: datetime
    ) -> dict[ContactId, list[Facts]]:
        day, week = now - timedelta(hours=24), now - timedelta(days=7)
        own = {contact.contact_id: own_facts(contact) for contact in contacts}
        rows = await _select(_FACTS, list(own), day, week)
        found: dict[ContactId, list[Facts]] = {contact_id: [] for contact_id in own}
        for row in rows:
            found[row["id"]].append(_facts(own[row["id"]], row))
        return {contact_id: of_person(numbers) for contact_id, numbers in found.items()}

    async def classes(
        self, campaign_id: CampaignId, now: datetime
    ) -> AsyncIterator[list[tuple[Sequence[Facts], int]]]:
        day, week = now - timedelta(hours=24), now - timedelta(days=7)
        [around] = await _select(_AROUND, campaign_id)
        prefixes, busy = list(around["prefixes"]), list(around["busy"])
        after = ""
        while rows := await _select(
            _SLICE, campaign_id, now, day, week, after, SLICE_CONTACTS, prefixes, busy
        ):
            yield [(_class_facts(row, now), int(row["n"])) for row in rows]
            after = rows[0]["last"]

    async def some_left(self, campaign_id: CampaignId) -> bool:
        [row] = await _select(_SOME_LEFT, campaign_id)
        return bool(row["some_left"])

    async def set_dialing(self, contacts: Sequence[Contact], now: datetime) -> list[ContactId]:
        ids = [contact.contact_id for contact in contacts]
        numbers = [contact.number for contact in contacts]
        return [ContactId(row["id"]) for row in await _select(_SET_DIALING, ids, numbers, now)]

    async def reopen(
        self,
        contact_id: ContactId,
        outcome: AttemptOutcome | None,
        next_at: datetime,
        number: str = "",
    ) -> None:
        await _select(_REOPEN, contact_id, next_at, number, outcome.value if outcome else "")

    async def finish_number(self, contact_id: ContactId, number: str, reason: str) -> None:
        found = ContactNumberRecord.filter(contact_id=contact_id, number=number)
        await found.update(finished=reason)

    async def postpone(self, contact_ids: Sequence[ContactId], until: datetime) -> None:
        await _select(_POSTPONE, list(contact_ids), until)

    async def finish(
        self, contact_id: ContactId, reason: str, outcome: AttemptOutcome | None = None
    ) -> bool:
        rows = await _select(_FINISH, contact_id, reason, outcome.value if outcome else "")
        return bool(rows and rows[0]["promised"])

    async def outcome_count(
        self, contact_id: ContactId, number: str, outcome: AttemptOutcome
    ) -> int:
        rows = await _select(_OUTCOME_COUNT, contact_id, number, outcome.value)
        return int(rows[0]["n"])

    async def talked(self, contact_id: ContactId, disposition: str) -> None:
        answered = AttemptOutcome.ANSWERED.value
        found = ContactRecord.filter(id=contact_id)
        await found.update(last_outcome=answered, disposition=disposition)

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


def zones_of(zone_key: str) -> tuple[str, ...]:
    """Return the zones of a row."""
    return tuple(zone_key.split(JOINT)) if zone_key else ()


def contact_of(row: Any) -> Contact:
    """Return the contact of a row."""
    extra = row["extra"]
    return Contact(
        contact_id=ContactId(row["id"]),
        campaign_id=CampaignId(row["campaign_id"]),
        number=row["number"],
        name=row["name"],
        external_id=row["external_id"],
        zones=zones_of(row["zone_key"]),
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
        import_id=row["import_id"],
        lane=row["lane"],
        stop=ListStop(row["stop"]),
        numbers=_numbers(row["numbers"]) if "numbers" in row.keys() else (),  # noqa: SIM118
    )


def _numbers(text: str | None) -> tuple[ContactNumber, ...]:
    return tuple(
        ContactNumber(number, NumberKind(kind), attempts, finished)
        for number, kind, attempts, finished in json.loads(text or "[]")
    )


def _facts(own: Facts, row: Any) -> Facts:
    return replace(
        own,
        state=ContactState(row["state"]),
        consent_at=row["consent_at"],
        number=row["number"],
        kind=NumberKind(row["kind"]),
        number_attempts=row["number_attempts"],
        number_finished=row["number_finished"],
        do_not_call=row["do_not_call"],
        attempts_24h=row["attempts_24h"],
        attempts_7d=row["attempts_7d"],
        locked_until=row["locked_until"],
        number_busy=row["number_busy"],
    )


def _class_facts(row: Any, now: datetime) -> list[Facts]:
    own = Facts(
        state=ContactState(row["state"]),
        zones=zones_of(row["zone_key"]),
        attempts=row["attempts"],
        stop=ListStop(row["stop"]),
        next_at=row["next_at"],
        consent_at=row["consent_at"],
        callback_at=row["callback_at"],
        callback_agent=row["callback_agent"],
    )
    return of_person([_number_facts(own, text, now) for text in row["numbers"] or ()] or [own])


def _number_facts(own: Facts, text: str, now: datetime) -> Facts:
    do_not_call, attempts, finished, day, week, locked, busy = text.split("|")
    return replace(
        own,
        do_not_call=do_not_call == "1",
        number_attempts=int(attempts),
        number_finished=finished,
        attempts_24h=int(day),
        attempts_7d=int(week),
        locked_until=now + timedelta(seconds=1) if locked == "1" else None,
        number_busy=busy == "1",
    )


def _like(q: str) -> str:
    """Return a pattern that finds `q` anywhere, "" for nothing."""
    escaped = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if q else ""
