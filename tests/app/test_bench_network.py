"""The network of `omni bench calls`: by the letter of RFC 3261, then as Asterisk sees it."""

import asyncio
import socket
from pathlib import Path

import pytest

from omni.app.bench.network import USER, Network, Spot
from omni.app.bench.sip import FORGET_S, T1_S, Callee, Habits, Place, Request, parse
from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.app.timekeeping import RandomIdentities, SystemClock
from omni.channels.voice import config
from omni.channels.voice.ari import AriAddress, AriConnection
from omni.channels.voice.engine import inputs as on
from omni.channels.voice.gateway import APPS, AriSwitch
from omni.channels.voice.model import PhoneKind, PhoneSpec, TrunkSpec
from omni.channels.voice.ports import Target
from omni.core.ids import AgentId
from tests.channels.voice.rig import TRUNK, free_port, until

PLACE: Place = ("127.0.0.1", 5060)
RING_S = 2.0


def callee(secret: str = "") -> Callee:
    return Callee(Habits("127.0.0.2", 5062, 5064, RING_S, user=USER, secret=secret))


def request(method: str, cseq: str = "7", who: str = "+1555", codecs: str = "8 0 101") -> Request:
    offer = f"v=0\r\nc=IN IP4 127.0.0.9\r\nm=audio 20000 RTP/AVP {codecs}\r\n"
    text = [
        f"{method} sip:{who}@127.0.0.2:5062 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1",
        "v: SIP/2.0/UDP 127.0.0.8:5060;branch=z9hG4bK0",
        "From: <sip:omni@127.0.0.1>;tag=a",
        "To: <sip:+1555@127.0.0.2>",
        "Call-ID: one",
        f"CSeq: {cseq} {method}",
    ]
    made = parse("\r\n".join(text) + "\r\n\r\n" + offer)
    assert made is not None
    return made


def heard(network: Callee, what: Request, at_s: float) -> list[str]:
    return [text for text, place in network.heard(what, PLACE, at_s) if place == PLACE]


def passed(network: Callee, at_s: float) -> list[str]:
    return [text for text, _ in network.passed(at_s)]


def codes(texts: list[str]) -> list[str]:
    return [text.split(" ")[1] for text in texts]


def test_a_person_rings_and_answers_until_it_is_acknowledged() -> None:
    network = callee()
    assert codes(heard(network, request("INVITE"), 0.0)) == ["100", "180"]
    assert codes(heard(network, request("INVITE"), 0.5)) == ["180"]  # it came again
    assert passed(network, RING_S - 0.1) == []
    [answer] = passed(network, RING_S)
    assert codes([answer]) == ["200"]
    assert answer.index("127.0.0.1:5060") < answer.index("127.0.0.8:5060")
    assert "m=audio 5064 RTP/AVP 0" in answer
    assert network.up == {"one": ("127.0.0.9", 20000)}
    assert passed(network, RING_S + T1_S) == [answer]
    heard(network, request("ACK"), RING_S + 0.6)
    assert passed(network, RING_S + 10.0) == []
    assert codes(heard(network, request("INVITE", "8"), 13.0)) == ["200"]  # within the call
    assert codes(heard(network, request("BYE", "9"), 20.0)) == ["200"]
    assert network.up == {}
    assert passed(network, 20.0 + FORGET_S) == []
    assert codes(heard(network, request("BYE", "9"), 60.0)) == ["481"]
    assert network.next_s() is None


def test_an_answer_that_nobody_acknowledges_is_given_up() -> None:
    network = callee()
    heard(network, request("INVITE"), 0.0)
    said = [text for tick in range(1000) for text in passed(network, tick / 10)]
    assert 8 <= len(said) <= 12
    assert network.up == {}
    assert network.next_s() is None


def test_a_call_is_withdrawn() -> None:
    network = callee()
    heard(network, request("INVITE"), 0.0)
    assert codes(heard(network, request("CANCEL"), 1.0)) == ["200", "487"]
    heard(network, request("ACK"), 1.1)
    assert passed(network, 1.0 + FORGET_S) == []
    assert network.next_s() is None


def test_a_telephone_answers_at_once_and_what_cannot_be_heard_is_refused() -> None:
    assert codes(heard(callee("key"), request("INVITE", who="robot1"), 0.0)) == ["100", "200"]
    assert codes(heard(callee(), request("INVITE", codecs="8 101"), 0.0)) == ["100", "488"]
    assert codes(heard(callee(), request("OPTIONS"), 0.0)) == ["200"]
    assert codes(heard(callee(), request("REFER"), 0.0)) == ["405"]
    assert codes(heard(callee(), request("BYE"), 0.0)) == ["481"]


def test_who_does_not_know_the_password_is_asked_again() -> None:
    network = callee("key")
    assert codes(heard(network, request("INVITE"), 0.0)) == ["100", "401"]
    heard(network, request("ACK"), 0.0)
    assert codes(heard(network, request("INVITE", "8"), 0.1)) == ["100", "401"]
    assert network.up == {}


@pytest.mark.parametrize(
    "text", ["", "SIP/2.0 200 OK\r\nVia: x\r\n\r\n", "INVITE sip:x SIP/2.0\r\nVia: x\r\n\r\n", "\0"]
)
def test_what_is_no_request_is_not_heard(text: str) -> None:
    assert parse(text) is None


@pytest.mark.asterisk
async def test_asterisk_reaches_people_with_the_password_and_telephones(
    asterisk: AsteriskInstall, tmp_path: Path
) -> None:
    udp = socket.SOCK_DGRAM
    settings = config.SwitchSettings("secret-of-the-test", free_port(), free_port(kind=udp))
    spot = Spot("127.0.0.2", free_port("127.0.0.2", udp), free_port("127.0.0.2", udp))
    network = Network(tmp_path, spot, ring_s=0.2, secret="key")
    instance = AsteriskInstance(asterisk, tmp_path / "switch", config.render(settings))
    address = AriAddress(settings.ari_url, config.ARI_USER, settings.ari_secret)
    switch = AriSwitch(AriConnection(address, APPS, SystemClock()), RandomIdentities())
    said: list[on.Happening] = []
    switch.listen(said.append)
    trunk = TrunkSpec(TRUNK, "bench", spot.host, spot.sip_port, user=USER, secret="key")
    await switch.save_trunk(trunk)
    phone = PhoneSpec(AgentId("robot"), PhoneKind.SIP, network.robot_uri("1"))
    await switch.save_phone(phone, "")
    await asyncio.gather(network.start(), instance.start())
    life = asyncio.ensure_future(switch.run())
    try:
        await until(lambda: any(isinstance(e, on.SwitchBack) for e in said))
        await switch.call("person", Target(number="+15550100", trunk_id=TRUNK), "+1555", 5)
        await switch.call("phone", Target(agent_id=AgentId("robot")), "omni", 5)
        await until(lambda: {on.LegAnswered("person"), on.LegAnswered("phone")} <= set(said))
        assert on.LegRinging("person") in said
        await switch.open_desk("phone")
        await switch.join("person", "phone")
        await switch.hang_up("person", 16)
        await until(lambda: on.LegEnded("person", 16) in said)
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await asyncio.gather(instance.stop(), network.stop())
