"""The HTTP API of the black list and the VIP list."""

from pydantic import Field

from omni.acd.callers import LONGEST, CallerRule, Listing
from omni.acd.service import Acd
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import QueueId
from omni.core.terms import STAFF


class CallerBody(Wire):
    """An entry: an address, `+4479*`, or `@example.com`; see `omni.acd.callers`."""

    pattern: str = Field(min_length=1, max_length=LONGEST)
    listing: Listing
    priority: int = Field(default=0, ge=0, le=9)
    queue_id: QueueId | None = None
    note: str = Field(default="", max_length=200)


class CallerPattern(Wire):
    """Which entry."""

    pattern: str = Field(min_length=1, max_length=LONGEST)


class CallerApi:
    """Handlers."""

    def __init__(self, acd: Acd) -> None:
        self._acd = acd

    async def callers(self, call: Call) -> list[CallerBody]:
        return [_body(rule) for rule in self._acd.callers()]

    async def save(self, call: Call) -> CallerBody:
        body: CallerBody = call.body
        return _body(await self._acd.save_caller(CallerRule(**dict(body))))

    async def remove(self, call: Call) -> None:
        body: CallerPattern = call.body
        await self._acd.remove_caller(body.pattern)


def caller_endpoints(acd: Acd) -> list[Endpoint]:
    """Return the rows of the API."""
    api = CallerApi(acd)
    return [
        Endpoint("GET", "/api/callers", "Read the black list and the VIP list.", api.callers,
                 STAFF, result=list[CallerBody]),
        Endpoint("PUT", "/api/callers", "Add or change an entry.", api.save, STAFF,
                 body=CallerBody, result=CallerBody),
        Endpoint("POST", "/api/callers/remove", "Remove an entry.", api.remove, STAFF,
                 body=CallerPattern),
    ]  # fmt: skip


def _body(rule: CallerRule) -> CallerBody:
    return CallerBody(
        pattern=rule.pattern,
        listing=rule.listing,
        priority=rule.priority,
        queue_id=rule.queue_id,
        note=rule.note,
    )
