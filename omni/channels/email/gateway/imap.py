"""Reading mail folders over IMAP: the asyncio shell of `engine.imap`.

Rules:
1. The folder is opened with EXAMINE and read with BODY.PEEK: nothing on the server ever changes.
2. One command at a time per connection; each has a time limit, and while a large mail comes in the
   limit counts from the last bytes, so that a slow line is not taken for a dead one.
3. All trouble of a connection is `Unavailable`; the caller opens a new one.
4. Where TLS was asked for, not a byte of the log-in leaves before it stands (RFC 3501 §6.2.1).
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

from omni.channels.email.engine.imap import (
    Fetched,
    Garbled,
    Reader,
    Response,
    capabilities,
    fetched,
    folder_name,
    found_uids,
    quoted,
    uid_set,
    uid_validity,
)
from omni.channels.email.gateway.tls import fault_code, trust
from omni.channels.email.model import Limits, Mailbox, Security, Server
from omni.core.errors import Unavailable

log = logging.getLogger(__name__)

_CHUNK_BYTES = 256 * 1024
_POLL_S = 30.0  # a server without IDLE is asked this often
_LOGOUT_S = 2.0


class ImapPost:
    """See `omni.channels.email.ports.Post`."""

    def __init__(
        self,
        trusted: ssl.SSLContext | None = None,
        max_literal_bytes: int = Limits().keep_bytes + 1024 * 1024,
    ) -> None:
        self._trusted = trusted or trust()
        self._max_literal_bytes = max_literal_bytes

    @asynccontextmanager
    async def open(self, mailbox: Mailbox) -> AsyncIterator["ImapFolder"]:
        line = _Line(mailbox.imap, self._trusted, self._max_literal_bytes)
        try:
            await line.connect()
            known = await _log_in(line, mailbox.imap)
            validity = await _select(line, mailbox.folder)
            line.listing()  # the answer to EXAMINE counts the mails: nothing new
            yield ImapFolder(line, validity, idle="IDLE" in known)
            with suppress(Unavailable, TimeoutError):
                async with asyncio.timeout(_LOGOUT_S):
                    await line.command("LOGOUT")
        finally:
            await line.close()


class _Line:
    """A connection and the commands on it."""

    def __init__(self, server: Server, trusted: ssl.SSLContext, max_literal_bytes: int) -> None:
        self._server = server
        self._trusted = trusted
        self._reader = Reader(max_literal_bytes)
        self._pending: list[Response] = []
        self._tags = count(1)
        self._input: asyncio.StreamReader | None = None
        self._output: asyncio.StreamWriter | None = None
        self.greeting: Response | None = None
        self._news = False  # the folder has changed since it was last listed

    async def connect(self) -> None:
        """Connect, with TLS where asked, and read the greeting."""
        server = self._server
        try:
            async with asyncio.timeout(server.timeout_s):
                self._input, self._output = await asyncio.open_connection(
                    server.host,
                    server.port,
                    ssl=self._trusted if server.security is Security.TLS else None,
                )
                self.greeting = await self.receive()
                if server.security is Security.STARTTLS:
                    await self._start_tls(self._output)
        except (OSError, TimeoutError) as exc:  # an SSLError is an OSError
            raise Unavailable(fault_code(exc), type(exc).__name__) from exc

    async def _start_tls(self, output: asyncio.StreamWriter) -> None:
        try:
            await self.command("STARTTLS")
        except Refused as exc:
            raise Unavailable("mail.no_starttls", "the server does not take STARTTLS") from exc
        if self._pending or self._reader.unfinished:
            # Somebody on the line wants it to be taken for what the server says under TLS.
            raise Unavailable("mail.tls_failed", "bytes in the clear after STARTTLS")
        await output.start_tls(self._trusted, server_hostname=self._server.host)

    async def close(self) -> None:
        if self._output is not None:
            self._output.close()
            with suppress(OSError, TimeoutError):  # it is given up either way
                async with asyncio.timeout(_LOGOUT_S):
                    await self._output.wait_closed()

    async def send(self, text: str) -> str:
        """Send a command and return its tag."""
        tag = f"A{next(self._tags)}"
        await self.write(f"{tag} {text}\r\n".encode())
        return tag

    async def write(self, data: bytes) -> None:
        if self._output is None:
            raise Unavailable("mail.unreachable", "not connected")
        try:
            self._output.write(data)
            await self._output.drain()
        except (OSError, ssl.SSLError) as exc:
            raise Unavailable("mail.connection_lost", type(exc).__name__) from exc

    async def receive(self) -> Response:
        """Return the next response, however long it takes to begin."""
        while not self._pending:
            if self._input is None:
                raise Unavailable("mail.unreachable", "not connected")
            try:
                data = await self._input.read(_CHUNK_BYTES)
                self._pending.extend(self._reader.feed(data))
            except (OSError, ssl.SSLError) as exc:
                raise Unavailable("mail.connection_lost", type(exc).__name__) from exc
            except Garbled as exc:
                raise Unavailable("mail.garbled", str(exc)) from exc
            if not data:
                raise Unavailable("mail.connection_lost", "the server closed the connection")
        response = self._pending.pop(0)
        self._news = self._news or response.exists is not None
        return response

    def has_news(self) -> bool:
        """Tell whether the folder has changed since `listing`."""
        return self._news

    def listing(self) -> None:
        """Say that the folder is about to be listed: what changes from here on is news."""
        self._news = False

    async def command(self, text: str) -> list[Response]:
        """Run a command and return what came before its end.

        Raises:
            Refused: the server answered NO or BAD.
            Unavailable: the connection broke, or nothing came for the time limit.
        """
        tag = await self.send(text)
        return await self.until(tag, text.partition(" ")[0])

    async def until(self, tag: str, name: str) -> list[Response]:
        """Collect responses up to the end of a command."""
        found: list[Response] = []
        while True:
            try:
                async with asyncio.timeout(self._server.timeout_s):
                    response = await self.receive()
            except TimeoutError as exc:
                raise Unavailable("mail.timeout", f"no answer to {name}") from exc
            end = response.tagged
            if end is None:
                if response.bye and name != "LOGOUT":
                    raise Unavailable("mail.connection_lost", "the server said goodbye")
                found.append(response)
            elif end[0] == tag:
                if end[1] != "OK":
                    raise Refused(name)
                return [*found, response]


class Refused(Unavailable):
    """The server answered a command with NO or BAD."""

    def __init__(self, name: str) -> None:
        super().__init__("mail.refused", f"the server refused {name}")


async def _log_in(line: _Line, server: Server) -> frozenset[str]:
    """Log in and return what the server can do."""
    user, password = server.username, server.password
    try:
        responses = await line.command(f"LOGIN {quoted(user)} {quoted(password)}")
    except Refused as exc:
        raise Unavailable("mail.login_refused", "the server refused the log-in") from exc
    except Garbled as exc:
        raise Unavailable("mail.login_refused", str(exc)) from exc
    known = frozenset().union(*(capabilities(one) for one in responses))
    if not known:
        responses = await line.command("CAPABILITY")
        known = known.union(*(capabilities(one) for one in responses))
    return known


async def _select(line: _Line, folder: str) -> int:
    try:
        responses = await line.command(f"EXAMINE {quoted(folder_name(folder))}")
    except Refused as exc:
        raise Unavailable("mail.no_folder", "the server has no such folder") from exc
    for response in responses:
        validity = uid_validity(response)
        if validity is not None:
            return validity
    raise Unavailable("mail.no_uidvalidity", "the server gives no lasting numbers")


class ImapFolder:
    """See `omni.channels.email.ports.Folder`."""

    def __init__(self, line: _Line, validity: int, *, idle: bool) -> None:
        self._line = line
        self._validity = validity
        self._idle = idle

    @property
    def uid_validity(self) -> int:
        return self._validity

    async def uids(self, after_uid: int) -> list[int]:
        self._line.listing()
        responses = await self._line.command(f"UID SEARCH UID {after_uid + 1}:*")
        # `n:*` also gives the last mail when n is beyond it.
        found = {uid for one in responses for uid in found_uids(one)}
        return sorted(uid for uid in found if uid > after_uid)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        found = await self._fetched(list(uids), "RFC822.SIZE")
        return {one.uid: one.size_bytes for one in found if one.size_bytes is not None}

    async def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        wanted = set(uids)
        found = await self._fetched(list(uids), "BODY.PEEK[]")
        return {
            one.uid: one.content for one in found if one.content is not None and one.uid in wanted
        }

    async def _fetched(self, uids: list[int], item: str) -> list[Fetched]:
        try:
            responses = await self._line.command(f"UID FETCH {uid_set(uids)} (UID {item})")
        except Refused:
            if len(uids) == 1:
                return []
            # One of them it cannot read: halve, so that the others are not held up.
            middle = len(uids) // 2
            return [
                *await self._fetched(uids[:middle], item),
                *await self._fetched(uids[middle:], item),
            ]
        return [one for one in map(fetched, responses) if one is not None]

    async def wait_for_news(self, timeout_s: float) -> None:
        if self._line.has_news():
            return  # said beside the answer to another command: it will not be said again
        if not self._idle:
            await asyncio.sleep(min(timeout_s, _POLL_S))
            await self._line.command("NOOP")
            return
        tag = await self._line.send("IDLE")
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while True:
                    response = await self._line.receive()
                    if response.bye:
                        raise Unavailable("mail.connection_lost", "the server said goodbye")
                    if self._line.has_news():
                        break
                    if response.tagged is not None:  # it does not take IDLE after all
                        self._idle = False
                        return
        await self._line.write(b"DONE\r\n")
        await self._line.until(tag, "IDLE")
