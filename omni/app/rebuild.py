"""Rebuild the views at start, by the same fold that keeps them up to date.

First what exists (entry points, queues, groups, agents, trunks, campaigns) is told as if it had
just been saved; then the last state of each agent; then the journal from the start of the site's
day, or from the oldest interaction that is still open, whichever is earlier.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from omni.app.journal import PostgresJournal
from omni.core.events.base import Event, Recorded
from omni.core.events.routing import AgentStateChanged
from omni.core.events.voice import AgentPhoneChanged, TrunkStateChanged
from omni.core.live import View

STANDING = (AgentStateChanged, AgentPhoneChanged, TrunkStateChanged)


def midnight(now: datetime, time_zone: str) -> datetime:
    """Return the instant at which the site's present day began."""
    local = now.astimezone(ZoneInfo(time_zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


async def rebuild(
    views: Sequence[View],
    journal: PostgresJournal,
    existing: Iterable[Event],
    start: datetime,
) -> int:
    """Fold everything that matters into fresh views.

    Args:
        existing: what exists, as `*Saved` events.
        start: from when on the journal is folded whole.

    Returns:
        The number of the last event folded.
    """
    seq = await journal.seq_at(start)
    for event in existing:
        _apply(views, Recorded(0, start, event))
    async for recorded in journal.latest([kind.TYPE for kind in STANDING], seq):
        _apply(views, recorded)
    async for recorded in journal.read(seq):
        _apply(views, recorded)
        seq = recorded.seq
    return seq


def _apply(views: Sequence[View], recorded: Recorded[Event]) -> None:
    for view in views:
        for _ in view.apply(recorded):
            pass
