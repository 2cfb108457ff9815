"""TLS with mail servers: each mode on real ones, each bad certificate, nothing in the clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from omni.app.demo.dovecot import Dovecot, installed
from omni.app.demo.mailserver import PASSWORD, MailServer
from omni.channels.email.gateway.imap import ImapPost
from omni.channels.email.gateway.smtp import SmtpCourier
from omni.channels.email.gateway.tls import trust
from omni.channels.email.model import Delivered, Mailbox, NotDelivered, Security, Server
from omni.core.errors import Unavailable
from omni.core.ids import MailboxId
from tests.channels.email.certificates import HOST, Authority, authority
from tests.channels.email.site import CUSTOMER, SUPPORT, raw_mail, running

SECRET = "the-password-of-the-mailbox"


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def mailbox(port: int, security: Security, password: str = PASSWORD) -> Mailbox:
    imap = Server(HOST, port, security, SUPPORT, password, timeout_s=5)
    return Mailbox(MailboxId("support"), "Support", SUPPORT, imap, imap)


def serving(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


async def code_of(box: Mailbox, trusted: ssl.SSLContext) -> str:
    with pytest.raises(Unavailable) as caught:
        async with ImapPost(trusted).open(box):
            pass
    return caught.value.code


# --- reading, on Dovecot


@asynccontextmanager
async def dovecot(certificate: tuple[Path, Path]) -> AsyncIterator[Dovecot]:
    if not installed():
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    server = Dovecot(certificate)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        server.remove()


@pytest.mark.mail
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_mails_are_read_under_tls(own: Authority, security: Security) -> None:
    async with dovecot(own.issue("mail")) as server:
        await server.put(SUPPORT, raw_mail())
        port = server.imaps_port if security is Security.TLS else server.imap_port
        box = mailbox(port, security)
        async with ImapPost(trust(own.file)).open(box) as folder:
            [uid] = await folder.uids(0)
            assert (await folder.fetch([uid]))[uid] == raw_mail()
        assert await code_of(box, trust()) == "mail.certificate_unknown"


@pytest.mark.mail
async def test_the_wrong_mode_for_the_port_is_said(own: Authority) -> None:
    async with dovecot(own.issue("mail")) as server:
        trusted = trust(own.file)
        assert await code_of(mailbox(server.imap_port, Security.TLS), trusted) == "mail.tls_failed"
        box = mailbox(server.imaps_port, Security.STARTTLS)
        code = await code_of(replace(box, imap=replace(box.imap, timeout_s=1)), trusted)
        assert code in ("mail.unreachable", "mail.connection_lost")


# --- what a bad certificate is called: the same for reading and sending

Bad = Callable[[Authority], tuple[Path, Path]]
BAD: dict[str, Bad] = {
    "mail.certificate_dates": lambda own: own.issue("old", valid_days=-1),
    "mail.certificate_name": lambda own: own.issue("other", host="mail.elsewhere.example"),
    "mail.certificate_unknown": lambda own: authority(own.folder, "stranger").issue("strange"),
}


@pytest.mark.parametrize("code", BAD)
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_bad_certificate_is_refused_and_named(
    own: Authority, code: str, security: Security
) -> None:
    server = MailServer([SUPPORT, CUSTOMER], serving(BAD[code](own)))
    await server.start()
    try:
        port = server.smtps_port if security is Security.TLS else server.smtp_port
        smtp = mailbox(port, security).smtp
        courier = SmtpCourier(trust(own.file))
        assert await courier.check(smtp) == code
        delivery = await courier.deliver(smtp, (SUPPORT, (CUSTOMER,)), raw_mail(), never)
        assert delivery == NotDelivered(code, permanent=False)
        # The same certificate in front of a folder: only the handshake matters.
        if security is Security.TLS:
            assert await code_of(mailbox(port, security), trust(own.file)) == code
    finally:
        await server.stop()


async def never() -> None:
    raise AssertionError("the body was about to be sent")


# --- sending


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("user", ["", SUPPORT])
async def test_mails_are_sent_under_tls(own: Authority, security: Security, user: str) -> None:
    server = MailServer([SUPPORT, CUSTOMER], serving(own.issue("mail")))
    await server.start()
    try:
        port = server.smtps_port if security is Security.TLS else server.smtp_port
        smtp = replace(mailbox(port, security).smtp, username=user)
        courier = SmtpCourier(trust(own.file))
        assert await courier.check(smtp) == ""
        delivery = await courier.deliver(smtp, (SUPPORT, (CUSTOMER,)), raw_mail(), nothing)
        assert delivery == Delivered()
        assert len(await server.mails(CUSTOMER)) == 1
        if user:
            assert await courier.check(replace(smtp, password="no")) == "mail.login_refused"
    finally:
        await server.stop()


async def nothing() -> None:
    pass


# --- nothing in the clear


class Eavesdropper:
    """A server that speaks the given lines in answer to each of ours, and notes what it hears."""

    def __init__(self, greeting: bytes, answers: dict[bytes, bytes]) -> None:
        self._greeting, self._answers = greeting, answers
        self.heard = b""
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        writer.write(self._greeting)
        while line := await reader.readline():
            self.heard += line
            tag, _, rest = line.strip().partition(b" ")
            word = rest if rest in self._answers else tag
            writer.write(self._answers.get(word, b"%s BAD what\r\n" % tag).replace(b"TAG", tag))
            if line.startswith(b"\x16"):  # a TLS hello: we have heard enough
                break
        writer.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Eavesdropper"]:
        server = await asyncio.start_server(self._talk, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._open:
                writer.close()
                await writer.wait_closed()


IMAP_TRAPS = {
    "mail.no_starttls": Eavesdropper(b"* OK ready\r\n", {}),
    # Logged in before TLS: what follows would be somebody else's session in the clear.
    "mail.no_starttls ": Eavesdropper(b"* PREAUTH welcome\r\n", {}),
    # RFC 3501 does not allow it: what comes behind the OK would be read as if under TLS.
    "mail.tls_failed": Eavesdropper(
        b"* OK ready\r\n", {b"STARTTLS": b"TAG OK go on\r\nA2 OK logged in\r\n"}
    ),
    "mail.tls_failed ": Eavesdropper(b"* OK ready\r\n", {b"STARTTLS": b"TAG OK go\r\n* 1 EX"}),
}


@pytest.mark.parametrize("code", IMAP_TRAPS)
async def test_no_password_leaves_before_tls_when_reading(code: str) -> None:
    async with IMAP_TRAPS[code].listening() as trap:
        box = mailbox(trap.port, Security.STARTTLS, SECRET)
        assert await code_of(box, trust()) == code.strip()
        assert SECRET.encode() not in trap.heard
        assert b"LOGIN" not in trap.heard


EHLO = b"250-trap\r\n250-AUTH PLAIN LOGIN\r\n250 "
SMTP_TRAPS = {
    "mail.no_starttls": Eavesdropper(b"220 trap\r\n", {b"EHLO": EHLO + b"8BITMIME\r\n"}),
    "mail.no_starttls ": Eavesdropper(
        b"220 trap\r\n", {b"EHLO": EHLO + b"STARTTLS\r\n", b"STARTTLS": b"454 not now\r\n"}
    ),
    "mail.refuses_us": Eavesdropper(b"554 go away\r\n", {}),
}


@pytest.mark.parametrize("code", SMTP_TRAPS)
async def test_neither_password_nor_mail_leaves_before_tls_when_sending(code: str) -> None:
    async with SMTP_TRAPS[code].listening() as trap:
        smtp = mailbox(trap.port, Security.STARTTLS, SECRET).smtp
        courier = SmtpCourier()
        delivery = await courier.deliver(smtp, (SUPPORT, (CUSTOMER,)), raw_mail(), never)
        assert delivery == NotDelivered(code.strip(), permanent=False)
        assert b"AUTH" not in trap.heard
        assert b"MAIL" not in trap.heard


# --- what an administrator sees


@pytest.mark.usefixtures("database")
async def test_the_state_of_a_mailbox_names_the_certificate(own: Authority) -> None:
    server = MailServer([SUPPORT, CUSTOMER], serving(own.issue("mail")))
    await server.start()
    try:
        async with running(server) as site:  # in the clear: the site of the tests trusts nobody
            smtps = replace(site.mailbox().smtp, port=server.smtps_port, security=Security.TLS)
            box = replace(site.mailbox(), imap=smtps, smtp=smtps)
            await site.email.mailboxes.save(box)

            async def told() -> bool:
                view = await site.email.mailboxes.view(box.mailbox_id)
                return (view.state, view.reason, view.sending) == (
                    "down",
                    "mail.certificate_unknown",
                    ("down", "mail.certificate_unknown"),
                )

            await site.until(told)
    finally:
        await server.stop()
