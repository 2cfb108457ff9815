"""The ARI gateway: what Asterisk's events mean."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.gateway import AriSwitch
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.core.ids import AgentId, TrunkId
from tests.channels.voice.rig import Numbers, VirtualClock

ANN = AgentId("ann")


class DeafAri(AriConnection):
    """Takes everything and answers nothing."""

    def __init__(self) -> None:
        super().__init__(AriAddress("http://127.0.0.1:1/ari", "u", "s"), (), VirtualClock())

    async def request(self, *_: Any, **__: Any) -> Any:
        return None


def contact(uri: str, status: str, name: str = ANN) -> dict[str, Any]:
    return {
        "type": "ContactStatusChange",
        "application": "omni-watch",
        "endpoint": {"technology": "PJSIP", "resource": name, "state": "online"},
        "contact_info": {"uri": uri, "contact_status": status, "aor": name},
    }


async def test_an_older_page_that_goes_does_not_take_the_newer_ones_phone(tmp_path: Path) -> None:
    """Asterisk tells of the new registration first, then of the end of the old one."""
    switch = AriSwitch(DeafAri(), Numbers(), media_address="127.0.0.1")
    heard: list[on.Happening] = []
    switch.listen(heard.append)
    await switch.save_phone(PhoneSpec(ANN, PhoneKind.BROWSER), "secret")
    for uri, status in (
        ("sip:first@127.0.0.1:1;transport=WS", "NonQualified"),
        ("sip:second@127.0.0.1:2;transport=WS", "NonQualified"),
        ("sip:first@127.0.0.1:1;transport=WS", "Removed"),
        ("sip:second@127.0.0.1:2;transport=WS", "Removed"),
    ):
        switch.event(contact(uri, status))
    seen = [event.registered for event in heard if isinstance(event, on.PhoneSeen)]
    assert seen == [True, True, True, False]


async def test_a_trunk_that_was_moved_is_not_down_because_its_old_place_is(tmp_path: Path) -> None:
    """A carrier's address changes; Asterisk tells of the end of the old one last."""
    switch = AriSwitch(DeafAri(), Numbers(), media_address="127.0.0.1")
    heard: list[on.Happening] = []
    switch.listen(heard.append)
    trunk = TrunkSpec(TrunkId("carrier"), "Carrier", "127.0.0.2", 5060)
    await switch.save_trunk(trunk)
    await switch.save_trunk(replace(trunk, port=5070))
    for uri, status in (
        ("sip:127.0.0.2:5070", "Reachable"),
        ("sip:127.0.0.2:5060", "Removed"),
        ("sip:127.0.0.2:5070", "Unreachable"),
    ):
        switch.event(contact(uri, status, trunk.trunk_id))
    states = [event.state for event in heard if isinstance(event, on.TrunkSeen)]
    assert states == ["up", "down"]
