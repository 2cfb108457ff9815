"""Reading a mailbox for ever: connect, take in what the ledger lacks, wait for news, begin again.

Rules:
1. What is to be read is what the server lists and the ledger does not have. Flags such as "seen"
   mean nothing here: another program's reading loses no mail.
2. Another UIDVALIDITY means that all numbers are new: everything is read again, and what is known
   becomes `duplicate` by its Message-ID and content.
3. Mails come in batches bounded by count and bytes. One too large to be kept is entered as such;
   one that the server cannot hand over is entered after `TRIES` sessions.
4. A mailbox that fails is tried again after growing pauses; it says so by an event when its state
   changes. It holds up no other: each mailbox has its own task and connection.
"""

import logging
from collections.abc import Iterator, Sequence

from omni.channels.email.model import Limits, Mailbox, Reason
from omni.channels.email.ports import Folder, MailStore, Post
from omni.channels.email.service.intake import Intake, Received
from omni.core.clock import Clock
from omni.core.errors import Fault
from omni.core.events.messages import MailboxStateChanged
from omni.core.ids import MailboxId
from omni.core.journal import Journal

log = logging.getLogger(__name__)

BATCH_MAILS = 50
BATCH_BYTES = 8 * 1024 * 1024
# RFC 2177 allows half an hour, but some servers forget to tell who has just begun to wait.
NEWS_S = 60.0
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
TRIES = 3


class Reading:
    """Reads mailboxes. `run` once per mailbox."""

    def __init__(
        self, store: MailStore, journal: Journal, post: Post, intake: Intake, clock: Clock
    ) -> None:
        self._store = store
        self._journal = journal
        self._post = post
        self._intake = intake
        self._clock = clock
        self._tries: dict[tuple[MailboxId, int, int], int] = {}
        self._keep_bytes = Limits().keep_bytes

    async def run(self, mailbox: Mailbox) -> None:
        """Read a mailbox until cancelled."""
        failures, said = 0, ""
        while True:
            reason = ""
            try:
                async with self._post.open(mailbox) as folder:
                    await self._state(mailbox, "up", "")
                    failures, said = 0, ""
                    await self._read(mailbox, folder)
            except Fault as exc:
                reason = exc.code
                if reason != said:  # once, however often it is tried again
                    log.warning("a mailbox cannot be read", extra={"reason": reason})
                said = reason
            except Exception as exc:  # the top of a connection: a defect of one must end here
                reason = type(exc).__name__
                log.exception("reading a mailbox failed")
            await self._down(mailbox, reason)
            await self._clock.sleep(PAUSES_S[min(failures, len(PAUSES_S) - 1)])
            failures += 1

    async def _down(self, mailbox: Mailbox, reason: str) -> None:
        try:
            await self._state(mailbox, "down", reason)
        except Exception:
            log.exception("the state of a mailbox could not be written")

    async def _state(self, mailbox: Mailbox, state: str, reason: str) -> None:
        known = (await self._store.states()).get(mailbox.mailbox_id)
        if known is not None and known[:2] == (state, reason):
            return
        async with self._journal.transaction() as tx:
            await self._store.set_state(mailbox.mailbox_id, state, reason, self._clock.now())
            tx.emit(
                MailboxStateChanged(
                    mailbox_id=mailbox.mailbox_id, name=mailbox.name, state=state, reason=reason
                )
            )

    async def _read(self, mailbox: Mailbox, folder: Folder) -> None:
        """Take in everything there is and then whatever comes."""
        entered = await self._store.entered(mailbox.mailbox_id, folder.uid_validity)
        after_uid = 0
        while True:
            listed = await folder.uids(after_uid)
            missing = [uid for uid in listed if uid not in entered]
            left = await self.take_in(mailbox, folder, missing)
            entered.update(set(missing) - left)
            if listed and not left:
                # From here on only newer ones are asked for; the set is not needed for them.
                after_uid = max(after_uid, listed[-1])
                entered = set()
            await folder.wait_for_news(NEWS_S if not left else PAUSES_S[2])

    async def take_in(self, mailbox: Mailbox, folder: Folder, uids: Sequence[int]) -> set[int]:
        """Take mails in; return the UIDs that could not be had this time."""
        left: set[int] = set()
        for some in _chunks(uids, 500):
            sizes = await folder.sizes(some)
            for uid in some:
                if uid not in sizes and not await self._give_up(mailbox, folder.uid_validity, uid):
                    left.add(uid)
                elif sizes.get(uid, 0) > self._keep_bytes:
                    size, why = sizes.pop(uid), Reason.LEFT_ON_SERVER
                    await self._intake.refuse(mailbox, folder.uid_validity, uid, why, size)
            for batch in self._batches(mailbox.mailbox_id, folder.uid_validity, sizes):
                left |= await self._batch(mailbox, folder, batch)
        return left

    async def _batch(self, mailbox: Mailbox, folder: Folder, uids: Sequence[int]) -> set[int]:
        try:
            contents = await folder.fetch(uids)
        except Fault:
            # Perhaps one of these breaks the server's connection each time: next time singly.
            for uid in uids:
                if len(uids) > 1:
                    self._tries.setdefault((mailbox.mailbox_id, folder.uid_validity, uid), 0)
                else:
                    await self._give_up(mailbox, folder.uid_validity, uid)
            raise
        if contents:
            received = [Received(uid, contents[uid]) for uid in uids if uid in contents]
            await self._intake.take(mailbox, folder.uid_validity, received)
        left: set[int] = set()
        for uid in uids:
            if uid in contents:
                self._tries.pop((mailbox.mailbox_id, folder.uid_validity, uid), None)
            elif not await self._give_up(mailbox, folder.uid_validity, uid):
                left.add(uid)
        return left

    async def _give_up(self, mailbox: Mailbox, uid_validity: int, uid: int) -> bool:
        """Count that a listed mail was not handed over; enter it when that was often enough."""
        key = (mailbox.mailbox_id, uid_validity, uid)
        self._tries[key] = self._tries.get(key, 0) + 1
        if self._tries[key] < TRIES:
            return False
        del self._tries[key]
        await self._intake.refuse(mailbox, uid_validity, uid, Reason.REFUSED_BY_SERVER, 0)
        return True

    def _batches(
        self, mailbox_id: MailboxId, uid_validity: int, sizes: dict[int, int]
    ) -> Iterator[list[int]]:
        """Cut mails into batches bounded by count and bytes; large and suspect ones come alone."""
        batch: list[int] = []
        batch_bytes = 0
        for uid, size_bytes in sorted(sizes.items()):
            if (mailbox_id, uid_validity, uid) in self._tries:
                yield [uid]
                continue
            if batch and (len(batch) >= BATCH_MAILS or batch_bytes + size_bytes > BATCH_BYTES):
                yield batch
                batch, batch_bytes = [], 0
            batch.append(uid)
            batch_bytes += size_bytes
        if batch:
            yield batch


def _chunks(uids: Sequence[int], count: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), count):
        yield uids[start : start + count]
