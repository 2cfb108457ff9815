"""The stored passwords of mailboxes and trunks under the keys there are (`keys`, rule 2)."""

from omni.channels.email.store import PostgresMailStore
from omni.channels.voice.store import PostgresVoiceStore
from omni.core.clock import Clock
from omni.core.errors import Unavailable
from omni.core.seal import Seal


async def reseal(seal: Seal, clock: Clock, *, forget: bool = False) -> int:
    """Seal all stored passwords with the present key; return how many no key opens.

    With `forget` those are emptied. The database must be open.
    """
    mails = await PostgresMailStore(seal).reseal(forget=forget)
    return mails + await PostgresVoiceStore(clock, seal).reseal(forget=forget)


async def make_sure(seal: Seal, clock: Clock) -> None:
    """Seal all stored passwords with the present key.

    Raises:
        Unavailable: `secret.unreadable`, a stored password was sealed with a key that is gone.
    """
    unreadable = await reseal(seal, clock)
    if unreadable:
        raise Unavailable(
            "secret.unreadable",
            f"{unreadable} stored passwords of mailboxes and trunks were sealed with another key: "
            "put that key back (a further line of secret.key in the data folder, or of "
            "OMNI_SECRET_KEY), or empty them with `omni key forget` and enter them again",
        )
