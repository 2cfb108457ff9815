"""From saved rows to what the router is restored from."""

from dataclasses import dataclass
from datetime import datetime

from omni.acd.engine.hours import is_open
from omni.acd.engine.openings import Shown
from omni.acd.engine.restoring import Standing, StandingAgent, StandingWork
from omni.acd.model import Agent, Plan
from omni.acd.record import InteractionRow, OpeningsRow, PresenceRow
from omni.core.ids import CalendarId, GroupId, QueueId


@dataclass(frozen=True, slots=True)
class Saved:
    """All that routing is built from, as the store has it."""

    plan: Plan
    agents: list[Agent]
    presences: list[PresenceRow]
    rows: list[InteractionRow]
    openings: OpeningsRow


def standing_of(saved: Saved, now: datetime) -> Standing:
    """Return the saved state in the router's terms; instants become seconds since 1970."""
    queues, groups = out_of_hours(saved.plan, now)
    return Standing(
        plan=saved.plan,
        agents=tuple(saved.agents),
        presences=tuple(
            StandingAgent(row.agent_id, row.state, row.reason, row.since.timestamp(),
                          row.break_pending, row.requested, row.own_call,
                          _seconds(row.own_call_until))
            for row in saved.presences
        ),
        works=tuple(_work(row) for row in saved.rows),
        out_of_hours=queues,
        groups_out_of_hours=groups,
        shown=_shown(saved.openings),
    )  # fmt: skip


def out_of_hours(plan: Plan, now: datetime) -> tuple[frozenset[QueueId], frozenset[GroupId]]:
    """Return the queues and groups whose hours do not include this instant."""
    closed = closed_calendars(plan, now)
    return (
        frozenset(queue.id for queue in plan.queues if queue.calendar_id in closed),
        frozenset(group.id for group in plan.groups if group.calendar_id in closed),
    )


def closed_calendars(plan: Plan, now: datetime) -> frozenset[CalendarId]:
    """Return the calendars by which it is closed at this instant."""
    calendars = plan.calendars
    return frozenset(one.id for one in calendars if not is_open(one.hours, now))


def _shown(row: OpeningsRow) -> Shown:
    return Shown(
        {one.group_id: one.cause for one in row.groups},
        {(one.queue_id, one.group_id): one.since.timestamp() for one in row.aids},
        frozenset(row.unserved),
    )


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
