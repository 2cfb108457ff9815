"""The client's side of IMAP as far as reading a mailbox needs it: bytes in, responses out.

Rules:
1. Sans-IO: `Reader.feed` takes bytes as they come and returns the responses that are complete, the
   same ones for any cutting of the bytes. Each byte is looked at a bounded number of times.
2. A literal longer than asked for, or a line without end, is a `Garbled` connection, not a full
   memory.
3. What a server says unasked (EXISTS, EXPUNGE, flags) may stand between any two responses.

Written here since the known asyncio client is under the GPL. Sources: RFC 3501, RFC 2177 (IDLE),
RFC 3501 §5.1.3 (folder names).
"""

import base64
import re
from dataclasses import dataclass

from omni.core.errors import OmniError

MAX_LINE_BYTES = 32 * 1024 * 1024  # a SEARCH answer over three million mails
_LITERAL = re.compile(rb"\{(\d{1,10})\+?\}$")
_UID = re.compile(rb"[( ]UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_FETCH = re.compile(rb"\* \d+ FETCH ", re.IGNORECASE)
_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_TAGGED = re.compile(rb"([A-Z]\d+) (OK|NO|BAD)(?: (.*))?$", re.IGNORECASE | re.DOTALL)
_EXISTS = re.compile(rb"\* (\d+) EXISTS", re.IGNORECASE)


class Garbled(OmniError):
    """The server does not speak IMAP, or too much of it; the connection must be given up."""


@dataclass(frozen=True, slots=True)
class Response:
    """One response: its lines without line ends, and the literals between them in order."""

    line: bytes  # the pieces of text joined; where a literal stood, its {n} stands
    literals: tuple[bytes, ...] = ()

    @property
    def tagged(self) -> tuple[str, str, str] | None:
        """Tag, OK|NO|BAD and text, when this ends a command."""
        match = _TAGGED.match(self.line)
        if match is None:
            return None
        tag, word, text = match.groups()
        return tag.decode(), word.decode().upper(), (text or b"").decode("utf-8", "replace")

    @property
    def continuation(self) -> bool:
        return self.line.startswith(b"+")

    @property
    def bye(self) -> bool:
        return self.line[:5].upper() == b"* BYE"

    @property
    def exists(self) -> int | None:
        """How many mails the folder has, when this says so."""
        match = _EXISTS.match(self.line)
        return int(match.group(1)) if match else None


class Reader:
    """Cuts the stream of a server into responses."""

    def __init__(self, max_literal_bytes: int) -> None:
        self._max_literal_bytes = max_literal_bytes
        self._buffer = bytearray()
        self._looked_at = 0
        self._awaited = 0  # bytes of the literal that is being read
        self._lines: list[bytes] = []
        self._literals: list[bytes] = []

    @property
    def unfinished(self) -> bool:
        """Whether there are bytes that make no whole response yet."""
        return bool(self._buffer or self._lines)

    def feed(self, data: bytes) -> list[Response]:
        """Take bytes and return what they complete.

        Raises:
            Garbled: a line or literal is beyond its limit.
        """
        self._buffer += data
        done: list[Response] = []
        while self._step(done):
            pass
        return done

    def _step(self, done: list[Response]) -> bool:
        if self._awaited:
            if len(self._buffer) < self._awaited:
                return False
            self._literals.append(bytes(self._buffer[: self._awaited]))
            del self._buffer[: self._awaited]
            self._awaited = 0
        end = self._buffer.find(b"\n", self._looked_at)
        if end < 0:
            self._looked_at = len(self._buffer)
            if self._looked_at > MAX_LINE_BYTES:
                raise Garbled("a line without end")
            return False
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._looked_at = 0
        self._lines.append(line)
        literal = _LITERAL.search(line)
        if literal is None:
            done.append(Response(b"".join(self._lines), tuple(self._literals)))
            self._lines, self._literals = [], []
            return True
        self._awaited = int(literal.group(1))
        if self._awaited > self._max_literal_bytes:
            raise Garbled("a literal longer than any mail we ask for")
        if self._awaited == 0:
            self._literals.append(b"")
        return True


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a FETCH response says of one mail."""

    uid: int
    size_bytes: int | None
    content: bytes | None


def fetched(response: Response) -> Fetched | None:
    """Return the FETCH response as a value, None when it is another one or names no UID."""
    if not _FETCH.match(response.line):
        return None
    uid = _UID.search(response.line)
    if uid is None:
        return None
    size = _SIZE.search(response.line)
    return Fetched(
        int(uid.group(1)),
        int(size.group(1)) if size else None,
        response.literals[0] if response.literals else None,
    )


def found_uids(response: Response) -> list[int]:
    """Return the numbers of a SEARCH response, none when it is another one."""
    if response.line[:8].upper() != b"* SEARCH":
        return []
    return [int(word) for word in response.line[8:].split() if word.isdigit()]


def uid_validity(response: Response) -> int | None:
    """Return the UIDVALIDITY that a response to SELECT carries."""
    match = _UIDVALIDITY.search(response.line)
    return int(match.group(1)) if match else None


def capabilities(response: Response) -> frozenset[str]:
    """Return the capabilities named in an untagged response or a response code."""
    text = response.line.decode("ascii", "replace").upper()
    if text.startswith("* CAPABILITY "):
        return frozenset(text[13:].split())
    start = text.find("[CAPABILITY ")
    end = text.find("]", start)
    return frozenset(text[start + 12 : end].split()) if 0 <= start < end else frozenset()


def quoted(text: str) -> str:
    """Return a string as an IMAP quoted string.

    Raises:
        Garbled: it holds a character that a quoted string cannot hold.
    """
    if any(char in text for char in "\r\n\0"):
        raise Garbled("a line break in an argument")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folder_name(name: str) -> str:
    """Return a folder's name in IMAP's modified UTF-7."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run[0] <= "\x7e" and run[0] >= "\x20":
            out.append(run.replace("&", "&-"))
        else:
            letters = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=")
            out.append("&" + letters.replace("/", ",") + "-")
    return "".join(out)


def uid_set(uids: list[int]) -> str:
    """Return ascending UIDs in IMAP's short form: 1,2,3,7 as 1:3,7."""
    spans: list[list[int]] = []
    for uid in uids:
        if spans and uid == spans[-1][1] + 1:
            spans[-1][1] = uid
        else:
            spans.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in spans)
