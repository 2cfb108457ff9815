"""A small real mail server for the demonstration and the tests: IMAP by pymap, SMTP by aiosmtpd.

It runs in the caller's event loop, on loopback, keeps everything in memory, and delivers what it is
given by SMTP to the accounts it has; `name+token@domain` goes to `name@domain`. Log-in is by any
account's address and the common password. After a restart all folders are new (another
UIDVALIDITY), as after a move to another server.
"""

import asyncio
import logging
import ssl
from argparse import Namespace
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend, Identity
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every command

HOST = "127.0.0.1"
PASSWORD = "demo"  # an account of the demonstration, on loopback only
MAX_BYTES = 80 * 1024 * 1024
TELL_AGAIN_S = 0.1


@dataclass
class Faults:
    """What the server is told to do wrong, for tests.

    Attributes:
        refuse_code: answer to MAIL with this code (e.g. 451), 0 for none.
        refused: recipients answered with 550.
        drop_after_body: close the connection instead of acknowledging the body, though it is kept.
    """

    refuse_code: int = 0
    refused: set[str] = field(default_factory=set)
    drop_after_body: bool = False


class MailServer:
    """A mail server with these accounts. `start`, then `imap_port` and `smtp_port` are open.

    `delivered` is called with the account and the raw mail of each delivery. With `tls` the
    `smtp_port` takes nothing without STARTTLS, and `smtps_port` speaks TLS from the first byte.
    """

    def __init__(self, accounts: Iterable[str], tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        # aiosmtpd writes every address to its log.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        self._accounts = [account.lower() for account in accounts]
        self._stack = AsyncExitStack()
        self._backend: DictBackend | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.faults = Faults()
        self.imap_port = 0
        self.smtp_port = 0
        self.smtps_port = 0
        self.taken = 0
        self.delivered: Callable[[tuple[str, bytes]], None] = lambda _: None

    async def start(self, *, imap_port: int = 0, smtp_port: int = 0) -> None:
        """Open both ports; 0 takes free ones, and the same ones again after `stop`."""
        args = Namespace(
            demo_data=False,
            demo_user="",
            demo_password="",
            tls=False,
            cert=None,
            key=None,
            debug=False,
            inherited_sockets=None,
            proxy_protocol=None,
            passlib_cfg=None,
            host=None,
            port="0",
        )
        self._backend = await _backend(args, self._accounts)
        await self.open_imap(imap_port or self.imap_port)
        await self.open_smtp(smtp_port or self.smtp_port)

    async def open_imap(self, port: int) -> None:
        """Listen for IMAP."""
        assert self._backend is not None
        config = self._backend.config
        serve = IMAPServer(self._backend.login, config)
        proxy = ProxyProtocolReader(config.proxy_protocol)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._connections.add(writer)
            try:
                await serve(reader, writer, SocketInfo.get(writer, await proxy.read(reader)))
            except (ConnectionError, EOFError, RuntimeError):
                pass  # the client has gone (uvloop says so by RuntimeError)
            finally:
                self._connections.discard(writer)

        server = await asyncio.start_server(connected, HOST, port)
        self.imap_port = server.sockets[0].getsockname()[1]
        self._stack.push_async_callback(_close, server)

    async def open_smtp(self, port: int) -> None:
        """Listen for SMTP."""
        self.smtp_port = await self._listen(port, self._tls, implicit=False)
        if self._tls is not None:
            self.smtps_port = await self._listen(self.smtps_port, self._tls, implicit=True)

    async def _listen(self, port: int, tls: ssl.SSLContext | None, *, implicit: bool) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(
                _Delivery(self),
                data_size_limit=MAX_BYTES,
                enable_SMTPUTF8=True,
                hostname="mail.demo",
                authenticator=_authenticate,
                tls_context=None if implicit else tls,
                require_starttls=tls is not None and not implicit,
                auth_require_tls=tls is not None and not implicit,
                loop=loop,
            ),
            HOST,
            port,
            ssl=tls if implicit else None,
        )
        self._stack.push_async_callback(_close, server)
        return int(server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Close both ports and every connection; the mails are gone."""
        await self._stack.aclose()
        for writer in list(self._connections):
            writer.transport.abort()
        await asyncio.sleep(0)

    def drop_connections(self) -> None:
        """Break all IMAP connections, as a restart of the server does."""
        for writer in list(self._connections):
            writer.transport.abort()

    def add(self, account: str) -> None:
        """Add an account."""
        assert self._backend is not None
        self._accounts.append(account.lower())
        _add_user(self._backend, account.lower())

    async def put(self, account: str, raw: bytes) -> int:
        """Put a mail into an account's INBOX and return its UID."""
        folder = await self._inbox(account)
        message = await folder.append(AppendMessage(raw, datetime.now(UTC), frozenset()))
        # Who begins to wait at this moment is not told of it: pymap waits first and looks then.
        asyncio.get_running_loop().call_later(TELL_AGAIN_S, folder._updated.set)
        return int(message.uid)

    async def mails(self, account: str) -> list[bytes]:
        """Return the raw mails of an account's INBOX, oldest first."""
        folder = await self._inbox(account)
        return [bytes(message._content) for message in folder._messages.values()]

    async def _inbox(self, account: str) -> Any:
        assert self._backend is not None
        identity = Identity(account.lower(), self._backend.login, None, frozenset())
        async with identity.new_session() as session:
            return await session.mailbox_set.get_mailbox("INBOX")

    async def deliver(self, recipient: str, raw: bytes) -> bool:
        """Put a mail into the account that an address means; False when there is none."""
        local, _, domain = recipient.lower().rpartition("@")
        account = f"{local.partition('+')[0]}@{domain}"
        if account not in self._accounts:
            return False
        raw = f"Delivered-To: {recipient}\r\n".encode() + raw
        await self.put(account, raw)
        self.delivered((account, raw))
        return True


class _Delivery:
    """What aiosmtpd calls for each step of a dialogue."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(
        self, server: SMTP, _session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._server.faults.refuse_code:
            return f"{self._server.faults.refuse_code} not now"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self._server.faults.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: object, envelope: Envelope) -> str:
        raw = envelope.content
        assert isinstance(raw, bytes)
        self._server.taken += 1
        for recipient in envelope.rcpt_tos:
            if not await self._server.deliver(recipient, raw):
                log.info("a mail for nobody here was dropped")
        if self._server.faults.drop_after_body:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


def _authenticate(
    _server: object, _session: object, _envelope: object, _mechanism: str, data: Any
) -> AuthResult:
    # `handled` would mean that the refusal has been said already.
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


async def _backend(args: Namespace, accounts: Iterable[str]) -> DictBackend:
    # Comparing plain passwords keeps the log-in from taking a tenth of a second of CPU.
    backend, config = await DictBackend.init(
        args, hash_context=Cleartext(), cpu_subsystem=Subsystem.for_asyncio()
    )
    config.apply_context()
    for account in accounts:
        _add_user(backend, account)
    return backend


def _add_user(backend: DictBackend, account: str) -> None:
    config: Config = backend.config
    backend.login.users_dict[account] = UserMetadata(config, account, password=PASSWORD)


async def _close(server: asyncio.AbstractServer) -> None:
    # Not `wait_closed`: from Python 3.12 on it waits for the connections too.
    server.close()
