"""What the email services need from outside: mail servers, a store, a cleaner, the ACD."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from omni.acd.model import Arrival, ArrivalResult
from omni.channels.email.model import (
    Answer,
    Answered,
    Cleaned,
    Delivery,
    Draft,
    File,
    Handling,
    LedgerLine,
    Mailbox,
    MailState,
    Outbound,
    Server,
    StoredFile,
    StoredMail,
    Thread,
)
from omni.core.ids import AgentId, AnswerId, InteractionId, MailboxId, MailId, QueueId


class Routing(Protocol):
    """The ACD, as far as mails need it."""

    async def arrive(self, arrival: Arrival) -> ArrivalResult:
        """Put an interaction into its queue; a repeated one changes nothing."""
        ...

    async def customer_wrote(self, interaction_id: InteractionId) -> None:
        """Bring the conversation back to its agent if it was set aside; else nothing."""
        ...


class Openings(Protocol):
    """The opening hours of the queues."""

    def opens_at(self, queue_id: QueueId, now: datetime) -> datetime | None:
        """Return when a closed queue opens, in its own zone; None: open, or not known."""
        ...


class Acd(Routing, Openings, Protocol):
    """The ACD as the channel knows it."""


class Folder(Protocol):
    """A connected mail folder. Every method raises `Unavailable` when the server has gone."""

    @property
    def uid_validity(self) -> int: ...

    async def uids(self, after_uid: int) -> list[int]:
        """Return the UIDs above `after_uid`, ascending."""
        ...

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Return the bytes of each mail; one that has gone is left out."""
        ...

    async def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the raw mails; what the server does not hand over is left out."""
        ...

    async def wait_for_news(self, timeout_s: float) -> None:
        """Return when the server says that something changed, or after `timeout_s`."""
        ...


class Post(Protocol):
    """Reads folders."""

    def open(self, mailbox: Mailbox) -> AbstractAsyncContextManager[Folder]:
        """Connect, log in and select the mailbox's folder, without ever changing it.

        Raises:
            Unavailable: `mail.unreachable`, `mail.certificate_…`, `mail.tls_failed`,
                `mail.no_starttls`, `mail.login_refused` or `mail.no_folder`.
        """
        ...


class Courier(Protocol):
    """Hands mails to a mail server."""

    async def check(self, server: Server) -> str:
        """Connect and log in as for sending; return the code of what hinders it, "" for nothing."""
        ...

    async def deliver(
        self,
        server: Server,
        envelope: tuple[str, tuple[str, ...]],
        raw: bytes,
        before_body: Callable[[], Awaitable[None]],
    ) -> Delivery:
        """Send one mail.

        Args:
            envelope: sender and recipients.
            before_body: awaited once, after the server took the envelope and before it gets the
                body; up to there a broken line means that nothing was sent.
        """
        ...


class Cleaner(Protocol):
    """Makes HTML of strangers safe."""

    def clean(self, html: str, pictures: Mapping[str, str], *, remote_images: bool) -> Cleaned:
        """Clean a page; `pictures` gives the address of each inline picture by content id."""
        ...


class Templates(Protocol):
    """Fills templates that people write."""

    def fill(self, text: str, values: Mapping[str, str]) -> str:
        """Return the text with the values in it.

        Raises:
            Invalid: `answer.template`: it is wrong (`line`), or asks for what is not given.
        """
        ...


class AnswerStore(Protocol):
    """Templates of answers, and what was answered by them. Writing needs a transaction."""

    async def answers(self) -> Sequence[Answer]: ...
    async def save_answer(self, answer: Answer) -> None: ...
    async def remove_answer(self, answer_id: AnswerId) -> None: ...
    async def answered_since(self, thread_id: str, address: str, since: datetime) -> Answered:
        """Count what was answered of late."""
        ...

    async def note_answered(
        self, interaction_id: InteractionId, thread_id: str, address: str, at: datetime
    ) -> bool:
        """Note an answer; False when the interaction has had one."""
        ...


class MailStore(Protocol):
    """Mails, threads, ledger and outbox. Writing needs an open journal transaction where said."""

    # --- mailboxes
    async def mailboxes(self) -> list[Mailbox]: ...
    async def mailbox(self, mailbox_id: MailboxId) -> Mailbox | None: ...
    async def save_mailbox(self, mailbox: Mailbox) -> None: ...
    async def set_state(
        self, mailbox_id: MailboxId, state: str, reason: str, at: datetime
    ) -> None: ...
    async def states(self) -> dict[MailboxId, tuple[str, str, datetime | None]]: ...

    # --- ledger
    async def entered(self, mailbox_id: MailboxId, uid_validity: int) -> set[int]:
        """Return the UIDs that are in the ledger."""
        ...

    async def enter(self, lines: Sequence[LedgerLine]) -> None:
        """Write lines; one that is there already stays."""
        ...

    async def ledger(
        self, mailbox_id: MailboxId, state: str, before: int, limit: int
    ) -> list[tuple[int, LedgerLine]]:
        """Return lines with their numbers, newest first, below the number `before` (0: all)."""
        ...

    async def ledger_line(self, number: int) -> LedgerLine | None: ...
    async def forget_line(self, number: int) -> None: ...
    async def ledger_counts(self, mailbox_id: MailboxId) -> dict[str, int]: ...

    # --- contents
    async def keep(self, contents: Collection[bytes]) -> list[str]:
        """Store contents by their SHA-256 and return these, in order. No transaction needed."""
        ...

    async def content(self, sha256: str) -> bytes | None: ...

    # --- mails
    async def known(
        self, mailbox_id: MailboxId, keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], MailId]:
        """Return which (Message-ID, content hash) the mailbox has, incoming or our own."""
        ...

    async def own(self, message_ids: Collection[str]) -> dict[str, MailId]:
        """Return which Message-IDs are of mails that we wrote."""
        ...

    async def threads_of_messages(self, message_ids: Collection[str]) -> dict[str, str]:
        """Return the thread of each known Message-ID."""
        ...

    async def threads_of_tokens(self, tokens: Collection[str]) -> dict[str, str]: ...
    async def lock_threads(self, thread_ids: Collection[str]) -> dict[str, Thread]:
        """Return threads, held until the transaction's end."""
        ...

    async def save_threads(self, threads: Sequence[Thread], at: datetime) -> None: ...
    async def add_mails(
        self, mails: Sequence[StoredMail], files: Mapping[MailId, Sequence[StoredFile]]
    ) -> None: ...
    async def unrouted(self, limit: int) -> list[StoredMail]:
        """Return incoming mails whose desks have not heard of them, in order of arrival."""
        ...

    async def set_routed(self, mails: Sequence[StoredMail], at: datetime) -> list[StoredMail]:
        """Note that the desks hear of these mails.

        Returns:
            Those of which they had not heard, and which have not been given to another interaction
            since they were read. The rows are locked for the rest of the transaction.
        """
        ...

    async def move_late(
        self,
        old: InteractionId,
        new: InteractionId,
        ended_at: datetime,
    ) -> int:
        """Give the mails that came after the end to a new interaction; return how many."""
        ...

    async def automatic_since(self, address: str, since: datetime) -> int:
        """Count the automatic answers of a sender."""
        ...

    async def mail(self, mail_id: MailId) -> StoredMail | None: ...
    async def mails_of_thread(self, thread_id: str) -> list[StoredMail]: ...
    async def set_mail_state(self, mail_id: MailId, state: MailState, reason: str) -> None: ...

    # --- interactions
    async def handling(
        self, interaction_id: InteractionId, *, lock: bool = False
    ) -> Handling | None: ...
    async def save_handlings(self, handlings: Sequence[Handling]) -> None: ...

    # --- files
    async def add_file(self, file: StoredFile, owner: AgentId, at: datetime) -> None: ...
    async def file(self, attachment_id: str) -> tuple[StoredFile, AgentId | None] | None: ...
    async def attach(self, mail_id: MailId, files: Sequence[StoredFile]) -> None: ...

    # --- outbox and drafts
    async def queue(self, queued: Outbound, due_at: datetime) -> None: ...
    async def claim(self, mailbox_id: MailboxId, now: datetime, lease_s: float) -> Outbound | None:
        """Take the next due mail; nobody else gets it for `lease_s`. Needs a transaction."""
        ...

    async def set_sending(self, mail_id: MailId) -> bool:
        """Say that the server is being given the body; False when it is no longer ours to send."""
        ...

    async def next_due(self, mailbox_id: MailboxId) -> datetime | None: ...
    async def postpone(self, queued: Outbound, due_at: datetime, reason: str) -> None: ...
    async def finish(self, mail_id: MailId) -> bool:
        """Take a mail out of the outbox; False when it was not in it."""
        ...

    async def withdraw(self, mail_id: MailId) -> bool:
        """Take a mail out of the outbox if nobody has begun to send it."""
        ...

    async def interrupted(self) -> list[MailId]:
        """Return the mails that were being sent when the process ended."""
        ...

    async def draft(self, interaction_id: InteractionId) -> Draft | None: ...
    async def save_draft(
        self, interaction_id: InteractionId, agent_id: AgentId, draft: Draft, at: datetime
    ) -> None: ...
    async def drop_draft(self, interaction_id: InteractionId) -> None: ...


def as_stored(file: File, attachment_id: str, sha256: str) -> StoredFile:
    """Return the stored form of a file."""
    return StoredFile(
        attachment_id=attachment_id,
        file_name=file.file_name,
        media_type=file.media_type,
        size_bytes=len(file.content),
        content_id=file.content_id,
        inline=file.inline,
        sha256=sha256,
    )
