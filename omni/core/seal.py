"""Secrets at rest as a dependency: stores keep what `Seal` gives them, never a password itself."""

from typing import Protocol


class Seal(Protocol):
    """Makes texts unreadable for whoever has the database alone. "" stays ""."""

    def close(self, text: str) -> str:
        """Return a text sealed with the present key."""
        ...

    def open(self, stored: str) -> str:
        """Return the text of what is stored; what was stored unsealed comes as it is.

        Raises:
            Unavailable: `secret.unreadable`, none of the keys opens it.
        """
        ...

    def renewed(self, stored: str) -> str:
        """Return it sealed with the present key; itself when it is that already.

        Raises:
            Unavailable: as `open`.
        """
        ...
