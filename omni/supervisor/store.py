"""The report's read model: one row per attempt, folded from the journal.

Rules:
1. Written only by `take_in`, a durable consumer: the row moves in the transaction of its cursor.
2. Every write names the row by the attempt's id and sets values, never adds: an event taken in
   twice changes nothing.
3. A report reads inside one repeatable-read transaction, so that its sums and its detail show the
   same moment, however long a download takes.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model

from omni.core.events.base import Event, Recorded
from omni.core.events.outbound import AttemptEnded, AttemptStarted, CampaignSaved
from omni.core.events.routing import (
    AgentSaved,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
)
from omni.core.events.voice import CallAnswered
from omni.core.ids import AgentId, CampaignId
from omni.core.terms import AttemptOutcome
from omni.supervisor.report import AttemptFact, Facts, Scope, Sums

REPORT_EVENTS: tuple[type[Event], ...] = (
    CampaignSaved,
    AgentSaved,
    AttemptStarted,
    CallAnswered,
    InteractionAccepted,
    InteractionEnded,
    InteractionWrappedUp,
    AttemptEnded,
)
BATCH_ROWS = 2000  # of the detail, in memory at a time


class ReportAttempt(Model):
    """One dialled attempt with all that is known of it by now."""

    id = fields.CharField(max_length=26, primary_key=True)
    campaign_id = fields.CharField(max_length=26)
    contact_id = fields.CharField(max_length=26)
    number = fields.CharField(max_length=32)
    name = fields.TextField(default="")
    attempt_no = fields.IntField(default=1)
    started_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=20, default="")
    agent_id = fields.CharField(max_length=26, default="")
    interaction_id = fields.CharField(max_length=26, default="")
    ring_s = fields.FloatField(default=0.0)
    wait_s = fields.FloatField(default=0.0)
    talk_s = fields.FloatField(default=0.0)
    wrap_up_s = fields.FloatField(default=0.0)
    disposition = fields.CharField(max_length=64, default="")
    note = fields.TextField(default="")

    class Meta:
        table = "report_attempt"
        indexes = (("campaign_id", "started_at", "id"),)


class ReportName(Model):
    """What a campaign or an agent is called. `id` is `campaign:<id>` or `agent:<id>`."""

    id = fields.CharField(max_length=40, primary_key=True)
    name = fields.TextField()

    class Meta:
        table = "report_name"


# One pass over the attempts gives all groupings, so they are of the same rows. The number tells
# which grouping a line belongs to: a bit is set for each column it is summed over.
_TOTAL, _INTERVAL, _OUTCOME, _AGENT = 0b1111, 0b0111, 0b1011, 0b1100
_FACTS = """
SELECT GROUPING(starts_at, outcome, agent_id, disposition) AS grouping,
    starts_at, outcome, agent_id, disposition,
    count(*) AS dialled,
    count(*) FILTER (WHERE outcome = '') AS in_progress,
    count(answered_at) AS answered,
    count(accepted_at) AS to_agents,
    count(*) FILTER (WHERE outcome = 'dropped') AS dropped,
    count(*) FILTER (WHERE unserved AND outcome = 'hung_up') AS hung_up,
    count(*) FILTER (WHERE unserved AND outcome IN ('machine', 'fax')) AS machines,
    count(*) FILTER (WHERE unserved AND outcome = 'message') AS messages,
    count(*) FILTER (WHERE unserved AND outcome = 'opted_out') AS opted_out,
    count(*) FILTER (
        WHERE unserved AND outcome NOT IN
            ('', 'dropped', 'hung_up', 'machine', 'fax', 'message', 'opted_out')
    ) AS lost,
    count(*) FILTER (WHERE unserved AND outcome = '') AS connecting,
    coalesce(sum(ring_s) FILTER (WHERE answered_at IS NOT NULL), 0) AS ring_s,
    coalesce(sum(wait_s) FILTER (WHERE accepted_at IS NOT NULL), 0) AS wait_s,
    coalesce(sum(talk_s), 0) AS talk_s,
    coalesce(sum(wrap_up_s), 0) AS wrap_up_s
FROM (
    SELECT *, date_trunc($4, started_at, $5) AS starts_at,
        answered_at IS NOT NULL AND accepted_at IS NULL AS unserved
    FROM report_attempt WHERE campaign_id = $1 AND started_at >= $2 AND started_at < $3
) AS attempt
GROUP BY GROUPING SETS ((), (starts_at), (outcome), (agent_id, disposition))
"""
_ATTEMPTS = """
SELECT * FROM report_attempt
WHERE campaign_id = $1 AND started_at >= $2 AND started_at < $3 AND (started_at, id) > ($4, $5)
ORDER BY started_at, id LIMIT $6
"""
_START = """
INSERT INTO report_attempt (id, campaign_id, contact_id, number, name, attempt_no, started_at,
    outcome, agent_id, interaction_id, ring_s, wait_s, talk_s, wrap_up_s, disposition, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', '', 0, 0, 0, 0, '', '') ON CONFLICT DO NOTHING
"""
_SUMS = tuple(Sums.__dataclass_fields__)


class PostgresFactsView:
    """See `omni.supervisor.ports.FactsView`."""

    def __init__(self, connection: Any, time_zone: str) -> None:
        self._connection = connection
        self._time_zone = time_zone

    async def campaign_name(self, campaign_id: CampaignId) -> str | None:
        """Return the campaign's name, None when there is no such campaign."""
        name: str | None = await self._connection.fetchval(
            "SELECT name FROM report_name WHERE id = $1", f"campaign:{campaign_id}"
        )
        return name

    async def agent_names(self) -> Mapping[AgentId, str]:
        """Return the names of all agents there ever were."""
        rows = await self._connection.fetch(
            "SELECT id, name FROM report_name WHERE id LIKE 'agent:%'"
        )
        return {AgentId(row["id"].removeprefix("agent:")): row["name"] for row in rows}

    async def facts(self, scope: Scope) -> Facts:
        """Return the sums over the scope's attempts."""
        total = Sums()
        by_interval: dict[datetime, Sums] = {}
        by_outcome: dict[str, Sums] = {}
        by_agent: dict[tuple[AgentId, str], Sums] = {}
        rows = await self._connection.fetch(
            _FACTS,
            scope.campaign_id,
            scope.since,
            scope.until,
            scope.zoom.value,
            self._time_zone,
        )
        for row in rows:
            sums = Sums(**{name: row[name] for name in _SUMS})
            match row["grouping"]:
                case grouping if grouping == _TOTAL:
                    total = sums
                case grouping if grouping == _INTERVAL:
                    by_interval[row["starts_at"]] = sums
                case grouping if grouping == _OUTCOME:
                    by_outcome[row["outcome"]] = sums
                case _:
                    by_agent[AgentId(row["agent_id"]), row["disposition"]] = sums
        return Facts(total, by_interval, by_outcome, by_agent)

    async def attempts(self, scope: Scope) -> AsyncIterator[Sequence[AttemptFact]]:
        """Yield the scope's attempts `BATCH_ROWS` at a time, oldest first."""
        after: tuple[datetime, str] = (scope.since, "")
        while True:
            rows = await self._connection.fetch(
                _ATTEMPTS, scope.campaign_id, scope.since, scope.until, *after, BATCH_ROWS
            )
            if rows:
                yield [_fact(row) for row in rows]
            if len(rows) < BATCH_ROWS:
                return
            after = (rows[-1]["started_at"], rows[-1]["id"])


def _fact(row: Mapping[str, Any]) -> AttemptFact:
    values = dict(row)
    return AttemptFact(
        attempt_id=values.pop("id"),
        outcome=AttemptOutcome(outcome) if (outcome := values.pop("outcome")) else None,
        agent_id=values.pop("agent_id") or None,
        interaction_id=values.pop("interaction_id") or None,
        **values,
    )


class PostgresAttemptFacts:
    """See `omni.supervisor.ports.AttemptFacts`."""

    def __init__(self, time_zone: str) -> None:
        self._time_zone = time_zone

    @asynccontextmanager
    async def open(self) -> AsyncIterator[PostgresFactsView]:
        """Open a consistent view on a connection of its own."""
        async with get_connection("default").acquire_connection() as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            async with transaction:
                yield PostgresFactsView(connection, self._time_zone)

    async def take_in(self, recorded: Recorded[Event]) -> None:
        """Fold one event in; to be called inside the consumer's transaction."""
        event, at = recorded.event, recorded.at
        match event:
            case CampaignSaved():
                await _name(f"campaign:{event.campaign_id}", event.name)
            case AgentSaved():
                await _name(f"agent:{event.agent_id}", event.name)
            case AttemptStarted():
                await _start(event, at)
            case CallAnswered(attempt_id=str() as attempt_id):
                await _set(attempt_id, answered_at=at)
            case InteractionAccepted(attempt_id=str() as attempt_id):
                await _set(
                    attempt_id,
                    accepted_at=at,
                    agent_id=event.agent_id,
                    interaction_id=event.interaction_id,
                    wait_s=event.waited_s,
                )
            case InteractionEnded(attempt_id=str() as attempt_id, agent_id=str()):
                await _set(attempt_id, talk_s=event.handled_s)
            case InteractionWrappedUp(attempt_id=str() as attempt_id):
                await _set(
                    attempt_id,
                    disposition=event.disposition[:64],
                    note=event.note,
                    wrap_up_s=event.wrap_up_s,
                )
            case AttemptEnded():
                await _set(
                    event.attempt_id,
                    outcome=event.outcome.value,
                    ended_at=at,
                    ring_s=event.ring_s,
                    interaction_id=event.interaction_id or "",
                )
            case _:
                pass  # about no attempt, or not of interest


async def _name(id_: str, name: str) -> None:
    await ReportName.bulk_create(
        [ReportName(id=id_, name=name)], on_conflict=["id"], update_fields=["name"]
    )


async def _start(event: AttemptStarted, at: datetime) -> None:
    ids = (event.attempt_id, event.campaign_id, event.contact_id)
    values = [*ids, event.number[:32], event.name, event.attempt_no, at]
    await get_connection("default").execute_query(_START, values)


async def _set(attempt_id: str, **values: object) -> None:
    # One text for each kind of event, which the driver prepares once.
    changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, start=2))
    statement = f"UPDATE report_attempt SET {changes} WHERE id = $1"
    await get_connection("default").execute_query(statement, [attempt_id, *values.values()])
