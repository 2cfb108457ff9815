"""The API of promised calls, for those who lead agents: see, move, give to another, cancel."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import AwareDatetime, Field

from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.ids import ContactId
from omni.core.terms import STAFF
from omni.dialer import conversions as to
from omni.dialer.callbacks import Callbacks
from omni.dialer.model import CallbackSearch, Contact, ContactState
from omni.dialer.ports import People
from omni.dialer.wire import ContactOut, PageQuery

PAGE_ROWS = 50


class CallbackQuery(PageQuery):
    """Which promises. `agent_id` "": those that anybody may keep. `overdue`: their time is over."""

    campaign_id: str | None = None
    agent_id: str | None = None
    overdue: bool = False


class CallbackOut(Wire):
    """A promise to call. `agent_id` null: anybody of the campaign. `calling`: at this moment."""

    contact_id: str
    campaign_id: str
    number: str
    name: str
    at: datetime
    overdue: bool
    agent_id: str | None
    agent_name: str
    note: str
    calling: bool


class CallbackPage(Wire):
    """One page of promises, the earliest first."""

    page: int
    page_size: int
    total: int
    rows: list[CallbackOut]


class CallbackBody(Wire):
    """Promise a contact a call, or move it; without `agent_id` anybody of the campaign calls."""

    at: AwareDatetime
    agent_id: str | None = None
    note: str = Field(default="", max_length=500)


def endpoints(callbacks: Callbacks, people: People) -> list[Endpoint]:
    """Return the rows of promised calls."""

    async def listing(call: Call) -> CallbackPage:
        query: CallbackQuery = call.query
        now = callbacks.now()
        search = CallbackSearch(query.campaign_id, query.agent_id, now if query.overdue else None)
        total, rows = await callbacks.page(search, query.page, PAGE_ROWS)
        names = await people.names({row.callback_agent for row in rows if row.callback_agent})
        return CallbackPage(
            page=query.page,
            page_size=PAGE_ROWS,
            total=total,
            rows=[_row(row, names, now) for row in rows],
        )

    async def put(call: Call) -> ContactOut:
        body: CallbackBody = call.body
        contact_id = ContactId(call.path["contact_id"])
        return to.contact_out(
            await callbacks.put(contact_id, body.at, body.agent_id or "", body.note)
        )

    async def cancel(call: Call) -> ContactOut:
        return to.contact_out(await callbacks.cancel(ContactId(call.path["contact_id"])))

    of_contact = "/api/contacts/{contact_id}/callback"
    return [
        Endpoint(
            "GET",
            "/api/callbacks",
            "List promised calls",
            listing,
            STAFF,
            query=CallbackQuery,
            result=CallbackPage,
        ),
        Endpoint(
            "PUT",
            of_contact,
            "Promise a contact a call, or move it",
            put,
            STAFF,
            body=CallbackBody,
            result=ContactOut,
        ),
        Endpoint(
            "DELETE",
            of_contact,
            "Give a promised call up",
            cancel,
            STAFF,
            result=ContactOut,
        ),
    ]


def _row(contact: Contact, names: Mapping[str, str], now: datetime) -> CallbackOut:
    assert contact.callback_at is not None, "the store looks for promises"
    return CallbackOut(
        contact_id=contact.contact_id,
        campaign_id=contact.campaign_id,
        number=contact.number,
        name=contact.name,
        at=contact.callback_at,
        overdue=contact.callback_at < now,
        agent_id=contact.callback_agent or None,
        agent_name=names.get(contact.callback_agent, ""),
        note=contact.callback_note,
        calling=contact.state is ContactState.DIALING,
    )
