"""Log-in: who is asking.

Passwords are hashed with argon2id (argon2-cffi's defaults, RFC 9106 low-memory profile). A session
is a random token in an HttpOnly cookie; the database keeps only its hash. Failures are limited per
account and per address, so that neither one password nor many can be tried out. An unknown
address costs the same time as a wrong password.
"""

import asyncio
import hashlib
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from omni.app.auth_store import UserAccount, UserSession
from omni.core.clock import Clock, Identities
from omni.core.endpoint import Actor
from omni.core.errors import Conflict, Invalid, NotFound, TooMany, Unauthenticated
from omni.core.ids import UserId
from omni.core.terms import Role

FAILURE_WINDOW = timedelta(minutes=5)
FAILURES_PER_ACCOUNT = 5
FAILURES_PER_ADDRESS = 50  # many agents may share one office address
PASSWORD_MIN = 8


@dataclass(slots=True)
class FailureLimit:
    """Counts failures per name in a sliding window; forgets names that are quiet."""

    limit: int
    _seen: dict[str, deque[datetime]] = field(default_factory=dict)

    def retry_after_s(self, name: str, now: datetime) -> int:
        """Return how long `name` must wait, 0 when it may try."""
        seen = self._seen.get(name)
        if seen is None:
            return 0
        while seen and seen[0] <= now - FAILURE_WINDOW:
            seen.popleft()
        if not seen:
            del self._seen[name]
            return 0
        if len(seen) < self.limit:
            return 0
        return max(1, int((seen[0] + FAILURE_WINDOW - now).total_seconds()))

    def failed(self, name: str, now: datetime) -> None:
        """Count one failure."""
        self._seen.setdefault(name, deque(maxlen=self.limit)).append(now)

    def succeeded(self, name: str) -> None:
        """Forget the failures of `name`."""
        self._seen.pop(name, None)


@dataclass(frozen=True, slots=True)
class Session:
    """A valid log-in."""

    actor: Actor
    email: str
    language: str
    csrf_token: str


class Accounts:
    """Users, passwords, sessions."""

    def __init__(
        self,
        clock: Clock,
        identities: Identities,
        hasher: PasswordHasher,
        session_life: timedelta = timedelta(hours=14),
    ) -> None:
        self.session_life = session_life
        self._clock = clock
        self._identities = identities
        self._hasher = hasher
        self._nobody = hasher.hash(secrets.token_urlsafe())
        self._per_account = FailureLimit(FAILURES_PER_ACCOUNT)
        self._per_address = FailureLimit(FAILURES_PER_ADDRESS)

    async def add(
        self, email: str, name: str, roles: frozenset[Role], password: str, *, robot: bool = False
    ) -> UserAccount:
        """Make a user.

        Raises:
            Invalid: the address, the password or the roles will not do.
            Conflict: the address is taken.
        """
        email = email.strip().lower()
        if "@" not in email:
            raise Invalid("user.email", "an address is needed")
        if not roles:
            raise Invalid("user.roles", "at least one role is needed")
        password_hash = await self._hash(password)
        if await UserAccount.exists(email=email):
            raise Conflict("user.email_taken", "this address has an account")
        return await UserAccount.create(
            id=self._identities.new(),
            email=email,
            name=name.strip() or email,
            roles=sorted(roles),
            password_hash=password_hash,
            robot=robot,
            created_at=self._clock.now(),
        )

    async def change(self, user_id: str, **fields: object) -> UserAccount:
        """Change name, roles, language, activity or password of a user.

        A new password or a deactivation ends the user's sessions.

        Raises:
            NotFound: there is no such user.
        """
        user = await UserAccount.get_or_none(id=user_id)
        if user is None:
            raise NotFound("user.unknown")
        password = fields.pop("password", None)
        if isinstance(password, str):
            fields["password_hash"] = await self._hash(password)
        if fields:
            await user.update_from_dict(fields).save()
        if password is not None or not user.active:
            await UserSession.filter(user_id=user.id).delete()
        return user

    async def _hash(self, password: str) -> str:
        if len(password) < PASSWORD_MIN:
            raise Invalid("user.password_short", "the password is too short", min=PASSWORD_MIN)
        return await asyncio.to_thread(self._hasher.hash, password)

    async def log_in(self, email: str, password: str, address: str) -> tuple[str, Session]:
        """Check the password and open a session; return the cookie's token and the session.

        Raises:
            TooMany: too many failures for this account or from this address.
            Unauthenticated: the pair is wrong (never said which half).
        """
        now = self._clock.now()
        email = email.strip().lower()
        wait_s = max(
            self._per_account.retry_after_s(email, now),
            self._per_address.retry_after_s(address, now),
        )
        if wait_s:
            raise TooMany("login.too_many", "too many failures", retry_after_s=wait_s)
        # Counted before the slow check, so that parallel tries do not slip through.
        self._per_account.failed(email, now)
        self._per_address.failed(address, now)
        user = await UserAccount.get_or_none(email=email, active=True)
        right = await asyncio.to_thread(
            self._verify, user.password_hash if user else self._nobody, password
        )
        if user is None or not right:
            raise Unauthenticated("login.wrong", "address or password is wrong")
        self._per_account.succeeded(email)
        self._per_address.succeeded(address)
        return await self._open(user, now)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    async def _open(self, user: UserAccount, now: datetime) -> tuple[str, Session]:
        token = secrets.token_urlsafe(32)
        row = await UserSession.create(
            id=_digest(token),
            user=user,
            csrf_token=secrets.token_urlsafe(24),
            created_at=now,
            expires_at=now + self.session_life,
        )
        await UserSession.filter(expires_at__lt=now).delete()
        return token, _session(user, row.csrf_token)

    async def session(self, token: str | None) -> Session | None:
        """Return the session of a cookie's token, None when there is none or it has ended."""
        if not token:
            return None
        row = await UserSession.get_or_none(id=_digest(token)).select_related("user")
        if row is None or row.expires_at <= self._clock.now() or not row.user.active:
            return None
        return _session(row.user, row.csrf_token)

    async def log_out(self, token: str | None) -> None:
        """End the session of this token, if there is one."""
        if token:
            await UserSession.filter(id=_digest(token)).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session(user: UserAccount, csrf_token: str) -> Session:
    roles = frozenset(Role(role) for role in user.roles)
    actor = Actor(UserId(user.id), user.name, roles)
    return Session(actor, user.email, user.language, csrf_token)
