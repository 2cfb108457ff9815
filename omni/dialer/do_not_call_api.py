"""The API of the do-not-call list. Types stand in `wire.py`."""

from omni.core.endpoint import Call, Endpoint, Upload
from omni.core.terms import MANAGERS, STAFF
from omni.dialer import conversions as to
from omni.dialer import wire
from omni.dialer.do_not_call import DoNotCallList
from omni.dialer.model import DoNotCallSearch
from omni.dialer.ports import People

PAGE_ROWS = 50


def endpoints(do_not_call: DoNotCallList, people: People) -> list[Endpoint]:
    """Return the rows of the do-not-call list."""

    async def listing(call: Call) -> wire.DoNotCallPage:
        query: wire.DoNotCallQuery = call.query
        search = DoNotCallSearch(query.q, query.campaign_id)
        total, rows = await do_not_call.page(search, query.page, PAGE_ROWS)
        names = await people.names({row.added_by for row in rows})
        return wire.DoNotCallPage(
            page=query.page,
            page_size=PAGE_ROWS,
            total=total,
            rows=[to.do_not_call_out(row, names) for row in rows],
        )

    async def removed(call: Call) -> wire.DoNotCallRemovedPage:
        query: wire.DoNotCallQuery = call.query
        search = DoNotCallSearch(query.q, query.campaign_id)
        total, rows = await do_not_call.removed(search, query.page, PAGE_ROWS)
        names = await people.names({who for row, gone in rows for who in (row.added_by, gone.by)})
        return wire.DoNotCallRemovedPage(
            page=query.page,
            page_size=PAGE_ROWS,
            total=total,
            rows=[to.do_not_call_removed(row, gone, names) for row, gone in rows],
        )

    async def add(call: Call) -> wire.DoNotCallOut:
        body: wire.DoNotCallNew = call.body
        entry = await do_not_call.add(
            body.number,
            campaign_id=body.campaign_id or "",
            reason=body.reason,
            region=body.default_region,
            by=call.actor.user_id,
        )
        return to.do_not_call_out(entry, await people.names({entry.added_by}))

    async def remove(call: Call) -> None:
        body: wire.DoNotCallRemoval = call.body
        await do_not_call.remove(call.path["entry_id"], body.reason, call.actor.user_id)

    async def upload(call: Call) -> wire.DoNotCallUploaded:
        scope: wire.DoNotCallScope = call.query
        added, duplicates, rejected = await do_not_call.upload(
            call.body,
            by=call.actor.user_id,
            campaign_id=scope.campaign_id,
            reason=scope.reason,
            region=scope.default_region,
        )
        return wire.DoNotCallUploaded(added=added, duplicates=duplicates, rejected=rejected)

    at = "/api/do-not-call"
    return [
        Endpoint(
            "GET",
            at,
            "List the do-not-call list",
            listing,
            STAFF,
            query=wire.DoNotCallQuery,
            result=wire.DoNotCallPage,
        ),
        Endpoint(
            "GET",
            f"{at}/removed",
            "List what was taken off the do-not-call list",
            removed,
            STAFF,
            query=wire.DoNotCallQuery,
            result=wire.DoNotCallRemovedPage,
        ),
        Endpoint(
            "POST",
            at,
            "Add a number to the do-not-call list",
            add,
            STAFF,
            body=wire.DoNotCallNew,
            result=wire.DoNotCallOut,
        ),
        Endpoint(
            "POST",
            f"{at}/{{entry_id}}/removal",
            "Take a number off the do-not-call list",
            remove,
            MANAGERS,
            body=wire.DoNotCallRemoval,
        ),
        Endpoint(
            "POST",
            f"{at}/upload",
            "Upload a do-not-call list",
            upload,
            MANAGERS,
            body=Upload,
            query=wire.DoNotCallScope,
            result=wire.DoNotCallUploaded,
        ),
    ]
