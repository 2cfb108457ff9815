"""The HTTP API of the calendars: opening hours with a name, and when they change next."""

from datetime import date, datetime

from pydantic import Field

from omni.acd.administration import Administration
from omni.acd.bodies import Name
from omni.acd.engine.hours import faults, is_open, next_change
from omni.acd.model import Calendar, Holiday, Hours, Shift, SpecialDay
from omni.core.clock import Clock, Identities
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.errors import Invalid
from omni.core.ids import CalendarId
from omni.core.terms import MANAGERS, STAFF

CHANGES = 6
_DAYS_MAX = 1_000


class ShiftBody(Wire):
    """Open on a day (0 Monday … 6 Sunday) between two minutes after midnight."""

    day: int = Field(ge=0, le=6)
    start_min: int = Field(ge=0, le=1440)
    end_min: int = Field(ge=0, le=1440)


class SpecialDayBody(Wire):
    """A date with hours of its own; none: closed."""

    date: date
    open: tuple[tuple[int, int], ...] = Field(default=(), max_length=24)
    name: str = Field(default="", max_length=80)


class HolidayBody(Wire):
    """A date on which it is closed all day."""

    date: date
    name: str = Field(default="", max_length=80)


class OpeningHours(Wire):
    """Opening hours in the wall-clock time of a zone (IANA name)."""

    time_zone: str = Field(max_length=64)
    week: tuple[ShiftBody, ...] = Field(default=(), max_length=168)
    special: tuple[SpecialDayBody, ...] = Field(default=(), max_length=_DAYS_MAX)
    holidays: tuple[HolidayBody, ...] = Field(default=(), max_length=_DAYS_MAX)


class CalendarNew(OpeningHours):
    """A calendar."""

    name: Name


class ChangeBody(Wire):
    """At this instant it opens, or closes."""

    at: datetime
    open: bool


class CalendarBody(CalendarNew):
    """A calendar. `changes`: when it opens and closes next."""

    calendar_id: CalendarId
    open_now: bool
    changes: tuple[ChangeBody, ...]


class PreviewBody(Wire):
    """Whether it is open now, and when that changes; `faults`: why it cannot be saved so."""

    faults: tuple[str, ...]
    open_now: bool = False
    changes: tuple[ChangeBody, ...] = ()


class CalendarApi:
    """Handlers."""

    def __init__(
        self, administration: Administration, identities: Identities, clock: Clock
    ) -> None:
        self._administration = administration
        self._identities = identities
        self._clock = clock

    async def calendars(self, call: Call) -> list[CalendarBody]:
        return [self._body(calendar) for calendar in self._administration.calendars()]

    async def add(self, call: Call) -> CalendarBody:
        return await self._save(CalendarId(self._identities.new()), call.body)

    async def change(self, call: Call) -> CalendarBody:
        return await self._save(CalendarId(call.path["calendar_id"]), call.body)

    async def remove(self, call: Call) -> None:
        await self._administration.remove_calendar(CalendarId(call.path["calendar_id"]))

    async def preview(self, call: Call) -> PreviewBody:
        hours = _hours(call.body)
        found = tuple(faults(hours))
        if found:
            return PreviewBody(faults=found)
        now = self._clock.now()
        return PreviewBody(faults=(), open_now=is_open(hours, now), changes=_changes(hours, now))

    async def _save(self, calendar_id: CalendarId, body: CalendarNew) -> CalendarBody:
        calendar = Calendar(calendar_id, body.name, _hours(body))
        for fault in faults(calendar.hours):
            raise Invalid(f"calendar_{fault}", "the hours contradict themselves")
        await self._administration.save_calendar(calendar)
        return self._body(calendar)

    def _body(self, calendar: Calendar) -> CalendarBody:
        hours, now = calendar.hours, self._clock.now()
        return CalendarBody(
            calendar_id=calendar.id,
            name=calendar.name,
            time_zone=hours.time_zone,
            week=tuple(
                ShiftBody(day=shift.day, start_min=shift.start_min, end_min=shift.end_min)
                for shift in hours.week
            ),
            special=tuple(
                SpecialDayBody(date=one.date, open=one.open, name=one.name) for one in hours.special
            ),
            holidays=tuple(HolidayBody(date=one.date, name=one.name) for one in hours.holidays),
            open_now=is_open(hours, now),
            changes=_changes(hours, now),
        )


def calendar_endpoints(api: CalendarApi) -> list[Endpoint]:
    """Return the rows of the API."""
    return [
        Endpoint("GET", "/api/calendars", "List the calendars.", api.calendars, STAFF,
                 result=list[CalendarBody]),
        Endpoint("POST", "/api/calendars", "Add a calendar.", api.add, MANAGERS,
                 body=CalendarNew, result=CalendarBody),
        Endpoint("POST", "/api/calendars/preview", "Say when such hours are open.", api.preview,
                 STAFF, body=OpeningHours, result=PreviewBody),
        Endpoint("PUT", "/api/calendars/{calendar_id}", "Change a calendar.", api.change, MANAGERS,
                 body=CalendarNew, result=CalendarBody),
        Endpoint("DELETE", "/api/calendars/{calendar_id}", "Remove a calendar.", api.remove,
                 MANAGERS),
    ]  # fmt: skip


def _hours(body: OpeningHours) -> Hours:
    return Hours(
        body.time_zone,
        tuple(Shift(shift.day, shift.start_min, shift.end_min) for shift in body.week),
        tuple(SpecialDay(one.date, one.open, one.name) for one in body.special),
        tuple(Holiday(one.date, one.name) for one in body.holidays),
    )


def _changes(hours: Hours, now: datetime) -> tuple[ChangeBody, ...]:
    """Return the next changes, the nearest first; none: it stays as it is."""
    found: list[ChangeBody] = []
    at: datetime | None = now
    while len(found) < CHANGES and at is not None:
        at = next_change(hours, at)
        if at is not None:
            found.append(ChangeBody(at=at, open=is_open(hours, at)))
    return tuple(found)
