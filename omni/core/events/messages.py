"""Events of written contact: mails and chat messages."""

from datetime import datetime
from typing import ClassVar

from omni.core.events.base import Event
from omni.core.ids import AgentId, AnswerId, InteractionId, MailboxId, MailId
from omni.core.terms import Direction


class MailImported(Event):
    """A mail from a mailbox was stored and belongs to `interaction_id`.

    `joins`: it continues a conversation (threading) instead of opening one.
    """

    TYPE: ClassVar[str] = "mail.imported"
    KEY: ClassVar[str] = "interaction_id"

    mail_id: MailId
    mailbox_id: MailboxId
    interaction_id: InteractionId
    thread_id: str
    from_address: str
    from_name: str
    subject: str
    preview: str
    sent_at: datetime | None
    attachments: int
    joins: bool


class MailQuarantined(Event):
    """A mail could not be taken in; it is kept whole with the reason."""

    TYPE: ClassVar[str] = "mail.quarantined"
    KEY: ClassVar[str] = "mailbox_id"

    mailbox_id: MailboxId
    uid: int
    reason: str


class MailSent(Event):
    """Our reply was handed to the mail server (`state` sent) or finally failed (failed).

    `automatic`: nobody wrote it, a rule had it sent.
    """

    TYPE: ClassVar[str] = "mail.sent"
    KEY: ClassVar[str] = "interaction_id"

    mail_id: MailId
    mailbox_id: MailboxId
    interaction_id: InteractionId
    thread_id: str
    agent_id: AgentId
    to_address: str
    subject: str
    preview: str
    state: str
    reason: str = ""
    automatic: bool = False


class MailAnswered(Event):
    """A rule of the queue had a mail answered by a template; the answer is in the outbox."""

    TYPE: ClassVar[str] = "mail.answered"
    KEY: ClassVar[str] = "interaction_id"

    mail_id: MailId
    mailbox_id: MailboxId
    interaction_id: InteractionId
    answer_id: AnswerId
    language: str


class MailboxStateChanged(Event):
    """A mailbox is being read (`up`) or cannot be (`down`, with the reason)."""

    TYPE: ClassVar[str] = "mailbox.state_changed"
    KEY: ClassVar[str] = "mailbox_id"

    mailbox_id: MailboxId
    name: str
    state: str
    reason: str = ""


class ChatMessagePosted(Event):
    """A line of a chat. `number` counts 1, 2, 3 … within the interaction, without holes.

    `author`: visitor | agent | system.
    """

    TYPE: ClassVar[str] = "chat.message_posted"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    number: int
    author: str
    agent_id: AgentId | None = None
    text: str
    client_ref: str = ""


class ChatVisitorSeen(Event):
    """The visitor's page connected or has gone."""

    TYPE: ClassVar[str] = "chat.visitor_seen"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    online: bool


class ChatTyping(Event):
    """Somebody is typing; pushed live, never journaled."""

    TYPE: ClassVar[str] = "chat.typing"
    KEY: ClassVar[str] = "interaction_id"

    interaction_id: InteractionId
    direction: Direction
