"""Tables of the journal."""

from tortoise import fields
from tortoise.models import Model


class JournalRecord(Model):
    """One event. Written only by `omni.app.journal`, never changed."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    type = fields.CharField(max_length=64)
    key = fields.CharField(max_length=64)
    payload = fields.JSONField[dict[str, object]]()

    class Meta:
        table = "journal"
        indexes = (("key", "seq"), ("type", "seq"), ("at",))


class JournalHead(Model):
    """The number of the newest event: one row, whose lock puts all commits in order."""

    id = fields.SmallIntField(primary_key=True, generated=False)
    seq = fields.BigIntField()

    class Meta:
        table = "journal_head"


class ConsumerCursor(Model):
    """How far a durable consumer has come."""

    name = fields.CharField(max_length=64, primary_key=True)
    seq = fields.BigIntField()

    class Meta:
        table = "consumer_cursor"
