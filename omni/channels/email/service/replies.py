"""Answering: what an agent writes becomes a mail in the outbox; files for it are uploaded before.

Rules:
1. Only the agent who has the interaction answers it, while it is theirs (also in wrap-up).
2. Without recipients given, the answer goes to all whom the customer's last mail names.
3. An answer can be taken back until its sending begins (`Mailbox.undo_s`).
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omni.channels.email.engine.compose import Stamp, compose, everybody
from omni.channels.email.engine.fields import address_of
from omni.channels.email.engine.parse import safe_file_name
from omni.channels.email.engine.plain import text_of_html
from omni.channels.email.engine.thread import own_message_id, token_of
from omni.channels.email.model import (
    Address,
    Draft,
    File,
    Handling,
    Kind,
    Mailbox,
    MailState,
    Outbound,
    Outgoing,
    Quoted,
    Reply,
    StoredFile,
    StoredMail,
)
from omni.channels.email.ports import MailStore
from omni.channels.email.service.intake import sent_event
from omni.channels.email.service.outbox import Outbox
from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from omni.core.ids import AgentId, InteractionId, MailId
from omni.core.journal import Journal
from omni.core.terms import Direction

MAX_FILE_BYTES = 25 * 1024 * 1024  # what the large providers take in one mail
MAX_REPLY_BYTES = 25 * 1024 * 1024
MAX_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """What the replies work with."""

    store: MailStore
    journal: Journal
    outbox: Outbox
    clock: Clock
    identities: Identities


class Replies:
    """Answers, drafts and uploads of agents."""

    def __init__(self, parts: Parts) -> None:
        self._store = parts.store
        self._journal = parts.journal
        self._outbox = parts.outbox
        self._clock = parts.clock
        self._identities = parts.identities

    async def reply(
        self, agent_id: AgentId, interaction_id: InteractionId, draft: Draft
    ) -> StoredMail:
        """Put an answer into the outbox.

        Raises:
            NotFound: there is no such conversation.
            Forbidden: the interaction is another agent's, or nobody's.
            Invalid: nothing written, an address that is none, nobody to send it to.
            TooLarge: the files together are beyond `MAX_REPLY_BYTES`.
        """
        handling = await self._handling(agent_id, interaction_id)
        mailbox = await self._store.mailbox(handling.mailbox_id)
        if mailbox is None:
            raise NotFound("mail.no_mailbox", "the mailbox is gone")
        files = await self._files(agent_id, draft.attachment_ids)
        quoted, reply = await self._prepare(mailbox, handling, draft)
        mail_id = MailId(self._identities.new())
        now = self._clock.now()
        token = token_of(handling.thread_id)
        stamp = Stamp(own_message_id(token, mail_id, mailbox.address), now, token)
        contents = [await self._content(file) for file in files]
        outgoing = compose(mailbox, quoted, replace(reply, files=tuple(contents)), stamp)
        [raw_sha256] = await self._store.keep([outgoing.raw])
        mail = replace(
            stored_reply(handling, outgoing, reply, now),
            mail_id=mail_id,
            agent_id=agent_id,
            raw_sha256=raw_sha256,
            files=tuple(files),
        )
        queued = Outbound(
            mail_id, mailbox.mailbox_id, 0, now, mailbox.address, outgoing.recipients, raw_sha256
        )
        async with self._journal.transaction():
            await self._store.add_mails([mail], {})
            await self._store.attach(mail_id, files)
            await self._store.queue(queued, now + timedelta(seconds=mailbox.undo_s))
            await self._store.drop_draft(interaction_id)
        self._outbox.wake(mailbox.mailbox_id)
        return mail

    async def take_back(self, agent_id: AgentId, mail_id: MailId) -> None:
        """Withdraw an answer from the outbox.

        Raises:
            Conflict: its sending has begun.
        """
        mail = await self._own_mail(agent_id, mail_id)
        async with self._journal.transaction() as tx:
            if not await self._store.withdraw(mail_id):
                raise Conflict("mail.already_sent", "its sending has begun")
            await self._store.set_mail_state(mail_id, MailState.CANCELLED, "")
            tx.emit(sent_event(mail, MailState.CANCELLED))

    async def send_again(self, agent_id: AgentId, mail_id: MailId) -> None:
        """Queue a failed answer once more, as the same mail.

        Raises:
            Conflict: it has not failed.
        """
        mail = await self._own_mail(agent_id, mail_id)
        if mail.state not in (MailState.FAILED, MailState.CANCELLED):
            raise Conflict("mail.not_failed", "only a failed mail can be sent again")
        mailbox = await self._store.mailbox(mail.mailbox_id)
        if mailbox is None:
            raise NotFound("mail.no_mailbox", "the mailbox is gone")
        now = self._clock.now()
        recipients = tuple(dict.fromkeys(one.address for one in (*mail.to, *mail.cc)))
        queued = Outbound(
            mail_id, mail.mailbox_id, 0, now, mailbox.address, recipients, mail.raw_sha256
        )
        async with self._journal.transaction():
            await self._store.queue(queued, now)
            await self._store.set_mail_state(mail_id, MailState.QUEUED, "")
        self._outbox.wake(mail.mailbox_id)

    async def _own_mail(self, agent_id: AgentId, mail_id: MailId) -> StoredMail:
        mail = await self._store.mail(mail_id)
        if mail is None or mail.direction is not Direction.OUTBOUND:
            raise NotFound("mail.unknown", "there is no such mail")
        if mail.agent_id != agent_id:
            raise Forbidden("mail.not_yours", "another agent wrote this mail")
        return mail

    async def _handling(self, agent_id: AgentId, interaction_id: InteractionId) -> Handling:
        handling = await self._store.handling(interaction_id)
        if handling is None:
            raise NotFound("interaction.unknown", "there is no such conversation by mail")
        if handling.agent_id != agent_id or handling.state not in ("active", "wrap_up"):
            raise Forbidden("mail.not_yours", "the conversation is not with this agent")
        return handling

    async def _prepare(
        self, mailbox: Mailbox, handling: Handling, draft: Draft
    ) -> tuple[Quoted, Reply]:
        """Return the mail answered and the answer with its recipients."""
        text = draft.text.strip() or text_of_html(draft.html)
        if not text:
            raise Invalid("mail.empty", "an answer needs a text", field="text")
        mails = await self._store.mails_of_thread(handling.thread_id)
        last = _answered(mails)
        own = (mailbox.address, *mailbox.aliases)
        to, cc = everybody(
            last.reply_to or (last.sender,),
            (*last.to, *last.cc),
            own,
        )
        if draft.to:
            to = _typed(draft.to, "to")
        if draft.cc is not None:
            cc = _typed(draft.cc, "cc")
        if not to:
            raise Invalid("mail.no_recipient", "nobody to send it to", field="to")
        if len(to) + len(cc) > MAX_RECIPIENTS:
            raise Invalid("mail.too_many_recipients", "too many recipients", field="to")
        return quoted_mail(last), Reply(text, draft.html, to, cc)

    # --- drafts

    async def draft(self, agent_id: AgentId, interaction_id: InteractionId) -> Draft:
        """Return what was written so far, empty when nothing."""
        await self._handling(agent_id, interaction_id)
        return await self._store.draft(interaction_id) or Draft()

    async def save_draft(
        self, agent_id: AgentId, interaction_id: InteractionId, draft: Draft
    ) -> None:
        """Keep what was written so far."""
        await self._handling(agent_id, interaction_id)
        await self._store.save_draft(interaction_id, agent_id, draft, self._clock.now())

    # --- files

    async def upload(
        self, agent_id: AgentId, file_name: str, media_type: str, chunks: AsyncIterator[bytes]
    ) -> StoredFile:
        """Keep a file for an answer.

        Raises:
            TooLarge: beyond `MAX_FILE_BYTES`; nothing is kept.
        """
        content = bytearray()
        async for chunk in chunks:
            content += chunk
            if len(content) > MAX_FILE_BYTES:
                raise TooLarge("mail.file_too_large", limit_bytes=MAX_FILE_BYTES)
        body = bytes(content)
        file = StoredFile(
            attachment_id=self._identities.new(),
            file_name=safe_file_name(file_name) or "file",
            media_type=media_type.partition(";")[0].strip().lower()[:100]
            or "application/octet-stream",
            size_bytes=len(body),
            content_id="",
            inline=False,
            sha256=hashlib.sha256(body).hexdigest(),
        )
        await self._store.keep([body])
        await self._store.add_file(file, agent_id, self._clock.now())
        return file

    async def _files(self, agent_id: AgentId, ids: Sequence[str]) -> list[StoredFile]:
        files: list[StoredFile] = []
        for attachment_id in dict.fromkeys(ids):
            found = await self._store.file(attachment_id)
            if found is None or found[1] != agent_id:
                raise Invalid("mail.no_such_file", "a file is missing", field="attachment_ids")
            files.append(found[0])
        if sum(file.size_bytes for file in files) > MAX_REPLY_BYTES:
            raise TooLarge("mail.reply_too_large", limit_bytes=MAX_REPLY_BYTES)
        return files

    async def _content(self, file: StoredFile) -> File:
        content = await self._store.content(file.sha256)
        if content is None:
            raise Invalid("mail.no_such_file", "a file is missing", field="attachment_ids")
        return File(file.file_name, file.media_type, content)


def _answered(mails: Sequence[StoredMail]) -> StoredMail:
    """Return the mail that an answer refers to: the last one of a person, else the last one."""
    incoming = [mail for mail in mails if mail.direction is Direction.INBOUND]
    if not incoming:
        raise NotFound("mail.nothing_to_answer", "the conversation has no incoming mail")
    by_people = [mail for mail in incoming if mail.kind is Kind.PERSON]
    return (by_people or incoming)[-1]


def _typed(texts: Sequence[str], field: str) -> tuple[Address, ...]:
    """Return typed addresses as values."""
    found = []
    for text in texts:
        address = address_of(text)
        if not address:
            raise Invalid("mail.bad_address", "not a mail address", field=field)
        found.append(Address(address))
    return tuple(dict.fromkeys(found))


def quoted_mail(mail: StoredMail) -> Quoted:
    """Return a mail as an answer to it needs it."""
    return Quoted(
        mail.mail_id,
        mail.message_id,
        mail.references,
        mail.subject,
        mail.sender,
        mail.sent_at or mail.at,
        mail.text,
    )


def stored_reply(handling: Handling, outgoing: Outgoing, reply: Reply, at: datetime) -> StoredMail:
    """Return an answer as it is stored; its id, writer and content are still to be said."""
    return StoredMail(
        mail_id=MailId(""),
        mailbox_id=handling.mailbox_id,
        thread_id=handling.thread_id,
        interaction_id=handling.interaction_id,
        direction=Direction.OUTBOUND,
        state=MailState.QUEUED,
        kind=Kind.PERSON,
        message_id=outgoing.message_id,
        content_hash="",
        sender=outgoing.sender,
        reply_to=(),
        to=outgoing.to,
        cc=outgoing.cc,
        subject=outgoing.subject,
        text=reply.text,
        html=reply.html,
        at=at,
        sent_at=at,
        references=outgoing.references,
        raw_sha256="",
    )
