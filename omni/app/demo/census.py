"""Count what a demonstration run did, from the database."""

from datetime import datetime

from tortoise.connection import get_connection

from omni.app.composition import Omni
from omni.core.live import Row

# One row of numbers; $1 is the instant the run began.
_COUNTS = """
SELECT
  (SELECT count(*) FROM attempt WHERE started_at >= $1) AS calls_dialled,
  (SELECT count(*) FROM attempt WHERE started_at >= $1 AND answered_at IS NOT NULL)
    AS calls_answered,
  (SELECT count(*) FROM interaction WHERE arrived_at >= $1 AND medium = 'voice'
     AND direction = 'outbound' AND accepted_at IS NOT NULL) AS calls_to_agents,
  (SELECT count(*) FROM attempt WHERE started_at >= $1 AND outcome = 'dropped') AS calls_dropped,
  (SELECT count(*) FROM interaction WHERE arrived_at >= $1 AND medium = 'voice'
     AND direction = 'inbound') AS calls_inbound,
  (SELECT count(*) FROM journal WHERE at >= $1 AND type = 'mail.imported') AS emails_in,
  (SELECT count(DISTINCT key) FROM journal WHERE at >= $1 AND type = 'mail.sent'
     AND payload->>'state' = 'sent') AS emails_replied,
  (SELECT count(*) FROM interaction WHERE arrived_at >= $1 AND medium = 'chat') AS chats_in,
  (SELECT count(DISTINCT key) FROM journal WHERE at >= $1 AND type = 'chat.message_posted'
     AND payload->>'author' = 'agent') AS chats_replied,
  (SELECT count(*) FROM ticket WHERE opened_at >= $1) AS tickets
"""
# Every row must be 0: each is a law of the product, checked against the stored facts.
_BROKEN = """
SELECT
  (SELECT count(*) FROM attempt WHERE outcome <> '' AND ended_at IS NULL)
    + (SELECT count(*) FROM attempt WHERE ended_at IS NOT NULL AND outcome = '') AS half_ended,
  (SELECT count(*) FROM (SELECT key FROM journal WHERE type = 'attempt.ended'
     GROUP BY key HAVING count(*) > 1) AS twice) AS attempts_ended_twice,
  (SELECT count(*) FROM (SELECT key FROM journal WHERE type = 'interaction.ended'
     GROUP BY key HAVING count(*) > 1) AS twice) AS interactions_ended_twice,
  (SELECT count(*) FROM (SELECT key FROM journal WHERE type = 'interaction.arrived'
     GROUP BY key HAVING count(*) > 1) AS twice) AS interactions_arrived_twice,
  (SELECT count(*) FROM journal) - (SELECT coalesce(max(seq), 0) FROM journal) AS journal_holes
"""


async def count(omni: Omni, since: datetime, since_seq: int) -> dict[str, int | bool]:
    """Return the figures of a run that began at `since`."""
    connection = get_connection("default")
    _, rows = await connection.execute_query(_COUNTS, [since])
    figures: dict[str, int | bool] = {name: int(value) for name, value in dict(rows[0]).items()}
    figures["contacts_without_ticket"] = await omni.tickets.contacts_without_ticket(since_seq)
    _, rows = await connection.execute_query(_BROKEN, [])
    broken = sum(abs(int(value)) for value in dict(rows[0]).values())
    figures["invariants_ok"] = broken == 0 and _total(omni)["invariants_ok"] is True
    return figures


def _total(omni: Omni) -> dict[str, object]:
    rows: list[Row] = [
        change.row
        for change in omni.floor.snapshot("floor")
        if change.table == "total" and change.row is not None
    ]
    return rows[0].model_dump()
