"""From saved rows to what the router is restored from."""

from datetime import datetime

from omni.acd.engine.hours import is_open
from omni.acd.engine.restoring import Standing, StandingAgent, StandingWork
from omni.acd.model import Agent, Plan
from omni.acd.record import InteractionRow, PresenceRow
from omni.core.ids import CalendarId, QueueId


def standing_of(
    plan: Plan,
    agents: list[Agent],
    presences: list[PresenceRow],
    rows: list[InteractionRow],
    now: datetime,
) -> Standing:
    """Return the saved state in the router's terms; instants become seconds since 1970."""
    return Standing(
        plan=plan,
        agents=tuple(agents),
        presences=tuple(
            StandingAgent(row.agent_id, row.state, row.reason, row.since.timestamp(),
                          row.break_pending, row.requested)
            for row in presences
        ),
        works=tuple(_work(row) for row in rows),
        out_of_hours=out_of_hours(plan, now),
    )  # fmt: skip


def out_of_hours(plan: Plan, now: datetime) -> frozenset[QueueId]:
    """Return the queues whose opening hours do not include this instant."""
    closed = closed_calendars(plan, now)
    return frozenset(queue.id for queue in plan.queues if queue.calendar_id in closed)


def closed_calendars(plan: Plan, now: datetime) -> frozenset[CalendarId]:
    """Return the calendars by which it is closed at this instant."""
    calendars = plan.calendars
    return frozenset(one.id for one in calendars if not is_open(one.hours, now))


def _work(row: InteractionRow) -> StandingWork:
    return StandingWork(
        interaction_id=row.id,
        medium=row.medium,
        queue_id=row.queue_id or QueueId(""),
        state=row.state,
        priority=row.priority,
        arrived_s=row.arrived_at.timestamp(),
        needs=row.needs,
        auto_accept=row.auto_accept,
        holder=row.campaign_id or "",
        agent_id=row.agent_id,
        group_id=row.group_id,
        accepted_s=_seconds(row.accepted_at),
        ended_s=_seconds(row.ended_at),
        until_s=_seconds(row.until_at),
        absent=bool(row.errand),
        used=row.used,
    )


def _seconds(instant: datetime | None) -> float:
    return 0.0 if instant is None else instant.timestamp()
