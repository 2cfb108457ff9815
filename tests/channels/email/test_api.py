"""The HTTP API of email: what a page sends and gets, without the web framework."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from omni.channels.email.api import conversations, mailboxes
from omni.channels.email.api.conversations import Mail, MailBody, MailsQuery
from omni.channels.email.api.mailboxes import LedgerQuery, MailboxBody, MailboxPatch, ServerBody
from omni.channels.email.engine.parse import parse
from omni.channels.email.model import Limits, ParsedMail, Security
from omni.core.endpoint import Actor, Call, Download, Upload
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.messages import MailImported, MailSent
from omni.core.ids import UserId
from omni.core.terms import Role
from tests.channels.email.site import ANN, CUSTOMER, SUPPORT, Site, running
from tests.channels.email.test_parse import office_mail

pytestmark = pytest.mark.usefixtures("database")
ACTOR = Actor(UserId(ANN), "Ann", frozenset({Role.AGENT, Role.ADMIN}))


class Page:
    """Calls the table as the web does, also turning results into JSON."""

    def __init__(self, site: Site) -> None:
        table = [*conversations.endpoints(site.email), *mailboxes.endpoints(site.email)]
        self._table = {(one.method, one.path): one for one in table}

    async def call(
        self,
        method: str,
        path: str,
        names: Mapping[str, str] | None = None,
        query: object = None,
        body: object = None,
    ) -> Any:
        row = self._table[method, path]
        result = await row.handler(Call(ACTOR, names or {}, query, body))
        if row.result is None or row.result is Download:
            return result
        return json.loads(TypeAdapter(row.result).dump_json(result))


async def content(download: Download) -> bytes:
    return b"".join([chunk async for chunk in download.chunks])


async def test_an_agents_page() -> None:
    async with running() as site:
        page = Page(site)
        raw = office_mail().as_bytes().replace(b"img src", b'img title="x" onload="y" src', 1)
        await site.server.put(SUPPORT, raw)
        [event] = await site.events_of(MailImported, 1)
        assert isinstance(event, MailImported)
        assert event.attachments == 1  # the picture in the text is none
        names = {"interaction_id": event.interaction_id}
        path = "/api/interactions/{interaction_id}/mails"
        [mail] = await page.call("GET", path, names, MailsQuery())
        assert mail["from"] == {"address": CUSTOMER, "name": "张三"}
        assert [one["address"] for one in mail["to"]] == [SUPPORT, "bob@x.example"]
        assert [one["address"] for one in mail["cc"]] == ["carol@x.example"]
        picture, report = mail["attachments"]
        assert f'src="/api/mail-attachments/{picture["attachment_id"]}"' in mail["html"]
        assert "onload" not in mail["html"]
        assert mail["state"] == "received"
        shown = await page.call("GET", "/api/mail-attachments/{attachment_id}", picture)
        assert (shown.inline, shown.media_type, await content(shown)) == (True, "image/png", b"PNG")
        file = await page.call("GET", "/api/mail-attachments/{attachment_id}", report)
        assert (file.inline, file.file_name) == (False, "报告.pdf")
        await site.acd.accept(event.interaction_id)
        await site.until(lambda: _has(site, event))

        async def chunks() -> AsyncIterator[bytes]:
            yield b"<script>alert(1)</script>"

        upload = Upload("%E9%A1%B5.html", "text/html", chunks())
        added = await page.call("POST", "/api/mail-attachments", body=upload)
        assert added["file_name"] == "页.html"
        unsafe = await page.call("GET", "/api/mail-attachments/{attachment_id}", added)
        assert (unsafe.inline, unsafe.media_type) == (False, "application/octet-stream")
        body = MailBody(text="Here it is", attachment_ids=[added["attachment_id"]])
        queued = await page.call("POST", path, names, body=body)
        assert queued["state"] == "queued"
        await site.events_of(MailSent, 1)
        [answer] = await site.server.mails(CUSTOMER)
        parsed = parse(answer, Limits())
        assert isinstance(parsed, ParsedMail)
        # Without recipients given, all whom the customer wrote to stay in.
        assert [one.address for one in parsed.cc] == ["bob@x.example", "carol@x.example"]
        _, sent = await page.call("GET", path, names, MailsQuery())
        assert (sent["direction"], sent["state"], sent["text"]) == (
            "outbound",
            "sent",
            "Here it is",
        )
        whole = await page.call("GET", "/api/mails/{mail_id}/raw", sent)
        assert b"Message-ID: <" in await content(whole)
        with pytest.raises(Conflict):
            await page.call("DELETE", "/api/mails/{mail_id}", sent)
        with pytest.raises(NotFound):
            await page.call("GET", path, {"interaction_id": "none"}, MailsQuery())
        with pytest.raises(NotFound):
            await page.call("GET", "/api/mail-attachments/{attachment_id}", {"attachment_id": "no"})


async def _has(site: Site, event: MailImported) -> bool:
    handling = await site.store.handling(event.interaction_id)
    return handling is not None and handling.agent_id == ANN


async def test_an_administrators_page() -> None:
    async with running() as site:
        page = Page(site)
        server = ServerBody(
            host="127.0.0.1",
            port=site.server.imap_port,
            security=Security.NONE,
            username="sales@shop.example",
            password="demo",
        )
        smtp = ServerBody(host="127.0.0.1", port=site.server.smtp_port, security=Security.NONE)
        body = MailboxBody(name="Sales", address="sales@Shop.Example", imap=server, smtp=smtp)
        row = await page.call("POST", "/api/mailboxes", body=body)
        assert (row["address"], row["state"]) == ("sales@shop.example", "")
        assert "demo" not in json.dumps(row)
        await site.server.put("sales@shop.example", b"nothing that is a mail")
        names = {"mailbox_id": row["mailbox_id"]}

        async def quarantined() -> bool:
            rows = await page.call("GET", "/api/mailboxes")
            return any((one["state"], one["quarantined"]) == ("up", 1) for one in rows)

        await site.until(quarantined)
        lines = await page.call("GET", "/api/mailboxes/{mailbox_id}/ledger", names, LedgerQuery())
        [line] = lines["lines"]
        assert (line["reason"], line["kept"]) == ("no_sender", True)
        names["number"] = str(line["number"])
        raw = await page.call("GET", "/api/mailboxes/{mailbox_id}/ledger/{number}/raw", names)
        assert await content(raw) == b"nothing that is a mail"
        again = "/api/mailboxes/{mailbox_id}/ledger/{number}/read-again"
        await page.call("POST", again, names)

        async def entered_again() -> bool:
            lines = await page.call(
                "GET", "/api/mailboxes/{mailbox_id}/ledger", names, LedgerQuery(state="quarantined")
            )
            return [one["number"] > line["number"] for one in lines["lines"]] == [True]

        await site.until(entered_again)
        with pytest.raises(NotFound):
            await page.call("POST", again, {**names, "number": "x"})
        # The password stays when it is not given; a wrong one is said.
        patch = MailboxPatch(name="Sales 2", imap=server.model_copy(update={"password": None}))
        changed = await page.call("PATCH", "/api/mailboxes/{mailbox_id}", names, body=patch)
        assert changed["name"] == "Sales 2"
        patch = MailboxPatch(imap=server.model_copy(update={"password": "wrong"}))
        await page.call("PATCH", "/api/mailboxes/{mailbox_id}", names, body=patch)

        async def refused() -> bool:
            rows = await page.call("GET", "/api/mailboxes")
            return any(one["reason"] == "mail.login_refused" for one in rows)

        await site.until(refused)
        with pytest.raises(Conflict):
            await page.call("POST", "/api/mailboxes", body=body)
        with pytest.raises(Invalid):
            bad = body.model_copy(update={"address": "no address"})
            await page.call("POST", "/api/mailboxes", body=bad)


def test_bodies_are_closed_and_bounded() -> None:
    with pytest.raises(ValidationError):
        MailBody.model_validate({"text": "x", "bcc": ["a@b.example"]})
    with pytest.raises(ValidationError):
        LedgerQuery(state="everything")
    assert "from" in Mail.model_json_schema(mode="serialization")["properties"]
