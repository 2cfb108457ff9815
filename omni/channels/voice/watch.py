"""What the second application hears of: whether trunks and browsers' telephones can be reached.

Rules:
1. All that happens to a channel is told on its endpoint too. Heard on a trunk, every call would be
   told twice, each time with the list of all others. So a trunk has a second endpoint at the same
   address, its probe, which carries no call: it tells of the address and of nothing else.
2. A telephone is heard on its own endpoint; telephones that do not register are not heard at all.
3. After each connection nothing is heard any more (`begin`).
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from omni.channels.voice.ari import AriConnection
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.provisioning import PROBE
from omni.core.errors import Conflict, Invalid, NotFound

AT_ONCE = 50  # names in one request


def heard_on(trunks: Iterable[TrunkSpec], phones: Iterable[PhoneSpec]) -> list[str]:
    """Return the names of the endpoints that tell of these."""
    probes = [trunk.trunk_id + PROBE for trunk in trunks if trunk.enabled]
    return [*probes, *(phone.agent_id for phone in phones if phone.kind is PhoneKind.BROWSER)]


def told_of(event: Mapping[str, Any]) -> str:
    """Return the id of the trunk or agent that an event of an endpoint tells of."""
    name: str = event["endpoint"]["resource"]
    return name.removesuffix(PROBE)


class Watch:
    """The subscriptions of the application `app`."""

    def __init__(self, ari: AriConnection, app: str) -> None:
        self._ari = ari
        self._place = f"applications/{app}"
        self._heard: set[str] = set()

    async def begin(self) -> None:
        """A connection is new: let nothing through but what we want."""
        only = {"allowed": [{"type": "ContactStatusChange"}]}
        await self._ari.request("PUT", f"{self._place}/eventFilter", body=only)
        self._heard.clear()

    async def hear(self, names: Sequence[str]) -> None:
        """Hear of these endpoints from now on; of one that Asterisk refused nothing is heard."""
        new = [name for name in names if name not in self._heard]
        for first in range(0, len(new), AT_ONCE):
            chunk = new[first : first + AT_ONCE]
            try:
                await self._ask("POST", chunk)
            except (NotFound, Conflict, Invalid):  # one is not there, so none was taken
                for name in chunk:
                    with suppress(NotFound, Conflict, Invalid):
                        await self._ask("POST", [name])
            self._heard |= set(chunk)

    async def leave(self, trunk: TrunkSpec) -> None:
        """Hear no more of a trunk, which is about to be taken away."""
        name = trunk.trunk_id + PROBE
        if name in self._heard:
            self._heard.discard(name)
            with suppress(NotFound, Conflict, Invalid):
                await self._ask("DELETE", [name])

    async def _ask(self, method: str, names: Sequence[str]) -> None:
        query = {"eventSource": ",".join(f"endpoint:PJSIP/{name}" for name in names)}
        await self._ari.request(method, f"{self._place}/subscription", query)
