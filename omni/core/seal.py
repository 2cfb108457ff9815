"""Secrets at rest as a dependency: stores keep what `Seal` gives them, never a password itself.

`Signer` vouches for what leaves the house: with the same keys, but in a way of its own, so that
nothing that was sealed can be shown as something that was signed.
"""

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


class Signer(Protocol):
    """Says of a text that this installation made it."""

    def sign(self, text: str) -> str:
        """Return the signature of a text with the present key."""
        ...

    def signed(self, text: str, signature: str) -> bool:
        """Tell whether any of the keys has signed the text so."""
        ...
