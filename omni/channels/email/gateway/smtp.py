"""Handing mails to a mail server over SMTP.

Rules: the dialogue is walked step by step, since it matters where it breaks: before the body
nothing was sent; after the final dot the server has it, whatever its answer's fate (RFC 1047,
RFC 5321 §4.5.3.2), so that a break there is `Uncertain` and is never tried again by itself. Where
TLS was asked for, neither log-in nor envelope leaves before it stands. What hinders every mail of
the mailbox is told by a code (`mail.…`), what hinders one mail by the server's answer.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPConnectResponseError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from omni.channels.email.gateway.tls import fault_code, trust
from omni.channels.email.model import Delivered, Delivery, NotDelivered, Security, Server, Uncertain

_PERMANENT = range(500, 600)


class SmtpCourier:
    """See `omni.channels.email.ports.Courier`."""

    def __init__(
        self, trusted: ssl.SSLContext | None = None, local_hostname: str = "omni.localdomain"
    ) -> None:
        self._trusted = trusted or trust()
        self._local_hostname = local_hostname  # found by a DNS look-up otherwise

    async def check(self, server: Server) -> str:
        client = self._client(server)
        try:
            hindrance = await _connect(client, server)
            if not hindrance:
                with suppress(SMTPException, OSError):
                    await client.quit()
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # `wait_for` of Python 3.11, by which aiosmtplib waits, loses a cancellation that
                # comes together with what it waits for (python/cpython issue 86296).
                raise asyncio.CancelledError
            return hindrance
        finally:
            client.close()

    async def deliver(
        self,
        server: Server,
        envelope: tuple[str, tuple[str, ...]],
        raw: bytes,
        before_body: Callable[[], Awaitable[None]],
    ) -> Delivery:
        client = self._client(server)
        try:
            hindrance = await _connect(client, server)
            if hindrance:
                return NotDelivered(hindrance, permanent=False)
            try:
                refused = await _envelope(client, envelope)
            except SMTPResponseException as exc:
                return NotDelivered(f"refused ({exc.code})", permanent=exc.code in _PERMANENT)
            except (SMTPException, OSError):
                return NotDelivered("mail.connection_lost", permanent=False)
            await before_body()
            return await _body(client, raw, refused)
        finally:
            client.close()

    def _client(self, server: Server) -> SMTP:
        return SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=False,  # `_connect` does it, and says what is wrong
            tls_context=self._trusted,
            timeout=server.timeout_s,
            local_hostname=self._local_hostname,
        )


async def _connect(client: SMTP, server: Server) -> str:
    """Connect, protect, log in; return the code of what hindered it, "" when all is well."""
    try:
        await client.connect()
        if server.security is Security.STARTTLS:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                return "mail.no_starttls"
            await client.starttls()
    except (SMTPConnectResponseError, SMTPHeloError):
        return "mail.refuses_us"
    except SMTPResponseException:
        return "mail.no_starttls"
    except (SMTPException, OSError) as exc:
        return fault_code(exc)
    return await _log_in(client, server) if server.username else ""


async def _log_in(client: SMTP, server: Server) -> str:
    try:
        await client.login(server.username, server.password)
    except OSError:  # also aiosmtplib's own for a lost or silent connection
        return "mail.connection_lost"
    except SMTPException:  # refused, or no way to log in that both sides know
        return "mail.login_refused"
    return ""


async def _envelope(client: SMTP, envelope: tuple[str, tuple[str, ...]]) -> int:
    """Name sender and recipients; return how many recipients were refused for good.

    Raises:
        SMTPResponseException: the sender or all recipients were refused, or one for the moment.
    """
    sender, recipients = envelope
    await client.mail(sender)
    refusals: list[SMTPRecipientRefused] = []
    for recipient in recipients:
        try:
            await client.rcpt(recipient)
        except SMTPRecipientRefused as exc:
            if exc.code not in _PERMANENT:
                raise  # all of them later, rather than some of them twice
            refusals.append(exc)
    if len(refusals) == len(recipients):
        raise refusals[0]
    return len(refusals)


async def _body(client: SMTP, raw: bytes, refused: int) -> Delivery:
    try:
        await client.data(raw)
    except SMTPResponseException as exc:
        return NotDelivered(f"refused ({exc.code})", permanent=exc.code in _PERMANENT)
    except (SMTPException, OSError) as exc:
        return Uncertain(f"connection lost while sending ({type(exc).__name__})")
    with suppress(SMTPException, OSError):  # it has the mail; how it says goodbye does not matter
        await client.quit()
    return Delivered(refused)
