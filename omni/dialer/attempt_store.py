"""Attempts in the database: the record of who was dialled when, and with what result."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from tortoise.connection import get_connection

from omni.core.ids import AttemptId, CampaignId, ContactId, InteractionId, TrunkId
from omni.core.terms import AnswerKind, AttemptOutcome
from omni.dialer.engine.budget import HourCount
from omni.dialer.engine.detection import Truth, VerdictCount
from omni.dialer.model import Attempt, NumberKind, OnMachine
from omni.dialer.store import AttemptRecord

PAGE_ROWS = 2000

_HOURLY = """
SELECT hour, sum(answered) AS answered, sum(dropped) AS dropped, sum(machines) AS machines FROM (
    SELECT date_trunc('hour', answered_at) AS hour, count(*) AS answered,
        count(*) FILTER (WHERE outcome = 'dropped') AS dropped, 0 AS machines
    FROM attempt WHERE campaign_id = $1 AND answered_at >= $2
        AND (NOT $3 OR verdict = 'human' OR outcome IN ('answered', 'dropped')) GROUP BY 1
    UNION ALL
    SELECT date_trunc('hour', ended_at), 0, 0, count(*)
    FROM attempt WHERE campaign_id = $1 AND outcome = 'machine' AND ended_at >= $2
        AND (NOT $3 OR on_machine NOT IN ('message', 'connect')) GROUP BY 1
) part GROUP BY hour ORDER BY hour
"""
_DIALLED_HOURLY = """
SELECT date_trunc('hour', started_at) AS hour, count(*) AS dialled,
    count(answered_at) AS answered
FROM attempt WHERE campaign_id = $1 AND started_at >= $2 AND started_at < $3
    AND outcome NOT IN ('', 'failed', 'cancelled')
GROUP BY 1 ORDER BY 1
"""

PICKED_UP = (
    AttemptOutcome.ANSWERED,
    AttemptOutcome.DROPPED,
    AttemptOutcome.HUNG_UP,
    AttemptOutcome.MESSAGE,
    AttemptOutcome.OPTED_OUT,
)


_ANSWERS = """
SELECT count(*) AS dialled, count(answered_at) AS answered FROM (
    SELECT answered_at FROM attempt WHERE campaign_id = $1 AND outcome NOT IN ('', 'failed')
    ORDER BY id DESC LIMIT $2
) AS latest
"""


_VERDICTS = """
SELECT verdict, truth, outcome, count(*) AS count FROM attempt
WHERE campaign_id = $1 AND started_at >= $2 AND verdict <> '' GROUP BY 1, 2, 3
"""


class AttemptTable:
    """See `omni.dialer.ports.AttemptStore`."""

    async def add(self, attempts: Sequence[Attempt]) -> None:
        await AttemptRecord.bulk_create(
            [
                AttemptRecord(
                    id=attempt.attempt_id,
                    campaign_id=attempt.campaign_id,
                    contact_id=attempt.contact_id,
                    number=attempt.number,
                    name=attempt.name,
                    attempt_no=attempt.attempt_no,
                    trunk_id=attempt.trunk_id,
                    profile=attempt.profile,
                    profile_version=attempt.profile_version,
                    started_at=attempt.started_at,
                    kind=attempt.kind.value,
                    on_machine=attempt.on_machine.value if attempt.on_machine else "",
                )
                for attempt in attempts
            ]
        )

    async def get(self, attempt_id: AttemptId) -> Attempt | None:
        row = await AttemptRecord.get_or_none(id=attempt_id)
        return _attempt(row) if row else None

    async def answered(self, attempt_id: AttemptId, at: datetime, ring_s: float) -> bool:
        changed = await AttemptRecord.filter(
            id=attempt_id, outcome="", answered_at__isnull=True
        ).update(answered_at=at, ring_s=ring_s)
        return bool(changed)

    async def end(
        self,
        attempt_id: AttemptId,
        at: datetime,
        outcome: AttemptOutcome,
        interaction_id: InteractionId | None,
        ring_s: float,
    ) -> bool:
        changed = await AttemptRecord.filter(id=attempt_id, outcome="").update(
            ended_at=at, outcome=outcome.value, interaction_id=interaction_id, ring_s=ring_s
        )
        if changed and outcome in PICKED_UP:
            # An agent may have the person before the answer was noted: it counts all the same.
            await AttemptRecord.filter(id=attempt_id, answered_at=None).update(answered_at=at)
        return bool(changed)

    async def classified(self, attempt_id: AttemptId, kind: AnswerKind) -> None:
        await AttemptRecord.filter(id=attempt_id).update(verdict=kind.value)

    async def judged(self, attempt_id: AttemptId, truth: Truth) -> None:
        await AttemptRecord.filter(id=attempt_id).exclude(verdict="").update(truth=truth.value)

    async def verdicts(self, campaign_id: CampaignId, since: datetime) -> list[VerdictCount]:
        _, rows = await get_connection("default").execute_query(_VERDICTS, [campaign_id, since])
        return [
            VerdictCount(AnswerKind(row["verdict"]), row["truth"], row["outcome"], row["count"])
            for row in rows
        ]

    async def open(self) -> list[Attempt]:
        return [_attempt(row) for row in await AttemptRecord.filter(outcome="").order_by("id")]

    async def of_campaign(self, campaign_id: CampaignId) -> AsyncIterator[Attempt]:
        after = ""
        while True:
            found = AttemptRecord.filter(campaign_id=campaign_id, id__gt=after)
            rows = await found.order_by("id").limit(PAGE_ROWS)
            for row in rows:
                yield _attempt(row)
            if len(rows) < PAGE_ROWS:
                return
            after = rows[-1].id

    async def answers(self, campaign_id: CampaignId, latest: int) -> tuple[int, int]:
        _, rows = await get_connection("default").execute_query(_ANSWERS, [campaign_id, latest])
        return rows[0]["dialled"], rows[0]["answered"]

    async def dialled_hourly(
        self, campaign_id: CampaignId, since: datetime, until: datetime
    ) -> list[tuple[datetime, int, int]]:
        arguments = [campaign_id, since, until]
        _, rows = await get_connection("default").execute_query(_DIALLED_HOURLY, arguments)
        return [(row["hour"], row["dialled"], row["answered"]) for row in rows]

    async def hourly(
        self, campaign_id: CampaignId, since: datetime, *, agentless: bool
    ) -> list[HourCount]:
        arguments = [campaign_id, since, agentless]
        _, rows = await get_connection("default").execute_query(_HOURLY, arguments)
        return [
            HourCount(
                row["hour"].timestamp(),
                int(row["answered"]),
                int(row["dropped"]),
                int(row["machines"]),
            )
            for row in rows
        ]


def _attempt(row: AttemptRecord) -> Attempt:
    return Attempt(
        attempt_id=AttemptId(row.id),
        campaign_id=CampaignId(row.campaign_id),
        contact_id=ContactId(row.contact_id),
        number=row.number,
        started_at=row.started_at,
        attempt_no=row.attempt_no,
        name=row.name,
        trunk_id=TrunkId(row.trunk_id) if row.trunk_id else None,
        profile=row.profile,
        profile_version=row.profile_version,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        outcome=AttemptOutcome(row.outcome) if row.outcome else None,
        ring_s=row.ring_s,
        interaction_id=InteractionId(row.interaction_id) if row.interaction_id else None,
        kind=NumberKind(row.kind),
        on_machine=OnMachine(row.on_machine) if row.on_machine else None,
    )
