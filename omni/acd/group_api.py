"""The HTTP API of the groups: when they are open, and opening and closing them by hand."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from omni.acd.administration import Administration, find_part
from omni.acd.bodies import LoadBody, Name, load_body, load_of
from omni.acd.engine.openings import Cause
from omni.acd.model import Group
from omni.acd.service import Acd
from omni.core.clock import Identities
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import AnnouncementId, CalendarId, GroupId
from omni.core.terms import ADMINS, STAFF


class Hand(StrEnum):
    """Whether somebody opened or closed a group by hand."""

    AUTOMATIC = "automatic"
    OPEN = "open"
    CLOSED = "closed"


class GroupTimes(Wire):
    """When a group is open by itself: within the calendar, and while so much waits."""

    calendar_id: CalendarId | None = None
    load: LoadBody | None = None


class GroupNew(Wire):
    """A new group."""

    name: Name
    open: bool = True
    times: GroupTimes = GroupTimes()
    announcement_id: AnnouncementId | None = None


class GroupBody(GroupNew):
    """A group of agents. `cause`: why it is open or closed now, since then."""

    group_id: GroupId
    hand: Hand
    cause: Cause
    since: datetime | None = None


class GroupPatch(Wire):
    """What to change of a group."""

    name: Name | None = None
    open: bool | None = None
    times: GroupTimes | None = None
    announcement_id: AnnouncementId | None = Field(default=None, description='"": none any more')


class HandBody(Wire):
    """What is done with a group by hand; it holds at once."""

    hand: Hand


class GroupApi:
    """Handlers."""

    def __init__(self, acd: Acd, administration: Administration, identities: Identities) -> None:
        self._acd = acd
        self._administration = administration
        self._identities = identities

    async def groups(self, call: Call) -> list[GroupBody]:
        return [self._body(group) for group in self._acd.plan.groups]

    async def add(self, call: Call) -> GroupBody:
        body: GroupNew = call.body
        new = GroupId(self._identities.new())
        group = Group(new, body.name, body.open, announcement_id=body.announcement_id or None)
        return await self._save(_timed(group, body.times))

    async def change(self, call: Call) -> GroupBody:
        body: GroupPatch = call.body
        group = _timed(self._group(call), body.times)
        if body.announcement_id is not None:
            group = replace(group, announcement_id=body.announcement_id or None)
        if body.open is not None:
            group = replace(group, open=body.open)
        return await self._save(replace(group, name=body.name or group.name))

    async def by_hand(self, call: Call) -> GroupBody:
        body: HandBody = call.body
        group = self._group(call)
        kept_open = body.hand is Hand.OPEN
        return await self._save(
            replace(group, open=body.hand is not Hand.CLOSED, kept_open=kept_open)
        )

    async def _save(self, group: Group) -> GroupBody:
        await self._administration.save_group(group)
        return self._body(group)

    def _group(self, call: Call) -> Group:
        return find_part(self._acd.plan.groups, call.path["group_id"])

    def _body(self, group: Group) -> GroupBody:
        row = self._acd.group_row(group.id)
        return GroupBody(
            group_id=group.id,
            name=group.name,
            open=group.open,
            times=GroupTimes(calendar_id=group.calendar_id, load=load_body(group.load)),
            announcement_id=group.announcement_id,
            hand=_hand(group),
            cause=Cause.PLANNED if row is None else row.cause,
            since=None if row is None else row.since,
        )


def group_endpoints(api: GroupApi) -> list[Endpoint]:
    """Return the rows of the API."""
    return [
        Endpoint("GET", "/api/groups", "List the groups.", api.groups, STAFF,
                 result=list[GroupBody]),
        Endpoint("POST", "/api/groups", "Add a group.", api.add, ADMINS,
                 body=GroupNew, result=GroupBody),
        Endpoint("PATCH", "/api/groups/{group_id}", "Change a group.", api.change, ADMINS,
                 body=GroupPatch, result=GroupBody),
        Endpoint("POST", "/api/groups/{group_id}/opening", "Open or close a group by hand.",
                 api.by_hand, STAFF, body=HandBody, result=GroupBody),
    ]  # fmt: skip


def _timed(group: Group, times: GroupTimes | None) -> Group:
    if times is None:
        return group
    return replace(group, calendar_id=times.calendar_id, load=load_of(times.load))


def _hand(group: Group) -> Hand:
    if not group.open:
        return Hand.CLOSED
    return Hand.OPEN if group.kept_open else Hand.AUTOMATIC
