"""Automatic answers through a real mail server and database: to whom, once, and seen by agents."""

from datetime import UTC, datetime, timedelta

import pytest

from omni.channels.email.api.answers import answer_endpoints
from omni.channels.email.engine.answering import THREAD_S
from omni.channels.email.engine.mime import split_headers
from omni.channels.email.engine.parse import parse
from omni.channels.email.model import Answer, Kind, Limits, ParsedMail
from omni.channels.email.tables import MailAnsweredRecord
from omni.core.endpoint import Actor, Call
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.base import Recorded
from omni.core.events.messages import MailAnswered, MailImported, MailSent
from omni.core.ids import AnswerId, UserId
from omni.core.terms import Role
from tests.channels.email.site import ANN, CUSTOMER, SUPPORT, Site, overflowed, raw_mail, running

pytestmark = pytest.mark.usefixtures("database")
CLOSED = AnswerId("closed")
TEXTS = {
    "en": "Dear {{ name or 'customer' }}, we answer “{{ subject }}” on {{ opens }}.",
    "zh": "{{ name }}您好，我们将于{{ opens }}回复。",
}


async def closed(site: Site) -> None:
    """Have every mail answered that we are closed until Monday."""
    await site.email.answers.save(Answer(CLOSED, "Closed", TEXTS))
    site.acd.answer = CLOSED
    site.acd.opens = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def test_a_mail_is_answered_once_in_its_language_and_the_answer_can_be_read() -> None:
    async with running() as site:
        await closed(site)
        chinese = {"Subject": "订单", "Message-ID": "<zh@customer.example>"}
        await site.server.deliver(SUPPORT, raw_mail())
        await site.server.deliver(
            SUPPORT,
            raw_mail("订单", "我的订单在哪里？", Message_ID=chinese["Message-ID"]),
        )
        await site.events_of(MailSent, 2)
        first, second = sorted(await site.server.mails(CUSTOMER), key=lambda raw: b"=?utf" in raw)
        mail = parse(first, Limits())
        assert isinstance(mail, ParsedMail)
        assert "Dear Zhang San, we answer “Order 12” on Monday, 23 November, 09:00." in mail.text
        assert (mail.subject, mail.in_reply_to) == ("Re: Order 12", ("1@customer.example",))
        assert mail.kind is Kind.AUTO_REPLY  # so other robots, and we, know it for one
        fields, _ = split_headers(first, 0, len(first), Limits())
        assert fields.plain("auto-submitted") == "auto-replied"
        assert fields.plain("x-auto-response-suppress") == "All"
        assert [one.address for one in mail.to] == [CUSTOMER]
        assert mail.cc == ()
        other = parse(second, Limits())
        assert isinstance(other, ParsedMail)
        assert "Zhang San您好，我们将于11月23日星期一 09:00回复。" in other.text

        sent = site.of(MailSent)[0]
        assert isinstance(sent, MailSent)
        assert (sent.automatic, sent.state) == (True, "sent")
        imported = next(
            one for one in site.of(MailImported)
            if isinstance(one, MailImported) and one.subject == "Order 12"
        )  # fmt: skip
        shown = await site.email.conversation.mails(imported.interaction_id)
        assert [one.mail.kind for one in shown] == [Kind.PERSON, Kind.AUTO_REPLY]
        assert shown[1].mail.agent_id is None


async def test_the_customer_s_next_mail_joins_and_is_not_answered_again() -> None:
    async with running() as site:
        await closed(site)
        await site.server.deliver(SUPPORT, raw_mail())
        await site.events_of(MailSent, 1)
        [raw] = await site.server.mails(CUSTOMER)
        ours = parse(raw, Limits())
        assert isinstance(ours, ParsedMail)
        reply = raw_mail(
            "Re: Order 12", "And?", Message_ID="<2@c.example>", In_Reply_To=f"<{ours.message_id}>"
        )
        await site.server.deliver(SUPPORT, reply)
        first, again = await site.events_of(MailImported, 2)
        assert isinstance(first, MailImported)
        assert isinstance(again, MailImported)
        assert again.joins
        # The conversation ends, and a third mail opens another interaction in the same thread.
        await site.acd.accept(first.interaction_id)
        await site.acd.end(first.interaction_id, None)
        await site.until(lambda: _ended(site, first))
        third = raw_mail(
            "Re: Order 12", "Hm", Message_ID="<3@c.example>", In_Reply_To=f"<{ours.message_id}>"
        )
        await site.server.deliver(SUPPORT, third)
        await site.until(lambda: len(site.acd.arrivals) == 2)
        await _all_consumed(site)
        assert len(site.of(MailAnswered)) == 1
        # A day later it is answered again.
        long_ago = datetime.now(UTC) - timedelta(seconds=THREAD_S + 60)
        await MailAnsweredRecord.all().update(at=long_ago)
        async with site.journal.transaction() as tx:
            tx.emit(overflowed(site.acd.arrivals[1].interaction_id, CLOSED))
        await site.events_of(MailAnswered, 2)


async def _ended(site: Site, mail: MailImported) -> bool:
    handling = await site.store.handling(mail.interaction_id)
    return handling is not None and handling.state == "ended"


async def _all_consumed(site: Site) -> None:
    """Wait until the consumer has heard of everything so far."""
    from_last = await site.journal.last_seq()

    async def reached() -> bool:
        return await site.bus._cursor("email") >= await _last_of_ours(site, from_last)

    await site.until(reached)


async def _last_of_ours(site: Site, head: int) -> int:
    types = [kind.TYPE for kind in site.email.CONSUMES]
    last = 0
    async for recorded in site.journal.read(0, types=types):
        last = recorded.seq if recorded.seq <= head else last
    return last


@pytest.mark.parametrize(
    "odd",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"List_Unsubscribe": "<mailto:leave@list.example>"},
        {"X_Auto_Response_Suppress": "All"},
        {"From": "Shop <no-reply@customer.example>"},
        {"From": "Mail Delivery <mailer-daemon@customer.example>", "Subject": "Undeliverable"},
        {"From": "Us <Sales@shop.example>"},
    ],
)
async def test_machines_lists_and_ourselves_are_not_answered(odd: dict[str, str]) -> None:
    async with running() as site:
        await closed(site)
        sales = site.mailbox("sales@shop.example")
        await site.store.save_mailbox(sales)
        await site.server.deliver(SUPPORT, raw_mail(**odd))
        await site.server.deliver(SUPPORT, raw_mail("A person", Message_ID="<person@x>"))
        await site.events_of(MailImported, 2)
        await site.events_of(MailSent, 1)
        await _all_consumed(site)
        [answered] = site.of(MailSent)
        assert isinstance(answered, MailSent)
        assert answered.subject == "Re: A person"


async def test_a_machine_that_hides_is_answered_only_so_often() -> None:
    """It opens a new conversation for each of our answers."""
    async with running() as site:
        await closed(site)
        for number in range(8):
            await site.server.deliver(
                SUPPORT, raw_mail(f"Ticket {number}", Message_ID=f"<{number}@machine>")
            )
        await site.events_of(MailImported, 8)
        await _all_consumed(site)
        assert len(site.of(MailAnswered)) == 5


async def test_heard_of_twice_it_is_answered_once() -> None:
    async with running() as site:
        await closed(site)
        await site.server.deliver(SUPPORT, raw_mail())
        [imported] = await site.events_of(MailImported, 1)
        assert isinstance(imported, MailImported)
        await site.events_of(MailSent, 1)
        await MailAnsweredRecord.all().update(at=datetime(2020, 1, 1, tzinfo=UTC))
        event = overflowed(imported.interaction_id, CLOSED)
        async with site.journal.transaction():
            await site.email.answers.overflowed(Recorded(1, datetime.now(UTC), event))
        assert len(site.of(MailAnswered)) == 1


async def test_without_its_template_or_text_the_mail_just_waits() -> None:
    async with running() as site:
        site.acd.answer = AnswerId("gone")
        await site.server.deliver(SUPPORT, raw_mail())
        [imported] = await site.events_of(MailImported, 1)
        assert isinstance(imported, MailImported)
        empty = "{% if opens %}{{ opens }}{% endif %}"  # nothing to say when it is not known
        await site.email.answers.save(Answer(CLOSED, "Closed", {"en": empty}))
        site.acd.answer = CLOSED
        await site.server.deliver(SUPPORT, raw_mail("Other", Message_ID="<other@x>"))
        await site.events_of(MailImported, 2)
        await _all_consumed(site)
        assert not site.of(MailAnswered)
        await site.acd.accept(imported.interaction_id, ANN)


async def test_templates_over_the_api() -> None:
    async with running() as site:
        answers = site.email.answers
        table = {(row.method, row.path): row for row in answer_endpoints(answers)}
        boss = Actor(UserId("boss"), "Boss", frozenset({Role.MANAGER}))

        async def ask(method: str, path: str = "", body: object = None, **names: str):  # type: ignore[no-untyped-def]
            endpoint = table[method, f"/api/mail-answers{path}"]
            if isinstance(body, dict):
                body = endpoint.body(**body)
            return await endpoint.handler(Call(boss, names, None, body))

        await ask("POST", body={"name": " Closed ", "texts": TEXTS})
        [item] = await ask("GET")
        assert (item.name, item.texts.model_dump(), item.uses) == ("Closed", TEXTS, [])
        seen = await ask("POST", "/preview", TEXTS)
        assert seen.en == "Dear Zhang San, we answer “Order 12” on Monday, 23 November, 09:00."
        assert seen.zh == "Zhang San您好，我们将于11月23日星期一 09:00回复。"
        for body, code in (
            ({"name": "closed", "texts": TEXTS}, "answer.name_taken"),
            ({"name": "Other", "texts": {}}, "answer.empty"),
            ({"name": "Other", "texts": {"en": "{{ nmae }}"}}, "answer.template"),
        ):
            with pytest.raises((Conflict, Invalid)) as refused:
                await ask("POST", body=body)
            assert refused.value.code == code
        names = {"answer_id": item.answer_id}
        await ask("PUT", "/{answer_id}", {"name": "Shut", "texts": {"zh": "稍后回复"}}, **names)
        await answers.start()  # as after a restart
        assert [(one.name, one.texts) for one in answers.all()] == [
            ("Shut", {"en": "", "zh": "稍后回复"})
        ]

        async def uses() -> dict[str, list[str]]:
            return {item.answer_id: ["Sales"]}

        answers.uses = uses
        with pytest.raises(Conflict) as refused:
            await ask("DELETE", "/{answer_id}", **names)
        assert (refused.value.code, refused.value.data["places"]) == ("answer.in_use", "Sales")
        answers.uses = lambda: _no_uses()
        await ask("DELETE", "/{answer_id}", **names)
        with pytest.raises(NotFound):
            await ask("DELETE", "/{answer_id}", **names)
        assert await ask("GET") == []


async def _no_uses() -> dict[str, list[str]]:
    return {}
