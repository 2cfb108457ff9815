"""The structure of a mail: its headers and its tree of parts, with a bounded cost on any input.

Rules:
1. The standard library's parser walks line by line and recurses by nesting; a mail of 50 MB or of
   10,000 nested parts costs it seconds or its stack. This one searches delimiters, goes through
   the levels with a limit, and never copies a part that is not a leaf.
2. A broken tree is read as far as it goes: a missing end delimiter ends with its parent, a
   multipart without a boundary is text; what was wrong is named in `defects`.
3. Only a passed limit makes a mail unreadable (`TooMuch`), never a wrong syntax.
4. An attached mail (message/rfc822) is a file; it is not gone into.

Sources: RFC 5322, RFC 2046 §5.1, RFC 2231 (parameters, by `email.message`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value

from omni.channels.email.engine.words import from_transfer, header_text
from omni.channels.email.model import Limits, Reason
from omni.core.errors import OmniError

_HEADER_END = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_FIELD = re.compile(rb"^([!-9;-~]{1,200})[ \t]*:", re.MULTILINE)
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_REST_OF_DELIMITER = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_LINE_FEED = 0x0A
_MAX_BOUNDARY = 200  # RFC 2046 says 70; longer ones are seen


class TooMuch(OmniError):
    """A limit was passed; `reason` says which. Always turned into an `Unreadable` by `parse`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Headers:
    """Header fields in order, names in lower case, values as raw bytes."""

    __slots__ = ("_fields",)

    def __init__(self, fields: list[tuple[str, bytes]]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return any(one == name for one, _ in self._fields)

    def raw(self, name: str) -> list[bytes]:
        """Return all values of a field."""
        return [value for one, value in self._fields if one == name]

    def text(self, name: str) -> str:
        """Return the first value of a field as one decoded line, "" when there is none."""
        for one, value in self._fields:
            if one == name:
                return header_text(value)
        return ""

    def plain(self, name: str) -> str:
        """Return the first value as one line, encoded words left alone (ids, parameters)."""
        for one, value in self._fields:
            if one == name:
                return " ".join(value.decode("utf-8", "replace").split())
        return ""


@dataclass(slots=True)
class Part:
    """A node of the tree. `start` and `end` bound its body within the raw mail."""

    headers: Headers
    media_type: str
    start: int
    end: int
    default_type: str = "text/plain"
    children: list["Part"] = field(default_factory=list)

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    def content(self, raw: bytes) -> bytes:
        """Return the body with its transfer encoding undone."""
        return from_transfer(
            raw[self.start : self.end], self.headers.plain("content-transfer-encoding")
        )

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all below it, in the order of the mail."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.children))


def split_headers(raw: bytes, start: int, end: int, limits: Limits) -> tuple[Headers, int]:
    """Read the header block at `start`.

    Returns:
        The fields, and where the body begins.

    Raises:
        TooMuch: the block is longer than `limits.header_bytes`.
    """
    if raw[start : start + 1] in (b"\n", b"\r"):  # no headers at all
        return Headers([]), start + (2 if raw[start : start + 2] == b"\r\n" else 1)
    found = _HEADER_END.search(raw, start, min(end, start + limits.header_bytes + 4))
    if found is None and end - start > limits.header_bytes:
        raise TooMuch(Reason.HEADER_TOO_LONG)
    stop = found.start() if found else end
    block = raw[start:stop]
    marks = list(_FIELD.finditer(block))
    fields = [
        (
            mark.group(1).decode("ascii").lower(),
            block[mark.end() : (marks[index + 1].start() if index + 1 < len(marks) else None)],
        )
        for index, mark in enumerate(marks)
    ]
    if not fields and found is None:
        return Headers([]), start  # no header line and no empty line: all of it is body
    return Headers(fields), found.end() if found else end


def parameter(headers: Headers, name: str, header: str = "content-type") -> str:
    """Return a parameter of a header, RFC 2231 continuations and encoded words undone, or ""."""
    value = headers.plain(header)
    if name not in value.lower():
        return ""
    message = Message()
    message[header] = value
    try:
        found = message.get_param(name, "", header=header)
        value = collapse_rfc2231_value(found)
    except (ValueError, LookupError, UnicodeError, TypeError, AttributeError):
        # The library's parameter reader trips over hostile RFC 2231 sections; it has no tree of
        # errors of its own.
        return ""
    return header_text(value.encode("utf-8", "replace"))


def media_type_of(headers: Headers, default: str) -> str:
    """Return `type/subtype` in lower case; nonsense counts as plain text (RFC 2045 §5.2)."""
    if "content-type" not in headers:
        return default
    value = headers.plain("content-type").partition(";")[0].strip().lower()
    return value if _MEDIA_TYPE.fullmatch(value) else "text/plain"


def read_tree(raw: bytes, limits: Limits) -> tuple[Part, list[str]]:
    """Take a raw mail apart.

    Returns:
        The root part and the names of what was wrong with the structure.

    Raises:
        TooMuch: too many parts, too deep, or headers too long.
    """
    defects: list[str] = []
    root = _part(raw, 0, len(raw), "text/plain", limits)
    count = 1
    level = [root]
    for _ in range(limits.depth):
        below: list[Part] = []
        for part in level:
            for start, end in _sections(raw, part, limits.parts - count, defects):
                default = (
                    "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
                )
                part.children.append(_part(raw, start, end, default, limits))
                count += 1
            below.extend(part.children)
        if not below:
            return root, sorted(set(defects))
        level = below
    raise TooMuch(Reason.TOO_DEEP)


def _part(raw: bytes, start: int, end: int, default: str, limits: Limits) -> Part:
    headers, body = split_headers(raw, start, end, limits)
    return Part(headers, media_type_of(headers, default), min(body, end), end, default)


def _sections(raw: bytes, part: Part, left: int, defects: list[str]) -> list[tuple[int, int]]:
    """Return where the parts below `part` begin and end; none when it is a leaf."""
    if not part.media_type.startswith("multipart/"):
        return []
    boundary = parameter(part.headers, "boundary").rstrip()
    if not boundary or len(boundary) > _MAX_BOUNDARY:
        defects.append("no_boundary")
        return []
    sections: list[tuple[int, int]] = []
    begun: int | None = None
    for mark in _delimiters(raw, part, b"--" + boundary.encode("utf-8", "replace")):
        if begun is not None:
            if len(sections) >= left:
                raise TooMuch(Reason.TOO_MANY_PARTS)
            sections.append((begun, _before_line_break(raw, begun, mark.start)))
        begun = min(mark.end, part.end)
        if mark.last:
            return sections
    if begun is None:
        defects.append("boundary_not_found")
        return []
    defects.append("no_end_delimiter")
    if len(sections) >= left:
        raise TooMuch(Reason.TOO_MANY_PARTS)
    return [*sections, (begun, part.end)]


@dataclass(frozen=True, slots=True)
class _Delimiter:
    """A line between parts. `end`: where the next line begins; `last`: it ends the last part."""

    start: int
    end: int
    last: bool


def _delimiters(raw: bytes, part: Part, line: bytes) -> Iterator[_Delimiter]:
    """Yield the delimiter lines within a part.

    Searched, not matched: a pattern per boundary costs more than reading the mail.
    """
    position = part.start
    while (found := raw.find(line, position, part.end)) >= 0:
        position = found + len(line)
        if found > part.start and raw[found - 1] != _LINE_FEED:
            continue
        last = raw.startswith(b"--", position, part.end)
        rest = _REST_OF_DELIMITER.match(raw, position + 2 * last, part.end)
        if rest is not None:
            position = rest.end()
            yield _Delimiter(found, position, last)


def _before_line_break(raw: bytes, start: int, position: int) -> int:
    """Return the end of a body: the line break before a delimiter belongs to the delimiter."""
    if position > start and raw[position - 1 : position] == b"\n":
        position -= 1
    if position > start and raw[position - 1 : position] == b"\r":
        position -= 1
    return position
