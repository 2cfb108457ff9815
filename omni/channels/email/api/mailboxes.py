"""The HTTP API of mailboxes and their ledgers, for administrators."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pydantic import Field

from omni.channels.email.model import LedgerLine, Limits, Mailbox, Security, Server, TokenPlace
from omni.channels.email.service.email import Email
from omni.channels.email.service.mailboxes import MailboxView
from omni.core.endpoint import Call, Download, Endpoint, Wire
from omni.core.ids import EntryPointId, MailboxId, MailId
from omni.core.terms import ADMINS


class ServerBody(Wire):
    """How to reach a mail server. `password` None: as it is; it is never given out."""

    host: str = Field(min_length=1, max_length=255)
    port: int = Field(ge=1, le=65535)
    security: Security = Security.TLS
    username: str = Field(default="", max_length=320)
    password: str | None = Field(default=None, max_length=4000)


class MailboxBody(Wire):
    """A mailbox as it is written."""

    name: str = Field(min_length=1, max_length=200)
    address: str = Field(min_length=3, max_length=320)
    imap: ServerBody
    smtp: ServerBody
    entry_point_id: EntryPointId | None = None
    folder: str = Field(default="INBOX", min_length=1, max_length=200)
    display_name: str = Field(default="", max_length=200)
    signature: str = Field(default="", max_length=5000)
    aliases: list[str] = Field(default=[], max_length=50)
    reply_token: TokenPlace = TokenPlace.BODY
    undo_s: int = Field(default=5, ge=0, le=300)
    enabled: bool = True
    size_limit_bytes: int = Field(default=Limits().size_bytes, ge=10_000, le=Limits().keep_bytes)


class MailboxPatch(Wire):
    """What is to change of a mailbox."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    address: str | None = Field(default=None, min_length=3, max_length=320)
    imap: ServerBody | None = None
    smtp: ServerBody | None = None
    entry_point_id: EntryPointId | None = None
    folder: str | None = Field(default=None, min_length=1, max_length=200)
    display_name: str | None = Field(default=None, max_length=200)
    signature: str | None = Field(default=None, max_length=5000)
    aliases: list[str] | None = Field(default=None, max_length=50)
    reply_token: TokenPlace | None = None
    undo_s: int | None = Field(default=None, ge=0, le=300)
    enabled: bool | None = None
    size_limit_bytes: int | None = Field(default=None, ge=10_000, le=Limits().keep_bytes)


class MailboxRow(Wire):
    """A mailbox and how it is doing.

    `state` of reading and `sending_state`: "" (not known yet) | up | down, each with its reason, a
    code that has a text.
    """

    mailbox_id: MailboxId
    name: str
    address: str
    imap: ServerBody
    smtp: ServerBody
    entry_point_id: EntryPointId | None
    folder: str
    display_name: str
    signature: str
    aliases: list[str]
    reply_token: TokenPlace
    undo_s: int
    enabled: bool
    size_limit_bytes: int
    state: str
    reason: str
    since: datetime | None
    sending_state: str
    sending_reason: str
    imported: int
    duplicates: int
    quarantined: int


class LedgerQuery(Wire):
    """`state`: imported | duplicate | quarantined, "" for all; `before`: the last number seen."""

    state: str = Field(default="", pattern="^(|imported|duplicate|quarantined)$")
    before: int = Field(default=0, ge=0)


class LedgerRow(Wire):
    """What became of one UID. `kept`: the raw mail can be downloaded."""

    number: int
    uid_validity: int
    uid: int
    state: str
    reason: str
    mail_id: MailId | None
    subject: str
    size_bytes: int
    at: datetime
    kept: bool


class LedgerPage(Wire):
    """Lines of a ledger, newest first."""

    lines: list[LedgerRow]


def endpoints(email: Email) -> list[Endpoint]:
    """Return the API of mailboxes."""
    boxes = email.mailboxes

    async def listed(_: Call) -> list[MailboxRow]:
        return [_row(view) for view in await boxes.views()]

    async def add(call: Call) -> MailboxRow:
        return _row(await boxes.save(_mailbox(call.body, None)))

    async def change(call: Call) -> MailboxRow:
        known = (await boxes.view(MailboxId(call.path["mailbox_id"]))).mailbox
        return _row(await boxes.save(_mailbox(call.body, known)))

    async def ledger(call: Call) -> LedgerPage:
        lines = await boxes.ledger(
            MailboxId(call.path["mailbox_id"]), call.query.state, call.query.before
        )
        return LedgerPage(lines=[_ledger_row(number, line) for number, line in lines])

    async def raw(call: Call) -> Download:
        mailbox_id, number = MailboxId(call.path["mailbox_id"]), _number(call)
        content = await boxes.raw(mailbox_id, number)
        return Download(f"quarantined-{number}.eml", "application/octet-stream", _whole(content))

    async def read_again(call: Call) -> None:
        await boxes.read_again(MailboxId(call.path["mailbox_id"]), _number(call))

    path = "/api/mailboxes/{mailbox_id}"
    line = f"{path}/ledger/{{number}}"
    return [
        Endpoint(
            "GET", "/api/mailboxes", "List the mailboxes.", listed, ADMINS, result=list[MailboxRow]
        ),
        Endpoint(
            "POST",
            "/api/mailboxes",
            "Add a mailbox.",
            add,
            ADMINS,
            body=MailboxBody,
            result=MailboxRow,
        ),
        Endpoint(
            "PATCH", path, "Change a mailbox.", change, ADMINS, body=MailboxPatch, result=MailboxRow
        ),
        Endpoint(
            "GET",
            f"{path}/ledger",
            "Show what became of each mail.",
            ledger,
            ADMINS,
            query=LedgerQuery,
            result=LedgerPage,
        ),
        Endpoint(
            "GET", f"{line}/raw", "Download a quarantined mail.", raw, ADMINS, result=Download
        ),
        Endpoint("POST", f"{line}/read-again", "Read it once more.", read_again, ADMINS),
    ]


def _number(call: Call) -> int:
    text = call.path["number"]
    return int(text) if text.isdecimal() and len(text) < 19 else 0


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _server(body: dict[str, Any], known: Server | None) -> Server:
    password = body.pop("password", None)
    if password is None:
        password = known.password if known is not None else ""
    security = Security(body.pop("security", Security.TLS))
    return Server(**body, security=security, password=password)


def _mailbox(body: MailboxBody | MailboxPatch, known: Mailbox | None) -> Mailbox:
    """Return the mailbox that a body describes, on top of the one there is."""
    given = body.model_dump(exclude_unset=known is not None)
    for name in ("imap", "smtp"):
        if given.get(name) is not None:
            given[name] = _server(given[name], getattr(known, name, None))
    if given.get("aliases") is not None:
        given["aliases"] = tuple(given["aliases"])
    if known is None:
        return Mailbox(mailbox_id=MailboxId(""), **given)
    kept = {name: getattr(known, name) for name in Mailbox.__dataclass_fields__}
    changed = {
        name: value
        for name, value in given.items()
        if value is not None or name == "entry_point_id"
    }
    return Mailbox(**{**kept, **changed})


def _server_body(server: Server) -> ServerBody:
    return ServerBody(
        host=server.host, port=server.port, security=server.security, username=server.username
    )


def _row(view: MailboxView) -> MailboxRow:
    box = view.mailbox
    return MailboxRow(
        mailbox_id=box.mailbox_id,
        name=box.name,
        address=box.address,
        imap=_server_body(box.imap),
        smtp=_server_body(box.smtp),
        entry_point_id=box.entry_point_id,
        folder=box.folder,
        display_name=box.display_name,
        signature=box.signature,
        aliases=list(box.aliases),
        reply_token=box.reply_token,
        undo_s=box.undo_s,
        enabled=box.enabled,
        size_limit_bytes=box.size_limit_bytes,
        state=view.state,
        reason=view.reason,
        since=view.since,
        sending_state=view.sending[0],
        sending_reason=view.sending[1],
        imported=view.counts.get("imported", 0),
        duplicates=view.counts.get("duplicate", 0),
        quarantined=view.counts.get("quarantined", 0),
    )


def _ledger_row(number: int, line: LedgerLine) -> LedgerRow:
    return LedgerRow(
        number=number,
        uid_validity=line.uid_validity,
        uid=line.uid,
        state=line.state.value,
        reason=line.reason,
        mail_id=line.mail_id,
        subject=line.subject,
        size_bytes=line.size_bytes,
        at=line.at,
        kept=bool(line.raw_sha256),
    )
