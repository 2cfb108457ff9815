"""Between the tables' rows and the values of `model`; only `store` uses it."""

from dataclasses import asdict
from typing import Any

from omni.channels.email.model import (
    Address,
    Handling,
    Kind,
    LedgerLine,
    LedgerState,
    Mailbox,
    MailState,
    Outbound,
    Security,
    Server,
    StoredFile,
    StoredMail,
    Thread,
    TokenPlace,
)
from omni.channels.email.tables import (
    ADDRESS,
    MailboxRecord,
    MailFileRecord,
    MailHandlingRecord,
    MailLedgerRecord,
    MailOutboxRecord,
    MailRecord,
    MailThreadRecord,
)
from omni.core.ids import AgentId, EntryPointId, InteractionId, MailboxId, MailId
from omni.core.seal import Seal
from omni.core.terms import Direction


def server_of(row: Any, seal: Seal) -> Server:
    """Return a server from its JSON."""
    password = seal.open(row["password"])
    return Server(**{**row, "security": Security(row["security"]), "password": password})


def mailbox_of(row: MailboxRecord, seal: Seal) -> Mailbox:
    """Return a mailbox from its row."""
    options: Any = row.options
    return Mailbox(
        mailbox_id=MailboxId(row.mailbox_id),
        name=row.name,
        address=row.address,
        entry_point_id=EntryPointId(row.entry_point_id) if row.entry_point_id else None,
        enabled=row.enabled,
        imap=server_of(row.imap, seal),
        smtp=server_of(row.smtp, seal),
        folder=options["folder"],
        display_name=options["display_name"],
        signature=options["signature"],
        aliases=tuple(options["aliases"]),
        reply_token=TokenPlace(options["reply_token"]),
        undo_s=options["undo_s"],
        size_limit_bytes=options["size_limit_bytes"],
    )


def _server_row(server: Server, seal: Seal) -> dict[str, Any]:
    return {**asdict(server), "password": seal.close(server.password)}


def row_of_mailbox(mailbox: Mailbox, seal: Seal) -> dict[str, Any]:
    """Return the columns of a mailbox beside its key."""
    return {
        "name": mailbox.name,
        "address": mailbox.address,
        "entry_point_id": mailbox.entry_point_id,
        "enabled": mailbox.enabled,
        "imap": _server_row(mailbox.imap, seal),
        "smtp": _server_row(mailbox.smtp, seal),
        "options": {
            "folder": mailbox.folder,
            "display_name": mailbox.display_name,
            "signature": mailbox.signature,
            "aliases": list(mailbox.aliases),
            "reply_token": mailbox.reply_token.value,
            "undo_s": mailbox.undo_s,
            "size_limit_bytes": mailbox.size_limit_bytes,
        },
    }


def _addresses(rows: list[list[str]]) -> tuple[Address, ...]:
    return tuple(Address(address, name) for address, name in rows)


def _pairs(addresses: tuple[Address, ...]) -> list[list[str]]:
    return [[one.address, one.name] for one in addresses]


def mail_of(row: MailRecord, files: tuple[StoredFile, ...] = ()) -> StoredMail:
    """Return a mail from its row."""
    return StoredMail(
        mail_id=MailId(row.mail_id),
        mailbox_id=MailboxId(row.mailbox_id),
        thread_id=row.thread_id,
        interaction_id=InteractionId(row.interaction_id),
        direction=Direction(row.direction),
        state=MailState(row.state),
        kind=Kind(row.kind),
        message_id=row.message_id,
        content_hash=row.content_hash,
        sender=Address(row.from_address, row.from_name),
        reply_to=_addresses(row.recipients["reply_to"]),
        to=_addresses(row.recipients["to"]),
        cc=_addresses(row.recipients["cc"]),
        subject=row.subject,
        text=row.text,
        html=row.html,
        at=row.at,
        sent_at=row.sent_at,
        references=tuple(row.references),
        raw_sha256=row.raw_sha256,
        opens=row.opens,
        routed_at=row.routed_at,
        agent_id=AgentId(row.agent_id) if row.agent_id else None,
        reason=row.reason,
        files=files,
    )


def row_of_mail(mail: StoredMail) -> MailRecord:
    """Return the row of a mail."""
    return MailRecord(
        mail_id=mail.mail_id,
        mailbox_id=mail.mailbox_id,
        thread_id=mail.thread_id,
        interaction_id=mail.interaction_id,
        direction=mail.direction.value,
        state=mail.state.value,
        kind=mail.kind.value,
        message_id=mail.message_id,
        content_hash=mail.content_hash,
        from_address=mail.sender.address[:ADDRESS],
        from_name=mail.sender.name[:200],
        recipients={
            "reply_to": _pairs(mail.reply_to),
            "to": _pairs(mail.to),
            "cc": _pairs(mail.cc),
        },
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        at=mail.at,
        sent_at=mail.sent_at,
        references=list(mail.references),
        raw_sha256=mail.raw_sha256,
        opens=mail.opens,
        routed_at=mail.routed_at,
        agent_id=mail.agent_id,
        reason=mail.reason[:300],
    )


def file_of(row: MailFileRecord) -> StoredFile:
    """Return a file from its row."""
    return StoredFile(
        row.attachment_id,
        row.file_name,
        row.media_type,
        row.size_bytes,
        row.content_id,
        row.inline,
        row.sha256,
    )


def row_of_file(file: StoredFile, **more: Any) -> MailFileRecord:
    """Return the row of a file; `more`: the mail it is in or who uploaded it."""
    return MailFileRecord(
        attachment_id=file.attachment_id,
        file_name=file.file_name[:200],
        media_type=file.media_type[:180],
        size_bytes=file.size_bytes,
        content_id=file.content_id[:500],
        inline=file.inline,
        sha256=file.sha256,
        **more,
    )


def thread_of(row: MailThreadRecord) -> Thread:
    """Return a thread from its row."""
    return Thread(
        row.thread_id,
        row.token,
        MailboxId(row.mailbox_id),
        InteractionId(row.interaction_id),
        row.open,
    )


def handling_of(row: MailHandlingRecord) -> Handling:
    """Return an interaction of a thread from its row."""
    return Handling(
        InteractionId(row.interaction_id),
        row.thread_id,
        MailboxId(row.mailbox_id),
        row.state,
        AgentId(row.agent_id) if row.agent_id else None,
    )


def line_of(row: MailLedgerRecord) -> LedgerLine:
    """Return a line of the ledger from its row."""
    return LedgerLine(
        mailbox_id=MailboxId(row.mailbox_id),
        uid_validity=row.uid_validity,
        uid=row.uid,
        state=LedgerState(row.state),
        at=row.at,
        reason=row.reason,
        mail_id=MailId(row.mail_id) if row.mail_id else None,
        raw_sha256=row.raw_sha256,
        subject=row.subject,
        size_bytes=row.size_bytes,
    )


def row_of_line(line: LedgerLine) -> MailLedgerRecord:
    """Return the row of a line of the ledger."""
    return MailLedgerRecord(
        mailbox_id=line.mailbox_id,
        uid_validity=line.uid_validity,
        uid=line.uid,
        state=line.state.value,
        reason=line.reason,
        mail_id=line.mail_id,
        raw_sha256=line.raw_sha256,
        subject=line.subject,
        size_bytes=line.size_bytes,
        at=line.at,
    )


def queued_of(row: MailOutboxRecord) -> Outbound:
    """Return a mail of the outbox from its row."""
    return Outbound(
        MailId(row.mail_id),
        MailboxId(row.mailbox_id),
        row.attempts,
        row.first_at,
        row.sender,
        tuple(row.recipients),
        row.raw_sha256,
    )
