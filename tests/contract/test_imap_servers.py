"""What reading relies on, on each IMAP server there is: pymap always, Dovecot if installed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from omni.app.demo.dovecot import Dovecot, installed
from omni.app.demo.mailserver import MailServer
from omni.channels.email.gateway.imap import ImapPost
from omni.channels.email.model import Mailbox, Security, Server
from omni.core.errors import Unavailable
from omni.core.ids import MailboxId
from tests.channels.email.site import SUPPORT, raw_mail

Imap = MailServer | Dovecot


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.mail)])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Imap]:
    if request.param == "pymap":
        pymap = MailServer([SUPPORT])
        await pymap.start()
        yield pymap
        await pymap.stop()
        return
    if not installed():
        pytest.skip("Dovecot is not installed: apt-get install dovecot-imapd")
    dovecot = Dovecot()
    await dovecot.start()
    yield dovecot
    await dovecot.stop()
    dovecot.remove()


def mailbox(server: Imap, password: str = "demo", folder: str = "INBOX") -> Mailbox:
    imap = Server("127.0.0.1", server.imap_port, Security.NONE, SUPPORT, password, timeout_s=10)
    return Mailbox(MailboxId("box"), "Support", SUPPORT, imap, imap, folder=folder)


async def test_mails_come_as_they_are(server: Imap) -> None:
    mails = [raw_mail(subject=f"Mail {number}", text="x" * number * 1000) for number in range(1, 8)]
    mails.append(raw_mail(text="a line\r\nA1 OK not the end\r\n* 3 FETCH (UID 9)\r\n){5}\r\n"))
    for raw in mails:
        await server.put(SUPPORT, raw)
    async with ImapPost().open(mailbox(server)) as folder:
        assert folder.uid_validity > 0
        uids = await folder.uids(0)
        assert len(uids) == len(mails)
        sizes = await folder.sizes(uids)
        contents = await folder.fetch(uids)
        assert sorted(contents.values()) == sorted(mails)
        assert {uid: len(raw) for uid, raw in contents.items()} == sizes
        assert await folder.uids(uids[-1]) == []
        assert await folder.uids(uids[2]) == uids[3:]
        assert await folder.fetch([uids[-1] + 1000]) == {}


async def test_news_end_the_waiting(server: Imap) -> None:
    async with ImapPost().open(mailbox(server)) as folder:
        waiting = asyncio.create_task(folder.wait_for_news(30))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await server.put(SUPPORT, raw_mail())
        async with asyncio.timeout(10):
            await waiting
        async with asyncio.timeout(10):
            while not await folder.uids(0):
                await folder.wait_for_news(1)
        async with asyncio.timeout(20):
            await folder.wait_for_news(0.1)  # nothing new: the time ends it


async def test_news_beside_another_answer_are_not_slept_over(server: Imap) -> None:
    async with ImapPost().open(mailbox(server)) as folder:
        assert await folder.uids(0) == []
        await server.put(SUPPORT, raw_mail())
        await folder._line.command("NOOP")  # the server says EXISTS here, and only here
        async with asyncio.timeout(20):
            await folder.wait_for_news(60)
        assert len(await folder.uids(0)) == 1


async def test_reading_changes_nothing(server: Imap) -> None:
    await server.put(SUPPORT, raw_mail())
    for _ in range(2):
        async with ImapPost().open(mailbox(server)) as folder:
            [uid] = await folder.uids(0)
            assert await folder.fetch([uid])
            responses = await folder._line.command("UID SEARCH UNSEEN")
            assert str(uid).encode() in b" ".join(one.line for one in responses)


async def test_a_large_mail_comes_whole(server: Imap) -> None:
    raw = raw_mail(text="0123456789abcdef\r\n" * 1_200_000)
    await server.put(SUPPORT, raw)
    async with ImapPost().open(mailbox(server)) as folder:
        [uid] = await folder.uids(0)
        assert await folder.sizes([uid]) == {uid: len(raw)}
        assert (await folder.fetch([uid]))[uid] == raw


async def test_a_wrong_password_is_said(server: Imap) -> None:
    with pytest.raises(Unavailable) as caught:
        async with ImapPost().open(mailbox(server, password="wrong")):
            pass
    assert caught.value.code == "mail.login_refused"


async def test_a_missing_folder_is_said(server: Imap) -> None:
    with pytest.raises(Unavailable) as caught:
        async with ImapPost().open(mailbox(server, folder="不存在 & nowhere")):
            pass
    assert caught.value.code == "mail.no_folder"


@pytest.mark.parametrize("after_s", [0, 0.2])
async def test_a_server_that_goes_ends_the_waiting(server: Imap, after_s: float) -> None:
    with pytest.raises(Unavailable):
        async with ImapPost().open(mailbox(server)) as folder:
            waiting = asyncio.create_task(folder.wait_for_news(30))
            await asyncio.sleep(after_s)
            await server.stop()
            async with asyncio.timeout(8):  # Dovecot forgets a client by itself after 10 s
                await waiting


async def test_nobody_there(server: Imap) -> None:
    await server.stop()
    with pytest.raises(Unavailable) as caught:
        async with ImapPost().open(mailbox(server)):
            pass
    assert caught.value.code == "mail.unreachable"
