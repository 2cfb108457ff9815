"""From the bytes of a mail to a `ParsedMail`, or to an `Unreadable` with its reason.

Rules:
1. Total: any bytes give one of the two values.
2. All recipients are kept. Text is what a person would read; HTML is left as it came (cleaning is
   the gateway's, at the time of showing). What is not text becomes a file.
3. `content_hash` tells two mails apart that share an id, and knows the same mail again that came on
   another way: with an id it is made of what the sender wrote, without one of every byte.

Sources: RFC 5322, RFC 2046, RFC 2387 (related), RFC 2183 (disposition).
"""

import hashlib
import html
import re
from dataclasses import dataclass

from omni.channels.email.engine.automatic import bounce_of, is_report, kind_of
from omni.channels.email.engine.fields import addresses, ids, instant, message_id
from omni.channels.email.engine.mime import (
    Headers,
    Part,
    TooMuch,
    parameter,
    read_tree,
    split_headers,
)
from omni.channels.email.engine.plain import text_of_html, tidy_lines
from omni.channels.email.engine.words import header_text, text_of
from omni.channels.email.model import Address, File, Kind, Limits, ParsedMail, Reason, Unreadable

_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SENDER_FIELDS = ("from", "reply-to", "sender", "x-original-sender", "return-path")
_DELIVERED_FIELDS = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "resent-to",
    "resent-cc",
)
_MAX_SUBJECT = 1000
_EXTENSIONS = {
    "text/calendar": "ics",
    "text/html": "html",
    "text/plain": "txt",
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "application/ms-tnef": "dat",
    "message/delivery-status": "txt",
    "text/rfc822-headers": "txt",
}


def parse(raw: bytes, limits: Limits) -> ParsedMail | Unreadable:
    """Read a raw mail."""
    if len(raw) > limits.size_bytes:
        return unreadable(raw, Reason.TOO_LARGE, limits)
    try:
        root, defects = read_tree(raw, limits)
    except TooMuch as exc:
        return unreadable(raw, exc.reason, limits)
    headers = root.headers
    sender = _sender(headers)
    if sender is None:
        return unreadable(raw, Reason.NO_SENDER, limits)
    body = _body(raw, root, limits)
    bounce = bounce_of(raw, root, sender.address, limits)
    kind = kind_of(headers, sender.address, bounce)
    if kind is Kind.PERSON and is_report(root):
        kind = Kind.AUTOMATIC  # read receipts, notices of delay or delivery
    own_id = message_id(headers)
    return ParsedMail(
        message_id=own_id,
        content_hash=_hash(raw, headers, root.start, own_id),
        sender=sender,
        reply_to=addresses(headers.raw("reply-to")),
        to=addresses(headers.raw("to")),
        cc=addresses(headers.raw("cc")),
        delivered_to=_delivered_to(headers),
        subject=headers.text("subject")[:_MAX_SUBJECT],
        sent_at=instant(headers),
        in_reply_to=ids(headers.raw("in-reply-to")),
        references=ids(headers.raw("references")),
        text=body.text,
        html=body.html,
        files=tuple(body.files),
        kind=kind,
        bounce=bounce,
        omni_mailbox=headers.plain("x-omni-mailbox")[:26],
        defects=tuple(defects),
    )


def unreadable(raw: bytes, reason: Reason, limits: Limits) -> Unreadable:
    """Return what can be said about a mail that is not taken apart."""
    try:
        headers, body = split_headers(raw, 0, len(raw), limits)
    except TooMuch:
        headers, body = Headers([]), 0
    own_id = message_id(headers)
    subject = headers.text("subject")[:_MAX_SUBJECT]
    return Unreadable(reason, _hash(raw, headers, body, own_id), own_id, subject)


def _hash(raw: bytes, headers: Headers, body: int, own_id: str) -> str:
    digest = hashlib.sha256()
    if own_id:
        for name in ("from", "date", "subject"):
            digest.update(b"\0".join(headers.raw(name)).strip() + b"\0\0")
        digest.update(raw[body:].rstrip())
    else:
        digest.update(raw)
    return digest.hexdigest()


def _sender(headers: Headers) -> Address | None:
    for name in _SENDER_FIELDS:
        found = addresses(headers.raw(name))
        if found:
            return found[0]
    return None


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            one.address for name in _DELIVERED_FIELDS for one in addresses(headers.raw(name))
        )
    )


@dataclass(slots=True)
class _Body:
    """What a subtree says: text always, HTML when some of it is, and its files."""

    text: str
    html: str
    files: list[File]


def _body(raw: bytes, root: Part, limits: Limits) -> _Body:
    body = _render(raw, root, "", limits)
    text = body.text or (text_of_html(body.html) if body.html else "")
    return _Body(tidy_lines(text), body.html, body.files)


def _render(raw: bytes, part: Part, within: str, limits: Limits) -> _Body:
    if not part.is_multipart:
        return _leaf(raw, part, within, limits)
    below = [_render(raw, one, part.media_type, limits) for one in part.children]
    files = [one for body in below for one in body.files]
    if part.media_type == "multipart/alternative":
        texts = [one.text for one in below if one.text and not one.html]
        pages = [one.html for one in below if one.html]
        text = texts[0] if texts else next((one.text for one in below if one.text), "")
        return _Body(text, pages[-1] if pages else "", files)
    return _Body(
        "\n\n".join(one.text or text_of_html(one.html) for one in below if one.text or one.html),
        _joined_html(below),
        files,
    )


def _joined_html(below: list[_Body]) -> str:
    if not any(one.html for one in below):
        return ""
    return "\n".join(
        one.html or f'<div style="white-space: pre-wrap">{html.escape(one.text)}</div>'
        for one in below
        if one.html or one.text
    )


def _leaf(raw: bytes, part: Part, within: str, limits: Limits) -> _Body:
    content = part.content(raw)
    disposition = part.headers.plain("content-disposition").partition(";")[0].strip().lower()
    file_name = parameter(part.headers, "filename", "content-disposition") or parameter(
        part.headers, "name"
    )
    shown = disposition != "attachment" and not (file_name and within != "multipart/alternative")
    is_text = part.media_type in ("text/plain", "text/html") or (
        part.media_type.startswith("multipart/")  # broken: its delimiters were not found
    )
    if shown and is_text and len(content) <= 4 * limits.body_chars:
        text = text_of(content, parameter(part.headers, "charset"))[: limits.body_chars]
        return _Body("", text, []) if part.media_type == "text/html" else _Body(text, "", [])
    return _Body("", "", [_file(part, content, file_name, disposition)])


def _file(part: Part, content: bytes, file_name: str, disposition: str) -> File:
    found = ids(part.headers.raw("content-id")[:1])
    content_id = found[0] if found else part.headers.plain("content-id").strip("<> ")[:500]
    media_type = part.media_type if not part.media_type.startswith("multipart/") else "text/plain"
    return File(
        file_name=safe_file_name(file_name) or _named(part, content),
        media_type=media_type,
        content=content,
        content_id=content_id,
        inline=bool(content_id) and disposition != "attachment",
    )


def _named(part: Part, content: bytes) -> str:
    if part.media_type == "message/rfc822":
        try:
            headers, _ = split_headers(content, 0, len(content), Limits())
        except TooMuch:
            headers = Headers([])
        return (safe_file_name(headers.text("subject"))[:100] or "message") + ".eml"
    kind = part.media_type.partition("/")[0]
    return f"{kind}.{_EXTENSIONS.get(part.media_type, 'bin')}"


def safe_file_name(name: str) -> str:
    """Return a name without folders, control characters and tricks of writing direction."""
    name = _UNSAFE_IN_NAMES.sub("", header_text(name.encode("utf-8", "replace")))
    name = re.split(r"[/\\]", name)[-1].strip(" .")
    if len(name) > 150:
        stem, dot, extension = name.rpartition(".")
        name = (
            f"{stem[: 140 - len(extension)]}.{extension}"
            if dot and len(extension) < 20
            else name[:150]
        )
    return name
