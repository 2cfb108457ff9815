"""Reading the header fields that mean something to us: addresses, ids, dates.

Rules:
1. Nothing here raises; what makes no sense is left out. Time and memory grow with the length only.
2. The library's address readers differ between Python versions in what they refuse; a customer's
   recipient must not be lost by an upgrade, so splitting is done here.

Sources: RFC 5322 §3.3, §3.4, §3.6.4.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from omni.channels.email.engine.mime import Headers
from omni.channels.email.engine.words import header_text
from omni.channels.email.model import Address

# An opening quote without an end takes all the rest, so that no part is read twice.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|\([^()]*\)?|<[^<>]*>|[,;:]|[^",;:(<]+|.', re.DOTALL)
_TOKEN_WITHOUT_QUOTES = re.compile(r"\([^()]*\)?|<[^<>]*>|[,;:]|[^,;:(<]+|.", re.DOTALL)
_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x1f\x7f]{1,64}@[^\s@<>\"(),:;\\\x00-\x1f\x7f]{1,253}"
)
_ID = re.compile(r"<\s*([^<>\s]{1,500})\s*>")
_BARE_ID = re.compile(r"[^\s<>,;\"]{1,250}@[^\s<>,;\"]{1,250}")
_MAX_ADDRESSES = 2000
_MAX_IDS = 100
_FIRST_YEAR, _LAST_YEAR = 1980, 2200  # outside: a clock that was never set


def address_of(text: str) -> str:
    """Return the text as an address with its domain in lower case, or "" when it is none."""
    match = _ADDRESS.fullmatch(text.strip().strip("'"))
    if match is None:
        return ""
    local, _, domain = match.group().rpartition("@")
    return f"{local}@{domain.lower().rstrip('.')}"


def addresses(values: Iterable[bytes]) -> tuple[Address, ...]:
    """Return all addresses of a field's values in order, each once."""
    found: dict[str, Address] = {}
    for value in values:
        text = " ".join(value.decode("utf-8", "replace").split())
        for one in _split(text):
            found.setdefault(one.address.lower(), one)
            if len(found) >= _MAX_ADDRESSES:
                return tuple(found.values())
    return tuple(found.values())


def _tokens(text: str) -> Iterable[str]:
    position = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token[0] == '"' and (len(token) == 1 or token[-1] != '"'):
            break
        position = match.end()
        yield token
    yield from _TOKEN_WITHOUT_QUOTES.findall(text, position)


def _split(text: str) -> Iterable[Address]:
    words: list[str] = []
    angle = ""
    for token in _tokens(text + ","):
        if token in ",;":
            one = _address(words, angle)
            if one is not None:
                yield one
            words, angle = [], ""
        elif token == ":":  # the name of a group stands before it
            words = []
        elif token[0] == "<" and len(token) > 1:
            angle = token[1:-1]
        elif token[0] == "(" and len(token) > 1:
            words.append(f" {token}")
        elif token[0] == '"':
            words.append(re.sub(r"\\(.)", r"\1", token.strip('"')))
        else:
            words.append(token)


def _address(words: list[str], angle: str) -> Address | None:
    name = " ".join("".join(words).split())
    if angle:
        address = address_of(angle.rpartition(":")[2])  # an old source route: <@a,@b:c@d>
        return Address(address, _name(name)) if address else None
    bare = _ADDRESS.search(name)  # `a@b`, or `a@b (Name)`
    if bare is None:
        return None
    comment = re.search(r"\(([^()]*)\)", name)
    address = address_of(bare.group())
    return Address(address, _name(comment.group(1) if comment else "")) if address else None


def _name(raw: str) -> str:
    name = header_text(raw.encode("utf-8", "replace")).strip(" \"'")
    return name[:200]


def message_id(headers: Headers) -> str:
    """Return the mail's own id without brackets, "" when it has none or an empty one."""
    found = ids(headers.raw("message-id")[:1])
    return found[0] if found else ""


def ids(values: Iterable[bytes]) -> tuple[str, ...]:
    """Return the ids of a field, each once, in order; of very many the first and the last."""
    found: list[str] = []
    for value in values:
        text = value.decode("utf-8", "replace")
        found.extend(_ID.findall(text) or _BARE_ID.findall(text))
    unique = [one.replace("\x00", "") for one in dict.fromkeys(found)]
    if len(unique) > _MAX_IDS:
        unique = [unique[0], *unique[1 - _MAX_IDS :]]
    return tuple(unique)


def instant(headers: Headers) -> datetime | None:
    """Return when the mail says it was written, UTC; None when it says nothing sensible."""
    try:
        at = parsedate_to_datetime(headers.plain("date"))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if _FIRST_YEAR <= at.year < _LAST_YEAR else None
