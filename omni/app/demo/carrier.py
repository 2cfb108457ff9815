"""The demonstration's carrier: a second Asterisk that plays the telephone network.

What it does with a number that is dialled:
- `+999…` is no country: the next digits choose the outcome (`SCENARIOS`), for tests;
- any other number behaves at random by the weights of `Mood`: people who talk, ring-outs, busy
  lines, refusals, wrong numbers, a full network, answering machines, network tones;
- `robot…` is the telephone of a robot agent: it answers at once and talks.

It also calls our numbers (`Carrier.call_in`). All speech is that of the sounds which come with
Asterisk. It lives on 127.0.0.2, because the switch recognises a trunk by its address and
127.0.0.1 is also where browsers' WebSockets come from; on 127.0.0.3 it is a second carrier's line
into the same network. Each line can be put out of order (`Carrier.trouble`).
"""

import asyncio
import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from omni.app.embedded.asterisk import AsteriskInstance
from omni.app.embedded.asterisk_install import AsteriskInstall
from omni.channels.voice import config

HOST, SECOND_HOST = "127.0.0.2", "127.0.0.3"
USER = "carrier"
ROBOT = "robot"
TIMEOUT = httpx.Timeout(10.0)
PATIENCE_S = 30  # so long it may ring

# The digits after +999, and the priority label in the dialplan that it leads to.
SCENARIOS: Mapping[str, str] = {
    "1": "person",  # rings for 0.2 s, talks until we hang up
    "2": "brief",  # rings for 0.5 s, talks for 3 s, hangs up
    "3": "ringout",
    "4": "busy",
    "5": "rejected",
    "6": "invalid",
    "7": "congestion",
    "8": "machine",
    "89": "fax",
    "9": "unreachable",
    "0": "tones",  # the network's three tones as early media, then 404
    "11": "presses_1",  # as 1, and presses a key after 1.5 s
    "19": "presses_9",
}


@dataclass(frozen=True, slots=True)
class Mood:
    """How the network behaves: weights of what happens, and ranges of seconds.

    `silent`: everybody listens and says nothing, which costs no processor time.
    """

    weights: Mapping[str, int] = field(
        default_factory=lambda: {
            "person": 46,
            "ringout": 22,
            "busy": 9,
            "machine": 9,
            "rejected": 4,
            "unreachable": 4,
            "invalid": 3,
            "tones": 2,
            "congestion": 1,
        }
    )
    ring_s: tuple[int, int] = (2, 9)
    talk_s: tuple[int, int] = (15, 60)
    silent: bool = False


def render(
    sip_port: int, http_port: int, secret: str, switch_port: int, mood: Mood
) -> dict[str, str]:
    """Return the carrier's configuration files, name → text."""
    return {
        **config.quiet_files(),
        "modules.conf": config.modules(config.MODULES),
        "http.conf": config.http(HOST, http_port),
        "ari.conf": config.ari(USER, secret),
        "rtp.conf": "[general]\nrtpstart = 30000\nrtpend = 33999\n",
        "sorcery.conf": "",
        "musiconhold.conf": "[default]\nmode = files\ndirectory = moh\n",
        "amd.conf": "[general]\n",
        "pjsip.conf": _pjsip(sip_port, switch_port),
        "extensions.conf": _dialplan(mood),
    }


def _pjsip(sip_port: int, switch_port: int) -> str:
    return f"""[global]
type = global
user_agent = demo carrier

[system]
type = system
threadpool_initial_size = 8
threadpool_max_size = 50

[udp]
type = transport
protocol = udp
bind = {HOST}:{sip_port}

[udp2]
type = transport
protocol = udp
bind = {SECOND_HOST}:{sip_port}

{_endpoint("omni", "udp")}
{_endpoint("omni2", "udp2")}
[omni]
type = aor
contact = sip:127.0.0.1:{switch_port}
[omni]
type = identify
endpoint = omni
match = 127.0.0.1
"""


def _endpoint(name: str, transport: str) -> str:
    return f"""[{name}]
type = endpoint
transport = {transport}
context = network
disallow = all
allow = ulaw,alaw
direct_media = no
send_connected_line = no
rtp_symmetric = yes
media_address = {HOST}
bind_rtp_to_media_address = yes
dtmf_mode = rfc4733
trust_id_inbound = yes
timers = no
aors = omni
"""


def _presses(key: str) -> str:
    return f"""exten => presses_{key},1,Ringing()
 same => n,Wait(0.2)
 same => n,Answer()
 same => n,Wait(1.5)
 same => n,SendDTMF({key})
 same => n,Goto(speech,s,1)
"""


def _dialplan(mood: Mood) -> str:
    ring, talk = _between(*mood.ring_s), _between(*mood.talk_s)
    chosen = "".join(
        f"exten => _+999{digit}.,1,Gosub(line,s,1)\n same => n,Goto(do,{label},1)\n"
        for digit, label in SCENARIOS.items()
    )
    return f"""[general]
static = yes
writeprotect = yes

[network]
{chosen}exten => _+X.,1,Gosub(line,s,1)
 same => n,Goto(random,s,1)
exten => _X.,1,Gosub(line,s,1)
 same => n,Goto(random,s,1)
exten => _{ROBOT}.,1,Answer()
 same => n,Goto(speech,s,1)

; ---- a line that is out of order does the same with every call
[line]
exten => s,1,Set(AT=${{CHANNEL(pjsip,local_addr)}})
 same => n,Set(ORDER=${{IF($["${{AT:0:9}}" = "{SECOND_HOST}"]?${{TROUBLE2}}:${{TROUBLE1}})}})
 same => n,GotoIf($["${{ORDER}}" != ""]?do,${{ORDER}},1)
 same => n,Return()

[random]
exten => s,1,Set(DICE=${{RAND(1,{sum(mood.weights.values())})}})
{_choice(mood.weights)}
; ---- random times
exten => person,1,Ringing()
 same => n,Wait({ring})
 same => n,Answer()
 same => n,Set(TIMEOUT(absolute)={talk})
 same => n,Goto(speech,s,1)
exten => machine,1,Ringing()
 same => n,Wait({ring})
 same => n,Goto(do,greeting,1)
exten => busy,1,Goto(do,busy,1)
exten => ringout,1,Goto(do,ringout,1)
exten => rejected,1,Ringing()
 same => n,Wait({ring})
 same => n,Goto(do,rejected,1)
exten => invalid,1,Goto(do,invalid,1)
exten => congestion,1,Goto(do,congestion,1)
exten => unreachable,1,Goto(do,unreachable,1)
exten => tones,1,Goto(do,tones,1)

; ---- each outcome by itself
[do]
exten => person,1,Ringing()
 same => n,Wait(0.2)
 same => n,Answer()
 same => n,Goto(speech,s,1)
{"".join(_presses(key) for key in "19")}exten => brief,1,Ringing()
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,Set(TIMEOUT(absolute)=3)
 same => n,Goto(speech,s,1)
exten => ringout,1,Ringing()
 same => n,Wait(120)
 same => n,PJSIPHangup(480)
exten => busy,1,PJSIPHangup(486)
exten => rejected,1,PJSIPHangup(603)
exten => invalid,1,PJSIPHangup(404)
exten => congestion,1,PJSIPHangup(503)
exten => unreachable,1,PJSIPHangup(480)
exten => silent,1,Wait(120)
 same => n,PJSIPHangup(480)
exten => tones,1,Progress()
 same => n,PlayTones(info)
 same => n,Wait(2)
 same => n,PJSIPHangup(404)
exten => machine,1,Ringing()
 same => n,Wait(0.5)
 same => n,Goto(greeting,1)
exten => fax,1,Ringing()
 same => n,Wait(0.5)
 same => n,Answer()
 same => n,Wait(0.5)
 same => n,PlayTones(2100/3500,0/20000)
 same => n,Wait(20)
 same => n,Hangup()
exten => greeting,1,Answer()
 same => n,Wait(0.3)
 same => n,Playback(vm-theperson&vm-isunavail&vm-intro)
 same => n,Playback(beep&silence/10&silence/10)
 same => n,Hangup()

; a person says hello and listens; a line that is up always sends audio, also of silence
[speech]
exten => s,1,Wait({3600 if mood.silent else 0.3})
 same => n,Playback(hello&silence/2)
 same => n(again),Playback(demo-congrats)
 same => n,Wait(1)
 same => n,Playback(demo-instruct)
 same => n,Wait(2)
 same => n,Goto(again)

; ---- people who call us: what their leg does after we have answered
[caller]
exten => _X!,1,Set(TIMEOUT(absolute)=${{EXTEN}})
 same => n,ExecIf($["${{KEYS}}" != ""]?SendDTMF(${{KEYS}}))
 same => n,Goto(speech,s,1)
"""


def _between(least: int, most: int) -> str:
    return f"${{RAND({least},{most})}}"


def _choice(weights: Mapping[str, int]) -> str:
    lines, reached = [], 0
    for label, weight in weights.items():
        reached += weight
        lines.append(f" same => n,GotoIf($[${{DICE}} <= {reached}]?{label},1)")
    return "\n".join(lines)


class Carrier:
    """The running carrier."""

    def __init__(
        self, install: AsteriskInstall, run_dir: Path, ports: tuple[int, int, int], mood: Mood
    ) -> None:
        """Args: `ports`: its SIP port, its HTTP port, the SIP port of the switch."""
        sip_port, http_port, switch_port = ports
        secret = secrets.token_urlsafe(24)
        self.sip_port = sip_port
        self.instance = AsteriskInstance(
            install, run_dir, render(sip_port, http_port, secret, switch_port, mood)
        )
        self._ari = f"http://{HOST}:{http_port}/ari"
        self._auth = (USER, secret)

    async def start(self) -> None:
        """Start the network."""
        await self.instance.start()

    async def stop(self) -> None:
        """End the network and all its calls."""
        await self.instance.stop()

    def robot_uri(self, name: str) -> str:
        """Return the address of a robot agent's telephone."""
        return f"sip:{ROBOT}{name}@{HOST}:{self.sip_port}"

    async def call_in(
        self,
        number: str,
        caller: str,
        *,
        stay_s: int,
        second: bool = False,
        keys: str = "",
    ) -> None:
        """Call one of our numbers, for `stay_s` after the answer (the queue's music is one).

        Not answered within `PATIENCE_S` the caller gives up. `second`: over the second line.
        `keys`: what is pressed after the answer, before anything is said; W waits a second.
        """
        query = {
            "endpoint": f"PJSIP/{number}@{'omni2' if second else 'omni'}",
            "context": "caller",
            "extension": str(max(1, stay_s)),
            "priority": "1",
            "callerId": caller,
            "timeout": str(PATIENCE_S),
        }
        async with httpx.AsyncClient(auth=self._auth, timeout=TIMEOUT) as client:
            body = {"variables": {"KEYS": keys}}
            answer = await client.post(f"{self._ari}/channels", params=query, json=body)
            answer.raise_for_status()

    async def trouble(self, what: str, *, second: bool = False) -> None:
        """Let a line do `what` with every call (`congestion`, `busy`, `silent` …); "": none."""
        query = {"variable": "TROUBLE2" if second else "TROUBLE1", "value": what}
        async with httpx.AsyncClient(auth=self._auth, timeout=TIMEOUT) as client:
            answer = await client.post(f"{self._ari}/asterisk/variable", params=query)
            answer.raise_for_status()

    async def channels(self) -> int:
        """Return how many legs there are in the network now."""
        async with httpx.AsyncClient(auth=self._auth, timeout=TIMEOUT) as client:
            answer = await client.get(f"{self._ari}/channels")
            answer.raise_for_status()
            return len(answer.json())

    async def keep_calling(
        self, number: str, callers: list[str], *, every_s: tuple[float, float], rng: random.Random
    ) -> None:
        """Let people of the demonstration call `number` at random until cancelled."""
        while True:
            await asyncio.sleep(rng.uniform(*every_s))
            try:
                await self.call_in(number, rng.choice(callers), stay_s=rng.randint(25, 90))
            except httpx.HTTPError:
                continue  # the network is restarting
