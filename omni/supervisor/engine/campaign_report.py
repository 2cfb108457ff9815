"""From sums to the campaign report: rates, means, ordered lines, and checks of the sums.

Pure: the store groups the attempts (`Facts`), this module computes what is shown, and checks that
the four groupings of the same attempts agree with each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from omni.core.ids import AgentId
from omni.supervisor.engine.day import midnight_of
from omni.supervisor.engine.tally import percent
from omni.supervisor.report import (
    AgentLine,
    CampaignReport,
    Check,
    DispositionLine,
    Facts,
    IntervalLine,
    OutcomeLine,
    ReportTotals,
    Scope,
    Sums,
    Zoom,
)

IN_PROGRESS = "in_progress"
# Widest span shown by hour and by day: 72 and 93 intervals still read as one chart.
HOURS_MAX_DAYS, DAYS_MAX_DAYS = 3, 93


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a report besides its figures."""

    name: str
    from_day: date
    to_day: date
    time_zone: str
    made_at: datetime


def zoom_for(from_day: date, to_day: date) -> Zoom:
    """Return the finest zoom at which these days still read well."""
    days = (to_day - from_day).days + 1
    if days <= HOURS_MAX_DAYS:
        return Zoom.HOUR
    return Zoom.DAY if days <= DAYS_MAX_DAYS else Zoom.MONTH


def build(
    scope: Scope, heading: Heading, facts: Facts, names: Mapping[AgentId, str], zone: tzinfo
) -> CampaignReport:
    """Return the report made of these facts; `names` are the agents'."""
    return CampaignReport(
        campaign_id=scope.campaign_id,
        name=heading.name,
        from_day=heading.from_day,
        to_day=heading.to_day,
        zoom=scope.zoom,
        time_zone=heading.time_zone,
        made_at=heading.made_at,
        totals=_totals(facts.total),
        outcomes=_outcomes(facts),
        intervals=_intervals(facts, scope.zoom, zone),
        agents=_agents(facts, names),
        dispositions=_dispositions(facts),
        checks=checks(facts),
    )


def checks(facts: Facts) -> list[Check]:
    """Return the sums that must hold, each computed over two different groupings."""
    total = facts.total
    ended = sum(sums.dialled for outcome, sums in facts.by_outcome.items() if outcome)
    parts = (
        total.to_agents
        + total.dropped
        + total.hung_up
        + total.machines
        + total.messages
        + total.opted_out
        + total.lost
        + total.connecting
    )
    intervals = facts.by_interval.values()
    agents = [sums for (agent_id, _), sums in facts.by_agent.items() if agent_id]
    return [
        _check("dialled", total.dialled, ended + total.in_progress),
        _check("answered", total.answered, parts),
        _check("intervals_dialled", total.dialled, sum(sums.dialled for sums in intervals)),
        _check("intervals_answered", total.answered, sum(sums.answered for sums in intervals)),
        _check("agents_calls", total.to_agents, sum(sums.to_agents for sums in agents)),
    ]


def _check(name: str, left: int, right: int) -> Check:
    return Check(name=name, left=left, right=right, ok=left == right)


def _mean(sum_s: float, count: int) -> float | None:
    return round(sum_s / count, 1) if count else None


def _totals(sums: Sums) -> ReportTotals:
    return ReportTotals(
        dialled=sums.dialled,
        in_progress=sums.in_progress,
        answered=sums.answered,
        to_agents=sums.to_agents,
        dropped=sums.dropped,
        hung_up=sums.hung_up,
        machines=sums.machines,
        messages=sums.messages,
        opted_out=sums.opted_out,
        lost=sums.lost,
        connecting=sums.connecting,
        connection_rate_pct=percent(sums.answered, sums.dialled),
        drop_pct=percent(sums.dropped, sums.answered),
        talk_s=round(sums.talk_s, 1),
        wrap_up_s=round(sums.wrap_up_s, 1),
        mean_ring_s=_mean(sums.ring_s, sums.answered),
        mean_wait_s=_mean(sums.wait_s, sums.to_agents),
        mean_talk_s=_mean(sums.talk_s, sums.to_agents),
        mean_wrap_up_s=_mean(sums.wrap_up_s, sums.to_agents),
    )


def _outcomes(facts: Facts) -> list[OutcomeLine]:
    lines = [
        OutcomeLine(
            outcome=outcome or IN_PROGRESS,
            attempts=sums.dialled,
            pct=percent(sums.dialled, facts.total.dialled),
        )
        for outcome, sums in facts.by_outcome.items()
    ]
    return sorted(lines, key=lambda line: (-line.attempts, line.outcome))


def _intervals(facts: Facts, zoom: Zoom, zone: tzinfo) -> list[IntervalLine]:
    nothing = Sums()
    lines = []
    for starts_at in _without_gaps(facts.by_interval, zoom, zone):
        sums = facts.by_interval.get(starts_at, nothing)
        line = IntervalLine(
            starts_at=starts_at,
            dialled=sums.dialled,
            answered=sums.answered,
            to_agents=sums.to_agents,
            dropped=sums.dropped,
            connection_rate_pct=percent(sums.answered, sums.dialled),
            drop_pct=percent(sums.dropped, sums.answered),
            talk_s=round(sums.talk_s, 1),
        )
        lines.append(line)
    return lines


def _without_gaps(starts: Iterable[datetime], zoom: Zoom, zone: tzinfo) -> list[datetime]:
    """Return the starts of all intervals from the first to the last one that has attempts."""
    known = sorted(starts)
    filled: list[datetime] = []
    for start in known:
        while filled and (following := _following(filled[-1], zoom, zone)) < start:
            filled.append(following)
        filled.append(start)
    return filled


def _following(start: datetime, zoom: Zoom, zone: tzinfo) -> datetime:
    if zoom is Zoom.HOUR:
        return start + timedelta(hours=1)
    day = start.astimezone(zone).date()
    if zoom is Zoom.DAY:
        return midnight_of(day + timedelta(days=1), zone)
    return midnight_of((day.replace(day=1) + timedelta(days=32)).replace(day=1), zone)


def _agents(facts: Facts, names: Mapping[AgentId, str]) -> list[AgentLine]:
    lines: dict[AgentId, list[tuple[str, Sums]]] = {}
    for (agent_id, disposition), sums in facts.by_agent.items():
        if agent_id:
            lines.setdefault(agent_id, []).append((disposition, sums))
    agents = []
    for agent_id, parts in lines.items():
        calls = sum(sums.to_agents for _, sums in parts)
        talk_s = sum(sums.talk_s for _, sums in parts)
        wrap_up_s = sum(sums.wrap_up_s for _, sums in parts)
        agent = AgentLine(
            agent_id=agent_id,
            name=names.get(agent_id, agent_id),
            calls=calls,
            talk_s=round(talk_s, 1),
            wrap_up_s=round(wrap_up_s, 1),
            mean_talk_s=_mean(talk_s, calls),
            mean_wrap_up_s=_mean(wrap_up_s, calls),
            dispositions={code: sums.to_agents for code, sums in sorted(parts, key=_code)},
        )
        agents.append(agent)
    return sorted(agents, key=lambda line: (-line.calls, line.name))


def _code(part: tuple[str, Sums]) -> str:
    return part[0]


def _dispositions(facts: Facts) -> list[DispositionLine]:
    calls: Counter[str] = Counter()
    for (agent_id, disposition), sums in facts.by_agent.items():
        if agent_id:
            calls[disposition] += sums.to_agents
    whole = sum(calls.values())
    lines = [
        DispositionLine(disposition=code, calls=count, pct=percent(count, whole))
        for code, count in calls.items()
    ]
    return sorted(lines, key=lambda line: (-line.calls, line.disposition))


def local(at: datetime, zone: tzinfo) -> datetime:
    """Return the wall-clock time of an instant, without zone, to the second (for files)."""
    return at.astimezone(UTC).astimezone(zone).replace(tzinfo=None, microsecond=0)
