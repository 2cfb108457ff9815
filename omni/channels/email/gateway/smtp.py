"""Handing mails to a mail server over SMTP.

Rules: the dialogue is walked step by step, since it matters where it breaks: before the body
nothing was sent; after the final dot the server has it, whatever its answer's fate (RFC 1047,
RFC 5321 §4.5.3.2), so that a break there is `Uncertain` and is never tried again by itself.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from omni.channels.email.model import Delivered, Delivery, NotDelivered, Security, Server, Uncertain

_PERMANENT = range(500, 600)


class SmtpCourier:
    """See `omni.channels.email.ports.Courier`."""

    def __init__(self, local_hostname: str = "omni.localdomain") -> None:
        self._local_hostname = local_hostname  # found by a DNS look-up otherwise

    async def deliver(
        self,
        server: Server,
        envelope: tuple[str, tuple[str, ...]],
        raw: bytes,
        before_body: Callable[[], Awaitable[None]],
    ) -> Delivery:
        client = self._client(server)
        try:
            try:
                await client.connect()
                refused = await _envelope(client, envelope)
            except SMTPAuthenticationError as exc:
                # The account's password can be mended: the mail waits for it.
                return NotDelivered(f"login refused ({exc.code})", permanent=False)
            except SMTPResponseException as exc:
                return NotDelivered(f"refused ({exc.code})", permanent=exc.code in _PERMANENT)
            except (SMTPException, OSError) as exc:
                return NotDelivered(f"unreachable ({type(exc).__name__})", permanent=False)
            await before_body()
            return await _body(client, raw, refused)
        finally:
            client.close()

    def _client(self, server: Server) -> SMTP:
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password if server.username else None,
            use_tls=server.security is Security.TLS,
            start_tls=server.security is Security.STARTTLS,
            timeout=server.timeout_s,
            local_hostname=self._local_hostname,
        )


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
