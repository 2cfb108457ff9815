"""The tables of the email channel (Tortoise models); only `store` uses them.

Contents (raw mails, files) are kept once each under their SHA-256: a company's logo in ten thousand
signatures is one row.
"""

from typing import ClassVar

from tortoise import fields
from tortoise.models import Model

ADDRESS = 320  # 64 + 1 + 255
MESSAGE_ID = 512
SHA256 = 64


class MailboxRecord(Model):
    """An account that is read and written."""

    mailbox_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=200)
    address = fields.CharField(max_length=ADDRESS, unique=True)
    entry_point_id = fields.CharField(max_length=26, null=True)
    enabled = fields.BooleanField(default=True)
    imap: dict[str, object] = fields.JSONField()
    smtp: dict[str, object] = fields.JSONField()
    options: dict[str, object] = fields.JSONField()
    state = fields.CharField(max_length=10, default="")
    state_reason = fields.CharField(max_length=200, default="")
    state_at = fields.DatetimeField(null=True)

    class Meta:
        table = "mailbox"


class MailThreadRecord(Model):
    """A conversation by mail."""

    thread_id = fields.CharField(max_length=26, primary_key=True)
    token = fields.CharField(max_length=12, unique=True)
    mailbox_id = fields.CharField(max_length=26)
    interaction_id = fields.CharField(max_length=26)
    open = fields.BooleanField()
    touched_at = fields.DatetimeField()

    class Meta:
        table = "mail_thread"


class MailHandlingRecord(Model):
    """An interaction of a thread."""

    interaction_id = fields.CharField(max_length=26, primary_key=True)
    thread_id = fields.CharField(max_length=26, db_index=True)
    mailbox_id = fields.CharField(max_length=26)
    state = fields.CharField(max_length=10)
    agent_id = fields.CharField(max_length=26, null=True)

    class Meta:
        table = "mail_handling"


class MailRecord(Model):
    """One mail, from them or from us."""

    mail_id = fields.CharField(max_length=26, primary_key=True)
    mailbox_id = fields.CharField(max_length=26)
    thread_id = fields.CharField(max_length=26, db_index=True)
    interaction_id = fields.CharField(max_length=26, db_index=True)
    direction = fields.CharField(max_length=10)
    state = fields.CharField(max_length=10)
    kind = fields.CharField(max_length=12)
    message_id = fields.CharField(max_length=MESSAGE_ID, db_index=True)
    content_hash = fields.CharField(max_length=SHA256)
    from_address = fields.CharField(max_length=ADDRESS)
    from_name = fields.CharField(max_length=200)
    recipients: dict[str, list[list[str]]] = fields.JSONField()  # reply_to, to, cc
    subject = fields.TextField()
    text = fields.TextField()
    html = fields.TextField()
    at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    references: list[str] = fields.JSONField()
    raw_sha256 = fields.CharField(max_length=SHA256)
    opens = fields.BooleanField(default=False)
    routed_at = fields.DatetimeField(null=True, db_index=True)
    agent_id = fields.CharField(max_length=26, null=True)
    reason = fields.CharField(max_length=300, default="")

    class Meta:
        table = "mail"
        unique_together: ClassVar = (("mailbox_id", "message_id", "content_hash"),)
        indexes: ClassVar = [("from_address", "kind", "at")]


class MailAnswerRecord(Model):
    """A template by which mails are answered; `texts` by language."""

    answer_id = fields.CharField(max_length=26, primary_key=True)
    name = fields.CharField(max_length=120, unique=True)
    texts: dict[str, str] = fields.JSONField()

    class Meta:
        table = "mail_answer"


class MailAnsweredRecord(Model):
    """An automatic answer: one for an interaction, and not too many for a thread or address."""

    interaction_id = fields.CharField(max_length=26, primary_key=True)
    thread_id = fields.CharField(max_length=26)
    address = fields.CharField(max_length=ADDRESS)
    at = fields.DatetimeField()

    class Meta:
        table = "mail_answered"
        indexes: ClassVar = [("thread_id", "at"), ("address", "at")]


class MailFileRecord(Model):
    """A file of a mail, or one uploaded for a reply that is not written yet."""

    attachment_id = fields.CharField(max_length=26, primary_key=True)
    mail_id = fields.CharField(max_length=26, null=True, db_index=True)
    position = fields.IntField(default=0)
    file_name = fields.CharField(max_length=200)
    media_type = fields.CharField(max_length=180)
    size_bytes = fields.BigIntField()
    content_id = fields.CharField(max_length=500, default="")
    inline = fields.BooleanField(default=False)
    sha256 = fields.CharField(max_length=SHA256)
    owner_id = fields.CharField(max_length=26, null=True)
    at = fields.DatetimeField(null=True)

    class Meta:
        table = "mail_file"


class MailContentRecord(Model):
    """Bytes by their SHA-256."""

    sha256 = fields.CharField(max_length=SHA256, primary_key=True)
    size_bytes = fields.BigIntField()
    body = fields.BinaryField()

    class Meta:
        table = "mail_content"


class MailLedgerRecord(Model):
    """What became of one UID of a mailbox."""

    number = fields.BigIntField(primary_key=True, generated=True)
    mailbox_id = fields.CharField(max_length=26)
    uid_validity = fields.BigIntField()
    uid = fields.BigIntField()
    state = fields.CharField(max_length=12)
    reason = fields.CharField(max_length=40, default="")
    mail_id = fields.CharField(max_length=26, null=True)
    raw_sha256 = fields.CharField(max_length=SHA256, default="")
    subject = fields.TextField(default="")
    size_bytes = fields.BigIntField(default=0)
    at = fields.DatetimeField()

    class Meta:
        table = "mail_ledger"
        unique_together: ClassVar = (("mailbox_id", "uid_validity", "uid"),)
        indexes: ClassVar = [("mailbox_id", "state", "number")]


class MailOutboxRecord(Model):
    """A mail of ours on its way. `sending`: the server is being given its body."""

    mail_id = fields.CharField(max_length=26, primary_key=True)
    mailbox_id = fields.CharField(max_length=26)
    sending = fields.BooleanField(default=False)
    due_at = fields.DatetimeField()
    first_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    sender = fields.CharField(max_length=ADDRESS)
    recipients: list[str] = fields.JSONField()
    raw_sha256 = fields.CharField(max_length=SHA256)
    reason = fields.CharField(max_length=300, default="")

    class Meta:
        table = "mail_outbox"
        indexes: ClassVar = [("mailbox_id", "due_at")]


class MailDraftRecord(Model):
    """An answer that is being written."""

    interaction_id = fields.CharField(max_length=26, primary_key=True)
    agent_id = fields.CharField(max_length=26)
    body: dict[str, object] = fields.JSONField()
    at = fields.DatetimeField()

    class Meta:
        table = "mail_draft"
