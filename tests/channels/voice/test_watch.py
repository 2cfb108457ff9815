"""Which endpoints the second application hears of."""

from collections.abc import Mapping
from typing import Any

from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.watch import AT_ONCE, Watch, heard_on, told_of
from omni.core.errors import Conflict
from omni.core.ids import AgentId, TrunkId
from tests.channels.voice.rig import VirtualClock

TRUNK = TrunkSpec(TrunkId("carrier"), "Carrier", "127.0.0.2", 5060)
OFF = TrunkSpec(TrunkId("off"), "Off", "127.0.0.2", 5060, enabled=False)
ANN, BOB = AgentId("ann"), AgentId("bob")


class Ari(AriConnection):
    """Knows some endpoints, and takes a request whole or not at all."""

    def __init__(self, unknown: str = "") -> None:
        super().__init__(AriAddress("http://127.0.0.1:1/ari", "u", "s"), (), VirtualClock())
        self.unknown = unknown
        self.heard: list[str] = []
        self.requests = 0

    async def request(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> Any:
        if query is None or not path.endswith("/subscription"):
            return
        self.requests += 1
        names = [one.removeprefix("endpoint:PJSIP/") for one in query["eventSource"].split(",")]
        if self.unknown in names:
            raise Conflict("switch_refused")
        if method == "DELETE":
            self.heard = [one for one in self.heard if one not in names]
        else:
            self.heard += names


def test_trunks_are_heard_by_their_probes_and_only_browsers_of_the_telephones() -> None:
    phones = [PhoneSpec(ANN), PhoneSpec(BOB, PhoneKind.SIP, "sip:x@y")]
    assert heard_on([TRUNK, OFF], phones) == ["carrier-probe", "ann"]
    assert told_of({"endpoint": {"resource": "carrier-probe"}}) == "carrier"
    assert told_of({"endpoint": {"resource": "ann"}}) == "ann"


async def test_each_is_asked_for_once_and_many_at_a_time() -> None:
    ari = Ari()
    watch = Watch(ari, "omni-watch")
    names = [f"agent{n}" for n in range(AT_ONCE + 1)]
    await watch.begin()
    await watch.hear(names)
    await watch.hear(names)
    assert (ari.heard, ari.requests) == (names, 2)
    await watch.begin()  # a new connection
    await watch.hear(names[:1])
    assert ari.heard == [*names, "agent0"]


async def test_one_that_asterisk_does_not_know_keeps_no_other_from_being_heard() -> None:
    ari = Ari(unknown="b")
    await Watch(ari, "omni-watch").hear(["a", "b", "c"])
    assert ari.heard == ["a", "c"]


async def test_a_trunk_that_was_taken_away_is_asked_for_again_when_it_is_back() -> None:
    ari = Ari()
    watch = Watch(ari, "omni-watch")
    await watch.leave(TRUNK)
    assert ari.requests == 0
    for _ in range(2):
        await watch.hear(heard_on([TRUNK], []))
        assert ari.heard == ["carrier-probe"]
        await watch.leave(TRUNK)
        assert ari.heard == []
