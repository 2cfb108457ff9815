"""Values of the email channel: what a mail is once it has been read, and what may become of it.

Rules:
1. A raw mail becomes either a `ParsedMail` or an `Unreadable` with its reason; there is no third.
2. Every UID of a mailbox ends in one ledger state: imported, duplicate or quarantined.
3. An outgoing mail is queued, then sending (only while the server takes its body), then sent or
   failed; before `sending` it may be cancelled. Its Message-ID exists before its first attempt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from omni.core.ids import AgentId, AnswerId, EntryPointId, InteractionId, MailboxId, MailId
from omni.core.terms import Direction


class Reason(StrEnum):
    """Why a mail was put into quarantine."""

    TOO_LARGE = "too_large"  # read and kept whole, but not taken apart
    LEFT_ON_SERVER = "left_on_server"  # too large even to keep a copy of
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    HEADER_TOO_LONG = "header_too_long"
    NO_SENDER = "no_sender"  # nothing says who wrote it: nobody to answer
    LOOP = "loop"  # an automatic sender answers our answers without end
    REFUSED_BY_SERVER = "refused_by_server"  # the mail server lists it, but cannot hand it over
    DEFECT = "defect"  # our own code failed on it


class LedgerState(StrEnum):
    """What became of one UID."""

    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


class MailState(StrEnum):
    """Where a mail is. `RECEIVED` for incoming ones, the others for ours."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class Kind(StrEnum):
    """Who speaks in a mail."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"  # out of office and the like
    AUTOMATIC = "automatic"  # newsletters, notifications, lists
    BOUNCE = "bounce"  # a mail server about a mail of ours


class Security(StrEnum):
    """How a connection to a mail server is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"  # in the clear: for a server on the same machine


class TokenPlace(StrEnum):
    """Where our replies carry the thread's token, beside References."""

    BODY = "body"
    PLUS = "plus"
    BOTH = "both"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken apart. Beyond: quarantine, with the mail kept whole up to `keep_bytes`.

    The largest providers let 25 MB of files through, which base64 makes 34 MB; 500 parts and 20
    levels are ten times what clients make; 256 KiB of headers are 100 times a long routing trail.
    """

    size_bytes: int = 40 * 1024 * 1024
    keep_bytes: int = 128 * 1024 * 1024
    parts: int = 500
    depth: int = 20
    header_bytes: int = 256 * 1024
    body_chars: int = 2_000_000


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with the name shown beside it. `address` is lower case in its domain."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file in a mail. `content_id` without angle brackets; `inline`: shown within the text."""

    file_name: str
    media_type: str
    content: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says. `status` as in RFC 3463; `permanent` when it starts with 5."""

    recipient: str
    status: str
    about_message_id: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as far as we understand it. Ids are without angle brackets."""

    message_id: str
    content_hash: str
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    html: str
    files: tuple[File, ...]
    kind: Kind
    bounce: Bounce | None = None
    omni_mailbox: str = ""  # set in mails that an installation of omni wrote
    defects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A mail that is kept but not taken apart. `subject` as far as it could be read."""

    reason: Reason
    content_hash: str
    message_id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """How to reach a mail server."""

    host: str
    port: int
    security: Security = Security.TLS
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account that is read and written.

    Attributes:
        aliases: our other addresses that end in this mailbox; never answered to.
        undo_s: how long a reply stays in the outbox so that its writer can take it back.
    """

    mailbox_id: MailboxId
    name: str
    address: str
    imap: Server
    smtp: Server
    entry_point_id: EntryPointId | None = None
    folder: str = "INBOX"
    display_name: str = ""
    signature: str = ""
    aliases: tuple[str, ...] = ()
    reply_token: TokenPlace = TokenPlace.BODY
    undo_s: int = 5
    enabled: bool = True
    size_limit_bytes: int = Limits().size_bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent wants to send. `to` and `cc` None: everybody the last mail names."""

    text: str
    html: str = ""
    to: tuple[Address, ...] | None = None
    cc: tuple[Address, ...] | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A template by which mails are answered: its text by language; see `engine.answering`."""

    answer_id: AnswerId
    name: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """How many automatic answers there were of late: in a thread, and to an address."""

    in_thread: int
    to_address: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """The mail that a reply answers, as far as the reply needs it."""

    mail_id: MailId
    message_id: str
    references: tuple[str, ...]
    subject: str
    sender: Address
    sent_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail of ours, complete, before or after it was sent."""

    message_id: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    in_reply_to: str
    references: tuple[str, ...]
    text: str
    html: str
    raw: bytes

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.address for one in (*self.to, *self.cc)))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a stored mail, without its content."""

    attachment_id: str
    file_name: str
    media_type: str
    size_bytes: int
    content_id: str
    inline: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail as stored. `opens`: it began its interaction; `routed_at`: when desks heard of it."""

    mail_id: MailId
    mailbox_id: MailboxId
    thread_id: str
    interaction_id: InteractionId
    direction: Direction
    state: MailState
    kind: Kind
    message_id: str
    content_hash: str
    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    html: str
    at: datetime
    sent_at: datetime | None
    references: tuple[str, ...]
    raw_sha256: str
    opens: bool = False
    routed_at: datetime | None = None
    agent_id: AgentId | None = None
    reason: str = ""
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation by mail. `open`: its newest interaction waits for or is with an agent."""

    thread_id: str
    token: str
    mailbox_id: MailboxId
    interaction_id: InteractionId
    open: bool


@dataclass(frozen=True, slots=True)
class Handling:
    """One interaction of a thread and who has it. `state`: waiting | active | wrap_up | ended."""

    interaction_id: InteractionId
    thread_id: str
    mailbox_id: MailboxId
    state: str
    agent_id: AgentId | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What became of one UID. `raw_sha256` is empty when no copy is kept here."""

    mailbox_id: MailboxId
    uid_validity: int
    uid: int
    state: LedgerState
    at: datetime
    reason: str = ""
    mail_id: MailId | None = None
    raw_sha256: str = ""
    subject: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Outbound:
    """A mail of ours that is to be sent, and how often that was tried."""

    mail_id: MailId
    mailbox_id: MailboxId
    attempts: int
    first_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw_sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What an agent has written so far."""

    text: str = ""
    html: str = ""
    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    attachment_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """HTML that is safe to show, and how many pictures from elsewhere were left out."""

    html: str
    blocked_images: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The server took the mail; `refused`: how many of the recipients it did not take."""

    refused: int = 0


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """The server certainly has not got the mail. `permanent`: trying again is of no use.

    `reason`: a code `mail.…` when it is the mailbox that cannot send, else what the server said.
    """

    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The line broke while the server was taking the mail: it may have it."""

    reason: str


Delivery = Delivered | NotDelivered | Uncertain
