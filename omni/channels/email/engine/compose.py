"""Writing a reply: who gets it, its headers, its text with the quote, its bytes.

Rules:
1. Everybody whom the customer wrote to stays in: To is who wrote (Reply-To first), Cc is all other
   recipients, never one of our own addresses.
2. In-Reply-To, References and an unchanged subject after "Re:" keep it in the customer's thread in
   every client; the token stands in the text or the Reply-To, not in the subject, since clients
   that thread by subject would open a new conversation.
3. The same input gives the same bytes: id, instant and boundaries come in or are derived, so that
   a mail built again after a crash is the same mail.

Sources: RFC 5322 §3.6.2–3.6.4, RFC 3834 (no answers to automatic answers).
"""

import html
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from omni.channels.email.engine.thread import mark, plus_address
from omni.channels.email.model import (
    Address,
    File,
    Mailbox,
    Outgoing,
    ParsedMail,
    Quoted,
    Reply,
    TokenPlace,
)

_REPLY_PREFIX = re.compile(
    r"^((re|aw|antw|sv|vs|回复|答复|回覆)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_MAX_REFERENCES = 20  # the first and the newest: RFC 5322 lets long chains be cut in the middle
_MAX_QUOTE_CHARS = 100_000
_POLICY = SMTP.clone(max_line_length=200, cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a mail of ours this one: its id (without brackets), instant, thread token.

    `automatic`: nobody wrote it.
    """

    message_id: str
    at: datetime
    token: str
    automatic: bool = False


def answered_to(mail: ParsedMail) -> tuple[Address, ...]:
    """Return to whom an answer to this mail goes."""
    return mail.reply_to or (mail.sender,)


def everybody(
    to: Iterable[Address], cc: Iterable[Address], own: Iterable[str]
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Return To and Cc of an answer to all, each address once and none of our own."""
    ours = {_plain(one) for one in own}
    seen: set[str] = set()
    kept: tuple[list[Address], list[Address]] = ([], [])
    for index, group in enumerate((to, cc)):
        for one in group:
            key = one.address.lower()
            if key not in seen and _plain(one.address) not in ours:
                seen.add(key)
                kept[index].append(one)
    return tuple(kept[0]), tuple(kept[1])


def _plain(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def reply_subject(subject: str) -> str:
    """Return the subject of an answer: one "Re:" before what the customer wrote."""
    bare = _REPLY_PREFIX.sub("", " ".join(subject.split())).strip()
    return f"Re: {bare}" if bare else "Re:"


def reply_references(quoted: Quoted) -> tuple[str, ...]:
    """Return the chain of ids that ends in the mail answered."""
    chain = tuple(dict.fromkeys((*quoted.references, quoted.message_id)))
    chain = tuple(one for one in chain if one)
    return chain if len(chain) <= _MAX_REFERENCES else (chain[0], *chain[1 - _MAX_REFERENCES :])


def compose(mailbox: Mailbox, quoted: Quoted, reply: Reply, stamp: Stamp) -> Outgoing:
    """Build the complete answer; `reply.to` and `reply.cc` must be given."""
    sender = Address(mailbox.address, mailbox.display_name or mailbox.name)
    foot = "\n\n".join(_foot(mailbox, stamp))
    text = "\n\n".join(one for one in (reply.text.strip(), foot, _quote(quoted)) if one) + "\n"
    page = _page(reply, foot, quoted) if reply.html else ""
    references = reply_references(quoted)
    message = EmailMessage(policy=_POLICY)
    message["From"] = _header_address(sender)
    message["To"] = tuple(_header_address(one) for one in reply.to or ())
    if reply.cc:
        message["Cc"] = tuple(_header_address(one) for one in reply.cc)
    if mailbox.reply_token in (TokenPlace.PLUS, TokenPlace.BOTH):
        message["Reply-To"] = plus_address(mailbox.address, stamp.token)
    subject = reply_subject(quoted.subject)
    message["Subject"] = subject
    message["Date"] = format_datetime(stamp.at)
    message["Message-ID"] = f"<{stamp.message_id}>"
    if quoted.message_id:
        message["In-Reply-To"] = f"<{quoted.message_id}>"
    if references:
        message["References"] = " ".join(f"<{one}>" for one in references)
    message["X-Omni-Mailbox"] = mailbox.mailbox_id
    if stamp.automatic:
        message["Auto-Submitted"] = "auto-replied"  # RFC 3834 §5
        message["X-Auto-Response-Suppress"] = "All"  # Exchange's word for: do not answer this
    message.set_content(text)
    if page:
        message.add_alternative(page, subtype="html")
    for file in reply.files:
        _attach(message, file)
    _fix_boundaries(message, stamp.message_id)
    return Outgoing(
        message_id=stamp.message_id,
        sender=sender,
        to=reply.to or (),
        cc=reply.cc or (),
        subject=subject,
        in_reply_to=quoted.message_id,
        references=references,
        text=text,
        html=page,
        raw=message.as_bytes(),
    )


def _foot(mailbox: Mailbox, stamp: Stamp) -> Iterable[str]:
    if mailbox.signature.strip():
        yield f"-- \n{mailbox.signature.strip()}"
    if mailbox.reply_token in (TokenPlace.BODY, TokenPlace.BOTH):
        yield mark(stamp.token)


def _introduction(quoted: Quoted) -> str:
    who = " ".join(one for one in (quoted.sender.name, f"<{quoted.sender.address}>") if one)
    at = f"{quoted.sent_at:%Y-%m-%d %H:%M} UTC, " if quoted.sent_at else ""
    return f"{at}{who}:"


def _quote(quoted: Quoted) -> str:
    text = quoted.text[:_MAX_QUOTE_CHARS].strip()
    if not text:
        return ""
    lines = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    return f"{_introduction(quoted)}\n{lines}"


def _page(reply: Reply, foot: str, quoted: Quoted) -> str:
    blocks = [
        reply.html,
        f'<p style="color:#666;white-space:pre-wrap">{html.escape(foot)}</p>' if foot else "",
    ]
    if quoted.text:
        words = html.escape(quoted.text[:_MAX_QUOTE_CHARS]).replace("\n", "<br>\n")
        blocks.append(
            f"<p>{html.escape(_introduction(quoted))}</p>"
            f'<blockquote type="cite" style="margin:0 0 0 8px;padding-left:8px;'
            f'border-left:2px solid #ccc">{words}</blockquote>'
        )
    return "\n".join(one for one in blocks if one)


def _header_address(address: Address) -> HeaderAddress:
    local, _, domain = address.address.rpartition("@")
    name = " ".join(address.name.split())
    with suppress(UnicodeError):  # too long a label or an empty one: the server will say so
        domain = domain.encode("idna").decode("ascii")
    return HeaderAddress(display_name=name, username=local, domain=domain)


def _attach(message: EmailMessage, file: File) -> None:
    maintype, _, subtype = file.media_type.partition("/")
    if maintype in ("message", "multipart", "") or not subtype:
        maintype, subtype = "application", "octet-stream"
    message.add_attachment(
        file.content, maintype=maintype, subtype=subtype, filename=file.file_name
    )


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """Give each level a boundary of our own; the library's are random."""
    name = re.sub(r"[^0-9A-Za-z]", "", message_id)[:50]
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"={number}={name}")
