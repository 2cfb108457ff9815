"""Which conversation a mail continues, and how ours are marked so that answers find back.

Rules:
1. Evidence in this order, the first that names a known thread wins: In-Reply-To and References
   (from the newest back), then our token: in any recipient address (`name+token@`), in the subject
   or in the text (`[#token]`). A subject alone is never evidence: strangers share subjects.
2. Our Message-IDs carry the token too (`<token.mail@domain>`), so that an answer finds its thread
   even when only a fragment of References came through.
3. A token is 12 characters of the thread's id: 60 random bits, unique in the database, of an
   alphabet without look-alikes, and read without regard to case.

Sources: RFC 5322 §3.6.4, RFC 5233 (plus addressing).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from omni.channels.email.model import ParsedMail

TOKEN_LENGTH = 12
_LETTERS = "0-9abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ"
_MARK = re.compile(rf"\[#([{_LETTERS}]{{{TOKEN_LENGTH}}})\]")
_PLUS = re.compile(rf"\+([{_LETTERS}]{{{TOKEN_LENGTH}}})@")
_OWN_ID = re.compile(rf"([{_LETTERS}]{{{TOKEN_LENGTH}}})\.[{_LETTERS}]{{26}}@")
_SEARCHED_CHARS = 200_000  # an answer's quote of ours stands near its top
_MAX_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Evidence:
    """What may lead from a mail to its thread, in the order of trust."""

    message_ids: tuple[str, ...]
    tokens: tuple[str, ...]


def token_of(thread_id: str) -> str:
    """Return the token of a thread: the random end of its id."""
    return thread_id[-TOKEN_LENGTH:]


def mark(token: str) -> str:
    """Return the token as it stands in a text."""
    return f"[#{token}]"


def plus_address(address: str, token: str) -> str:
    """Return the address with the token added to its local part."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def own_message_id(token: str, mail_id: str, address: str) -> str:
    """Return the Message-ID (without brackets) of a mail of ours."""
    return f"{token}.{mail_id}@{address.rpartition('@')[2]}"


def evidence(mail: ParsedMail) -> Evidence:
    """Collect what may say which thread a mail belongs to."""
    chain = (*reversed(mail.references), *mail.in_reply_to)
    ids = tuple(dict.fromkeys((*mail.in_reply_to, *chain)))
    if mail.bounce is not None and mail.bounce.about_message_id:
        ids = tuple(dict.fromkeys((mail.bounce.about_message_id, *ids)))
    recipients = " ".join((*mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))))
    tokens = (
        *(match for one in ids for match in _OWN_ID.findall(one)),
        *_PLUS.findall(recipients),
        *_MARK.findall(mail.subject),
        *_MARK.findall(mail.text[:_SEARCHED_CHARS]),
        *_MARK.findall(mail.html[:_SEARCHED_CHARS]),
    )
    return Evidence(ids, tuple(_each_once(tokens))[:_MAX_TOKENS])


def _each_once(tokens: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(token.lower() for token in tokens)
