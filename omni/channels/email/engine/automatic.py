"""Who speaks: a person, a machine that answers, a machine that sends, a mail server that reports.

Rules:
1. A person's mail must never be taken for a machine's because of one weak sign: subjects count only
   in their exact automatic forms, and an empty Return-Path only together with a postmaster.
2. A delivery report is recognised by its parts (RFC 3464), or by the headers and senders that older
   servers use.

Sources: RFC 3834 (Auto-Submitted), RFC 3464 (reports), RFC 3463 (status codes), RFC 2919 (lists).
"""

import re

from omni.channels.email.engine.fields import addresses, ids
from omni.channels.email.engine.mime import Headers, Part, TooMuch, parameter, split_headers
from omni.channels.email.model import Bounce, Kind, Limits

_AUTO_SUBJECT = re.compile(
    r"^(automatic reply|auto(matic)? ?-?(reply|response)|out of (the )?office( (auto)?reply)?"
    r"|自动(回复|答复)|自動(回覆|回應))\s*[:：]",
    re.IGNORECASE,
)
_REPORTER = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounce[sd]?)$", re.IGNORECASE)
_FAILURE_SUBJECT = re.compile(
    r"(undeliver|delivery (status|failure|has failed)|mail delivery failed|returned mail"
    r"|failure notice|退信|无法投递|投递失败)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def kind_of(headers: Headers, sender: str, bounce: Bounce | None) -> Kind:
    """Say who speaks in a mail with these headers."""
    if bounce is not None:
        return Kind.BOUNCE
    submitted = headers.plain("auto-submitted").lower().partition(";")[0].strip()
    if submitted.startswith("auto-replied") or _answers(headers):
        return Kind.AUTO_REPLY
    if submitted not in ("", "no"):
        return Kind.AUTOMATIC
    precedence = headers.plain("precedence").lower()
    if precedence in ("bulk", "list", "junk") or "list-id" in headers or "feedback-id" in headers:
        return Kind.AUTOMATIC
    if sender.partition("@")[0].lower() in ("noreply", "no-reply", "donotreply", "do-not-reply"):
        return Kind.AUTOMATIC
    return Kind.PERSON


def _answers(headers: Headers) -> bool:
    return (
        headers.plain("precedence").lower() in ("auto_reply", "auto-reply")
        or any(name in headers for name in ("x-autoreply", "x-autorespond", "x-autoreply-from"))
        or _AUTO_SUBJECT.match(headers.text("subject")) is not None
    )


def bounce_of(raw: bytes, root: Part, sender: str, limits: Limits) -> Bounce | None:
    """Return what a delivery report says, None when the mail is none."""
    parts = list(root.walk())
    report = next((one for one in parts if one.media_type == "message/delivery-status"), None)
    if report is not None:
        return _structured(raw, report, _original_id(raw, parts, limits), limits)
    reports = _REPORTER.match(sender.partition("@")[0]) is not None
    failed = addresses(root.headers.raw("x-failed-recipients"))
    if failed or (reports and _FAILURE_SUBJECT.search(root.headers.text("subject"))):
        body = b" ".join(one.content(raw)[:20_000] for one in parts[:3] if not one.is_multipart)
        status = _STATUS.search(body.decode("ascii", "replace"))
        about = _original_id(raw, parts, limits) or _quoted_id(body)
        code = status.group(1) if status else "5.0.0"
        return Bounce(failed[0].address if failed else "", code, about, code.startswith("5"))
    return None


def _structured(raw: bytes, report: Part, about: str, limits: Limits) -> Bounce | None:
    """Read the first failed recipient; a report of success or delay is no bounce."""
    content = report.content(raw).replace(b"\r\n", b"\n").strip()
    for block in content.split(b"\n\n")[:50]:
        try:
            fields, _ = split_headers(block + b"\n\n", 0, len(block) + 2, limits)
        except TooMuch:
            continue
        if fields.plain("action").lower().strip() != "failed":
            continue
        recipient = fields.plain("final-recipient") or fields.plain("original-recipient")
        found = addresses([recipient.rpartition(";")[2].encode("utf-8", "replace")])
        status = _STATUS.search(fields.plain("status"))
        code = status.group(1) if status else "5.0.0"
        return Bounce(found[0].address if found else "", code, about, code.startswith("5"))
    return None


def _original_id(raw: bytes, parts: list[Part], limits: Limits) -> str:
    for part in parts:
        if part.media_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            content = part.content(raw)[: limits.header_bytes]
            try:
                fields, _ = split_headers(content, 0, len(content), limits)
            except TooMuch:
                continue
            found = ids(fields.raw("message-id")[:1])
            if found:
                return found[0]
    return ""


def _quoted_id(body: bytes) -> str:
    match = re.search(rb"(?im)^[> \t]*message-id:\s*(<[^<>\s]{1,500}>)", body)
    found = ids([match.group(1)]) if match else ()
    return found[0] if found else ""


def is_report(root: Part) -> bool:
    """Tell whether the mail is a report about another one (delivery, reading)."""
    return root.media_type == "multipart/report" or (
        parameter(root.headers, "report-type") == "delivery-status"
    )
