"""The HTTP API of conversations by mail, for agents."""

from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import unquote

from pydantic import ConfigDict, Field

from omni.channels.email.model import Address, Draft, StoredFile
from omni.channels.email.service.conversation import PLAIN_TYPES, SHOWN_PICTURES, ShownMail
from omni.channels.email.service.email import Email
from omni.core.endpoint import Call, Download, Endpoint, Upload, Wire
from omni.core.ids import InteractionId, MailId
from omni.core.terms import AGENTS, Role

READERS = frozenset({Role.AGENT, Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})


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


def endpoints(email: Email) -> list[Endpoint]:
    """Return the API of conversations."""

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
            READERS,
            query=MailsQuery,
            result=list[Mail],
        ),
        Endpoint("POST", mails_path, "Answer.", reply, AGENTS, body=MailBody, result=MailQueued),
        Endpoint("GET", draft_path, "Show the draft.", draft, AGENTS, result=MailBody),
        Endpoint("PUT", draft_path, "Keep the draft.", save_draft, AGENTS, body=MailBody),
        Endpoint("DELETE", "/api/mails/{mail_id}", "Take an answer back.", take_back, AGENTS),
        Endpoint(
            "POST", "/api/mails/{mail_id}/send-again", "Send a failed one.", send_again, AGENTS
        ),
        Endpoint(
            "GET", "/api/mails/{mail_id}/raw", "Download a mail.", raw, READERS, result=Download
        ),
        Endpoint(
            "POST",
            "/api/mail-attachments",
            "Upload a file for an answer.",
            upload,
            AGENTS,
            body=Upload,
            result=MailAttachment,
        ),
        Endpoint(
            "GET",
            "/api/mail-attachments/{attachment_id}",
            "Download a file of a mail.",
            download,
            READERS,
            result=Download,
        ),
    ]


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
