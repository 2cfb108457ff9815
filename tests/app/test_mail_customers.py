"""The demonstration's customers write real mails and answer an answer once."""

import asyncio
import contextlib
from random import Random

import aiosmtplib
import pytest

from omni.app.demo.mail_customers import MailCustomers, addresses
from omni.app.demo.mailserver import MailServer
from omni.channels.email.engine.parse import parse
from omni.channels.email.model import Limits, ParsedMail

SUPPORT = "support@shop.example"


@pytest.fixture
async def server():  # type: ignore[no-untyped-def]
    server = MailServer(addresses(SUPPORT))
    await server.start()
    yield server
    await server.stop()


async def test_customers_write_and_answer_our_answer_once(server: MailServer) -> None:
    customers = MailCustomers(server, SUPPORT, Random(3), every_s=0.05)
    await customers.write()
    [raw] = await server.mails(SUPPORT)
    mail = parse(raw, Limits())
    assert isinstance(mail, ParsedMail)
    answer = (
        f"From: {SUPPORT}\r\nTo: {mail.sender.address}\r\nSubject: Re: {mail.subject}\r\n"
        f"Message-ID: <ours@shop.example>\r\nIn-Reply-To: <{mail.message_id}>\r\n\r\nDone.\r\n"
    ).encode()
    work = asyncio.create_task(customers._answer())
    for _ in range(2):
        await server.deliver(mail.sender.address, answer)
    async with asyncio.timeout(10):
        while customers.answered == 0:
            await asyncio.sleep(0.01)
    work.cancel()
    again = parse((await server.mails(SUPPORT))[-1], Limits())
    assert isinstance(again, ParsedMail)
    assert "ours@shop.example" in again.references
    assert "> Done." in again.text
    assert customers.answered == 1


async def test_a_seeded_demonstration_writes_in_both_languages(server: MailServer) -> None:
    customers = MailCustomers(server, SUPPORT, Random(1))
    for _ in range(12):
        await customers.write()
    mails = [parse(raw, Limits()) for raw in await server.mails(SUPPORT)]
    subjects = [mail.subject for mail in mails if isinstance(mail, ParsedMail)]
    assert any("订单" in one for one in subjects)
    assert any("order" in one.lower() for one in subjects)
    assert any(isinstance(mail, ParsedMail) and mail.files for mail in mails)


@pytest.mark.parametrize("ends", [None, aiosmtplib.SMTPServerDisconnected("gone")])
async def test_customers_stop_although_the_mail_library_hides_it(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, ends: Exception | None
) -> None:
    sending = asyncio.Event()

    async def hiding(*_: object, **__: object) -> None:
        sending.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        if ends is not None:
            raise ends

    monkeypatch.setattr(aiosmtplib, "send", hiding)
    work = asyncio.create_task(MailCustomers(server, SUPPORT, Random(1), every_s=60).run())
    await sending.wait()
    work.cancel()
    await asyncio.wait([work], timeout=20)
    assert work.cancelled()
