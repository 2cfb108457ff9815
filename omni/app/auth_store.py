"""Tables of log-in: users and their sessions."""

from tortoise import fields
from tortoise.models import Model


class UserAccount(Model):
    """A person (or a demonstration's robot) who may log in."""

    id = fields.CharField(max_length=26, primary_key=True)
    email = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=120)
    roles = fields.JSONField[list[str]]()
    language = fields.CharField(max_length=8, default="en")
    password_hash = fields.CharField(max_length=200)
    active = fields.BooleanField(default=True)
    robot = fields.BooleanField(default=False)
    created_at = fields.DatetimeField()

    class Meta:
        table = "user_account"


class UserSession(Model):
    """One log-in. `id` is the SHA-256 of the cookie's token: a stolen table opens nothing."""

    id = fields.CharField(max_length=64, primary_key=True)
    user: fields.ForeignKeyRelation[UserAccount] = fields.ForeignKeyField(
        "omni.UserAccount", related_name="sessions"
    )
    csrf_token = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "user_session"
