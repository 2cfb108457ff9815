"""Mails on their way to the ACD: announced in order, once, also after crashes and at the end."""

import asyncio
from datetime import timedelta

import pytest

from omni.app.demo.mailserver import MailServer
from omni.channels.email.model import StoredMail
from omni.channels.email.service.intake import Received
from omni.core.events.messages import MailImported
from omni.core.events.routing import InteractionArrived
from omni.core.ids import InteractionId, MailboxId
from tests.channels.email.site import ANN, SUPPORT, Site, raw_mail, running

pytestmark = pytest.mark.usefixtures("database")
BOX = MailboxId("support")


def answer(number: int, to: int, **headers: str) -> bytes:
    return raw_mail(
        "Re: Order 12",
        f"Text {number}",
        Message_ID=f"<{number}@x>",
        In_Reply_To=f"<{to}@x>",
        **headers,
    )


async def test_the_arrival_comes_before_the_mail_and_mails_in_order() -> None:
    server = MailServer([SUPPORT])
    await server.start()
    await server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
    for number in range(2, 6):
        await server.put(SUPPORT, answer(number, number - 1))
    async with running(server) as site:
        mails = await site.events_of(MailImported, 5)
        assert isinstance(site.events[site.events.index(mails[0]) - 1], InteractionArrived)
        assert [one.joins for one in mails] == [False, True, True, True, True]  # type: ignore[attr-defined]
        assert len({one.interaction_id for one in mails}) == 1  # type: ignore[attr-defined]
        assert len(site.acd.arrivals) == 1
    await server.stop()


async def test_an_acd_that_is_away_gets_the_mail_later() -> None:
    async with running() as site:
        site.acd.broken = True
        await site.server.put(SUPPORT, raw_mail())

        async def stored() -> bool:
            return bool(await site.store.unrouted(10))

        await site.until(stored)
        assert not site.of(MailImported)
        site.acd.broken = False
        await site.events_of(MailImported, 1)
        assert len(site.acd.arrivals) == 1


async def test_a_crash_between_storing_and_announcing_loses_and_doubles_nothing() -> None:
    first = Site(MailServer([]))
    mailbox = await first.save()
    await first.email.intake.take(mailbox, 1, [Received(1, raw_mail())])
    [mail] = await first.store.unrouted(10)
    # The ACD heard of it, then the process died: the next one announces it again.
    async with running() as site:
        [event] = await site.events_of(MailImported, 1)
        assert event.interaction_id == mail.interaction_id  # type: ignore[attr-defined]
        assert await site.store.unrouted(10) == []


async def test_a_mail_that_comes_as_the_conversation_ends_gets_its_own() -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
        [first] = await site.events_of(MailImported, 1)
        assert isinstance(first, MailImported)
        await site.acd.accept(first.interaction_id)
        # The end is decided, but not known to the mails yet: the next one joins.
        mailbox = await site.store.mailbox(BOX)
        assert mailbox is not None
        await site.acd.end(first.interaction_id)
        await site.email.intake.take(mailbox, 77, [Received(1, answer(2, 1))])
        second = (await site.events_of(MailImported, 2))[-1]

        async def settled() -> bool:
            handling = await site.store.handling(first.interaction_id)
            arrived = [one.interaction_id for one in site.acd.arrivals]
            told = [one.interaction_id for one in site.of(MailImported)]  # type: ignore[attr-defined]
            ended = handling is not None and handling.state == "wrap_up"
            return ended and len(arrived) == 2 and told[-1] == arrived[-1]

        await site.until(settled)
        last = site.of(MailImported)[-1]
        assert isinstance(last, MailImported)
        assert last.interaction_id != first.interaction_id
        assert last.thread_id == first.thread_id
        assert last.interaction_id == site.acd.arrivals[-1].interaction_id
        assert second.subject == "Re: Order 12"  # type: ignore[attr-defined]


async def test_a_mail_whose_conversation_ends_while_it_is_announced_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
        [first] = await site.events_of(MailImported, 1)
        assert isinstance(first, MailImported)
        await site.acd.accept(first.interaction_id)

        async def ended() -> bool:
            handling = await site.store.handling(first.interaction_id)
            return handling is not None and handling.state == "wrap_up"

        async def ends(interaction_id: InteractionId) -> None:
            await site.acd.end(interaction_id)
            await site.until(ended)  # its mails have been given to a new one by now

        monkeypatch.setattr(site.acd, "customer_wrote", ends)
        await site.server.put(SUPPORT, answer(2, 1))
        await site.until(lambda: len(site.acd.arrivals) == 2, "the second mail is nobody's")
        [_, second] = await site.events_of(MailImported, 2)
        assert isinstance(second, MailImported)
        assert second.interaction_id == site.acd.arrivals[-1].interaction_id
        assert await site.store.unrouted(10) == []


async def test_a_mail_that_is_being_given_away_is_not_noted_as_announced() -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
        [first] = await site.events_of(MailImported, 1)
        assert isinstance(first, MailImported)
        site.acd.broken = True
        await site.server.put(SUPPORT, answer(2, 1))

        async def stored() -> bool:
            return bool(await site.store.unrouted(10))

        await site.until(stored)
        [second] = await site.store.unrouted(10)
        moved, may_go = asyncio.Event(), asyncio.Event()

        async def give_away() -> None:
            async with site.journal.transaction():
                at = second.at - timedelta(seconds=1)
                await site.store.move_late(first.interaction_id, InteractionId("new"), at)
                moved.set()
                await may_go.wait()

        async def note() -> list[StoredMail]:
            async with site.journal.transaction():
                return await site.store.set_routed([second], second.at)

        giving = asyncio.ensure_future(give_away())
        await moved.wait()
        noting = asyncio.ensure_future(note())
        await asyncio.sleep(0.3)  # long enough to ask, and to wait for the other transaction
        assert not noting.done()
        may_go.set()
        await giving
        assert await noting == []
        [waiting] = await site.store.unrouted(10)
        assert (waiting.mail_id, waiting.interaction_id) == (second.mail_id, "new")


async def test_the_next_mail_of_a_conversation_is_told_so_that_it_comes_back() -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
        [first] = await site.events_of(MailImported, 1)
        assert isinstance(first, MailImported)
        assert site.acd.wrote == []
        await site.server.put(SUPPORT, answer(2, 1))
        await site.events_of(MailImported, 2)
        assert site.acd.wrote == [first.interaction_id]


async def test_an_answer_after_the_end_opens_the_thread_again() -> None:
    async with running() as site:
        await site.server.put(SUPPORT, raw_mail(Message_ID="<1@x>"))
        [first] = await site.events_of(MailImported, 1)
        assert isinstance(first, MailImported)
        await site.acd.accept(first.interaction_id)
        await site.acd.end(first.interaction_id, ANN)

        async def closed() -> bool:
            handling = await site.store.handling(first.interaction_id)
            return handling is not None and handling.state == "wrap_up"

        await site.until(closed)
        await site.server.put(SUPPORT, answer(3, 1, Auto_Submitted="auto-replied"))
        note = (await site.events_of(MailImported, 2))[-1]
        assert isinstance(note, MailImported)
        assert note.joins
        assert len(site.acd.arrivals) == 1  # an out-of-office note is no work
        await site.server.put(SUPPORT, answer(2, 1))
        again = (await site.events_of(MailImported, 3))[-1]
        assert isinstance(again, MailImported)
        assert not again.joins
        assert again.thread_id == first.thread_id
        assert len(site.acd.arrivals) == 2


async def test_a_refused_mail_is_kept_and_shown() -> None:
    async with running() as site:
        site.acd.refuses = "entry_point_closed"
        await site.server.put(SUPPORT, raw_mail())
        [imported] = await site.events_of(MailImported, 1)
        shown = await site.email.conversation.mails(imported.interaction_id)  # type: ignore[attr-defined]
        assert shown[0].mail.text == "Where is my order?"
