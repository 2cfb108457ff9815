"""The errors of omni: two families, so that the reader knows whose fault it is.

    OmniError
    ├── Defect               our bug: nobody outside can mend it; answered as 500 and logged
    └── Fault                theirs: bad input, a missing right, a part that is down
        ├── Invalid          422 the request does not make sense; `field` says where
        ├── Unauthenticated  401 nobody is logged in
        ├── Forbidden        403 logged in, but not allowed
        ├── NotFound         404
        ├── Conflict         409 it makes sense, but not in the present state
        ├── TooLarge         413
        ├── TooMany          429 rate limit; `retry_after_s` says when to come back
        └── Unavailable      503 a part we depend on is down; retryable

`code` is stable and is what programs (and the browser's translations) look at. `data` holds values
for the text. The text itself is English for logs and curl, never parsed and free of personal data.
What the business expects (busy, no answer, bounced, abandoned) is a value, never an error.
"""

from typing import ClassVar


class OmniError(Exception):
    """Root of all errors that omni raises on purpose."""


class Defect(OmniError):
    """A state that cannot be unless our own code is wrong."""


class Fault(OmniError):
    """Something outside did not fit; carries what the person who can act needs."""

    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False

    def __init__(self, code: str, text: str = "", **data: str | int | float | None) -> None:
        super().__init__(text or code)
        self.code = code
        self.data = data


class Invalid(Fault):
    """The request does not make sense as it stands."""

    status = 422


class Unauthenticated(Fault):
    """Nobody is logged in, or the session has ended."""

    status = 401


class Forbidden(Fault):
    """The person is known, but may not do this."""

    status = 403


class NotFound(Fault):
    """The thing named does not exist (or not for this person)."""

    status = 404


class Conflict(Fault):
    """The request makes sense, but not in the present state."""

    status = 409


class TooLarge(Fault):
    """More bytes than this place takes."""

    status = 413


class TooMany(Fault):
    """Too often; `data["retry_after_s"]` says when to come back."""

    status = 429


class Unavailable(Fault):
    """A part we depend on is down; the same request may succeed later."""

    status = 503
    retryable = True
