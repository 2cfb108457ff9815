"""Reading a real server through faults: nothing lost, nothing twice, nobody held up."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from omni.app.demo.mailserver import MailServer
from omni.channels.email.model import LedgerState, Mailbox, Reason, Security, Server
from omni.channels.email.service.reading import TRIES, Reading
from omni.core.errors import Unavailable
from omni.core.events.messages import MailboxStateChanged, MailImported, MailQuarantined
from omni.core.ids import MailboxId
from tests.channels.email.site import SUPPORT, Site, raw_mail, running

pytestmark = pytest.mark.usefixtures("database")
BOX = MailboxId("support")


def numbered(number: int, **headers: str) -> bytes:
    headers = {"Message_ID": f"<{number}@x>", **headers}
    return raw_mail(f"Mail {number}", f"Text {number}", **headers)


async def counts(site: Site, mailbox_id: MailboxId = BOX) -> dict[str, int]:
    return await site.store.ledger_counts(mailbox_id)


async def test_bad_mails_are_kept_with_a_reason_and_hold_up_nobody() -> None:
    server = MailServer([SUPPORT])
    await server.start()
    bomb = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    bad = {
        Reason.NO_SENDER: b"\x00\xff\xfe not a mail at all",
        Reason.TOO_MANY_PARTS: bomb + b"--x\r\n\r\nhi\r\n" * 2000,
        Reason.HEADER_TOO_LONG: b"From: a@b.example\r\nX: " + b"y" * 400_000 + b"\r\n\r\n",
        Reason.TOO_LARGE: numbered(7) + b"Z" * 1_100_000,
    }
    for index, raw in enumerate(bad.values()):
        await server.put(SUPPORT, numbered(100 + index))
        await server.put(SUPPORT, raw)
    await server.put(SUPPORT, numbered(200, Message_ID=""))
    await server.put(SUPPORT, numbered(201).replace(b"text/plain", b"multipart/mixed"))
    async with running(server, size_limit_bytes=1_000_000) as site:
        await site.events_of(MailImported, 6)
        events = await site.events_of(MailQuarantined, 4)
        reasons = {one.reason for one in events if isinstance(one, MailQuarantined)}
        assert reasons == {reason.value for reason in bad}
        assert await counts(site) == {"imported": 6, "quarantined": 4}
        for number, line in await site.email.mailboxes.ledger(BOX, "quarantined", 0):
            kept = await site.email.mailboxes.raw(BOX, number)
            assert kept == bad[Reason(line.reason)]
    await server.stop()


async def test_fifty_megabytes_are_kept_whole_beside_small_mails() -> None:
    server = MailServer([SUPPORT])
    await server.start()
    large = numbered(1) + b"A" * 50_000_000
    await server.put(SUPPORT, large)
    await server.put(SUPPORT, numbered(2))
    async with running(server) as site:
        [imported] = await site.events_of(MailImported, 1)
        assert isinstance(imported, MailImported)
        assert imported.subject == "Mail 2"
        [(number, line)] = await site.email.mailboxes.ledger(BOX, "quarantined", 0)
        assert (line.reason, line.subject) == ("too_large", "Mail 1")
        assert await site.email.mailboxes.raw(BOX, number) == large
    await server.stop()


async def test_the_server_restarts_and_gives_all_mails_other_numbers() -> None:
    server = MailServer([SUPPORT])
    await server.start()
    for number in range(3):
        await server.put(SUPPORT, numbered(number))
    async with running(server) as site:
        await site.events_of(MailImported, 3)
        old = await site.server.mails(SUPPORT)
        await server.stop()
        await site.until(lambda: len(site.of(MailboxStateChanged)) >= 2)
        again = MailServer([SUPPORT])
        await again.start(imap_port=server.imap_port)
        for raw in (*old, numbered(3)):
            await again.put(SUPPORT, raw)
        await site.events_of(MailImported, 4)

        async def settled() -> bool:
            return await counts(site) == {"imported": 4, "duplicate": 3}

        await site.until(settled)
        states = [one.state for one in site.of(MailboxStateChanged)]  # type: ignore[attr-defined]
        assert states == ["up", "down", "up"]
        assert len(site.acd.arrivals) == 4
        await again.stop()


async def test_a_dead_mailbox_does_not_delay_another() -> None:
    async with running() as site:
        dead = replace(
            site.mailbox("sales@shop.example"),
            imap=Server("127.0.0.1", 1, Security.NONE, "x", "y", timeout_s=1),
        )
        await site.email.mailboxes.save(dead)
        await site.server.put(SUPPORT, numbered(1))
        await site.events_of(MailImported, 1)

        async def said() -> bool:
            states = await site.store.states()
            return states[dead.mailbox_id][:2] == ("down", "mail.unreachable")

        await site.until(said)
        mended = site.mailbox("sales@shop.example")
        await site.server.put("sales@shop.example", numbered(2))
        await site.email.mailboxes.save(mended)
        found = await site.events_of(MailImported, 2)
        assert found[1].mailbox_id == "sales"  # type: ignore[attr-defined]


async def test_what_came_while_we_were_away_is_read_once() -> None:
    server = MailServer([SUPPORT])
    await server.start()
    await server.put(SUPPORT, numbered(1))
    async with running(server) as site:
        await site.events_of(MailImported, 1)
    await server.put(SUPPORT, numbered(2))
    async with running(server) as site:
        [second] = await site.events_of(MailImported, 1)
        assert second.subject == "Mail 2"  # type: ignore[attr-defined]
        assert await counts(site) == {"imported": 2}
    await server.stop()


class BreakingFolder:
    """A folder whose server breaks the connection on some mails and refuses others."""

    def __init__(self, mails: dict[int, bytes], breaks: set[int], refuses: set[int]) -> None:
        self.uid_validity = 1
        self._mails, self._breaks, self._refuses = mails, breaks, refuses

    async def uids(self, after_uid: int) -> list[int]:
        return [uid for uid in sorted(self._mails) if uid > after_uid]

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: len(self._mails[uid]) for uid in uids}

    async def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        if self._breaks & set(uids):
            raise Unavailable("mail.connection_lost")
        return {uid: self._mails[uid] for uid in uids if uid not in self._refuses}

    async def wait_for_news(self, timeout_s: float) -> None:
        await asyncio.sleep(0)


async def _sessions(site: Site, mailbox: Mailbox, folder: BreakingFolder, count: int) -> None:
    reading = Reading(site.store, site.journal, site.post, site.email.intake, _clock(site))
    for _ in range(count):
        entered = await site.store.entered(mailbox.mailbox_id, folder.uid_validity)
        missing = [uid for uid in await folder.uids(0) if uid not in entered]
        try:
            await reading.take_in(mailbox, folder, missing)
        except Unavailable:
            continue


def _clock(site: Site):  # type: ignore[no-untyped-def]
    return site.journal._clock


async def test_mails_that_break_or_refuse_are_left_behind_and_all_others_come() -> None:
    site = Site(MailServer([]))
    mailbox = await site.save()
    mails = {uid: numbered(uid) for uid in range(1, 9)}
    folder = BreakingFolder(mails, breaks={3}, refuses={6})
    await _sessions(site, mailbox, folder, TRIES * 2 + 2)
    lines = {line.uid: line for _, line in await site.store.ledger(BOX, "", 0, 100)}
    assert set(lines) == set(mails)
    for uid, line in lines.items():
        expected = LedgerState.QUARANTINED if uid in (3, 6) else LedgerState.IMPORTED
        assert line.state is expected
    assert lines[3].reason == lines[6].reason == "refused_by_server"
    [number] = [key for key, line in await site.store.ledger(BOX, "", 0, 100) if line.uid == 6]
    await site.email.mailboxes.read_again(BOX, number)
    await _sessions(site, mailbox, BreakingFolder(mails, set(), set()), 1)
    assert await counts(site) == {"imported": 7, "quarantined": 1}


async def test_a_defect_of_ours_keeps_the_mail_and_the_others_come() -> None:
    site = Site(MailServer([]))
    mailbox = await site.save()
    broken = site.email.intake._read

    async def read(one, limits):  # type: ignore[no-untyped-def]
        mail = await broken(one, limits)
        # A value that the database cannot take, as a defect of the parser would make it.
        return replace(mail, subject="\x00") if one.uid == 2 else mail

    site.email.intake._read = read  # type: ignore[method-assign]
    await _sessions(
        site, mailbox, BreakingFolder({1: numbered(1), 2: numbered(2)}, set(), set()), 1
    )
    lines = {line.uid: line for _, line in await site.store.ledger(BOX, "", 0, 100)}
    assert lines[1].state is LedgerState.IMPORTED
    assert (lines[2].state, lines[2].reason) == (LedgerState.QUARANTINED, "defect")
    assert await site.store.content(lines[2].raw_sha256) == numbered(2)
