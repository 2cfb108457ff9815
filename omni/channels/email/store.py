"""Mails, threads, ledger and outbox in PostgreSQL.

Rules: what a method reads with `lock` or `lock_threads` stays as it is until the transaction's end,
so that a mail that joins a conversation and the end of that conversation cannot miss each other.
Passwords of mailboxes are stored sealed.
"""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from tortoise.expressions import F, Q
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from omni.channels.email import rows
from omni.channels.email.model import (
    Draft,
    Handling,
    Kind,
    LedgerLine,
    Mailbox,
    MailState,
    Outbound,
    StoredFile,
    StoredMail,
    Thread,
)
from omni.channels.email.tables import (
    MailboxRecord,
    MailContentRecord,
    MailDraftRecord,
    MailFileRecord,
    MailHandlingRecord,
    MailLedgerRecord,
    MailOutboxRecord,
    MailRecord,
    MailThreadRecord,
)
from omni.core.errors import Unavailable
from omni.core.ids import AgentId, InteractionId, MailboxId, MailId
from omni.core.seal import Seal
from omni.core.terms import Direction

_SUM_ASIDE_BYTES = 1024 * 1024  # more is summed in a thread


class PostgresMailStore:
    """See `omni.channels.email.ports.MailStore`."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    # --- mailboxes

    async def mailboxes(self) -> list[Mailbox]:
        return [
            rows.mailbox_of(row, self._seal) for row in await MailboxRecord.all().order_by("name")
        ]

    async def mailbox(self, mailbox_id: MailboxId) -> Mailbox | None:
        row = await MailboxRecord.get_or_none(mailbox_id=mailbox_id)
        return rows.mailbox_of(row, self._seal) if row else None

    async def save_mailbox(self, mailbox: Mailbox) -> None:
        columns = rows.row_of_mailbox(mailbox, self._seal)
        await MailboxRecord.update_or_create(columns, mailbox_id=mailbox.mailbox_id)

    async def reseal(self, *, forget: bool = False) -> int:
        """Seal all passwords with the present key; return how many no key opens.

        With `forget` those are emptied.
        """
        unreadable = 0
        async with in_transaction():
            for row in await MailboxRecord.all().select_for_update():
                for server in (row.imap, row.smtp):
                    try:
                        server["password"] = self._seal.renewed(str(server["password"]))
                    except Unavailable:
                        unreadable += 1
                        if forget:
                            server["password"] = ""
                await row.save(update_fields=["imap", "smtp"])
        return unreadable

    async def set_state(self, mailbox_id: MailboxId, state: str, reason: str, at: datetime) -> None:
        await MailboxRecord.filter(mailbox_id=mailbox_id).update(
            state=state, state_reason=reason[:200], state_at=at
        )

    async def states(self) -> dict[MailboxId, tuple[str, str, datetime | None]]:
        found = await MailboxRecord.all().values_list(
            "mailbox_id", "state", "state_reason", "state_at"
        )
        return {MailboxId(str(key)): (state, why, at) for key, state, why, at in found}

    # --- ledger

    async def entered(self, mailbox_id: MailboxId, uid_validity: int) -> set[int]:
        found: Any = await MailLedgerRecord.filter(
            mailbox_id=mailbox_id, uid_validity=uid_validity
        ).values_list("uid", flat=True)
        return set(found)

    async def enter(self, lines: Sequence[LedgerLine]) -> None:
        if lines:
            await MailLedgerRecord.bulk_create(
                [rows.row_of_line(line) for line in lines], ignore_conflicts=True
            )

    async def ledger(
        self, mailbox_id: MailboxId, state: str, before: int, limit: int
    ) -> list[tuple[int, LedgerLine]]:
        query = MailLedgerRecord.filter(mailbox_id=mailbox_id)
        if state:
            query = query.filter(state=state)
        if before:
            query = query.filter(number__lt=before)
        found = await query.order_by("-number").limit(limit)
        return [(row.number, rows.line_of(row)) for row in found]

    async def ledger_line(self, number: int) -> LedgerLine | None:
        row = await MailLedgerRecord.get_or_none(number=number)
        return rows.line_of(row) if row else None

    async def forget_line(self, number: int) -> None:
        await MailLedgerRecord.filter(number=number).delete()

    async def ledger_counts(self, mailbox_id: MailboxId) -> dict[str, int]:
        found: Any = (
            await MailLedgerRecord.filter(mailbox_id=mailbox_id)
            .annotate(n=Count("number"))
            .group_by("state")
            .values_list("state", "n")
        )
        return dict(found)

    # --- contents

    async def keep(self, contents: Collection[bytes]) -> list[str]:
        if sum(map(len, contents)) < _SUM_ASIDE_BYTES:
            sums = [hashlib.sha256(content).hexdigest() for content in contents]
        else:
            sums = await asyncio.to_thread(
                lambda: [hashlib.sha256(content).hexdigest() for content in contents]
            )
        new = dict(zip(sums, contents, strict=True))
        for known in await MailContentRecord.filter(sha256__in=list(new)).values_list(
            "sha256", flat=True
        ):
            new.pop(str(known), None)
        if new:
            await MailContentRecord.bulk_create(
                [
                    MailContentRecord(sha256=key, size_bytes=len(body), body=body)
                    for key, body in new.items()
                ],
                ignore_conflicts=True,
            )
        return sums

    async def content(self, sha256: str) -> bytes | None:
        row = await MailContentRecord.get_or_none(sha256=sha256)
        return bytes(row.body) if row else None

    # --- mails

    async def known(
        self, mailbox_id: MailboxId, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], MailId]:
        found: Any = await MailRecord.filter(
            mailbox_id=mailbox_id,
            message_id__in=list({key for key, _ in keys}),
            direction=Direction.INBOUND.value,
        ).values_list("message_id", "content_hash", "mail_id")
        wanted = set(keys)
        return {(one, two): MailId(mail) for one, two, mail in found if (one, two) in wanted}

    async def own(self, message_ids: Collection[str]) -> dict[str, MailId]:
        found: Any = await MailRecord.filter(
            message_id__in=list(message_ids), direction=Direction.OUTBOUND.value
        ).values_list("message_id", "mail_id")
        return {key: MailId(mail) for key, mail in found}

    async def threads_of_messages(self, message_ids: Collection[str]) -> dict[str, str]:
        if not message_ids:
            return {}
        found: Any = (
            await MailRecord.filter(message_id__in=list(message_ids))
            .exclude(message_id="")
            .values_list("message_id", "thread_id")
        )
        return dict(found)

    async def threads_of_tokens(self, tokens: Collection[str]) -> dict[str, str]:
        if not tokens:
            return {}
        found: Any = await MailThreadRecord.filter(token__in=list(tokens)).values_list(
            "token", "thread_id"
        )
        return dict(found)

    async def lock_threads(self, thread_ids: Collection[str]) -> dict[str, Thread]:
        if not thread_ids:
            return {}
        found = (
            await MailThreadRecord.filter(thread_id__in=list(thread_ids))
            .order_by("thread_id")
            .select_for_update()
        )
        return {row.thread_id: rows.thread_of(row) for row in found}

    async def save_threads(self, threads: Sequence[Thread], at: datetime) -> None:
        if threads:
            await MailThreadRecord.bulk_create(
                [MailThreadRecord(**asdict(one), touched_at=at) for one in threads],
                on_conflict=["thread_id"],
                update_fields=["interaction_id", "open", "touched_at"],
            )

    async def add_mails(
        self, mails: Sequence[StoredMail], files: Mapping[MailId, Sequence[StoredFile]]
    ) -> None:
        if mails:
            await MailRecord.bulk_create([rows.row_of_mail(one) for one in mails])
        attached = [
            rows.row_of_file(file, mail_id=mail_id, position=position)
            for mail_id, several in files.items()
            for position, file in enumerate(several)
        ]
        if attached:
            await MailFileRecord.bulk_create(attached)

    async def unrouted(self, limit: int) -> list[StoredMail]:
        found = (
            await MailRecord.filter(routed_at__isnull=True, direction=Direction.INBOUND.value)
            .order_by("at", "mail_id")
            .limit(limit)
        )
        return await self._with_files(found)

    async def set_routed(self, mails: Sequence[StoredMail], at: datetime) -> list[StoredMail]:
        waiting = MailRecord.filter(mail_id__in=[mail.mail_id for mail in mails], routed_at=None)
        # Rows, not `values_list`: it would lock nothing.
        found = await waiting.only("mail_id", "interaction_id").select_for_update()
        now = {(row.mail_id, row.interaction_id) for row in found}
        routed = [mail for mail in mails if (mail.mail_id, mail.interaction_id) in now]
        await MailRecord.filter(mail_id__in=[mail.mail_id for mail in routed]).update(routed_at=at)
        return routed

    async def move_late(self, old: InteractionId, new: InteractionId, ended_at: datetime) -> int:
        late = (
            MailRecord.filter(interaction_id=old, direction=Direction.INBOUND.value, opens=False)
            .exclude(kind=Kind.AUTO_REPLY.value)
            .filter(Q(routed_at__isnull=True) | Q(routed_at__gt=ended_at))
        )
        found: Any = await late.order_by("at", "mail_id").values_list("mail_id", flat=True)
        if found:
            await MailRecord.filter(mail_id__in=list(found)).update(
                interaction_id=new, routed_at=None
            )
            await MailRecord.filter(mail_id=found[0]).update(opens=True)
        return len(found)

    async def automatic_since(self, address: str, since: datetime) -> int:
        return await MailRecord.filter(
            from_address=address, kind=Kind.AUTO_REPLY.value, at__gte=since
        ).count()

    async def mail(self, mail_id: MailId) -> StoredMail | None:
        row = await MailRecord.get_or_none(mail_id=mail_id)
        return (await self._with_files([row]))[0] if row else None

    async def mails_of_thread(self, thread_id: str) -> list[StoredMail]:
        found = await MailRecord.filter(thread_id=thread_id).order_by("at", "mail_id")
        return await self._with_files(found)

    async def _with_files(self, found: Sequence[MailRecord]) -> list[StoredMail]:
        attached: dict[str, list[StoredFile]] = {}
        ids = [row.mail_id for row in found]
        for row in await MailFileRecord.filter(mail_id__in=ids).order_by("position"):
            attached.setdefault(str(row.mail_id), []).append(rows.file_of(row))
        return [rows.mail_of(row, tuple(attached.get(row.mail_id, ()))) for row in found]

    async def set_mail_state(self, mail_id: MailId, state: MailState, reason: str) -> None:
        await MailRecord.filter(mail_id=mail_id).update(state=state.value, reason=reason[:300])

    # --- interactions

    async def handling(
        self, interaction_id: InteractionId, *, lock: bool = False
    ) -> Handling | None:
        query = MailHandlingRecord.filter(interaction_id=interaction_id)
        row = await (query.select_for_update() if lock else query).first()
        return rows.handling_of(row) if row else None

    async def save_handlings(self, handlings: Sequence[Handling]) -> None:
        if handlings:
            await MailHandlingRecord.bulk_create(
                [MailHandlingRecord(**asdict(one)) for one in handlings],
                on_conflict=["interaction_id"],
                update_fields=["state", "agent_id"],
            )

    # --- files

    async def add_file(self, file: StoredFile, owner: AgentId, at: datetime) -> None:
        await rows.row_of_file(file, owner_id=owner, at=at).save()

    async def file(self, attachment_id: str) -> tuple[StoredFile, AgentId | None] | None:
        row = await MailFileRecord.get_or_none(attachment_id=attachment_id)
        if row is None:
            return None
        return rows.file_of(row), AgentId(row.owner_id) if row.owner_id else None

    async def attach(self, mail_id: MailId, files: Sequence[StoredFile]) -> None:
        for position, file in enumerate(files):
            await MailFileRecord.filter(attachment_id=file.attachment_id).update(
                mail_id=mail_id, position=position
            )

    # --- outbox and drafts

    async def queue(self, queued: Outbound, due_at: datetime) -> None:
        columns = {**asdict(queued), "recipients": list(queued.recipients)}
        mail_id = columns.pop("mail_id")
        columns |= {"due_at": due_at, "sending": False}
        await MailOutboxRecord.update_or_create(columns, mail_id=mail_id)

    async def claim(self, mailbox_id: MailboxId, now: datetime, lease_s: float) -> Outbound | None:
        row = (
            await MailOutboxRecord.filter(mailbox_id=mailbox_id, due_at__lte=now, sending=False)
            .order_by("due_at", "mail_id")
            .select_for_update(skip_locked=True)
            .first()
        )
        if row is None:
            return None
        await MailOutboxRecord.filter(mail_id=row.mail_id).update(
            due_at=now + timedelta(seconds=lease_s), attempts=F("attempts") + 1
        )
        return rows.queued_of(row)

    async def set_sending(self, mail_id: MailId) -> bool:
        return bool(
            await MailOutboxRecord.filter(mail_id=mail_id, sending=False).update(sending=True)
        )

    async def next_due(self, mailbox_id: MailboxId) -> datetime | None:
        found: Any = (
            await MailOutboxRecord.filter(mailbox_id=mailbox_id, sending=False)
            .order_by("due_at")
            .first()
            .values_list("due_at", flat=True)
        )
        return found  # type: ignore[no-any-return]  # a datetime, as the column is

    async def postpone(self, queued: Outbound, due_at: datetime, reason: str) -> None:
        await MailOutboxRecord.filter(mail_id=queued.mail_id).update(
            due_at=due_at, reason=reason[:300], sending=False
        )

    async def finish(self, mail_id: MailId) -> bool:
        return bool(await MailOutboxRecord.filter(mail_id=mail_id).delete())

    async def withdraw(self, mail_id: MailId) -> bool:
        return bool(
            await MailOutboxRecord.filter(mail_id=mail_id, sending=False, attempts=0).delete()
        )

    async def interrupted(self) -> list[MailId]:
        found: Any = await MailOutboxRecord.filter(sending=True).values_list("mail_id", flat=True)
        return [MailId(one) for one in found]

    async def draft(self, interaction_id: InteractionId) -> Draft | None:
        row = await MailDraftRecord.get_or_none(interaction_id=interaction_id)
        if row is None:
            return None
        body: Any = row.body
        return Draft(
            text=body["text"],
            html=body["html"],
            to=None if body["to"] is None else tuple(body["to"]),
            cc=None if body["cc"] is None else tuple(body["cc"]),
            attachment_ids=tuple(body["attachment_ids"]),
        )

    async def save_draft(
        self, interaction_id: InteractionId, agent_id: AgentId, draft: Draft, at: datetime
    ) -> None:
        columns = {"agent_id": agent_id, "body": asdict(draft), "at": at}
        await MailDraftRecord.update_or_create(columns, interaction_id=interaction_id)

    async def drop_draft(self, interaction_id: InteractionId) -> None:
        await MailDraftRecord.filter(interaction_id=interaction_id).delete()
