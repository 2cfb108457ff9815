"""Whatever call to store or ACD fails, wherever the process dies: nothing lost, nothing twice."""

from contextlib import suppress
from typing import Any

import pytest
from tortoise.connection import get_connection

from omni.acd.model import Arrival, ArrivalResult, Queued
from omni.app.demo.mailserver import MailServer
from omni.channels.email.model import LedgerState, Mailbox
from omni.channels.email.service.dispatch import Dispatch
from omni.channels.email.service.intake import Intake, Received
from omni.channels.email.store import PostgresMailStore
from omni.channels.email.tables import MailRecord
from omni.core.errors import Unavailable
from omni.core.events.messages import MailImported
from omni.core.ids import InteractionId, MailboxId
from tests.channels.email.site import QUEUE, Site, raw_mail

pytestmark = pytest.mark.usefixtures("database")


class Failing:
    """A store whose n-th call fails, before or after its effect; then it works again."""

    def __init__(self, store: PostgresMailStore, fails_at: int, *, after: bool) -> None:
        self._store = store
        self._left = fails_at
        self._after = after

    @property
    def failed(self) -> bool:
        return self._left <= 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        async def call(*args: Any, **names: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise ConnectionError
            result = await method(*args, **names)
            if self._left == 0:
                raise ConnectionError
            return result

        return call


class CountingAcd:
    """Takes arrivals, a repeated one as one; each first one fails after it was taken."""

    def __init__(self) -> None:
        self.arrived: dict[InteractionId, int] = {}

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        self.arrived[arrival.interaction_id] = self.arrived.get(arrival.interaction_id, 0) + 1
        if self.arrived[arrival.interaction_id] == 1:
            raise Unavailable("acd.gone", "the answer was lost")
        return Queued(QUEUE)

    async def customer_wrote(self, interaction_id: InteractionId) -> None:
        assert interaction_id in self.arrived, "told of a conversation that it does not know"


def batch() -> list[Received]:
    """Return a conversation, a broken mail, a duplicate, and a matter of its own."""
    return [
        Received(1, raw_mail(Message_ID="<1@x>")),
        Received(2, raw_mail("Re: Order 12", "More", Message_ID="<2@x>", In_Reply_To="<1@x>")),
        Received(3, b"not a mail"),
        Received(4, raw_mail(Message_ID="<1@x>")),
        Received(5, raw_mail("Other", "Else", Message_ID="<5@x>")),
    ]


async def _process(site: Site, mailbox: Mailbox, store: Any, acd: CountingAcd) -> None:
    """Work as a process does: take in what the ledger lacks, announce what is stored."""
    clock, identities = site.journal._clock, site.email.mailboxes._identities
    intake = Intake(store, site.journal, clock, identities)
    dispatch = Dispatch(store, site.journal, acd, clock, identities)
    entered = await store.entered(mailbox.mailbox_id, 1)
    missing = [one for one in batch() if one.uid not in entered]
    if missing:
        await intake.take(mailbox, 1, missing)
    for _ in range(3):
        await dispatch.announce()


@pytest.mark.parametrize("after", [False, True])
async def test_any_failing_call_loses_and_doubles_nothing(after: bool) -> None:
    site = Site(MailServer([]))
    fails_at, done = 0, False
    while not done:
        fails_at += 1
        await _clear()
        mailbox = site.mailbox()
        await site.store.save_mailbox(mailbox)
        acd = CountingAcd()
        failing = Failing(site.store, fails_at, after=after)
        with suppress(ConnectionError):
            await _process(site, mailbox, failing, acd)
        done = not failing.failed
        await _process(site, mailbox, site.store, acd)  # the next process
        await _check(site, mailbox.mailbox_id, acd)
    assert fails_at > 15  # every call was made to fail once


async def _clear() -> None:
    for table in ("mail", "mail_handling", "mail_thread", "mail_ledger", "mail_file", "journal"):
        await get_connection("default").execute_script(f"DELETE FROM {table}")


async def _check(site: Site, mailbox_id: MailboxId, acd: CountingAcd) -> None:
    lines = {line.uid: line for _, line in await site.store.ledger(mailbox_id, "", 0, 100)}
    states = [lines[uid].state for uid in (1, 2, 3, 4, 5)]
    assert states == [
        LedgerState.IMPORTED,
        LedgerState.IMPORTED,
        LedgerState.QUARANTINED,
        LedgerState.DUPLICATE,
        LedgerState.IMPORTED,
    ]
    assert lines[3].reason == "no_sender"
    assert await MailRecord.all().count() == 3
    assert await site.store.unrouted(10) == []
    events = [
        one.event async for one in site.journal.read(0) if isinstance(one.event, MailImported)
    ]
    assert len(events) == len({event.mail_id for event in events}) == 3
    interactions = {event.interaction_id for event in events}
    assert interactions == set(acd.arrived)
    assert len(interactions) == 2
