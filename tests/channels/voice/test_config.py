"""What stands in the files and what is pushed: nothing beyond loopback, nothing secret in clear."""

from dataclasses import replace

import pytest

from omni.channels.voice import config
from omni.channels.voice.ari import AriAddress
from omni.channels.voice.model import (
    PhoneKind,
    PhoneSpec,
    TrunkSpec,
    bare_number,
    is_number,
    plain_number,
)
from omni.channels.voice.provisioning import PROBE, phone_objects, trunk_objects
from omni.core.ids import AgentId, TrunkId

SETTINGS = config.SwitchSettings(ari_secret="s" * 24, http_port=18088, sip_port=15060)
TRUNK = TrunkSpec(TrunkId("t"), "T", "sip.example.com", 5062)


def test_nothing_listens_beyond_loopback_unless_told() -> None:
    files = config.render(SETTINGS)
    binds = [
        line for text in files.values() for line in text.splitlines() if line.startswith("bind")
    ]
    assert binds
    assert all("127.0.0.1" in line or line.startswith("bindport") for line in binds)
    told = config.render(replace(SETTINGS, bind="0.0.0.0"))
    assert "bind = 0.0.0.0:15060" in told["pjsip.conf"]
    assert "bindaddr = 0.0.0.0" in told["http.conf"]


def test_the_secret_stands_in_one_file() -> None:
    files = config.render(SETTINGS)
    assert [name for name, text in files.items() if SETTINGS.ari_secret in text] == ["ari.conf"]
    assert SETTINGS.ari_url == "http://127.0.0.1:18088/ari"


def test_rtp_range_and_stun() -> None:
    rtp = config.render(replace(SETTINGS, rtp_first=1, rtp_last=9, stun_server="s:3478"))[
        "rtp.conf"
    ]
    assert "rtpstart = 1\nrtpend = 9\n" in rtp
    assert "stunaddr = s:3478" in rtp
    assert "stunaddr" not in config.render(SETTINGS)["rtp.conf"]


def test_no_database_value_is_in_a_file() -> None:
    assert "type = endpoint" not in config.render(SETTINGS)["pjsip.conf"]
    assert "endpoint = memory" in config.render(SETTINGS)["sorcery.conf"]


@pytest.mark.parametrize(
    ("trunk", "kinds"),
    [
        (TRUNK, {"aor", "endpoint", "identify"}),
        (replace(TRUNK, user="u", secret="p"), {"auth", "aor", "endpoint", "identify"}),
        (
            replace(TRUNK, user="u", secret="p", register=True),
            {"auth", "aor", "endpoint", "identify", "registration"},
        ),
        (replace(TRUNK, enabled=False), set()),
    ],
)
def test_the_objects_of_a_trunk(trunk: TrunkSpec, kinds: set[str]) -> None:
    objects = trunk_objects(trunk, "")
    assert {item.kind for item in objects if item.fields is not None} == kinds
    # What is not wanted is taken away: a trunk may have had it before.
    assert {item.kind for item in objects} == {
        "auth", "aor", "endpoint", "identify", "registration",
    }  # fmt: skip


def test_a_trunk_has_a_probe_at_its_address_that_goes_with_it() -> None:
    def probe(trunk: TrunkSpec) -> object:
        objects = {o.name: o.fields for o in trunk_objects(trunk, "") if o.kind == "endpoint"}
        return objects[trunk.trunk_id + PROBE]

    assert probe(replace(TRUNK, enabled=False)) is None
    fields = probe(TRUNK)
    assert isinstance(fields, dict)
    assert fields["aors"] == TRUNK.trunk_id


def test_a_trunk_is_known_by_its_addresses() -> None:
    def matched(trunk: TrunkSpec) -> object:
        (found,) = [o for o in trunk_objects(trunk, "") if o.kind == "identify"]
        return (found.fields or {})["match"]

    assert matched(TRUNK) == "sip.example.com"
    assert matched(replace(TRUNK, match=("10.0.0.1", "10.1.0.0/16"))) == "10.0.0.1,10.1.0.0/16"


def test_the_objects_of_phones() -> None:
    browser = {o.kind: o for o in phone_objects(PhoneSpec(AgentId("ann")), "pw", "127.0.0.1")}
    assert browser["auth"].fields == {"auth_type": "userpass", "username": "ann", "password": "pw"}
    assert (browser["endpoint"].fields or {})["webrtc"] == "yes"
    # Asterisk offers browsers no address in 127/8, so none is set.
    assert "media_address" not in (browser["endpoint"].fields or {})
    far = {o.kind: o for o in phone_objects(PhoneSpec(AgentId("ann")), "pw", "10.0.0.9")}
    assert (far["endpoint"].fields or {})["media_address"] == "10.0.0.9"
    sip = phone_objects(PhoneSpec(AgentId("bob"), PhoneKind.SIP, "sip:1@h"), "pw", "127.0.0.1")
    assert [o.kind for o in sip] == ["aor", "endpoint"]
    assert sip[0].body() == {"fields": [{"attribute": "contact", "value": "sip:1@h"}]}
    assert sip[0].path == "asterisk/config/dynamic/res_pjsip/aor/bob"


def test_addresses_of_ari() -> None:
    address = AriAddress("https://pbx.example:8089/ari/", "omni", "a&b")
    assert address.events(("x", "y")) == (
        "wss://pbx.example:8089/ari/events?app=x%2Cy&api_key=omni%3Aa%26b"
    )
    assert address.phones() == "wss://pbx.example:8089/ws"
    assert AriAddress("http://h:1/ari", "u", "p").phones() == "ws://h:1/ws"


@pytest.mark.parametrize(
    ("text", "plain", "bare"),
    [
        ("+49 (30) 123-45", "+493012345", "493012345"),
        ("004930 12345", "00493012345", "493012345"),
        ("anonymous", "", ""),
        ("+", "", ""),
        ("", "", ""),
        ("110", "110", "110"),
    ],
)
def test_numbers_from_the_network(text: str, plain: str, bare: str) -> None:
    assert plain_number(text) == plain
    assert bare_number(text) == bare


@pytest.mark.parametrize(
    ("text", "is_one"), [("+4930123", True), ("+0123456", False), ("４９", False)]
)
def test_what_may_be_dialled(text: str, is_one: bool) -> None:
    assert is_number(text) is is_one
