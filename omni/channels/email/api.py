"""The HTTP API of email: conversations for agents, mailboxes and ledgers for administrators."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from pydantic import ConfigDict, Field

from omni.channels.email.model import (
    Address,
    Draft,
    LedgerLine,
    Limits,
    Mailbox,
    Security,
    Server,
    StoredFile,
    TokenPlace,
)
from omni.channels.email.service.conversation import PLAIN_TYPES, SHOWN_PICTURES, ShownMail
from omni.channels.email.service.email import Email
from omni.channels.email.service.mailboxes import MailboxView
from omni.core.endpoint import Call, Download, Endpoint, Upload, Wire
from omni.core.ids import EntryPointId, InteractionId, MailboxId, MailId
from omni.core.terms import Role

AGENTS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
WRITERS = frozenset({Role.AGENT})
ADMINS = frozenset({Role.ADMIN})


class MailAddress(Wire):
    """An address with the name shown beside it."""

    address: str
    name: str


class MailAttachment(Wire):
    """A file of a mail; its content is at `/api/mail-attachments/{attachment_id}`."""

    attachment_id: str
    file_name: str
    media_type: str
    size_bytes: int
    inline: bool


class Mail(Wire):
    """One mail of a conversation.

    `html` is clean and meant for a sandboxed frame, "" when the mail is plain text. `own_text` is
    the text without quotes. `kind`: person | auto_reply | automatic | bounce. `state`: received |
    queued | sending | sent | failed | bounced | cancelled. `blocked_images`: how many pictures
    from elsewhere were left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    mail_id: MailId
    interaction_id: InteractionId
    direction: str
    kind: str
    from_: MailAddress = Field(alias="from")
    to: list[MailAddress]
    cc: list[MailAddress]
    reply_to: list[MailAddress]
    subject: str
    at: datetime
    sent_at: datetime | None
    html: str
    text: str
    own_text: str
    attachments: list[MailAttachment]
    blocked_images: int
    state: str
    reason: str
    agent_id: str | None


class MailsQuery(Wire):
    """`remote_images`: also show pictures that are fetched from elsewhere."""

    remote_images: bool = False


class MailBody(Wire):
    """An answer. Without `to` and `cc` it goes to all whom the customer's last mail names."""

    text: str = Field(default="", max_length=500_000)
    html: str = Field(default="", max_length=2_000_000)
    to: list[str] | None = Field(default=None, max_length=100)
    cc: list[str] | None = Field(default=None, max_length=100)
    attachment_ids: list[str] = Field(default=[], max_length=50)


class MailQueued(Wire):
    """The answer is in the outbox; for `undo_s` of its mailbox it can be taken back."""

    mail_id: MailId
    state: str


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
    """A mailbox and how it is doing. `state`: "" (not read yet) | up | down, with its reason."""

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
    """Return the API of this service."""
    return [*_conversation_endpoints(email), *_mailbox_endpoints(email)]


def _conversation_endpoints(email: Email) -> list[Endpoint]:
    async def mails(call: Call) -> list[Mail]:
        shown = await email.conversation.mails(
            InteractionId(call.path["interaction_id"]), remote_images=call.query.remote_images
        )
        return [_mail(one) for one in shown]

    async def reply(call: Call) -> MailQueued:
        mail = await email.replies.reply(
            call.actor.agent_id, InteractionId(call.path["interaction_id"]), _draft(call.body)
        )
        return MailQueued(mail_id=mail.mail_id, state=mail.state.value)

    async def take_back(call: Call) -> None:
        await email.replies.take_back(call.actor.agent_id, MailId(call.path["mail_id"]))

    async def send_again(call: Call) -> None:
        await email.replies.send_again(call.actor.agent_id, MailId(call.path["mail_id"]))

    async def draft(call: Call) -> MailBody:
        found = await email.replies.draft(
            call.actor.agent_id, InteractionId(call.path["interaction_id"])
        )
        return MailBody(
            text=found.text,
            html=found.html,
            to=None if found.to is None else list(found.to),
            cc=None if found.cc is None else list(found.cc),
            attachment_ids=list(found.attachment_ids),
        )

    async def save_draft(call: Call) -> None:
        await email.replies.save_draft(
            call.actor.agent_id, InteractionId(call.path["interaction_id"]), _draft(call.body)
        )

    async def upload(call: Call) -> MailAttachment:
        body: Upload = call.body
        file = await email.replies.upload(
            call.actor.agent_id, unquote(body.file_name), body.media_type, body.chunks
        )
        return _attachment(file)

    async def download(call: Call) -> Download:
        file, content = await email.conversation.file(call.path["attachment_id"])
        safe = file.media_type in PLAIN_TYPES
        return Download(
            file.file_name,
            file.media_type if safe else "application/octet-stream",
            _chunks(content),
            inline=file.media_type in SHOWN_PICTURES,
        )

    async def raw(call: Call) -> Download:
        content = await email.conversation.raw(MailId(call.path["mail_id"]))
        return Download("mail.eml", "application/octet-stream", _chunks(content))

    mails_path = "/api/interactions/{interaction_id}/mails"
    draft_path = "/api/interactions/{interaction_id}/mail-draft"
    return [
        Endpoint(
            "GET",
            mails_path,
            "Show a conversation by mail.",
            mails,
            AGENTS,
            query=MailsQuery,
            result=list[Mail],
        ),
        Endpoint("POST", mails_path, "Answer.", reply, WRITERS, body=MailBody, result=MailQueued),
        Endpoint("GET", draft_path, "Show the draft.", draft, WRITERS, result=MailBody),
        Endpoint("PUT", draft_path, "Keep the draft.", save_draft, WRITERS, body=MailBody),
        Endpoint("DELETE", "/api/mails/{mail_id}", "Take an answer back.", take_back, WRITERS),
        Endpoint(
            "POST", "/api/mails/{mail_id}/send-again", "Send a failed one.", send_again, WRITERS
        ),
        Endpoint(
            "GET", "/api/mails/{mail_id}/raw", "Download a mail.", raw, AGENTS, result=Download
        ),
        Endpoint(
            "POST",
            "/api/mail-attachments",
            "Upload a file for an answer.",
            upload,
            WRITERS,
            body=Upload,
            result=MailAttachment,
        ),
        Endpoint(
            "GET",
            "/api/mail-attachments/{attachment_id}",
            "Download a file of a mail.",
            download,
            AGENTS,
            result=Download,
        ),
    ]


def _mailbox_endpoints(email: Email) -> list[Endpoint]:
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
        return Download(f"quarantined-{number}.eml", "application/octet-stream", _chunks(content))

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


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 256 * 1024):
        yield content[start : start + 256 * 1024]


def _draft(body: MailBody) -> Draft:
    return Draft(
        text=body.text,
        html=body.html,
        to=None if body.to is None else tuple(body.to),
        cc=None if body.cc is None else tuple(body.cc),
        attachment_ids=tuple(body.attachment_ids),
    )


def _address(one: Address) -> MailAddress:
    return MailAddress(address=one.address, name=one.name)


def _attachment(file: StoredFile) -> MailAttachment:
    return MailAttachment(
        attachment_id=file.attachment_id,
        file_name=file.file_name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        inline=file.inline,
    )


def _mail(shown: ShownMail) -> Mail:
    mail = shown.mail
    return Mail(
        mail_id=mail.mail_id,
        interaction_id=mail.interaction_id,
        direction=mail.direction.value,
        kind=mail.kind.value,
        **{"from": _address(mail.sender)},
        to=[_address(one) for one in mail.to],
        cc=[_address(one) for one in mail.cc],
        reply_to=[_address(one) for one in mail.reply_to],
        subject=mail.subject,
        at=mail.at,
        sent_at=mail.sent_at,
        html=shown.page.html,
        text=mail.text,
        own_text=shown.own_text,
        attachments=[_attachment(file) for file in mail.files],
        blocked_images=shown.page.blocked_images,
        state=mail.state.value,
        reason=mail.reason,
        agent_id=mail.agent_id,
    )


def _server(body: dict[str, Any], known: Server | None) -> Server:
    password = body.pop("password", None)
    if password is None:
        password = known.password if known is not None else ""
    return Server(**{**body, "security": Security(body["security"])}, password=password)


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
