"""Answering by itself: who gets an automatic answer, in which language, what it may say.

Rules:
1. Only a person is answered: never what was sent or answered by a machine, a report, a list, a
   newsletter, an address that nobody reads, or one of our own. Here any sign is enough: a person
   who gets no answer from a machine gets one from an agent; two machines that answer each other
   do so for ever.
2. At most one in `THREAD_S` in a conversation, and `MOST_TO_ADDRESS` to an address in that time:
   the second rule ends loops with machines that say nothing of themselves and open a new
   conversation each time.
3. It goes to who wrote (From), not where Reply-To points: that may be somebody who asked nothing.

Sources: RFC 3834 §2 (when not to answer), RFC 2369 and 2919 (lists), [MS-OXCMAIL] 2.2.3.2.14
(X-Auto-Response-Suppress).
"""

import re
from collections.abc import Mapping
from datetime import datetime

from omni.channels.email.engine.mime import Headers
from omni.channels.email.model import Answered, Kind

THREAD_S = 24 * 3600.0
MOST_TO_ADDRESS = 5
LANGUAGES = ("en", "zh")
NAMES = ("name", "subject", "mailbox", "opens")
"""What a template may use: the customer's name, the mail's subject, ours, when we open next."""

_UNREAD = re.compile(
    r"(^|[._+-])(no|do-?not|dont|not)[._-]?reply|^(mailer-daemon|postmaster|bounces?|owner|daemon)\b"
    r"|-(request|bounces?|owner)$|^listserv$|^majordomo$",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LETTER = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WEEKDAYS = "一二三四五六日"


def hindrance(kind: Kind, sender: str, headers: Headers) -> str:
    """Return why a mail gets no automatic answer, "" when it may.

    Returns: "" | not_a_person | list | suppressed | nobody_reads.
    """
    submitted = headers.plain("auto-submitted").lower().partition(";")[0].strip()
    if kind is not Kind.PERSON or submitted not in ("", "no"):
        return "not_a_person"
    if any(f"list-{name}" in headers for name in ("id", "unsubscribe", "post", "help", "owner")):
        return "list"
    if headers.plain("precedence") or "x-auto-response-suppress" in headers:
        return "suppressed"
    if headers.plain("return-path") == "<>" or _UNREAD.search(sender.partition("@")[0]):
        return "nobody_reads"
    return ""


def too_many(answered: Answered) -> bool:
    """Tell whether another answer would be one too many."""
    return answered.in_thread > 0 or answered.to_address >= MOST_TO_ADDRESS


def language_of(text: str) -> str:
    """Return in which of our languages somebody writes; a Chinese character is a whole word."""
    words = len(_LETTER.findall(text)) / 5
    return "zh" if len(_HAN.findall(text)) > words else "en"


def chosen(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Return the language and text of an answer: the wanted language, else the one there is."""
    there = {key: text for key, text in texts.items() if text.strip()}
    key = language if language in there else next(iter(there), "")
    return key, there.get(key, "")


def time_text(at: datetime | None, language: str) -> str:
    """Return an instant of our opening hours in words, "" when it is not known."""
    if at is None:
        return ""
    if language == "zh":
        return f"{at.month}月{at.day}日星期{_WEEKDAYS[at.weekday()]} {at:%H:%M}"
    return f"{at:%A}, {at.day} {at:%B}, {at:%H:%M}"
