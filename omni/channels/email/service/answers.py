"""Answers that nobody writes: their templates, and sending one when a rule of a queue says so.

Rules:
1. `overflowed` is part of a durable consumer: that the rule was used is taken in, noted and its
   answer put into the outbox in one transaction, so that there is one answer or none.
2. Whether anybody is answered says `engine.answering`. Who is not waits as if there were no rule.
3. A template is tried when it is saved: one that cannot be filled never gets to a customer.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from omni.channels.email.engine.answering import (
    LANGUAGES,
    NAMES,
    THREAD_S,
    chosen,
    hindrance,
    language_of,
    time_text,
    too_many,
)
from omni.channels.email.engine.compose import Stamp, compose
from omni.channels.email.engine.mime import Headers, TooMuch, split_headers
from omni.channels.email.engine.thread import own_message_id, token_of
from omni.channels.email.model import (
    Answer,
    Handling,
    Kind,
    Limits,
    Mailbox,
    Outbound,
    Outgoing,
    Reply,
    StoredMail,
)
from omni.channels.email.ports import AnswerStore, MailStore, Openings, Templates
from omni.channels.email.service.outbox import Outbox
from omni.channels.email.service.replies import quoted_mail, stored_reply
from omni.core.clock import Clock, Identities
from omni.core.errors import Conflict, Invalid, NotFound
from omni.core.events.base import Event, Recorded
from omni.core.events.messages import MailAnswered
from omni.core.events.routing import InteractionOverflowed
from omni.core.ids import AnswerId, MailId, QueueId
from omni.core.journal import Bus, Journal
from omni.core.terms import Direction, Medium

log = logging.getLogger(__name__)

MOST = 200
LOOKED_AT_CHARS = 2000  # to find out the language
ANSWER = "answer"  # as `omni.acd.overflow.Action`
SAMPLE = {
    "name": "Zhang San",
    "subject": "Order 12",
    "mailbox": "support@example.com",
}
SAMPLE_OPENS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
assert {*SAMPLE, "opens"} == set(NAMES)

Uses = Callable[[], Awaitable[Mapping[str, Sequence[str]]]]


async def _nowhere() -> Mapping[str, Sequence[str]]:
    return {}


@dataclass(frozen=True, slots=True)
class AnswerParts:
    """What `Answers` works with."""

    store: MailStore
    answers: AnswerStore
    journal: Journal
    bus: Bus
    openings: Openings
    templates: Templates
    outbox: Outbox
    clock: Clock
    identities: Identities


class Answers:
    """Automatic answers. `uses` says in which queues each is used (given by omni.app)."""

    def __init__(self, parts: AnswerParts) -> None:
        self._parts = parts
        self._known: dict[AnswerId, Answer] = {}
        self.uses: Uses = _nowhere

    async def start(self) -> None:
        """Learn which templates there are."""
        self._known = {one.answer_id: one for one in await self._parts.answers.answers()}

    # --- templates

    def all(self) -> list[Answer]:
        """Return the templates by name."""
        return sorted(self._known.values(), key=lambda one: one.name.casefold())

    def knows(self, answer_id: str) -> bool:
        """Tell whether there is such a template."""
        return answer_id in self._known

    def known(self, answer_id: str) -> Answer:
        """Return a template. Raises NotFound."""
        found = self._known.get(AnswerId(answer_id))
        if found is None:
            raise NotFound("answer.unknown", "no such answer")
        return found

    def new_id(self) -> AnswerId:
        """Return the id for another template."""
        return AnswerId(self._parts.identities.new())

    async def save(self, answer: Answer) -> Answer:
        """Add a template or change it.

        Raises:
            Invalid: `answer.empty`, `answer.template`, `answer.too_long`.
            Conflict: `answer.name_taken`, `answer.full`.
        """
        answer = replace(
            answer, name=answer.name.strip(), texts={k: answer.texts.get(k, "") for k in LANGUAGES}
        )
        self.preview(answer.texts)
        for other in self._known.values():
            same = other.name.casefold() == answer.name.casefold()
            if same and other.answer_id != answer.answer_id:
                raise Conflict("answer.name_taken", "another one has this name")
        if answer.answer_id not in self._known and len(self._known) >= MOST:
            raise Conflict("answer.full", "too many of them", limit=MOST)
        async with self._parts.journal.transaction():
            await self._parts.answers.save_answer(answer)
        self._known[answer.answer_id] = answer
        return answer

    def preview(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Return what a template says in each language to somebody made up.

        Raises:
            Invalid: `answer.empty`, `answer.template`, `answer.too_long`.
        """
        if not any(text.strip() for text in texts.values()):
            raise Invalid("answer.empty", "an answer needs a text", field="texts")
        return {
            key: self._parts.templates.fill(text, {**SAMPLE, "opens": time_text(SAMPLE_OPENS, key)})
            for key, text in texts.items()
        }

    async def remove(self, answer_id: AnswerId) -> None:
        """Remove a template.

        Raises:
            NotFound: there is none. Conflict: `answer.in_use`: a queue uses it.
        """
        self.known(answer_id)
        places = (await self.uses()).get(answer_id, ())
        if places:
            raise Conflict("answer.in_use", "a queue uses it", places=", ".join(places))
        async with self._parts.journal.transaction():
            await self._parts.answers.remove_answer(answer_id)
        del self._known[answer_id]

    # --- sending

    async def overflowed(self, recorded: Recorded[Event]) -> None:
        """Answer the mail for which a rule was used. Runs in the consumer's transaction."""
        event = recorded.event
        if not isinstance(event, InteractionOverflowed) or event.medium is not Medium.EMAIL:
            return
        answer = self._known.get(event.answer_id or AnswerId(""))
        if event.action != ANSWER or answer is None:
            return
        handling = await self._parts.store.handling(event.interaction_id)
        mailbox = await self._parts.store.mailbox(handling.mailbox_id) if handling else None
        if handling is None or mailbox is None:
            return
        await self._parts.store.lock_threads([handling.thread_id])
        mail = await self._asked(handling)
        if mail is None or await self._refused(mail):
            return
        now = self._parts.clock.now()
        try:
            written = self._write((mailbox, mail), answer, event.queue_id, now)
        except Exception:  # one odd mail must not hold up what happens to all others
            log.exception("an automatic answer could not be written")
            return
        if written is not None:
            await self._post(handling, written, now)

    async def on_answered(self, recorded: Recorded[Event]) -> None:
        """An answer is in the outbox for good: send it."""
        if isinstance(recorded.event, MailAnswered):
            self._parts.outbox.wake(recorded.event.mailbox_id)

    async def _asked(self, handling: Handling) -> StoredMail | None:
        """Return the newest mail of the interaction that came in."""
        mails = await self._parts.store.mails_of_thread(handling.thread_id)
        return next(
            (
                mail
                for mail in reversed(mails)
                if mail.direction is Direction.INBOUND
                and mail.interaction_id == handling.interaction_id
            ),
            None,
        )

    async def _refused(self, mail: StoredMail) -> bool:
        """Tell whether nobody may answer this mail by itself."""
        parts = self._parts
        sender = mail.sender.address
        raw = await parts.store.content(mail.raw_sha256) or b""
        boxes = await parts.store.mailboxes()
        ours = {one.lower() for box in boxes for one in (box.address, *box.aliases)}
        why = "own_address" if sender.lower() in ours else ""
        why = why or hindrance(mail.kind, sender, _headers(raw))
        if not why:
            since = parts.clock.now() - timedelta(seconds=THREAD_S)
            late = await parts.answers.answered_since(mail.thread_id, sender, since)
            why = "answered_lately" if too_many(late) else ""
        if why:
            log.info("a mail gets no automatic answer: %s", why)
        return bool(why)

    def _write(
        self, asked: tuple[Mailbox, StoredMail], answer: Answer, queue_id: QueueId, now: datetime
    ) -> "_Written | None":
        """Return the answer to a mail, None when the template says nothing."""
        mailbox, mail = asked
        said = f"{mail.subject}\n{mail.text[:LOOKED_AT_CHARS]}"
        language, template = chosen(answer.texts, language_of(said))
        values = {
            "name": mail.sender.name,
            "subject": mail.subject,
            "mailbox": mailbox.address,
            "opens": time_text(self._parts.openings.opens_at(queue_id, now), language),
        }
        text = self._parts.templates.fill(template, values)
        if not text:
            return None
        reply = Reply(text, "", (mail.sender,), ())
        mail_id = MailId(self._parts.identities.new())
        token = token_of(mail.thread_id)
        stamp = Stamp(own_message_id(token, mail_id, mailbox.address), now, token, automatic=True)
        outgoing = compose(mailbox, quoted_mail(mail), reply, stamp)
        said_by = MailAnswered(
            mail_id=mail_id,
            mailbox_id=mailbox.mailbox_id,
            interaction_id=mail.interaction_id,
            answer_id=answer.answer_id,
            language=language,
        )
        return _Written(reply, outgoing, said_by)

    async def _post(self, handling: Handling, written: "_Written", now: datetime) -> None:
        """Put an answer into the outbox, unless the interaction has had one."""
        store, outgoing, event = self._parts.store, written.outgoing, written.event
        first = await self._parts.answers.note_answered(
            handling.interaction_id, handling.thread_id, outgoing.to[0].address, now
        )
        if not first:
            return
        [raw_sha256] = await store.keep([outgoing.raw])
        mail = replace(
            stored_reply(handling, outgoing, written.reply, now),
            mail_id=event.mail_id,
            kind=Kind.AUTO_REPLY,
            raw_sha256=raw_sha256,
        )
        sender, recipients = outgoing.sender.address, outgoing.recipients
        queued = Outbound(event.mail_id, event.mailbox_id, 0, now, sender, recipients, raw_sha256)
        await store.add_mails([mail], {})
        await store.queue(queued, now)
        self._parts.bus.current_transaction().emit(event)


@dataclass(frozen=True, slots=True)
class _Written:
    """An answer that is ready to go out."""

    reply: Reply
    outgoing: Outgoing
    event: MailAnswered


def _headers(raw: bytes) -> Headers:
    try:
        return split_headers(raw, 0, len(raw), Limits())[0]
    except TooMuch:
        return Headers([("precedence", b"junk")])  # what is so odd is no person's
