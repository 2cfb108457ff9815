"""Which frames a page may send: whole rows of the rules."""

import pytest

from omni.channels.voice.siplink import is_own
from omni.core.ids import AgentId

ANN = AgentId("ann")


def message(first: str, sender: str = "ann", target: str = "ann", compact: bool = False) -> str:
    f, t = ("f", "t") if compact else ("From", "To")
    return f"{first}\r\n{t}: <sip:{target}@omni>\r\n{f}: <sip:{sender}@omni>;tag=x\r\n\r\n"


REGISTER, INVITE, BYE = (f"{m} sip:omni SIP/2.0" for m in ("REGISTER", "INVITE", "BYE"))


@pytest.mark.parametrize(
    ("frame", "own"),
    [
        (message(REGISTER), True),
        (message(REGISTER, compact=True), True),
        (message(REGISTER, sender="bob"), False),
        (message(REGISTER, target="bob"), False),
        (message(REGISTER, sender="bob", target="bob"), False),
        (message(REGISTER).replace("From:", "From: <sip:bob@omni>\r\nFrom:"), False),
        ("REGISTER sip:omni SIP/2.0\r\n\r\n", False),
        (message(INVITE, target="+4930"), True),
        (message(INVITE, sender="bob"), False),
        (message(BYE, sender="asterisk"), True),
        (message("SIP/2.0 200 OK", sender="asterisk"), True),
        ("\r\n\r\n", True),
        ("", True),
        ("hello", False),
        ("GET / HTTP/1.1\r\n\r\n", False),
        ("{}", False),
    ],
)
def test_is_own(frame: str, own: bool) -> None:
    assert is_own(frame, ANN) is own
