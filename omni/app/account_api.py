"""The API of log-in, the person's own settings, and users."""

from typing import Literal

from omni.app.auth import Accounts, Session
from omni.app.auth_store import UserAccount
from omni.core.endpoint import Call, Endpoint, Wire
from omni.core.terms import ADMINS, Role


class Credentials(Wire):
    """What a person types to log in."""

    email: str
    password: str


class Me(Wire):
    """Who is logged in. `csrf_token` goes into `X-CSRF-Token` of every unsafe request."""

    user_id: str
    name: str
    email: str
    roles: list[Role]
    language: str
    csrf_token: str


class MyChanges(Wire):
    """What a person may change about themselves."""

    language: Literal["en", "zh-CN"] | None = None
    password: str | None = None


class UserRow(Wire):
    """A user as administrators see them."""

    user_id: str
    name: str
    email: str
    roles: list[Role]
    language: str
    active: bool
    robot: bool


class NewUser(Wire):
    """A user to be made."""

    email: str
    name: str
    roles: list[Role]
    password: str


class UserChanges(Wire):
    """What an administrator may change about a user; what is absent stays."""

    name: str | None = None
    roles: list[Role] | None = None
    active: bool | None = None
    password: str | None = None


def me(session: Session) -> Me:
    """Return the session as the browser sees it."""
    return Me(
        user_id=session.actor.user_id,
        name=session.actor.name,
        email=session.email,
        roles=sorted(session.actor.roles),
        language=session.language,
        csrf_token=session.csrf_token,
    )


def user_row(user: UserAccount) -> UserRow:
    """Return a user without secrets."""
    return UserRow(
        user_id=user.id,
        name=user.name,
        email=user.email,
        roles=[Role(role) for role in user.roles],
        language=user.language,
        active=user.active,
        robot=user.robot,
    )


def endpoints(accounts: Accounts) -> list[Endpoint]:
    """Return the rows of users; log-in itself handles cookies and stands in `omni.app.asgi`."""

    async def change_me(call: Call) -> None:
        await accounts.change(call.actor.user_id, **call.body.model_dump(exclude_none=True))

    async def users(_: Call) -> list[UserRow]:
        return [user_row(user) async for user in UserAccount.all().order_by("name")]

    async def add(call: Call) -> UserRow:
        new: NewUser = call.body
        user = await accounts.add(new.email, new.name, frozenset(new.roles), new.password)
        return user_row(user)

    async def change(call: Call) -> UserRow:
        changes = call.body.model_dump(exclude_none=True)
        return user_row(await accounts.change(call.path["user_id"], **changes))

    return [
        Endpoint("PATCH", "/api/me", "Change my own settings", change_me, body=MyChanges),
        Endpoint("GET", "/api/users", "List users", users, ADMINS, result=list[UserRow]),
        Endpoint("POST", "/api/users", "Add a user", add, ADMINS, body=NewUser, result=UserRow),
        Endpoint(
            "PATCH",
            "/api/users/{user_id}",
            "Change a user",
            change,
            ADMINS,
            body=UserChanges,
            result=UserRow,
        ),
    ]
