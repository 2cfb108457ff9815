"""`omni bench mail`: mails a second from a real IMAP server into conversations of the ACD.

Measured from the first byte fetched until the last mail is announced to the desks: reading over
IMAP, parsing, ledger, store, threading, the ACD's arrival, the journal. The database is an own
PostgreSQL with its usual settings (fsync on). The server is Dovecot when it is installed (or
`--server pymap`), in processes of its own. A fifth of the mails are answers in threads, a tenth
have a file of 50 kB, a few are broken; one mailbox or several (`--mailboxes`).

JSON: server, mailboxes, mails, imported, duplicates, quarantined, interactions, seconds,
mails_per_s, loop_stall_max_ms (how long the event loop was held up at worst).
"""

import argparse
import asyncio
import multiprocessing
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path

from omni.acd.administration import Administration, Matrix
from omni.acd.model import EntryLink, EntryPoint, Group, GroupLink, Queue
from omni.acd.service import Acd
from omni.acd.store import PostgresAcdStore
from omni.app.bus import JournalBus
from omni.app.database import migrate, opened
from omni.app.demo.dovecot import Dovecot, installed
from omni.app.demo.mailserver import HOST, PASSWORD, MailServer
from omni.app.embedded.postgres import PostgresServer
from omni.app.journal import PostgresJournal
from omni.app.keys import KeyRing, new_key
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.channels.email.answer_store import AnswerTable
from omni.channels.email.gateway.html import Nh3Cleaner
from omni.channels.email.gateway.imap import ImapPost
from omni.channels.email.gateway.smtp import SmtpCourier
from omni.channels.email.gateway.templates import JinjaTemplates
from omni.channels.email.model import Mailbox, Security, Server
from omni.channels.email.service.email import Email, Ports
from omni.channels.email.store import PostgresMailStore
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import MailImported
from omni.core.ids import EntryPointId, GroupId, MailboxId, QueueId
from omni.core.terms import Medium

BROKEN = 50  # every so many-th mail is not readable
ENTRY, QUEUE, GROUP = EntryPointId("bench"), QueueId("bench"), GroupId("bench")


async def run(options: list[str]) -> dict[str, object]:
    """Import mails and return the figures."""
    parser = argparse.ArgumentParser(prog="omni bench mail")
    parser.add_argument("--mails", type=int, default=3000)
    parser.add_argument("--mailboxes", type=int, default=1)
    parser.add_argument("--server", choices=["dovecot", "pymap"])
    chosen = parser.parse_args(options)
    kind = chosen.server or ("dovecot" if installed() else "pymap")
    accounts = [f"box{number}@bench.example" for number in range(chosen.mailboxes)]
    each = {
        account: [_mail(account, number) for number in range(chosen.mails // len(accounts))]
        for account in accounts
    }
    async with AsyncExitStack() as stack:
        folder = _folder()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = await _serve(stack, kind, each)
        database = PostgresServer(folder)
        stack.push_async_callback(database.stop)
        url = await database.start()
        await migrate(url)
        await stack.enter_async_context(opened(url))
        figures = await _measure(port, accounts, sum(map(len, each.values())))
    return {"server": kind, "mailboxes": len(accounts), **figures}


def _folder() -> Path:
    """Return a folder that the database's own account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="omni-bench-"))
    folder.chmod(0o711)
    return folder


async def _serve(stack: AsyncExitStack, kind: str, each: dict[str, list[bytes]]) -> int:
    """Start a mail server that holds these mails and return its port."""
    if kind == "dovecot":
        dovecot = Dovecot()
        stack.callback(dovecot.remove)
        await dovecot.start()
        stack.push_async_callback(dovecot.stop)
        for account, mails in each.items():
            dovecot.put_all(account, mails)
        return dovecot.imap_port
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_pymap, args=(theirs, each), daemon=True)
    process.start()
    stack.callback(process.kill)
    port = await asyncio.to_thread(ours.recv)
    return int(port)


def _pymap(pipe: "multiprocessing.connection.Connection", each: dict[str, list[bytes]]) -> None:
    async def serve() -> None:
        server = MailServer(each)
        await server.start()
        for account, mails in each.items():
            for raw in mails:
                await server.put(account, raw)
        pipe.send(server.imap_port)
        await asyncio.Event().wait()

    asyncio.run(serve())


def _mail(account: str, number: int) -> bytes:
    if number % BROKEN == BROKEN - 1:
        return b"no header at all, number %d of %s" % (number, account.encode())
    message = EmailMessage()
    message["From"] = f"客户 {number} <customer{number}@x.example>"
    message["To"] = account
    message["Subject"] = f"Order {number} · 订单"
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = f"<{number}.{account}>"
    if number % 5 == 4:
        message["In-Reply-To"] = f"<{number - 4}.{account}>"
        message["References"] = f"<{number - 4}.{account}>"
    text = f"Where is my order {number}?\n我的订单 {number} 在哪里？\n" * 10
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>" * 3, subtype="html")
    if number % 10 == 0:
        content = number.to_bytes(4, "big") * 12_500
        message.add_attachment(content, "application", "pdf", filename=f"order-{number}.pdf")
    return message.as_bytes()


async def _plan(administration: Administration) -> None:
    await administration.save_group(Group(GROUP, "Bench"))
    await administration.save_queue(Queue(QUEUE, "Bench"))
    await administration.save_entry_point(EntryPoint(ENTRY, "Bench", Medium.EMAIL, "bench"))
    await administration.save_matrix(
        Matrix(
            version=administration.matrix().version,
            entry_links=(EntryLink(ENTRY, QUEUE, 5),),
            group_links=(GroupLink(QUEUE, GROUP, 0, 0),),
        )
    )


class _Counter:
    """Counts what was announced."""

    def __init__(self, awaited: int) -> None:
        self._awaited = awaited
        self.imported = 0
        self.opened = 0
        self.done = asyncio.Event()

    async def on_event(self, recorded: Recorded[Event]) -> None:
        assert isinstance(recorded.event, MailImported)
        self.imported += 1
        self.opened += not recorded.event.joins
        if self.imported == self._awaited:
            self.done.set()


async def _measure(port: int, accounts: list[str], mails: int) -> dict[str, object]:
    clock, identities = SystemClock(), RandomIdentities()
    journal = PostgresJournal(clock)
    bus = JournalBus(journal)
    acd_store = PostgresAcdStore()
    acd = Acd(journal, acd_store, clock)
    await acd.start()
    store = PostgresMailStore(KeyRing([new_key()]))
    email = Email(
        Ports(
            store,
            journal,
            acd,
            ImapPost(),
            SmtpCourier(),
            Nh3Cleaner(),
            clock,
            identities,
            bus,
            AnswerTable(),
            JinjaTemplates(),
        )
    )
    each = mails // len(accounts)
    counter = _Counter(len(accounts) * (each - each // BROKEN))
    bus.subscribe("bench", [MailImported], counter.on_event)
    bus.consume("email", email.CONSUMES, email.on_interaction)
    running = [asyncio.ensure_future(work) for work in (bus.run(), acd.run())]
    await bus.running.wait()
    await _plan(Administration(acd, acd_store))
    for account in accounts:
        server = Server(HOST, port, Security.NONE, account, PASSWORD)
        await store.save_mailbox(
            Mailbox(MailboxId(account[:26]), account, account, server, server, ENTRY)
        )
    stalls = asyncio.ensure_future(_stall_max_s())
    begin = time.perf_counter()
    running.append(asyncio.ensure_future(email.run()))
    async with asyncio.timeout(600):
        await counter.done.wait()
    seconds = time.perf_counter() - begin
    stalls.cancel()
    stall_s = await stalls
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    counts = [await store.ledger_counts(MailboxId(account[:26])) for account in accounts]
    return {
        "mails": mails,
        "imported": counter.imported,
        "duplicates": sum(one.get("duplicate", 0) for one in counts),
        "quarantined": sum(one.get("quarantined", 0) for one in counts),
        "interactions": counter.opened,
        "seconds": round(seconds, 2),
        "mails_per_s": round(mails / seconds, 1),
        "loop_stall_max_ms": round(1000 * stall_s, 1),
    }


async def _stall_max_s() -> float:
    worst_s = 0.0
    try:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            worst_s = max(worst_s, time.perf_counter() - before - 0.01)
    except asyncio.CancelledError:
        return worst_s
