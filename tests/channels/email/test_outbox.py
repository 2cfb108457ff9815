"""Sending: each answer at most once, none forgotten, whatever the mail server does."""

import asyncio
from datetime import timedelta

import pytest

from omni.channels.email.model import Draft, MailState
from omni.channels.email.tables import MailOutboxRecord
from omni.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from omni.core.events.messages import MailImported, MailSent
from omni.core.ids import AgentId, InteractionId, MailId
from tests.channels.email.site import ANN, CUSTOMER, SUPPORT, Site, raw_mail, running

MANY = tuple(f"a{number}@b.example" for number in range(101))
pytestmark = pytest.mark.usefixtures("database")


async def accepted(site: Site, raw: bytes | None = None) -> InteractionId:
    """Bring a mail in and let Ann take it."""
    await site.server.put(SUPPORT, raw or raw_mail())
    [imported] = await site.events_of(MailImported, 1)
    assert isinstance(imported, MailImported)
    await site.acd.accept(imported.interaction_id)

    async def known() -> bool:
        handling = await site.store.handling(imported.interaction_id)
        return handling is not None and handling.agent_id == ANN

    await site.until(known)
    return imported.interaction_id


async def state(site: Site, mail_id: MailId) -> tuple[str, str]:
    mail = await site.store.mail(mail_id)
    assert mail is not None
    return mail.state.value, mail.reason


async def sent(site: Site, count: int = 1) -> MailSent:
    event = (await site.events_of(MailSent, count))[count - 1]
    assert isinstance(event, MailSent)
    return event


async def test_the_mail_server_is_down_and_comes_back() -> None:
    async with running() as site:
        interaction = await accepted(site)
        port = site.server.smtp_port
        site.server.faults.refuse_code = 451
        mail = await site.email.replies.reply(ANN, interaction, Draft("Soon"))

        async def tried() -> bool:
            return await state(site, mail.mail_id) == ("queued", "refused (451)")

        await site.until(tried)
        assert not site.of(MailSent)
        site.server.faults.refuse_code = 0
        assert port == site.server.smtp_port
        await _due_now(site, mail.mail_id)
        assert (await sent(site)).state == "sent"
        assert len(await site.server.mails(CUSTOMER)) == 1


async def _due_now(site: Site, mail_id: MailId) -> None:
    row = await MailOutboxRecord.get(mail_id=mail_id)
    await MailOutboxRecord.filter(mail_id=mail_id).update(due_at=row.due_at - timedelta(hours=1))
    site.email.outbox.wake(row.mailbox_id)  # type: ignore[arg-type]


async def test_a_line_that_breaks_after_the_body_never_sends_twice() -> None:
    async with running() as site:
        interaction = await accepted(site)
        site.server.faults.drop_after_body = True
        mail = await site.email.replies.reply(ANN, interaction, Draft("Once"))
        event = await sent(site)
        assert (event.state, event.reason) == ("failed", "unconfirmed")
        await asyncio.sleep(0.3)
        assert len(await site.server.mails(CUSTOMER)) == 1
        site.server.faults.drop_after_body = False
        await site.email.replies.send_again(ANN, mail.mail_id)  # a person decides it
        assert (await sent(site, 2)).state == "sent"
        first, second = await site.server.mails(CUSTOMER)
        assert first.partition(b"Message-ID: ")[2][:60] == second.partition(b"Message-ID: ")[2][:60]
        with pytest.raises(Conflict):
            await site.email.replies.send_again(ANN, mail.mail_id)


async def test_a_process_that_died_while_sending_does_not_send_again() -> None:
    async with running(undo_s=300) as site:
        interaction = await accepted(site)
        mail = await site.email.replies.reply(ANN, interaction, Draft("Once"))
        await site.store.set_sending(mail.mail_id)
        await site.email.start()  # as the next process does
        event = await sent(site)
        assert (event.state, event.reason) == ("failed", "unconfirmed")
        assert site.server.taken == 0


async def test_refused_for_good_fails_at_once_and_says_so() -> None:
    async with running() as site:
        interaction = await accepted(site)
        site.server.faults.refused.add(CUSTOMER)
        await site.email.replies.reply(ANN, interaction, Draft("Hello"))
        event = await sent(site)
        assert (event.state, event.reason) == ("failed", "refused (550)")


async def test_one_refused_recipient_does_not_stop_the_others() -> None:
    async with running() as site:
        interaction = await accepted(site, raw_mail(Cc="li@customer.example, gone@x.example"))
        site.server.faults.refused.add("gone@x.example")
        await site.email.replies.reply(ANN, interaction, Draft("To all"))
        event = await sent(site)
        assert (event.state, event.reason) == ("sent", "1 of the recipients refused")
        assert len(await site.server.mails("li@customer.example")) == 1


async def test_an_answer_is_taken_back_in_time_and_not_later() -> None:
    async with running(undo_s=300) as site:
        interaction = await accepted(site)
        mail = await site.email.replies.reply(ANN, interaction, Draft("Oops"))
        with pytest.raises(Forbidden):
            await site.email.replies.take_back(AgentId("ben"), mail.mail_id)
        await site.email.replies.take_back(ANN, mail.mail_id)
        assert await state(site, mail.mail_id) == (MailState.CANCELLED.value, "")
        with pytest.raises(Conflict):
            await site.email.replies.take_back(ANN, mail.mail_id)
        with pytest.raises(NotFound):
            await site.email.replies.take_back(ANN, MailId("none"))


async def test_a_bounce_marks_our_mail_and_brings_somebody_to_look() -> None:
    async with running() as site:
        interaction = await accepted(site)
        mail = await site.email.replies.reply(ANN, interaction, Draft("Hello"))
        await sent(site)
        await site.acd.end(interaction)

        async def closed() -> bool:
            handling = await site.store.handling(interaction)
            return handling is not None and handling.state == "wrap_up"

        await site.until(closed)
        bounce = (
            "From: MAILER-DAEMON@mx.example\r\nTo: support@shop.example\r\nSubject: Undelivered\r\n"
            "Message-ID: <b1@mx.example>\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n"
            "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
            f"Final-Recipient: rfc822; {CUSTOMER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--x\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: <{mail.message_id}>\r\n\r\n"
            "--x--\r\n"
        )
        await site.server.put(SUPPORT, bounce.encode())
        await site.events_of(MailImported, 2)
        assert (await sent(site, 2)).reason == "bounced"
        assert await state(site, mail.mail_id) == ("bounced", "bounced")
        assert len(site.acd.arrivals) == 2


async def test_what_cannot_be_sent_is_said_at_once() -> None:
    async with running() as site:
        interaction = await accepted(site)
        replies = site.email.replies
        for draft, code in (
            (Draft("  "), "mail.empty"),
            (Draft("x", to=("nonsense",)), "mail.bad_address"),
            (Draft("x", cc=("a@b.example\r\nBcc: x@y.example",)), "mail.bad_address"),
            (Draft("x", attachment_ids=("none",)), "mail.no_such_file"),
            (Draft("x", cc=MANY), "mail.too_many_recipients"),
        ):
            with pytest.raises(Invalid) as caught:
                await replies.reply(ANN, interaction, draft)
            assert caught.value.code == code
        with pytest.raises(NotFound):
            await replies.reply(ANN, InteractionId("none"), Draft("x"))


async def test_files_and_drafts() -> None:
    async def chunks(size_bytes: int):  # type: ignore[no-untyped-def]
        for _ in range(size_bytes // 1_000_000):
            yield b"x" * 1_000_000

    async with running() as site:
        interaction = await accepted(site)
        replies = site.email.replies
        with pytest.raises(TooLarge):
            await replies.upload(ANN, "big.bin", "application/zip", chunks(27_000_000))
        file = await replies.upload(ANN, "../报告.pdf", "application/pdf; x=y", chunks(2_000_000))
        assert (file.file_name, file.media_type) == ("报告.pdf", "application/pdf")
        draft = Draft("So far", to=("a@b.example",), attachment_ids=(file.attachment_id,))
        await replies.save_draft(ANN, interaction, draft)
        assert await replies.draft(ANN, interaction) == draft
        others = await replies.upload(AgentId("ben"), "x", "a/b", chunks(0))
        with pytest.raises(Invalid):
            await replies.reply(
                ANN, interaction, Draft("x", attachment_ids=(others.attachment_id,))
            )
        await replies.reply(ANN, interaction, Draft("Here", attachment_ids=(file.attachment_id,)))
        await sent(site)
        [raw] = await site.server.mails(CUSTOMER)
        assert b"filename*=utf-8''%E6%8A%A5%E5%91%8A.pdf" in raw
        assert await replies.draft(ANN, interaction) == Draft()
        shown = await site.email.conversation.mails(interaction)
        assert [one.file_name for one in shown[-1].mail.files] == ["报告.pdf"]
